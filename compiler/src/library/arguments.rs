//! What all functions of the library share: faults for arguments that do not
//! fit, and results that keep the bounds of the context.

use crate::diagnostic::codes::{E0308, E0311};
use crate::eval::{Context, Fault};
use crate::value::Value;

use super::{find, shown_type};

/// What a function gives.
pub(super) type Outcome = Result<Value, Fault>;

/// How many signatures a message shows.
const MAX_SHOWN: usize = 4;
/// How many characters of a value a message shows.
const MAX_QUOTED: usize = 60;

/// The fault of a call that no overload fits.
#[cold]
pub(super) fn no_overload(name: &str, args: &[Value]) -> Fault {
    if args.iter().any(|value| matches!(value, Value::Absent)) {
        return Fault::new(&E0308, format!("`{name}` needs a value, and one that it is given is absent"));
    }
    let given: Vec<&str> = args.iter().map(shown_type).collect();
    let known: Vec<String> = find(name).map(|f| f.signatures().take(MAX_SHOWN).collect()).unwrap_or_default();
    let given = if given.is_empty() { "no arguments".to_owned() } else { given.join(", ") };
    Fault::new(&E0311, format!("no such overload: `{name}` with {given}; there is {}", known.join(", ")))
}

/// A text in quotes for a message, shortened.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(MAX_QUOTED).collect();
    if short.len() == text.len() { format!("{text:?}") } else { format!("{short:?}...") }
}

/// A string as a result, within the bounds.
pub(super) fn text(ctx: &mut Context<'_>, text: impl AsRef<str>) -> Outcome {
    let text = text.as_ref();
    ctx.bytes(text.len())?;
    Ok(Value::str(text))
}

/// A list as a result, within the bounds.
pub(super) fn list(ctx: &mut Context<'_>, items: Vec<Value>) -> Outcome {
    ctx.items(items.len())?;
    Ok(Value::list(items))
}

/// Pays for looking at every byte of a text.
pub(super) fn scan(ctx: &mut Context<'_>, text: &str) -> Result<(), Fault> {
    ctx.charge(text.len() as u64 / 64 + 1)
}
