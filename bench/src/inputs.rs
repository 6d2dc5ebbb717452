//! Writes what the cases read, always the same bytes.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tessera_tests::crds::{Sample, WANT_MORE, samples};
use tessera_tests::function::settled;

use crate::Result;
use crate::outputs::Objects;

/// How many files the generated project has.
pub(crate) const MODULES: usize = 200;
/// How large the file for the formatter is at least, in bytes.
pub(crate) const LARGE_FILE: usize = 1_000_000;

/// The projects with CRDs.
pub(crate) const CRD_PROJECTS: [&str; 3] = ["500-CRDs-and-one-instance", BUILT_IN_ONLY, ALL_IN_USE];
/// The one whose source uses none of them.
const BUILT_IN_ONLY: &str = "500-CRDs-and-built-in-kinds";
/// The one whose source uses all of them.
pub(crate) const ALL_IN_USE: &str = "500-CRDs-all-in-use";
const GATEWAY: &str = "resource gateway: gateway.networking.k8s.io/v1/Gateway {
  spec: {
    gatewayClassName: \"public\"
    listeners: [{ name: \"http\", port: 80, protocol: \"HTTP\" }]
  }
}
";

/// So many composites are lowered to a target; the second shows that time grows with their number.
pub(crate) const COMPOSITES: [usize; 2] = [100, 1_000];
/// The request for the composition function: an instance of FinancialBackend whose objects are all there.
pub(crate) const REQUEST: &str = "financial-backend.request";
const COMPOSITE: &str = include_str!("../programs/composite.tess");
const APPS: &str = include_str!("../programs/apps.tess");
const KUSTOMIZATION: &str = "resources: [objects.yaml]
labels:
  - pairs: { app.kubernetes.io/managed-by: bench }
    includeTemplates: true
";
const MODULE: &str = include_str!("../programs/module.tess");

/// Writes all inputs below the folder.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn write(folder: &Path) -> Result<()> {
    for count in [1_000, 4_000] {
        save(&folder.join(format!("apps-{count}.tess")), APPS.replace("COUNT", &count.to_string()))?;
    }
    for count in COMPOSITES {
        for number in 0..count {
            let text = COMPOSITE.replace("Medium", &format!("Medium{number}"));
            save(&folder.join(format!("composites-{count}/c{number}.tess")), text)?;
        }
    }
    project(&folder.join("project"))?;
    definitions(folder)?;
    save(&folder.join(REQUEST), settled("financial-backend")?)?;
    save(&folder.join("large.tess"), large_file())
}

/// Projects with CRDs, where `TESSERA_CRDS` names an archive of them.
fn definitions(folder: &Path) -> Result<()> {
    let Some(archive) = std::env::var_os("TESSERA_CRDS").filter(|path| !path.is_empty()) else { return Ok(()) };
    let files = tessera_tests::crds::files(Path::new(&archive))?;
    let samples = files.iter().flat_map(|(_, text)| samples(text));
    let wanting = |sample: &Sample| !WANT_MORE.iter().any(|kind| sample.kind.ends_with(&format!("/{kind}")));
    let mut all = String::new();
    for (number, Sample { kind, body }) in samples.filter(wanting).enumerate() {
        let _ = writeln!(all, "resource r{number}: {kind} {{\n{body}}}");
    }
    for name in CRD_PROJECTS {
        let project = folder.join(name);
        for (path, text) in &files {
            save(&project.join("crds").join(Path::new(path).file_name().unwrap_or_default()), text)?;
        }
        let source = match name {
            ALL_IN_USE => all.as_str(),
            BUILT_IN_ONLY => "resource settings: v1/ConfigMap { data: { a: \"b\" } }\n",
            _ => GATEWAY,
        };
        save(&project.join("main.tess"), source)?;
        save(&project.join("tessera.toml"), "[package]\nname = \"bench\"\ncrds = [\"crds/*.yaml\"]\n")?;
    }
    Ok(())
}

/// A project in which each module uses the one before it.
fn project(folder: &Path) -> Result<()> {
    save(&folder.join("tessera.toml"), "[package]\nname = \"bench\"\nversion = \"0.1.0\"\n")?;
    for (name, text) in modules(MODULES) {
        save(&folder.join(name), text)?;
    }
    Ok(())
}

/// So many modules, each of which uses the one before it: their files' names and texts.
pub(crate) fn modules(count: usize) -> Vec<(String, String)> {
    let module = |number: usize| {
        let mut text = format!("module bench.m{number}\n\n");
        if let Some(previous) = number.checked_sub(1) {
            let _ = write!(text, "use bench.m{previous} as previous\n\n");
        }
        let previous = if number == 0 { "local-labels" } else { "previous.local-labels" };
        text.push_str(&MODULE.replace("NUMBER", &number.to_string()).replace("PREVIOUS", previous));
        (format!("m{number}.tess"), text)
    };
    (0..count).map(module).collect()
}

fn large_file() -> String {
    let mut text = String::from("module bench.large\n");
    for number in 0.. {
        if text.len() >= LARGE_FILE {
            break;
        }
        text.push('\n');
        let part = MODULE.replace("local-labels", &format!("labels-{number}"));
        text.push_str(&part.replace("PREVIOUS", "labels-0").replace("NUMBER", &number.to_string()));
    }
    text
}

/// Writes the objects as input for Kustomize, less a label that it is told to
/// add again.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn unlabelled(folder: &Path, objects: &Objects) -> Result<()> {
    let mut text = String::new();
    for object in objects.values() {
        let mut object = object.clone();
        for place in ["/metadata/labels", "/spec/template/metadata/labels"] {
            if let Some(Value::Object(labels)) = object.pointer_mut(place) {
                labels.shift_remove("app.kubernetes.io/managed-by");
            }
        }
        // JSON is YAML.
        let _ = writeln!(text, "---\n{object}");
    }
    save(&folder.join("objects.yaml"), text)?;
    save(&folder.join("kustomization.yaml"), KUSTOMIZATION)
}

/// Writes a file, and the folders above it.
///
/// # Errors
/// When that fails.
pub(crate) fn save(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    let told = |e: std::io::Error| format!("{}: {e}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(told)?;
    }
    fs::write(path, text).map_err(told)
}
