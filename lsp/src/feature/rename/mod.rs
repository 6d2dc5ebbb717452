//! Another name for something, everywhere.
//!
//! [`prepare`] says what would be renamed, [`rename`] gives the edits, and
//! [`check`] holds what they make against what was there before: where
//! anything would be another thing or another mistake, the name is refused.

mod check;
mod edits;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashSet;
use tessera_compiler::analysis::Analysis;
use tessera_compiler::check::Named;
use tessera_compiler::resolve::Origin;
use tessera_compiler::source::{FileId, Span};

pub(crate) use check::{applied, check, check_compiled};
pub(crate) use edits::{Edits, edits};

use super::declared::Kind;
use super::{declared, names};

/// What would be renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prepared {
    /// The word at the place that was asked about.
    pub(crate) span: Span,
    /// The name that it has.
    pub(crate) name: String,
    /// What it stands for; several things where some place may mean either.
    pub(crate) meant: Vec<Named>,
}

/// What would be renamed at a place. `is_ours` tells of files whether they may be changed.
///
/// # Errors
/// A sentence for people: there is nothing here that they may rename.
pub(crate) fn prepare(
    analysis: &Analysis,
    file: FileId,
    offset: u32,
    is_ours: &dyn Fn(FileId) -> bool,
) -> Result<Prepared, String> {
    let found = names::at(analysis, file, offset);
    let Some(first) = found.first() else { return Err(no_name(analysis, file, offset, is_ours)) };
    let span = edits::word(analysis, first.span);
    let name = analysis.modules.sources.text(span).to_owned();
    let own = found.iter().map(|reference| reference.named.clone());
    // Of a field and a variable that are written as one word, the variable is meant.
    let variables: Vec<Named> = own.clone().filter(|named| !edits::is_field(analysis, named, first.span)).collect();
    let meant = if variables.is_empty() { own.collect() } else { variables };
    let meant = named_alike(analysis, meant, &name, is_ours)?;
    Ok(Prepared { span, name, meant })
}

/// Why there is nothing at a place that has a name of its own.
fn no_name(analysis: &Analysis, file: FileId, offset: u32, is_ours: &dyn Fn(FileId) -> bool) -> String {
    let Some(part) = names::part_at(analysis, file, offset) else {
        return "There is no name here that can be renamed.".to_owned();
    };
    let name = analysis.modules.sources.text(part.span);
    let refused = part.module.and_then(|id| refuse(analysis, &Named::Module(id), name, is_ours).err());
    refused.unwrap_or_else(|| match part.named {
        Some(_) => {
            let last = part.whole.rsplit('.').next().unwrap_or_default();
            format!(
                "`{name}` is a part of the name `{}`, of which only the last, `{last}`, can be renamed.",
                part.whole
            )
        }
        None => {
            format!("`{name}` is what `tessera.toml` calls a dependency: change it there and where it is imported.")
        }
    })
}

/// All that must have one name with what is meant, in another project than the one that was asked about.
///
/// # Errors
/// A sentence for people: something of it is not theirs to rename.
pub(crate) fn widened(
    analysis: &Analysis,
    meant: Vec<Named>,
    is_ours: &dyn Fn(FileId) -> bool,
) -> Result<Vec<Named>, String> {
    let name = meant.iter().find_map(|named| match named {
        Named::Source(span) => Some(analysis.modules.sources.text(*span).to_owned()),
        _ => None,
    });
    named_alike(analysis, meant, &name.unwrap_or_else(|| "the module".to_owned()), is_ours)
}

fn named_alike(
    analysis: &Analysis,
    meant: Vec<Named>,
    name: &str,
    is_ours: &dyn Fn(FileId) -> bool,
) -> Result<Vec<Named>, String> {
    let mut meant: Vec<Named> = together(analysis, meant).into_iter().collect();
    meant.sort();
    for named in &meant {
        refuse(analysis, named, name, is_ours)?;
    }
    Ok(meant)
}

/// Whether what is meant may get this name, by its form alone.
///
/// # Errors
/// A sentence for people.
pub(crate) fn allowed(analysis: &Analysis, prepared: &Prepared, new: &str) -> Result<(), String> {
    let mut parts = new.split('-');
    let starts = new.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !starts || !parts.all(is_part) {
        return Err(format!(
            "`{new}` is not a name: names are letters, digits, `_` and inner hyphens, and begin with a letter or `_`."
        ));
    }
    if RESERVED.contains(&new) {
        return Err(format!("`{new}` is a word of the language."));
    }
    let is_composite = |named: &Named| match named {
        Named::Source(span) => matches!(declared::declared(analysis, *span).map(|d| d.kind), Some(Kind::Composite(_))),
        _ => false,
    };
    let is_kind = new.starts_with(|c: char| c.is_ascii_uppercase()) && new.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_kind && prepared.meant.iter().any(is_composite) {
        return Err(format!("`{new}` is not a kind: a kind is letters and digits and begins with a capital."));
    }
    Ok(())
}

/// Words that cannot be a name without backticks, or would hide what they say.
const RESERVED: [&str; 11] = ["if", "then", "else", "match", "in", "for", "true", "false", "null", "self", "it"];

/// All that must have one name with what is meant: fields that some object gives a value to both of,
/// and what an import took under its own name.
fn together(analysis: &Analysis, meant: Vec<Named>) -> FxHashSet<Named> {
    let references = &analysis.facts.references;
    let is_variable = |named: &Named, at: Span| !edits::is_field(analysis, named, at);
    let mut group: FxHashSet<Named> = meant.into_iter().collect();
    loop {
        let before = group.len();
        for places in references.chunk_by(|a, b| a.span == b.span) {
            if places.len() < 2 || !places.iter().any(|reference| group.contains(&reference.named)) {
                continue;
            }
            // `{ owner }` gives a field the value of a variable; each keeps its name if the other gets a new one.
            let Some(at) = places.first().map(|reference| reference.span) else { continue };
            for of_variables in [true, false] {
                let alike = || places.iter().filter(|r| is_variable(&r.named, at) == of_variables);
                if alike().any(|reference| group.contains(&reference.named)) {
                    group.extend(alike().map(|reference| reference.named.clone()));
                }
            }
        }
        for fields in &analysis.facts.alike {
            if fields.iter().any(|field| group.contains(&Named::Source(*field))) {
                group.extend(fields.iter().map(|field| Named::Source(*field)));
            }
        }
        if group.len() == before {
            return group;
        }
    }
}

/// Refuses what others name.
fn refuse(analysis: &Analysis, named: &Named, name: &str, is_ours: &dyn Fn(FileId) -> bool) -> Result<(), String> {
    let schemas = &analysis.schemas;
    let file = match named {
        Named::Source(span) => span.file,
        Named::Module(id) => match analysis.modules.get(*id) {
            Some(module) if module.ast.name.is_some() => module.file,
            _ => return Err(format!("`{name}` has no name of its own: its file is imported by its path.")),
        },
        Named::Field(def, _) | Named::Kind(def) => {
            let whole = schemas.name(*def).unwrap_or_default();
            let who = if schemas.defined_at(*def).is_some() { "its CRD" } else { "Kubernetes" };
            return Err(match named {
                Named::Field(..) => format!("`{name}` is a field of `{whole}`: {who} names it."),
                _ => format!("`{whole}` is a kind that {who} names."),
            });
        }
        Named::Function(_) => return Err(format!("`{name}` is a function of the library.")),
        Named::Builtin(_) => return Err(format!("`{name}` belongs to the language.")),
    };
    match names::origin(analysis, file) {
        Some(Origin::Standard) => Err(format!("`{name}` belongs to the standard library.")),
        Some(Origin::Dependency(alias)) if !is_ours(file) => {
            Err(format!("`{name}` belongs to the dependency `{alias}`, which is not open here."))
        }
        _ => match named {
            Named::Source(span) if analysis.modules.sources.text(*span).is_empty() => {
                Err(format!("`{name}` belongs to the language."))
            }
            _ => Ok(()),
        },
    }
}
