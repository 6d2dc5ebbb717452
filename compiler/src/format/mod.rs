//! The one style: tree to text. Idempotent; keeps every comment and the
//! meaning of every byte.
//!
//! Two blanks a level. What stands between brackets stays on one line if it
//! was written on one line and fits in [`WIDTH`] columns; otherwise each entry
//! has a line of its own, without commas (in parentheses with them). Line
//! breaks within an expression are the user's. At most one blank line is kept.

mod brackets;
mod printer;
mod spacing;
mod strings;
#[cfg(test)]
mod tests;

use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::syntax;

/// The columns that an object on one line may fill.
pub const WIDTH: usize = 100;

/// Writes a file in the one style, with `\n` line ends and without byte order
/// mark.
///
/// # Errors
/// A file with syntax errors is left alone; they are given back, in file 0.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = syntax::parse(FileId(0), text);
    if parsed.diagnostics.iter().any(Diagnostic::is_error) {
        return Err(parsed.diagnostics);
    }
    Ok(syntax::with_stack(|| printer::Printer::new(&parsed.tree, text).print()))
}
