//! Circles among the resources of a composite: none of them could be created.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostic::{Diagnostic, E0601};
use crate::ir::Edge;

/// One diagnostic for each group of resources that need each other, with the
/// shortest way round.
#[must_use]
pub fn cycles(edges: &[Edge]) -> Vec<Diagnostic> {
    let mut from: FxHashMap<&str, Vec<&Edge>> = FxHashMap::default();
    for edge in edges {
        from.entry(&edge.from).or_default().push(edge);
    }
    let mut told: FxHashSet<&str> = FxHashSet::default();
    let mut found = Vec::new();
    for edge in edges {
        if told.contains(edge.from.as_str()) {
            continue;
        }
        let Some(way) = way_round(&edge.from, &from) else { continue };
        told.extend(way.iter().map(|edge| edge.from.as_str()));
        found.extend(circle(&way));
    }
    found
}

/// The shortest way from a resource back to itself.
fn way_round<'e>(start: &'e str, from: &FxHashMap<&str, Vec<&'e Edge>>) -> Option<Vec<&'e Edge>> {
    let mut came: FxHashMap<&str, &'e Edge> = FxHashMap::default();
    let mut open = vec![start];
    while !open.is_empty() && !came.contains_key(start) {
        let mut next = Vec::new();
        for edge in open.iter().filter_map(|name| from.get(name)).flatten() {
            if !came.contains_key(edge.to.as_str()) {
                came.insert(&edge.to, edge);
                next.push(edge.to.as_str());
            }
        }
        open = next;
    }
    let mut way = vec![*came.get(start)?];
    while let Some(last) = way.last().filter(|edge| edge.from != start) {
        way.push(came.get(last.from.as_str())?);
    }
    way.reverse();
    Some(way)
}

fn circle(way: &[&Edge]) -> Option<Diagnostic> {
    let first = way.first()?;
    let mut names: Vec<&str> = way.iter().map(|edge| edge.from.as_str()).collect();
    names.push(&first.from);
    let message = format!("resources need each other in a cycle: {}", names.join(" → "));
    let mut diagnostic = Diagnostic::new(&E0601, first.span, message).label(reason(first));
    for edge in way.iter().skip(1) {
        diagnostic = diagnostic.also(edge.span, reason(edge));
    }
    Some(diagnostic.help(
        "read what is known without a cluster, such as `metadata.name`, or give both what they need from a third place",
    ))
}

fn reason(edge: &Edge) -> String {
    match &edge.field {
        Some(field) => format!("`{}` needs `{}.{field}`", edge.from, edge.to),
        None => format!("`{}` comes after `{}`", edge.from, edge.to),
    }
}
