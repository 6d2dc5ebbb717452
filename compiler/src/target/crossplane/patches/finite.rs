//! Expressions over fields of which each has few values: a table of what they come
//! to, made by evaluating them for every one.

use smol_str::SmolStr;

use super::paths::Place;
use super::{Carried, Misfit, Piece, Scope, Source, construct, dotted, matching, plain, transform};
use crate::eval::{Evaluator, Fault, Host};
use crate::expr::{BinaryOp, Expr, ExprKind, Program};
use crate::ir::Composite;
use crate::target::schema::openapi::entries;
use crate::value::{Map, Value};

/// The most rows of a table.
const MOST: usize = 128;
/// The most values that an integer between two bounds has.
const MOST_WHOLE: i64 = 64;
/// Stands for every text that an expression does not compare with.
const OTHER: &str = "\u{1}any other";

/// A field that an expression reads.
struct Read {
    place: Place,
    values: Vec<Value>,
    /// There are other values, which all come to the same.
    open: bool,
    optional: bool,
}

impl<'a> Scope<'a> {
    /// An expression as a table.
    pub(super) fn table(&self, expr: &'a Expr) -> Result<Piece, Misfit> {
        let mut places = Vec::new();
        self.reads(expr, &mut places)?;
        let mut reads = Vec::new();
        for (place, span) in places {
            reads.push(self.read(expr, place).map_err(|what| Misfit::new(span, what))?);
        }
        let refused = |what: &str| Misfit::new(expr.span, construct(expr).unwrap_or_else(|| what.to_owned()));
        let rows = reads.iter().map(|read| read.values.len()).try_fold(1_usize, usize::checked_mul);
        if rows.is_none_or(|rows| rows > MOST) || reads.len() > 1 && reads.iter().any(|r| r.open || r.optional) {
            return Err(refused("a value of so many fields"));
        }
        let mut table = Vec::new();
        for row in rows_of(&reads) {
            match self.result(expr, &reads, &row) {
                // An instance for which it fails is refused: the table has no row for it.
                Err(fault) if fault.is_pending() => return Err(refused("a value that only a cluster knows")),
                Err(_) if reads.iter().any(|read| read.open) => return Err(refused("a value that may fail")),
                Err(_) => {}
                Ok(Value::Absent) => return Err(Misfit { absent: true, ..refused("a value that may be missing") }),
                Ok(value) => table.push((row, plain(&value))),
            }
        }
        let none = match reads.as_slice() {
            [read] if read.optional => match self.result(expr, &reads, &[Value::Absent]) {
                Ok(value) => plain(&value),
                Err(_) => return Err(refused("a value that may fail")),
            },
            _ => Value::Absent,
        };
        let Some((_, first)) = table.first() else { return Err(refused("a value that always fails")) };
        if reads.is_empty() {
            return Ok(Piece::Known(first.clone()));
        }
        let carried = carried(&reads, table).ok_or_else(|| refused("a value of such fields"))?;
        Ok(Piece::Patched(carried, none))
    }

    /// The fields that an expression reads, each as far as it goes.
    fn reads(&self, expr: &'a Expr, found: &mut Vec<(Place, crate::source::Span)>) -> Result<(), Misfit> {
        if let Some(place) = self.place(expr) {
            if !found.iter().any(|(other, _)| *other == place) {
                found.push((place, expr.span));
            }
            return Ok(());
        }
        let refused = || Misfit::new(expr.span, construct(expr).unwrap_or_else(|| "this value".to_owned()));
        match &expr.kind {
            ExprKind::Resource(_) | ExprKind::Instance | ExprKind::Global(_) | ExprKind::CallFn(..) => Err(refused()),
            ExprKind::Binding(_) | ExprKind::Local(_) => match self.meaning(expr) {
                Some((scope, meaning)) => scope.reads(meaning, found),
                // A variable of the expression itself.
                None => Ok(()),
            },
            ExprKind::Let(local, value, inner) => {
                self.reads(value, found)?;
                self.with(local, value).reads(inner, found)
            }
            _ => {
                let mut result = Ok(());
                expr.parts(&mut |part| {
                    if result.is_ok() {
                        result = self.reads(part, found);
                    }
                });
                result
            }
        }
    }

    fn read(&self, expr: &'a Expr, place: Place) -> Result<Read, String> {
        let name = dotted(&place.path);
        let kind = self.kind(&place).ok_or_else(|| format!("`{name}`, which the API server does not fill in"))?;
        let optional = kind.optional;
        let level = self.level(&place);
        let whole = level.and_then(|level| match (&level.minimum, &level.maximum) {
            (Some(Value::Int(min)), Some(Value::Int(max))) if !level.above && !level.below => {
                max.checked_sub(*min).is_some_and(|n| n < MOST_WHOLE).then(|| (*min..=*max).map(Value::Int).collect())
            }
            _ => None,
        });
        let words = level.filter(|level| !level.one_of.is_empty()).map(|level| level.one_of.clone());
        let truth = level.filter(|level| level.ty == Some("boolean")).map(|_| [false, true].map(Value::Bool).to_vec());
        if let Some(values) = words.or(whole).or(truth)
            && level.is_some_and(|level| !level.nullable)
        {
            return Ok(Read { place, values, open: false, optional });
        }
        let mut compared = Vec::new();
        if place.text().is_some()
            && kind.schemas.iter().all(|schema| is_text(schema))
            && self.only_compared(expr, &place, &mut compared)
        {
            let mut values: Vec<Value> = Vec::new();
            for text in compared.into_iter().chain([SmolStr::new(OTHER)]) {
                let value = Value::str(&text);
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            return Ok(Read { place, values, open: true, optional });
        }
        Err(format!("a computation with `{name}`, which may have too many values for a table"))
    }

    /// Whether a text is used for nothing but comparison with known ones, and with which.
    fn only_compared(&self, expr: &'a Expr, place: &Place, found: &mut Vec<SmolStr>) -> bool {
        let is_it = |e: &'a Expr| self.place(e).is_some_and(|other| other == *place);
        match &expr.kind {
            ExprKind::Binary(BinaryOp::Eq | BinaryOp::Ne | BinaryOp::In, left, right) if is_it(left) => {
                right.known().is_some_and(|known| texts(known, found))
            }
            ExprKind::Binary(BinaryOp::Eq | BinaryOp::Ne, left, right) if is_it(right) => {
                left.known().is_some_and(|known| texts(known, found))
            }
            ExprKind::Has(inner) if is_it(inner) => true,
            ExprKind::Match { subject, arms, default } if is_it(subject) => {
                arms.iter().flat_map(|(patterns, _)| patterns).all(|pattern| texts(pattern, found))
                    && arms
                        .iter()
                        .map(|(_, e)| e)
                        .chain(default.as_deref())
                        .all(|e| self.only_compared(e, place, found))
            }
            _ if is_it(expr) => false,
            ExprKind::Binding(_) | ExprKind::Local(_) => match self.meaning(expr) {
                Some((scope, meaning)) => scope.only_compared(meaning, place, found),
                None => true,
            },
            ExprKind::Let(local, value, inner) => {
                self.only_compared(value, place, found) && self.with(local, value).only_compared(inner, place, found)
            }
            _ => {
                let mut only = true;
                expr.parts(&mut |part| only = only && self.only_compared(part, place, found));
                only
            }
        }
    }

    fn result(&self, expr: &Expr, reads: &[Read], row: &[Value]) -> Result<Value, Fault> {
        let mut whole = expr.clone();
        for (local, value) in self.locals.iter().rev() {
            let (repr, span) = (whole.repr, whole.span);
            whole = Expr::new(ExprKind::Let(local.clone(), Box::new((*value).clone()), Box::new(whole)), repr, span);
        }
        let program = Program::default();
        let given = Given { composite: self.composite, program: &program, reads, row, claimed: self.claimed };
        Evaluator::new(&program, &given).eval(&whole)
    }
}

/// The texts of a value that is one or a list of them.
fn texts(value: &Value, found: &mut Vec<SmolStr>) -> bool {
    match value {
        Value::String(text) => found.push(SmolStr::new(text)),
        Value::List(items) if items.iter().all(|item| item.as_str().is_some()) => {
            found.extend(items.iter().filter_map(Value::as_str).map(SmolStr::new));
        }
        _ => return false,
    }
    true
}

fn is_text(schema: &crate::ir::Schema) -> bool {
    match schema {
        crate::ir::Schema::Rule(rule) => is_text(&rule.base),
        crate::ir::Schema::String => true,
        _ => false,
    }
}

/// Every choice of one value of each field.
fn rows_of(reads: &[Read]) -> Vec<Vec<Value>> {
    let mut rows = vec![Vec::new()];
    for read in reads {
        let longer = |row: &Vec<Value>| {
            let row = row.clone();
            read.values.iter().map(move |value| row.iter().cloned().chain([value.clone()]).collect())
        };
        rows = rows.iter().flat_map(longer).collect();
    }
    rows
}

/// The patch that looks a result up.
fn carried(reads: &[Read], table: Vec<(Vec<Value>, Value)>) -> Option<Carried> {
    let word = |value: &Value| match value {
        Value::String(text) => Some(text.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    let results: Vec<Value> = table.iter().map(|(_, result)| result.clone()).collect();
    if let [read] = reads {
        let mut transforms = Vec::new();
        if read.values.iter().any(|value| !matches!(value, Value::String(_))) {
            transforms.push(transform("convert", entries([("toType", Value::str("string"))])));
        }
        let (mut pairs, mut patterns, mut other) = (Map::default(), Vec::new(), None);
        for (row, result) in table {
            let [key] = row.as_slice() else { return None };
            match word(key)? {
                key if key == OTHER => other = Some(result),
                key => {
                    patterns.push((key.clone(), result.clone()));
                    pairs.insert(key.as_str(), result);
                }
            }
        }
        transforms.push(match (read.open, other) {
            (true, Some(other)) => matching(patterns, other),
            (true, None) => return None,
            (false, _) => transform("map", Value::map(pairs)),
        });
        let source = Source::Field(read.place.text()?);
        return Some(Carried { source, transforms, optional: read.optional, results });
    }
    let mut pairs = Map::default();
    for (row, result) in table {
        let words: Option<Vec<String>> = row.iter().map(word).collect();
        let key = words?.join("|");
        if pairs.get(key.as_str()).is_some() {
            return None;
        }
        pairs.insert(key.as_str(), result);
    }
    // `%v` prints texts, truths and small numbers as they are.
    let small = |value: &Value| !matches!(value, Value::Int(n) if n.abs() >= 1_000_000);
    if !reads.iter().flat_map(|read| &read.values).all(small) {
        return None;
    }
    let fields: Option<Vec<String>> = reads.iter().map(|read| read.place.text()).collect();
    let format = vec!["%v"; reads.len()].join("|");
    let source = Source::Combined { format, fields: fields? };
    Some(Carried { source, transforms: vec![transform("map", Value::map(pairs))], optional: false, results })
}

/// An instance of which only some fields are known, since only they are read.
struct Given<'a> {
    composite: &'a Composite,
    program: &'a Program,
    reads: &'a [Read],
    row: &'a [Value],
    claimed: bool,
}

impl Given<'_> {
    fn below(&self, path: &[&str]) -> Value {
        let mut found = Value::Absent;
        for (read, value) in self.reads.iter().zip(self.row) {
            let starts = read.place.path.iter().zip(path).all(|(a, b)| a == b) && read.place.path.len() >= path.len();
            if starts {
                put(&mut found, read.place.path.get(path.len()..).unwrap_or_default(), value);
            }
        }
        found
    }
}

fn put(into: &mut Value, path: &[SmolStr], value: &Value) {
    let Some((first, rest)) = path.split_first() else {
        *into = value.clone();
        return;
    };
    let mut map = into.as_map().cloned().unwrap_or_default();
    let mut inner = map.get(first).cloned().unwrap_or_default();
    put(&mut inner, rest, value);
    if !matches!(inner, Value::Absent) {
        map.insert(first.clone(), inner);
    }
    *into = Value::map(map);
}

impl Host for Given<'_> {
    fn param(&self, name: &str) -> Option<Value> {
        Some(self.below(&["spec", name])).filter(|value| !matches!(value, Value::Absent))
    }

    fn instance(&self) -> Value {
        self.below(if self.claimed { &["spec", "claimRef"] } else { &["metadata"] })
    }

    fn resource(&self, name: &str) -> Result<Value, Fault> {
        Err(Fault::pending(format!("`{name}` is not known here")))
    }

    fn binding(&self, name: &str) -> Result<Value, Fault> {
        match self.composite.bindings.iter().find(|binding| binding.name == name) {
            Some(binding) => Evaluator::new(self.program, self).eval(&binding.value),
            None => Err(Fault::error(format!("`{name}` is not known here"))),
        }
    }
}
