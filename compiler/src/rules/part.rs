//! One view of an object for the rules, whether it is finished (a [`Value`] of
//! an instance) or a composite's (an [`Expr`], of which only some is known).

use crate::expr::{Entry, Expr, ExprKind, Item};
use crate::instantiate::Segment;
use crate::source::Span;
use crate::units::Quantity;
use crate::value::Value;

/// A part of an object, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    /// A known value, and where a constant of a composite has it.
    Value(&'a Value, Option<Span>),
    /// An expression of a composite that is no constant.
    Expr(&'a Expr),
    /// It may or may not be there.
    Unknown,
    /// It is certainly not there; `null` counts as that, as it does for the API server.
    Absent,
}

/// The items of a list.
#[derive(Debug)]
pub(crate) struct Items<'a> {
    /// Those that are certainly there; each may itself be unknown.
    pub(crate) list: Vec<Part<'a>>,
    /// There are no others.
    pub(crate) complete: bool,
}

/// The entries of an object or map.
#[derive(Debug)]
pub(crate) struct Entries<'a> {
    /// Those that are written; one whose value may come to nothing is among them.
    pub(crate) list: Vec<(&'a str, Part<'a>)>,
    /// There are no others, and each is certainly there.
    pub(crate) complete: bool,
}

impl<'a> Part<'a> {
    /// A finished value.
    pub(crate) const fn of_value(value: &'a Value) -> Self {
        match value {
            Value::Absent | Value::Null => Self::Absent,
            other => Self::Value(other, None),
        }
    }

    /// An expression of a reduced composite.
    pub(crate) fn of_expr(expr: &'a Expr) -> Self {
        match &expr.kind {
            ExprKind::Const(Value::Absent | Value::Null) => Self::Absent,
            ExprKind::Const(value) => Self::Value(value, Some(expr.span)),
            ExprKind::Let(_, _, body) => Self::of_expr(body),
            ExprKind::Refine(refine) => Self::of_expr(&refine.value),
            ExprKind::Coerce(_, inner) => Self::of_expr(inner),
            _ => Self::Expr(expr),
        }
    }

    /// A field.
    pub(crate) fn get(self, name: &str) -> Self {
        match self {
            Self::Value(value, span) => match value.get(name) {
                None | Some(Value::Absent | Value::Null) => Self::Absent,
                Some(found) => Self::Value(found, span),
            },
            Self::Expr(expr) => match &expr.kind {
                ExprKind::Object(entries) => field(entries, name),
                _ => Self::Unknown,
            },
            Self::Unknown => Self::Unknown,
            Self::Absent => Self::Absent,
        }
    }

    /// The field at a path of names.
    pub(crate) fn at(self, path: &[&str]) -> Self {
        path.iter().fold(self, |part, name| part.get(name))
    }

    /// The items of a list; none where it is absent or no list.
    pub(crate) fn items(self) -> Items<'a> {
        let mut items = Items { list: Vec::new(), complete: true };
        items.add_all(self);
        items
    }

    /// The entries of an object or map; none where it is absent or no map.
    pub(crate) fn entries(self) -> Entries<'a> {
        let mut entries = Entries { list: Vec::new(), complete: true };
        entries.add_all(self);
        entries
    }

    /// The value, where it is known whole.
    pub(crate) const fn known(self) -> Option<&'a Value> {
        if let Self::Value(value, _) = self { Some(value) } else { None }
    }

    /// The text of a known string.
    pub(crate) fn str(self) -> Option<&'a str> {
        self.known()?.as_str()
    }

    /// A known integer.
    pub(crate) fn int(self) -> Option<i64> {
        match self.known()? {
            Value::Int(n) => Some(*n),
            Value::Uint(n) => i64::try_from(*n).ok(),
            _ => None,
        }
    }

    /// A known truth value.
    pub(crate) const fn bool(self) -> Option<bool> {
        if let Some(Value::Bool(b)) = self.known() { Some(*b) } else { None }
    }

    /// A known quantity, also where it is written as a string or number.
    pub(crate) fn quantity(self) -> Option<Quantity> {
        match self.known()? {
            Value::Quantity(quantity) => Some(Quantity::clone(quantity)),
            Value::String(text) => Quantity::parse(text).ok(),
            Value::Int(n) => Quantity::parse(&n.to_string()).ok(),
            _ => None,
        }
    }

    /// It is certainly not there.
    pub(crate) const fn is_absent(self) -> bool {
        matches!(self, Self::Absent)
    }

    /// It is certainly there, whatever its value.
    pub(crate) const fn is_present(self) -> bool {
        match self {
            Self::Value(..) => true,
            Self::Expr(expr) => {
                matches!(expr.kind, ExprKind::Object(_) | ExprKind::List(_) | ExprKind::Concat(_))
            }
            Self::Unknown | Self::Absent => false,
        }
    }
}

/// The last entry decides; one whose keys are not known may be it.
fn field<'a>(entries: &'a [Entry], name: &str) -> Part<'a> {
    for entry in entries.iter().rev() {
        match entry {
            Entry::Field(key, value) if key == name => return Part::of_expr(value),
            Entry::Field(..) => {}
            Entry::Spread(value) => match Part::of_expr(value) {
                Part::Absent => {}
                part @ Part::Value(..) => match part.get(name) {
                    Part::Absent => {}
                    found => return found,
                },
                _ => return Part::Unknown,
            },
            Entry::Computed(..) | Entry::If(..) | Entry::For(..) => return Part::Unknown,
        }
    }
    Part::Absent
}

impl<'a> Items<'a> {
    fn add_all(&mut self, part: Part<'a>) {
        match part {
            Part::Value(value, span) => {
                let items = value.as_list().unwrap_or_default();
                self.list.extend(items.iter().map(|item| Part::Value(item, span)));
            }
            Part::Expr(expr) => match &expr.kind {
                ExprKind::List(items) => items.iter().for_each(|item| self.add(item)),
                _ => self.complete = false,
            },
            Part::Unknown => self.complete = false,
            Part::Absent => {}
        }
    }

    fn add(&mut self, item: &'a Item) {
        match item {
            Item::Value(value) => match Part::of_expr(value) {
                Part::Absent => {}
                // It may come to nothing, and then is left out.
                part if !part.is_present() => self.complete = false,
                part => self.list.push(part),
            },
            Item::Spread(value) => self.add_all(Part::of_expr(value)),
            Item::If(..) | Item::For(..) => self.complete = false,
        }
    }
}

impl<'a> Entries<'a> {
    fn add_all(&mut self, part: Part<'a>) {
        match part {
            Part::Value(value, span) => {
                for (key, value) in value.as_map().into_iter().flat_map(|map| map.iter()) {
                    if let (Some(key), false) = (key.as_str(), matches!(value, Value::Absent | Value::Null)) {
                        self.list.push((key, Part::Value(value, span)));
                    }
                }
            }
            Part::Expr(expr) => match &expr.kind {
                ExprKind::Object(entries) => entries.iter().for_each(|entry| self.add(entry)),
                _ => self.complete = false,
            },
            Part::Unknown => self.complete = false,
            Part::Absent => {}
        }
    }

    fn add(&mut self, entry: &'a Entry) {
        match entry {
            Entry::Field(key, value) => match Part::of_expr(value) {
                Part::Absent => self.list.retain(|(k, _)| k != key),
                part => {
                    self.list.retain(|(k, _)| k != key);
                    if !part.is_present() {
                        self.complete = false;
                    }
                    self.list.push((key, part));
                }
            },
            Entry::Spread(value) => self.add_all(Part::of_expr(value)),
            Entry::Computed(..) | Entry::If(..) | Entry::For(..) => self.complete = false,
        }
    }
}

/// The path to a value inside a part, by the value's address; whether it was
/// found. A value that stands in two places was made in one, so that either
/// path leads there. Lists of which not all is known are not gone into.
pub(super) fn path_of(part: Part<'_>, value: &Value, path: &mut Vec<Segment>) -> bool {
    if part.known().is_some_and(|known| std::ptr::eq(known, value)) {
        return true;
    }
    let mut try_one = |segment: Segment, inner: Part<'_>| {
        path.push(segment);
        let found = path_of(inner, value, path);
        if !found {
            path.pop();
        }
        found
    };
    let items = part.items();
    if items.complete && items.list.into_iter().enumerate().any(|(index, inner)| try_one(Segment::Index(index), inner))
    {
        return true;
    }
    part.entries().list.into_iter().any(|(key, inner)| try_one(Segment::Field(key.into()), inner))
}
