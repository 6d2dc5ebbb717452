//! Names made of the keys of loops: where such a name is not valid, the key is
//! the cause, and is blamed where it is written.

use smol_str::SmolStr;

use super::host::InstanceHost;
use crate::check::nearest_name;
use crate::diagnostic::{Diagnostic, E0403};
use crate::ir::Resource;
use crate::rules;
use crate::source::Span;
use crate::value::Value;

/// The complaint about the key that makes a default name invalid, if one does:
/// at the place where the instance writes it, or else at the loop.
pub(super) fn blame(
    host: &InstanceHost<'_>,
    resource: &Resource,
    loops: &[(Span, SmolStr)],
    object: &Value,
) -> Option<Diagnostic> {
    let name = object.at(&["metadata", "name"]).and_then(Value::as_str)?;
    if loops.is_empty() || crate::check::has_path(&resource.body, &["metadata", "name"]) {
        return None;
    }
    let invalid = |name: &str| rules::invalid_name(resource, object, name);
    invalid(name)?;
    let (range, key, words) =
        loops.iter().find_map(|(range, key)| Some((range, key, invalid(&format!("a-{key}"))?)))?;
    let written = host.written_key(*range, key);
    let message = format!("the key `{key}` makes `{name}`, which is not a valid name for a {}", resource.kind);
    let mut diagnostic =
        Diagnostic::new(&E0403, written.unwrap_or(*range), message).label(format!("names are {words}"));
    if written.is_some() {
        diagnostic = diagnostic.also(*range, "this loop names its objects by the key");
    }
    let better = nearest_name(key);
    let help = format!("call it `{better}`, or write a `metadata.name` of its own for the {}", resource.kind);
    Some(diagnostic.also(resource.span, "the object").help(help))
}
