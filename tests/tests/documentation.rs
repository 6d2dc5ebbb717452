//! What the repository says is true: the examples of every error page, the
//! code in the README, the inputs of the benchmarks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;

use tessera_compiler::diagnostic::ALL;
use tessera_compiler::target::limits::ENGINES;
use tessera_compiler::target::{Lowered, Lowering};
use tessera_tests::compile;
use tessera_tests::corpus::root;
use tessera_tests::docs;
use tessera_tests::suite::Stage;

#[test]
fn every_code_has_a_page_whose_examples_are_true() {
    let mut failures = Vec::new();
    for code in ALL {
        let Ok(page) = fs::read_to_string(root().join(format!("docs/errors/{}.md", code.id))) else {
            failures.push(format!("docs/errors/{}.md is missing", code.id));
            continue;
        };
        if page.lines().next() != Some(&format!("# {}: {}", code.id, code.title)) {
            failures.push(format!("docs/errors/{}.md: the title is not that of the table", code.id));
        }
        failures.extend(example(&page, code.id, "Wrong", &[code.id]));
        failures.extend(example(&page, code.id, "Right", &[]));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// `UPDATE_DOCUMENTATION=1` writes the index anew.
#[test]
fn the_index_of_the_error_pages_is_the_table() {
    let mut index =
        "# Codes\n\nWhat `tessera` can say, each with a page that `tessera explain CODE` prints, too.\n".to_owned();
    let mut range = "";
    for code in ALL {
        if &code.id[..3] != range {
            range = &code.id[..3];
            index.push_str("\n| code | about |\n| --- | --- |\n");
        }
        index.push_str(&format!("| [{}]({}.md) | {} |\n", code.id, code.id, code.title));
    }
    let path = root().join("docs/errors/README.md");
    if std::env::var_os("UPDATE_DOCUMENTATION").is_some() {
        fs::write(&path, &index).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), index, "run again with UPDATE_DOCUMENTATION=1");
}

#[test]
fn what_the_readme_shows_compiles() {
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    for project in docs::projects(&page) {
        let found = compile::check(&project.files).diagnostics;
        assert!(found.is_empty(), "README.md:{}: {found:#?}", project.line);
    }
}

/// What is wrong with an example of an error page: it must be reported exactly
/// the codes.
fn example(page: &str, id: &str, heading: &str, codes: &[&str]) -> Option<String> {
    let Some(project) = docs::section(page, heading) else {
        let shown = docs::blocks(page).iter().any(|b| b.headings.last().is_some_and(|h| h == heading));
        return (!shown).then(|| format!("docs/errors/{id}.md: there is no example under {heading}"));
    };
    let compiled = match lowering(id, page) {
        _ if compile::has_versions(&project.files) => compile::check_against(&project.files),
        Some(lowering) => compile::lower(&project.files, lowering),
        None => compile::build(&project.files),
    };
    let found: Vec<&str> = compiled.diagnostics.iter().map(|d| d.code.id).collect();
    (found != codes).then(|| {
        let said = compile::stage(&compiled, Stage::Human);
        format!("docs/errors/{id}.md:{}: {heading} is reported {found:?}, not {codes:?}:\n{said}", project.line)
    })
}

/// The target that the examples of a page about targets are lowered to: the one
/// that it calls first.
fn lowering(id: &str, page: &str) -> Option<fn(Lowering<'_>) -> Lowered> {
    if !id.get(1..).is_some_and(|number| number.starts_with("07")) {
        return None;
    }
    let (_, rest) = page.split_once("--target ")?;
    let name = rest.split(|c: char| !c.is_ascii_alphabetic()).next()?;
    ENGINES.iter().find(|engine| engine.name == name).map(|engine| engine.lower)
}

/// The objects of a source that must compile without a word.
fn objects(name: &str, text: String) -> usize {
    let compiled = compile::build(&[(name.to_owned(), text)]);
    let said = compile::stage(&compiled, Stage::Human);
    assert!(compiled.diagnostics.is_empty(), "{name}:\n{said}");
    compiled.compilation.built.iter().map(|b| b.result.objects.len()).sum()
}

#[test]
fn the_inputs_of_the_benchmarks_compile() {
    let read = |name: &str| fs::read_to_string(root().join("bench/programs").join(name)).unwrap();
    assert_eq!(objects("apps.tess", read("apps.tess").replace("COUNT", "3")), 6);
    let module = read("module.tess").replace("NUMBER", "7").replace("PREVIOUS", "local-labels");
    assert_eq!(objects("module.tess", module), 0);
}
