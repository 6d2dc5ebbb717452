//! Recorded sessions are played again; what the server answers is a snapshot, and every message of it is as
//! the specification wants it. See `tests/sessions`.

use std::fs;

use serde_json::Value as Json;
use tessera_tests::corpus::{files, root};
use tessera_tests::lsp::meta::Model;
use tessera_tests::lsp::sessions::{play, wrong};

use crate::folder::{Folder, SHOP, program};

fn sessions() -> Vec<(String, Json)> {
    let found = files(&root().join("tests/sessions"), "json").unwrap();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    };
    found.iter().map(read).collect()
}

#[test]
fn every_session_is_answered_as_before() {
    let sessions = sessions();
    assert!(sessions.len() >= 4, "only {} sessions were found", sessions.len());
    for (name, session) in sessions {
        let folder = Folder::with("session", SHOP);
        folder.write("src/one.tess", crate::editors::ONE);
        let answers = play(&session, program(), folder.path()).unwrap_or_else(|error| panic!("{name}: {error}"));
        insta::with_settings!({ snapshot_path => root().join("tests/sessions/snapshots"), prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name.clone(), answers);
        });
    }
}

/// Those that were written by hand must say what editors may say; real ones say more.
#[test]
#[ignore = "needs the meta model"]
fn the_sessions_are_as_the_specification_wants_them() {
    let model = Model::of_environment().expect("TESSERA_META_MODEL names the meta model; ./test sets it");
    let by_hand = |(_, session): &(String, Json)| session["about"].as_str().unwrap().contains("written by hand");
    for (name, session) in sessions().into_iter().filter(by_hand) {
        let found = wrong(&session, &model);
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
    }
}
