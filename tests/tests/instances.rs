//! The random instances are worth asking about: for each composite they take every
//! case of every union, and both give and leave out all that may be left out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;
use std::sync::Arc;

use tessera_compiler::ir::Composite;
use tessera_tests::compile;
use tessera_tests::corpus::{File, Random, example, examples, root};
use tessera_tests::instances;

/// How many valid instances it takes to make every choice.
const INSTANCES: usize = 200;

/// The examples, and composites with every kind of type.
fn projects() -> Vec<(String, Vec<File>)> {
    let mut found: Vec<_> =
        examples().unwrap().into_iter().map(|name| (name.clone(), example(&name).unwrap())).collect();
    for path in ["tests/targets/types.tess", "tests/helm/language.tess"] {
        found.push((path.to_owned(), vec![("main.tess".to_owned(), fs::read_to_string(root().join(path)).unwrap())]));
    }
    found
}

fn composites(files: &[File]) -> Vec<Arc<Composite>> {
    let compiled = compile::check(files);
    compiled.compilation.reduced.into_iter().flatten().filter(|c| !c.kind.is_empty()).collect()
}

#[test]
fn every_choice_is_made_in_two_hundred_instances() {
    let mut lacking = Vec::new();
    for (name, files) in projects() {
        for composite in composites(&files) {
            let sample = instances::sample(&files, &composite, INSTANCES, 5);
            let all = instances::choices(&composite);
            println!("{:24} {INSTANCES} of {:4} are valid, {:3} choices", composite.kind, sample.tries(), all.len());
            lacking.extend(all.difference(&sample.chosen).map(|choice| format!("{name}: {choice}")));
        }
    }
    assert!(lacking.is_empty(), "never chosen:\n{}", lacking.join("\n"));
}

#[test]
fn the_same_seed_makes_the_same_instances() {
    let files = example("financial-backend").unwrap();
    let composite = composites(&files).remove(0);
    let specs = |seed| {
        let sample = instances::sample(&files, &composite, 5, seed);
        sample.valid.into_iter().map(|instance| instance.object).collect::<Vec<_>>()
    };
    assert_eq!(specs(3), specs(3));
    assert_ne!(specs(3), specs(4));
    // And so are the changes to them.
    let object = &specs(3)[0];
    let changed = |seed| instances::change(&composite, object, &mut Random::new(seed)).unwrap().0;
    assert_eq!(changed(1), changed(1));
    assert_ne!(&changed(1), object);
}
