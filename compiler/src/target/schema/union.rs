//! Unions. A structural schema has one type at each level, so the cases of a union
//! become one level with the fields of all of them, and rules that say which go
//! together.

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::cel;
use super::openapi::{OpenApi, Rule, SELF};
use super::rule::conditions;
use super::{Builder, E0710};
use crate::diagnostic::Diagnostic;
use crate::ir::Schema;
use crate::library::words::field_name;
use crate::source::Span;
use crate::value::Value;

impl Builder<'_> {
    /// One of several.
    pub(super) fn union(&mut self, members: &[Schema], place: &str) -> OpenApi {
        let mut flat = Vec::new();
        flatten(members, &mut flat);
        let nullable = flat.iter().any(|m| matches!(m, Schema::Null));
        flat.retain(|m| !matches!(m, Schema::Null));
        let mut levels: Vec<OpenApi> = Vec::new();
        for member in flat {
            let level = self.level(member, place);
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
        let joined = self.joined(levels, place);
        OpenApi { nullable: joined.nullable || nullable, ..joined }
    }

    fn joined(&mut self, mut levels: Vec<OpenApi>, place: &str) -> OpenApi {
        match levels.as_slice() {
            [] => return OpenApi::anything(),
            [_] => return levels.remove(0),
            _ => {}
        }
        if levels.iter().any(|l| l.open && l.ty.is_none()) {
            return OpenApi::anything();
        }
        if levels.iter().all(OpenApi::is_record) {
            return self.records(&levels, place);
        }
        let joined = match types(&levels).as_slice() {
            [(ty, format)] if matches!(*ty, "string" | "integer" | "number" | "boolean") => {
                same_type(&levels, ty, *format, self.span)
            }
            [("string", None), ("integer", _)] | [("integer", _), ("string", None)] => {
                number_or_text(&levels, self.span)
            }
            [("integer", _), ("number", format)] | [("number", format), ("integer", _)] => {
                same_type(&levels, "number", *format, self.span)
            }
            _ => None,
        };
        joined.unwrap_or_else(|| self.refuse_union(place))
    }

    fn refuse_union(&mut self, place: &str) -> OpenApi {
        let diagnostic = Diagnostic::new(
            &E0710,
            self.span,
            format!("the values of `{place}` have several types, which an API's schema cannot say"),
        )
        .label("its cases are neither all objects, nor text and integers")
        .help("give each case an object of its own, told apart by a field: `{ kind: \"one\", value: Bool } | { kind: \"many\", values: [String] }`");
        self.diagnostics.push(diagnostic);
        OpenApi::anything()
    }

    /// Objects: the fields of all, and for each case which of them it has.
    fn records(&mut self, cases: &[OpenApi], place: &str) -> OpenApi {
        let mut names: Vec<SmolStr> = Vec::new();
        for name in cases.iter().flat_map(|case| case.fields.keys()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let teller = names.iter().find(|name| tells(cases, name)).cloned();
        let mut guards: Vec<Vec<String>> = cases.iter().map(|case| shape(case, &names, cases)).collect();
        let mut fields = IndexMap::new();
        for name in &names {
            match self.field_of_cases(cases, name, teller.as_ref() == Some(name), &mut guards) {
                Some(field) => fields.insert(name.clone(), field),
                None => return self.refuse_cases(place, name),
            };
        }
        let everywhere = |name: &&SmolStr| cases.iter().all(|case| case.required.contains(*name));
        let required = names.iter().filter(everywhere).cloned().collect();
        let mut level = OpenApi::object(fields, required);
        level.rules = self.case_rules(cases, teller.as_ref(), guards);
        level
    }

    /// One schema for a field of several cases; where they differ, each case's
    /// own conditions go to its guard.
    fn field_of_cases(
        &self,
        cases: &[OpenApi],
        name: &SmolStr,
        tells: bool,
        guards: &mut [Vec<String>],
    ) -> Option<OpenApi> {
        let having: Vec<(usize, &OpenApi)> =
            cases.iter().enumerate().filter_map(|(i, case)| Some((i, case.fields.get(name)?))).collect();
        let (_, first) = having.first()?;
        let defaults_agree = having.len() == cases.len() && having.iter().all(|(_, f)| f.default == first.default);
        let default = if defaults_agree { first.default.clone() } else { None };
        let description = having.iter().find_map(|(_, field)| field.description.clone());
        if having.iter().all(|(_, field)| field.bare() == first.bare()) {
            return Some(OpenApi { default, description, ..(*first).clone() });
        }
        let plain = |field: &OpenApi| OpenApi { ty: field.ty, format: field.format, ..OpenApi::default() };
        let scalar = |field: &OpenApi| matches!(field.ty, Some("string" | "integer" | "number" | "boolean"));
        if !having.iter().all(|(_, field)| scalar(field) && plain(field) == plain(first)) {
            return None;
        }
        let path = format!("{SELF}.{}", field_name(name)?);
        for (index, field) in &having {
            let own = if tells { Vec::new() } else { conditions(field, &path).ok()? };
            let case = cases.get(*index)?;
            let own = own.into_iter().map(|condition| {
                if case.required.contains(name) { condition } else { format!("(!has({path}) || {condition})") }
            });
            guards.get_mut(*index)?.extend(own);
        }
        let mut field = plain(first);
        let words: Vec<Value> = having.iter().flat_map(|(_, field)| field.one_of.clone()).collect();
        if having.iter().all(|(_, field)| !field.one_of.is_empty()) {
            words.into_iter().for_each(|word| {
                if !field.one_of.contains(&word) {
                    field.one_of.push(word);
                }
            });
        }
        if field.one_of.is_empty() {
            field.max_size = longest_of(having.iter().map(|(_, field)| *field));
        }
        Some(OpenApi { default, description, ..field })
    }

    fn case_rules(&self, cases: &[OpenApi], teller: Option<&SmolStr>, guards: Vec<Vec<String>>) -> Vec<Rule> {
        let rule =
            |rule: String, message: String| Rule { rule, message: Some(message), span: self.span, loops: Vec::new() };
        let Some(teller) = teller else {
            let cases: Vec<String> = guards.iter().map(|guard| format!("({})", all(guard))).collect();
            return vec![rule(cases.join(" || "), "has the fields of none of its forms".to_owned())];
        };
        let path = format!("{SELF}.{}", field_name(teller).unwrap_or_default());
        let word = |case: &OpenApi| case.fields.get(teller).and_then(|f| f.one_of.first().cloned());
        let told = cases.iter().zip(&guards).filter(|(_, guard)| !guard.is_empty());
        told.filter_map(|(case, guard)| {
            let word = word(case)?;
            let literal = cel::literal(&word);
            let names: Vec<&str> = case.fields.keys().map(SmolStr::as_str).collect();
            let message = format!(
                "with {teller} {} the fields are {}{}",
                word.as_str().map_or_else(|| literal.clone(), str::to_owned),
                names.join(", "),
                if case.required.len() > 1 {
                    format!("; needed are {}", case.required.join(", "))
                } else {
                    String::new()
                }
            );
            Some(rule(format!("{path} != {literal} || ({})", all(guard)), message))
        })
        .collect()
    }

    fn refuse_cases(&mut self, place: &str, name: &str) -> OpenApi {
        let diagnostic = Diagnostic::new(
            &E0710,
            self.span,
            format!("the field `{name}` of `{place}` has another type in each case, which an API's schema cannot say"),
        )
        .help(format!("give the field one type in all cases, or call it something else in one of them than `{name}`"));
        self.diagnostics.push(diagnostic);
        OpenApi::anything()
    }
}

fn flatten<'a>(members: &'a [Schema], out: &mut Vec<&'a Schema>) {
    for member in members {
        match member {
            Schema::Union(inner) => flatten(inner, out),
            other => out.push(other),
        }
    }
}

fn all(conditions: &[String]) -> String {
    if conditions.is_empty() { "true".to_owned() } else { conditions.join(" && ") }
}

/// The types that occur, each once.
fn types(levels: &[OpenApi]) -> Vec<(&'static str, Option<&'static str>)> {
    let mut found = Vec::new();
    for level in levels {
        let ty = (level.ty.unwrap_or(if level.int_or_string { "integer or text" } else { "" }), level.format);
        if !found.contains(&ty) {
            found.push(ty);
        }
    }
    found
}

/// Cases of one type: the words of all where they are words, and otherwise a
/// rule that one of the cases holds.
fn same_type(levels: &[OpenApi], ty: &'static str, format: Option<&'static str>, span: Span) -> Option<OpenApi> {
    let mut level = OpenApi { format, ..OpenApi::of(ty) };
    let only_words = levels.iter().all(|l| {
        OpenApi { one_of: Vec::new(), format: None, ..l.bare() } == OpenApi::of(l.ty.unwrap_or_default())
            && !l.one_of.is_empty()
    });
    if only_words {
        level.one_of = levels.iter().flat_map(|l| l.one_of.clone()).collect();
        return Some(level);
    }
    level.max_size = longest_of(levels);
    alternatives(levels, &mut level, span, |_| None)?;
    Some(level)
}

/// The size that none of the levels exceeds, where each has a bound.
fn longest_of<'a>(levels: impl IntoIterator<Item = &'a OpenApi>) -> Option<i64> {
    let all: Option<Vec<i64>> = levels.into_iter().map(OpenApi::longest).collect();
    all?.into_iter().max()
}

/// Integers and text.
fn number_or_text(levels: &[OpenApi], span: Span) -> Option<OpenApi> {
    let mut level = OpenApi { int_or_string: true, ..OpenApi::default() };
    let of = |l: &OpenApi| if l.ty == Some("integer") { "int" } else { "string" };
    alternatives(levels, &mut level, span, |l| Some(format!("type({SELF}) == {}", of(l))))?;
    Some(level)
}

fn alternatives(
    levels: &[OpenApi],
    level: &mut OpenApi,
    span: Span,
    first: impl Fn(&OpenApi) -> Option<String>,
) -> Option<()> {
    let mut cases = Vec::new();
    let mut any = false;
    for case in levels {
        let own = conditions(case, SELF).ok()?;
        if own.is_empty() && level.ty.is_some() {
            return Some(());
        }
        any |= !own.is_empty();
        let parts: Vec<String> = first(case).into_iter().chain(own).collect();
        cases.push(format!("({})", all(&parts)));
    }
    if any {
        let message = Some("is none of the values that it may have".to_owned());
        level.rules.push(Rule { rule: cases.join(" || "), message, span, loops: Vec::new() });
    }
    Some(())
}

/// Whether a field tells the cases apart: in each it is needed, and one word that
/// no other case has.
fn tells(cases: &[OpenApi], name: &SmolStr) -> bool {
    let mut seen: Vec<&Value> = Vec::new();
    cases.iter().all(|case| {
        let word = case.fields.get(name).filter(|_| case.required.contains(name)).map(|f| f.one_of.as_slice());
        match word {
            Some([word]) if !seen.contains(&word) => {
                seen.push(word);
                true
            }
            _ => false,
        }
    })
}

/// Which fields a case must have, and which it has not.
fn shape(case: &OpenApi, names: &[SmolStr], cases: &[OpenApi]) -> Vec<String> {
    let mut out = Vec::new();
    for name in names {
        let Some(escaped) = field_name(name) else { continue };
        let everywhere = cases.iter().all(|other| other.required.contains(name));
        if !case.fields.contains_key(name) {
            out.push(format!("!has({SELF}.{escaped})"));
        } else if case.required.contains(name) && !everywhere {
            out.push(format!("has({SELF}.{escaped})"));
        }
    }
    out
}
