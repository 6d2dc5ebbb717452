//! What a document is built to, beside its source.

use tessera_compiler::check::CompositeType;
use tessera_compiler::compile::{Built, Compilation};
use tessera_compiler::resolve::ModuleId;
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::target::limits::ENGINES;
use tessera_compiler::target::{File, lower_some};
use tessera_compiler::value::Value;
use tessera_compiler::yaml;

use crate::feature::extent::extent;
use crate::feature::problems::message;
use crate::workspace::snapshot::Place;

/// The target that is no engine: the objects of an instance.
pub(crate) const MANIFESTS: &str = "manifests";

/// Something to choose from: what it is called, for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) title: String,
}

/// What is shown.
#[derive(Debug, Default)]
pub(crate) struct Preview {
    pub(crate) target: String,
    pub(crate) targets: Vec<Choice>,
    pub(crate) instances: Vec<Choice>,
    pub(crate) instance: Option<String>,
    pub(crate) files: Vec<Shown>,
    /// Why something is missing.
    pub(crate) messages: Vec<String>,
}

/// A file that a build would write.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) objects: Vec<Object>,
}

/// An object in a file: its lines, from 0, the end exclusive.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) title: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) resource: Option<String>,
    pub(crate) source: Option<Span>,
}

/// Shows a document's instance or composites as a target writes them. A target or an
/// instance that there is not gives way to the first.
pub(crate) fn preview(place: &Place, target: &str, instance: Option<&str>) -> Preview {
    let compilation = &place.compiled.compilation;
    let engine = ENGINES.iter().find(|engine| engine.name == target);
    let near = near(compilation, place.file);
    let instances = near.iter().map(|built| Choice { id: id(built, compilation), title: title(built, compilation) });
    let mut preview = Preview {
        target: engine.map_or(MANIFESTS, |engine| engine.name).to_owned(),
        targets: targets(),
        instances: instances.collect(),
        ..Preview::default()
    };
    if compilation.has_errors() {
        preview.messages.push("There are errors; what they concern is left out or out of date.".to_owned());
    }
    match engine {
        None => manifests(&mut preview, &near, compilation, instance),
        Some(engine) => {
            let module = module(compilation, place.file);
            let of_instances: Vec<&CompositeType> =
                near.iter().filter_map(|built| composite(built, compilation)).collect();
            let own = |checked: &CompositeType| Some(checked.module) == module;
            let any_own = compilation.composites.iter().any(|c| own(c) && !c.ir.kind.is_empty());
            let pick = |checked: &CompositeType| {
                if any_own { own(checked) } else { of_instances.iter().any(|c| std::ptr::eq(*c, checked)) }
            };
            let picked = compilation.composites.iter().filter(|c| pick(c) && !c.ir.kind.is_empty());
            let spans: Vec<Span> = picked.map(|c| c.ir.span).collect();
            let lowered = lower_some(compilation, pick, engine.lower);
            preview.messages.extend(lowered.diagnostics.iter().map(message));
            let failed = lowered.diagnostics.iter().any(tessera_compiler::diagnostic::Diagnostic::is_error);
            let source = if let [one] = spans.as_slice() { Some(extent(compilation, *one)) } else { None };
            if !failed {
                preview.files = lowered.files.into_iter().map(|file| shown(file, source)).collect();
            }
            if preview.files.is_empty() && preview.messages.is_empty() {
                preview.messages.push("There is no composite here.".to_owned());
            }
        }
    }
    preview
}

/// All targets.
fn targets() -> Vec<Choice> {
    let choice = |id: &str, title: &str| Choice { id: id.to_owned(), title: title.to_owned() };
    let engines = ENGINES.iter().map(|engine| choice(engine.name, engine.title));
    std::iter::once(choice(MANIFESTS, "Manifests")).chain(engines).collect()
}

fn module(compilation: &Compilation, file: FileId) -> Option<ModuleId> {
    compilation.modules.ids().find(|id| compilation.modules.get(*id).is_some_and(|module| module.file == file))
}

/// What was built of a document: its own instances and top level, then the instances of its
/// composites; of all where there are none.
fn near(compilation: &Compilation, file: FileId) -> Vec<&Built> {
    let module = module(compilation, file);
    let own = |built: &&Built| built.span.file == file;
    let of = |built: &&Built| composite(built, compilation).is_some_and(|c| Some(c.module) == module);
    let built = compilation.built.iter();
    let mut near: Vec<&Built> = built.clone().filter(own).collect();
    near.extend(built.clone().filter(|built| !own(built) && of(built)));
    if near.is_empty() { built.collect() } else { near }
}

fn composite<'c>(built: &Built, compilation: &'c Compilation) -> Option<&'c CompositeType> {
    compilation.instances.get(built.instance?).map(|instance| &*instance.composite)
}

/// `Kind/name`, or `Kind/namespace/name`; the path of the source for its top level.
pub(crate) fn id(built: &Built, compilation: &Compilation) -> String {
    if built.kind.is_empty() {
        return compilation.sources().get(built.span.file).map_or_else(String::new, |file| file.path.to_string());
    }
    let namespace = built.namespace.iter().map(|namespace| format!("{namespace}/")).collect::<String>();
    format!("{}/{namespace}{}", built.kind, built.name)
}

fn title(built: &Built, compilation: &Compilation) -> String {
    if built.kind.is_empty() {
        return format!("resources of {}", id(built, compilation));
    }
    let namespace = built.namespace.iter().map(|namespace| format!(" in {namespace}")).collect::<String>();
    format!("{} {}{namespace}", built.kind, built.name)
}

fn manifests(preview: &mut Preview, near: &[&Built], compilation: &Compilation, wanted: Option<&str>) {
    let named = |built: &&&Built| wanted.is_some_and(|wanted| id(built, compilation) == wanted || built.name == wanted);
    let Some(built) = near.iter().find(named).or(near.first()) else {
        preview.messages.push("There is no instance, and no resource at the top level of a module.".to_owned());
        return;
    };
    preview.instance = Some(id(built, compilation));
    preview.messages.extend(built.result.pending.iter().map(|pending| {
        let what = if pending.output { "output" } else { "resource" };
        format!("The {what} `{}` waits: {}.", pending.name, pending.message)
    }));
    let mut file = Shown { path: "manifests.yaml".to_owned(), text: String::new(), objects: Vec::new() };
    for object in &built.result.objects {
        if !file.text.is_empty() {
            file.text.push_str("---\n");
        }
        let start = lines(&file.text);
        yaml::emit(&object.value, &mut file.text);
        file.objects.push(Object {
            title: name(&object.value),
            start,
            end: lines(&file.text),
            resource: Some(object.resource.to_string()),
            source: Some(extent(compilation, object.span)),
        });
    }
    preview.files.push(file);
}

fn lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

fn name(object: &Value) -> String {
    let text = |path: &[&str]| object.at(path).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}", text(&["kind"]), text(&["metadata", "name"]))
}

/// A file of an engine, its documents found by their marks.
fn shown(file: File, source: Option<Span>) -> Shown {
    let File { path, text } = file;
    let mut objects = Vec::new();
    // Templates are no documents.
    if path.ends_with(".yaml") && !path.contains("templates/") {
        let all: Vec<&str> = text.lines().collect();
        let marks = all.iter().enumerate().filter(|(_, line)| **line == "---").map(|(at, _)| at);
        let mut start = 0;
        for end in marks.chain([all.len()]) {
            let part = all.get(start..end).unwrap_or_default();
            let value = |prefix: &str| {
                part.iter().find_map(|line| line.strip_prefix(prefix)).unwrap_or_default().trim_matches('"').to_owned()
            };
            let kind = value("kind: ");
            if !kind.is_empty() {
                let title = format!("{kind} {}", value("  name: "));
                objects.push(Object { title, start, end, resource: None, source });
            }
            start = end + 1;
        }
    }
    Shown { path, text, objects }
}
