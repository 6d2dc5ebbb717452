//! What is told about the word under the pointer.

mod schema;
mod source;
#[cfg(test)]
mod tests;
mod text;

use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::Named;
use tessera_compiler::diagnostic::{code, page};
use tessera_compiler::library;
use tessera_compiler::resolve::{ModuleId, declared_name};
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::ast::{DeclKind, Entry, Key, Path};
use tessera_compiler::syntax::tree::Kind;
use tessera_compiler::syntax::{Node, Tree, walk};

use super::declared::declared;
use super::{names, words};
pub(crate) use source::{object_name, written_name};
use text::Text;

/// How many meanings of one word are told.
const MEANINGS: usize = 4;
/// How many declarations of a module are listed.
const LISTED: usize = 16;

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hover {
    /// What it is about.
    pub(crate) span: Span,
    /// The text.
    pub(crate) markdown: String,
}

/// What there is to tell about a place. Sources have a tree, YAML has none.
#[must_use]
pub(crate) fn hover(analysis: &Analysis, tree: Option<&Tree>, file: FileId, offset: u32) -> Option<Hover> {
    let found = names::at(analysis, file, offset);
    if let Some(first) = found.first() {
        let span = first.span;
        let mut texts: Vec<String> = Vec::new();
        for reference in found {
            let text = named(analysis, &reference.named, span);
            texts.extend(text.filter(|text| !texts.contains(text)));
        }
        texts.truncate(MEANINGS);
        if !texts.is_empty() {
            return Some(Hover { span, markdown: texts.join("\n\n---\n\n") });
        }
    }
    if let Some(told) = instance(analysis, file, offset) {
        return Some(told);
    }
    match tree {
        Some(tree) => allowed(analysis, file, offset)
            .or_else(|| word(analysis, tree, file, offset))
            .or_else(|| literal(analysis, file, offset)),
        None => header(analysis, file, offset).or_else(|| literal(analysis, file, offset)),
    }
}

/// What a name stands for; `here` is where it is written.
fn named(analysis: &Analysis, named: &Named, here: Span) -> Option<String> {
    match names::through_alias(analysis, named) {
        Named::Source(span) => source::declared(analysis, span, here),
        Named::Field(def, field) => schema::field(&analysis.schemas, def, &field),
        Named::Kind(def) => schema::kind(&analysis.schemas, def),
        Named::Function(name) => function(&name),
        Named::Module(id) => module(analysis, id),
        Named::Builtin(name) => {
            let (title, doc) = words::builtin(&name)?;
            Some(Text::code(title).paragraph(doc).done())
        }
    }
}

/// The name of an instance.
fn instance(analysis: &Analysis, file: FileId, offset: u32) -> Option<Hover> {
    let here = |span: Span| span.file == file && span.touches(offset);
    let instance = analysis.facts.instances.iter().find(|instance| here(instance.name.span))?;
    let kind = analysis.modules.sources.text(instance.composite);
    let mut text = Text::code(format!("{kind} {}", instance.name.name));
    text.add(declared(analysis, instance.composite).and_then(|found| found.doc).map_or("", |doc| doc.as_str()));
    text.fact(format!("Instance of `{kind}`"));
    Some(Hover { span: instance.name.span, markdown: text.done() })
}

/// A function of the library.
fn function(name: &str) -> Option<String> {
    if let Some((forms, doc)) = words::macros(name) {
        return Some(Text::code(forms.join("\n")).paragraph(doc).done());
    }
    let function = library::find(name)?;
    let signatures: Vec<String> = function.signatures().collect();
    let mut text = Text::code(signatures.join("\n")).paragraph(function.doc);
    text.fact(match function.since {
        library::Since::Always => "In the API server's CEL ever since.".to_owned(),
        library::Since::Minor(minor) => format!("In the API server's CEL since Kubernetes 1.{minor}."),
        library::Since::Never => "Not in the API server's CEL: the compiler must be able to evaluate it.".to_owned(),
    });
    Some(text.done())
}

fn module(analysis: &Analysis, id: ModuleId) -> Option<String> {
    let module = analysis.modules.get(id)?;
    let name = module.ast.name.as_ref().map_or_else(|| format!("\"{}\"", module.path), Path::dotted);
    let public = module.ast.decls.iter().filter(|decl| !decl.private);
    let mut members: Vec<String> = public
        .filter_map(|decl| {
            let call = if matches!(decl.kind, DeclKind::Fn(_)) { "()" } else { "" };
            Some(format!("`{}{call}`", declared_name(decl)?.name))
        })
        .collect();
    let left_out = members.len().saturating_sub(LISTED);
    members.truncate(LISTED);
    if left_out > 0 {
        members.push(format!("and {left_out} more"));
    }
    let mut text = Text::code(format!("module {name}"));
    if !members.is_empty() {
        text.fact(members.join(", "));
    }
    Some(text.done())
}

/// A code in a comment that allows a warning.
fn allowed(analysis: &Analysis, file: FileId, offset: u32) -> Option<Hover> {
    let (_, module) = names::module_of(analysis, file)?;
    let mut codes = module.ast.allows.iter().flat_map(|allow| &allow.codes);
    let written = codes.find(|code| code.span.touches(offset))?;
    let code = code(&written.name)?;
    let mut text = Text::plain(&format!("**{}**: {}", code.id, code.title));
    // The page says it in its first paragraphs; the examples after them are for `tessera explain`.
    let about = page(code).and_then(|page| page.split("\n## ").next()).map(|top| top.trim_start_matches('#').trim());
    if let Some((_, about)) = about.and_then(|top| top.split_once('\n')) {
        text = text.paragraph(about.trim());
    }
    Some(Hover { span: written.span, markdown: text.done() })
}

/// A keyword.
fn word(analysis: &Analysis, tree: &Tree, file: FileId, offset: u32) -> Option<Hover> {
    let touches = |(start, end): (u32, u32)| start <= offset && offset <= end;
    let is_word = |kind: Kind| matches!(kind, Kind::Keyword | Kind::Word);
    let id = leaf_at(tree, offset, |id| touches(tree.range(id)) && is_word(tree.kind(id)))?;
    let (start, end) = tree.range(id);
    let span = Span::new(file, start, end);
    let text = analysis.modules.sources.text(span);
    // Other words are names: of an event, say.
    let of_scope = matches!(text, "cluster" | "namespaced");
    if tree.kind(id) == Kind::Word && !of_scope {
        return None;
    }
    let doc = words::keyword(text)?;
    Some(Hover { span, markdown: Text::code(text).paragraph(doc).done() })
}

fn leaf_at(
    tree: &Tree,
    offset: u32,
    is_it: impl Fn(tessera_compiler::syntax::tree::NodeId) -> bool,
) -> Option<tessera_compiler::syntax::tree::NodeId> {
    let mut open = vec![tree.root()];
    while let Some(id) = open.pop() {
        if tree.is_leaf(id) && is_it(id) {
            return Some(id);
        }
        let near = tree.children(id).filter(|child| {
            let (start, end) = tree.range(*child);
            start <= offset && offset <= end
        });
        open.extend(near);
    }
    None
}

/// A value, by what is expected of it.
fn literal(analysis: &Analysis, file: FileId, offset: u32) -> Option<Hover> {
    let expected = &analysis.facts.expected;
    let start = expected.partition_point(|(span, _)| span.file < file);
    let end = expected.partition_point(|(span, _)| span.file <= file);
    let touching = expected.get(start..end)?.iter().filter(|(span, _)| span.touches(offset));
    let (span, ty) = touching.min_by_key(|(span, _)| span.end - span.start)?;
    let written = analysis.modules.sources.text(*span);
    let is_leaf = !written.starts_with(['{', '[', '(']) && !written.contains('\n') && !written.contains('(');
    if !is_leaf {
        return None;
    }
    let mut text = Text::code(ty.display(&analysis.schemas).to_string());
    text.add(&field_of(analysis, *span).and_then(|field| meaning(analysis, &field, written)).unwrap_or_default());
    source::about_type(analysis, ty, &mut text);
    Some(Hover { span: *span, markdown: text.done() })
}

/// What the field is that a value is given to.
fn field_of(analysis: &Analysis, value: Span) -> Option<Named> {
    let (_, module) = names::module_of(analysis, value.file)?;
    let mut key = None;
    walk(&module.ast, &mut |node| {
        let is_in = |span: Span| span.start <= value.start && value.end <= span.end;
        match node {
            Node::Entry(Entry::Field { key: Key::Word { name, .. }, value: given, .. }) if given.span == value => {
                key = Some(name.span);
                false
            }
            Node::Decl(decl) => is_in(decl.span),
            Node::Member(member) => is_in(member.span),
            Node::Expr(expr) => is_in(expr.span),
            _ => key.is_none(),
        }
    });
    let key = key?;
    let references = names::in_file(&analysis.facts.references, value.file).iter();
    references.filter(|reference| reference.span == key).map(|reference| reference.named.clone()).next()
}

/// What a text means as the value of a field, as the field's documentation lists it: ` - `"Always"` means …`.
fn meaning(analysis: &Analysis, field: &Named, written: &str) -> Option<String> {
    let Named::Field(def, name) = field else { return None };
    let doc = analysis.schemas.field_doc(*def, name)?;
    let line = doc.lines().find(|line| line.trim_start().starts_with(&format!("- `{written}`")))?;
    Some(line.trim_start().trim_start_matches("- ").to_owned())
}

/// The keys round the parameters of an instance in YAML: those of any object.
fn header(analysis: &Analysis, file: FileId, offset: u32) -> Option<Hover> {
    let source = analysis.modules.sources.get(file)?;
    let instance = analysis.facts.instances.iter().find(|i| i.span.file == file && i.span.touches(offset))?;
    let (documents, _) = tessera_compiler::yaml::read(file, &source.text);
    let document = documents.iter().find(|document| document.root.span == instance.span)?;
    let schemas = &analysis.schemas;
    for (key, value) in document.root.entries() {
        let name = key.as_str().unwrap_or_default();
        if key.span.touches(offset) || (name == "apiVersion" && value.span.touches(offset)) {
            let markdown = match name {
                "spec" => Text::code("spec").paragraph("The parameters of the composite.").done(),
                "kind" | "apiVersion" => source::declared(analysis, instance.composite, key.span)?,
                "metadata" => schema::kind(schemas, schemas.type_named("meta", "v1", "ObjectMeta")?)?,
                _ => return None,
            };
            return Some(Hover { span: key.span, markdown });
        }
        let inner = value.entries().iter().map(|(key, _)| key).find(|key| key.span.touches(offset));
        if let (Some(inner), "metadata") = (inner, name) {
            let markdown = schema::field(schemas, schemas.type_named("meta", "v1", "ObjectMeta")?, inner.as_str()?)?;
            return Some(Hover { span: inner.span, markdown });
        }
    }
    None
}
