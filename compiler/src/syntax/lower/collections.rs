//! Lists and objects.

use smol_str::SmolStr;

use super::expressions::is_value;
use super::{Lower, Parts};
use crate::syntax::ast::{Entry, Expr, ExprKind, Ident, Item, Key};
use crate::syntax::tree::{Kind, NodeId};

impl Lower<'_> {
    pub(super) fn list(&mut self, id: NodeId) -> Expr {
        Expr { kind: ExprKind::List(self.items(id)), span: self.span(id) }
    }

    fn items(&mut self, id: NodeId) -> Vec<Item> {
        let parts = self.parts(id);
        parts.map(|part| self.item(part)).collect()
    }

    fn item(&mut self, id: NodeId) -> Item {
        let span = self.span(id);
        let first = self.parts(id).next();
        match self.kind(id) {
            Kind::Spread => Item::Spread(self.expr_or_error(first, id), span),
            Kind::OptionalItem => {
                let value = self.parts(id).find(|p| is_value(self.kind(*p)));
                Item::Optional(self.expr_or_error(value, id))
            }
            Kind::IfItem if self.has_block(id) => {
                let mut parts = self.parts(id);
                let item = self.deeper(id, 1, |lower| lower.if_items(&mut parts, id));
                item.unwrap_or_else(|| Item::Value(self.error_expr(id)))
            }
            Kind::ForItem => {
                let mut parts = self.parts(id);
                let head = self.for_head(parts.next(), id);
                let body = self.deeper(id, 1, |lower| lower.block_items(parts.next()));
                Item::For { head, body: body.unwrap_or_default(), span }
            }
            Kind::BareObject => {
                let entries = self.deeper(id, 1, |lower| lower.entries(id)).unwrap_or_default();
                Item::Value(Expr { kind: ExprKind::Object(entries), span })
            }
            _ => Item::Value(self.expr(id)),
        }
    }

    /// Whether an `if` in a list has braces, not `then`.
    fn has_block(&self, id: NodeId) -> bool {
        self.parts(id).any(|p| self.kind(p) == Kind::ItemBlock)
    }

    fn if_items(&mut self, parts: &mut Parts<'_>, id: NodeId) -> Item {
        let condition = self.expr_or_error(parts.next(), id);
        let span = condition.span.to(self.span(id).at_end());
        let then = self.block_items(parts.next());
        let otherwise = match parts.peek_kind() {
            Some(kind) if is_value(kind) => {
                let item = self.deeper(id, 1, |lower| lower.if_items(parts, id));
                item.into_iter().collect()
            }
            _ => self.block_items(parts.next()),
        };
        Item::If { condition, then, otherwise, span }
    }

    fn block_items(&mut self, id: Option<NodeId>) -> Vec<Item> {
        match id {
            Some(id) if self.kind(id) == Kind::ItemBlock => self.items(id),
            _ => Vec::new(),
        }
    }

    pub(super) fn object(&mut self, id: NodeId) -> Expr {
        let entries = self.deeper(id, 1, |lower| lower.entries(id)).unwrap_or_default();
        Expr { kind: ExprKind::Object(entries), span: self.span(id) }
    }

    fn entries(&mut self, id: NodeId) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut parts = self.parts(id);
        while let Some(part) = parts.next() {
            let doc = if self.kind(part) == Kind::EntryField { self.doc(&parts, part) } else { None };
            entries.push(self.entry(part, doc));
        }
        entries
    }

    fn entry(&mut self, id: NodeId, doc: Option<SmolStr>) -> Entry {
        let span = self.span(id);
        let mut parts = self.parts(id);
        match self.kind(id) {
            Kind::Spread => Entry::Spread(self.expr_or_error(parts.next(), id), span),
            Kind::EntryShort => Entry::Short(self.ident_or_missing(parts.next(), id)),
            Kind::EntryField => {
                let optional = parts.accept(Kind::Question).is_some();
                let key = self.key(parts.next(), id);
                let value = self.expr_or_error(parts.next(), id);
                Entry::Field { doc, key, value, optional }
            }
            Kind::IfEntry => {
                let entry = self.deeper(id, 1, |lower| lower.if_entries(&mut parts, id));
                entry.unwrap_or(Entry::Error(span))
            }
            Kind::ForEntry => {
                let head = self.for_head(parts.next(), id);
                let body = self.deeper(id, 1, |lower| lower.block_entries(parts.next()));
                Entry::For { head, body: body.unwrap_or_default(), span }
            }
            _ => Entry::Error(span),
        }
    }

    fn if_entries(&mut self, parts: &mut Parts<'_>, id: NodeId) -> Entry {
        let condition = self.expr_or_error(parts.next(), id);
        let span = condition.span.to(self.span(id).at_end());
        let then = self.block_entries(parts.next());
        let otherwise = match parts.peek_kind() {
            Some(kind) if is_value(kind) => {
                let entry = self.deeper(id, 1, |lower| lower.if_entries(parts, id));
                entry.into_iter().collect()
            }
            _ => self.block_entries(parts.next()),
        };
        Entry::If { condition, then, otherwise, span }
    }

    fn block_entries(&mut self, id: Option<NodeId>) -> Vec<Entry> {
        match id {
            Some(id) if self.kind(id) == Kind::EntryBlock => self.entries(id),
            _ => Vec::new(),
        }
    }

    fn key(&mut self, id: Option<NodeId>, parent: NodeId) -> Key {
        let Some(id) = id else {
            let name = self.ident_or_missing(None, parent);
            return Key::Word { name, bare: true };
        };
        let inner = self.parts(id).next();
        match self.kind(id) {
            Kind::ComputedKey => Key::Computed(self.expr_or_error(inner, id)),
            Kind::NumberKey => {
                let mut number = match inner {
                    Some(number) => self.number(number, true),
                    None => self.error_expr(id),
                };
                number.span = self.span(id);
                Key::Computed(number)
            }
            Kind::PlainString | Kind::OtherString => self.string_key(id),
            kind => Key::Word { name: self.ident(id), bare: kind == Kind::BareKey },
        }
    }

    fn string_key(&mut self, id: NodeId) -> Key {
        let expr = self.string(id);
        match expr.kind {
            ExprKind::String(name) => Key::Word { name: Ident { name, span: expr.span }, bare: false },
            _ => Key::Computed(expr),
        }
    }
}
