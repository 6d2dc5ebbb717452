//! The parser's errors in plain words.

use serde_yaml::granit_parser::{ErrorKind as E, ScanError};

use super::read::MAX_DEPTH;

/// Whether a tab is what is wrong.
pub(super) fn is_tab(error: &ScanError) -> bool {
    matches!(
        error.kind(),
        E::TabInBlockIndentation
            | E::TabInIndentation
            | E::TabNotAllowed
            | E::TabInPlainScalar
            | E::TabAtBlockScalarStart
    )
}

/// What a syntax error means to somebody who does not know the parser.
pub(super) fn explain(error: &ScanError) -> (String, Option<&'static str>) {
    if is_tab(error) {
        return ("a tab cannot indent YAML".to_owned(), Some("indent with blanks"));
    }
    let (message, help) = match error.kind() {
        E::MappingValueNotAllowed | E::InvalidColonPlacement | E::MappingKeyNotAllowed => (
            "no `key: value` is possible here",
            "put text that holds a colon and a blank in quotes, or mend the indentation",
        ),
        E::UnclosedQuotedScalar => ("the string is not closed", "add the closing quote"),
        E::InvalidQuotedScalarIndent => (
            "the string is not closed on the line before",
            "add the closing quote, or indent the lines that belong to it",
        ),
        E::UnclosedFlowCollection { .. }
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping => ("the bracket is not closed", "add the closing bracket"),
        E::SimpleKeyExpected | E::InvalidSimpleKey | E::ExpectedBlockMappingKey => {
            ("expected `key: value`", "write a colon and a blank after the key, or mend the indentation")
        }
        E::ExpectedBlockSequenceEntry | E::InvalidIndentation | E::BlockSequenceEntryNotAllowed => {
            ("the indentation fits no line above", "indent it like its neighbours")
        }
        E::UnknownAnchor => ("the alias has no anchor before it", "write `&name` before the value that it repeats"),
        E::UnexpectedCharacter { character: '@' | '`' } => {
            ("text cannot begin with this character", "put it in quotes")
        }
        E::UnknownQuotedScalarEscape | E::InvalidQuotedScalarHexEscape => {
            ("no such escape in a double-quoted string", "write a backslash as `\\\\`, or use single quotes")
        }
        E::RecursionLimitExceeded => {
            return (format!("nested deeper than {MAX_DEPTH} levels"), None);
        }
        _ => return (error.info(), None),
    };
    (message.to_owned(), Some(help))
}
