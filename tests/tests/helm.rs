//! Charts mean what `tessera build` builds, and Helm is the judge. `./test` builds the
//! pinned Helm and gives its path in `TESSERA_HELM`.
//!
//! Over 500 lines: random parameters, both as written and as compiled, serve only here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use serde_json::{Map as JsonMap, Value as Json, json};
use tessera_compiler::compile::Compilation;
use tessera_compiler::eval::{Evaluator, NoHost, evaluate_constant};
use tessera_compiler::expr::Program;
use tessera_compiler::instantiate::{Input, instantiate};
use tessera_compiler::ir::{Composite, Schema};
use tessera_compiler::target::{self, Lowered, helm};
use tessera_compiler::units;
use tessera_compiler::value::{Map, Value, to_json};
use tessera_tests::compile;
use tessera_tests::corpus::Random;

const EXAMPLES: [&str; 9] = [
    "financial-backend",
    "hello-configmap",
    "loops",
    "modules",
    "performance-test-cluster",
    "refinements",
    "secrets",
    "union-storage",
    "yaml-instance",
];

/// How many random instances of each large example are rendered.
const RANDOM: usize = 200;

// What is lowered.

fn example(name: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    let mut files = Vec::new();
    gather(&root, &root, &mut files);
    files.sort();
    files
}

fn gather(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, files);
        } else if path.extension().is_some_and(|e| e == "tess" || e == "yaml" || e == "toml") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

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

fn composite<'a>(compilation: &'a Compilation, kind: &str) -> &'a Composite {
    compilation.reduced.iter().flatten().find(|composite| composite.kind == kind).unwrap()
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

    /// The objects of a release, sorted.
    fn template(&self, chart: &str, release: &Release) -> Result<Vec<Json>, String> {
        let file = self.0.join(format!("{}.values.json", release.file));
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
    file: usize,
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

/// What `tessera build` makes of an instance.
fn built(composite: &Composite, name: &str, namespace: &str, params: &Value) -> Result<Vec<Json>, String> {
    let program = Program::default();
    let Value::Map(params) = params else { panic!("no parameters") };
    let result = instantiate(&Input {
        composite,
        program: &program,
        name: name.into(),
        namespace: (composite.scope == tessera_compiler::ir::Scope::Namespaced).then(|| namespace.into()),
        labels: Value::Absent,
        annotations: Value::Absent,
        uid: None,
        params: Arc::clone(params),
        written: None,
        span: composite.span,
        observed: &[],
    });
    match result.diagnostics.iter().find(|d| d.is_error()) {
        Some(error) => Err(error.message.clone()),
        None => Ok(sorted(result.objects.iter().map(|object| to_json(&object.value)).collect())),
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

// Random parameters.

/// Texts that some rule takes, and some that YAML or templates might take for something else.
const TEXTS: [&str; 34] = [
    "a",
    "db",
    "cache-1",
    "payments",
    "0",
    "1e3",
    "on",
    "007",
    "1.2.3",
    "0.1.0",
    "10.20.30-rc.1",
    "2.34.3",
    "1.0.0-0.x",
    "https://tenant.example",
    "https://Tenant-ABC.Example.com:8443/a?b=c#d",
    "https://10.0.0.1",
    "http://plain.example",
    "oci://registry.example/charts",
    "#team",
    "#devteam1",
    "@who",
    "chart",
    "my-app",
    "1.2.3+build.5",
    "https://[::1]:443/x",
    "orders.created",
    "{{ .Values }}",
    "it's \"quoted\" \\ <&>",
    "two\nlines",
    " spaces ",
    "ünï",
    "null",
    "true",
    "team@example.com",
];
const DURATIONS: [&str; 12] =
    ["15m", "1h", "90m", "8h", "12h", "1d", "36h", "7d", "10h30m", "1.5h", "5400s", "16h0.5s"];
const QUANTITIES: [&str; 9] = ["1", "500m", "1.5Gi", "1024Mi", "1e3", "0.5", "100Ki", "2000m", "12E"];

/// A value as a user writes it, and as the compiler has it, defaults filled in.
fn random(schema: &Schema, random_of: &mut Random) -> Option<(Json, Value)> {
    let mut pick = |items: &[&str]| items[random_of.below(items.len())].to_owned();
    Some(match schema {
        Schema::Bool => {
            let value = random_of.below(2) == 0;
            (json!(value), Value::Bool(value))
        }
        Schema::Int => {
            let value = [0, 1, 2, 7, 999_999, 1_000_000, 123_456_789, 9_007_199_254_740_991][random_of.below(8)];
            (json!(value), Value::Int(value))
        }
        Schema::Float => {
            let value = [0.0, 0.5, 1.0, 2.25, 1e6, 1.5e-7, 123_456.75, 1e21][random_of.below(8)];
            (json!(value), Value::Float(value))
        }
        Schema::String | Schema::Any => {
            let text = pick(&TEXTS);
            (json!(text), Value::str(&text))
        }
        Schema::Duration => {
            let text = pick(&DURATIONS);
            (json!(text), Value::Duration(units::parse_duration(&text).unwrap()))
        }
        Schema::Quantity => {
            let text = pick(&QUANTITIES);
            (json!(text), Value::Quantity(Arc::new(units::Quantity::parse(&text).unwrap())))
        }
        Schema::Literal(value) => (to_json(value), value.clone()),
        Schema::List(item) => {
            let items: Option<Vec<_>> = (0..random_of.below(4)).map(|_| random(item, random_of)).collect();
            let (json, values): (Vec<_>, Vec<_>) = items?.into_iter().unzip();
            (json!(json), Value::list(values))
        }
        Schema::Map(value) => {
            let (mut json, mut map) = (JsonMap::new(), BTreeMap::new());
            for index in 0..random_of.below(4) {
                let (text, value) = random(value, random_of)?;
                json.insert(format!("key-{index}"), text);
                map.insert(format!("key-{index}"), value);
            }
            (Json::Object(json), Value::map(entries(map)))
        }
        Schema::Record(fields) => {
            let (mut json, mut map) = (JsonMap::new(), Map::default());
            for field in fields {
                let default = field.default.as_ref().and_then(|default| default.known());
                parameter(&field.name, &field.schema, field.optional, default, random_of, &mut json, &mut map)?;
            }
            (Json::Object(json), Value::map(map))
        }
        Schema::Union(members) => random(&members[random_of.below(members.len())], random_of)?,
        Schema::Secret(_) => {
            let (secret, key) = (pick(&["a", "credentials"]), pick(&["key", "tls.crt"]));
            let mut map = Map::default();
            map.insert("secret", Value::str(&secret));
            map.insert("key", Value::str(&key));
            (json!({ "secret": secret, "key": key }), Value::map(map))
        }
        Schema::Rule(rule) => {
            let none = Program::default();
            let mut evaluator = Evaluator::new(&none, &NoHost);
            (0..200).find_map(|_| {
                let (json, value) = random(&rule.base, random_of)?;
                let holds = evaluator.eval_with(&rule.rule, std::slice::from_ref(&value));
                matches!(holds, Ok(Value::Bool(true))).then_some((json, value))
            })?
        }
        _ => return None,
    })
}

fn entries(map: BTreeMap<String, Value>) -> Map {
    let mut entries = Map::default();
    for (key, value) in map {
        entries.insert(key.as_str(), value);
    }
    entries
}

fn parameter(
    name: &str,
    schema: &Schema,
    optional: bool,
    default: Option<&Value>,
    random_of: &mut Random,
    json: &mut JsonMap<String, Json>,
    map: &mut Map,
) -> Option<()> {
    if (optional || default.is_some()) && random_of.below(2) == 0 {
        if let Some(default) = default {
            map.insert(name, default.clone());
        }
        return Some(());
    }
    let (text, value) = random(schema, random_of)?;
    json.insert(name.to_owned(), text);
    map.insert(name, value);
    Some(())
}

fn random_params(composite: &Composite, random_of: &mut Random) -> (Json, Value) {
    let (mut json, mut map) = (JsonMap::new(), Map::default());
    for param in &composite.params {
        let default = param.default.as_ref().and_then(|default| default.known());
        parameter(&param.name, &param.schema, param.optional, default, random_of, &mut json, &mut map)
            .unwrap_or_else(|| panic!("no value for {}", param.name));
    }
    (Json::Object(json), Value::map(map))
}

/// Renders random instances, several at a time.
fn compare_random(test: &str, files: &[(String, String)], kind: &str, chart: &str, count: usize) {
    let compilation = compiled(files);
    let charts = Charts::new(test, &lowered(&compilation));
    let composite = composite(&compilation, kind);
    let (mut random_of, mut work) = (Random::new(20_261_121), Vec::new());
    let mut tries = 0;
    while work.len() < count {
        tries += 1;
        assert!(tries < 100 * count, "only {} of {tries} random instances are valid", work.len());
        let (values, params) = random_params(composite, &mut random_of);
        let release = Release { file: work.len(), name: format!("r{tries}"), namespace: "team-a".to_owned(), values };
        if let Ok(objects) = built(composite, &release.name, &release.namespace, &params) {
            work.push((release, objects));
        }
    }
    let open = Mutex::new(work.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let next = open.lock().unwrap().next();
                    let Some((release, ours)) = next else { break };
                    match charts.template(chart, &release) {
                        Ok(theirs) => assert!(ours == theirs, "{}\n{}", release.values, differences(&ours, &theirs)),
                        Err(error) => panic!("{}\n{error}", release.values),
                    }
                }
            });
        }
    });
}

#[test]
#[ignore = "needs helm: run ./test"]
fn every_example_is_a_chart_that_builds_its_instances() {
    for name in EXAMPLES {
        let compilation = compiled(&example(name));
        let lowered = lowered(&compilation);
        let charts = Charts::new(name, &lowered);
        for head in lowered.files.iter().filter(|file| file.path.ends_with("/Chart.yaml")) {
            let chart = head.path.trim_end_matches("/Chart.yaml");
            let package = charts.helm(&["package", chart]);
            assert!(package.status.success(), "{}", String::from_utf8_lossy(&package.stderr));
        }
        assert!(!compilation.instances.is_empty(), "{name} has no instance");
        for (index, instance) in compilation.instances.iter().enumerate() {
            let composite = composite(&compilation, &instance.composite.ir.kind);
            let params = evaluate_constant(&compilation.program, &instance.params).unwrap();
            let namespace = instance.namespace.as_ref().map_or("default", |n| n.name.as_str());
            let ours = built(composite, &instance.name.name, namespace, &params).unwrap();
            let chart = chart_of(&lowered, &instance.composite.ir.kind);
            let release = Release {
                file: index,
                name: instance.name.name.to_string(),
                namespace: namespace.to_owned(),
                values: to_json(&params),
            };
            let theirs = charts.template(&chart, &release).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(ours == theirs, "{name}: {}", differences(&ours, &theirs));
            let values = charts.0.join(format!("{index}.values.json"));
            let lint = charts.helm(&[
                "lint",
                "--strict",
                "--kube-version",
                "1.37.0",
                "--values",
                values.to_str().unwrap(),
                &chart,
            ]);
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
fn random_backends_are_rendered_as_they_are_built() {
    compare_random("backends", &example("financial-backend"), "FinancialBackend", "financial-backend", RANDOM);
}

#[test]
#[ignore = "needs helm: run ./test"]
fn random_test_clusters_are_rendered_as_they_are_built() {
    compare_random(
        "clusters",
        &example("performance-test-cluster"),
        "PerformanceTestCluster",
        "performance-test-cluster",
        RANDOM,
    );
}

#[test]
#[ignore = "needs helm: run ./test"]
fn random_small_examples_are_rendered_as_they_are_built() {
    for (name, kind, chart) in
        [("union-storage", "Worker", "worker"), ("loops", "Shop", "shop"), ("refinements", "Queue", "queue")]
    {
        compare_random(name, &example(name), kind, chart, 30);
    }
}

fn language() -> Vec<(String, String)> {
    vec![("language.tess".to_owned(), include_str!("../helm/language.tess").to_owned())]
}

#[test]
#[ignore = "needs helm: run ./test"]
fn every_form_of_expression_means_the_same() {
    compare_random("language", &language(), "Language", "language", 60);
}

/// Every form that a duration or quantity may have, canonical in a template as here.
#[test]
#[ignore = "needs helm: run ./test"]
fn units_are_canonical() {
    let durations = [
        "0",
        "0s",
        "7d",
        "90m",
        "90s",
        "500ms",
        "1500ms",
        "1h0.5s",
        "1h5ns",
        "1500ns",
        "999us",
        "1.5h",
        "-1.5h",
        "60m1s",
        "010h",
        "1.000000001s",
        ".5s",
        "1.s",
        "0.25d",
        "1d2h3m4.5s",
        "0.000000001h",
        "1.25us",
        "2µs",
        "+3m",
        "100000h",
    ];
    let quantities = [
        "0",
        "0n",
        "0Ki",
        "1Ki",
        "8Ki",
        "1024Mi",
        "1Ei",
        "8000Ki",
        "0.5Ki",
        "0.5Mi",
        "1.5Gi",
        "0.0001Ki",
        "1023Ki",
        "1k",
        "1000k",
        "1e3",
        "1E3",
        "1e0",
        "100e3",
        "1e-3",
        "1E",
        "1000E",
        "0.5",
        ".5",
        "5.",
        "+5",
        "-5",
        "-1.5Gi",
        "100000n",
        "0001.500",
        "1.1Ki",
        "0.1Gi",
        "1e6",
        "12E",
        "1500m",
        "123456789",
        "1048576Ki",
        "0.9765625Ki",
        "3M",
        "1e-9",
        "7u",
        "500Ti",
        "2000000u",
    ];
    let name = |index: usize| format!("k{index:02}");
    let (mut values, mut params) = (json!({ "durations": {}, "quantities": {} }), Map::default());
    let (mut ours, mut own) = (Map::default(), Map::default());
    for (index, text) in durations.iter().enumerate() {
        values["durations"][name(index)] = json!(text);
        ours.insert(name(index).as_str(), Value::Duration(units::parse_duration(text).unwrap()));
    }
    for (index, text) in quantities.iter().enumerate() {
        values["quantities"][name(index)] = json!(text);
        own.insert(name(index).as_str(), Value::Quantity(Arc::new(units::Quantity::parse(text).unwrap())));
    }
    params.insert("durations", Value::map(ours));
    params.insert("quantities", Value::map(own));
    let compilation = compiled(&[("units.tess".to_owned(), include_str!("../helm/units.tess").to_owned())]);
    let charts = Charts::new("units", &lowered(&compilation));
    let ours = built(composite(&compilation, "Units"), "u", "a", &Value::map(params)).unwrap();
    let release = Release { file: 0, name: "u".to_owned(), namespace: "a".to_owned(), values };
    let theirs = charts.template("units", &release).unwrap_or_else(|error| panic!("{error}"));
    assert!(ours == theirs, "{}", differences(&ours, &theirs));
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
        let release = Release { file: 1, name: "u".to_owned(), namespace: "a".to_owned(), values };
        assert!(charts.template("units", &release).is_err(), "{kind}: {text}");
    }
}

/// What the schema or a check of the chart refuses, with the word that tells why.
#[test]
#[ignore = "needs helm: run ./test"]
fn bad_values_are_refused() {
    let compilation = compiled(&example("financial-backend"));
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
        charts.template(
            "financial-backend",
            &Release { file: 0, name: "t".to_owned(), namespace: "a".to_owned(), values },
        )
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

#[test]
fn charts_are_as_read() {
    for (name, chart) in [("union-storage", "worker"), ("loops", "shop")] {
        let mut text = String::new();
        for file in lowered(&compiled(&example(name))).files.iter().filter(|file| !file.path.ends_with("_tessera.tpl"))
        {
            let _ = write!(text, "== {}\n{}", file.path, file.text);
        }
        insta::assert_snapshot!(format!("chart-{chart}"), text);
    }
}

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
    let found = lowered(&compiled(&example("performance-test-cluster"))).diagnostics;
    assert!(found.iter().all(|d| d.code.id == "W0741" && d.help.is_some()), "{found:#?}");
    for word in ["leases", "notifications", "`replace`", "`after`", "readiness"] {
        assert!(found.iter().any(|d| d.message.contains(word)), "{word}");
    }
}

#[test]
fn a_hundred_composites_are_lowered_at_once() {
    let (text, started) = (include_str!("../helm/language.tess"), std::time::Instant::now());
    let mut files = Vec::new();
    for index in 0..100 {
        files.push((
            format!("a{index}.tess"),
            text.replace("composite Language", &format!("composite Language{index}")),
        ));
    }
    let compilation = compiled(&files);
    let compiled = started.elapsed();
    assert_eq!(lowered(&compilation).files.iter().filter(|f| f.path.ends_with("/Chart.yaml")).count(), 100);
    println!("compiled in {compiled:?}, lowered in {:?}", started.elapsed() - compiled);
}
