//! Lists and objects: spreads, conditional parts and loops.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::machine::Machine;
use super::{Fault, MAX_ITEMS};
use crate::diagnostic::codes::{E0312, E0313, E0505};
use crate::expr::{Entry, Expr, Item, Local, Loop};
use crate::library::operators::no_overload;
use crate::source::Span;
use crate::value::{Key, Map, Value};

/// Whether a loop goes on.
pub(super) type Flow = ControlFlow<()>;

impl<'e> Machine<'e, '_> {
    pub(super) fn list(&mut self, items: &'e [Item]) -> Result<Value, Fault> {
        let mut made = Vec::with_capacity(items.len());
        self.items(items, &mut made)?;
        self.ctx().items(made.len())?;
        Ok(Value::list(made))
    }

    fn items(&mut self, items: &'e [Item], made: &mut Vec<Value>) -> Result<(), Fault> {
        for item in items {
            match item {
                Item::Value(expr) => match self.value(expr)? {
                    Value::Absent => {}
                    value => made.push(value),
                },
                Item::Spread(expr) => {
                    let spread = self.spread_list(expr)?;
                    made.extend(spread.iter().cloned());
                }
                Item::If(condition, then, otherwise) => {
                    let branch = if self.condition(condition)? { then } else { otherwise };
                    self.items(branch, made)?;
                }
                Item::For(head, body) => self.each_round(head, &mut |machine| machine.items(body, made))?,
            }
            bounded(made.len())?;
        }
        Ok(())
    }

    fn spread_list(&mut self, expr: &'e Expr) -> Result<Arc<Vec<Value>>, Fault> {
        match self.value(expr)? {
            Value::List(items) => {
                self.ctx().charge(items.len() as u64)?;
                Ok(items)
            }
            Value::Absent => Ok(Arc::default()),
            other => Err(no_overload("...", &[&other]).at(expr.span)),
        }
    }

    pub(super) fn object(&mut self, entries: &'e [Entry]) -> Result<Value, Fault> {
        let mut made = Fields { map: Map::with_capacity(entries.len()), spread: Vec::new() };
        self.entries(entries, &mut made)?;
        self.ctx().items(made.map.len())?;
        Ok(Value::map(made.map))
    }

    fn entries(&mut self, entries: &'e [Entry], made: &mut Fields) -> Result<(), Fault> {
        for entry in entries {
            match entry {
                Entry::Field(name, expr) => match self.value(expr)? {
                    Value::Absent => {}
                    value => made.entry(Key::String(name.clone()), value, expr.span)?,
                },
                Entry::Computed(key, expr) => self.computed(key, expr, made)?,
                Entry::Spread(expr) => self.spread_map(expr, made)?,
                Entry::If(condition, then, otherwise) => {
                    let branch = if self.condition(condition)? { then } else { otherwise };
                    self.entries(branch, made)?;
                }
                Entry::For(head, body) => self.each_round(head, &mut |machine| machine.entries(body, made))?,
            }
            bounded(made.map.len())?;
        }
        Ok(())
    }

    fn computed(&mut self, key: &'e Expr, expr: &'e Expr, made: &mut Fields) -> Result<(), Fault> {
        let name = self.value(key)?;
        if matches!(name, Value::Float(_)) {
            return Err(no_overload("key", &[&name]).at(key.span));
        }
        let name = Key::of(&name).ok_or_else(|| no_overload("key", &[&name]).at(key.span))?;
        match self.value(expr)? {
            Value::Absent => Ok(()),
            value => made.entry(name, value, key.span),
        }
    }

    fn spread_map(&mut self, expr: &'e Expr, made: &mut Fields) -> Result<(), Fault> {
        match self.value(expr)? {
            Value::Map(map) => {
                self.ctx().charge(map.len() as u64)?;
                made.spread(&map, expr.span)
            }
            Value::Absent => Ok(()),
            other => Err(no_overload("...", &[&other]).at(expr.span)),
        }
    }

    fn each_round(
        &mut self,
        head: &'e Loop,
        body: &mut dyn FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let range = self.value(&head.range)?;
        let mut round = |machine: &mut Self, _: &Value| body(machine).map(Flow::Continue);
        let variables = (&head.first, head.second.as_ref());
        self.each(&range, variables, head.sorted, &mut round).map_err(|fault| fault.at(head.range.span))
    }

    /// Goes over a list or map with the variables bound. The body also gets
    /// the element of a list or the key of a map.
    pub(super) fn each(
        &mut self,
        range: &Value,
        (first, second): (&Local, Option<&Local>),
        sorted: bool,
        body: &mut dyn FnMut(&mut Self, &Value) -> Result<Flow, Fault>,
    ) -> Result<(), Fault> {
        match range {
            Value::List(items) => {
                for (position, item) in items.iter().enumerate() {
                    let lead = second.map(|_| Value::Int(position as i64));
                    if self.round(first, second, lead, item, body)?.is_break() {
                        break;
                    }
                }
                Ok(())
            }
            Value::Map(map) => {
                for (key, value) in in_order(map, sorted) {
                    let key = Value::from(key.clone());
                    self.bind(first, key.clone());
                    if let Some(second) = second {
                        self.bind(second, value.clone());
                    }
                    self.ctx().charge(1)?;
                    if body(self, &key)?.is_break() {
                        break;
                    }
                }
                Ok(())
            }
            other => Err(no_overload("for", &[other])),
        }
    }

    fn round(
        &mut self,
        first: &Local,
        second: Option<&Local>,
        position: Option<Value>,
        item: &Value,
        body: &mut dyn FnMut(&mut Self, &Value) -> Result<Flow, Fault>,
    ) -> Result<Flow, Fault> {
        self.ctx().charge(1)?;
        match (second, position) {
            (Some(second), Some(position)) => {
                self.bind(first, position);
                self.bind(second, item.clone());
            }
            _ => self.bind(first, item.clone()),
        }
        body(self, item)
    }
}

/// The entries of a map as written, or by key: truth values, numbers, text.
pub(super) fn in_order(map: &Map, sorted: bool) -> Vec<(&Key, &Value)> {
    let mut entries: Vec<(&Key, &Value)> = map.iter().collect();
    if sorted {
        entries.sort_by(|(a, _), (b, _)| sort_key(a).cmp(&sort_key(b)));
    }
    entries
}

fn sort_key(key: &Key) -> (u8, i128, &str) {
    match key {
        Key::Bool(b) => (0, i128::from(*b), ""),
        Key::Int(n) => (1, i128::from(*n), ""),
        Key::Uint(n) => (1, i128::from(*n), ""),
        Key::String(s) => (2, 0, s),
    }
}

fn bounded(length: usize) -> Result<(), Fault> {
    if length > MAX_ITEMS {
        return Err(Fault::new(&E0505, format!("a list or map of more than {MAX_ITEMS} items would be made")));
    }
    Ok(())
}

/// An object being made. It knows which keys a spread has brought, since an
/// entry may replace those and no others.
struct Fields {
    map: Map,
    spread: Vec<bool>,
}

impl Fields {
    fn entry(&mut self, key: Key, value: Value, span: Span) -> Result<(), Fault> {
        let (index, old) = self.map.0.insert_full(key, value);
        if old.is_none() {
            return Ok(());
        }
        match self.spread.get_mut(index) {
            Some(spread) if *spread => {
                *spread = false;
                Ok(())
            }
            _ => Err(self.twice(index, span)),
        }
    }

    #[cold]
    fn twice(&self, index: usize, span: Span) -> Fault {
        let key = self.map.0.get_index(index).map(|(key, _)| key.to_string()).unwrap_or_default();
        Fault::new(&E0312, format!("the key `{key}` is given twice")).at(span)
    }

    /// Brings the entries of an object. What a spread brought before is
    /// replaced; what an entry wrote would be lost, and is an error.
    fn spread(&mut self, map: &Map, span: Span) -> Result<(), Fault> {
        self.map.0.reserve(map.len());
        for (key, value) in map {
            let (index, old) = self.map.0.insert_full(key.clone(), value.clone());
            if self.spread.len() <= index {
                self.spread.resize(index + 1, false);
            }
            if old.is_some() && self.spread.get(index) == Some(&false) {
                let message = format!("this spread brings `{key}`, so the entry before it would be lost");
                return Err(Fault::new(&E0313, message).at(span));
            }
            if let Some(spread) = self.spread.get_mut(index) {
                *spread = true;
            }
        }
        Ok(())
    }
}
