//! What stands above a declaration: who uses it, what it comes to.

use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::Named;
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::ast::{Decl, DeclKind, MemberKind};

use super::names;
use super::references::{self, Access};

/// A line above a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lens {
    /// The name that it stands above.
    pub(crate) span: Span,
    pub(crate) about: About,
}

/// What a lens tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// The instances of a composite.
    Instances,
    /// Who uses it.
    References,
    /// The graph of a composite's resources.
    Graph(String),
    /// The objects of an instance; or of the resources outside composites.
    Objects,
    /// How long instances live, as it is written.
    Lease(String),
}

/// The lenses of a file. What they tell is found when they are seen.
pub(crate) fn lenses(analysis: &Analysis, file: FileId) -> Vec<Lens> {
    let mut found = Vec::new();
    if let Some((_, module)) = names::module_of(analysis, file) {
        // Resources outside composites are built as they stand.
        let resources = |decl: &&Decl| matches!(decl.kind, DeclKind::Resource(_) | DeclKind::External(_));
        let first = module.ast.decls.iter().find(resources);
        found.extend(first.map(|decl| Lens { span: decl.span, about: About::Objects }));
        for decl in &module.ast.decls {
            match &decl.kind {
                DeclKind::Composite(composite) => {
                    let span = composite.name.span;
                    found.push(Lens { span, about: About::Instances });
                    found.push(Lens { span, about: About::Graph(composite.name.name.to_string()) });
                    found.extend(composite.members.iter().filter_map(|member| match &member.kind {
                        MemberKind::Lease { duration, .. } => {
                            let written = analysis.modules.sources.text(duration.span).to_owned();
                            Some(Lens { span: member.span, about: About::Lease(written) })
                        }
                        _ => None,
                    }));
                }
                DeclKind::Fn(function) => found.push(Lens { span: function.name.span, about: About::References }),
                DeclKind::Type { name, .. } => found.push(Lens { span: name.span, about: About::References }),
                _ => {}
            }
        }
    }
    let instances = analysis.facts.instances.iter().filter(|instance| instance.span.file == file);
    found.extend(instances.map(|i| Lens { span: i.name.span, about: About::Objects }));
    found.sort_by_key(|lens| lens.span.start);
    found
}

/// The instances of the composite whose name stands at a place, if all files were analysed.
pub(crate) fn instances(analysis: &Analysis, composite: Span) -> Vec<Span> {
    let instances = analysis.facts.instances.iter().filter(|instance| instance.composite == composite);
    instances.map(|instance| instance.name.span).collect()
}

/// Who uses what has its name at a place, if all files were analysed; imports of it do not count.
pub(crate) fn uses(analysis: &Analysis, name: Span) -> Vec<Span> {
    let found = references::references(analysis, &[Named::Source(name)]);
    let is_import = |span: Span| {
        let module = names::module_of(analysis, span.file).map(|(_, module)| module);
        module.is_some_and(|module| {
            let mut uses = module.ast.uses.iter();
            uses.any(|import| import.span.start <= span.start && span.end <= import.span.end)
        })
    };
    let read = found.iter().filter(|occurrence| occurrence.access != Access::Declares && !is_import(occurrence.span));
    read.map(|occurrence| occurrence.span).collect()
}

/// `1 reference`, `2 references`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::fixture::Fixture;

    #[test]
    fn lenses_tell_instances_and_uses() {
        let text = "//- lib.tess\nmodule x.lib\nfn twice(n: Int) -> Int = n * 2\n//- main.tess\nuse x.lib.{ twice }\ntype T = Int\nlet t: T = twice(1)\ncomposite A: a.example/v1 {\n  param n: Int\n  lease 8h\n}\nA one { n: twice(1) }\n//- a.yaml\napiVersion: a.example/v1\nkind: A\nmetadata: { name: two }\nspec: { n: 1 }\n";
        let analysis = Fixture::new(text).all();
        let show = |path: &str| -> Vec<String> {
            let file = analysis.modules.sources.find(path).unwrap();
            let told = |lens: &Lens| match &lens.about {
                About::Instances => counted(instances(&analysis, lens.span).len(), "instance"),
                About::References => counted(uses(&analysis, lens.span).len(), "reference"),
                other => format!("{other:?}"),
            };
            lenses(&analysis, file).iter().map(told).collect()
        };
        assert_eq!(show("lib.tess"), ["2 references"]);
        assert_eq!(show("main.tess"), ["1 reference", "2 instances", "Graph(\"A\")", "Lease(\"8h\")", "Objects"]);
        let alone = Fixture::new("let a = 1\nresource b: v1/ConfigMap {}\nresource c: v1/ConfigMap {}\n").all();
        let file = alone.modules.sources.find("main.tess").unwrap();
        assert_eq!(lenses(&alone, file).len(), 1);
        assert_eq!(show("a.yaml"), ["Objects"]);
    }
}
