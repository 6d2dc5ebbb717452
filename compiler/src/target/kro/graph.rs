//! The graph: which id each resource has, under which conditions and loops it stands, and what
//! its template says.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::template::{as_expression, expression, template};
use super::{Problems, id, left_out, not_in_kro};
use crate::expr::{Access, Entry, Expr, ExprKind, Local, Loop, MacroOp, Repr};
use crate::ir::{Composite, Node, Resource, Scope};
use crate::reduce::reference;
use crate::target::cel::{Dialect, Names, Place, Refusal, Writer};
use crate::value::{Map, Value};

/// What stands round a resource, outermost first.
#[derive(Clone, Copy)]
enum Round<'a> {
    If(&'a Expr, bool),
    For(&'a Loop, &'a Expr),
    Let(&'a Local, &'a Expr),
}

struct Placed<'a> {
    resource: &'a Resource,
    id: SmolStr,
    round: Vec<Round<'a>>,
    body: Expr,
    /// Its name where it writes none.
    name: Expr,
}

pub(super) struct Graph<'a> {
    composite: &'a Composite,
    placed: Vec<Placed<'a>>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(composite: &'a Composite, problems: &mut Problems) -> Self {
        let mut placed = Vec::new();
        gather(&composite.nodes, &mut Vec::new(), &mut placed);
        let mut taken: Vec<SmolStr> = Vec::new();
        for one in &mut placed {
            one.id = id(&one.resource.name, &taken);
            taken.push(one.id.clone());
        }
        let mut graph = Self { composite, placed };
        graph.inline();
        for one in &graph.placed {
            let loops = one.round.iter().filter(|round| matches!(round, Round::For(..))).count();
            if loops > 0 && one.resource.external {
                problems.push(not_in_kro(one.resource.span, "an `external` in a loop", "read the objects one by one"));
            }
        }
        graph
    }

    pub(super) fn renamed(&self) -> impl Iterator<Item = (&SmolStr, &SmolStr)> {
        self.placed.iter().filter(|p| p.id != p.resource.name).map(|p| (&p.id, &p.resource.name))
    }

    /// Puts what resources of the same round write in the place of references to it.
    fn inline(&mut self) {
        let written: FxHashMap<SmolStr, Expr> =
            self.placed.iter().map(|p| (p.resource.name.clone(), p.body.clone())).collect();
        let names: FxHashMap<SmolStr, Expr> =
            self.placed.iter().map(|p| (p.resource.name.clone(), p.name.clone())).collect();
        let rounds: Vec<Vec<*const Loop>> = self.placed.iter().map(|p| loops(&p.round)).collect();
        let index: FxHashMap<SmolStr, usize> =
            self.placed.iter().enumerate().map(|(i, p)| (p.resource.name.clone(), i)).collect();
        for at in 0..self.placed.len() {
            let Some(mine) = rounds.get(at) else { continue };
            let Some(one) = self.placed.get_mut(at) else { continue };
            for _ in 0..4 {
                one.body.walk_mut(&mut |expr| {
                    let Some((name, path)) = reference(expr) else { return };
                    let Some(theirs) = index.get(&name).and_then(|i| rounds.get(*i)) else { return };
                    if path.is_empty() || !mine.starts_with(theirs) {
                        return;
                    }
                    let found = written.get(&name).and_then(|body| find(body, &path));
                    let default = || names.get(&name).filter(|_| path.iter().eq(["metadata", "name"])).cloned();
                    if let Some(mut found) = found.or_else(default) {
                        found.span = expr.span;
                        // Where its loops say other slots, the place is the same: they are its own.
                        *expr = found;
                    }
                });
            }
        }
    }

    fn taken(&self) -> Vec<String> {
        let mut taken: Vec<String> = self.placed.iter().map(|p| p.id.to_string()).collect();
        taken.extend(super::reserved().map(str::to_owned));
        taken
    }

    pub(super) fn status(&self, problems: &mut Problems) -> Map {
        let mut status = Map::default();
        for output in &self.composite.outputs {
            if matches!(output.name.as_str(), "conditions" | "state") {
                problems.push(not_in_kro(output.span, "an output of kro's own name", "call it something else"));
                continue;
            }
            match writer(&self).wire(&output.value) {
                Ok(written) => status.insert(output.name.clone(), expression(&written.text)),
                Err(refused) => problems.push(refused.diagnostic),
            }
        }
        status
    }

    pub(super) fn resources(&self, problems: &mut Problems) -> Vec<Value> {
        let mut ready: FxHashMap<&str, Vec<String>> = FxHashMap::default();
        if let Some(expr) = &self.composite.ready {
            for part in expr.conjuncts() {
                match self.ready_part(part) {
                    Some((name, text)) => ready.entry(name).or_default().push(text),
                    None => problems.push(left_out(
                        part.span,
                        "this condition of readiness",
                        "kro asks one resource at a time whether it is ready",
                    )),
                }
            }
        }
        let mut values = Vec::new();
        for one in &self.placed {
            match self.resource(one, ready.get(one.resource.name.as_str()).map_or(&[], Vec::as_slice)) {
                Ok(value) => values.push(value),
                Err(refused) => problems.push(refused.diagnostic),
            }
        }
        values
    }

    /// A part of the composite's readiness that asks one resource, as that resource's own.
    fn ready_part<'g>(&'g self, part: &'g Expr) -> Option<(&'g str, String)> {
        if let ExprKind::Comprehension(c) = &part.kind {
            let (name, path) = reference(&c.range)?;
            if c.op != MacroOp::All || !path.is_empty() || c.second.is_some() {
                return None;
            }
            let one = self.placed.iter().find(|p| p.resource.name == name)?;
            let mut writer = writer(&self);
            writer.bind(&c.first, Place { text: "each".to_owned(), optional: false, schema: None });
            return Some((&one.resource.name, writer.native(&c.body).ok()?.text));
        }
        let mut names = Vec::new();
        part.walk(&mut |e| {
            if let ExprKind::Resource(name) = &e.kind {
                names.push(name.clone());
            }
        });
        names.dedup();
        let [name] = names.as_slice() else { return None };
        let one = self.placed.iter().find(|p| p.resource.name == *name && loops(&p.round).is_empty())?;
        Some((&one.resource.name, writer(&self).native(part).ok()?.text))
    }

    fn resource<'g>(&'g self, one: &'g Placed<'a>, ready: &[String]) -> Result<Value, Refusal> {
        let mut writer = writer(&self);
        let (mut include, mut each, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for round in &one.round {
            match *round {
                Round::Let(local, value) => writer.stands_for(local, value),
                Round::If(condition, holds) => {
                    if !each.is_empty() {
                        return Err(not_in_kro(condition.span, "a condition in a loop", "put it round the loop").into());
                    }
                    let text = writer.native(condition)?;
                    include.push(expression(&if holds { text.text } else { format!("!({})", text.text) }));
                }
                Round::For(head, key) => {
                    let over = writer.over(head)?;
                    let name = id(&head.first.name, &self.placed.iter().map(|p| p.id.clone()).collect::<Vec<_>>());
                    let (first, second) = writer.variables(&over, &name);
                    writer.bind(&head.first, first);
                    if let (Some(local), Some(place)) = (&head.second, second) {
                        writer.bind(local, place);
                    }
                    let mut dimension = Map::default();
                    dimension.insert(name, expression(&over.list.text));
                    each.push(Value::map(dimension));
                    keys.push(key);
                }
            }
        }
        let mut value = Map::default();
        value.insert("id", Value::String(one.id.clone()));
        let made = self.template(one, &mut writer)?;
        value.insert(if one.resource.external { "externalRef" } else { "template" }, made);
        if !include.is_empty() {
            value.insert("includeWhen", Value::list(include));
        }
        let collection = !each.is_empty();
        if collection {
            value.insert("forEach", Value::list(each));
        }
        let mut conditions: Vec<Value> = ready.iter().map(|text| expression(text)).collect();
        if let (Some(own), false) = (&one.resource.ready, collection) {
            let text = writer.native(own)?.text;
            if !ready.contains(&text) {
                conditions.push(expression(&text));
            }
        }
        if !conditions.is_empty() {
            value.insert("readyWhen", Value::list(conditions));
        }
        Ok(Value::map(value))
    }

    fn template<'g>(&'g self, one: &'g Placed<'a>, writer: &mut Writer<'g, '_>) -> Result<Value, Refusal> {
        let body = match template(writer, &one.body)? {
            Value::Map(map) => map,
            _ => {
                return Err(not_in_kro(
                    one.resource.span,
                    "an object whose fields are not written",
                    "write its fields one by one",
                )
                .into());
            }
        };
        let mut metadata = body.get("metadata").and_then(Value::as_map).cloned().unwrap_or_default();
        let mut object = Map::default();
        object.insert("apiVersion", Value::String(one.resource.api().into()));
        object.insert("kind", Value::String(one.resource.kind.clone()));
        let name = match metadata.get("name") {
            Some(name) => name.clone(),
            None => template(writer, &one.name)?,
        };
        let name = if one.resource.external { name } else { self.guarded(one, name)? };
        let mut ordered = Map::default();
        ordered.insert("name", name);
        metadata.0.shift_remove(&crate::value::Key::from("name"));
        if self.composite.scope == Scope::Cluster
            && one.resource.scope != Some(Scope::Cluster)
            && metadata.get("namespace").is_none()
        {
            return Err(not_in_kro(
                one.resource.span,
                "an object without namespace in a composite of the cluster",
                "write its `metadata.namespace`",
            )
            .into());
        }
        for (key, value) in metadata.iter() {
            ordered.insert(key.clone(), value.clone());
        }
        object.insert("metadata", Value::map(ordered));
        for (key, value) in body.iter() {
            if !matches!(key.as_str(), Some("metadata" | "apiVersion" | "kind")) {
                object.insert(key.clone(), value.clone());
            }
        }
        Ok(Value::map(object))
    }

    /// The name, which has no value where a requirement is not met, and which waits for what
    /// the resource stands `after`.
    fn guarded(&self, one: &Placed<'_>, name: Value) -> Result<Value, Refusal> {
        let mut items = Vec::new();
        for after in &one.resource.after {
            let Some(other) = self.placed.iter().find(|p| p.resource.name == *after) else { continue };
            items.push(if loops(&other.round).is_empty() {
                format!("{}.metadata.name", other.id)
            } else {
                format!("string({}.size())", other.id)
            });
        }
        let mut rules = Vec::new();
        for requirement in &self.composite.requirements {
            rules.push(writer(&self).native(&requirement.condition)?.at(crate::target::cel::Level::Relation));
        }
        if items.is_empty() && rules.is_empty() {
            return Ok(name);
        }
        let Value::String(text) = &name else { return Ok(name) };
        let inner = as_expression(text);
        let mut list = vec![inner];
        list.extend(items);
        let list = format!("[{}]", list.join(", "));
        Ok(expression(&if rules.is_empty() {
            format!("{list}[0]")
        } else {
            format!("{list}.filter(name, {})[0]", rules.join(" && "))
        }))
    }
}

impl<'g, 'a> Names<'g> for &'g Graph<'a> {
    fn param(&self, name: &str) -> Option<Place<'g>> {
        let param = self.composite.params.iter().find(|p| p.name == name)?;
        let text = format!("schema.spec{}", Dialect::kro().field(name));
        Some(Place { text, optional: param.optional && param.default.is_none(), schema: Some(&param.schema) })
    }

    fn instance(&self, field: &str) -> Option<Place<'g>> {
        let text = format!("schema.metadata.{field}");
        let optional = matches!(field, "labels" | "annotations");
        let known = matches!(field, "name" | "namespace" | "labels" | "annotations" | "uid");
        known.then_some(Place { text, optional, schema: None })
    }

    fn resource(&self, name: &str) -> Option<Place<'g>> {
        let one = self.placed.iter().find(|p| p.resource.name == name)?;
        Some(Place { text: one.id.to_string(), optional: false, schema: None })
    }

    fn binding(&self, name: &str) -> Option<&'g Expr> {
        self.composite.bindings.iter().find(|binding| binding.name == name).map(|binding| &binding.value)
    }
}

fn writer<'g, 'n>(graph: &'n &'g Graph<'_>) -> Writer<'g, 'n> {
    Writer::new(Dialect::kro(), graph, graph.taken())
}

fn gather<'a>(nodes: &'a [Node], round: &mut Vec<Round<'a>>, placed: &mut Vec<Placed<'a>>) {
    let before = round.len();
    for node in nodes {
        match node {
            Node::Resource(resource) => {
                let body = resource.body.clone();
                let name = default_name(resource, round);
                placed.push(Placed { resource, id: SmolStr::default(), round: round.clone(), body, name });
            }
            Node::Let(local, value) => round.push(Round::Let(local, value)),
            Node::If { condition, then, otherwise } => {
                for (nodes, holds) in [(then, true), (otherwise, false)] {
                    round.push(Round::If(condition, holds));
                    gather(nodes, round, placed);
                    round.pop();
                }
            }
            Node::For { head, key, body } => {
                round.push(Round::For(head, key));
                gather(body, round, placed);
                round.pop();
            }
        }
    }
    round.truncate(before);
}

/// The loops round a resource.
fn loops(round: &[Round<'_>]) -> Vec<*const Loop> {
    let each = round.iter().filter_map(|round| match round {
        Round::For(head, _) => Some(std::ptr::from_ref(*head)),
        _ => None,
    });
    each.collect()
}

/// `<instance>-<resource>`, in loops also `-<key>`.
fn default_name(resource: &Resource, round: &[Round<'_>]) -> Expr {
    let span = resource.span;
    let instance = Expr::new(ExprKind::Instance, Repr::Map, span);
    let name = ExprKind::Field { base: Box::new(instance), name: "name".into(), access: Access::Required };
    let mut pieces = vec![Expr::new(name, Repr::String, span)];
    pieces.push(Expr::constant(Value::String(format!("-{}", resource.name).into()), span));
    for round in round {
        if let Round::For(_, key) = round {
            pieces.push(Expr::constant(Value::str("-"), span));
            pieces.push((*key).clone());
        }
    }
    Expr::new(ExprKind::Concat(pieces), Repr::String, span)
}

/// What an object writes at a path, where its form tells.
fn find(body: &Expr, path: &[SmolStr]) -> Option<Expr> {
    let Some((first, rest)) = path.split_first() else { return Some(body.clone()) };
    match &body.kind {
        ExprKind::Const(Value::Map(map)) => find(&Expr::constant(map.get(first)?.clone(), body.span), rest),
        ExprKind::Object(entries) => entries.iter().rev().find_map(|entry| match entry {
            Entry::Field(name, value) if name == first => Some(find(value, rest)),
            Entry::Field(..) => None,
            _ => Some(None),
        })?,
        _ => None,
    }
}
