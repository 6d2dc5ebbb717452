//! CEL's macros.

use std::cmp::Ordering;

use super::Fault;
use super::build::Flow;
use super::logic::graver;
use super::machine::Machine;
use crate::diagnostic::codes::E0312;
use crate::expr::{Comprehension, MacroOp};
use crate::library::operators::{self, no_overload};
use crate::value::{Key, Map, Value};

impl<'e> Machine<'e, '_> {
    pub(super) fn comprehension(&mut self, c: &'e Comprehension) -> Result<Value, Fault> {
        let range = self.value(&c.range)?;
        match c.op {
            MacroOp::All => self.quantify(c, &range, false),
            MacroOp::Exists => self.quantify(c, &range, true),
            MacroOp::ExistsOne => self.exists_one(c, &range),
            MacroOp::Filter => self.filter(c, &range),
            MacroOp::Map => self.map(c, &range),
            MacroOp::TransformMap => self.transform_map(c, &range),
            MacroOp::TransformMapEntry => self.transform_entries(c, &range),
            MacroOp::SortBy => self.sort_by(c, &range),
        }
    }

    fn over(
        &mut self,
        c: &'e Comprehension,
        range: &Value,
        body: &mut dyn FnMut(&mut Self, &Value) -> Result<Flow, Fault>,
    ) -> Result<(), Fault> {
        self.each(range, (&c.first, c.second.as_ref()), false, body).map_err(|fault| fault.at(c.range.span))
    }

    /// `all` and `exists`: a decisive element decides, whatever the others
    /// are; else a fault of any stands.
    fn quantify(&mut self, c: &'e Comprehension, range: &Value, decisive: bool) -> Result<Value, Fault> {
        let mut decided = false;
        let mut failed: Option<Fault> = None;
        self.over(c, range, &mut |machine, _| {
            match machine.condition(&c.body) {
                Ok(value) if value == decisive => {
                    decided = true;
                    return Ok(Flow::Break(()));
                }
                Ok(_) => {}
                Err(fault) if fault.is_exhausted() => return Err(fault),
                Err(fault) => {
                    failed = Some(match failed.take() {
                        Some(first) => graver(first, fault),
                        None => fault,
                    })
                }
            }
            Ok(Flow::Continue(()))
        })?;
        match failed {
            Some(fault) if !decided => Err(fault),
            _ => Ok(Value::Bool(decided == decisive)),
        }
    }

    fn exists_one(&mut self, c: &'e Comprehension, range: &Value) -> Result<Value, Fault> {
        let mut count = 0_u64;
        self.over(c, range, &mut |machine, _| {
            count += u64::from(machine.condition(&c.body)?);
            Ok(Flow::Continue(()))
        })?;
        Ok(Value::Bool(count == 1))
    }

    /// Whether the element passes the filter.
    fn passes(&mut self, c: &'e Comprehension) -> Result<bool, Fault> {
        c.filter.as_ref().map_or(Ok(true), |filter| self.condition(filter))
    }

    fn filter(&mut self, c: &'e Comprehension, range: &Value) -> Result<Value, Fault> {
        let mut kept = Vec::new();
        self.over(c, range, &mut |machine, element| {
            if machine.passes(c)? && machine.condition(&c.body)? {
                kept.push(element.clone());
            }
            Ok(Flow::Continue(()))
        })?;
        self.made(kept)
    }

    fn map(&mut self, c: &'e Comprehension, range: &Value) -> Result<Value, Fault> {
        let mut made = Vec::new();
        self.over(c, range, &mut |machine, _| {
            if machine.passes(c)? {
                match machine.value(&c.body)? {
                    Value::Absent => {}
                    value => made.push(value),
                }
            }
            Ok(Flow::Continue(()))
        })?;
        self.made(made)
    }

    fn made(&mut self, items: Vec<Value>) -> Result<Value, Fault> {
        self.ctx().items(items.len())?;
        Ok(Value::list(items))
    }

    fn transform_map(&mut self, c: &'e Comprehension, range: &Value) -> Result<Value, Fault> {
        let mut made = Map::default();
        let mut position = 0_i64;
        let over_list = matches!(range, Value::List(_));
        self.over(c, range, &mut |machine, key| {
            let key = if over_list { Some(Key::Int(position)) } else { Key::of(key) };
            position += 1;
            if machine.passes(c)? {
                match (key, machine.value(&c.body)?) {
                    (Some(key), value) if !matches!(value, Value::Absent) => made.insert(key, value),
                    _ => {}
                }
            }
            Ok(Flow::Continue(()))
        })?;
        self.ctx().items(made.len())?;
        Ok(Value::map(made))
    }

    /// The body gives an object, whose entries are collected.
    fn transform_entries(&mut self, c: &'e Comprehension, range: &Value) -> Result<Value, Fault> {
        let mut made = Map::default();
        self.over(c, range, &mut |machine, _| {
            if machine.passes(c)? {
                match machine.value(&c.body)? {
                    Value::Map(entries) => {
                        machine.ctx().items(entries.len())?;
                        collect(&mut made, &entries).map_err(|fault| fault.at(c.body.span))?;
                    }
                    Value::Absent => {}
                    other => return Err(no_overload("transformMapEntry", &[&other]).at(c.body.span)),
                }
            }
            Ok(Flow::Continue(()))
        })?;
        self.ctx().items(made.len())?;
        Ok(Value::map(made))
    }

    fn sort_by(&mut self, c: &'e Comprehension, range: &Value) -> Result<Value, Fault> {
        let mut keyed: Vec<(Value, Value)> = Vec::new();
        self.over(c, range, &mut |machine, element| {
            keyed.push((machine.value(&c.body)?, element.clone()));
            Ok(Flow::Continue(()))
        })?;
        for (left, right) in keyed.iter().zip(keyed.iter().skip(1)) {
            if !sortable(&left.0, &right.0) {
                return Err(no_overload("sortBy", &[&left.0, &right.0]).at(c.body.span));
            }
        }
        let comparisons = keyed.len().checked_ilog2().unwrap_or(0) as usize * keyed.len();
        self.ctx().charge(comparisons as u64)?;
        keyed.sort_by(|(a, _), (b, _)| operators::compare(a, b).flatten().unwrap_or(Ordering::Equal));
        self.made(keyed.into_iter().map(|(_, element)| element).collect())
    }
}

/// Keys of one type that has an order; the API server sorts no others.
fn sortable(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
        && operators::compare(a, b).is_some_and(|order| order.is_some())
}

fn collect(made: &mut Map, entries: &Map) -> Result<(), Fault> {
    for (key, value) in entries {
        if made.0.insert(key.clone(), value.clone()).is_some() {
            return Err(Fault::new(&E0312, format!("the key `{key}` is given twice")));
        }
    }
    Ok(())
}
