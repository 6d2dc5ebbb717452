//! Places that the checker never comes to, since what they name is not there
//! yet: kinds, members, declarations, imports.

use tessera_compiler::resolve::{ModuleId, Target};
use tessera_compiler::syntax::ast::{Decl, DeclKind, Member, MemberKind};

use super::{Context, Item, ItemKind, Rank, Word};

/// Such a place.
pub(super) enum Syntactic {
    /// A kind: `resource a: …`, or a type that is one.
    Kind,
    /// `composite A: …`.
    Api,
    /// A member of a composite.
    Member,
    /// A declaration of a module.
    Declaration,
    /// The kind of an instance whose braces are there: `… one { }`.
    Head,
    /// `use …`.
    Import,
    /// `use "…"`.
    ImportFile,
    /// `use a.b.{ … }`.
    ImportMember(ModuleId),
    /// A new name: whatever is typed is right.
    Nothing,
}

/// The place at the cursor, where it is one of these.
pub(super) fn place(context: &Context<'_>) -> Option<Syntactic> {
    let word = context.word;
    if let Some(found) = of_line(context) {
        return Some(found);
    }
    if !context.analysis.facts.places.is_empty() || word.quoted {
        return None;
    }
    let module = context.module()?;
    let contains = |decl: &&Decl| decl.span.touches(word.probe);
    let decl = module.ast.decls.iter().find(contains).map(|decl| &decl.kind);
    if let Some(DeclKind::Instance(instance)) = decl
        && instance.composite.span.touches(word.probe)
        && !word.ends_line()
    {
        return Some(Syntactic::Head);
    }
    if !word.before.trim().is_empty() {
        return None;
    }
    match decl {
        Some(DeclKind::Composite(composite)) => in_members(&composite.members, word.probe).then_some(Syntactic::Member),
        None | Some(DeclKind::Error) => Some(Syntactic::Declaration),
        // A word alone is read as the beginning of an instance.
        Some(DeclKind::Instance(instance)) if instance.name.name.is_empty() => Some(Syntactic::Declaration),
        Some(_) => None,
    }
}

/// Whether a place lies between members, not in one.
fn in_members(members: &[Member], at: u32) -> bool {
    match members.iter().find(|member| member.span.touches(at)).map(|member| &member.kind) {
        None | Some(MemberKind::Error) => true,
        Some(MemberKind::If { then, otherwise, .. }) => in_members(then, at) && in_members(otherwise, at),
        Some(MemberKind::For { body, .. }) => in_members(body, at),
        Some(_) => false,
    }
}

/// What the beginning of the line says.
fn of_line(context: &Context<'_>) -> Option<Syntactic> {
    let word = context.word;
    let before = word.before.trim_start();
    let before = before.strip_prefix("private ").unwrap_or(before).trim_start();
    let first = before.split_whitespace().next().unwrap_or("");
    if first == "use" {
        return of_import(context, before);
    }
    if word.quoted {
        return None;
    }
    let rest = before.get(first.len()..).unwrap_or("");
    let named = !rest.is_empty() && rest.trim().is_empty();
    match first {
        "resource" | "external" if is_after_colon(rest) => Some(Syntactic::Kind),
        "composite" if is_after_colon(rest) => Some(Syntactic::Api),
        "resource" | "external" | "composite" | "let" | "fn" | "type" | "param" | "output" | "module" | "for"
            if named =>
        {
            Some(Syntactic::Nothing)
        }
        _ if is_kind(word) => Some(Syntactic::Kind),
        _ => None,
    }
}

/// Whether ` name: ` stands there and nothing else.
fn is_after_colon(rest: &str) -> bool {
    let Some((name, after)) = rest.split_once(':') else { return false };
    let after = after.trim();
    !name.trim().is_empty() && !name.contains(['=', '{', '(']) && (after.is_empty() || after == "raw")
}

/// Whether what is typed has the form of a kind: `apps/v1/Dep`.
fn is_kind(word: &Word) -> bool {
    word.typed.contains('/') && !word.quoted
}

fn of_import(context: &Context<'_>, before: &str) -> Option<Syntactic> {
    if context.word.quoted {
        return Some(Syntactic::ImportFile);
    }
    if before.contains(" as ") || before.contains('"') {
        return Some(Syntactic::Nothing);
    }
    if !before.contains('{') {
        return Some(Syntactic::Import);
    }
    let module = context.module()?;
    let path = before.trim_start_matches("use").split('{').next()?.trim().trim_end_matches('.');
    let by_name =
        |m: &&tessera_compiler::resolve::Module| m.ast.name.as_ref().is_some_and(|name| name.dotted() == path);
    let modules = &context.analysis.modules;
    let found = modules.list.iter().position(|m| by_name(&m));
    let imported = module.imports.values().find_map(|import| match import.target {
        Target::Module(id) if modules.get(id).is_some_and(|m| by_name(&m)) => Some(id),
        _ => None,
    });
    imported.or(found.map(|at| ModuleId(at as u32))).map(Syntactic::ImportMember)
}

/// What stands at the top of an instance in YAML.
pub(super) fn in_yaml(context: &Context<'_>) -> Option<Vec<Item>> {
    let word = context.word;
    let composites = || {
        let decls = context.analysis.modules.list.iter().flat_map(|module| &module.ast.decls);
        decls.filter_map(|decl| match &decl.kind {
            DeclKind::Composite(composite) => Some((decl, composite)),
            _ => None,
        })
    };
    let item = |label: &str, insert: &str| Item::new(label, ItemKind::Field, Rank::Fits).insert(insert);
    match word.before.trim_end() {
        "apiVersion:" => {
            let apis = composites().filter_map(|(_, c)| Some(c.api.as_ref()?.0.to_string()));
            Some(apis.map(|api| Item::new(api, ItemKind::Value, Rank::Fits)).collect())
        }
        "kind:" => {
            let kind = |(decl, composite): (&Decl, &tessera_compiler::syntax::ast::Composite)| {
                let item = Item::new(composite.name.name.as_str(), ItemKind::Composite, Rank::Fits);
                item.doc(super::Doc::of(decl.doc.as_ref()))
            };
            Some(composites().map(kind).collect())
        }
        "" if word.before.is_empty() => {
            let has = |key: &str| context.text.lines().any(|line| line.starts_with(&format!("{key}:")));
            let keys = [
                ("apiVersion", "apiVersion: "),
                ("kind", "kind: "),
                ("metadata", "metadata:\n  name: "),
                ("spec", "spec:\n  "),
            ];
            Some(keys.iter().filter(|(key, _)| !has(key)).map(|(key, insert)| item(key, insert)).collect())
        }
        _ => None,
    }
}
