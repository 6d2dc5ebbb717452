//! Crossplane's own reconciler is the judge: what it renders with the
//! composition function, run as a process, is what `tessera build` makes.
//! `./test` builds both programs of Crossplane and names them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};
use tessera_tests::compile::{build, documents};
use tessera_tests::corpus::{project, root};
use tessera_tests::instances::{Instance, of_project};

const RESOURCE: &str = "crossplane.io/composition-resource-name";

/// The function, until it is dropped.
struct Function {
    process: Child,
    address: String,
}

impl Function {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_tessera"))
            .args(["function", "--insecure", "--address", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(process.stderr.take().unwrap()).read_line(&mut said).unwrap();
        let address = said.split_whitespace().find(|word| word.starts_with("127.")).expect(&said).to_owned();
        Self { process, address }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(variable: &str) -> PathBuf {
    std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} names a program; ./test sets it")).into()
}

/// A folder of its own, below the one for build products.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crossplane").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(path: &Path, documents: &[Json]) {
    let texts: Vec<String> = documents.iter().map(Json::to_string).collect();
    fs::write(path, texts.join("\n---\n")).unwrap();
}

/// What Crossplane renders of an instance, the composite first.
fn rendered(package: &Path, work: &Path, function: &Function, instance: &Instance, observed: &[Json]) -> Vec<Json> {
    let annotations = json!({
        "render.crossplane.io/runtime": "Development", "render.crossplane.io/runtime-development-target": function.address,
    });
    write(&work.join("xr.yaml"), std::slice::from_ref(&instance.object));
    write(
        &work.join("functions.yaml"),
        &[json!({
            "apiVersion": "pkg.crossplane.io/v1", "kind": "Function",
            "metadata": { "name": "function-tessera", "annotations": annotations }, "spec": { "package": "local" },
        })],
    );
    let mut command = Command::new(program("TESSERA_CROSSPLANE_CLI"));
    command.args(["composition", "render"]).arg(work.join("xr.yaml")).arg(package.join("composition.yaml"));
    command.arg(work.join("functions.yaml")).arg(format!("--xrd={}", package.join("definition.yaml").display()));
    command.arg(format!("--crossplane-binary={}", program("TESSERA_CROSSPLANE").display()));
    if !observed.is_empty() {
        write(&work.join("observed.yaml"), observed);
        command.arg(format!("--observed-resources={}", work.join("observed.yaml").display()));
    }
    // Nothing of the person's own set-up may matter.
    let output = command.env("HOME", work).env_remove("KUBECONFIG").current_dir(work).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", instance.name);
    documents(&String::from_utf8(output.stdout).unwrap()).unwrap()
}

/// Takes off what Crossplane adds to every resource.
fn without_marks(object: &mut Json) {
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.remove("ownerReferences");
    // Crossplane puts the objects of an instance in a namespace there; ours says so already.
    for field in ["labels", "annotations"] {
        let Some(marks) = metadata.get_mut(field).and_then(Json::as_object_mut) else { continue };
        marks.retain(|name, _| !name.starts_with("crossplane.io/"));
        if marks.is_empty() {
            metadata.remove(field);
        }
    }
}

fn key(object: &Json) -> [String; 3] {
    ["/kind", "/metadata/namespace", "/metadata/name"]
        .map(|path| object.pointer(path).and_then(Json::as_str).unwrap_or_default().to_owned())
}

#[test]
#[ignore = "needs Crossplane: run ./test"]
fn crossplane_renders_what_is_built() {
    let function = Function::start();
    let mut judged = 0;
    for example in fs::read_dir(root().join("examples")).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()) {
        let compiled = build(&project(&example).unwrap());
        let instances = of_project(&compiled);
        if instances.is_empty() {
            continue;
        }
        let name = example.file_name().unwrap().to_string_lossy().into_owned();
        let work = folder(&name);
        let lowered = Command::new(env!("CARGO_BIN_EXE_tessera"))
            .args(["build", "--target", "crossplane", "--function", "always", "--out"])
            .args([&work, &example])
            .output()
            .unwrap();
        assert!(lowered.status.success(), "{name}: {}", String::from_utf8_lossy(&lowered.stderr));
        for instance in &instances {
            let plural = &compiled.compilation.composites.iter().find(|c| c.ir.kind == instance.kind).unwrap().ir;
            let package = work.join(format!("{}.{}", plural.plural, plural.group));
            judge(&package, &work, &function, instance);
            judged += 1;
        }
    }
    assert!(judged >= 8, "only {judged} instances are judged");
}

/// Renders round by round, as a cluster would: what is there and done lets the rest come.
fn judge(package: &Path, work: &Path, function: &Function, instance: &Instance) {
    let mut observed: Vec<Json> = Vec::new();
    for round in 1.. {
        assert!(round < 10, "{}: no end", instance.name);
        let mut objects = rendered(package, work, function, instance, &observed);
        let composite = objects.remove(0);
        assert_eq!(composite["kind"], instance.kind.as_str());
        let evaluated =
            composite["status"]["conditions"].as_array().into_iter().flatten().find(|c| c["type"] == "Evaluated");
        assert_eq!(evaluated.map(|c| &c["status"]), Some(&json!("True")), "{}: {composite}", instance.name);
        // The order of deletion is no object of the instance.
        objects.retain(|object| object["kind"] != "Usage" && object["kind"] != "ClusterUsage");
        if objects.len() == observed.len() {
            let mut built = instance.objects.clone();
            objects.iter_mut().for_each(without_marks);
            objects.sort_by_key(key);
            built.sort_by_key(key);
            assert_eq!(objects, built, "{}", instance.name);
            return;
        }
        observed = objects;
        for object in &mut observed {
            assert!(object["metadata"]["annotations"][RESOURCE].is_string());
            object["status"] = json!({ "succeeded": 1, "conditions": [{ "type": "Complete", "status": "True" }] });
        }
    }
}
