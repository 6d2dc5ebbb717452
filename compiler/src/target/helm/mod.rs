//! `--target helm`: a chart for each composite. Its values are the parameters, its
//! templates the resources, its notes the outputs. A release is an instance: its name
//! and namespace are those of `self`.
//!
//! `template` writes expressions; here is what a chart is made of. What Helm does not
//! do is left out with a warning (W0741) where the objects are the same without it, and
//! refused (E0740) where they are not.

mod checks;
mod objects;
mod schema;
mod values;

use std::fmt::Write as _;

use crate::diagnostic::{Diagnostic, E0713, E0740, W0741};
use crate::expr::{Expr, Repr};
use crate::ir::{Composite, Schema};
use crate::target::limits::{Construct, Fit};
use crate::target::template::{self, Shared, Writer};
use crate::target::{File, Lowered, Lowering, Names};
use crate::value::{Map, Value};
use crate::yaml;

/// What a chart does not simply take.
pub const LIMITS: &[(Construct, Fit)] = &[
    (Construct::Bytes, Fit::Refused(&E0740)),
    (Construct::Timestamp, Fit::Refused(&E0740)),
    (Construct::Kubernetes, Fit::Refused(&E0740)),
    (Construct::NoCel, Fit::Otherwise("the chart fails")),
    (Construct::Require, Fit::Otherwise("the chart fails")),
    (Construct::QuantityArithmetic, Fit::Refused(&E0740)),
    (Construct::QuantityOrder, Fit::Refused(&E0740)),
    (Construct::FloatArithmetic, Fit::Refused(&E0740)),
    (Construct::SortBy, Fit::Refused(&E0740)),
    (Construct::MapMacro, Fit::Refused(&E0740)),
    (Construct::OwnLabels, Fit::Refused(&E0740)),
    (Construct::Observed, Fit::Refused(&E0740)),
    (Construct::ObservedOutput, Fit::LeftOut(&W0741)),
    (Construct::External, Fit::Otherwise("not read: a value of it is refused")),
    (Construct::After, Fit::LeftOut(&W0741)),
    (Construct::Ready, Fit::LeftOut(&W0741)),
    (Construct::CompositeReady, Fit::LeftOut(&W0741)),
    (Construct::Protect, Fit::LeftOut(&W0741)),
    (Construct::Retain, Fit::LeftOut(&W0741)),
    (Construct::Replace, Fit::LeftOut(&W0741)),
    (Construct::Lease, Fit::LeftOut(&W0741)),
    (Construct::Notify, Fit::LeftOut(&W0741)),
    (Construct::Versions, Fit::Refused(&E0713)),
];

/// Lowers composites to charts.
#[must_use]
pub fn lower(lowering: Lowering<'_>) -> Lowered {
    let (mut lowered, mut names) = (Lowered::default(), Names::default());
    for source in lowering.composites {
        let name = chart_name(&source.reduced.kind);
        if let Some(twice) = names.take(name.clone(), source.reduced, "the chart") {
            lowered.diagnostics.push(twice);
            continue;
        }
        let mut chart = Chart { lowering, lowered: &mut lowered, name };
        chart.write(source.reduced);
    }
    lowered
}

/// `FinancialBackend` as a chart is named: `financial-backend`.
fn chart_name(kind: &str) -> String {
    let mut name = String::new();
    for (index, c) in kind.char_indices() {
        if c.is_ascii_uppercase() && index > 0 && !name.ends_with('-') && !kind.get(..index).is_some_and(ends_upper) {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// A resource's name as a template of its own is called: in this folder on every disk, and not
/// beginning as those that Helm only reads for what they define. `taken` is in small letters.
fn file_stem(name: &str, taken: &[String]) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let stem: String = name.chars().map(kept).collect();
    let stem = stem.trim_start_matches(['-', '_']);
    let stem = if stem.is_empty() { "resource" } else { stem };
    let free = |stem: &String| !taken.contains(&stem.to_ascii_lowercase());
    let mut all = std::iter::once(stem.to_owned()).chain((2..).map(|n| format!("{stem}-{n}")));
    all.find(free).unwrap_or_else(|| stem.to_owned())
}

fn ends_upper(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_uppercase())
}

struct Chart<'a, 'b> {
    lowering: Lowering<'a>,
    lowered: &'b mut Lowered,
    name: String,
}

impl Chart<'_, '_> {
    fn write(&mut self, reduced: &Composite) {
        let mut composite = reduced.clone();
        template::fold(&mut composite);
        let composite = &composite;
        let mut shared = Shared::default();
        self.left_out(composite);
        for param in super::beyond_doubles(composite) {
            let what = format!("the integers of `{}`: Helm reads numbers as doubles, exact up to 2^53", param.name);
            self.tell(*template::refused(param.span, what, "give smaller ones, or take it as a String"));
        }
        self.file("Chart.yaml", self.head(composite));
        self.file("values.yaml", values::text(composite));
        match schema::text(composite) {
            Ok(text) => self.file("values.schema.json", text),
            Err(diagnostic) => self.lowered.diagnostics.push(*diagnostic),
        }
        let name = self.name.clone();
        let checks = self.template(composite, &mut shared, checks::write);
        let mut taken = vec!["checks".to_owned()];
        for resource in composite.resources().into_iter().filter(|resource| !resource.external) {
            let text = self.template(composite, &mut shared, |writer| objects::write(writer, resource));
            let stem = file_stem(&resource.name, &taken);
            self.file(&format!("templates/{stem}.yaml"), text);
            taken.push(stem.to_ascii_lowercase());
        }
        let notes = self.notes(composite, &mut shared);
        self.file("templates/NOTES.txt", notes);
        if !checks.trim().is_empty() {
            let head = "{{- /* What must hold of the values. Nothing is made of this file. */}}\n";
            self.file("templates/checks.yaml", format!("{head}{checks}"));
        }
        checks::parameters(composite, self.lowering.program, &name, &mut shared, &mut self.lowered.diagnostics);
        self.helpers(&shared);
    }

    fn file(&mut self, path: &str, text: String) {
        self.lowered.files.push(File { path: format!("{}/{path}", self.name), text });
    }

    /// One template, written with what all templates of a chart share.
    fn template(
        &mut self,
        composite: &Composite,
        shared: &mut Shared,
        write: impl FnOnce(&mut Writer<'_>) -> template::Out<()>,
    ) -> String {
        let name = self.name.clone();
        let mut writer = Writer::new(composite, self.lowering.program, &name, shared);
        let result = write(&mut writer);
        writer.refuse(result);
        let (text, diagnostics) = writer.finish();
        for diagnostic in diagnostics {
            self.tell(diagnostic);
        }
        text
    }

    fn tell(&mut self, diagnostic: Diagnostic) {
        if !self.lowered.diagnostics.contains(&diagnostic) {
            self.lowered.diagnostics.push(diagnostic);
        }
    }

    fn head(&self, composite: &Composite) -> String {
        let range = self.lowering.kubernetes;
        let mut head = Map::default();
        head.insert("apiVersion", Value::str("v2"));
        head.insert("name", Value::str(&self.name));
        if let Some(doc) = &composite.doc {
            head.insert("description", Value::str(&doc.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        head.insert("type", Value::str("application"));
        head.insert("version", Value::String(self.lowering.package.version.clone()));
        head.insert("kubeVersion", Value::str(&format!(">=1.{}.0-0 <1.{}.0-0", range.oldest, range.newest + 1)));
        let mut text = String::new();
        yaml::emit(&Value::map(head), &mut text);
        text
    }

    fn helpers(&mut self, shared: &Shared) {
        let mut text = String::new();
        for (name, define) in &shared.defines {
            let _ = write!(text, "{{{{- define {} }}}}\n{define}{{{{- end }}}}\n", template::quoted(name));
        }
        if !text.is_empty() {
            self.file("templates/_helpers.tpl", text);
        }
        if shared.units {
            self.file("templates/_tessera.tpl", template::UNITS.to_owned());
        }
    }

    fn notes(&mut self, composite: &Composite, shared: &mut Shared) -> String {
        let mut text = format!("{} {{{{ $.Release.Name }}}} is installed.\n", composite.kind);
        for output in &composite.outputs {
            let name = self.name.clone();
            let mut writer = Writer::new(composite, self.lowering.program, &name, shared);
            let written = note(&mut writer, &output.name, &output.value);
            writer.refuse(written);
            let (note, mut diagnostics) = writer.finish();
            match diagnostics.pop() {
                None => {
                    text.push('\n');
                    if let Some(doc) = &output.doc {
                        text.push_str(&template::raw(doc.trim_end()));
                        text.push('\n');
                    }
                    text.push_str(&note);
                }
                Some(found) => self.tell(
                    Diagnostic::new(
                        &W0741,
                        output.span,
                        format!("the output `{}` is left out of the notes", output.name),
                    )
                    .also(found.primary.span, found.message)
                    .help("ask the cluster for it, or build for `--target crossplane` or `controller`"),
                ),
            }
        }
        text
    }

    /// What a chart has no place for, though its objects are the same without it.
    fn left_out(&mut self, composite: &Composite) {
        let mut tell = |span, what: &str, way: &str| {
            self.tell(
                Diagnostic::new(&W0741, span, format!("Helm has no {what}, so the chart is without it")).help(way),
            );
        };
        if let Some(lease) = &composite.lease {
            tell(
                lease.span,
                "leases",
                "uninstall the release when its time is over, or build for `--target controller`",
            );
        }
        for notification in &composite.notifications {
            tell(
                notification.span,
                "notifications",
                "tell people from what runs Helm, or build for `--target controller`",
            );
        }
        if let Some(ready) = &composite.ready {
            tell(
                ready.span,
                "rule of its own for readiness",
                "`helm install --wait` waits for what it knows of each kind",
            );
        }
        for resource in composite.resources() {
            if !resource.after.is_empty() {
                let way = "it creates the objects of one kind after those of another; objects that need others must try again";
                tell(resource.span, "order of its own among objects (`after`)", way);
            }
            if let Some(ready) = &resource.ready {
                let way = "`helm install --wait` waits for what it knows of each kind";
                tell(ready.span, "rule of its own for readiness", way);
            }
            for (set, word) in
                [(resource.protect, "protect"), (resource.retain, "retain"), (resource.replace, "replace")]
            {
                if set {
                    let what = format!("`{word}` for a resource");
                    tell(
                        resource.span,
                        &what,
                        "see to it when the release is changed, or build for `--target controller`",
                    );
                }
            }
        }
    }
}

/// `name: value`.
fn note(writer: &mut Writer<'_>, name: &str, value: &Expr) -> template::Out<()> {
    let operand = writer.operand(value)?;
    let text = matches!(value.repr, Repr::String | Repr::Int | Repr::Bool | Repr::Duration | Repr::Quantity);
    let printed = if text { operand } else { format!("{operand} | toJson") };
    writer.line(&format!("  {}: {{{{ {printed} }}}}", template::raw(name)));
    Ok(())
}

/// What a value of a schema is like in expressions.
fn repr_of(schema: &Schema) -> Repr {
    match template::strip(schema) {
        Schema::Null => Repr::Null,
        Schema::Bool => Repr::Bool,
        Schema::Int => Repr::Int,
        Schema::Uint => Repr::Uint,
        Schema::Float => Repr::Float,
        Schema::String => Repr::String,
        Schema::Bytes => Repr::Bytes,
        Schema::Duration => Repr::Duration,
        Schema::Timestamp => Repr::Timestamp,
        Schema::Quantity => Repr::Quantity,
        Schema::Literal(value) => Repr::of(value),
        Schema::List(_) => Repr::List,
        Schema::Map(_) | Schema::Record(_) | Schema::Secret(_) | Schema::Kubernetes(_) => Repr::Map,
        Schema::Union(members) => {
            let mut reprs = members.iter().map(repr_of);
            let first = reprs.next().unwrap_or(Repr::Dyn);
            if reprs.all(|repr| repr == first) { first } else { Repr::Dyn }
        }
        Schema::Any | Schema::Rule(_) => Repr::Dyn,
    }
}
