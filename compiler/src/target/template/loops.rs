//! Loops and comprehensions. A template goes over a map by sorted key; a record is
//! gone over in the order of its type.

use super::value::NIL;
use super::{Bound, ELSEWHERE, Out, Writer, quoted, refused};
use crate::expr::{Comprehension, Entry, Expr, ExprKind, Local, Loop, MacroOp, Repr};
use crate::ir::{Node, Resource, Schema};
use crate::source::Span;
use crate::value::Value;
use smol_str::SmolStr;

/// What is done in a round.
type Round<'r, 'w> = &'r mut dyn FnMut(&mut Writer<'w>) -> Out<()>;

impl<'w> Writer<'w> {
    pub(super) fn each_round(&mut self, head: &Loop, body: Round<'_, 'w>) -> Out<()> {
        self.each(&head.range, &head.first, head.second.as_ref(), head.sorted, body)
    }

    /// Goes over a list, map or record with the variables bound.
    fn each(
        &mut self,
        range: &Expr,
        first: &Local,
        second: Option<&Local>,
        any_order: bool,
        body: Round<'_, 'w>,
    ) -> Out<()> {
        if let ExprKind::Resource(name) = &range.kind {
            return self.each_resource(range.span, name, first, second, body);
        }
        let keys = self.keys(range);
        let operand = self.operand(range)?;
        let absent = self.may_be_absent(range);
        let operand = if absent || keys.is_some() && !operand.starts_with('$') {
            self.variable("range", &operand)
        } else {
            operand
        };
        if absent {
            self.statement(&format!("if not (kindIs \"invalid\" {operand})"));
        }
        let item = self.shape(range).and_then(|shape| match shape {
            Schema::List(item) | Schema::Map(item) => Some(super::strip(&item).clone()),
            _ => None,
        });
        let outer = self.env.clone();
        let element =
            |text: &str| Bound::Operand { text: text.to_owned(), shape: item.clone(), raw: true, absent: false };
        match (range.repr, keys) {
            (Repr::List, _) => {
                let name = self.fresh(second.map_or(&first.name, |second| &second.name));
                match second {
                    Some(second) => {
                        let index = self.fresh(&first.name);
                        self.statement(&format!("range {index}, {name} := {operand}"));
                        self.bind_made(first, &index);
                        self.bind(second, element(&name));
                    }
                    None => {
                        self.statement(&format!("range {name} := {operand}"));
                        self.bind(first, element(&name));
                    }
                }
                body(self)?;
            }
            (Repr::Map, Some(keys)) => {
                let key = self.fresh(&first.name);
                let names: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
                self.statement(&format!("range {key} := list {}", names.join(" ")));
                self.statement(&format!("if hasKey {operand} {key}"));
                self.bind_made(first, &key);
                if let Some(second) = second {
                    let value = self.variable(&second.name, &format!("index {operand} {key}"));
                    self.bind(second, element(&value));
                }
                body(self)?;
                self.statement("end");
            }
            (Repr::Map, None) if any_order => {
                let key = self.fresh(&first.name);
                let value = match second {
                    Some(second) => self.fresh(&second.name),
                    None => "$_".to_owned(),
                };
                self.statement(&format!("range {key}, {value} := {operand}"));
                self.bind_made(first, &key);
                if let Some(second) = second {
                    self.bind(second, element(&value));
                }
                body(self)?;
            }
            (Repr::Map, None) => {
                return Err(refused(
                    range.span,
                    "a loop over a map in the order in which it is written",
                    "a `for` in a list or object goes by sorted key; use that",
                ));
            }
            _ => return Err(refused(range.span, "a loop over a value of unknown type", ELSEWHERE)),
        }
        self.statement("end");
        self.env = outer;
        if absent {
            self.statement("end");
        }
        Ok(())
    }

    /// The keys that a record may have, in the order of its type or as it is written.
    fn keys(&self, range: &Expr) -> Option<Vec<SmolStr>> {
        if let Some(literal) = self.literal(range) {
            return match &literal.kind {
                ExprKind::Const(Value::Map(map)) => {
                    Some(map.iter().filter_map(|(key, _)| key.as_str().map(SmolStr::new)).collect())
                }
                ExprKind::Object(entries) => written_keys(entries),
                _ => None,
            };
        }
        match self.shape(range)? {
            Schema::Record(fields) => Some(fields.iter().map(|field| field.name.clone()).collect()),
            _ => None,
        }
    }

    // Resources.

    /// Goes over the objects of a resource, as the loops round it make them.
    fn each_resource(
        &mut self,
        span: Span,
        name: &SmolStr,
        first: &Local,
        second: Option<&Local>,
        body: Round<'_, 'w>,
    ) -> Out<()> {
        let composite = self.composite;
        let Some(way) = way_to(&composite.nodes, name).filter(|_| second.is_none()) else {
            return Err(super::value::observed(span, name));
        };
        let outer = self.env.clone();
        self.along(&way, 0, &mut |writer| {
            writer.bind(first, Bound::Resource(name.clone()));
            body(writer)
        })?;
        self.env = outer;
        Ok(())
    }

    /// Writes loops, conditions and lets, and inside them what `body` writes.
    pub(crate) fn along(&mut self, way: &[Step<'_>], from: usize, body: Round<'_, 'w>) -> Out<()> {
        let Some(step) = way.get(from) else { return body(self) };
        match step {
            Step::Let(local, value) => {
                self.bind(local, Bound::Lazy(std::rc::Rc::new(Expr::clone(value))));
                self.along(way, from + 1, body)
            }
            Step::If(condition, holds) => {
                if let Some(certain) = self.certain(condition) {
                    return if certain == *holds { self.along(way, from + 1, body) } else { Ok(()) };
                }
                let operand = self.operand(condition)?;
                let head = if *holds {
                    format!("if {}", super::value::unwrapped(&operand))
                } else {
                    format!("if not {operand}")
                };
                self.around.push(condition.span);
                let result = self.block(&head, |writer| writer.along(way, from + 1, body));
                self.around.pop();
                result
            }
            Step::For(head) => {
                self.around.push(head.range.span);
                let result = self.each_round(head, &mut |writer| writer.along(way, from + 1, body));
                self.around.pop();
                result
            }
        }
    }

    /// What a resource writes at a path, where that is seen from here.
    pub(super) fn written(&mut self, name: &str, path: &[SmolStr], direct: bool, span: Span) -> Option<Expr> {
        let composite = self.composite;
        let resource = composite.resource(name).filter(|resource| !resource.external)?;
        let way = way_to(&composite.nodes, name)?;
        let keys = loop_keys(&composite.nodes, name)?;
        let heads = way.iter().filter_map(Step::place);
        // Each loop and condition round it is also round here.
        if direct && !heads.into_iter().all(|place| self.around.contains(&place)) {
            return None;
        }
        let mut found = resource.body.clone();
        for (index, field) in path.iter().enumerate() {
            found = match self.written_field(&found, field).map(std::borrow::Cow::into_owned) {
                Some(value) if value.known().is_none_or(|value| !matches!(value, Value::Absent)) => value,
                Some(_) if index == 1 && path.len() == 2 => return default_of(resource, &keys, path, span),
                _ if index == 0 && path.len() == 2 => return default_of(resource, &keys, path, span),
                _ => return None,
            };
        }
        Some(found)
    }

    // Macros.

    /// How many objects a resource or items a filter has.
    pub(super) fn count(&mut self, range: &Expr) -> Out<Option<String>> {
        if !matches!(range.kind, ExprKind::Resource(_)) {
            return Ok(None);
        }
        let count = self.variable("count", "0");
        let local = Local { slot: u32::MAX, name: "each".into() };
        self.each(range, &local, None, true, &mut |writer| {
            writer.statement(&format!("{count} = add {count} 1"));
            Ok(())
        })?;
        Ok(Some(format!("(int64 {count})")))
    }

    pub(super) fn comprehension(&mut self, whole: &Expr, c: &Comprehension) -> Out<String> {
        let (hint, start, any_order) = match c.op {
            MacroOp::All => ("all", "true", true),
            MacroOp::Exists => ("found", "false", true),
            MacroOp::ExistsOne => ("count", "0", true),
            MacroOp::Filter | MacroOp::Map => ("list", "list", false),
            MacroOp::TransformMap | MacroOp::TransformMapEntry => ("object", "dict", true),
            MacroOp::SortBy => {
                return Err(refused(whole.span, "`sortBy`", "write the list in its order, or let the instance do so"));
            }
        };
        let result = self.variable(hint, start);
        let outcome = result.clone();
        self.each(&c.range, &c.first, c.second.as_ref(), any_order, &mut |writer| {
            if let Some(filter) = &c.filter {
                let condition = writer.operand(filter)?;
                let head = format!("if {}", super::value::unwrapped(&condition));
                return writer.block(&head, |writer| writer.macro_round(c, &outcome));
            }
            writer.macro_round(c, &outcome)
        })?;
        Ok(if c.op == MacroOp::ExistsOne { format!("(eq {result} 1)") } else { result })
    }

    fn macro_round(&mut self, c: &Comprehension, result: &str) -> Out<()> {
        let operand = self.operand(&c.body)?;
        let condition = super::value::unwrapped(&operand).to_owned();
        match c.op {
            MacroOp::All => self.statement(&format!("if not {operand} }}}}{{{{ {result} = false }}}}{{{{ end")),
            MacroOp::Exists => self.statement(&format!("if {condition} }}}}{{{{ {result} = true }}}}{{{{ end")),
            MacroOp::ExistsOne => {
                self.statement(&format!("if {condition} }}}}{{{{ {result} = add1 {result} }}}}{{{{ end"));
            }
            MacroOp::Filter => {
                let element = match self.env.get(&c.second.as_ref().unwrap_or(&c.first).slot) {
                    Some(Bound::Operand { text, .. }) => text.clone(),
                    _ => return Err(refused(c.range.span, "a list of objects", ELSEWHERE)),
                };
                self.statement(&format!("if {condition} }}}}{{{{ {result} = append {result} {element} }}}}{{{{ end"));
            }
            MacroOp::Map => {
                let append = |operand: &str| format!("{result} = append {result} {operand}");
                self.there(&c.body, &operand, &append);
            }
            MacroOp::TransformMap => {
                let key = match self.env.get(&c.first.slot) {
                    Some(Bound::Operand { text, .. }) if c.range.repr == Repr::Map => text.clone(),
                    _ => return Err(refused(c.range.span, "a map with numbers as keys", ELSEWHERE)),
                };
                self.there(&c.body, &operand, &|operand| format!("$_ := set {result} {key} {operand}"));
            }
            MacroOp::TransformMapEntry => {
                let (key, value) = (self.fresh("key"), self.fresh("value"));
                self.statement(&format!("range {key}, {value} := {operand}"));
                let fail = format!("fail (printf \"the key `%s` is given twice\" {key})");
                self.statement(&format!("if hasKey {result} {key} }}}}{{{{ {fail} }}}}{{{{ end"));
                self.statement(&format!("$_ := set {result} {key} {value}"));
                self.statement("end");
            }
            MacroOp::SortBy => {}
        }
        Ok(())
    }

    fn there(&mut self, value: &Expr, operand: &str, statement: &dyn Fn(&str) -> String) {
        if !self.may_be_absent(value) {
            self.statement(&statement(operand));
            return;
        }
        let text = self.variable("value", operand);
        self.statement(&format!("if not (kindIs \"invalid\" {text})"));
        self.statement(&statement(&text));
        self.statement("end");
    }

    /// Completes a value of the values: defaults filled in, units in canonical form.
    pub(crate) fn completed(&mut self, schema: &Schema, operand: &str, span: Span) -> Out<String> {
        let schema = super::strip(schema);
        if is_as_given(schema) {
            return Ok(operand.to_owned());
        }
        match schema {
            Schema::Duration | Schema::Quantity => Ok(self.unit(schema, operand)),
            Schema::Literal(value) => super::value::literal(value, span),
            Schema::List(item) => {
                let (list, each) = (self.variable("list", "list"), self.fresh("item"));
                self.statement(&format!("range {each} := {operand}"));
                let made = self.completed(item, &each, span)?;
                self.statement(&format!("{list} = append {list} {made}"));
                self.statement("end");
                Ok(list)
            }
            Schema::Map(value) => {
                let (map, key, each) = (self.variable("map", "dict"), self.fresh("key"), self.fresh("item"));
                self.statement(&format!("range {key}, {each} := {operand}"));
                let made = self.completed(value, &each, span)?;
                self.statement(&format!("$_ := set {map} {key} {made}"));
                self.statement("end");
                Ok(map)
            }
            Schema::Record(fields) => {
                let record = self.variable("record", "dict");
                for field in fields {
                    let value = self.variable(&field.name, &format!("index {operand} {}", quoted(&field.name)));
                    self.statement(&format!("if not (kindIs \"invalid\" {value})"));
                    let made = self.completed(&field.schema, &value, span)?;
                    self.statement(&format!("$_ := set {record} {} {made}", quoted(&field.name)));
                    if let Some(default) = &field.default {
                        self.statement("else");
                        let default = self.operand(default)?;
                        self.statement(&format!("$_ := set {record} {} {default}", quoted(&field.name)));
                    }
                    self.statement("end");
                }
                Ok(record)
            }
            Schema::Union(members) => self.member_completed(members, operand, span),
            _ => Ok(operand.to_owned()),
        }
    }

    fn member_completed(&mut self, members: &[Schema], operand: &str, span: Span) -> Out<String> {
        let result = self.variable("value", NIL);
        for (index, member) in members.iter().enumerate() {
            let Some(test) = test_of(member, operand, span) else {
                return Err(refused(span, "a union whose members no field tells apart", ELSEWHERE));
            };
            self.statement(&format!("{} {test}", if index == 0 { "if" } else { "else if" }));
            let made = self.completed(member, operand, span)?;
            self.statement(&format!("{result} = {made}"));
        }
        self.statement("else");
        self.statement("fail \"a value fits no member of its type\"");
        self.statement("end");
        Ok(result)
    }
}

/// Whether a value of a schema is already as it is to be.
fn is_as_given(schema: &Schema) -> bool {
    !super::holds_units(schema)
        && match super::strip(schema) {
            Schema::Record(fields) => fields.iter().all(|f| f.default.is_none() && is_as_given(&f.schema)),
            Schema::List(item) | Schema::Map(item) => is_as_given(item),
            Schema::Union(members) => members.iter().all(is_as_given),
            _ => true,
        }
}

/// What tells that a value is of a member of a union.
pub(crate) fn test_of(member: &Schema, operand: &str, span: Span) -> Option<String> {
    let kind = |kinds: &[&str]| {
        let tests: Vec<String> = kinds.iter().map(|kind| format!("(kindIs \"{kind}\" {operand})")).collect();
        if tests.len() == 1 { tests.concat() } else { format!("or {}", tests.join(" ")) }
    };
    Some(match super::strip(member) {
        Schema::Null => kind(&["invalid"]),
        Schema::Bool => kind(&["bool"]),
        Schema::Int | Schema::Uint | Schema::Float => kind(&["float64", "int64", "int"]),
        Schema::String | Schema::Duration => kind(&["string"]),
        Schema::List(_) => kind(&["slice"]),
        Schema::Map(_) => kind(&["map"]),
        Schema::Literal(value) => {
            let literal = super::value::literal(value, span).ok()?;
            format!("eq (toJson {operand}) (toJson {literal})")
        }
        Schema::Record(fields) => {
            let (name, value) = fields.iter().find_map(|field| match super::strip(&field.schema) {
                Schema::Literal(value) => Some((&field.name, value)),
                _ => None,
            })?;
            let literal = super::value::literal(value, span).ok()?;
            format!("eq (toJson (index {operand} {})) (toJson {literal})", quoted(name))
        }
        _ => return None,
    })
}

/// A loop, condition or let round a resource.
#[derive(Clone, Copy)]
pub(crate) enum Step<'a> {
    /// A loop, with the keys of its iterations.
    For(&'a Loop),
    /// A condition, and whether it holds.
    If(&'a Expr, bool),
    /// A variable.
    Let(&'a Local, &'a Expr),
}

impl Step<'_> {
    fn place(&self) -> Option<Span> {
        match self {
            Self::For(head) => Some(head.range.span),
            Self::If(condition, _) => Some(condition.span),
            Self::Let(..) => None,
        }
    }
}

/// What stands round a resource, outermost first.
pub(crate) fn way_to<'a>(nodes: &'a [Node], name: &str) -> Option<Vec<Step<'a>>> {
    let mut lets = Vec::new();
    for node in nodes {
        let (step, inner) = match node {
            Node::Resource(resource) if resource.name == name => return Some(lets),
            Node::Resource(_) => continue,
            Node::Let(local, value) => {
                lets.push(Step::Let(local, value));
                continue;
            }
            Node::If { condition, then, otherwise } => match way_to(then, name) {
                Some(inner) => (Step::If(condition, true), Some(inner)),
                None => (Step::If(condition, false), way_to(otherwise, name)),
            },
            Node::For { head, body, .. } => (Step::For(head), way_to(body, name)),
        };
        if let Some(inner) = inner {
            lets.push(step);
            lets.extend(inner);
            return Some(lets);
        }
    }
    None
}

/// The keys of the loops round a resource, outermost first.
pub(crate) fn loop_keys<'a>(nodes: &'a [Node], name: &str) -> Option<Vec<&'a Expr>> {
    nodes.iter().find_map(|node| match node {
        Node::Resource(resource) => (resource.name == name).then(Vec::new),
        Node::Let(..) => None,
        Node::If { then, otherwise, .. } => loop_keys(then, name).or_else(|| loop_keys(otherwise, name)),
        Node::For { key, body, .. } => loop_keys(body, name).map(|mut keys| {
            keys.insert(0, key);
            keys
        }),
    })
}

/// The name or namespace of an object whose text says none.
pub(crate) fn default_of(resource: &Resource, keys: &[&Expr], path: &[SmolStr], span: Span) -> Option<Expr> {
    let of_instance = |name: &str| {
        let base = Box::new(Expr::new(ExprKind::Instance, Repr::Map, span));
        let access = crate::expr::Access::Required;
        Expr::new(ExprKind::Field { base, name: name.into(), access }, Repr::String, span)
    };
    let text = |text: String| Expr::constant(Value::String(text.into()), span);
    match path {
        [first, second] if first == "metadata" && second == "name" => {
            let mut pieces = vec![of_instance("name"), text(format!("-{}", resource.name))];
            for key in keys {
                pieces.extend([text("-".to_owned()), Expr::clone(key)]);
            }
            Some(Expr::new(ExprKind::Concat(pieces), Repr::String, span))
        }
        [first, second] if first == "metadata" && second == "namespace" => Some(of_instance("namespace")),
        _ => None,
    }
}

fn written_keys(entries: &[Entry]) -> Option<Vec<SmolStr>> {
    let mut keys = Vec::new();
    for entry in entries {
        match entry {
            Entry::Field(key, _) => keys.push(key.clone()),
            Entry::If(_, then, otherwise) => {
                keys.extend(written_keys(then)?);
                for key in written_keys(otherwise)? {
                    if !keys.contains(&key) {
                        keys.push(key);
                    }
                }
            }
            Entry::Computed(..) | Entry::Spread(_) | Entry::For(..) => return None,
        }
    }
    Some(keys)
}
