//! What the source leaves out, shown beside it.

use rustc_hash::FxHashSet;
use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::{Callee, ObjectFact};
use tessera_compiler::expr::Expr as Checked;
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::ast::{Arg, DeclKind, Expr, ExprKind, Ident, Let, MemberKind, Module, Resource};
use tessera_compiler::syntax::{Node, walk};
use tessera_compiler::types::Type;

use super::{hover, names};

/// The most characters of a hint.
const LONGEST: usize = 48;
/// How many defaults of an object are named.
const DEFAULTS: usize = 4;

/// Which hints are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Types that are not written.
    pub(crate) types: bool,
    /// Defaults that an instance takes.
    pub(crate) defaults: bool,
    /// Names of objects, and of parameters that are given by position.
    pub(crate) names: bool,
}

/// What a hint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// A type.
    Type,
    /// A default.
    Default,
    /// The name of an object.
    Object,
    /// The name of a parameter.
    Parameter,
}

/// A hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The byte before which it is shown.
    pub(crate) at: u32,
    pub(crate) text: String,
    pub(crate) about: About,
    /// All of it, where the text is cut.
    pub(crate) whole: Option<String>,
}

/// The hints of a file between two of its bytes.
pub(crate) fn hints(analysis: &Analysis, file: FileId, range: (u32, u32), wanted: Wanted) -> Vec<Hint> {
    let mut found = Hints { analysis, range, wanted, hints: Vec::new() };
    if let Some((_, module)) = names::module_of(analysis, file) {
        found.syntax(&module.ast);
        if wanted.names {
            found.resources(&module.ast);
            found.arguments(file, &module.ast);
        }
    }
    if wanted.defaults {
        found.defaults(file);
    }
    found.hints.sort_by_key(|hint| hint.at);
    found.hints
}

struct Hints<'a> {
    analysis: &'a Analysis,
    range: (u32, u32),
    wanted: Wanted,
    hints: Vec<Hint>,
}

impl<'a> Hints<'a> {
    fn touches(&self, span: Span) -> bool {
        span.start <= self.range.1 && self.range.0 <= span.end
    }

    fn add(&mut self, at: u32, text: String, about: About) {
        if at < self.range.0 || at > self.range.1 {
            return;
        }
        if text.chars().count() <= LONGEST {
            self.hints.push(Hint { at, text, about, whole: None });
            return;
        }
        let mut short: String = text.chars().take(LONGEST - 1).collect();
        short.push('…');
        self.hints.push(Hint { at, text: short, about, whole: Some(text) });
    }

    fn syntax(&mut self, module: &'a Module) {
        if !self.wanted.types {
            return;
        }
        walk(module, &mut |node| {
            match node {
                Node::Decl(decl) => return self.touches(decl.span),
                Node::Member(member) => return self.touches(member.span),
                Node::Let(binding) => self.binding(binding),
                Node::Loop(head) => {
                    self.ty(&head.first);
                    head.second.iter().for_each(|second| self.ty(second));
                }
                _ => {}
            }
            true
        });
    }

    fn binding(&mut self, binding: &Let) {
        // What a literal is, everybody sees.
        if binding.ty.is_none() && !is_plain(&binding.value) {
            self.ty(&binding.name);
        }
    }

    fn ty(&mut self, name: &Ident) {
        let Some(ty) = names::declared_type(self.analysis, name.span) else { return };
        if matches!(ty.peel(), Type::Unknown) {
            return;
        }
        let text = format!(": {}", ty.widen().display(&self.analysis.schemas));
        self.add(name.span.end, text, About::Type);
    }

    /// The names that objects get where nobody writes them.
    fn resources(&mut self, module: &Module) {
        let analysis = self.analysis;
        let mut all: Vec<&Resource> = Vec::new();
        walk(module, &mut |node| {
            match node {
                Node::Decl(decl) => {
                    if let DeclKind::Resource(resource) = &decl.kind {
                        all.push(resource);
                    }
                    return self.touches(decl.span) && matches!(decl.kind, DeclKind::Composite(_));
                }
                Node::Member(member) => match &member.kind {
                    MemberKind::Resource(resource) => all.push(resource),
                    MemberKind::If { .. } | MemberKind::For { .. } => return true,
                    _ => {}
                },
                _ => {}
            }
            false
        });
        for resource in all {
            let (Some((_, kind)), true) = (&resource.kind, hover::written_name(&resource.body).is_none()) else {
                continue;
            };
            if let Some(name) = hover::object_name(analysis, resource) {
                self.add(kind.end, format!(" {name}"), About::Object);
            }
        }
    }

    /// The parameters of literals that are given by position.
    fn arguments(&mut self, file: FileId, module: &Module) {
        let analysis = self.analysis;
        let calls = &analysis.facts.calls;
        let start = calls.partition_point(|call| call.args.file < file);
        let end = calls.partition_point(|call| call.args.file <= file);
        let calls = calls.get(start..end).unwrap_or_default();
        if calls.is_empty() {
            return;
        }
        walk(module, &mut |node| {
            if let Node::Decl(decl) = node {
                return self.touches(decl.span);
            }
            if let Node::Expr(Expr { kind: ExprKind::Call { args, args_span, .. }, .. }) = node
                && let Ok(index) = calls.binary_search_by_key(args_span, |call| call.args)
                && let Some(Callee::Declared { parameters, .. }) = calls.get(index).map(|call| &call.callee)
            {
                for (Arg { name, value }, parameter) in args.iter().zip(parameters) {
                    if name.is_none() && is_plain(value) && parameters.len() > 1 {
                        self.add(value.span.start, format!("{}: ", parameter.name), About::Parameter);
                    }
                }
            }
            true
        });
    }

    /// What instances, and records in them, take because nobody says otherwise.
    fn defaults(&mut self, file: FileId) {
        let analysis = self.analysis;
        let instances: Vec<Span> =
            analysis.facts.instances.iter().map(|instance| instance.span).filter(|span| span.file == file).collect();
        let is_in =
            |object: &ObjectFact, outer: &Span| outer.start <= object.span.start && object.span.end <= outer.end;
        let mut seen: FxHashSet<Span> = FxHashSet::default();
        for object in analysis.facts.objects.iter().filter(|object| object.span.file == file) {
            let ours = !object.defaults.is_empty() && instances.iter().any(|outer| is_in(object, outer));
            if !ours || !self.touches(object.span) || !seen.insert(object.span) {
                continue;
            }
            let mut shown: Vec<String> = object
                .defaults
                .iter()
                .map(|(name, value)| format!("{name}: {}", self.value(value)))
                .take(DEFAULTS)
                .collect();
            if object.defaults.len() > DEFAULTS {
                shown.push("…".to_owned());
            }
            let (at, text) = self.place(object.span, &shown.join(", "));
            self.add(at, text, About::Default);
        }
    }

    fn value(&self, value: &Checked) -> String {
        value.known().map_or_else(
            || self.analysis.modules.sources.text(value.span).split_whitespace().collect::<Vec<_>>().join(" "),
            tessera_compiler::value::Value::shown,
        )
    }

    /// Behind the opening brace where the object goes over lines, before the closing one otherwise; of YAML,
    /// behind its last line.
    fn place(&self, object: Span, text: &str) -> (u32, String) {
        let written = self.analysis.modules.sources.text(object);
        match (written.starts_with('{'), written.contains('\n')) {
            (true, true) => (object.start + 1, format!(" {text}")),
            (true, false) => {
                let blanks = written.len() - written.trim_end_matches('}').trim_end().len();
                let comma = if written.trim_matches(['{', '}', ' ']).is_empty() { " " } else { ", " };
                (object.end - blanks as u32, format!("{comma}{text}"))
            }
            (false, _) => (object.start + written.trim_end().len() as u32, format!("  {text}")),
        }
    }
}

const fn is_plain(expr: &Expr) -> bool {
    use ExprKind::{Bool, Bytes, Float, Int, Null, String, Suffixed, Uint};
    matches!(expr.kind, Bool(_) | Bytes(_) | Float(_) | Int(_) | Null | String(_) | Suffixed(_) | Uint(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::fixture::Fixture;

    const ALL: Wanted = Wanted { types: true, defaults: true, names: true };
    const NONE: Wanted = Wanted { types: false, defaults: false, names: false };

    /// The text with its hints in `⟨ ⟩`.
    fn shown(text: &str, path: &str, wanted: Wanted) -> String {
        let fixture = Fixture::new(text);
        let (analysis, file) = fixture.one(path);
        let mut text = fixture.text(path).to_string();
        for hint in hints(&analysis, file, (0, u32::MAX), wanted).iter().rev() {
            text.insert_str(hint.at as usize, &format!("⟨{}⟩", hint.text));
        }
        text
    }

    fn check(wanted: Wanted, expected: &str) {
        let plain = without(expected);
        assert_eq!(shown(&plain, "main.tess", wanted), expected);
    }

    fn without(text: &str) -> String {
        let mut parts = text.split('⟨');
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |out, part| out + part.split_once('⟩').unwrap().1)
    }

    #[test]
    fn types_that_are_not_written() {
        check(
            Wanted { types: true, ..NONE },
            "let a = 1\nlet b⟨: [Int]⟩ = [a]\nlet c: [Int] = b\nfn f(a: Int) -> Int {\n  let d⟨: Int⟩ = a + 1\n  d\n}\n",
        );
        check(
            Wanted { types: true, ..NONE },
            "composite A: a.example/v1 {\n  param n: Int\n  let m⟨: Int⟩ = n + 1\n  for k⟨: String⟩, v⟨: Int⟩ in { a: 1 } {\n    resource b: v1/ConfigMap { data: { a: \"${k}${v}${m}\" } }\n  }\n}\n",
        );
        check(Wanted { types: true, ..NONE }, "let b = x\nlet c = \"\u{1F600}\"\nlet d⟨: String⟩ = c + c\n");
    }

    #[test]
    fn names_of_objects_and_parameters() {
        check(
            Wanted { names: true, ..NONE },
            "resource a: v1/ConfigMap⟨ a⟩ {}\nresource b: v1/ConfigMap { metadata: { name: \"c\" } }\ncomposite A: a.example/v1 {\n  for x in [\"y\"] {\n    resource d: v1/ConfigMap⟨ ${self.name}-d-${x}⟩ {}\n  }\n}\n",
        );
        check(
            Wanted { names: true, ..NONE },
            "fn f(a: Int, b: Int) -> Int = a + b\nlet c = f(⟨a: ⟩1, b: 2)\nlet d = f(c, ⟨b: ⟩2)\n",
        );
    }

    const COMPOSITE: &str = "composite A: a.example/v1 {\n  param n: Int\n  param size: \"s\" | \"l\" = \"s\"\n  param r: { a: Int = 1, b: Int }\n}\n";

    #[test]
    fn defaults_of_instances() {
        let only = Wanted { defaults: true, ..NONE };
        check(only, &format!("{COMPOSITE}A one {{ n: 1, r: {{ b: 2⟨, a: 1⟩ }}⟨, size: \"s\"⟩ }}\n"));
        check(only, &format!("{COMPOSITE}A one {{⟨ size: \"s\"⟩\n  n: 1\n  r: {{ a: 3, b: 2 }}\n}}\n"));
        let yaml = "apiVersion: a.example/v1\nkind: A\nmetadata:\n  name: x\nspec:\n  n: 1\n  r:\n    b: 2\n";
        let text = shown(&format!("//- main.tess\n{COMPOSITE}//- a.yaml\n{yaml}"), "a.yaml", only);
        assert!(text.contains("size: \"s\""), "{text}");
        assert!(text.contains("a: 1"), "{text}");
    }

    #[test]
    fn only_what_is_asked_for() {
        let fixture = Fixture::new("let a = [1]\nlet b = [2]\n");
        let (analysis, file) = fixture.one("main.tess");
        assert_eq!(hints(&analysis, file, (0, 8), ALL).len(), 1);
        assert_eq!(hints(&analysis, file, (0, 99), NONE).len(), 0);
    }
}
