//! The representation stands on its own: written as JSON, read back and
//! evaluated without any program, it gives the objects that `build` gives.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::fs;

use serde::Deserialize;
use tessera_compiler::compile::Compilation;
use tessera_compiler::eval::{Evaluator, NoHost};
use tessera_compiler::expr::{ExprKind, Program};
use tessera_compiler::instantiate::{Input, instantiate};
use tessera_compiler::ir::{self, Document};
use tessera_compiler::value::{Map, Value};
use tessera_tests::compile;
use tessera_tests::corpus::{project, root};

#[test]
fn a_representation_read_back_builds_the_same_objects() {
    let mut instances = 0;
    for example in fs::read_dir(root().join("examples")).unwrap() {
        let folder = example.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let compiled = compile::build(&project(&folder).unwrap());
        let compilation = &compiled.compilation;
        let document = read_back(&compilation.document(|_| true));
        for built in &compilation.built {
            let Some(instance) = built.instance.map(|i| &compilation.instances[i]) else { continue };
            let composite = document.composites.iter().find(|c| c.kind == built.kind).unwrap();
            let objects = evaluate(compilation, composite, instance);
            let expected: Vec<&Value> = built.result.objects.iter().map(|o| &o.value).collect();
            assert!(objects.iter().eq(expected), "{}: {}", folder.display(), built.name);
            instances += 1;
        }
    }
    assert!(instances >= 8, "only {instances} instances were compared");
}

#[test]
fn nothing_of_a_program_is_left_in_a_representation() {
    for example in ["financial-backend", "performance-test-cluster"] {
        let compiled = compile::build(&project(&root().join("examples").join(example)).unwrap());
        let document = compiled.compilation.document(|_| true);
        assert!(!document.composites.is_empty());
        for resource in document.composites.iter().flat_map(ir::Composite::resources) {
            resource.body.walk(&mut |expr| {
                let calls = matches!(expr.kind, ExprKind::CallFn(..) | ExprKind::Global(_));
                assert!(!calls, "{example}: {} calls a function", resource.name);
            });
        }
    }
}

fn read_back(document: &Document) -> Document {
    let text = serde_json::to_string(document).unwrap();
    let mut reader = serde_json::Deserializer::from_str(&text);
    reader.disable_recursion_limit();
    Document::deserialize(&mut reader).unwrap()
}

fn evaluate(
    compilation: &Compilation,
    composite: &ir::Composite,
    instance: &tessera_compiler::check::TypedInstance,
) -> Vec<Value> {
    let none = Program::default();
    let mut evaluator = Evaluator::new(&compilation.program, &NoHost);
    let Value::Map(params) = evaluator.eval(&instance.params).unwrap() else { panic!("parameters are an object") };
    let text = |expr: Option<&tessera_compiler::expr::Expr>| match expr {
        Some(expr) => Evaluator::new(&none, &NoHost).eval(expr).unwrap(),
        None => Value::map(Map::default()),
    };
    let input = Input {
        composite,
        program: &none,
        name: instance.name.name.clone(),
        namespace: instance.namespace.as_ref().map(|n| n.name.clone()),
        labels: text(instance.labels.as_ref()),
        annotations: text(instance.annotations.as_ref()),
        uid: None,
        params,
        written: None,
        span: instance.span,
        observed: &[],
    };
    let result = instantiate(&input);
    assert!(result.diagnostics.is_empty(), "{:?}", result.diagnostics);
    result.objects.into_iter().map(|o| o.value).collect()
}
