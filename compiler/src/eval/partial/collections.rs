//! Lists, objects, loops and macros.

use super::forms::{known_item, made};
use super::walk::closed;
use super::{Bound, Folder, Out};
use crate::eval::Fault;
use crate::eval::build::in_order;
use crate::expr::{Comprehension, Entry, Expr, ExprKind, Item, Local, Loop, MacroOp};
use crate::value::{Key, Value};

/// A macro over a known list is written out up to this many elements.
const MAX_UNROLLED: usize = 64;

impl Folder<'_> {
    pub(super) fn fold_list(&mut self, items: &[Item], expr: &Expr) -> Result<Out, Fault> {
        let (mut folded, mut doom) = (Vec::with_capacity(items.len()), Vec::new());
        self.fold_items(items, &mut folded, &mut doom)?;
        let known = folded.iter().all(known_item);
        self.run_if(known, made(expr, ExprKind::List(folded)), doom)
    }

    fn fold_items(&mut self, items: &[Item], folded: &mut Vec<Item>, doom: &mut Vec<Fault>) -> Result<(), Fault> {
        for item in items {
            match item {
                Item::Value(expr) => {
                    let out = self.fold(expr)?;
                    doom.extend(out.doom);
                    if !absent(&out.expr) {
                        folded.push(Item::Value(out.expr));
                    }
                }
                Item::Spread(expr) => {
                    let out = self.fold(expr)?;
                    doom.extend(out.doom);
                    match out.expr.kind {
                        ExprKind::List(items) => folded.extend(items),
                        _ if absent(&out.expr) => {}
                        _ => folded.push(Item::Spread(out.expr)),
                    }
                }
                Item::If(condition, then, otherwise) => {
                    let condition = self.fold(condition)?;
                    if let Some(Value::Bool(holds)) = condition.expr.known() {
                        self.fold_items(if *holds { then } else { otherwise }, folded, doom)?;
                        continue;
                    }
                    doom.extend(condition.doom);
                    let (mut yes, mut no) = (Vec::new(), Vec::new());
                    self.fold_items(then, &mut yes, &mut Vec::new())?;
                    self.fold_items(otherwise, &mut no, &mut Vec::new())?;
                    folded.push(Item::If(condition.expr, yes, no));
                }
                Item::For(head, body) => {
                    let range = self.fold(&head.range)?;
                    if let Some(rounds) = rounds(&range.expr, head) {
                        for (first, second) in rounds {
                            self.round(head, first, second);
                            self.fold_items(body, folded, doom)?;
                        }
                        continue;
                    }
                    doom.extend(range.doom);
                    let head = self.head(head, range.expr);
                    let mut inner = Vec::new();
                    self.fold_items(body, &mut inner, &mut Vec::new())?;
                    folded.push(Item::For(head, inner));
                }
            }
        }
        Ok(())
    }

    pub(super) fn fold_object(&mut self, entries: &[Entry], expr: &Expr) -> Result<Out, Fault> {
        let (mut folded, mut doom) = (Vec::with_capacity(entries.len()), Vec::new());
        self.fold_entries(entries, &mut folded, &mut doom)?;
        let folded = self.splice(folded);
        let known = folded.iter().all(|entry| match entry {
            Entry::Field(_, value) | Entry::Spread(value) => value.known().is_some(),
            Entry::Computed(key, value) => key.known().is_some() && value.known().is_some(),
            Entry::If(..) | Entry::For(..) => false,
        });
        self.run_if(known, made(expr, ExprKind::Object(folded)), doom)
    }

    fn fold_entries(&mut self, entries: &[Entry], folded: &mut Vec<Entry>, doom: &mut Vec<Fault>) -> Result<(), Fault> {
        for entry in entries {
            match entry {
                Entry::Field(name, expr) => {
                    let out = self.fold(expr)?;
                    doom.extend(out.doom);
                    if !absent(&out.expr) {
                        folded.push(Entry::Field(name.clone(), out.expr));
                    }
                }
                Entry::Computed(key, expr) => {
                    let (key, out) = (self.fold(key)?, self.fold(expr)?);
                    doom.extend(key.doom);
                    doom.extend(out.doom);
                    folded.push(match key.expr.known() {
                        Some(Value::String(name)) => Entry::Field(name.clone(), out.expr),
                        _ => Entry::Computed(key.expr, out.expr),
                    });
                }
                Entry::Spread(expr) => {
                    let out = self.fold(expr)?;
                    doom.extend(out.doom);
                    if !absent(&out.expr) {
                        folded.push(Entry::Spread(out.expr));
                    }
                }
                Entry::If(condition, then, otherwise) => {
                    let condition = self.fold(condition)?;
                    if let Some(Value::Bool(holds)) = condition.expr.known() {
                        self.fold_entries(if *holds { then } else { otherwise }, folded, doom)?;
                        continue;
                    }
                    doom.extend(condition.doom);
                    let (mut yes, mut no) = (Vec::new(), Vec::new());
                    self.fold_entries(then, &mut yes, &mut Vec::new())?;
                    self.fold_entries(otherwise, &mut no, &mut Vec::new())?;
                    folded.push(Entry::If(condition.expr, yes, no));
                }
                Entry::For(head, body) => {
                    let range = self.fold(&head.range)?;
                    if let Some(rounds) = rounds(&range.expr, head) {
                        for (first, second) in rounds {
                            self.round(head, first, second);
                            self.fold_entries(body, folded, doom)?;
                        }
                        continue;
                    }
                    doom.extend(range.doom);
                    let head = self.head(head, range.expr);
                    let mut inner = Vec::new();
                    self.fold_entries(body, &mut inner, &mut Vec::new())?;
                    folded.push(Entry::For(head, inner));
                }
            }
        }
        Ok(())
    }

    /// Writes the entries of spread objects out, where no key comes twice and
    /// nothing is decided later: only then an entry is the same as a spread one.
    fn splice(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        if !entries.iter().any(|entry| matches!(entry, Entry::Spread(_))) {
            return entries;
        }
        let mut keys: Vec<&str> = Vec::new();
        for entry in &entries {
            match entry {
                Entry::Field(name, _) => keys.push(name),
                Entry::Spread(expr) => match self.plain_entries(expr) {
                    Some(inner) => keys.extend(inner.iter().filter_map(field_name)),
                    // It may bring any key, and may replace only what was spread.
                    None => return entries,
                },
                Entry::Computed(..) | Entry::If(..) | Entry::For(..) => return entries,
            }
        }
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        if keys.len() < count {
            return entries;
        }
        let mut spliced = Vec::with_capacity(count);
        for entry in entries {
            match &entry {
                Entry::Spread(expr) => match self.plain_entries(expr) {
                    Some(inner) => spliced.extend(inner.iter().cloned()),
                    None => spliced.push(entry),
                },
                _ => spliced.push(entry),
            }
        }
        self.nodes += spliced.len();
        spliced
    }

    /// The entries of an object whose making is in sight, if all are fields.
    fn plain_entries<'s>(&'s self, expr: &'s Expr) -> Option<&'s [Entry]> {
        let object = match &expr.kind {
            ExprKind::Local(local) => self.shapes.get(&local.slot)?,
            _ => expr,
        };
        let ExprKind::Object(entries) = &object.kind else { return None };
        entries.iter().all(|entry| matches!(entry, Entry::Field(..))).then_some(entries)
    }

    fn head(&mut self, head: &Loop, range: Expr) -> Loop {
        let (first, second) = self.variables(&head.first, head.second.as_ref(), &range);
        Loop { first, second, range: Box::new(range), sorted: head.sorted }
    }

    fn variables(&mut self, first: &Local, second: Option<&Local>, range: &Expr) -> (Local, Option<Local>) {
        (self.rename(first, range), second.map(|second| self.rename(second, range)))
    }

    fn round(&mut self, head: &Loop, first: Value, second: Option<Value>) {
        self.element(&head.first, first, &head.range);
        if let (Some(local), Some(value)) = (&head.second, second) {
            self.element(local, value, &head.range);
        }
    }

    fn element(&mut self, local: &Local, value: Value, range: &Expr) {
        let expr = Expr::constant(value, range.span);
        self.bind(local.slot, Bound { expr, doom: Vec::new() });
    }

    pub(super) fn fold_comprehension(&mut self, c: &Comprehension, expr: &Expr) -> Result<Out, Fault> {
        let range = self.fold(&c.range)?;
        let first_slot = self.next_slot;
        let (first, second) = self.variables(&c.first, c.second.as_ref(), &range.expr);
        let filter = match &c.filter {
            Some(filter) => Some(self.fold(filter)?.expr),
            None => None,
        };
        let body = self.fold(&c.body)?.expr;
        let known = range.expr.known().cloned();
        let folded = Comprehension { op: c.op, range: range.expr, first, second, filter, body };
        let folded = made(expr, ExprKind::Comprehension(Box::new(folded)));
        match known {
            Some(_) if closed(&folded, first_slot) => self.run(folded),
            Some(Value::List(items)) if c.op == MacroOp::Map && items.len() <= MAX_UNROLLED => {
                self.unroll(c, &items, expr)
            }
            _ => Ok(Out { expr: folded, doom: range.doom }),
        }
    }

    /// `[a, b].map(x, f(x))` is `[f(a), f(b)]`.
    fn unroll(&mut self, c: &Comprehension, items: &[Value], expr: &Expr) -> Result<Out, Fault> {
        let (mut folded, mut doom) = (Vec::with_capacity(items.len()), Vec::new());
        let each = match &c.filter {
            Some(filter) => Item::If(filter.clone(), vec![Item::Value(c.body.clone())], Vec::new()),
            None => Item::Value(c.body.clone()),
        };
        for (position, item) in items.iter().enumerate() {
            match &c.second {
                Some(second) => {
                    self.element(&c.first, Value::Int(position as i64), &c.range);
                    self.element(second, item.clone(), &c.range);
                }
                None => self.element(&c.first, item.clone(), &c.range),
            }
            self.fold_items(std::slice::from_ref(&each), &mut folded, &mut doom)?;
        }
        Ok(Out { expr: made(expr, ExprKind::List(folded)), doom })
    }
}

const fn absent(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Const(Value::Absent))
}

fn field_name(entry: &Entry) -> Option<&str> {
    if let Entry::Field(name, _) = entry { Some(name) } else { None }
}

/// What the variables of a loop are in each round, where its range is known.
fn rounds(range: &Expr, head: &Loop) -> Option<Vec<(Value, Option<Value>)>> {
    let two = head.second.is_some();
    match range.known()? {
        Value::List(items) if two => {
            Some(items.iter().enumerate().map(|(i, item)| (Value::Int(i as i64), Some(item.clone()))).collect())
        }
        Value::List(items) => Some(items.iter().map(|item| (item.clone(), None)).collect()),
        Value::Map(map) => {
            let key = |key: &Key| Value::from(key.clone());
            Some(in_order(map, head.sorted).into_iter().map(|(k, v)| (key(k), two.then(|| v.clone()))).collect())
        }
        _ => None,
    }
}
