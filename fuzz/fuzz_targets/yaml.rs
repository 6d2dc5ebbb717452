//! Any YAML beside a composite: reading and checking it end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera_tests::compile;
use tessera_tests::suite::Stage;

const SITE: &str = "composite Site: acme.example/v1 {
  param host: String
  param sizes: {String: Quantity} = {}
  resource settings: v1/ConfigMap { data: { host } }
}
";

fuzz_target!(|text: &str| {
    let files = [("main.tess".to_owned(), SITE.to_owned()), ("site.yaml".to_owned(), text.to_owned())];
    let compiled = compile::build(&files);
    let _ = compile::stage(&compiled, Stage::Human);
});
