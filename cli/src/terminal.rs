//! The two streams that people and programs see.

use std::io::{ErrorKind, IsTerminal as _, Write};

use tessera_compiler::diagnostic::Options;

use crate::failure::{Failure, Outcome, reason};

/// Writes to standard output and flushes.
///
/// # Errors
/// [`Failure::PipeClosed`] when nobody reads, [`Failure::World`] otherwise.
pub(crate) fn print(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::PipeClosed,
        _ => Failure::World(format!("cannot write to standard output: {}", reason(&error))),
    })
}

/// Writes to standard error; nothing can be done where that fails.
pub(crate) fn tell(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// How diagnostics are drawn on standard error.
pub(crate) fn options() -> Options {
    Options { color: color(std::io::stderr().is_terminal()), width: width(), unicode: unicode() }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Colours are for terminals; `NO_COLOR` turns them off, `CLICOLOR_FORCE` on.
pub(crate) fn color(is_terminal: bool) -> bool {
    if variable("NO_COLOR").is_some() {
        return false;
    }
    let forced = variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    forced || (is_terminal && variable("TERM").is_none_or(|term| term != "dumb"))
}

fn width() -> usize {
    let stated = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    let found = || terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0));
    stated.or_else(found).unwrap_or(100).clamp(40, 240)
}

/// Box characters, unless the locale is one that has none.
fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name));
    locale.is_none_or(|locale| locale != "C" && locale != "POSIX")
}
