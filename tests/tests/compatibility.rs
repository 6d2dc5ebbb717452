//! What the comparison of two versions of an API says is held against the checker: of
//! random pairs of versions, made by changing the examples' parameters, what is called
//! compatible takes every instance that was valid, and what is called breaking mostly
//! shows one that is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value as Json, json};
use tessera_compiler::compat::{self, Effect, RULES};
use tessera_compiler::ir::{Composite, Param, Schema};
use tessera_compiler::value::to_json;
use tessera_tests::compile;
use tessera_tests::corpus::{Random, files, mutated, root};
use tessera_tests::instances;

/// How many pairs are made.
const PAIRS: usize = 260;
/// How many instances of each are tried.
const INSTANCES: usize = 24;
/// Of the breaking changes so many in a hundred have an instance that shows it.
const SHOWN: usize = 80;

/// `UPDATE_DOCUMENTATION=1` writes the table anew.
#[test]
fn the_table_of_the_documentation_is_that_of_the_code() {
    const BEGIN: &str = "<!-- rules: begin -->\n";
    const END: &str = "<!-- rules: end -->\n";
    let mut table = "| change | effect | why | `rule` in JSON |\n| --- | --- | --- | --- |\n".to_owned();
    for rule in RULES {
        table.push_str(&format!("| {} | {} | {} | `{}` |\n", rule.change, rule.effect.word(), rule.reason, rule.id));
    }
    let path = root().join("docs/compatibility.md");
    let page = fs::read_to_string(&path).unwrap();
    let (head, rest) = page.split_once(BEGIN).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    let whole = format!("{head}{BEGIN}{table}{END}{tail}");
    if std::env::var_os("UPDATE_DOCUMENTATION").is_some() {
        fs::write(&path, &whole).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(kept == whole, "docs/compatibility.md is not the table; run again with UPDATE_DOCUMENTATION=1");
}

/// A parameter as a source writes it.
#[derive(Clone, Debug)]
struct Written {
    name: String,
    ty: String,
    /// Behind the type: `?` or ` = default`.
    rest: String,
}

/// The source of a composite that has these parameters and does nothing with them.
fn source(params: &[Written], requirements: &[String]) -> String {
    let mut text = "composite Thing: example.acme/v1 {\n".to_owned();
    for Written { name, ty, rest } in params {
        text.push_str(&format!("  param {name}: {ty}{rest}\n"));
    }
    for requirement in requirements {
        text.push_str(&format!("  require {requirement} else \"no\"\n"));
    }
    text + "  resource settings: v1/ConfigMap { data: {} }\n}\n"
}

/// A type as a source writes it; `None` for what cannot be written here.
fn ty(schema: &Schema) -> Option<String> {
    Some(match schema {
        Schema::Bool => "Bool".into(),
        Schema::Int => "Int".into(),
        Schema::Float => "Float".into(),
        Schema::String => "String".into(),
        Schema::Duration => "Duration".into(),
        Schema::Timestamp => "Timestamp".into(),
        Schema::Quantity => "Quantity".into(),
        Schema::Literal(value) => to_json(value).to_string(),
        Schema::List(item) => format!("[{}]", ty(item)?),
        Schema::Map(value) => format!("{{String: {}}}", ty(value)?),
        Schema::Union(members) => members.iter().map(ty).collect::<Option<Vec<_>>>()?.join(" | "),
        Schema::Secret(of) => format!("Secret<{}>", ty(of)?),
        Schema::Rule(rule) if rule.name.is_some() && rule.name.as_deref().is_some_and(is_standard) => {
            rule.name.as_deref()?.to_owned()
        }
        Schema::Rule(rule) => format!("{} where {}", ty(&rule.base)?, rule.text),
        Schema::Record(fields) => {
            let field = |f: &tessera_compiler::ir::SchemaField| {
                let default = f.default.as_ref().and_then(|d| d.known()).map(|v| format!(" = {}", to_json(v)));
                let mark = if f.optional && default.is_none() { "?" } else { "" };
                Some(format!("{}{mark}: {}{}", f.name, ty(&f.schema)?, default.unwrap_or_default()))
            };
            format!("{{ {} }}", fields.iter().map(field).collect::<Option<Vec<_>>>()?.join(", "))
        }
        Schema::Any | Schema::Null | Schema::Uint | Schema::Bytes | Schema::Kubernetes(_) => return None,
    })
}

fn is_standard(name: &str) -> bool {
    ["Url", "Semver", "Image", "Cidr", "Ip", "Cron", "DnsLabel", "DnsName", "Host", "Email", "SlackChannel", "Port"]
        .contains(&name)
}

/// The parameters of the examples that stand for themselves.
fn parameters() -> Vec<Written> {
    let mut found = Vec::new();
    for example in fs::read_dir(root().join("examples")).unwrap().map(|entry| entry.unwrap().path()) {
        let sources = if example.is_dir() { files(&example, "tess").unwrap() } else { Vec::new() };
        let named = |path: &std::path::PathBuf| {
            (path.strip_prefix(&example).unwrap().display().to_string(), fs::read_to_string(path).unwrap())
        };
        let compiled = compile::check(&sources.iter().map(named).collect::<Vec<_>>());
        for composite in compiled.compilation.document(|_| true).composites {
            found.extend(composite.params.iter().filter_map(written));
        }
    }
    let texts = [
        "Int where it >= 1 && it <= 9",
        "Int where it > 0 || it < -10",
        "String where it.size() < 20",
        "[Port]",
        "String where it in [\"a\", \"web\"]",
        "Duration where it >= 15m && it <= 72h",
        "Quantity where it > 1Gi",
        "Bool",
        "{ min: Int, max: Int } where it.min <= it.max",
        "{ a: Int, b?: String, c: Bool = true }",
        "\"a\" | \"web\" | \"A\"",
        "{ kind: \"x\", size: Int } | { kind: \"y\", name: String }",
        "Float",
        "{String: Int}",
        "String",
        "Timestamp",
    ];
    let own = texts.iter().enumerate().map(|(n, ty)| Written {
        name: format!("own{n}"),
        ty: (*ty).into(),
        rest: String::new(),
    });
    found.extend(own);
    let alone = |param: &Written| {
        compile::check(&[("main.tess".to_owned(), source(std::slice::from_ref(param), &[]))])
            .diagnostics
            .iter()
            .all(|d| !d.is_error())
    };
    found.retain(alone);
    found
}

fn written(param: &Param) -> Option<Written> {
    let default = param.default.as_ref().and_then(|d| d.known()).map(|value| format!(" = {}", to_json(value)));
    let rest = default.unwrap_or_else(|| if param.optional { "?".to_owned() } else { String::new() });
    let ty = ty(&param.schema)?;
    let ty = if rest == "?" && ty.contains([' ', '|']) && !ty.starts_with(['{', '[']) { format!("({ty})") } else { ty };
    Some(Written { name: param.name.to_string(), ty, rest })
}

/// Another version of some parameters.
fn changed(params: &mut Vec<Written>, requirements: &mut Vec<String>, all: &[Written], random: &mut Random) {
    let at = random.below(params.len());
    match random.below(11) {
        0 => drop(params.remove(at)),
        1 => params.push(Written { name: "added".into(), ty: "Int".into(), rest: String::new() }),
        2 => params.push(Written { name: "added".into(), ty: "Int".into(), rest: " = 3".into() }),
        3 if params[at].rest == "?" => params[at].rest = String::new(),
        3 => params[at].rest = "?".into(),
        4 => params[at].ty = random.pick(all).unwrap().ty.clone(),
        // A number, a word or an operator of the type becomes another one.
        5 | 6 => {
            let swaps = [
                ("1", "2"),
                ("9", "5"),
                ("9", "20"),
                (">=", ">"),
                ("<=", "<"),
                ("<", "<="),
                ("&&", "||"),
                ("small", "tiny"),
                ("String", "DnsLabel"),
                ("DnsLabel", "String"),
                ("Url", "String"),
                ("Int", "Float"),
                ("72h", "24h"),
                ("15m", "10m"),
                ("20", "12"),
                ("web", "internet"),
                ("a", "b"),
                ("true", "false"),
                ("Port", "Int"),
            ];
            let (from, to) = random.pick(&swaps).unwrap();
            params[at].ty = params[at].ty.replacen(from, to, 1);
        }
        7 => params[at].ty = format!("{} | \"more\"", params[at].ty),
        8 => params[at].ty = format!("({}) where it == it", params[at].ty),
        9 => requirements.push("own0 > 3 || own4 == \"a\"".into()),
        _ => requirements.retain(|_| false),
    }
}

struct Version {
    files: Vec<(String, String)>,
    composite: Composite,
}

fn version(params: &[Written], requirements: &[String]) -> Option<Version> {
    let files = vec![("main.tess".to_owned(), source(params, requirements))];
    let compiled = compile::check(&files);
    if compiled.diagnostics.iter().any(|d| d.is_error()) {
        return None;
    }
    let composite = compiled.compilation.document(|_| true).composites.into_iter().next()?;
    Some(Version { files, composite })
}

/// Which of the instances a version takes.
fn valid(version: &Version, objects: &[Json]) -> Vec<bool> {
    let verdicts = instances::judge(&version.files, objects);
    verdicts.iter().map(|verdict| verdict.complaints.is_empty()).collect()
}

/// Instances: random ones that the old version takes, and those that changes show.
fn objects(old: &Version, changes: &[compat::Change], seed: u64) -> (Vec<Json>, usize) {
    let sample = instances::sample(&old.files, &old.composite, INSTANCES, seed);
    let mut objects: Vec<Json> = sample.valid.into_iter().map(|instance| instance.object).collect();
    let random = objects.len();
    for (n, instance) in changes.iter().filter_map(|change| change.instance.as_ref()).enumerate() {
        let metadata = json!({ "name": format!("shown-{n}"), "namespace": "default" });
        let spec = to_json(instance);
        objects.push(json!({ "apiVersion": "example.acme/v1", "kind": "Thing", "metadata": metadata, "spec": spec }));
    }
    (objects, random)
}

#[test]
fn what_is_called_compatible_takes_all_that_was_valid() {
    let all = parameters();
    assert!(all.len() > 30, "only {} parameters", all.len());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut shown, mut breaking, mut by_chance) = (0, 0, 0);
    let mut random = Random::new(20_261_121);
    let mut pairs = 0;
    while pairs < PAIRS {
        let mut params: Vec<Written> = Vec::new();
        for _ in 0..3 {
            let param = random.pick(&all).unwrap().clone();
            if !params.iter().any(|p| p.name == param.name) {
                params.push(param);
            }
        }
        let mut requirements = Vec::new();
        if random.below(4) == 0 {
            params.retain(|p| p.name != "own0" && p.name != "own4");
            params.extend(all.iter().filter(|p| p.name == "own0" || p.name == "own4").cloned());
            requirements.push("own0 > 2".to_owned());
        }
        let before = (params.clone(), requirements.clone());
        for _ in 0..=random.below(2) {
            if !params.is_empty() {
                changed(&mut params, &mut requirements, &all, &mut random);
            }
        }
        let (Some(old), Some(new)) = (version(&before.0, &before.1), version(&params, &requirements)) else { continue };
        pairs += 1;
        let changes = compat::compare(&old.composite, &new.composite, true);
        let worst = changes.iter().map(|change| change.effect()).max().unwrap_or(Effect::Compatible);
        *counts.entry(worst.word()).or_default() += 1;
        let (specs, made) = objects(&old, &changes, pairs as u64);
        let (then, now) = (valid(&old, &specs), valid(&new, &specs));
        let broken: Vec<usize> = (0..specs.len()).filter(|n| then[*n] && !now[*n]).collect();
        by_chance += usize::from(broken.iter().any(|n| *n < made));
        let told = || format!("{}\nbecame\n{}\n{changes:#?}", old.files[0].1, new.files[0].1);
        if worst == Effect::Compatible {
            let example = broken.first().map(|n| specs[*n].to_string());
            assert_eq!(example, None, "called compatible, but this is refused now; {}", told());
        }
        // Of another default no instance is refused.
        let refusing = |c: &&compat::Change| c.effect() == Effect::Breaking && c.rule.id != "default-changed";
        if changes.iter().any(|c| refusing(&c)) {
            breaking += 1;
            shown += usize::from(!broken.is_empty());
            if broken.is_empty() {
                println!("not shown: {}", told());
            }
        }
        // What a change shows as an instance was valid.
        for (n, spec) in specs.iter().enumerate().skip(made) {
            assert!(then[n], "{spec} was not valid; {}", told());
        }
    }
    println!(
        "{counts:?}; {shown} of {breaking} breaking pairs have an instance that shows it, {by_chance} a random one"
    );
    assert!(counts.values().all(|count| *count > PAIRS / 40) && counts.len() == 3, "{counts:?}");
    assert!(by_chance * 4 > breaking, "random instances met {by_chance} of {breaking} breaking pairs only");
    assert!(shown * 100 >= breaking * SHOWN, "{shown} of {breaking} breaking pairs have an instance that shows it");
}

#[test]
fn damaged_versions_are_compared_without_a_panic() {
    let examples = tessera_tests::corpus::texts().unwrap();
    let texts: Vec<String> = examples.iter().map(|(_, text)| text.clone()).collect();
    let mut random = Random::new(77);
    for _ in 0..60 {
        let (path, text) = random.pick(&examples).unwrap();
        let one = mutated(text, &texts, &mut random);
        let (old, new) = if random.below(2) == 0 { (text.clone(), one) } else { (one, text.clone()) };
        let name = path.rsplit('/').next().unwrap_or("a.tess");
        let compared = compile::check_against(&[(format!("before/{name}"), old), (name.to_owned(), new)]);
        let sources = compared.sources();
        let spans = compared.diagnostics.iter().flat_map(|d| std::iter::once(&d.primary).chain(&d.secondary));
        assert!(spans.map(|label| label.span).all(|span| sources.get(span.file).is_some()));
    }
}

#[test]
fn large_types_are_compared_in_bounded_time() {
    let wide = |ty: &str| {
        let params: String = (0..600).map(|n| format!("  param p{n}: {ty}\n")).collect();
        format!("composite Thing: example.acme/v1 {{\n{params}  resource settings: v1/ConfigMap {{ data: {{}} }}\n}}\n")
    };
    let deep = |inner: &str| {
        let once = (0..40).fold(inner.to_owned(), |ty, n| format!("{{ v{n}: {ty} }} | {{ w{n}: Int }}"));
        format!(
            "composite Thing: example.acme/v1 {{\n  param p: {once}\n  resource settings: v1/ConfigMap {{ data: {{}} }}\n}}\n"
        )
    };
    let started = std::time::Instant::now();
    for (old, new) in [
        (wide("Int = 1"), wide("Int = 2")),
        (wide("Int where it > 1"), wide("Int where it > 2")),
        (wide("String"), wide("Int")),
        (deep("Int"), deep("String")),
        (deep("Int where it > 1"), deep("Int where it > 0")),
    ] {
        let compared = compile::check_against(&[("before/a.tess".to_owned(), old), ("a.tess".to_owned(), new)]);
        assert!(!compared.diagnostics.is_empty());
    }
    println!("large types: {:?}", started.elapsed());
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
