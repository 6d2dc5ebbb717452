//! What loops go over: lists as they are, maps by their sorted keys, records by the names of
//! their fields, in the order of their declaration.

use super::variables::{Slot, peeled};
use super::write::{Outcome, Writer};
use super::{Form, Level, Place, Written, quoted};
use crate::expr::{Expr, ExprKind, Loop, Repr};
use crate::ir::Schema;
use crate::value::{Key, Value};

/// What a loop goes over, and what its variables are.
pub struct Over<'e> {
    /// The list.
    pub list: Written,
    /// What values its items have, where a schema says so.
    pub item: Option<&'e Schema>,
    /// For a map or record: what has the values, under the items.
    pub values: Option<(Written, Option<&'e Schema>)>,
    /// The items are positions in this list.
    pub positions: Option<(Written, Option<&'e Schema>)>,
}

impl<'e> Writer<'e, '_> {
    /// What a loop goes over.
    ///
    /// # Errors
    /// What has no order, or cannot be written.
    pub fn over(&mut self, head: &'e Loop) -> Outcome<Over<'e>> {
        let range = &*head.range;
        let schema = self.schema(range);
        if let Some(Schema::Record(_)) = schema.map(peeled) {
            let keys = self.field_names(range)?;
            let values = self.as_map(range)?;
            return Ok(Over { list: keys, item: None, values: Some((values, None)), positions: None });
        }
        if range.repr == Repr::Map {
            let value = match schema.map(peeled) {
                Some(Schema::Map(value)) => Some(&**value),
                _ => None,
            };
            let map = self.value(range, Form::Wire)?;
            let list = match self.known_keys(range, head.sorted) {
                Some(keys) => Written::primary(format!("[{}]", keys.join(", "))),
                None => {
                    if !self.dialect.list_functions() {
                        return Err(self.refuse(
                            range.span,
                            "a loop over a map, which has no order,",
                            "go over a list",
                        ));
                    }
                    let key = self.fresh("key");
                    Written::primary(format!("{}.map({key}, {key}).sort()", map.clone().at(Level::Primary)))
                }
            };
            return Ok(Over { list, item: None, values: Some((map, value)), positions: None });
        }
        let item = match schema.map(peeled) {
            Some(Schema::List(item)) => Some(&**item),
            _ => None,
        };
        let list = self.value(range, Form::Wire)?;
        if head.second.is_none() {
            return Ok(Over { list, item, values: None, positions: None });
        }
        if !self.dialect.list_functions() {
            return Err(self.refuse(range.span, "a loop over positions", "go over the items alone"));
        }
        let positions = Written::primary(format!("lists.range({}.size())", list.clone().at(Level::Primary)));
        Ok(Over { list: positions, item: None, values: None, positions: Some((list, item)) })
    }

    /// What the variables of a loop are when the item is called so.
    #[must_use]
    pub fn variables(&self, over: &Over<'e>, item: &str) -> (Place<'e>, Option<Place<'e>>) {
        let first = Place { text: item.to_owned(), optional: false, schema: over.item };
        let indexed = |(of, schema): &(Written, Option<&'e Schema>)| Place {
            text: format!("{}[{item}]", of.clone().at(Level::Primary)),
            optional: false,
            schema: *schema,
        };
        let second = over.values.as_ref().or(over.positions.as_ref()).map(indexed);
        (first, second)
    }

    /// The keys of a map that is known or written out.
    fn known_keys(&self, range: &Expr, sorted: bool) -> Option<Vec<String>> {
        let Some(Value::Map(map)) = range.known() else { return None };
        let mut keys: Vec<&Key> = map.iter().map(|(key, _)| key).collect();
        if sorted {
            keys.sort_by_key(|key| key.to_string());
        }
        keys.into_iter().map(|key| key.as_str().map(quoted)).collect()
    }

    /// The names of a record's fields that are there.
    fn field_names(&mut self, range: &'e Expr) -> Outcome {
        let base = self.value(range, Form::Wire)?.at(Level::Primary);
        let Some(Schema::Record(fields)) = self.schema(range).map(peeled) else { return Ok(Written::primary("[]")) };
        let items: Vec<String> = fields
            .iter()
            .map(|field| {
                if !field.optional || field.default.is_some() {
                    return quoted(&field.name);
                }
                let selected = self.dialect.selected(&field.name, true);
                format!("?(has({base}{selected}) ? optional.of({}) : optional.none())", quoted(&field.name))
            })
            .collect();
        Ok(Written::primary(format!("[{}]", items.join(", "))))
    }

    /// A record as a map, since CEL goes over no object.
    pub(super) fn as_map(&mut self, range: &'e Expr) -> Outcome {
        let base = self.value(range, Form::Wire)?.at(Level::Primary);
        let Some(Schema::Record(fields)) = self.schema(range).map(peeled) else {
            return self.value(range, Form::Wire);
        };
        let entries: Vec<String> = fields
            .iter()
            .map(|field| {
                let selected = self.dialect.selected(&field.name, true);
                let name = quoted(&field.name);
                match selected.strip_prefix('.') {
                    Some(rest) if field.optional && field.default.is_none() => format!("?{name}: {base}.?{rest}"),
                    _ => format!("{name}: {base}{selected}"),
                }
            })
            .collect();
        Ok(Written::primary(format!("{{{}}}", entries.join(", "))))
    }

    /// Whether an expression is a record of the target's schema, which CEL goes over only as a map.
    pub(super) fn is_record(&self, expr: &'e Expr) -> bool {
        matches!(self.schema(expr).map(peeled), Some(Schema::Record(_)))
    }

    /// The place that an expression is, where it is a variable of the target.
    #[must_use]
    pub fn place_of(&self, expr: &'e Expr) -> Option<Place<'e>> {
        match &expr.kind {
            ExprKind::Param(name) => self.names.param(name),
            ExprKind::Local(local) => match self.frame.get(local.slot as usize) {
                Some(Slot::Place(place)) => Some(place.clone()),
                _ => None,
            },
            _ => None,
        }
    }
}
