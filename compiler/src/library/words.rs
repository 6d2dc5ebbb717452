//! The words of CEL, and the names of fields as rules write them (apiserver,
//! pkg/cel/escaping.go).

/// What can stand nowhere as a name.
pub const LITERALS: &[&str] = &["true", "false", "null", "in"];

/// The words that CEL has or keeps for itself.
pub const RESERVED: &[&str] = &[
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Whether a text has the form of a name.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A field of an object with a schema as rules name it; `None` where they cannot.
#[must_use]
pub fn field_name(name: &str) -> Option<String> {
    if RESERVED.contains(&name) {
        return Some(format!("__{name}__"));
    }
    if name.bytes().all(|b| b.is_ascii_alphanumeric()) && is_name(name) {
        return Some(name.to_owned());
    }
    let escaped = name.replace("__", "__underscores__");
    let escaped = escaped.replace('.', "__dot__").replace('-', "__dash__").replace('/', "__slash__");
    // What begins with a sign would not after this.
    (name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && is_name(&escaped)).then_some(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_the_server_does() {
        for (name, wanted) in [
            ("namespace", Some("__namespace__")),
            ("a-b.c/d", Some("a__dash__b__dot__c__slash__d")),
            ("a__b", Some("a__underscores__b")),
            ("a_b", Some("a_b")),
            ("spec", Some("spec")),
            ("-a", None),
        ] {
            assert_eq!(field_name(name).as_deref(), wanted);
        }
    }
}
