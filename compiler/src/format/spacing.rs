//! Where a blank stands between two leaves of one line.

use crate::syntax::tree::Kind;

/// Whether a leaf takes a blank before and after it, if its neighbour does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blanks {
    pub(super) before: bool,
    pub(super) after: bool,
}

const BOTH: Blanks = Blanks { before: true, after: true };
const NONE: Blanks = Blanks { before: false, after: false };
const BEFORE: Blanks = Blanks { before: true, after: false };
const AFTER: Blanks = Blanks { before: false, after: true };

/// The blanks of a leaf, by its text where it is punctuation, and its parent.
pub(super) fn blanks(kind: Kind, text: &str, parent: Kind) -> Blanks {
    match kind {
        Kind::Punct => punctuation(text, parent),
        Kind::Prefix => BEFORE,
        Kind::Question if parent == Kind::TypeField => NONE,
        Kind::Question => BEFORE,
        Kind::SafeDot => NONE,
        Kind::OptionalMark => AFTER,
        _ => BOTH,
    }
}

fn punctuation(text: &str, parent: Kind) -> Blanks {
    match text {
        "(" if matches!(parent, Kind::Call | Kind::FnParams) => NONE,
        "[" if parent == Kind::Index => NONE,
        "(" | "[" | "..." => BEFORE,
        ")" | "]" | "," => AFTER,
        ":" if matches!(parent, Kind::Expr | Kind::CondChain) => BOTH,
        ":" => AFTER,
        "<" if parent == Kind::Generic => NONE,
        ">" if parent == Kind::Generic => AFTER,
        "." if parent == Kind::UseDecl => NONE,
        "." | "${" => NONE,
        "-" | "?" => BEFORE,
        _ => BOTH,
    }
}
