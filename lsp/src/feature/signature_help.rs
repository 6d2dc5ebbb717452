//! What the function takes whose arguments are being written.

use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::{CallFact, Callee, Parameter};
use tessera_compiler::library::{self, Overload};
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::tree::{Kind as Node, NodeId, Tree};
use tessera_compiler::types::Type;

use super::declared::{Kind, declared};
use super::words;

/// The ways to call a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signatures {
    pub(crate) ways: Vec<Way>,
    /// Which is meant, as far as the arguments tell.
    pub(crate) active: usize,
}

/// A way to call a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// As the language writes it.
    pub(crate) label: String,
    /// Where each parameter stands in the label, in bytes.
    pub(crate) parameters: Vec<(u32, u32)>,
    /// The parameter that is being written.
    pub(crate) active: Option<usize>,
    /// Markdown.
    pub(crate) doc: Option<String>,
}

/// What is being written between the parentheses.
#[derive(Debug, Default)]
struct Writing<'a> {
    /// How many arguments stand before.
    before: usize,
    /// The name that the argument is given by.
    name: Option<&'a str>,
}

/// What the innermost call round a place takes.
pub(crate) fn signature_help(analysis: &Analysis, tree: &Tree, file: FileId, offset: u32) -> Option<Signatures> {
    let text = &analysis.modules.sources.get(file)?.text;
    let inside = |call: &&CallFact| {
        let span = call.args;
        let closed = span.text(text).ends_with(')');
        // Without its parenthesis a call goes on over blanks.
        let blank = || text.get(span.end as usize..offset as usize).is_some_and(|rest| rest.trim().is_empty());
        span.file == file && span.start < offset && (offset < span.end || (!closed && blank()))
    };
    let call = analysis.facts.calls.iter().filter(inside).min_by_key(|call| call.args.end - call.args.start)?;
    let writing = writing(tree, text, call.args, offset);
    match &call.callee {
        Callee::Declared { span, parameters, result } => Some(one(own(analysis, *span, parameters, result, &writing))),
        Callee::Library { name, receiver } => match words::macros(name) {
            Some((forms, doc)) => {
                Some(several(forms.iter().map(|form| macro_way(form, doc, &writing)).collect(), &writing))
            }
            None => library_ways(analysis, name, receiver.as_ref(), &writing),
        },
    }
}

fn one(way: Way) -> Signatures {
    Signatures { ways: vec![way], active: 0 }
}

/// The first way that takes as many arguments as are being written.
fn several(ways: Vec<Way>, writing: &Writing<'_>) -> Signatures {
    let active = ways.iter().position(|way| way.parameters.len() > writing.before || way.active.is_some());
    Signatures { active: active.unwrap_or(0), ways }
}

/// How far the arguments are written at a place.
fn writing<'t>(tree: &Tree, text: &'t str, args: Span, offset: u32) -> Writing<'t> {
    let mut found = Writing::default();
    let is_call = |id: &NodeId| tree.kind(*id) == Node::Call && tree.range(*id).0 == args.start;
    let Some(call) = tree.ids().find(is_call) else { return found };
    for child in tree.children(call) {
        let (start, end) = tree.range(child);
        if start >= offset {
            break;
        }
        match tree.kind(child) {
            Node::Punct if tree.text(child, text) == "," && end <= offset => {
                found = Writing { before: found.before + 1, name: None }
            }
            Node::Arg => {
                let mut leaves = tree.children(child).filter(|id| !tree.kind(*id).is_trivia());
                let (first, second) = (leaves.next(), leaves.next());
                let colon = second.is_some_and(|id| tree.text(id, text) == ":" && tree.range(id).0 < offset);
                found.name = first.filter(|_| colon).map(|id| tree.text(id, text).trim_matches('`'));
            }
            _ => {}
        }
    }
    found
}

/// A label that remembers where its parameters stand.
struct Label {
    text: String,
    parameters: Vec<(u32, u32)>,
}

impl Label {
    fn new(text: String) -> Self {
        Self { text, parameters: Vec::new() }
    }

    fn add(&mut self, parameter: &str) {
        if !self.parameters.is_empty() {
            self.text.push_str(", ");
        }
        let start = self.text.len() as u32;
        self.text.push_str(parameter);
        self.parameters.push((start, self.text.len() as u32));
    }

    fn done(mut self, end: &str, active: Option<usize>, doc: Option<String>) -> Way {
        self.text.push_str(end);
        Way { label: self.text, parameters: self.parameters, active, doc }
    }
}

/// A function of a module.
fn own(analysis: &Analysis, name: Span, parameters: &[Parameter], result: &Type, writing: &Writing<'_>) -> Way {
    let found = declared(analysis, name);
    let mut label = Label::new(format!("{}(", analysis.modules.sources.text(name)));
    for parameter in parameters {
        let default = match declared(analysis, parameter.span).map(|d| d.kind) {
            Some(Kind::Argument(param)) => param.default.as_ref(),
            _ => None,
        };
        let default = default.map(|default| format!(" = {}", analysis.modules.sources.text(default.span)));
        let ty = parameter.ty.display(&analysis.schemas);
        label.add(&format!("{}: {ty}{}", parameter.name, default.unwrap_or_default()));
    }
    let active = match writing.name {
        Some(name) => parameters.iter().position(|parameter| parameter.name == name),
        None => Some(writing.before).filter(|index| *index < parameters.len()),
    };
    let doc = found.and_then(|found| found.doc).map(ToString::to_string);
    label.done(&format!(") -> {}", result.display(&analysis.schemas)), active, doc)
}

/// A macro: its form says where its parameters are.
fn macro_way(form: &str, doc: &str, writing: &Writing<'_>) -> Way {
    let (head, rest) = form.split_once('(').unwrap_or((form, ""));
    let (inner, end) = rest.split_once(')').unwrap_or((rest, ""));
    let mut label = Label::new(format!("{head}("));
    inner.split(", ").for_each(|parameter| label.add(parameter));
    let active = Some(writing.before).filter(|index| *index < label.parameters.len());
    label.done(&format!("){end}"), active, Some(doc.to_owned()))
}

fn library_ways(analysis: &Analysis, name: &str, receiver: Option<&Type>, writing: &Writing<'_>) -> Option<Signatures> {
    let function = library::find(name)?;
    let fits: Vec<&Overload> = function.overloads.iter().filter(|way| way.receiver == receiver.is_some()).collect();
    let shown = receiver.map(|ty| ty.widen().display(&analysis.schemas).to_string());
    let of_type = |way: &&&Overload| way.params.first().map(ToString::to_string) == shown;
    let exact: Vec<&Overload> = fits.iter().filter(of_type).copied().collect();
    let ways = if shown.is_some() && !exact.is_empty() { exact } else { fits };
    let way = |way: &&Overload| {
        let (start, params) = match (way.receiver, way.params) {
            (true, [receiver, rest @ ..]) => (format!("{receiver}.{name}("), rest),
            (_, params) => (format!("{name}("), params),
        };
        let mut label = Label::new(start);
        params.iter().for_each(|param| label.add(&param.to_string()));
        let repeats = matches!(params.last(), Some(library::Sig::Variadic(_)));
        let last = params.len().saturating_sub(1);
        let active = if repeats { Some(writing.before.min(last)) } else { Some(writing.before).filter(|i| *i <= last) };
        label.done(
            &format!(") -> {}", way.result),
            active.filter(|_| !params.is_empty()),
            Some(function.doc.to_owned()),
        )
    };
    let ways: Vec<Way> = ways.iter().map(way).collect();
    (!ways.is_empty()).then(|| several(ways, writing))
}

#[cfg(test)]
mod tests {
    use tessera_compiler::syntax;

    use super::*;
    use crate::feature::fixture::Fixture;

    fn help(text: &str) -> Option<String> {
        let fixture = Fixture::new(text);
        let (analysis, file, offset) = fixture.at_cursor();
        let tree = syntax::parse(file, &analysis.modules.sources.get(file).unwrap().text).tree;
        let found = signature_help(&analysis, &tree, file, offset)?;
        let way = &found.ways[found.active];
        let mut label = way.label.clone();
        if let Some((start, end)) = way.active.and_then(|index| way.parameters.get(index)) {
            label.insert(*end as usize, '>');
            label.insert(*start as usize, '<');
        }
        Some(label)
    }

    fn check(text: &str, wanted: &str) {
        assert_eq!(help(text).as_deref(), Some(wanted), "{text}");
    }

    const F: &str = "fn f(a: Int, b: String = \"x\") -> Int = a\n";

    #[test]
    fn functions_of_modules() {
        let of = |call: &str| format!("{F}let c = {call}\n");
        check(&of("f($0)"), "f(<a: Int>, b: String = \"x\") -> Int");
        check(&of("f(1$0)"), "f(<a: Int>, b: String = \"x\") -> Int");
        check(&of("f(1, $0)"), "f(a: Int, <b: String = \"x\">) -> Int");
        check(&of("f(b: $0)"), "f(a: Int, <b: String = \"x\">) -> Int");
        check(&of("f(b: \"y\", a: 1$0)"), "f(<a: Int>, b: String = \"x\") -> Int");
        check(&of("f(f(1, \"a,b\"), $0)"), "f(a: Int, <b: String = \"x\">) -> Int");
        check(&of("f(f($0), 2)"), "f(<a: Int>, b: String = \"x\") -> Int");
        check(
            "//- b.tess\nmodule x.b\nfn g(n: Int) -> Int = n\n//- main.tess\nuse x.b\nlet a = b.g($0)\n",
            "g(<n: Int>) -> Int",
        );
        assert_eq!(help(&of("f(1)$0")), None);
        assert_eq!(help(&of("f$0(1)")), None);
    }

    #[test]
    fn broken_text() {
        check(&format!("let = 3\n}}\n{F}let c = f($0\nlet d = 1\n"), "f(<a: Int>, b: String = \"x\") -> Int");
        check(&format!("{F}let c = f(1, $0\nlet d = 1\n"), "f(a: Int, <b: String = \"x\">) -> Int");
        check(&format!("{F}let c = {{ d: [f(1,$0\n"), "f(a: Int, <b: String = \"x\">) -> Int");
        check(
            &format!("{F}resource a: v1/ConfigMap {{\n  data: {{ a: \"${{f(1, $0)}}\" }}\n}}\n"),
            "f(a: Int, <b: String = \"x\">) -> Int",
        );
    }

    #[test]
    fn the_library_and_macros() {
        check("let a = \"a\".split($0)\n", "String.split(<String>) -> [String]");
        check("let a = \"a\".split(\",\", $0)\n", "String.split(String, <Int>) -> [String]");
        check("let a = math.greatest(1, $0)\n", "math.greatest(<Int...>) -> Int");
        check("let a = [1].map(x, $0)\n", "list.map(item, <expression>) -> [B]");
        check("let a = [1].map(x, x > 1, $0)\n", "list.map(item, condition, <expression>) -> [B]");
        check("let a = cel.bind(x, $0)\n", "cel.bind(name, <value>, expression) -> B");
    }
}
