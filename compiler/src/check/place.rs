//! Places: variables and fields of them, as conditions narrow them.

use super::Checker;
use crate::syntax::ast::{Expr, ExprKind};
use crate::types::Type;

impl Checker<'_> {
    /// The key of a place: the variable's index and the fields, `3.storage.kind`;
    /// `None` for expressions that are no place.
    pub(crate) fn place(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Name(name) => Some(self.frame.find(name)?.to_string()),
            ExprKind::Field { base, name, .. } => Some(format!("{}.{}", self.place(base)?, name.name)),
            ExprKind::Index { base, index, .. } => match &index.kind {
                ExprKind::String(key) if is_word(key) => Some(format!("{}.{key}", self.place(base)?)),
                ExprKind::String(key) => Some(format!("{}.[{key}]", self.place(base)?)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What conditions have shown of a place.
    pub(crate) fn narrowed(&self, expr: &Expr) -> Option<Type> {
        if self.frame.narrowed.is_empty() {
            return None;
        }
        let place = self.place(expr)?;
        self.frame.narrowed.iter().rev().find(|(p, _)| *p == place).map(|(_, ty)| ty.clone())
    }

    /// Runs with some places known better.
    pub(crate) fn narrowing<R>(&mut self, facts: Vec<(String, Type)>, run: impl FnOnce(&mut Self) -> R) -> R {
        let count = self.frame.narrowed.len();
        self.frame.narrowed.extend(facts);
        let result = run(self);
        self.frame.narrowed.truncate(count);
        result
    }
}

/// Whether a key may stand behind a dot, so that it is the same place there.
fn is_word(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}
