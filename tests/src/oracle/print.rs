//! An object as a source in the language.

use std::fmt::Write as _;

use serde_json::Value as Json;
use tessera_compiler::value::decode_base64;

/// Fields that the declaration of a resource says.
const DECLARED: &[&str] = &["apiVersion", "kind"];

/// The source that declares the object as a resource.
#[must_use]
pub fn source(object: &Json) -> String {
    let text = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default();
    let mut out = format!("resource object: {}/{} {{\n", text("apiVersion"), text("kind"));
    let secret = text("kind") == "Secret" && text("apiVersion") == "v1";
    for (key, value) in object.as_object().into_iter().flatten() {
        if DECLARED.contains(&key.as_str()) {
            continue;
        }
        let _ = write!(out, "  {}: ", quoted(key));
        match (key.as_str(), value) {
            ("data", Json::Object(_)) if secret => entries(value, 1, Some(bytes), &mut out),
            ("stringData", Json::Object(_)) if secret => entries(value, 1, Some(joined), &mut out),
            _ => print(value, 1, &mut out),
        }
        out.push('\n');
    }
    out.push_str("}\n");
    out
}

fn print(value: &Json, depth: usize, out: &mut String) {
    match value {
        Json::Object(map) if !map.is_empty() => entries(value, depth, None, out),
        Json::Array(items) if !items.is_empty() => {
            out.push_str("[\n");
            for item in items {
                indent(depth + 1, out);
                print(item, depth + 1, out);
                out.push('\n');
            }
            indent(depth, out);
            out.push(']');
        }
        Json::Object(_) => out.push_str("{}"),
        Json::Array(_) => out.push_str("[]"),
        Json::String(text) => out.push_str(&quoted(text)),
        Json::Number(_) | Json::Bool(_) | Json::Null => {
            let _ = write!(out, "{value}");
        }
    }
}

fn entries(value: &Json, depth: usize, hide: Option<fn(&str) -> String>, out: &mut String) {
    out.push_str("{\n");
    for (key, value) in value.as_object().into_iter().flatten() {
        indent(depth + 1, out);
        let _ = write!(out, "{}: ", quoted(key));
        match (value, hide) {
            (Json::String(text), Some(hide)) => out.push_str(&hide(text)),
            _ => print(value, depth + 1, out),
        }
        out.push('\n');
    }
    indent(depth, out);
    out.push('}');
}

// A secret's value must not stand in a source as a literal. That is a rule of the
// language alone; what the server says of the value is asked with an expression.

fn joined(text: &str) -> String {
    format!("(\"\" + {})", quoted(text))
}

fn bytes(base64: &str) -> String {
    let padded = base64.len().is_multiple_of(4);
    let Some(bytes) = decode_base64(base64).filter(|_| padded) else { return quoted(base64) };
    let octets: String = bytes.iter().map(|b| format!("\\x{b:02x}")).collect();
    format!("(b'' + b'{octets}')")
}

fn indent(depth: usize, out: &mut String) {
    (0..depth).for_each(|_| out.push_str("  "));
}

/// A text in quotes: JSON's escapes are the language's, and `${` begins an
/// interpolation.
fn quoted(text: &str) -> String {
    Json::from(text).to_string().replace("${", "\\${")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_printed_is_what_it_was() {
        let object = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a" },
            "data": { "a b": "x\n\"${y}\" é", "": "\\" },
        });
        let compiled = crate::compile::build(&[("main.tess".to_owned(), source(&object))]);
        let built = compiled.compilation.built.first().and_then(|b| b.result.objects.first());
        assert_eq!(
            built.map(|o| tessera_compiler::value::to_json(&o.value)["data"].clone()),
            Some(object["data"].clone())
        );
    }
}
