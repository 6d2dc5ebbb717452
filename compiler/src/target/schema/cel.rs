//! Rules on parameters as CEL of the API server: an expression over the value
//! itself, or over the parameters of an instance.
//!
//! A duration or quantity is text (or a number) in an object; where a rule reads
//! one, it is converted.

use std::fmt::Write as _;

use smol_str::SmolStr;

use super::openapi::{ROOT, SELF};
use crate::expr::{BinaryOp, Coercion, Comprehension, Expr, ExprKind, Item, Local, MacroOp, Repr, UnaryOp};
use crate::ir::Composite;
use crate::library;
use crate::units;
use crate::value::Value;

/// How many `let`s are written in the place of their names, one in the other.
const MAX_LETS: usize = 16;

/// A rule, written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The text, with [`SELF`] for what it is a rule on.
    pub text: String,
    /// The places, from [`SELF`] on, that macros in it go over.
    pub loops: Vec<Vec<SmolStr>>,
    /// It reads the instance's own name, so that it must stand at the root.
    pub root: bool,
}

/// Writes expressions.
pub struct Writer<'a> {
    /// What slot 0 is called, in a rule of a type.
    pub it: Option<&'a str>,
    /// The composite whose parameters are fields of [`SELF`].
    pub composite: Option<&'a Composite>,
    /// The variables that are bound, and their texts.
    bound: Vec<(u32, String)>,
    lets: usize,
    loops: Vec<Vec<SmolStr>>,
    root: bool,
}

/// Why an expression cannot be written: what the API server lacks.
pub type Lacks = String;

/// The rule of a type, over the value.
///
/// # Errors
/// What the API server has no form for.
pub fn of_type(rule: &Expr) -> Result<Written, Lacks> {
    Writer { it: Some(SELF), composite: None, bound: Vec::new(), lets: 0, loops: Vec::new(), root: false }.whole(rule)
}

/// A condition over the parameters of a composite.
///
/// # Errors
/// What the API server has no form for.
pub fn of_params(condition: &Expr, composite: &Composite) -> Result<Written, Lacks> {
    Writer { it: None, composite: Some(composite), bound: Vec::new(), lets: 0, loops: Vec::new(), root: false }
        .whole(condition)
}

/// The name of a field as CEL writes it; `None` where CEL cannot name it
/// (apiserver, pkg/cel/escaping.go).
#[must_use]
pub fn escape(name: &str) -> Option<String> {
    const RESERVED: &[&str] = &[
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ];
    if RESERVED.contains(&name) {
        return Some(format!("__{name}__"));
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let escaped = name.replace("__", "__underscores__");
    let mut out = String::new();
    for c in escaped.chars() {
        match c {
            '.' => out.push_str("__dot__"),
            '-' => out.push_str("__dash__"),
            '/' => out.push_str("__slash__"),
            c if c.is_ascii_alphanumeric() || c == '_' => out.push(c),
            _ => return None,
        }
    }
    Some(out)
}

/// A text as a literal of CEL.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// A known value as CEL.
///
/// # Errors
/// For what has no literal.
pub fn literal(value: &Value) -> Result<String, Lacks> {
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Uint(n) => format!("{n}u"),
        Value::Float(f) if f.is_finite() => format!("{f:?}"),
        Value::String(text) => quote(text),
        Value::Duration(d) => format!("duration({})", quote(&units::format_duration(*d))),
        Value::Timestamp(t) => format!("timestamp({})", quote(&units::format_timestamp(*t))),
        Value::Quantity(q) => format!("quantity({})", quote(&q.to_string())),
        Value::List(items) => {
            format!("[{}]", items.iter().map(literal).collect::<Result<Vec<_>, _>>()?.join(", "))
        }
        Value::Map(map) => {
            let entry = |(key, value): (&crate::value::Key, &Value)| {
                let key = key.as_str().ok_or("a map with keys that are no text")?;
                Ok::<_, Lacks>(format!("{}: {}", quote(key), literal(value)?))
            };
            format!("{{{}}}", map.iter().map(entry).collect::<Result<Vec<_>, _>>()?.join(", "))
        }
        _ => return Err("a value of this type".to_owned()),
    })
}

impl Writer<'_> {
    fn whole(mut self, expr: &Expr) -> Result<Written, Lacks> {
        let text = self.expr(expr)?;
        Ok(Written { text, loops: self.loops, root: self.root })
    }

    /// The text of an expression, in brackets where an operator stands outermost.
    fn expr(&mut self, expr: &Expr) -> Result<String, Lacks> {
        match &expr.kind {
            ExprKind::Const(value) => literal(value),
            ExprKind::Local(_) | ExprKind::Param(_) | ExprKind::Field { .. } | ExprKind::Index { .. } => {
                Ok(converted(self.place(expr)?, expr.repr))
            }
            ExprKind::Binding(name) => self.binding(name),
            ExprKind::Has(part) => self.has(part),
            ExprKind::Unary(UnaryOp::Not, of) => Ok(format!("!{}", self.expr(of)?)),
            ExprKind::Unary(UnaryOp::Neg, of) => Ok(format!("(-{})", self.expr(of)?)),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::Cond(condition, then, otherwise) => {
                let parts = [condition, then, otherwise].map(|e| self.expr(e));
                let [condition, then, otherwise] = parts;
                Ok(format!("({} ? {} : {})", condition?, then?, otherwise?))
            }
            ExprKind::Match { subject, arms, default } => self.choice(subject, arms, default.as_deref()),
            ExprKind::Call(name, args) => self.call(name, args),
            ExprKind::Let(local, value, body) => {
                let value = self.expr(value)?;
                self.bound.push((local.slot, value));
                let body = self.expr(body);
                self.bound.pop();
                body
            }
            ExprKind::List(items) => {
                let item = |item: &Item| match item {
                    Item::Value(value) => self.expr(value),
                    _ => Err("a list made by `if`, `for` or `...`".to_owned()),
                };
                Ok(format!("[{}]", items.iter().map(item).collect::<Result<Vec<_>, _>>()?.join(", ")))
            }
            ExprKind::Concat(pieces) => self.concat(pieces),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Coerce(Coercion::Float, of) => Ok(format!("double({})", self.expr(of)?)),
            ExprKind::Coerce(to, of) if of.repr == to.repr() || of.repr == Repr::Dyn => self.expr(of),
            ExprKind::Refine(refine) => self.expr(&refine.value),
            ExprKind::Instance | ExprKind::Resource(_) => Err("what an instance consists of".to_owned()),
            ExprKind::Global(_) | ExprKind::CallFn(..) => Err("a function of the language".to_owned()),
            ExprKind::Object(_) => Err("an object that is made".to_owned()),
            ExprKind::Coerce(..) => Err("a conversion".to_owned()),
        }
    }

    /// A place in the object, as it stands there.
    fn place(&mut self, expr: &Expr) -> Result<String, Lacks> {
        match &expr.kind {
            ExprKind::Local(local) => self.local(local),
            ExprKind::Param(name) => match self.composite {
                Some(_) => Ok(format!("{SELF}.{}", escape(name).ok_or("a field of this name")?)),
                None => Err("a parameter".to_owned()),
            },
            ExprKind::Field { base, name, .. } if matches!(base.kind, ExprKind::Instance) => {
                if name != "name" {
                    return Err(format!("`self.{name}`"));
                }
                self.root = true;
                Ok(format!("{ROOT}.metadata.name"))
            }
            ExprKind::Field { base, name, .. } => {
                Ok(format!("{}.{}", self.place(base)?, escape(name).ok_or("a field of this name")?))
            }
            ExprKind::Index { base, index, .. } => {
                let base = self.place(base)?;
                Ok(format!("{base}[{}]", self.expr(index)?))
            }
            _ => self.expr(expr),
        }
    }

    fn local(&self, local: &Local) -> Result<String, Lacks> {
        if let Some((_, text)) = self.bound.iter().rev().find(|(slot, _)| *slot == local.slot) {
            return Ok(text.clone());
        }
        match self.it {
            Some(it) if local.slot == 0 => Ok(it.to_owned()),
            _ => Err("a variable".to_owned()),
        }
    }

    fn binding(&mut self, name: &str) -> Result<String, Lacks> {
        let composite = self.composite.ok_or("a `let` of a composite")?;
        let value = composite.bindings.iter().find(|b| b.name == name).map(|b| &b.value);
        let value = value.ok_or("a `let` of a composite")?;
        if self.lets >= MAX_LETS {
            return Err("so many `let`s in each other".to_owned());
        }
        self.lets += 1;
        let text = self.expr(value);
        self.lets -= 1;
        text
    }

    fn has(&mut self, part: &Expr) -> Result<String, Lacks> {
        match &part.kind {
            ExprKind::Field { .. } | ExprKind::Param(_) => Ok(format!("has({})", self.place(part)?)),
            ExprKind::Index { base, index, .. } => {
                let base = self.place(base)?;
                Ok(format!("({} in {base})", self.expr(index)?))
            }
            _ => Err("`has` of this".to_owned()),
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Result<String, Lacks> {
        if op == BinaryOp::Coalesce {
            let has = self.has(left)?;
            return Ok(format!("({has} ? {} : {})", self.expr(left)?, self.expr(right)?));
        }
        let quantity = left.repr == Repr::Quantity || right.repr == Repr::Quantity;
        let (a, b) = (self.expr(left)?, self.expr(right)?);
        if quantity && matches!(left.repr, Repr::Quantity) && matches!(right.repr, Repr::Quantity) {
            let order = |sign: &str| format!("({a}.compareTo({b}) {sign} 0)");
            return Ok(match op {
                BinaryOp::Lt => order("<"),
                BinaryOp::Le => order("<="),
                BinaryOp::Gt => order(">"),
                BinaryOp::Ge => order(">="),
                BinaryOp::Eq => order("=="),
                BinaryOp::Ne => order("!="),
                BinaryOp::Add => format!("{a}.add({b})"),
                BinaryOp::Sub => format!("{a}.sub({b})"),
                _ => return Err("this operator on quantities".to_owned()),
            });
        }
        if quantity {
            return Err("this operator on a quantity".to_owned());
        }
        Ok(format!("({a} {} {b})", op.symbol()))
    }

    fn choice(&mut self, subject: &Expr, arms: &[(Vec<Value>, Expr)], default: Option<&Expr>) -> Result<String, Lacks> {
        let subject = self.expr(subject)?;
        let mut texts = Vec::new();
        for (patterns, value) in arms {
            let test = format!("({subject} in {})", literal(&Value::list(patterns.clone()))?);
            texts.push((test, self.expr(value)?));
        }
        let mut out = match default {
            Some(default) => self.expr(default)?,
            None => texts.pop().map(|(_, value)| value).ok_or("a match without arms")?,
        };
        for (test, value) in texts.iter().rev() {
            out = format!("({test} ? {value} : {out})");
        }
        Ok(out)
    }

    /// A function of the library that the API server has, too.
    fn call(&mut self, name: &str, args: &[Expr]) -> Result<String, Lacks> {
        let texts = args.iter().map(|arg| self.expr(arg)).collect::<Result<Vec<_>, _>>()?;
        if library::find(name).is_none() {
            return Err(format!("`{name}`"));
        }
        Ok(match (CALLED_ON.contains(&name), texts.split_first()) {
            (true, Some((first, rest))) => format!("{first}.{name}({})", rest.join(", ")),
            _ if CALLED.contains(&name) => format!("{name}({})", texts.join(", ")),
            _ => return Err(format!("`{name}`")),
        })
    }

    fn concat(&mut self, pieces: &[Expr]) -> Result<String, Lacks> {
        let piece = |piece: &Expr| match piece.repr {
            Repr::String => self.expr(piece),
            Repr::Int | Repr::Uint | Repr::Bool => Ok(format!("string({})", self.expr(piece)?)),
            // As it stands in the object, not in the canonical form.
            Repr::Quantity | Repr::Duration if !matches!(piece.kind, ExprKind::Call(..)) => {
                Ok(format!("string({})", self.place(piece)?))
            }
            _ => Err("this in a text".to_owned()),
        };
        let texts = pieces.iter().map(piece).collect::<Result<Vec<_>, _>>()?;
        Ok(format!("({})", texts.join(" + ")))
    }

    fn comprehension(&mut self, c: &Comprehension) -> Result<String, Lacks> {
        let name = match c.op {
            MacroOp::All => "all",
            MacroOp::Exists => "exists",
            MacroOp::ExistsOne => "exists_one",
            MacroOp::Filter => "filter",
            MacroOp::Map => "map",
            _ => return Err("this macro".to_owned()),
        };
        if c.second.is_some() {
            return Err("a macro with two variables".to_owned());
        }
        self.loops.extend(path(&c.range));
        let range = self.place(&c.range)?;
        let variable = format!("v{}", c.first.slot);
        self.bound.push((c.first.slot, variable.clone()));
        let filter = c.filter.as_ref().map(|filter| self.expr(filter)).transpose();
        let body = self.expr(&c.body);
        self.bound.pop();
        let parts: Vec<String> = [Some(variable), filter?, Some(body?)].into_iter().flatten().collect();
        Ok(format!("{range}.{name}({})", parts.join(", ")))
    }
}

/// The fields that lead to a place.
fn path(expr: &Expr) -> Option<Vec<SmolStr>> {
    match &expr.kind {
        ExprKind::Local(local) if local.slot == 0 => Some(Vec::new()),
        ExprKind::Param(name) => Some(vec![name.clone()]),
        ExprKind::Field { base, name, .. } => {
            let mut way = path(base)?;
            way.push(name.clone());
            Some(way)
        }
        _ => None,
    }
}

/// What stands in an object, as the rule takes it.
fn converted(place: String, repr: Repr) -> String {
    match repr {
        // Days, which CEL's `duration` does not know, stand first and are whole: see
        // `super::DURATION_OF_RULES`. By way of times, since the API server takes a text
        // that is made of a number to be endless.
        Repr::Duration => format!(
            "({place}.contains('d') ? timestamp(int({place}.find('[0-9]+')) * 86400) - timestamp(0) + \
             duration({place}.substring({place}.indexOf('d') + 1) + '0s') : duration({place}))"
        ),
        Repr::Quantity => format!("quantity(string({place}))"),
        _ => place,
    }
}

/// Functions that are called on their first argument, in this and earlier versions.
const CALLED_ON: &[&str] = &[
    "contains",
    "endsWith",
    "startsWith",
    "matches",
    "size",
    "charAt",
    "indexOf",
    "lastIndexOf",
    "lowerAscii",
    "upperAscii",
    "replace",
    "split",
    "substring",
    "trim",
    "find",
    "findAll",
    "isSorted",
    "sum",
    "min",
    "max",
    "join",
    "getHost",
    "getHostname",
    "getPort",
    "getScheme",
    "getEscapedPath",
    "getQuery",
    "containsIP",
    "containsCIDR",
    "masked",
    "prefixLength",
    "family",
    "isCanonical",
    "isGlobalUnicast",
    "isLoopback",
    "isUnspecified",
    "isLinkLocalMulticast",
    "isLinkLocalUnicast",
    "asInteger",
    "asApproximateFloat",
    "isInteger",
    "sign",
    "getSeconds",
    "getMinutes",
    "getHours",
    "getMilliseconds",
];

/// Functions that are called by their name alone.
const CALLED: &[&str] = &[
    "isURL",
    "url",
    "isIP",
    "ip",
    "isCIDR",
    "cidr",
    "isQuantity",
    "quantity",
    "int",
    "double",
    "string",
    "duration",
    "timestamp",
];
