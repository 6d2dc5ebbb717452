//! Fields, elements, `has` and `??`.

use super::Fault;
use super::machine::Machine;
use crate::diagnostic::codes::E0308;
use crate::expr::{Access, Expr, ExprKind};
use crate::library::operators;
use crate::value::Value;

impl<'e> Machine<'e, '_> {
    /// A value that lies ready, without a copy: constants, variables and
    /// fields of them.
    pub(super) fn peek<'s>(&'s self, expr: &'s Expr) -> Option<&'s Value> {
        match &expr.kind {
            ExprKind::Const(value) => Some(value),
            ExprKind::Local(local) => self.ready(local),
            ExprKind::Field { base, name, .. } => self.peek(base)?.get(name),
            _ => None,
        }
    }

    pub(super) fn field(&mut self, base: &'e Expr, name: &str, access: Access) -> Result<Value, Fault> {
        if let Some(object) = self.peek(base) {
            return read_field(object, name, access);
        }
        read_field(&self.value(base)?, name, access)
    }

    pub(super) fn index(&mut self, base: &'e Expr, index: &'e Expr, access: Access) -> Result<Value, Fault> {
        let object = self.value(base)?;
        let index = self.value(index)?;
        read_index(&object, &index, access)
    }

    /// `has(e)`: whether the value is there. What is pending is not.
    pub(super) fn has(&mut self, expr: &'e Expr) -> Result<Value, Fault> {
        let there = match self.probe(expr) {
            Ok(Value::Absent) => false,
            Ok(_) => true,
            Err(fault) if fault.is_pending() => false,
            Err(fault) => return Err(fault),
        };
        Ok(Value::Bool(there))
    }

    /// The value for `has` and `??`: absent also where something on the way to
    /// it is absent, or where the last step leads to nothing.
    fn probe(&mut self, expr: &'e Expr) -> Result<Value, Fault> {
        let result = match &expr.kind {
            ExprKind::Field { base, name, access } => match self.way(base)? {
                Value::Absent => Ok(Value::Absent),
                object => read_field(&object, name, asked(*access)),
            },
            ExprKind::Index { base, index, access } => match self.way(base)? {
                Value::Absent => Ok(Value::Absent),
                object => read_index(&object, &self.value(index)?, asked(*access)),
            },
            _ => return self.value(expr),
        };
        result.map_err(|fault| fault.at(expr.span))
    }

    /// As [`Self::probe`], but a required step must lead to something.
    fn way(&mut self, expr: &'e Expr) -> Result<Value, Fault> {
        let result = match &expr.kind {
            ExprKind::Field { base, name, access } => match self.way(base)? {
                Value::Absent => Ok(Value::Absent),
                object => read_field(&object, name, *access),
            },
            ExprKind::Index { base, index, access } => match self.way(base)? {
                Value::Absent => Ok(Value::Absent),
                object => read_index(&object, &self.value(index)?, *access),
            },
            _ => return self.value(expr),
        };
        result.map_err(|fault| fault.at(expr.span))
    }

    /// `a ?? b`: the right side where the left is absent or pending.
    pub(super) fn coalesce(&mut self, a: &'e Expr, b: &'e Expr) -> Result<Value, Fault> {
        match self.probe(a) {
            Ok(Value::Absent) => self.value(b),
            Err(fault) if fault.is_pending() => self.value(b),
            other => other,
        }
    }
}

/// What is asked about may be missing, however it is read elsewhere.
const fn asked(access: Access) -> Access {
    match access {
        Access::Required => Access::Declared,
        other => other,
    }
}

/// A field of a value.
pub(super) fn read_field(object: &Value, name: &str, access: Access) -> Result<Value, Fault> {
    match object {
        Value::Map(map) => match map.get(name) {
            Some(value) => Ok(value.clone()),
            None => nothing(access, || format!("`{name}`"), || operators::missing(object, &Value::str(name))),
        },
        Value::Absent | Value::Null => no_base(object, access, &format!("`{name}`")),
        _ => Err(Fault::new(
            &crate::diagnostic::codes::E0311,
            format!("no such overload: a {} has no field `{name}`", crate::library::shown_type(object)),
        )),
    }
}

/// An element of a value.
pub(super) fn read_index(object: &Value, index: &Value, access: Access) -> Result<Value, Fault> {
    if matches!(object, Value::Absent | Value::Null) {
        return no_base(object, access, &format!("[{}]", index.shown()));
    }
    match operators::index(object, index)? {
        Some(value) => Ok(value.clone()),
        None => nothing(access, || format!("[{}]", index.shown()), || operators::missing(object, index)),
    }
}

fn nothing(access: Access, what: impl FnOnce() -> String, missing: impl FnOnce() -> Fault) -> Result<Value, Fault> {
    match access {
        Access::Required => Err(missing()),
        Access::Declared | Access::Optional => Ok(Value::Absent),
        Access::Observed => Err(Fault::pending(format!("{} is not known yet", what()))),
    }
}

fn no_base(object: &Value, access: Access, what: &str) -> Result<Value, Fault> {
    match access {
        Access::Optional => Ok(Value::Absent),
        Access::Observed => Err(Fault::pending(format!("{what} is not known yet"))),
        Access::Required | Access::Declared => {
            let kind = if matches!(object, Value::Null) { "null" } else { "absent" };
            Err(Fault::new(&E0308, format!("cannot read {what}: the value before it is {kind}")))
        }
    }
}
