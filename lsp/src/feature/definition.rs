//! Where things are declared.

use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::Named;
use tessera_compiler::resolve::{Module, ModuleId};
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::types::Type;

use super::{declared, names};

/// Where one gets to from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Goal {
    /// The word that leads there.
    pub(crate) from: Span,
    /// The whole declaration.
    pub(crate) whole: Span,
    /// Its name.
    pub(crate) name: Span,
}

/// Where what is written at a place is declared. Goals may lie in the standard library and in CRDs.
pub(crate) fn definition(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Goal> {
    let found = names::at(analysis, file, offset);
    let goals = found.iter().filter_map(|reference| {
        let (whole, name) = place(analysis, &names::through_alias(analysis, &reference.named))?;
        Some(Goal { from: reference.span, whole, name })
    });
    let mut goals: Vec<Goal> = goals.collect();
    if goals.is_empty() {
        goals.extend(part(analysis, file, offset).or_else(|| import(analysis, file, offset)));
    }
    goals.dedup();
    goals
}

/// Where the type of what is written at a place is declared.
pub(crate) fn type_definition(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Goal> {
    let mut goals = Vec::new();
    for reference in names::at(analysis, file, offset) {
        let from = reference.span;
        let declared = match &reference.named {
            Named::Source(span) => names::declared_type(analysis, *span),
            _ => None,
        };
        let ty = declared.or_else(|| names::read_type(analysis, from));
        let mut places = Vec::new();
        ty.into_iter().for_each(|ty| declarations(analysis, ty, &mut places, 0));
        goals.extend(places.into_iter().map(|(whole, name)| Goal { from, whole, name }));
    }
    goals.dedup();
    goals
}

/// The instances of a composite; of all files, if all were analysed.
pub(crate) fn implementation(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Goal> {
    let mut goals = Vec::new();
    for reference in names::at(analysis, file, offset) {
        let Named::Source(composite) = names::through_alias(analysis, &reference.named) else { continue };
        let instances = analysis.facts.instances.iter().filter(|instance| instance.composite == composite);
        goals.extend(instances.map(|i| Goal { from: reference.span, whole: i.span, name: i.name.span }));
    }
    goals
}

/// The declaration of a name and its name, where it has a place.
pub(crate) fn place(analysis: &Analysis, named: &Named) -> Option<(Span, Span)> {
    match named {
        Named::Source(name) => {
            let whole = declared::declared(analysis, *name).map_or(*name, |declared| declared.span);
            Some((whole, *name))
        }
        Named::Field(def, name) => {
            let known = || place(analysis, &Named::Kind(*def));
            analysis.schemas.field_defined_at(*def, name).or_else(known)
        }
        Named::Kind(def) => analysis.schemas.defined_at(*def).map(|span| (span, span)),
        Named::Module(id) => start(analysis, *id),
        Named::Function(_) | Named::Builtin(_) => None,
    }
}

/// Where a module names itself, or its first character.
fn start(analysis: &Analysis, id: ModuleId) -> Option<(Span, Span)> {
    let module = analysis.modules.get(id)?;
    let span = module.ast.name.as_ref().map_or(Span::new(module.file, 0, 0), |name| name.span);
    Some((span, span))
}

/// A part of a module's name leads to the module that has this name by itself, if there is one, and to the
/// whole module otherwise.
fn part(analysis: &Analysis, file: FileId, offset: u32) -> Option<Goal> {
    let part = names::part_at(analysis, file, offset)?;
    let module = analysis.modules.get(part.module?)?;
    let named = part.named.and_then(|name| {
        let has_name = |m: &&Module| m.ast.name.as_ref().is_some_and(|own| own.dotted() == name);
        analysis.modules.list.iter().find(|m| m.origin == module.origin && has_name(m))
    });
    let span = named.unwrap_or(module).ast.name.as_ref()?.span;
    Some(Goal { from: part.span, whole: span, name: span })
}

/// An import that the place lies in leads to its module, wherever in its source.
fn import(analysis: &Analysis, file: FileId, offset: u32) -> Option<Goal> {
    let (_, module) = names::module_of(analysis, file)?;
    let found = module.ast.uses.iter().find(|import| names::source(import).touches(offset))?;
    let (whole, name) = start(analysis, names::imported(module, found)?)?;
    Some(Goal { from: names::source(found), whole, name })
}

/// The declarations that a type consists of, down to those with a name.
fn declarations(analysis: &Analysis, ty: &Type, out: &mut Vec<(Span, Span)>, depth: u8) {
    if depth > 8 {
        return;
    }
    match ty {
        Type::Named(named) => out.extend(place(analysis, &Named::Source(named.span))),
        Type::Schema(def) => out.extend(place(analysis, &Named::Kind(*def))),
        Type::List(inner) | Type::Optional(inner) | Type::Secret(inner) | Type::Observed(inner) => {
            declarations(analysis, inner, out, depth + 1);
        }
        Type::Map(entry) => declarations(analysis, &entry.1, out, depth + 1),
        Type::Refined(rule) => declarations(analysis, &rule.base, out, depth + 1),
        Type::Union(members) => members.iter().for_each(|member| declarations(analysis, member, out, depth + 1)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::fixture::{Fixture, shown};

    type Find = fn(&Analysis, FileId, u32) -> Vec<Goal>;

    /// From the cursor one gets to the names that are marked.
    fn check(find: Find, text: &str) {
        let fixture = Fixture::new(text);
        let (analysis, file, offset) = fixture.all_at_cursor();
        let mut goals: Vec<Span> = find(&analysis, file, offset).iter().map(|goal| goal.name).collect();
        let mut wanted = fixture.places(&analysis);
        goals.sort();
        wanted.sort();
        assert_eq!(shown(&analysis, &goals), shown(&analysis, &wanted), "{text}");
    }

    fn path(text: &str) -> Option<String> {
        let fixture = Fixture::new(text);
        let (analysis, file, offset) = fixture.at_cursor();
        let goal = *definition(&analysis, file, offset).first()?;
        Some(analysis.modules.sources.get(goal.name.file)?.path.to_string())
    }

    #[test]
    fn names_lead_to_their_declarations() {
        check(definition, "let <|a|> = 1\nlet b = a$0\n");
        check(definition, "fn f(<|n|>: Int) -> Int = n$0\n");
        check(definition, "fn f(<|n|>: Int) -> Int = n\nlet a = f(n$0: 1)\n");
        check(definition, "type T = { <|a|>: Int }\nlet t: T = { a$0: 1 }\n");
        check(definition, "type T = { <|a|>: Int }\nlet t: T = { \"a$0\": 1 }\n");
        check(definition, "let x = [1].map(<|y|>, \"${y$0}\")\n");
        check(
            definition,
            "composite A: a.example/v1 {\n  resource <|b|>: v1/ConfigMap {}\n  resource c: v1/ConfigMap after b$0 {}\n}\n",
        );
        check(
            definition,
            "composite A: a.example/v1 {\n  for <|k|>, v in { a: 1 } { resource b: v1/ConfigMap { data: { a: \"${k$0}${v}\" } } }\n}\n",
        );
    }

    #[test]
    fn imports_lead_to_files() {
        check(definition, "//- b.tess\nmodule <|x.b|>\nlet n = 1\n//- main.tess\nuse x.b\nlet a = b$0.n\n");
        check(definition, "//- b.tess\nmodule x.b\nlet <|n|> = 1\n//- main.tess\nuse x.b\nlet a = b.n$0\n");
        check(definition, "//- b.tess\nmodule x.b\nlet <|n|> = 1\n//- main.tess\nuse x.b.{ n as m }\nlet a = m$0\n");
        check(definition, "//- b.tess\n<||>let n = 1\n//- main.tess\nuse \"./b.te$0ss\" as b\nlet a = b.n\n");
        check(definition, "//- b.tess\nmodule <|x.b|>\nlet n = 1\n//- main.tess\nuse x$0.b.{ n }\nlet a = n\n");
        check(definition, "module <|x.y.b|>\nlet n = 1\n".replace("x.y", "x.y$0").as_str());
        // What is before a dot may be a module, too.
        let modules =
            "//- x.tess\nmodule <|x|>\nlet m = 1\n//- b.tess\nmodule x.y.b\nlet n = 1\n//- main.tess\nuse x\n";
        check(definition, &format!("{modules}use x$0.y.b\nlet a = b.n + x.m\n"));
        let modules = modules.replace("<|x|>", "x").replace("x.y.b", "<|x.y.b|>");
        check(definition, &format!("{modules}use x.y$0.b\nlet a = b.n + x.m\n"));
        let dependency = "//- tessera.toml\n[package]\nname = \"a\"\n[dependencies]\nbase = { path = \"base\" }\n//- base/l.tess\nmodule <|x.l|>\nlet n = 1\n//- main.tess\n";
        for import in ["base$0.x.l", "base.x$0.l", "base.x.l$0"] {
            check(definition, &format!("{dependency}use {import}\nlet a = l.n\n"));
        }
        assert_eq!(
            path("use std.labels as l\nlet a = l.recomm$0ended({ name: \"a\" })\n").as_deref(),
            Some("std/labels.tess")
        );
        assert_eq!(path("let a: DnsL$0abel = \"a\"\n").as_deref(), Some("std/prelude.tess"));
    }

    #[test]
    fn yaml_leads_to_parameters_and_composites() {
        let sources = "//- main.tess\ncomposite <|A|>: a.example/v1 { param b: Int }\n//- a.yaml\n";
        check(
            definition,
            &format!("{sources}apiVersion: a.example/v1\nkind: $0A\nmetadata: {{ name: a }}\nspec: {{ b: 1 }}\n"),
        );
        let sources = "//- main.tess\ncomposite A: a.example/v1 { param <|b|>: Int }\n//- a.yaml\n";
        check(
            definition,
            &format!("{sources}apiVersion: a.example/v1\nkind: A\nmetadata: {{ name: a }}\nspec:\n  b$0: 1\n"),
        );
    }

    #[test]
    fn kinds_lead_to_their_crds() {
        let text = "//- tessera.toml\n[package]\nname = \"a\"\ncrds = [\"crds/*.yaml\"]\n//- crds/a.yaml\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: things.a.example }\nspec:\n  group: a.example\n  names: { kind: Thing, plural: things }\n  scope: Namespaced\n  versions:\n    - name: v1\n      served: true\n      storage: true\n      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { n: { type: integer } } } } } }\n//- main.tess\nresource t: a.example/v1/Th$0ing { spec: { n: 1 } }\n";
        assert_eq!(path(text).as_deref(), Some("crds/a.yaml"));
        assert_eq!(
            path(&text.replace("Th$0ing", "Thing").replace("{ n: 1 }", "{ n$0: 1 }")).as_deref(),
            Some("crds/a.yaml")
        );
    }

    #[test]
    fn fields_lead_to_the_lines_of_their_crds() {
        let schema = "type: object\nproperties:\n  spec:\n    type: object\n    properties:\n      a: { type: integer }\n      list:\n        type: array\n        items: { type: object, properties: { b: { type: integer } } }\n      map:\n        type: object\n        additionalProperties:\n          type: object\n          properties:\n            \"c\": { type: integer }\n  status: { type: object, properties: { a: { type: integer } } }\n";
        let definition_of = |version: &str, schema: &str| {
            let schema = schema.replace('\n', "\n        ");
            format!(
                "    - name: {version}\n      served: true\n      storage: {}\n      schema:\n        openAPIV3Schema:\n          {}\n",
                version == "v1",
                schema.trim_end().replace('\n', "\n  ")
            )
        };
        for (marked, body) in [
            ("a: { type: integer }", "a$0: 1"),
            ("b: { type: integer }", "list: [{ b$0: 1 }]"),
            ("\"c\": { type: integer }", "map: { x: { c$0: 1 } }"),
            ("list:", "list$0: []"),
        ] {
            let name = marked.split(':').next().unwrap();
            let crd = "apiVersion: v1\nkind: ConfigMap\n---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: things.a.example }\nspec:\n  group: a.example\n  names: { kind: Thing, plural: things }\n  scope: Namespaced\n  versions:\n";
            let versions = definition_of("v1beta1", schema)
                + &definition_of("v1", &schema.replacen(marked, &marked.replacen(name, &format!("<|{name}|>"), 1), 1));
            check(
                definition,
                &format!(
                    "//- tessera.toml\n[package]\nname = \"a\"\ncrds = [\"crds/*.yaml\"]\n//- crds/a.yaml\n{crd}{versions}//- main.tess\nresource t: a.example/v1/Thing {{ spec: {{ {body} }} }}\n"
                ),
            );
        }
    }

    #[test]
    fn types_and_instances() {
        check(type_definition, "type <|T|> = { a: Int }\nlet t: T = { a: 1 }\nlet u = t$0\n");
        check(type_definition, "type <|T|> = { a: Int }\nlet t: [T?] = [{ a: 1 }]\nlet u = t$0\n");
        check(type_definition, "type <|S|> = \"a\" | \"b\"\ntype T = { a: S }\nfn f(t: T) -> S = t.a$0\n");
        check(
            type_definition,
            "type <|S|> = \"a\" | \"b\"\ncomposite A: a.example/v1 { param s: S }\n//- a.yaml\napiVersion: a.example/v1\nkind: A\nmetadata: { name: two }\nspec: { s$0: a }\n",
        );
        check(
            implementation,
            "composite A$0: a.example/v1 { param b: Int }\nA <|one|> { b: 1 }\n//- a.yaml\napiVersion: a.example/v1\nkind: A\nmetadata: { name: <|two|> }\nspec: { b: 1 }\n",
        );
    }

    #[test]
    fn broken_text_leads_on() {
        check(
            definition,
            "let = 3\nfn ( }\ncomposite A: a.example/v1 {\n  param <|b|>: Int\n  let c = {\n    d: [b$0\n",
        );
    }
}
