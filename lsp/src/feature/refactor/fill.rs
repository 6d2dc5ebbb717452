//! What is missing, filled in: required fields of an object, cases of a `match`.

use tessera_compiler::check::{MatchFact, ObjectFact};
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::source::Span;
use tessera_compiler::types::Type;

use super::Choice;
use crate::feature::Edit;
use crate::feature::completion::{Holes, Skeleton};

/// The required fields that an object lacks, with a value of their type each.
pub(super) fn fields(choice: &Choice<'_>, found: &Diagnostic) -> Option<(String, Edit)> {
    let facts = &choice.analysis.facts;
    // The complaint stands at the key before the object, or at its brace, and names what is missing.
    let place = found.primary.span;
    let is_meant = |object: &&ObjectFact| {
        let named = |name: &smol_str::SmolStr| found.message.contains(&format!("`{name}`"));
        let here = object.span.file == choice.file && object.span.start >= place.start;
        here && !object.missing.is_empty() && object.missing.iter().all(named)
    };
    let object = facts.objects.iter().filter(is_meant).min_by_key(|object| object.span.start - place.start)?;
    let record = object.ty.record(&choice.analysis.schemas)?.clone();
    let names = object.missing.iter().map(|name| name.as_str());
    let close = object.span.end.checked_sub(1)?;
    let inside = choice.text.get(object.span.start as usize + 1..close as usize)?;
    let indent = choice.indent(object.span.start);
    let mut skeleton = Skeleton::new(&choice.analysis.schemas, Holes::Plain);
    let lines = skeleton.fields(&record, names, &format!("{indent}  "));
    let blank = inside.len() - inside.trim_end().len();
    let edit = match (inside.trim().is_empty(), inside.contains('\n')) {
        (true, _) => Edit { start: object.span.start + 1, end: close, text: format!("\n{lines}\n{indent}") },
        (false, true) => Edit { start: close - blank as u32, end: close, text: format!("\n{lines}\n{indent}") },
        // All on one line: they go on there, in lines of their own where that needs it.
        (false, false) => {
            let comma = if inside.trim_end().ends_with(',') { "" } else { "," };
            let line: Vec<&str> = lines.lines().collect();
            let simple =
                line.iter().all(|line| line.starts_with(&format!("{indent}  ")) && !line.ends_with(['{', '}', '[']));
            let text = if simple {
                let joined: Vec<&str> = line.iter().map(|line| line.trim()).collect();
                format!("{comma} {} ", joined.join(", "))
            } else {
                format!("{comma}\n{lines}\n{indent}")
            };
            Edit { start: close - blank as u32, end: close, text }
        }
    };
    let names: Vec<String> = object.missing.iter().map(|name| format!("`{name}`")).collect();
    Some((format!("Fill in {}", names.join(", ")), edit))
}

/// The cases that a `match` lacks, with a value of its type each.
pub(super) fn arms(choice: &Choice<'_>, found: &Diagnostic) -> Option<(String, Edit)> {
    let facts = &choice.analysis.facts;
    let of_it = |fact: &&MatchFact| {
        fact.span.file == choice.file
            && fact.span.start <= found.primary.span.start
            && found.primary.span.end <= fact.span.end
    };
    let fact = facts.matches.iter().filter(of_it).min_by_key(|fact| fact.span.end - fact.span.start)?;
    let whole = |(span, _): &&(Span, Type)| *span == fact.span;
    let ty = facts.expected.iter().find(whole).or_else(|| facts.types.iter().find(whole)).map(|(_, ty)| ty.clone());
    let indent = choice.indent(fact.span.end.saturating_sub(1)).to_owned();
    let inner = format!("{indent}  ");
    let mut skeleton = Skeleton::new(&choice.analysis.schemas, Holes::Plain);
    let value = ty
        .filter(|ty| !matches!(ty.peel(), Type::Unknown))
        .map_or_else(|| "\"\"".to_owned(), |ty| skeleton.value(&ty, &inner));
    let lines: String = fact.missing.iter().map(|case| format!("{inner}{case} => {value}\n")).collect();
    let close = fact.span.end.checked_sub(1)?;
    let head = choice.text.get(..close as usize)?;
    let blank = head.len() - head.trim_end_matches([' ', '\t']).len();
    let fresh = head.trim_end_matches([' ', '\t']).ends_with('\n');
    let text = format!("{}{lines}{indent}", if fresh { "" } else { "\n" });
    let cases = if fact.missing.len() == 1 { "case" } else { "cases" };
    Some((format!("Add the missing {cases}"), Edit { start: close - blank as u32, end: close, text }))
}
