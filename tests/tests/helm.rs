//! Charts mean what `tessera build` builds, and Helm is the judge. `./test` builds the
//! pinned Helm and gives its path in `TESSERA_HELM`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Mutex;

use serde_json::{Value as Json, json};
use tessera_compiler::compile::Compilation;
use tessera_compiler::target::{self, Lowered, helm};
use tessera_tests::compile;
use tessera_tests::corpus::{File, example, examples};
use tessera_tests::instances::{self, Instance};

// What is lowered.

fn compiled(files: &[(String, String)]) -> Compilation {
    let compiled = compile::check(files);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    compiled.compilation
}

fn lowered(compilation: &Compilation) -> Lowered {
    let lowered = target::lower(compilation, helm::lower);
    let errors: Vec<_> = lowered.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    lowered
}

// Helm.

/// Charts in a folder of their own, which goes with them.
struct Charts(PathBuf);

impl Charts {
    fn new(test: &str, lowered: &Lowered) -> Self {
        let folder = std::env::temp_dir().join(format!("tessera-helm-{test}-{}", std::process::id()));
        for file in &lowered.files {
            let path = folder.join(&file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &file.text).unwrap();
        }
        Self(folder)
    }

    fn helm(&self, args: &[&str]) -> Output {
        let path = std::env::var_os("TESSERA_HELM").expect("TESSERA_HELM is the path of helm; ./test sets it");
        let mut command = Command::new(path);
        command.env_clear().env("HOME", &self.0).current_dir(&self.0).args(args).output().unwrap()
    }

    /// The file of a release's values.
    fn values(&self, release: &Release) -> PathBuf {
        self.0.join(format!("{}.values.json", release.name))
    }

    /// The objects of a release, sorted.
    fn template(&self, chart: &str, release: &Release) -> Result<Vec<Json>, String> {
        let file = self.values(release);
        fs::write(&file, release.values.to_string()).unwrap();
        let args = ["template", &release.name, chart, "--namespace", &release.namespace, "--kube-version", "1.37.0"];
        let output = self.helm(&[&args[..], &["--values", file.to_str().unwrap()]].concat());
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let text = String::from_utf8(output.stdout).unwrap();
        let documents: Vec<Json> = serde_yaml::from_multiple(&text).unwrap();
        Ok(sorted(documents.into_iter().filter(|document| !document.is_null()).collect()))
    }
}

impl Drop for Charts {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Release {
    name: String,
    namespace: String,
    values: Json,
}

/// In one order, with one notation of numbers.
fn sorted(mut objects: Vec<Json>) -> Vec<Json> {
    objects.iter_mut().for_each(plain);
    objects.sort_by_key(|object| {
        let metadata = &object["metadata"];
        format!("{} {} {} {}", object["apiVersion"], object["kind"], metadata["namespace"], metadata["name"])
    });
    objects
}

fn plain(value: &mut Json) {
    match value {
        Json::Number(number) => *value = json!(number.as_f64()),
        Json::Array(items) => items.iter_mut().for_each(plain),
        Json::Object(entries) => entries.values_mut().for_each(plain),
        _ => {}
    }
}

fn differences(ours: &[Json], theirs: &[Json]) -> String {
    let mut text = String::new();
    for (ours, theirs) in ours.iter().zip(theirs).filter(|(a, b)| a != b) {
        let (ours, theirs) =
            (serde_json::to_string_pretty(ours).unwrap(), serde_json::to_string_pretty(theirs).unwrap());
        let (ours, theirs): (Vec<_>, Vec<_>) = (ours.lines().collect(), theirs.lines().collect());
        for (ours, theirs) in ours.iter().zip(&theirs).filter(|(a, b)| a != b).take(9) {
            let _ = writeln!(text, "build: {ours}\n helm: {theirs}");
        }
    }
    let _ = write!(text, "{} objects and {}", ours.len(), theirs.len());
    text
}

// Random instances.

/// Renders random instances of each composite, several at a time.
fn compare_random(test: &str, files: &[File]) {
    let compilation = compiled(files);
    let lowered = lowered(&compilation);
    let charts = Charts::new(test, &lowered);
    for composite in compilation.reduced.iter().flatten().filter(|composite| !composite.kind.is_empty()) {
        let chart = chart_of(&lowered, &composite.kind);
        let sample = instances::sample(files, composite, instances::count(), 20_261_121);
        println!("{}: {} of {} are valid", composite.kind, sample.valid.len(), sample.tries());
        let open = Mutex::new(sample.valid.into_iter());
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    loop {
                        let next = open.lock().unwrap().next();
                        let Some(instance) = next else { break };
                        compare(&charts, &chart, &instance, instance.object["spec"].clone());
                    }
                });
            }
        });
    }
}

/// Helm makes of these values what the instance is built of.
fn compare(charts: &Charts, chart: &str, instance: &Instance, values: Json) -> PathBuf {
    let namespace = instance.object["metadata"]["namespace"].as_str();
    let release = Release { name: instance.name.clone(), namespace: namespace.unwrap_or("default").to_owned(), values };
    let mut theirs = charts.template(chart, &release).unwrap_or_else(|error| panic!("{}\n{error}", release.values));
    if namespace.is_none() {
        // A file need not say where it lives, a release lives somewhere.
        theirs.iter_mut().filter(|object| object["metadata"]["namespace"] == "default").for_each(|object| {
            object["metadata"].as_object_mut().unwrap().shift_remove("namespace");
        });
    }
    let ours = sorted(instance.objects.clone());
    assert!(ours == theirs, "{}\n{}", release.values, differences(&ours, &theirs));
    charts.values(&release)
}

#[test]
#[ignore = "needs helm: run ./test"]
fn every_example_is_a_chart_that_builds_its_instances() {
    for name in examples().unwrap() {
        let compiled = compile::build(&example(&name).unwrap());
        let lowered = lowered(&compiled.compilation);
        let charts = Charts::new(&name, &lowered);
        for head in lowered.files.iter().filter(|file| file.path.ends_with("/Chart.yaml")) {
            let chart = head.path.trim_end_matches("/Chart.yaml");
            let package = charts.helm(&["package", chart]);
            assert!(package.status.success(), "{}", String::from_utf8_lossy(&package.stderr));
        }
        let instances = instances::of_project(&compiled);
        assert!(!instances.is_empty(), "{name} has no instance");
        for instance in &instances {
            let chart = chart_of(&lowered, &instance.kind);
            let values = compare(&charts, &chart, instance, instance.object["spec"].clone());
            let values = ["--values", values.to_str().unwrap()];
            let lint = charts.helm(&[&["lint", "--strict", "--kube-version", "1.37.0", &chart][..], &values].concat());
            assert!(lint.status.success(), "{name}: {}", String::from_utf8_lossy(&lint.stdout));
        }
    }
}

fn chart_of(lowered: &Lowered, kind: &str) -> String {
    let wanted = format!("\"title\": \"{kind}\"");
    let schema = lowered.files.iter().find(|f| f.path.ends_with("values.schema.json") && f.text.contains(&wanted));
    schema.unwrap().path.trim_end_matches("/values.schema.json").to_owned()
}

#[test]
#[ignore = "needs helm: run ./test"]
fn random_instances_of_every_example_are_rendered_as_they_are_built() {
    for name in examples().unwrap() {
        compare_random(&format!("random-{name}"), &example(&name).unwrap());
    }
}

#[test]
#[ignore = "needs helm: run ./test"]
fn every_form_of_expression_means_the_same() {
    compare_random("language", &[("language.tess".to_owned(), include_str!("../helm/language.tess").to_owned())]);
}

/// Every form that a duration or quantity may have, canonical in a template as here.
#[test]
#[ignore = "needs helm: run ./test"]
fn units_are_canonical() {
    #[rustfmt::skip]
    let durations = [
        "0", "0s", "7d", "90m", "90s", "500ms", "1500ms", "1h0.5s", "1h5ns", "1500ns", "999us", "1.5h", "-1.5h",
        "60m1s", "010h", "1.000000001s", ".5s", "1.s", "0.25d", "1d2h3m4.5s", "0.000000001h", "1.25us", "2µs",
        "+3m", "100000h",
    ];
    #[rustfmt::skip]
    let quantities = [
        "0", "0n", "0Ki", "1Ki", "8Ki", "1024Mi", "1Ei", "8000Ki", "0.5Ki", "0.5Mi", "1.5Gi", "0.0001Ki",
        "1023Ki", "1k", "1000k", "1e3", "1E3", "1e0", "100e3", "1e-3", "1E", "1000E", "0.5", ".5", "5.", "+5",
        "-5", "-1.5Gi", "100000n", "0001.500", "1.1Ki", "0.1Gi", "1e6", "12E", "1500m", "123456789",
        "1048576Ki", "0.9765625Ki", "3M", "1e-9", "7u", "500Ti", "2000000u",
    ];
    let keyed = |texts: &[&str]| -> Json {
        texts.iter().enumerate().map(|(index, text)| (format!("k{index:02}"), json!(text))).collect()
    };
    let values = json!({ "durations": keyed(&durations), "quantities": keyed(&quantities) });
    let object = json!({
        "apiVersion": "examples.tessera.dev/v1", "kind": "Units", "metadata": { "name": "u", "namespace": "a" }, "spec": values,
    });
    let files = [("units.tess".to_owned(), include_str!("../helm/units.tess").to_owned())];
    let instance = instances::judge(&files, std::slice::from_ref(&object)).remove(0).instance(&object).unwrap();
    let charts = Charts::new("units", &lowered(&compiled(&files)));
    compare(&charts, "units", &instance, values);
    for (kind, text) in [
        ("durations", "1"),
        ("durations", "h"),
        ("durations", "1x"),
        ("durations", "400000d"),
        ("durations", "1.0000000001s"),
        ("quantities", ""),
        ("quantities", "1K"),
        ("quantities", "1e"),
        ("quantities", "9Ei"),
        ("quantities", "1e40"),
        ("quantities", "1e-12"),
        ("quantities", "1234567890123456"),
    ] {
        let mut values = json!({ "durations": {}, "quantities": {} });
        values[kind]["k"] = json!(text);
        let release = Release { name: "u".to_owned(), namespace: "a".to_owned(), values };
        assert!(charts.template("units", &release).is_err(), "{kind}: {text}");
    }
}

/// What the schema or a check of the chart refuses, with the word that tells why.
#[test]
#[ignore = "needs helm: run ./test"]
fn bad_values_are_refused() {
    let compilation = compiled(&example("financial-backend").unwrap());
    let charts = Charts::new("bad", &lowered(&compilation));
    let good = json!({
        "service-versions": { "fund-transfer": "2.34.3", "account-info": "1.17.0" },
        "redis-cache": { "version": "7.4.2", "name": "transfer-cache" },
        "database": { "size": "large", "name": "accounts-db" },
        "region": "eu-west",
        "ingress": { "url": "https://tenant.example" },
    });
    let refused: [(&str, Json, &str); 10] = [
        ("/region", json!("mars"), "region"),
        ("/region", Json::Null, "region"),
        ("/database/size", json!(3), "size"),
        ("/database", json!({ "name": "a" }), "size"),
        ("/database/name", json!("Not a label"), "name"),
        ("/redis-cache/size", Json::Null, "size"),
        ("/redis-cache", json!({ "version": "7.4.2", "name": "a", "more": 1 }), "more"),
        ("/service-versions/account-info", json!("1.2.3+build.5"), "image tag"),
        ("/ingress/url", json!("http://tenant.example"), "https only"),
        ("", json!({ "unknown": true }), "unknown"),
    ];
    let render = |values: Json| {
        charts.template("financial-backend", &Release { name: "t".to_owned(), namespace: "a".to_owned(), values })
    };
    assert!(render(good.clone()).is_ok());
    for (path, value, word) in refused {
        let mut values = good.clone();
        *values.pointer_mut(path).unwrap_or(&mut Json::Null) = value.clone();
        if path == "/redis-cache/size" {
            values["redis-cache"]["size"] = Json::Null;
        }
        if path.is_empty() {
            values = good.clone();
            values["unknown"] = json!(true);
        }
        let error = render(values).expect_err(path);
        assert!(error.contains(word), "{path}: {error}");
    }
}

// What is written, and what is refused.

/// Each with the line that is blamed, and words of the message.
#[test]
fn what_a_template_cannot_say_is_refused_at_its_line() {
    for (body, line, word) in [
        (
            "param size: Quantity\n resource a: v1/ConfigMap { data: { a: \"${size * 2}\" } }",
            3,
            "arithmetic on a Quantity",
        ),
        (
            "param size: Quantity where it >= 1Gi\n resource a: v1/ConfigMap { data: { a: \"${size}\" } }",
            2,
            "`>=` of a Quantity",
        ),
        ("param f: Float\n resource a: v1/ConfigMap { data: { a: string(f * 2.0) } }", 3, "arithmetic on a Float"),
        ("param at: Timestamp\n resource a: v1/ConfigMap { data: { a: \"${at}\" } }", 2, "a Timestamp"),
        ("param raw: Bytes\n resource a: v1/ConfigMap { data: { a: \"a\" } }", 2, "Bytes"),
        ("resource a: v1/ConfigMap { data: { a: self.labels[\"a\"] } }", 2, "`self.labels`"),
        ("param l: [Int]\n resource a: v1/ConfigMap { data: { a: string(l.sum()) } }", 3, "`sum`"),
        (
            "param m: {String: Int}\n resource a: v1/ConfigMap { data: { a: m.map(k, k).join(\",\") } }",
            3,
            "a loop over a map",
        ),
        ("param l: [String]\n resource a: v1/ConfigMap { data: { a: l.sortBy(x, x).join(\",\") } }", 3, "`sortBy`"),
        ("param t: String\n resource a: v1/ConfigMap { data: { a: string(int(t)) } }", 3, "`int` of a String"),
        ("param n: Int = 9007199254740992\n resource a: v1/ConfigMap { data: { a: string(n) } }", 2, "`n`"),
        ("param r: { n: 1 | -9007199254740992 }\n resource a: v1/ConfigMap { data: { a: string(r.n) } }", 2, "`r`"),
        ("param r: { n: Int = 9007199254740992 }?\n resource a: v1/ConfigMap {}", 2, "`r`"),
        (
            "resource a: v1/ServiceAccount {}\n resource b: v1/ConfigMap { data: { a: a.metadata.uid } }",
            3,
            "only a cluster knows",
        ),
    ] {
        let text = format!("composite A: examples.tessera.dev/v1 {{\n {body}\n}}\n");
        let compilation = compiled(&[("a.tess".to_owned(), text.clone())]);
        let found = target::lower(&compilation, helm::lower).diagnostics;
        let error = found.iter().find(|d| d.is_error()).unwrap_or_else(|| panic!("nothing is refused:\n{text}"));
        let at = text[..error.primary.span.start as usize].lines().count();
        assert_eq!((error.code.id, at), ("E0740", line), "{text}{error:#?}");
        assert!(error.message.contains(word) && error.help.is_some(), "{text}{}", error.message);
    }
}

#[test]
fn what_helm_has_no_place_for_is_a_warning_at_its_line() {
    let found = lowered(&compiled(&example("performance-test-cluster").unwrap())).diagnostics;
    assert!(found.iter().all(|d| d.code.id == "W0741" && d.help.is_some()), "{found:#?}");
    for word in ["leases", "notifications", "`replace`", "`after`", "readiness"] {
        assert!(found.iter().any(|d| d.message.contains(word)), "{word}");
    }
}

/// A chart's files are its own, whatever resources are called: none outside its folder, none that Helm
/// reads and does not render, none twice where disks do not tell `a` from `A`.
#[test]
fn every_resource_has_a_file_that_helm_renders() {
    let names = ["checks", "_helpers", "../../out", "a/b", "a-b", "A-b", "__", "{{x}}"];
    let resource = |name: &&str| format!("resource `{name}`: v1/ConfigMap {{ metadata: {{ name: \"n\" + host }} }}\n");
    let resources: String = names.iter().map(resource).collect();
    let text = format!(
        "composite A: examples.tessera.dev/v1 {{\nparam host: String\nrequire host != \"\" else \"a host\"\n{resources}\
         output `{{{{o}}}}`: String = host\n}}\n"
    );
    let files = lowered(&compiled(&[("a.tess".to_owned(), text)])).files;
    let mut found: Vec<&str> = files.iter().filter_map(|f| f.path.strip_prefix("a/templates/")).collect();
    found.sort_unstable();
    let wanted = [
        "A-b-3.yaml",
        "NOTES.txt",
        "a-b-2.yaml",
        "a-b.yaml",
        "checks-2.yaml",
        "checks.yaml",
        "helpers.yaml",
        "out.yaml",
        "resource.yaml",
        "x--.yaml",
    ];
    assert_eq!(found, wanted);
    let notes = files.iter().find(|f| f.path.ends_with("NOTES.txt")).unwrap();
    assert!(notes.text.contains("  {{ \"{{\" }}o}}: {{"), "{}", notes.text);
}
