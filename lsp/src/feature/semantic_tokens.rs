//! What each word is: from the tree, and for names from what checking found
//! them to stand for.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::{Named, Reference};
use tessera_compiler::resolve::Origin;
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::tree::{Kind as Node, Tree};

use super::declared::{self, Kind};
use super::{names, words};

/// What a word is; the standard's names, in the order of the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Namespace,
    Type,
    Class,
    Parameter,
    Variable,
    Property,
    Function,
    Method,
    Macro,
    Keyword,
    Comment,
    String,
    Number,
    Operator,
}

/// The names of [`Token`], in its order.
pub(crate) const TOKENS: [&str; 14] = [
    "namespace",
    "type",
    "class",
    "parameter",
    "variable",
    "property",
    "function",
    "method",
    "macro",
    "keyword",
    "comment",
    "string",
    "number",
    "operator",
];

/// The names of the modifiers, from the lowest bit up.
pub(crate) const MODIFIERS: [&str; 5] = ["declaration", "readonly", "deprecated", "defaultLibrary", "documentation"];

const DECLARATION: u32 = 1;
const READONLY: u32 = 1 << 1;
const DEPRECATED: u32 = 1 << 2;
const LIBRARY: u32 = 1 << 3;
const DOCUMENTATION: u32 = 1 << 4;

/// A word with what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) token: Token,
    pub(crate) modifiers: u32,
}

/// The words of a file between two of its bytes, in order, without overlaps. YAML has no tree: of
/// it, only the names of composites and their parameters are told.
pub(crate) fn words_of(analysis: &Analysis, tree: Option<&Tree>, file: FileId, range: (u32, u32)) -> Vec<Word> {
    let inside = |start: u32, end: u32| start <= range.1 && range.0 <= end;
    let mut names = Names::new(analysis, file);
    let references = names::in_file(&analysis.facts.references, file);
    let places = references.chunk_by(|a, b| a.span == b.span).filter_map(|places| places.first());
    let mut found: Vec<Word> = places
        .filter(|reference| inside(reference.span.start, reference.span.end))
        .filter_map(|reference| names.word(reference))
        .collect();
    if let (Some(tree), Some(source)) = (tree, analysis.modules.sources.get(file)) {
        found.extend(leaves(tree, &source.text, inside));
    }
    // A name says more than the word that it is.
    found.sort_by_key(|word| (word.start, word.token == Token::String, word.end));
    let mut end = 0;
    found.retain(|word| {
        let fits = word.start >= end && word.start < word.end;
        end = if fits { word.end } else { end };
        fits
    });
    found
}

/// What the tree alone tells.
fn leaves(tree: &Tree, text: &str, inside: impl Fn(u32, u32) -> bool) -> impl Iterator<Item = Word> {
    tree.leaves().filter_map(move |id| {
        let (start, end) = tree.range(id);
        if !inside(start, end) {
            return None;
        }
        let (token, modifiers) = match tree.kind(id) {
            Node::Comment => (Token::Comment, 0),
            Node::DocComment => (Token::Comment, DOCUMENTATION),
            Node::Keyword | Node::Constant => (Token::Keyword, 0),
            Node::Number => (Token::Number, 0),
            Node::Text | Node::OtherString => (Token::String, 0),
            Node::Operator | Node::Prefix | Node::CondQuestion | Node::Question | Node::SafeDot => (Token::Operator, 0),
            Node::Punct if matches!(tree.text(id, text), "\"" | "\"\"\"") => (Token::String, 0),
            _ => return None,
        };
        Some(Word { start, end, token, modifiers })
    })
}

/// What the names of a file are, each declaration looked at once.
struct Names<'a> {
    analysis: &'a Analysis,
    own: FxHashMap<Span, declared::Declared<'a>>,
    known: FxHashMap<Named, Option<(Token, u32)>>,
}

impl<'a> Names<'a> {
    fn new(analysis: &'a Analysis, file: FileId) -> Self {
        let own = names::module_of(analysis, file).map(|(_, module)| declared::all(&module.ast)).unwrap_or_default();
        Self { analysis, own, known: FxHashMap::default() }
    }

    fn word(&mut self, reference: &Reference) -> Option<Word> {
        let (token, modifiers) = match self.known.get(&reference.named) {
            Some(known) => (*known)?,
            None => {
                let told = self.named(&names::through_alias(self.analysis, &reference.named));
                self.known.insert(reference.named.clone(), told);
                told?
            }
        };
        let declares = reference.named == Named::Source(reference.span);
        let modifiers = modifiers | if declares { DECLARATION } else { 0 };
        let Span { start, end, .. } = reference.span;
        Some(Word { start, end, token, modifiers })
    }

    fn named(&self, named: &Named) -> Option<(Token, u32)> {
        let schemas = &self.analysis.schemas;
        let deprecated = |is: bool| if is { DEPRECATED } else { 0 };
        Some(match named {
            Named::Source(span) => self.source(*span)?,
            Named::Field(def, field) => (Token::Property, deprecated(schemas.is_field_deprecated(*def, field))),
            Named::Kind(def) => (Token::Class, LIBRARY | deprecated(schemas.is_deprecated(*def))),
            Named::Function(name) => (function(name), LIBRARY),
            Named::Module(id) => {
                let standard = self.analysis.modules.get(*id).is_some_and(|module| module.origin == Origin::Standard);
                (Token::Namespace, if standard { LIBRARY } else { 0 })
            }
            Named::Builtin(name) => match name.as_str() {
                "self" | "it" => (Token::Variable, READONLY | LIBRARY),
                name if name.starts_with(|c: char| c.is_ascii_uppercase()) => {
                    words::builtin(name)?;
                    (Token::Type, LIBRARY)
                }
                _ => (Token::Property, LIBRARY),
            },
        })
    }

    fn source(&self, span: Span) -> Option<(Token, u32)> {
        let found = self.own.get(&span).copied().or_else(|| declared::declared(self.analysis, span));
        let library = match names::origin(self.analysis, span.file) {
            Some(Origin::Standard) => LIBRARY,
            _ => 0,
        };
        let (token, modifiers) = match found.map(|found| found.kind) {
            Some(Kind::Type) => (Token::Type, 0),
            Some(Kind::Constant | Kind::Binding(_) | Kind::Resource(_) | Kind::External(_)) => {
                (Token::Variable, READONLY)
            }
            Some(Kind::Function(_)) => (Token::Function, 0),
            Some(Kind::Argument(_) | Kind::Param(..)) => (Token::Parameter, READONLY),
            Some(Kind::Composite(_)) => (Token::Class, 0),
            Some(Kind::Output | Kind::Field | Kind::Key) => (Token::Property, 0),
            // The variable of a macro is one by its use alone.
            Some(Kind::Variable) | None => (Token::Variable, READONLY),
        };
        Some((token, modifiers | library))
    }
}

fn function(name: &SmolStr) -> Token {
    if words::macros(name).is_some() {
        return Token::Macro;
    }
    let function = tessera_compiler::library::find(name);
    let is_method = function.is_some_and(|function| function.overloads.iter().all(|way| way.receiver));
    if is_method { Token::Method } else { Token::Function }
}

#[cfg(test)]
mod tests {
    use tessera_compiler::syntax;

    use super::*;
    use crate::feature::fixture::Fixture;

    /// `word:token.modifier` of all words but operators.
    fn shown(text: &str, path: &str) -> Vec<String> {
        let fixture = Fixture::new(text);
        let (analysis, file) = fixture.one(path);
        let text = fixture.text(path);
        let tree = path.ends_with(".tess").then(|| syntax::parse(file, &text).tree);
        let all = words_of(&analysis, tree.as_ref(), file, (0, u32::MAX));
        assert!(all.windows(2).all(|pair| pair[0].end <= pair[1].start));
        let show = |word: &Word| {
            let modifiers: String = (0..MODIFIERS.len())
                .filter(|bit| word.modifiers & (1 << bit) != 0)
                .map(|bit| format!(".{}", MODIFIERS[bit]))
                .collect();
            let text = &text[word.start as usize..word.end as usize];
            format!("{text}:{}{modifiers}", TOKENS[word.token as usize])
        };
        all.iter().filter(|word| word.token != Token::Operator).map(show).collect()
    }

    fn check(text: &str, wanted: &[&str]) {
        let all = shown(text, "main.tess");
        for wanted in wanted {
            assert!(all.iter().any(|word| word == wanted), "no {wanted} in {all:#?}");
        }
    }

    #[test]
    fn names_are_what_they_stand_for() {
        check(
            "/// Doc.\ntype T = { a: Int }\nlet b: T = { a: 1 } // c\nfn f(n: Int) -> Int = n + b.a\nlet d = [f(1)].map(x, \"${x}\".split(\",\"))\n",
            &[
                "/// Doc.:comment.documentation",
                "type:keyword",
                "T:type.declaration",
                "a:property.declaration",
                "Int:type.defaultLibrary",
                "b:variable.declaration.readonly",
                "T:type",
                "a:property",
                "1:number",
                "// c:comment",
                "fn:keyword",
                "f:function.declaration",
                "n:parameter.declaration.readonly",
                "n:parameter.readonly",
                "f:function",
                "map:macro.defaultLibrary",
                "x:variable.declaration.readonly",
                "x:variable.readonly",
                "split:method.defaultLibrary",
            ],
        );
        check(
            "use std.labels as l\ncomposite A: a.example/v1 {\n  param p: DnsLabel\n  resource r: v1/ConfigMap { data: { a: p } }\n  output o: String = r.metadata.name\n  let s = self.name\n}\nA x { p: \"a\" }\nlet z = l.recommended({ name: \"a\" })\n",
            &[
                "labels:namespace.defaultLibrary",
                "A:class.declaration",
                "p:parameter.declaration.readonly",
                "DnsLabel:type.defaultLibrary",
                "r:variable.declaration.readonly",
                "v1/ConfigMap:class.defaultLibrary",
                "data:property",
                "p:parameter.readonly",
                "o:property.declaration",
                "self:variable.readonly.defaultLibrary",
                "A:class",
                "l:namespace.defaultLibrary",
                "recommended:function.defaultLibrary",
            ],
        );
    }

    #[test]
    fn yaml_and_broken_text() {
        let text = "//- main.tess\ncomposite A: a.example/v1 { param b: Int }\n//- a.yaml\napiVersion: a.example/v1\nkind: A\nmetadata: { name: x }\nspec: { b: 1 }\n";
        assert_eq!(shown(text, "a.yaml"), ["A:class", "b:parameter.readonly"]);
        check(
            "let = 3 }\nlet a = \"\u{1F600}\"\r\nfn (\nlet b = a\n",
            &["let:keyword", "3:number", "\u{1F600}:string", "a:variable.readonly"],
        );
    }
}
