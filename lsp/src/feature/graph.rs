//! The resources of a composite and how they depend on each other.

use tessera_compiler::check::CompositeType;
use tessera_compiler::compile::Compilation;
use tessera_compiler::graph::{Picture, layers};
use tessera_compiler::source::Span;

use crate::feature::extent::extent;
use crate::feature::preview::Choice;
use crate::workspace::snapshot::Place;

/// A graph, ready to be drawn.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) composites: Vec<Choice>,
    pub(crate) composite: Option<String>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) messages: Vec<String>,
}

/// A resource.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) detail: String,
    /// Each layer waits for those below it.
    pub(crate) layer: usize,
    pub(crate) source: Option<Span>,
}

/// One resource reads another.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) label: Option<String>,
}

/// The graph of a composite; of the document's first one where none, or none that there is, is named.
pub(crate) fn graph(place: &Place, wanted: Option<&str>) -> Graph {
    let compilation = &place.compiled.compilation;
    let mut all: Vec<&CompositeType> =
        compilation.composites.iter().map(|c| &**c).filter(|c| !c.ir.nodes.is_empty()).collect();
    // Those of the document first, then in source order.
    all.sort_by_key(|c| c.ir.span.file != place.file);
    let mut graph = Graph {
        composites: all.iter().map(|c| Choice { id: id(c, compilation), title: title(c, compilation) }).collect(),
        ..Graph::default()
    };
    if compilation.has_errors() {
        graph.messages.push("There are errors; what they concern may be missing.".to_owned());
    }
    let named = |c: &&&CompositeType| wanted.is_some_and(|wanted| id(c, compilation) == wanted);
    let Some(composite) = all.iter().find(named).or(all.first()) else {
        graph.messages.push("There are no composites and no resources here.".to_owned());
        return graph;
    };
    graph.composite = Some(id(composite, compilation));
    let picture = Picture::of_composite(&composite.ir);
    let waits: Vec<(usize, usize)> = picture.arrows.iter().filter(|a| a.waits).map(|a| (a.from, a.to)).collect();
    let layers = layers(picture.boxes.len(), &waits);
    let node = |index: usize| format!("n{index}");
    graph.nodes = picture
        .boxes
        .iter()
        .enumerate()
        .map(|(index, one)| Node {
            id: node(index),
            title: one.name.clone(),
            detail: std::iter::once(one.kind.as_str())
                .chain(one.remarks.iter().copied())
                .collect::<Vec<_>>()
                .join(", "),
            layer: layers.get(index).copied().unwrap_or(0),
            source: composite.ir.resource(&one.name).map(|resource| extent(compilation, resource.span)),
        })
        .collect();
    graph.edges = picture
        .arrows
        .iter()
        .map(|arrow| Edge {
            from: node(arrow.from),
            to: node(arrow.to),
            label: Some(arrow.label.clone()).filter(|label| !label.is_empty()),
        })
        .collect();
    graph
}

/// The kind; the path of the source for its top level.
fn id(composite: &CompositeType, compilation: &Compilation) -> String {
    if composite.ir.kind.is_empty() {
        return compilation.modules.get(composite.module).map_or_else(String::new, |module| module.path.to_string());
    }
    composite.ir.kind.to_string()
}

fn title(composite: &CompositeType, compilation: &Compilation) -> String {
    if composite.ir.kind.is_empty() {
        return format!("resources of {}", id(composite, compilation));
    }
    format!("{} ({})", composite.ir.kind, composite.ir.api())
}
