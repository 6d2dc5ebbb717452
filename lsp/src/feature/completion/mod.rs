//! What may be written at a place. A word is put where the cursor stands, so that
//! what is half typed reads as syntax; then the checker tells what it would have
//! taken there. Nothing here knows a rule of the language beyond its notation.
//!
//! * `word.rs`: the word at the cursor and the text with one put there,
//! * `syntax.rs`: places that the checker never comes to: kinds, declarations, imports,
//! * `keys.rs`, `values.rs`, `members.rs`, `types.rs`, `kinds.rs`, `declarations.rs`: items for each place,
//! * `skeleton.rs`: a value of a type with all that is required; `snippets.rs`: whole resources.

mod declarations;
mod keys;
mod kinds;
mod members;
mod skeleton;
mod snippets;
mod syntax;
#[cfg(test)]
mod tests;
mod types;
mod values;
mod word;

use std::ops::Range;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::Place;
use tessera_compiler::schema::{DefId, Schemas};
use tessera_compiler::types::Type;

pub(crate) use skeleton::{Holes, Skeleton, plain};
#[cfg(test)]
use snippets::RESOURCES;
pub(crate) use word::Notation;

use syntax::Syntactic;
use word::Word;

/// How many items are given at most; more are a list that nobody reads, and the editor asks again
/// with more of the word. Thousands would be half a megabyte at each letter.
pub(crate) const MAX_ITEMS: usize = 300;

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// What is shown, and what the typed word is held against.
    pub(crate) label: String,
    /// What it is.
    pub(crate) kind: ItemKind,
    /// Shown beside the label: mostly a type.
    pub(crate) detail: Option<String>,
    /// What is inserted; with `$1` and `${1:…}` where `snippet`.
    pub(crate) insert: String,
    /// Whether `insert` has places to fill.
    pub(crate) snippet: bool,
    /// Items are shown by this, then by `order` and label.
    pub(crate) rank: Rank,
    /// Where the order means something: that of the values of a type.
    pub(crate) order: usize,
    /// It must be there, and is not yet.
    pub(crate) required: bool,
    /// It is still there, but should not be used.
    pub(crate) deprecated: bool,
    /// What the typed word is held against, where that is not the label.
    pub(crate) filter: Option<String>,
    /// Text that is inserted elsewhere in the file: an import; its place and the text.
    pub(crate) import: Option<(u32, String)>,
    /// Where the documentation is to be had, when it is asked for.
    pub(crate) doc: Doc,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum ItemKind {
    Field,
    Value,
    Variable,
    Constant,
    Function,
    Method,
    Type,
    Module,
    Kind,
    Composite,
    Resource,
    Keyword,
    Snippet,
    File,
}

/// How likely an item is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// It must be there.
    Required,
    /// It is of the type that is expected.
    Fits,
    /// It leads to something of that type.
    Leads,
    /// It may stand here.
    Possible,
    /// It is not of the type that is expected, or seldom used.
    Rare,
    /// It needs an import.
    Imported,
    /// It should not be used.
    Deprecated,
}

/// Where an item's documentation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doc {
    /// There is none.
    None,
    /// This Markdown.
    Text(String),
    /// That of a field of a schema.
    Field(DefId, SmolStr),
    /// That of a kind or part of one.
    Definition(DefId),
}

impl Doc {
    /// The documentation as Markdown.
    #[must_use]
    pub(crate) fn read(&self, schemas: &Schemas) -> Option<String> {
        match self {
            Self::None => None,
            Self::Text(text) => Some(text.clone()),
            Self::Field(def, name) => schemas.field_doc(*def, name),
            Self::Definition(def) => schemas.doc(*def),
        }
    }

    fn of(text: Option<&SmolStr>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.to_string()))
    }
}

/// What may be written at a place.
#[derive(Debug, Default)]
pub(crate) struct Completion {
    /// The items, likely ones first.
    pub(crate) items: Vec<Item>,
    /// The bytes of the text that an item replaces.
    pub(crate) replace: Range<u32>,
    /// There are more, which more of the word would tell.
    pub(crate) incomplete: bool,
}

impl Item {
    fn new(label: impl Into<String>, kind: ItemKind, rank: Rank) -> Self {
        let label = label.into();
        Self {
            insert: label.clone(),
            label,
            kind,
            rank,
            order: usize::MAX,
            detail: None,
            snippet: false,
            required: false,
            deprecated: false,
            filter: None,
            import: None,
            doc: Doc::None,
        }
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    fn typed(self, ty: &Type, schemas: &Schemas) -> Self {
        self.detail(ty.display(schemas).to_string())
    }

    fn doc(mut self, doc: Doc) -> Self {
        self.doc = doc;
        self
    }

    fn insert(mut self, insert: impl Into<String>) -> Self {
        self.insert = insert.into();
        self
    }

    fn snippet(mut self, insert: impl Into<String>) -> Self {
        self.insert = insert.into();
        self.snippet = true;
        self
    }
}

/// What completion needs to know beside the text.
pub(crate) struct Context<'a> {
    pub(crate) text: &'a str,
    pub(crate) analysis: &'a Analysis,
    pub(crate) word: &'a Word,
}

impl Context<'_> {
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.analysis.schemas
    }

    /// The module that the file is.
    pub(crate) fn module(&self) -> Option<&tessera_compiler::resolve::Module> {
        let file = self.analysis.file?;
        self.analysis.modules.list.iter().find(|module| module.file == file)
    }
}

/// What may be written at an offset of a text. `analyse` analyses the project with
/// another text in place of the file's, and notes what may stand at a place of it.
#[must_use]
pub(crate) fn completion(
    text: &str,
    offset: u32,
    notation: Notation,
    analyse: impl FnOnce(&str, u32) -> Option<Analysis>,
) -> Completion {
    let Some(word) = Word::at(text, offset, notation) else { return Completion::default() };
    let Some(analysis) = analyse(&word.probed, word.probe) else { return Completion::default() };
    let context = Context { text, analysis: &analysis, word: &word };
    let mut items = match notation {
        Notation::Tessera => in_source(&context),
        Notation::Yaml => in_yaml(&context),
    };
    let mut seen = FxHashSet::default();
    items.retain(|item| seen.insert((item.label.clone(), item.insert.clone())));
    items.sort_by(|a, b| (a.rank, a.order, &a.label).cmp(&(b.rank, b.order, &b.label)));
    let incomplete = items.len() > MAX_ITEMS;
    if incomplete {
        items.retain(|item| may_mean(&word.typed, item.filter.as_ref().unwrap_or(&item.label)));
        items.truncate(MAX_ITEMS);
    }
    Completion { items, replace: word.replace.clone(), incomplete }
}

/// Whether an editor would show an item for what is typed: most show those that have its letters in
/// its order, whatever their case.
fn may_mean(typed: &str, item: &str) -> bool {
    let mut letters = item.chars().flat_map(char::to_lowercase);
    typed.chars().flat_map(char::to_lowercase).all(|typed| letters.any(|letter| letter == typed))
}

fn in_source(context: &Context<'_>) -> Vec<Item> {
    match syntax::place(context) {
        Some(Syntactic::Kind) => kinds::kinds(context),
        Some(Syntactic::Api) => declarations::apis(context),
        Some(Syntactic::Member) => snippets::members(context),
        Some(Syntactic::Declaration) => declarations::declarations(context),
        Some(Syntactic::Head) => declarations::heads(context),
        Some(Syntactic::Import) => declarations::modules(context),
        Some(Syntactic::ImportFile) => declarations::files(context),
        Some(Syntactic::ImportMember(module)) => members::of_module(context, module, true),
        Some(Syntactic::Nothing) => Vec::new(),
        None => of_places(context),
    }
}

fn in_yaml(context: &Context<'_>) -> Vec<Item> {
    match syntax::in_yaml(context) {
        Some(items) => items,
        None => of_places(context),
    }
}

fn of_places(context: &Context<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let places = &context.analysis.facts.places;
    // A word alone in an object is a key first, and only then short for a variable.
    let keys = places.iter().any(|place| matches!(place, Place::Key { .. }));
    for place in places.iter().filter(|place| !keys || !matches!(place, Place::Value { .. })) {
        match place {
            Place::Key { ty, hidden, given, variables } => {
                items.extend(keys::keys(context, ty, hidden, given));
                items.extend(keys::short(context, ty, given, variables));
            }
            Place::Value { expected, variables } => {
                items.extend(values::values(context, expected.as_ref(), variables));
            }
            Place::Member { base } => items.extend(members::members(context, base)),
            Place::ModuleMember(module) => items.extend(members::of_module(context, *module, false)),
            Place::Type => items.extend(types::types(context)),
            Place::Argument { parameters } => items.extend(values::arguments(context, parameters)),
            Place::Resource(variables) => items.extend(values::resources(context, variables)),
            Place::Words(words) => {
                items.extend(words.iter().map(|word| Item::new(word.as_str(), ItemKind::Keyword, Rank::Fits)));
            }
        }
    }
    items
}
