//! Types of Kubernetes, written out from the packed schemas. Without their
//! documentation: a definition is bounded in size, and `kubectl explain` has it.

use super::openapi::OpenApi;
use super::{Builder, E0710};
use crate::check::schema_of;
use crate::diagnostic::Diagnostic;
use crate::schema::{DefId, Shape};

impl Builder<'_> {
    /// A Kubernetes type by its name, `core/v1/Container`.
    pub(super) fn kubernetes(&mut self, name: &str, place: &str) -> OpenApi {
        let mut parts = name.rsplitn(3, '/');
        let (kind, version, group) = (parts.next(), parts.next(), parts.next());
        let def = match (group, version, kind) {
            (Some(group), Some(version), Some(kind)) => self.schemas.type_named(group, version, kind),
            _ => None,
        };
        match def {
            Some(def) => self.definition(def, name, place),
            None => self.refuse(place, format!("`{place}` is a `{name}`, whose schema is not to be had here")),
        }
    }

    fn definition(&mut self, def: DefId, name: &str, place: &str) -> OpenApi {
        if self.way.contains(&def) {
            return self
                .refuse(place, format!("`{name}` contains itself at `{place}`, which an API's schema cannot say"));
        }
        self.way.push(def);
        let level = match self.schemas.shape(def) {
            Some(Shape::Record) => self.fields_of(def, place),
            Some(Shape::Alias(ty)) => {
                let schema = schema_of(self.schemas, &ty);
                self.level(&schema, place)
            }
            _ => OpenApi { nullable: false, ty: Some("object"), ..OpenApi::anything() },
        };
        self.way.pop();
        level
    }

    fn fields_of(&mut self, def: DefId, place: &str) -> OpenApi {
        let mut level = OpenApi::of("object");
        let Some(record) = self.schemas.record(def).cloned() else { return level };
        for (name, field) in &record.fields {
            let schema = schema_of(self.schemas, &field.ty);
            let inner = self.level(&schema, &format!("{place}.{name}"));
            if !field.optional {
                level.required.push(name.clone());
            }
            level.fields.insert(name.clone(), inner);
        }
        level
    }

    fn refuse(&mut self, place: &str, message: String) -> OpenApi {
        let diagnostic = Diagnostic::new(&E0710, self.span, message)
            .help(format!("give `{place}` a type with the fields that instances need"));
        self.diagnostics.push(diagnostic);
        OpenApi::anything()
    }
}
