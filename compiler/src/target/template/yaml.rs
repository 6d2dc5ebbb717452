//! Objects and lists as YAML with holes: what is known stands as it is, and what is
//! not is a JSON value, which every reader of YAML takes as written.

use std::rc::Rc;

use super::value::unwrapped;
use super::{Bound, Out, Writer, raw};
use crate::expr::{Entry, Expr, ExprKind, Item};
use crate::value::{Map, Value};
use crate::yaml;

/// Where a value stands.
#[derive(Clone, Copy)]
pub(crate) enum Place<'p> {
    /// After `key:`.
    Key(&'p str),
    /// After `-`.
    Item,
}

impl Writer<'_> {
    /// Writes a value at its place, its lines indented by `indent`; nothing where it is absent.
    pub(crate) fn yaml(&mut self, place: Place<'_>, expr: &Expr, indent: usize) -> Out<()> {
        self.deeper(expr.span, |writer| writer.text_of(place, expr, indent))
    }

    fn text_of(&mut self, place: Place<'_>, expr: &Expr, indent: usize) -> Out<()> {
        match &expr.kind {
            ExprKind::Const(Value::Absent) => Ok(()),
            ExprKind::Const(value) => {
                self.known(place, value, indent);
                Ok(())
            }
            ExprKind::Let(local, value, body) => {
                self.bind(local, Bound::Lazy(Rc::new(Expr::clone(value))));
                self.yaml(place, body, indent)
            }
            ExprKind::Cond(condition, a, b) if is_structure(a) || is_structure(b) => {
                let parts = ([Expr::clone(a)], [Expr::clone(b)]);
                self.branches(condition, &parts.0, &parts.1, &mut |writer, parts: &[Expr]| {
                    parts.iter().try_for_each(|part| writer.yaml(place, part, indent))
                })
            }
            ExprKind::Match { subject, arms, default } if arms.iter().any(|(_, e)| is_structure(e)) => {
                let value = self.operand(subject)?;
                let outer = self.env.clone();
                for (index, (patterns, body)) in arms.iter().enumerate() {
                    let test = self.tests(subject, &value, patterns)?;
                    self.statement(&format!("{} {}", if index == 0 { "if" } else { "else if" }, unwrapped(&test)));
                    self.yaml(place, body, indent)?;
                    self.env.clone_from(&outer);
                }
                self.statement("else");
                match default {
                    Some(body) => self.yaml(place, body, indent)?,
                    None => self.statement("fail \"no arm of the match covers the value\""),
                }
                self.env = outer;
                self.statement("end");
                Ok(())
            }
            ExprKind::Object(entries) if self.is_block(entries) => {
                self.opened(place, indent, |writer, indent| writer.fields(entries, indent));
                Ok(())
            }
            ExprKind::List(items) if self.is_sequence(items) => {
                self.opened(place, indent, |writer, indent| writer.sequence(items, indent));
                Ok(())
            }
            _ => {
                let absent = self.may_be_absent(expr);
                let mut operand = self.operand(expr)?;
                if absent {
                    if !operand.starts_with('$') {
                        operand = self.variable("value", &operand);
                    }
                    self.statement(&format!("if not (kindIs \"invalid\" {operand})"));
                }
                let head = head(place, indent);
                let printed = printed(&operand);
                self.line(&format!("{head} {{{{ {printed} }}}}"));
                if absent {
                    self.statement("end");
                }
                Ok(())
            }
        }
    }

    /// A value that is known.
    fn known(&mut self, place: Place<'_>, value: &Value, indent: usize) {
        let mut text = String::new();
        if !is_trimmable(value) {
            text = format!("{} {}\n", head(place, indent), crate::value::to_json(value));
        } else {
            match place {
                Place::Key(key) => {
                    let mut map = Map::default();
                    map.insert(key, value.clone());
                    yaml::emit(&Value::map(map), &mut text);
                }
                Place::Item => yaml::emit(&Value::list(vec![value.clone()]), &mut text),
            }
            text = indented(&text, indent);
        }
        let text = raw(&text);
        self.out.push_str(&text);
    }

    /// The head of a value, and its lines one step further in.
    fn opened(&mut self, place: Place<'_>, indent: usize, write: impl FnOnce(&mut Self, usize)) {
        match place {
            Place::Key(_) => {
                self.line(&head(place, indent));
                write(self, indent + 2);
            }
            Place::Item => {
                let out = std::mem::take(&mut self.out);
                write(self, indent + 2);
                let text = std::mem::replace(&mut self.out, out);
                let pad = " ".repeat(indent);
                match text.strip_prefix(&format!("{pad}  ")) {
                    Some(rest) => self.out.push_str(&format!("{pad}- {rest}")),
                    None => {
                        self.out.push_str(&format!("{pad}-\n"));
                        self.out.push_str(&text);
                    }
                }
            }
        }
    }

    /// The fields of an object; what cannot be written is noted, and the rest goes on.
    pub(crate) fn fields(&mut self, entries: &[Entry], indent: usize) {
        for entry in entries {
            let written = match entry {
                Entry::Field(key, value) => self.yaml(Place::Key(key), value, indent),
                Entry::If(condition, then, otherwise) => {
                    self.branches(condition, then, otherwise, &mut |writer, entries: &[Entry]| {
                        writer.fields(entries, indent);
                        Ok(())
                    })
                }
                Entry::Computed(..) | Entry::Spread(_) | Entry::For(..) => Ok(()),
            };
            self.refuse(written);
        }
    }

    fn sequence(&mut self, items: &[Item], indent: usize) {
        for item in items {
            let written = match item {
                Item::Value(value) => self.yaml(Place::Item, value, indent),
                Item::If(condition, then, otherwise) => {
                    self.branches(condition, then, otherwise, &mut |writer, items: &[Item]| {
                        writer.sequence(items, indent);
                        Ok(())
                    })
                }
                Item::For(head, body) => self.each_round(head, &mut |writer| {
                    writer.sequence(body, indent);
                    Ok(())
                }),
                Item::Spread(_) => Ok(()),
            };
            self.refuse(written);
        }
    }

    /// Whether an object can be written field by field: its keys are known, and one at
    /// least is always there.
    pub(crate) fn is_block(&self, entries: &[Entry]) -> bool {
        entries.iter().all(is_simple)
            && entries.iter().any(|entry| match entry {
                Entry::Field(_, value) => !self.may_be_absent(value),
                Entry::If(condition, then, _) => self.certain(condition) == Some(true) && self.is_block(then),
                _ => false,
            })
    }

    fn is_sequence(&self, items: &[Item]) -> bool {
        items.iter().all(is_simple_item) && self.has_an_item(items)
    }
}

fn is_simple(entry: &Entry) -> bool {
    match entry {
        Entry::Field(..) => true,
        Entry::If(_, then, otherwise) => then.iter().chain(otherwise).all(is_simple),
        Entry::Computed(..) | Entry::Spread(_) | Entry::For(..) => false,
    }
}

fn is_simple_item(item: &Item) -> bool {
    match item {
        Item::Value(_) => true,
        Item::If(_, then, otherwise) => then.iter().chain(otherwise).all(is_simple_item),
        Item::For(_, body) => body.iter().all(is_simple_item),
        Item::Spread(_) => false,
    }
}

/// Whether an expression is written in several lines.
fn is_structure(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Object(_) | ExprKind::List(_) | ExprKind::Const(Value::Map(_) | Value::List(_)) => true,
        ExprKind::Let(_, _, body) => is_structure(body),
        ExprKind::Cond(_, a, b) => is_structure(a) || is_structure(b),
        ExprKind::Match { arms, .. } => arms.iter().any(|(_, e)| is_structure(e)),
        _ => false,
    }
}

/// `key:` or `-`.
fn head(place: Place<'_>, indent: usize) -> String {
    let pad = " ".repeat(indent);
    match place {
        Place::Item => format!("{pad}-"),
        Place::Key(key) => {
            let mut map = Map::default();
            map.insert(key, Value::Null);
            let mut text = String::new();
            yaml::emit(&Value::map(map), &mut text);
            raw(&format!("{pad}{}", text.trim_end().trim_end_matches("null").trim_end()))
        }
    }
}

/// An operand as JSON.
fn printed(operand: &str) -> String {
    match unwrapped(operand).strip_suffix(" | fromJson") {
        // It is JSON already.
        Some(include) => include.to_owned(),
        None => format!("{} | toJson", unwrapped(operand)),
    }
}

/// Whether text loses nothing when a statement after it takes the white space before.
fn is_trimmable(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let kept = text.trim_end();
            kept.len() == text.len() || text.strip_suffix('\n') == Some(kept)
        }
        Value::List(items) => items.iter().all(is_trimmable),
        Value::Map(map) => map.iter().all(|(_, value)| is_trimmable(value)),
        Value::Float(f) => f.is_finite(),
        _ => true,
    }
}

fn indented(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line != "\n" {
            out.push_str(&pad);
        }
        out.push_str(line);
    }
    out
}
