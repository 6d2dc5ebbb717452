//! What the servers work on: a project of so many files with all definitions, an object of one of their
//! kinds in each file; and the same objects as YAML, with the schemas of the same definitions.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};
use tessera_tests::compile::documents;
use tessera_tests::crds::{Sample, WANT_MORE, samples};
use tessera_tests::lsp::uri;

use crate::Result;
use crate::inputs::{modules, save};

/// A file that is opened and edited.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) uri: String,
    pub(crate) text: String,
    /// How many bytes at its beginning are no object, and left alone.
    pub(crate) head: usize,
}

/// Where a server works.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) root: String,
    pub(crate) files: Vec<File>,
    /// What the server is told of its settings.
    pub(crate) settings: Json,
    /// A line that is wrong, and a word that is in what is said about it.
    pub(crate) mistake: &'static str,
    pub(crate) complaint: &'static str,
}

/// A project, and what it was made of.
pub(crate) struct Places {
    pub(crate) tessera: Place,
    /// How many files with definitions there are.
    pub(crate) definitions: usize,
    /// Their texts.
    texts: Vec<String>,
}

/// Writes the project of so many files.
///
/// # Errors
/// When a file cannot be written, or the archive of the definitions not be read.
pub(crate) fn write(folder: &Path, files: usize) -> Result<Places> {
    let archive = std::env::var_os("TESSERA_CRDS").filter(|path| !path.is_empty());
    let definitions = archive.map_or(Ok(Vec::new()), |archive| tessera_tests::crds::files(Path::new(&archive)))?;
    let texts: Vec<String> = definitions.iter().map(|(_, text)| text.clone()).collect();
    let project = folder.join(format!("editor-{files}"));
    for (path, text) in &definitions {
        save(&project.join("crds").join(Path::new(path).file_name().unwrap_or_default()), text)?;
    }
    let crds = if definitions.is_empty() { "" } else { "crds = [\"crds/*.yaml\"]\n" };
    save(&project.join("tessera.toml"), format!("[package]\nname = \"bench\"\n{crds}"))?;
    let wanting = |sample: &Sample| !WANT_MORE.iter().any(|kind| sample.kind.ends_with(&format!("/{kind}")));
    let samples: Vec<Sample> = texts.iter().flat_map(|text| samples(text)).filter(wanting).collect();
    let mut written = Vec::new();
    for (number, (name, mut text)) in modules(files).into_iter().enumerate() {
        if let Some(Sample { kind, body }) = samples.get(number % samples.len().max(1)) {
            let _ = write!(text, "\nresource own{number}: {kind} {{\n{body}}}\n");
        }
        save(&project.join(&name), &text)?;
        written.push((name, text));
    }
    let folder = project.canonicalize().map_err(|error| format!("{}: {error}", project.display()))?;
    let files = written.into_iter().map(|(name, text)| File { uri: uri(&folder.join(name)), text, head: 0 }).collect();
    let tessera = Place {
        root: uri(&folder),
        folder,
        files,
        settings: json!({}),
        mistake: "let oops: Int = zzz\n",
        complaint: "zzz",
    };
    Ok(Places { tessera, definitions: definitions.len(), texts })
}

/// Builds the objects of a project into a file of each.
///
/// # Errors
/// When that fails.
pub(crate) fn objects(folder: &Path, tessera: &Path, places: &Places) -> Result<()> {
    let output = Command::new(tessera).arg("build").arg(&places.tessera.folder).output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let objects = documents(&text).map_err(|error| format!("the objects: {error}"))?;
    let target = folder.join("editor-yaml/objects");
    let schemas = folder.canonicalize().map_err(|error| error.to_string())?.join("editor-yaml/schemas");
    let _ = fs::remove_dir_all(&target);
    for (number, object) in objects.iter().enumerate() {
        let of = |key: &str| object.get(key).and_then(Json::as_str).unwrap_or_default();
        let (group, version) = of("apiVersion").split_once('/').unwrap_or_default();
        let kind = of("kind");
        // Its settings associate files with schemas, too, but not before the first of them is open.
        let schema = uri(&schemas.join(schema_name(group, version, kind)));
        let mut text = format!("# yaml-language-server: $schema={schema}\n");
        tessera_compiler::yaml::emit_documents(std::iter::once(&tessera_compiler::value::from_json(object)), &mut text);
        save(&target.join(format!("{}-{number}.yaml", kind.to_lowercase())), text)?;
    }
    if objects.is_empty() { Err(format!("no objects: {}", String::from_utf8_lossy(&output.stderr))) } else { Ok(()) }
}

fn schema_name(group: &str, version: &str, kind: &str) -> String {
    format!("{group}-{version}-{kind}.json").to_lowercase()
}

/// The place of the server for YAML: each definition's schema for the objects of its kind.
///
/// # Errors
/// When a schema cannot be written.
pub(crate) fn yaml(folder: &Path, places: &Places) -> Result<Place> {
    let folder = folder.join("editor-yaml");
    save(&folder.join("schemas/.keep"), "")?;
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    for text in &places.texts {
        // Some of the archive's files are templates.
        for definition in documents(text).unwrap_or_default() {
            let kind = definition.pointer("/spec/names/kind").and_then(Json::as_str).unwrap_or_default();
            let group = definition.pointer("/spec/group").and_then(Json::as_str).unwrap_or_default();
            for version in definition.pointer("/spec/versions").and_then(Json::as_array).into_iter().flatten() {
                let Some(mut schema) = version.pointer("/schema/openAPIV3Schema").cloned() else { continue };
                let name = version.get("name").and_then(Json::as_str).unwrap_or_default();
                if let Some(schema) = schema.as_object_mut() {
                    schema.insert("additionalProperties".to_owned(), Json::Bool(false));
                }
                save(&folder.join("schemas").join(schema_name(group, name, kind)), schema.to_string())?;
            }
        }
    }
    let mut files = Vec::new();
    let objects = fs::read_dir(folder.join("objects")).map_err(|error| error.to_string())?;
    for entry in objects {
        let path = entry.map_err(|error| error.to_string())?.path();
        let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        // A letter within the address of the schema would make it that of another schema.
        let head = text.find('\n').map_or(0, |end| end + 1);
        files.push(File { uri: uri(&path), text, head });
    }
    files.sort_by(|a, b| a.uri.cmp(&b.uri));
    let off = json!({ "enable": false });
    let settings = json!({ "yaml": {
        "validate": true, "hover": true, "completion": true,
        "schemaStore": off, "kubernetesCRDStore": off,
    } });
    Ok(Place { root: uri(&folder), folder, files, settings, mistake: "zzz: 1\n", complaint: "zzz" })
}
