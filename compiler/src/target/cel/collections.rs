//! Lists, objects and comprehensions.

use smol_str::SmolStr;

use super::variables::peeled;
use super::write::{Outcome, Writer, conditional};
use super::{Form, Level, Place, Written, quoted};
use crate::expr::{Comprehension, Entry, Expr, ExprKind, Item, Loop, MacroOp, Repr};
use crate::ir::Schema;
use crate::library::Since;
use crate::source::Span;
use crate::value::Value;

impl<'e> Writer<'e, '_> {
    /// A list: literals, and what is joined to them.
    pub(super) fn list(&mut self, items: &'e [Item], form: Form) -> Outcome {
        let mixed = mixed_items(items);
        let mut segments: Vec<Written> = Vec::new();
        let mut literal: Vec<String> = Vec::new();
        for item in items {
            let segment = match item {
                Item::Value(value) => {
                    literal.push(self.item(value, form, mixed)?);
                    continue;
                }
                Item::Spread(value) if self.may_be_absent(value) => {
                    let value = self.optional(value, form)?;
                    Written::primary(format!("{}.orValue([])", value.at(Level::Primary)))
                }
                Item::Spread(value) => self.value(value, form)?,
                Item::If(condition, then, otherwise) => {
                    let condition = self.value(condition, Form::Native)?;
                    let (then, otherwise) = (self.list(then, form)?, self.list(otherwise, form)?);
                    conditional(condition, then, otherwise)
                }
                Item::For(head, body) => self.list_loop(head, body, form)?,
            };
            flush(&mut literal, &mut segments);
            segments.push(segment);
        }
        flush(&mut literal, &mut segments);
        Ok(match segments.len() {
            0 => Written::primary("[]"),
            1 => segments.remove(0),
            _ => {
                let count = segments.len();
                let texts: Vec<String> = segments
                    .into_iter()
                    .enumerate()
                    .map(|(i, segment)| {
                        let segment = if mixed && i + 1 < count { segment.dynamic() } else { segment };
                        segment.at(Level::Product)
                    })
                    .collect();
                Written::of(Level::Sum, texts.join(" + "))
            }
        })
    }

    fn item(&mut self, value: &'e Expr, form: Form, mixed: bool) -> Outcome<String> {
        if self.may_be_absent(value) {
            return Ok(format!("?{}", self.optional(value, form)?.at(Level::Or)));
        }
        let written = self.value(value, form)?;
        Ok(if mixed && self.dialect.homogeneous { written.dynamic().text } else { written.text })
    }

    fn list_loop(&mut self, head: &'e Loop, body: &'e [Item], form: Form) -> Outcome {
        let over = self.over(head)?;
        let name = self.fresh(&head.first.name);
        let (first, second) = self.variables(&over, &name);
        let bound = bound(head, first, second);
        let list = over.list.at(Level::Primary);
        self.scoped(&bound, |w| {
            Ok(Written::primary(match body {
                [Item::Value(value)] if !w.may_be_absent(value) => {
                    format!("{list}.map({name}, {})", w.value(value, form)?.text)
                }
                [Item::If(condition, then, otherwise)] if otherwise.is_empty() => match then.as_slice() {
                    [Item::Value(value)] if !w.may_be_absent(value) => {
                        let condition = w.value(condition, Form::Native)?;
                        format!("{list}.map({name}, {}, {})", condition.text, w.value(value, form)?.text)
                    }
                    _ => w.flattened(&list, &name, body, form, head.range.span)?,
                },
                _ => w.flattened(&list, &name, body, form, head.range.span)?,
            }))
        })
    }

    fn flattened(&mut self, list: &str, name: &str, body: &'e [Item], form: Form, span: Span) -> Outcome<String> {
        if !self.dialect.list_functions() {
            return Err(self.refuse(
                span,
                "a loop that makes several items a round",
                "make one item a round, or name Kubernetes 1.35 or newer",
            ));
        }
        Ok(format!("{list}.map({name}, {}).flatten()", self.list(body, form)?.text))
    }

    /// An object: literals, and what is merged over them.
    pub(super) fn object(&mut self, entries: &'e [Entry], form: Form, span: Span) -> Outcome {
        let mut segments: Vec<Written> = Vec::new();
        let mut literal: Vec<String> = Vec::new();
        for entry in entries {
            let segment = match entry {
                Entry::Field(name, value) => {
                    let key = quoted(name);
                    literal.push(self.entry(&key, value, form)?);
                    continue;
                }
                Entry::Computed(key, value) => {
                    let key = self.value(key, Form::Native)?.at(Level::Or);
                    literal.push(self.entry(&key, value, form)?);
                    continue;
                }
                Entry::If(condition, then, otherwise) if fields_only(then) && fields_only(otherwise) => {
                    self.conditional_entries(condition, then, otherwise, form, &mut literal)?;
                    continue;
                }
                Entry::Spread(value) => match self.known_entries(value, form)? {
                    // Entries after it would be given twice.
                    Some(known) if entries.len() == 1 || std::ptr::eq(entry, entries.last().unwrap_or(entry)) => {
                        literal.extend(known);
                        continue;
                    }
                    _ if self.may_be_absent(value) => {
                        let value = self.optional(value, form)?;
                        Written::primary(format!("{}.orValue({{}})", value.at(Level::Primary)))
                    }
                    _ if self.is_record(value) => self.as_map(value)?,
                    _ => self.value(value, form)?,
                },
                Entry::If(condition, then, otherwise) => {
                    let condition = self.value(condition, Form::Native)?;
                    let (then, otherwise) = (self.object(then, form, span)?, self.object(otherwise, form, span)?);
                    conditional(condition, then.dynamic(), otherwise.dynamic())
                }
                Entry::For(head, body) => self.object_loop(head, body, form, span)?,
            };
            flush_entries(&mut literal, &mut segments);
            segments.push(segment);
        }
        flush_entries(&mut literal, &mut segments);
        if segments.len() > 1 && !self.dialect.merge {
            return Err(self.refuse(
                span,
                "an object of several others (`...`, or loops beside entries)",
                "write its entries one by one",
            ));
        }
        let mut segments = segments.into_iter();
        let Some(first) = segments.next() else { return Ok(Written::primary("{}")) };
        let rest: Vec<Written> = segments.collect();
        if rest.is_empty() {
            return Ok(first);
        }
        let mut text = first.dynamic().text;
        for segment in rest {
            text = format!("{text}.merge({})", segment.dynamic().text);
        }
        Ok(Written::primary(text))
    }

    fn entry(&mut self, key: &str, value: &'e Expr, form: Form) -> Outcome<String> {
        if self.may_be_absent(value) {
            return Ok(format!("?{key}: {}", self.optional(value, form)?.text));
        }
        let written = self.value(value, form)?;
        let compound = matches!(value.repr, Repr::Map | Repr::List | Repr::Dyn);
        Ok(format!(
            "{key}: {}",
            if self.dialect.homogeneous || compound { written.dynamic().text } else { written.text }
        ))
    }

    /// Entries under a condition: each is there where the condition holds.
    fn conditional_entries(
        &mut self,
        condition: &'e Expr,
        then: &'e [Entry],
        otherwise: &'e [Entry],
        form: Form,
        literal: &mut Vec<String>,
    ) -> Outcome<()> {
        let condition = self.value(condition, Form::Native)?;
        let named = |entries: &'e [Entry], name: &SmolStr| {
            entries.iter().find_map(|entry| match entry {
                Entry::Field(other, value) if other == name => Some(value),
                _ => None,
            })
        };
        let none = || Written::primary("optional.none()");
        for entry in then {
            let Entry::Field(name, value) = entry else { continue };
            let there = self.optional(value, form)?;
            let other = match named(otherwise, name) {
                Some(other) => self.optional(other, form)?,
                None => none(),
            };
            literal.push(format!("?{}: {}", quoted(name), conditional(condition.clone(), there, other).text));
        }
        for entry in otherwise {
            let Entry::Field(name, value) = entry else { continue };
            if named(then, name).is_none() {
                let there = self.optional(value, form)?;
                literal.push(format!("?{}: {}", quoted(name), conditional(condition.clone(), none(), there).text));
            }
        }
        Ok(())
    }

    /// The entries of an object that is known.
    fn known_entries(&mut self, value: &'e Expr, form: Form) -> Outcome<Option<Vec<String>>> {
        match &value.kind {
            ExprKind::Const(Value::Map(map)) => {
                let mut entries = Vec::new();
                for (key, value) in map.iter() {
                    let Some(key) = key.as_str() else { return Ok(None) };
                    entries.push(format!("{}: {}", quoted(key), super::literal(&self.dialect, value, form).text));
                }
                Ok(Some(entries))
            }
            _ => Ok(None),
        }
    }

    fn object_loop(&mut self, head: &'e Loop, body: &'e [Entry], form: Form, span: Span) -> Outcome {
        if !self.dialect.two_variables() {
            return Err(self.refuse(
                head.range.span,
                "a loop that makes entries",
                "name Kubernetes 1.33 or newer in the project file",
            ));
        }
        let over = self.over(head)?;
        let name = self.fresh(&head.first.name);
        self.taken.push(name.clone());
        let position = self.fresh("position");
        self.taken.pop();
        let (first, second) = self.variables(&over, &name);
        let bound = bound(head, first, second);
        let list = over.list.at(Level::Primary);
        self.scoped(&bound, |w| {
            let body = w.object(body, form, span)?;
            Ok(Written::primary(format!("{list}.transformMapEntry({position}, {name}, {})", body.text)))
        })
    }

    pub(super) fn comprehension(&mut self, c: &'e Comprehension, form: Form, span: Span) -> Outcome {
        let over_map = c.range.repr == Repr::Map;
        let record = self.is_record(&c.range);
        let schema = self.schema(&c.range);
        let range = if record { self.as_map(&c.range)? } else { self.value(&c.range, range_form(c, form))? };
        let item = match schema.map(peeled) {
            Some(Schema::List(item) | Schema::Map(item)) => Some(&**item),
            _ => None,
        };
        let first = self.fresh(&c.first.name);
        let second = c.second.as_ref().map(|second| {
            self.taken.push(first.clone());
            let name = self.fresh(&second.name);
            self.taken.pop();
            name
        });
        let place = |text: &str, schema| Place { text: text.to_owned(), optional: false, schema };
        let mut bound: Vec<(&crate::expr::Local, Place<'e>)> = Vec::new();
        // Of a map, and of a list with two, the first is a key or position.
        bound.push((&c.first, place(&first, item.filter(|_| !over_map && c.second.is_none()))));
        if let (Some(local), Some(name)) = (&c.second, &second) {
            bound.push((local, place(name, item)));
        }
        let needs_two = second.is_some() || matches!(c.op, MacroOp::TransformMap | MacroOp::TransformMapEntry);
        if needs_two && !self.dialect.two_variables() {
            return Err(self.refuse(
                span,
                "a comprehension over two variables",
                "name Kubernetes 1.33 or newer in the project file",
            ));
        }
        if c.op == MacroOp::SortBy && !self.dialect.since(Since::Minor(34)) {
            return Err(self.refuse(span, "`sortBy`", "name Kubernetes 1.35 or newer in the project file"));
        }
        let two = second.is_some();
        let name = match c.op {
            MacroOp::All => "all",
            MacroOp::Exists => "exists",
            MacroOp::ExistsOne if two => "existsOne",
            MacroOp::ExistsOne => "exists_one",
            MacroOp::Filter => "filter",
            MacroOp::Map if two => "transformList",
            MacroOp::Map => "map",
            MacroOp::TransformMap => "transformMap",
            MacroOp::TransformMapEntry => "transformMapEntry",
            MacroOp::SortBy => "sortBy",
        };
        let makes = matches!(c.op, MacroOp::Map | MacroOp::TransformMap | MacroOp::TransformMapEntry);
        let range = range.at(Level::Primary);
        self.scoped(&bound, |w| {
            let mut arguments = vec![first.clone()];
            arguments.extend(second.clone());
            if let Some(filter) = &c.filter {
                arguments.push(w.value(filter, Form::Native)?.text);
            }
            if c.op == MacroOp::Map && w.may_be_absent(&c.body) {
                return Err(w.refuse(
                    c.body.span,
                    "a `map` whose results may be absent",
                    "leave those out with a filter",
                ));
            }
            arguments.push(w.value(&c.body, if makes { form } else { Form::Native })?.text);
            Ok(Written::primary(format!("{range}.{name}({})", arguments.join(", "))))
        })
    }
}

/// In which form a comprehension takes its range: what it gives back has the form of the whole.
fn range_form(c: &Comprehension, form: Form) -> Form {
    if matches!(c.op, MacroOp::Filter | MacroOp::SortBy) { form } else { Form::Native }
}

/// The variables of a loop with what they are.
pub(super) fn bound<'l, 'e>(
    head: &'l Loop,
    first: Place<'e>,
    second: Option<Place<'e>>,
) -> Vec<(&'l crate::expr::Local, Place<'e>)> {
    match (&head.second, second) {
        // Over a list with two the first is the position, which is what is gone over.
        (Some(local), Some(second)) => vec![(&head.first, first), (local, second)],
        _ => vec![(&head.first, first)],
    }
}

fn flush(literal: &mut Vec<String>, segments: &mut Vec<Written>) {
    if !literal.is_empty() {
        segments.push(Written::primary(format!("[{}]", std::mem::take(literal).join(", "))));
    }
}

fn flush_entries(literal: &mut Vec<String>, segments: &mut Vec<Written>) {
    if !literal.is_empty() {
        segments.push(Written::primary(format!("{{{}}}", std::mem::take(literal).join(", "))));
    }
}

fn fields_only(entries: &[Entry]) -> bool {
    entries.iter().all(|entry| matches!(entry, Entry::Field(..)))
}

/// Whether items may be of types that CEL's checker does not let meet.
fn mixed_items(items: &[Item]) -> bool {
    fn reprs(items: &[Item], found: &mut Vec<Repr>) {
        for item in items {
            match item {
                Item::Value(value) => found.push(value.repr),
                Item::Spread(_) => found.push(Repr::Dyn),
                Item::If(_, then, otherwise) => {
                    reprs(then, found);
                    reprs(otherwise, found);
                }
                Item::For(_, body) => reprs(body, found),
            }
        }
    }
    let mut found = Vec::new();
    reprs(items, &mut found);
    found.iter().any(|repr| matches!(repr, Repr::Map | Repr::List | Repr::Dyn | Repr::Null))
        || found.windows(2).any(|pair| pair.first() != pair.last())
}
