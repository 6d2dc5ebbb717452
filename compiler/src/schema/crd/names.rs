//! What names the kinds of a CRD, read from a YAML or JSON tree.
//!
//! The fields are those of `CustomResourceDefinitionSpec`
//! (apiextensions-apiserver, pkg/apis/apiextensions/v1/types.go, and v1beta1).

use std::ops::Range;

use smol_str::SmolStr;

use crate::source::Span;
use crate::yaml::{Node, NodeKind};

/// The `kind` of a definition.
pub(super) const KIND: &str = "CustomResourceDefinition";
/// The `apiVersion` that servers take.
pub(super) const API: &str = "apiextensions.k8s.io/v1";
/// The one that servers took before 1.22.
pub(super) const OLD_API: &str = "apiextensions.k8s.io/v1beta1";

/// A CRD without its schemas.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) group: SmolStr,
    pub(super) names: Names,
    pub(super) namespaced: bool,
    pub(super) versions: Vec<Version>,
    pub(super) place: Place,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) kind: SmolStr,
    pub(super) plural: SmolStr,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Version {
    pub(super) name: SmolStr,
    pub(super) served: bool,
    pub(super) deprecated: bool,
    pub(super) has_status: bool,
    pub(super) has_scale: bool,
}

/// Where a definition stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the document in these bytes.
    Text(Range<usize>),
    /// It is the item of the list in this document, or the document itself.
    Tree { document: usize, item: Option<usize> },
}

impl Place {
    /// The byte where it begins, as far as that is known.
    pub(super) const fn start(&self) -> u32 {
        match self {
            Self::Text(range) => range.start as u32,
            Self::Tree { .. } => 0,
        }
    }
}

/// Why a document that says that it is a definition cannot be used.
pub(super) struct Unusable {
    pub(super) span: Span,
    pub(super) message: String,
}

/// Whether a tree says that it is a definition.
pub(super) fn is_definition(root: &Node) -> bool {
    let text = |key| root.get(key).and_then(Node::as_str);
    text("kind") == Some(KIND) && text("apiVersion").is_some_and(|api| api.starts_with("apiextensions.k8s.io/"))
}

/// The items of a list of objects.
pub(super) fn items(root: &Node) -> Option<&[Node]> {
    let kind = root.get("kind").and_then(Node::as_str)?;
    if !matches!(kind, "List" | "CustomResourceDefinitionList") {
        return None;
    }
    match &root.get("items")?.kind {
        NodeKind::List(items) => Some(items),
        _ => None,
    }
}

pub(super) fn is_namespaced(scope: &str) -> Option<bool> {
    match scope {
        "Namespaced" => Some(true),
        "Cluster" => Some(false),
        _ => None,
    }
}

/// Reads the names of a definition.
pub(super) fn read(root: &Node, place: Place) -> Result<Definition, Unusable> {
    let unusable = |node: &Node, message: &str| Unusable { span: start_of(node), message: message.to_owned() };
    let api = root.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
    if api != API && api != OLD_API {
        let message = format!("`{api}` is no version of CustomResourceDefinition that is known");
        return Err(Unusable { span: root.get("apiVersion").map_or(root.span, |n| n.span), message });
    }
    let spec = root.get("spec").ok_or_else(|| unusable(root, "the definition has no `spec`"))?;
    let needed = |within: &Node, key: &str| {
        let node = within.get(key).ok_or_else(|| unusable(within, &format!("the definition has no `{key}`")))?;
        let text = node.as_str().filter(|text| !text.is_empty());
        text.map(SmolStr::new).ok_or_else(|| Unusable { span: node.span, message: format!("`{key}` is no name") })
    };
    let names = spec.get("names").ok_or_else(|| unusable(spec, "the definition has no `names`"))?;
    let scope = match spec.get("scope") {
        None if api == OLD_API => "Namespaced".into(),
        _ => needed(spec, "scope")?,
    };
    let Some(namespaced) = is_namespaced(&scope) else {
        let span = spec.get("scope").map_or(spec.span, |n| n.span);
        return Err(Unusable { span, message: format!("the scope `{scope}` is neither `Namespaced` nor `Cluster`") });
    };
    let versions = versions(spec)?;
    Ok(Definition {
        group: needed(spec, "group")?,
        names: Names { kind: needed(names, "kind")?, plural: needed(names, "plural")? },
        namespaced,
        versions,
        place,
    })
}

fn versions(spec: &Node) -> Result<Vec<Version>, Unusable> {
    let Some(list) = spec.get("versions") else {
        // v1beta1 had one version by itself.
        let name = spec.get("version").and_then(Node::as_str);
        let name = name
            .ok_or_else(|| Unusable { span: start_of(spec), message: "the definition has no `versions`".to_owned() })?;
        let (has_status, has_scale) = (subresource(spec, "status"), subresource(spec, "scale"));
        return Ok(vec![Version { name: name.into(), served: true, deprecated: false, has_status, has_scale }]);
    };
    let NodeKind::List(items) = &list.kind else {
        return Err(Unusable { span: list.span, message: "`versions` is no list".to_owned() });
    };
    let one = |item: &Node| {
        let name = item.get("name").and_then(Node::as_str).filter(|name| !name.is_empty());
        let name =
            name.ok_or_else(|| Unusable { span: start_of(item), message: "a version has no `name`".to_owned() })?;
        let is = |key: &str| matches!(item.get(key).map(|n| &n.kind), Some(NodeKind::Bool(true)));
        Ok(Version {
            name: name.into(),
            served: is("served"),
            deprecated: is("deprecated"),
            has_status: subresource(item, "status"),
            has_scale: subresource(item, "scale"),
        })
    };
    let versions: Vec<Version> = items.iter().map(one).collect::<Result<_, _>>()?;
    if versions.is_empty() {
        return Err(Unusable { span: list.span, message: "`versions` is empty".to_owned() });
    }
    Ok(versions)
}

fn subresource(version: &Node, name: &str) -> bool {
    version.get("subresources").is_some_and(|subresources| subresources.get(name).is_some())
}

/// The key with which a map begins: a whole map is too much to point at.
pub(super) fn start_of(node: &Node) -> Span {
    node.entries().first().map_or(node.span, |(key, _)| key.span)
}
