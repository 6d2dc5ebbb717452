//! Where a CRD declares a field. Decoded schemas keep no places, since few are ever asked for: the text is read
//! again, and gone through on the way that leads to the field's object.

use smol_str::SmolStr;

use super::model::{NodeId, Schema};
use super::{Source, Within, root, written};
use crate::source::Span;

/// A step from a place of an object to one within it.
enum Step {
    Field(SmolStr),
    /// To the items of a list or the values of a map.
    Inner,
}

impl Source {
    /// A field as its CRD declares it: the whole, and its name.
    pub(in crate::schema) fn field_place(&self, within: Within, name: &str) -> Option<(Span, Span)> {
        let known = &self.crds.known;
        let version = known.versions.get(within.version)?;
        let root = root(known.files.get(version.file)?, &version.definition.place, &mut Vec::new())?;
        let mut at = written(root.get("spec")?, version.names().2)?;
        for step in way(&self.loaded(within.version)?.schema, within.node) {
            at = match step {
                Step::Field(name) => at.get("properties")?.get(&name)?,
                Step::Inner => at.get("items").or_else(|| at.get("additionalProperties"))?,
            };
        }
        let (key, value) = at.get("properties")?.entries().iter().find(|(key, _)| key.as_str() == Some(name))?;
        Some((Span { end: value.span.end.max(key.span.end), ..key.span }, key.span))
    }
}

/// The way from the root to a node: `spec.issuerRef`, items and values left out.
pub(super) fn path(schema: &Schema, id: NodeId) -> Vec<SmolStr> {
    let field = |step| if let Step::Field(name) = step { Some(name) } else { None };
    way(schema, id).into_iter().filter_map(field).collect()
}

/// The same with every step.
fn way(schema: &Schema, id: NodeId) -> Vec<Step> {
    let (mut way, mut at) = (Vec::new(), id);
    while let Some(parent) = schema.node(at).and_then(|node| node.parent) {
        let Some(owner) = schema.node(parent) else { break };
        let property = owner.properties.iter().find(|property| property.node == at);
        way.push(property.map_or(Step::Inner, |property| Step::Field(property.name.clone())));
        at = parent;
    }
    way.reverse();
    way
}
