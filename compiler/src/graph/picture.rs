//! The graph of a composite or of an instance, ready to be drawn as text, in
//! Graphviz' or Mermaid's language, or as SVG.

use std::fmt::Write as _;

use super::{layers, references};
use crate::instantiate::Object;
use crate::ir::{Composite, Node, Resource};
use crate::value::Value;

/// A resource, or an object of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Box {
    /// The Kubernetes kind.
    pub kind: String,
    /// The resource's name, or the object's.
    pub name: String,
    /// What is special about it: "for each", "under a condition", "only read".
    pub remarks: Vec<&'static str>,
}

/// One reads something of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// Who reads; an index into the boxes.
    pub from: usize,
    /// Of whom.
    pub to: usize,
    /// What: `status.loadBalancer`; `after` where it only waits.
    pub label: String,
    /// It waits for the other one; otherwise it reads what is written.
    pub waits: bool,
}

/// Boxes and arrows with a title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// `FinancialBackend (group/version)`.
    pub title: String,
    /// In source order.
    pub boxes: Vec<Box>,
    /// In source order.
    pub arrows: Vec<Arrow>,
}

impl Picture {
    /// The resources of a composite.
    #[must_use]
    pub fn of_composite(composite: &Composite) -> Self {
        let mut boxes = Vec::new();
        gather(&composite.nodes, &mut Vec::new(), &mut boxes);
        let names: Vec<(usize, String)> = boxes.iter().map(|(_, b)| b.name.clone()).enumerate().collect();
        let title = match composite.kind.as_str() {
            "" => "resources at the top level".to_owned(),
            kind => format!("{kind} ({})", composite.api()),
        };
        let boxes = boxes.into_iter().map(|(_, b)| b).collect();
        Self { title, boxes, arrows: arrows(composite, &names) }
    }

    /// The objects of an instance, named `title`.
    #[must_use]
    pub fn of_instance(composite: &Composite, title: &str, objects: &[Object]) -> Self {
        let text = |object: &Object, path: &[&str]| {
            object.value.at(path).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let boxes = objects.iter().map(|o| Box {
            kind: text(o, &["kind"]),
            name: text(o, &["metadata", "name"]),
            remarks: Vec::new(),
        });
        let names: Vec<(usize, String)> = objects.iter().map(|o| o.resource.to_string()).enumerate().collect();
        let mut arrows = arrows(composite, &names);
        // In nested loops an object reads those of its own iteration.
        arrows.retain(|a| match (objects.get(a.from), objects.get(a.to)) {
            (Some(from), Some(to)) => from.keys.iter().zip(&to.keys).all(|(a, b)| a == b),
            _ => true,
        });
        Self { title: title.to_owned(), boxes: boxes.collect(), arrows }
    }

    /// In order of creation, each with what it waits for and what it reads.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", self.title);
        let waits: Vec<(usize, usize)> = self.arrows.iter().filter(|a| a.waits).map(|a| (a.from, a.to)).collect();
        let layers = layers(self.boxes.len(), &waits);
        for layer in 0..=layers.iter().copied().max().unwrap_or(0) {
            for (index, one) in self.boxes.iter().enumerate().filter(|(index, _)| layers.get(*index) == Some(&layer)) {
                let remarks =
                    if one.remarks.is_empty() { String::new() } else { format!("  ({})", one.remarks.join(", ")) };
                let _ = writeln!(out, "  {}. {} {}{remarks}", layer + 1, one.kind, one.name);
                for (arrow, to) in self.arrows_of(index) {
                    let verb = if arrow.waits { "waits for" } else { "reads" };
                    let field = if arrow.label.is_empty() { String::new() } else { format!(": {}", arrow.label) };
                    let _ = writeln!(out, "       {verb} {} {}{field}", to.kind, to.name);
                }
            }
        }
        out
    }

    fn arrows_of(&self, from: usize) -> impl Iterator<Item = (&Arrow, &Box)> {
        let own = self.arrows.iter().filter(move |arrow| arrow.from == from);
        own.filter_map(|arrow| Some((arrow, self.boxes.get(arrow.to)?)))
    }

    /// In the language of Graphviz.
    #[must_use]
    pub fn dot(&self) -> String {
        let mut out = format!(
            "digraph {{\n  label={};\n  labelloc=t;\n  rankdir=BT;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n",
            quoted(&self.title)
        );
        for (index, one) in self.boxes.iter().enumerate() {
            let _ = writeln!(out, "  n{index} [label={}];", quoted(&one.lines().join("\n")));
        }
        for Arrow { from, to, label, waits } in &self.arrows {
            let style = if *waits { "" } else { ", style=dashed, color=gray50" };
            let _ = writeln!(out, "  n{from} -> n{to} [label={}{style}];", quoted(label));
        }
        out + "}\n"
    }

    /// In the language of Mermaid.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut out = format!("---\ntitle: {}\n---\nflowchart BT\n", quoted(&self.title));
        for (index, one) in self.boxes.iter().enumerate() {
            let _ = writeln!(out, "  n{index}[\"{}\"]", mermaid_text(&one.lines().join("\n")));
        }
        for Arrow { from, to, label, waits } in &self.arrows {
            let line = if *waits { "-->" } else { "-.->" };
            let text = if label.is_empty() { String::new() } else { format!("|\"{}\"|", mermaid_text(label)) };
            let _ = writeln!(out, "  n{from} {line}{text} n{to}");
        }
        out
    }
}

impl Box {
    /// What is written in it, line by line.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.kind.clone(), self.name.clone()];
        if !self.remarks.is_empty() {
            lines.push(self.remarks.join(", "));
        }
        lines
    }
}

/// The resources with what stands round them.
fn gather<'a>(nodes: &'a [Node], round: &mut Vec<&'static str>, found: &mut Vec<(&'a Resource, Box)>) {
    let inside = |nodes, remark, round: &mut Vec<&'static str>, found: &mut Vec<(&'a Resource, Box)>| {
        let added = !round.contains(&remark);
        if added {
            round.push(remark);
        }
        gather(nodes, round, found);
        if added {
            round.pop();
        }
    };
    for node in nodes {
        match node {
            Node::Resource(resource) => {
                let mut remarks = round.clone();
                if resource.external {
                    remarks.push("only read");
                }
                found.push((
                    resource,
                    Box { kind: resource.kind.to_string(), name: resource.name.to_string(), remarks },
                ));
            }
            Node::If { then, otherwise, .. } => {
                inside(then, "under a condition", round, found);
                inside(otherwise, "under a condition", round, found);
            }
            Node::For { body, .. } => inside(body, "for each", round, found),
            Node::Let(..) => {}
        }
    }
}

/// The arrows between boxes that stand for resources of these names. What only
/// reads the name, and where there are both, is shown once.
fn arrows(composite: &Composite, names: &[(usize, String)]) -> Vec<Arrow> {
    let of = |name: &str| names.iter().filter(|(_, n)| n == name).map(|(index, _)| *index).collect::<Vec<_>>();
    let mut arrows: Vec<Arrow> = Vec::new();
    for reference in references(composite) {
        let label = reference.edge.field.clone().unwrap_or_else(|| "after".to_owned());
        for from in of(&reference.edge.from) {
            for to in of(&reference.edge.to) {
                let known = arrows.iter_mut().find(|a| a.from == from && a.to == to && a.waits == reference.needs);
                match known {
                    Some(known) if known.label.split(", ").any(|part| part == label) => {}
                    Some(known) => {
                        known.label = [known.label.as_str(), &label]
                            .into_iter()
                            .filter(|l| !l.is_empty())
                            .collect::<Vec<_>>()
                            .join(", ")
                    }
                    None => arrows.push(Arrow { from, to, label: label.clone(), waits: reference.needs }),
                }
            }
        }
    }
    arrows
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// Mermaid knows HTML's entities and `<br/>`.
fn mermaid_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br/>")
}
