//! The words and signs of the language by what follows them, for tools that
//! colour text without the compiler. A test holds this to the grammar.

/// Keywords that stand before a name.
pub const DECLARING: [&str; 11] =
    ["module", "use", "private", "composite", "resource", "external", "fn", "let", "type", "param", "output"];
/// Keywords that begin a member and stand before a value or a name.
pub const STATING: [&str; 5] = ["require", "ready", "scope", "lease", "notify"];
/// Keywords inside a declaration, between what they connect.
pub const CONNECTING: [&str; 6] = ["as", "when", "on", "by", "after", "where"];
/// Keywords in the head of a resource that stand alone.
pub const MODIFYING: [&str; 3] = ["protect", "retain", "replace"];
/// Keywords that are no names anywhere else; `in` is an operator, too.
pub const RESERVED: [&str; 6] = ["if", "then", "else", "match", "for", "in"];
/// The keyword before a kind, or a value, that is taken as it is.
pub const RAW: &str = "raw";

/// Literals that are words.
pub const CONSTANTS: [&str; 3] = ["true", "false", "null"];
/// Operators between values that are signs; `in` is one, too.
pub const OPERATORS: [&str; 14] = ["==", "&&", "||", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "??"];
/// Signs that are no operators between values: of arms, results, access, conditions, spreads, negation, unions.
pub const SIGNS: [&str; 8] = ["=>", "->", "?.", "...", "?", "!", "=", "|"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::source::FileId;
    use crate::syntax::parse::keywords;
    use crate::syntax::tree::Kind;
    use crate::syntax::{Tree, parse};

    /// The leaves of a kind in what stands on the right of `let x = `.
    fn leaves(value: &str, kind: Kind) -> Vec<String> {
        let text = format!("let x = {value}\n");
        let parsed = parse(FileId(0), &text);
        let of_kind = |tree: &Tree| -> Vec<String> {
            tree.leaves().filter(|id| tree.kind(*id) == kind).map(|id| tree.text(id, &text).to_owned()).collect()
        };
        if parsed.diagnostics.is_empty() { of_kind(&parsed.tree) } else { Vec::new() }
    }

    #[test]
    fn every_keyword_of_the_grammar_has_its_place_here() {
        let ours: BTreeSet<&str> =
            [&DECLARING[..], &STATING, &CONNECTING, &MODIFYING, &RESERVED, &[RAW]].concat().into_iter().collect();
        let theirs = keywords();
        assert_eq!(theirs.iter().map(String::as_str).collect::<BTreeSet<_>>(), ours);
    }

    #[test]
    fn these_operators_and_no_others_stand_between_values() {
        let signs = "!#$%&*+,-./:;<=>?@\\^|~";
        let mut found = BTreeSet::new();
        for first in signs.chars() {
            for second in signs.chars().map(String::from).chain([String::new()]) {
                found.extend(leaves(&format!("a {first}{second} b"), Kind::Operator));
            }
        }
        assert_eq!(found, OPERATORS.map(String::from).into());
        assert_eq!(leaves("a in b", Kind::Operator), ["in"]);
    }
}
