//! Who calls whom: functions, composites, and instances, which are their callers.

use indexmap::IndexMap;
use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::Named;
use tessera_compiler::resolve::declared_name;
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::ast::{DeclKind, Path};

use super::declared::{Kind, declared};
use super::{names, references};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Function,
    Composite,
    Instance,
    Constant,
    Type,
    Resource,
}

/// Who calls or is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) what: What,
    pub(crate) name: String,
    /// The module, or of an instance its composite.
    pub(crate) detail: String,
    pub(crate) whole: Span,
    pub(crate) place: Span,
}

/// A call: the other side, and where it is written.
pub(crate) type Call = (Caller, Vec<Span>);

/// What stands at a place, where it calls or is called.
pub(crate) fn prepare(analysis: &Analysis, file: FileId, offset: u32) -> Option<Caller> {
    let found = names::at(analysis, file, offset);
    let named = found.iter().find_map(|reference| match names::through_alias(analysis, &reference.named) {
        Named::Source(name) => called(analysis, name),
        _ => None,
    });
    let instances = analysis.facts.instances.iter();
    named.or_else(|| {
        let own = |span: Span| span.file == file && span.touches(offset);
        instances.filter(|instance| own(instance.name.span)).find_map(|i| container(analysis, i.name.span))
    })
}

/// The function or composite whose name stands at a place.
fn called(analysis: &Analysis, name: Span) -> Option<Caller> {
    let found = declared(analysis, name)?;
    let what = match found.kind {
        Kind::Function(_) => What::Function,
        Kind::Composite(_) => What::Composite,
        _ => return None,
    };
    let detail = module_name(analysis, name.file);
    Some(Caller { what, name: found.name.name.to_string(), detail, whole: found.span, place: name })
}

fn module_name(analysis: &Analysis, file: FileId) -> String {
    let Some((_, module)) = names::module_of(analysis, file) else { return String::new() };
    module.ast.name.as_ref().map_or_else(|| module.path.to_string(), Path::dotted)
}

/// The declaration or instance that a place lies in.
fn container(analysis: &Analysis, at: Span) -> Option<Caller> {
    let is_in = |span: Span| span.file == at.file && span.start <= at.start && at.end <= span.end;
    let instance = analysis.facts.instances.iter().find(|instance| is_in(instance.span));
    if let Some(instance) = instance {
        let detail = analysis.modules.sources.text(instance.composite).to_owned();
        let name = instance.name.name.to_string();
        return Some(Caller { what: What::Instance, name, detail, whole: instance.span, place: instance.name.span });
    }
    let (_, module) = names::module_of(analysis, at.file)?;
    let decl = module.ast.decls.iter().find(|decl| is_in(decl.span))?;
    let what = match &decl.kind {
        DeclKind::Fn(_) => What::Function,
        DeclKind::Composite(_) => What::Composite,
        DeclKind::Let(_) => What::Constant,
        DeclKind::Type { .. } => What::Type,
        DeclKind::Resource(_) | DeclKind::External(_) => What::Resource,
        DeclKind::Instance(_) | DeclKind::Error => return None,
    };
    let name = declared_name(decl)?;
    let detail = module_name(analysis, at.file);
    Some(Caller { what, name: name.name.to_string(), detail, whole: decl.span, place: name.span })
}

/// Who calls what is declared with its name at a place; of all files, if all were analysed.
pub(crate) fn incoming(analysis: &Analysis, name: Span) -> Vec<Call> {
    if called(analysis, name).is_none() {
        return Vec::new();
    }
    let mut calls: IndexMap<Span, Call> = IndexMap::new();
    for occurrence in references::references(analysis, &[Named::Source(name)]) {
        let Some(caller) = container(analysis, occurrence.span) else { continue };
        if occurrence.span != caller.place {
            calls.entry(caller.place).or_insert_with(|| (caller, Vec::new())).1.push(occurrence.span);
        }
    }
    calls.into_values().collect()
}

/// What is called by what has its name at a place.
pub(crate) fn outgoing(analysis: &Analysis, name: Span) -> Vec<Call> {
    let Some(caller) = container(analysis, name) else { return Vec::new() };
    let mut calls: IndexMap<Span, Call> = IndexMap::new();
    let inside = |span: Span| caller.whole.start <= span.start && span.end <= caller.whole.end;
    for reference in names::in_file(&analysis.facts.references, name.file).iter().filter(|r| inside(r.span)) {
        let Named::Source(declared) = names::through_alias(analysis, &reference.named) else { continue };
        if declared == reference.span {
            continue;
        }
        let Some(callee) = called(analysis, declared) else { continue };
        calls.entry(callee.place).or_insert_with(|| (callee, Vec::new())).1.push(reference.span);
    }
    calls.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::fixture::Fixture;

    const TEXT: &str = "//- lib.tess\nmodule x.lib\nfn twice(n: Int) -> Int = n * 2\nfn more(n: Int) -> Int = twice(n) + twice(1)\n//- main.tess\nuse x.lib.{ twice as double, more }\nlet a = double(2)\ncomposite A: a.example/v1 {\n  param n: Int\n  let m = more(n)\n  resource c: v1/ConfigMap { data: { a: \"${m}\" } }\n}\nA one { n: double(1) }\n//- a.yaml\napiVersion: a.example/v1\nkind: A\nmetadata: { name: two }\nspec: { n: 1 }\n";

    fn check(at: &str, find: fn(&Analysis, Span) -> Vec<Call>, wanted: &[&str]) {
        let fixture = Fixture::new(&TEXT.replacen(&at.replace("$0", ""), at, 1));
        let (analysis, file, offset) = fixture.all_at_cursor();
        let item = prepare(&analysis, file, offset).expect("nothing is called here");
        let show =
            |(caller, places): Call| format!("{:?} {} ({}) {}", caller.what, caller.name, caller.detail, places.len());
        let found: Vec<String> = find(&analysis, item.place).into_iter().map(show).collect();
        assert_eq!(found, wanted, "{at}");
    }

    #[test]
    fn who_calls() {
        check("fn twi$0ce", incoming, &["Function more (x.lib) 2", "Constant a (main.tess) 1", "Instance one (A) 1"]);
        check(
            "= dou$0ble(2)",
            incoming,
            &["Function more (x.lib) 2", "Constant a (main.tess) 1", "Instance one (A) 1"],
        );
        check("m = mo$0re", incoming, &["Composite A (main.tess) 1"]);
        check("composite A$0", incoming, &["Instance one (A) 1", "Instance two (A) 1"]);
        check("A o$0ne", incoming, &[]);
    }

    #[test]
    fn who_is_called() {
        check("fn mo$0re", outgoing, &["Function twice (x.lib) 2"]);
        check("composite A$0", outgoing, &["Function more (x.lib) 1"]);
        check("A o$0ne", outgoing, &["Composite A (main.tess) 1", "Function twice (x.lib) 1"]);
        check("name: tw$0o", outgoing, &["Composite A (main.tess) 1"]);
    }
}
