//! Random edits, file events, openings and closings: what is kept between states changes no
//! answer. After every few steps the state says what a fresh one says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tower_lsp::ls_types::{Position, Range, TextDocumentContentChangeEvent, TextDocumentItem};

use crate::feature::problems::{self, message};
use crate::host::Event;
use crate::protocol::uri::uri_of;
use crate::tests::host::Memory;
use crate::workspace::snapshot::Snapshot;
use crate::workspace::state::State;

const STEPS: usize = 600;
const PATHS: [&str; 9] = [
    "/w/tessera.toml",
    "/w/a.tess",
    "/w/b.tess",
    "/w/inner/c.tess",
    "/w/inner/tessera.toml",
    "/w/crds/thing.yaml",
    "/w/one.yaml",
    "/loose/d.tess",
    "/loose/e.tess",
];
const TEXTS: [&str; 12] = [
    "",
    "let a = 1\nlet b = 2\n",
    "use \"./b.tess\" as b\nlet c = b.a\n",
    "use \"./a.tess\" as a\nlet d = a.b + nothing\n",
    "use \"./inner/c.tess\" as c\nuse \"./e.tess\" as e\nlet f = c.g\n",
    "composite Store: acme.io/v1 {\n  param size: Int\n  resource r: v1/ConfigMap { data: { a: \"${size}\" } }\n}\n",
    "resource t: acme.io/v1/Thing {\n  spec: { size: 1 }\n}\n",
    "[package]\nname = \"w\"\nversion = \"0.1.0\"\ncrds = [\"crds/*.yaml\"]\n",
    "[package]\nname = \"w\"\nversion = \"0.1.0\"\n[dependencies]\ninner = { path = \"inner\" }\n",
    "apiVersion: acme.io/v1\nkind: Store\nmetadata: { name: x }\nspec: { size: y }\n",
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: things.acme.io }\nspec:\n  \
     group: acme.io\n  scope: Namespaced\n  names: { kind: Thing, plural: things }\n  versions:\n    - name: v1\n      \
     served: true\n      storage: true\n      schema:\n        openAPIV3Schema:\n          type: object\n          \
     properties: { spec: { type: object, properties: { size: { type: string } } } }\n",
    "let é = \"𝄞\"\nlet a = {\n",
];

/// Numbers from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count as u64) as usize
    }

    fn path(&mut self) -> &'static str {
        PATHS[self.below(PATHS.len())]
    }

    fn text(&mut self) -> &'static str {
        TEXTS[self.below(TEXTS.len())]
    }
}

/// All that is found, as text.
fn told(snapshot: &Snapshot) -> BTreeMap<PathBuf, Vec<String>> {
    let (targets, _) = snapshot.targets();
    let compiled: Vec<_> = targets.iter().filter_map(|target| snapshot.compiled(target).ok()).collect();
    let line = |(compiled, index): &(Arc<crate::workspace::compiled::Compiled>, usize)| {
        let found = &compiled.compilation.diagnostics[*index];
        let range = compiled.range(found.primary.span, snapshot.encoding);
        format!("{:?} {} {} {:?}", compiled.target, found.code.id, message(found), range)
    };
    problems::by_file(&compiled).into_iter().map(|(path, found)| (path, found.iter().map(line).collect())).collect()
}

fn item(path: &str, version: i32, text: &str) -> TextDocumentItem {
    let uri = uri_of(Path::new(path)).unwrap();
    TextDocumentItem { uri, language_id: "tessera".to_owned(), version, text: text.to_owned() }
}

/// The state of somebody who comes now.
fn fresh(memory: &Memory, state: &Snapshot) -> Snapshot {
    let mut fresh = State::new(Arc::new(memory.clone()));
    fresh.start(state.encoding, vec!["/w".into()]);
    let mut open = |path: &PathBuf, text: &str| fresh.open(item(&path.to_string_lossy(), 1, text));
    state.documents.iter().for_each(|(path, document)| open(path, &document.text));
    fresh.snapshot()
}

fn step(random: &mut Random, memory: &Memory, state: &mut State, version: i32) -> String {
    let path = random.path();
    let uri = uri_of(Path::new(path)).unwrap();
    let is_open = state.snapshot().document(&uri).is_some();
    match random.below(8) {
        0 if !is_open => {
            let text = memory.text(path).filter(|_| random.below(2) == 0);
            let text = text.unwrap_or_else(|| Arc::from(random.text()));
            state.open(item(path, version, &text));
            format!("open {path} {text:?}")
        }
        1 if is_open => {
            state.close(&uri).unwrap();
            format!("close {path}")
        }
        2 => {
            let text = random.text();
            let event = if memory.text(path).is_some() { Event::Changed } else { Event::Moved };
            memory.write(path, text);
            state.disk(&[(path.into(), event)]);
            format!("write {path} {text:?} {event:?}")
        }
        3 if memory.text(path).is_some() => {
            memory.remove(path);
            state.disk(&[(path.into(), Event::Moved)]);
            format!("remove {path}")
        }
        _ if is_open => {
            let change = match random.below(3) {
                0 => TextDocumentContentChangeEvent { range: None, range_length: None, text: random.text().to_owned() },
                _ => {
                    let mut at = || Position { line: random.below(5) as u32, character: random.below(12) as u32 };
                    let range = Some(Range { start: at(), end: at() });
                    let text = ["", "a", "\n", "let z = 1\n", "é𝄞"][random.below(5)].to_owned();
                    TextDocumentContentChangeEvent { range, range_length: None, text }
                }
            };
            let shown = format!("change {path} {change:?}");
            state.change(&uri, version, &[change]).unwrap();
            shown
        }
        _ => "nothing".to_owned(),
    }
}

#[test]
fn what_is_kept_changes_no_answer() {
    for seed in [0x9e37_79b9_7f4a_7c15, 0x2545_f491_4f6c_dd1d] {
        let (mut random, memory) = (Random(seed), Memory::default());
        memory.write("/w/tessera.toml", TEXTS[7]);
        let mut state = State::new(Arc::new(memory.clone()));
        state.start(Default::default(), vec!["/w".into()]);
        let mut steps = Vec::new();
        for version in 1..=STEPS as i32 {
            steps.push(step(&mut random, &memory, &mut state, version));
            let snapshot = state.snapshot();
            // Some states are never looked at, of some one project only.
            match random.below(4) {
                0 => {
                    let (now, new) = (told(&snapshot), told(&fresh(&memory, &snapshot)));
                    let last = &steps[steps.len().saturating_sub(12)..];
                    assert_eq!(now, new, "seed {seed:x}, after:\n{}", last.join("\n"));
                }
                1 => drop(snapshot.targets().0.first().map(|target| snapshot.compiled(target))),
                _ => {}
            }
        }
    }
}
