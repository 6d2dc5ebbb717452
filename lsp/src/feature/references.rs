//! Who uses a name.

use rustc_hash::FxHashSet;
use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::Named;
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::ast::{Entry, Expr, ExprKind, Key};
use tessera_compiler::syntax::{Node, walk};

use super::names;

/// A place where a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// The name.
    pub(crate) span: Span,
    /// What is done with what it stands for.
    pub(crate) access: Access,
}

/// What is done at a place with what a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It is declared.
    Declares,
    /// It is given a value.
    Writes,
    /// It is read.
    Reads,
}

/// What stands at a place, names that imports gave followed to what they are of.
pub(crate) fn meant(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Named> {
    let found = names::at(analysis, file, offset);
    let mut meant: Vec<Named> = found.iter().map(|r| names::through_alias(analysis, &r.named)).collect();
    meant.sort();
    meant.dedup();
    meant
}

/// All places of what was analysed where one of these things is named, by any name. What is written to is
/// not told from what is read.
pub(crate) fn references(analysis: &Analysis, meant: &[Named]) -> Vec<Occurrence> {
    let wanted = with_aliases(analysis, meant);
    let mut found: Vec<Occurrence> = Vec::new();
    for reference in analysis.facts.references.iter().filter(|reference| wanted.contains(&reference.named)) {
        if found.last().is_none_or(|last| last.span != reference.span) {
            found.push(Occurrence { span: reference.span, access: Access::Reads });
        }
    }
    for occurrence in &mut found {
        if meant.contains(&Named::Source(occurrence.span)) || is_module_name(analysis, occurrence.span) {
            occurrence.access = Access::Declares;
        }
    }
    found
}

/// The places of a file where what stands at the cursor is named.
pub(crate) fn highlights(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Occurrence> {
    let mut found = references(analysis, &meant(analysis, file, offset));
    found.retain(|occurrence| occurrence.span.file == file);
    let keys = keys(analysis, file);
    for occurrence in &mut found {
        if occurrence.access == Access::Reads && keys.contains(&occurrence.span) {
            occurrence.access = Access::Writes;
        }
    }
    found
}

/// The things and the names that imports give them.
fn with_aliases(analysis: &Analysis, meant: &[Named]) -> FxHashSet<Named> {
    let mut wanted: FxHashSet<Named> = meant.iter().cloned().collect();
    for import in analysis.modules.list.iter().flat_map(|module| module.imports.values()) {
        let alias = Named::Source(import.span);
        if wanted.contains(&names::of_target(analysis, import.target, &alias)) {
            wanted.insert(alias);
        }
    }
    wanted
}

fn is_module_name(analysis: &Analysis, span: Span) -> bool {
    let name = names::module_of(analysis, span.file).and_then(|(_, module)| module.ast.name.as_ref());
    name.and_then(|name| name.segments.last()).is_some_and(|last| last.span == span)
}

/// The places of a file that give a field or parameter its value.
fn keys(analysis: &Analysis, file: FileId) -> FxHashSet<Span> {
    let mut keys = FxHashSet::default();
    let Some((_, module)) = names::module_of(analysis, file) else {
        // In YAML, only keys and kinds are names.
        let names = names::in_file(&analysis.facts.references, file).iter().map(|reference| reference.span);
        let kinds: Vec<Span> = analysis.facts.instances.iter().map(|instance| instance.kind).collect();
        return names.filter(|name| !kinds.contains(name)).collect();
    };
    walk(&module.ast, &mut |node| {
        match node {
            Node::Entry(Entry::Field { key: Key::Word { name, .. }, .. } | Entry::Short(name)) => {
                keys.insert(name.span);
            }
            Node::Expr(Expr { kind: ExprKind::Call { args, .. }, .. }) => {
                keys.extend(args.iter().filter_map(|arg| arg.name.as_ref()).map(|name| name.span));
            }
            _ => {}
        }
        true
    });
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::fixture::{Fixture, shown};

    fn check(text: &str) {
        let fixture = Fixture::new(text);
        let (analysis, file, offset) = fixture.all_at_cursor();
        let found: Vec<Span> =
            references(&analysis, &meant(&analysis, file, offset)).iter().map(|occurrence| occurrence.span).collect();
        let mut wanted = fixture.places(&analysis);
        wanted.sort();
        assert_eq!(shown(&analysis, &found), shown(&analysis, &wanted), "{text}");
    }

    #[test]
    fn every_use_is_found() {
        check("let <|a|> = 1\nlet b = <|a|>$0 + <|a|>\nlet c = \"${<|a|>}\"\n");
        check("type T = { <|a|>: Int }\nlet t: T = { <|a|>$0: 1 }\nlet u = t.<|a|>\nlet v = { a: 1 }\n");
        check("fn f(<|n|>$0: Int) -> Int = <|n|>\nlet a = f(<|n|>: 1)\n");
        check("let a = { <|b|>: 1 }\nlet c = a.<|b|>$0\n");
        check(
            "//- b.tess\nmodule x.b\nlet <|n|>$0 = 1\n//- main.tess\nuse x.b.{ <|n|> as <|m|> }\nuse x.b as z\nlet a = <|m|> + z.<|n|>\n",
        );
        check(
            "//- b.tess\nmodule x.<|b|>\nlet n = 1\n//- main.tess\nuse x.<|b|>\nlet a = <|b|>$0.n\n//- c.tess\nuse x.<|b|>.{ n }\nlet a = n\n",
        );
        check(
            "composite <|A|>$0: a.example/v1 { param b: Int }\n<|A|> one { b: 1 }\n//- a.yaml\napiVersion: a.example/v1\nkind: <|A|>\nmetadata: { name: two }\nspec: { b: 1 }\n",
        );
        check(
            "composite A: a.example/v1 { param <|b|>$0: Int }\nA one { <|b|>: 1 }\n//- a.yaml\napiVersion: a.example/v1\nkind: A\nmetadata: { name: two }\nspec:\n  <|b|>: 1\n",
        );
        check(
            "resource a: v1/ConfigMap { <|data|>$0: {} }\nresource b: v1/ConfigMap { <|data|>: {} }\nresource c: v1/Secret { data: {} }\n",
        );
    }

    #[test]
    fn highlights_tell_what_is_done() {
        let fixture = Fixture::new(
            "type T = { a$0: Int }\nlet t: T = { a: 1 }\nlet u = t.a\nlet b = true\nlet c = b ? t.a : t.a\n",
        );
        let (analysis, file, offset) = fixture.at_cursor();
        let found: Vec<Access> = highlights(&analysis, file, offset).iter().map(|o| o.access).collect();
        assert_eq!(found, [Access::Declares, Access::Writes, Access::Reads, Access::Reads, Access::Reads]);
    }
}
