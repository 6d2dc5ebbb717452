//! What the checker knows of Kubernetes beyond its schemas: kinds by their
//! names, fields that only a cluster fills, names and units that make sense.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::Checker;
use super::custom::nearest;
use super::facts::Named;
use super::object::Target;
use crate::diagnostic::{Diagnostic, E0307, E0309, E0401, E0402, W0802};
use crate::expr::{self, Expr};
use crate::ir::Scope;
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, Entry, Ident, Key};
use crate::types::{Field, Record, Type};
use crate::units::Family;
use crate::value::Value;
use crate::yaml::SERVER_METADATA;

/// What the declaration of a resource says already, or only a cluster does.
pub(super) const OF_DECLARATION: [&str; 3] = ["apiVersion", "kind", "status"];

/// A kind as a resource names it.
#[derive(Clone, Debug)]
pub(crate) struct ResourceKind {
    pub(crate) group: SmolStr,
    pub(crate) version: SmolStr,
    pub(crate) kind: SmolStr,
    pub(crate) scope: Option<Scope>,
    pub(crate) ty: Type,
}

impl Checker<'_> {
    /// The kind that a resource names; complains about one that is unknown.
    pub(crate) fn resource_kind(&mut self, resource: &ast::Resource) -> Option<ResourceKind> {
        let (text, span) = resource.kind.as_ref()?;
        let parts: Vec<&str> = text.split('/').collect();
        let (group, version, kind) = match parts.as_slice() {
            [version, kind] => ("", *version, *kind),
            ["core", version, kind] => ("", *version, *kind),
            [group, version, kind] => (*group, *version, *kind),
            _ => {
                let diagnostic = self.unknown_schema(text, parts.last().copied().unwrap_or(""), *span);
                self.report(diagnostic);
                return None;
            }
        };
        let named =
            |scope, ty| ResourceKind { group: group.into(), version: version.into(), kind: kind.into(), scope, ty };
        if let Some(found) = self.schemas.kind(group, version, kind) {
            self.refer(*span, Named::Kind(found.def));
            self.warn_of_kind(&found, text, *span);
            let scope = if found.namespaced { Scope::Namespaced } else { Scope::Cluster };
            return Some(named(Some(scope), Type::Schema(found.def)));
        }
        if resource.raw {
            self.report(
                Diagnostic::new(&W0802, *span, format!("`raw` allows `{text}` without a schema"))
                    .help("say why on the line before: `// allow(W0802): reason`"),
            );
            return Some(named(None, Type::Dyn));
        }
        let diagnostic = self.missing_schema(text, (group, version, kind), *span);
        self.report(diagnostic);
        None
    }

    /// The complaint about a kind or type that no schema has.
    pub(crate) fn unknown_schema(&self, text: &str, kind: &str, span: Span) -> Diagnostic {
        if let Some(diagnostic) = self.unserved(text, kind, span) {
            return diagnostic;
        }
        let (versions, more) = (self.schemas.versions(), self.with_definitions());
        let mut diagnostic =
            Diagnostic::new(&E0401, span, format!("there is no kind `{text}` in Kubernetes {versions}{more}"));
        let elsewhere = self.schemas.kinds_named(kind);
        if let Some(best) = nearest(text, &elsewhere) {
            let right = best.to_string();
            if elsewhere.len() > 1 {
                let all: Vec<String> = elsewhere.iter().map(|k| format!("`{k}`")).collect();
                diagnostic = diagnostic.note(format!("there are {}", all.join(", ")));
            }
            return diagnostic.label(format!("did you mean `{right}`?")).fix(
                format!("replace it with `{right}`"),
                span,
                right,
                true,
            );
        }
        let kinds: Vec<(SmolStr, String)> = self.schemas.kinds().map(|k| (k.kind.clone(), k.to_string())).collect();
        match suggest::closest(kind, kinds.iter().map(|(k, _)| k.as_str())) {
            Some(best) => {
                let right = kinds.iter().find(|(k, _)| k == best).map_or_else(String::new, |(_, full)| full.clone());
                diagnostic.label(format!("did you mean `{right}`?")).fix(
                    format!("replace it with `{right}`"),
                    span,
                    right,
                    true,
                )
            }
            None => diagnostic.help(
                "a kind is written `group/version/Kind`; one without a schema is written `raw group/version/Kind`",
            ),
        }
    }

    /// The body of a resource, without what the declaration says already.
    pub(crate) fn resource_body(&mut self, resource: &ast::Resource, kind: &ResourceKind) -> Expr {
        let ast::ExprKind::Object(entries) = &resource.body.kind else {
            return self.check(&resource.body, &kind.ty);
        };
        let kept: Vec<Entry> = entries.iter().filter(|e| !self.said_already(e, kind)).cloned().collect();
        let (Type::Schema(def), Some(record)) = (&kind.ty, kind.ty.record(self.schemas).cloned()) else {
            return self.with_anything(|c| c.infer_object(&kept, resource.body.span)).expr;
        };
        let mut open = Record::clone(&record);
        for name in OF_DECLARATION {
            open.fields.shift_remove(name);
        }
        let target = Target { record: &open, def: Some(*def), ty: &kind.ty };
        let step = super::Step { key: resource.name.name.clone(), span: resource.name.span, def: None, declared: None };
        self.way.push(step);
        let body = self.record_object(&kept, resource.body.span, &target);
        self.way.pop();
        body
    }

    /// `apiVersion`, `kind` and `status` do not stand in a resource's body.
    fn said_already(&mut self, entry: &Entry, kind: &ResourceKind) -> bool {
        let Entry::Field { key: Key::Word { name, .. }, value, .. } = entry else { return false };
        let diagnostic = match name.name.as_str() {
            "apiVersion" | "kind" => {
                Diagnostic::new(&E0402, name.span, format!("`{}` is said by the declaration already", name.name))
                    .label(format!("the kind stands after the resource's name: {}", kind.kind))
                    .fix("remove it", self.whole_entry(name.span.to(value.span)), "", true)
            }
            "status" => Diagnostic::new(&E0402, name.span, "`status` is filled by the cluster")
                .help("leave it out; to read it, write `name.status.…` in `ready when`, an output or another resource"),
            _ => return false,
        };
        self.report(diagnostic);
        true
    }

    /// Entries with a meaning of their own: a secret in `env`, literals in a
    /// Secret, what only the API server writes.
    pub(super) fn kubernetes_entry(
        &mut self,
        name: &Ident,
        value: &ast::Expr,
        target: &Target<'_>,
    ) -> Option<expr::Entry> {
        let def = target.def?;
        let owner = self.schemas.name(def)?;
        match (owner.as_str(), name.name.as_str()) {
            ("core/v1/EnvVar", "value") => self.secret_in_env(value),
            ("core/v1/Secret", "data" | "stringData") => {
                self.refuse_literals(value);
                None
            }
            ("meta/v1/ObjectMeta", field) if SERVER_METADATA.contains(&field) => {
                self.report(
                    Diagnostic::new(&E0402, name.span, format!("`metadata.{field}` is filled by the cluster"))
                        .help("leave it out")
                        .fix("remove it", self.whole_entry(name.span.to(value.span)), "", true),
                );
                let unknown = Self::unknown(value.span).expr;
                Some(expr::Entry::Field(name.name.clone(), unknown))
            }
            _ => None,
        }
    }

    fn secret_in_env(&mut self, value: &ast::Expr) -> Option<expr::Entry> {
        use ast::ExprKind::{Binary, Call, Cond, Field, Index, Match, Name};
        let may_be_secret = match &value.kind {
            Name(_) | Field { .. } | Index { .. } | Call { .. } | Cond(..) | Match { .. } => true,
            Binary(op, ..) => *op == ast::BinaryOp::Coalesce,
            _ => false,
        };
        let typed = if may_be_secret { self.attempt(|c| c.infer(value))? } else { return None };
        let secret = match typed.ty.peel() {
            Type::Optional(inner) => inner.structure(),
            _ => typed.ty.structure(),
        };
        if !matches!(secret, Type::Secret(_)) || matches!(typed.ty.peel(), Type::Optional(_)) {
            return None;
        }
        let typed = self.infer(value);
        Some(self.env_value(typed))
    }

    /// A secret's value never stands in source.
    fn refuse_literals(&mut self, value: &ast::Expr) {
        let ast::ExprKind::Object(entries) = &value.kind else { return };
        for entry in entries {
            let Entry::Field { key: Key::Word { name, .. }, value, .. } = entry else { continue };
            let written = matches!(
                value.kind,
                ast::ExprKind::String(_) | ast::ExprKind::Interpolated(_) | ast::ExprKind::Bytes(_)
            );
            if written {
                self.report(
                    Diagnostic::new(&E0309, value.span, format!("the secret value of `{}` stands in the source", name.name))
                        .label("whoever reads this file can read it")
                        .help("make the Secret outside (External Secrets, Sealed Secrets, `kubectl create secret`) and take it as `param p: Secret<String>`, given as `{ secret: name, key: key }`"),
                );
            }
        }
    }

    /// An entry with what separates it from its neighbours, so that what is left
    /// without it is well formed: its line, or the comma beside it.
    fn whole_entry(&self, entry: Span) -> Span {
        let text = self.modules.sources.get(entry.file).map_or("", |f| &f.text);
        let (Some(before), Some(after)) = (text.get(..entry.start as usize), text.get(entry.end as usize..)) else {
            return entry;
        };
        let blank = [' ', '\t'];
        let left = before.trim_end_matches(blank);
        let right = after.trim_start_matches(blank);
        let (start, end) = (left.len() as u32, (text.len() - right.len()) as u32);
        if let Some(next) = right.strip_prefix(',') {
            let end = (text.len() - next.trim_start_matches(blank).len()) as u32;
            return Span { end, ..entry };
        }
        if (left.is_empty() || left.ends_with('\n')) && right.starts_with('\n') {
            return Span { start, end: end + 1, ..entry };
        }
        if left.ends_with(',') { Span { start: start - 1, ..entry } } else { entry }
    }

    /// Units that make no sense for a resource: milli-bytes, binary multiples of a processor.
    pub(crate) fn check_resource_unit(&mut self, name: &Ident, value: &Expr) {
        let Some(Value::Quantity(quantity)) = value.known() else { return };
        let written = self.modules.sources.text(value.span).trim_matches(['"', '\'']).to_owned();
        let key = name.name.as_str();
        let bytes = matches!(key, "memory" | "storage" | "ephemeral-storage") || key.starts_with("hugepages-");
        if (bytes || key == "cpu") && quantity.as_int().is_some_and(|n| n < 0) {
            self.report(
                Diagnostic::new(&E0307, value.span, format!("`{written}` of {key} is less than nothing"))
                    .help("give what is needed, at least `0`"),
            );
        }
        if bytes && quantity.as_int().is_none() {
            let diagnostic = Diagnostic::new(
                &E0307,
                value.span,
                format!("`{written}` of {key} is less than a byte: `m` means thousandths"),
            );
            let number = written.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let better = format!("{number}Mi");
            let plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
            self.report(if plain {
                diagnostic.fix(format!("for megabytes, write `{better}`"), value.span, better, false)
            } else {
                diagnostic.help("megabytes end in `Mi`")
            });
        }
        if key == "cpu" && quantity.family() == Family::BinarySI {
            self.report(
                Diagnostic::new(&E0307, value.span, format!("`{written}` is an amount of memory, not of processors"))
                    .help("processors are counted: `2`, or in thousandths: `500m`"),
            );
        }
    }
}

/// The instance as an expression reads it.
pub(crate) fn self_type() -> Type {
    let mut fields = IndexMap::new();
    let mut add = |name: &str, ty: Type, optional: bool| {
        fields.insert(SmolStr::new(name), Field { optional, ..Field::of(ty) });
    };
    add("name", Type::String, false);
    add("namespace", Type::String, true);
    add("labels", Type::map(Type::String), false);
    add("annotations", Type::map(Type::String), false);
    add("uid", Type::String, false);
    Type::Record(Arc::new(Record { fields }))
}

/// A DNS-1123 subdomain: what most names of objects must be
/// (apimachinery, pkg/util/validation/validation.go, IsDNS1123Subdomain).
#[must_use]
pub(crate) fn is_dns_subdomain(name: &str) -> bool {
    !name.is_empty() && name.len() <= 253 && name.split('.').all(|part| is_dns_label_of(part, 253))
}

/// A DNS-1123 label (IsDNS1123Label).
#[must_use]
pub(crate) fn is_dns_label(name: &str) -> bool {
    is_dns_label_of(name, 63)
}

fn is_dns_label_of(name: &str, limit: usize) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let edge = |b: Option<&u8>| b.is_some_and(|b| *b != b'-');
    let bytes = name.as_bytes();
    bytes.len() <= limit && bytes.iter().all(|b| inner(*b)) && edge(bytes.first()) && edge(bytes.last())
}

/// The nearest valid name: lower case, other characters turned into hyphens.
#[must_use]
pub(crate) fn nearest_name(name: &str) -> String {
    let lower: String =
        name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    lower.trim_matches(['-', '.']).chars().take(63).collect()
}
