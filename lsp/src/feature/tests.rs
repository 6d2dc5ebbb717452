//! Every feature at every place of the examples, whole and cut off anywhere: nothing panics, and what is told lies
//! in the text.

use std::path::{Path, PathBuf};

use tessera_compiler::analysis::Analysis;
use tessera_compiler::source::{FileId, Span};
use tessera_compiler::syntax::{self, Tree};

use super::fixture::Fixture;
use super::inlay_hints::Wanted;
use super::{
    call_hierarchy, code_lens, definition, hover, inlay_hints, references, rename, semantic_tokens, signature_help,
};

fn is_in(analysis: &Analysis, span: Span) {
    let text = &analysis.modules.sources.get(span.file).expect("no such file").text;
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} in {}", text.len());
}

fn all_at(analysis: &Analysis, tree: Option<&Tree>, file: FileId, offset: u32) {
    hover::hover(analysis, tree, file, offset).into_iter().for_each(|found| is_in(analysis, found.span));
    for find in [definition::definition, definition::type_definition, definition::implementation] {
        for goal in find(analysis, file, offset) {
            is_in(analysis, goal.from);
            is_in(analysis, goal.whole);
            assert!(goal.whole.start <= goal.name.start && goal.name.end <= goal.whole.end, "{goal:?}");
        }
    }
    references::highlights(analysis, file, offset).iter().for_each(|found| is_in(analysis, found.span));
    if let Some(tree) = tree {
        for way in signature_help::signature_help(analysis, tree, file, offset).into_iter().flat_map(|found| found.ways)
        {
            assert!(way.parameters.iter().all(|(start, end)| way.label.get(*start as usize..*end as usize).is_some()));
        }
    }
    if let Ok(found) = rename::prepare(analysis, file, offset, &|_| true) {
        is_in(analysis, found.span);
        for (file, edits) in rename::edits(analysis, &found.meant, "other") {
            edits.iter().for_each(|edit| is_in(analysis, Span::new(file, edit.start, edit.end)));
            assert!(edits.windows(2).all(|pair| pair[0].end <= pair[1].start), "{edits:?}");
        }
    }
    if let Some(item) = call_hierarchy::prepare(analysis, file, offset) {
        is_in(analysis, item.whole);
        assert!(item.whole.start <= item.place.start && item.place.end <= item.whole.end, "{item:?}");
        call_hierarchy::incoming(analysis, item.place);
        call_hierarchy::outgoing(analysis, item.place);
    }
}

fn whole(analysis: &Analysis, tree: Option<&Tree>, file: FileId) {
    let words = semantic_tokens::words_of(analysis, tree, file, (0, u32::MAX));
    words.iter().for_each(|word| is_in(analysis, Span::new(file, word.start, word.end)));
    assert!(words.windows(2).all(|pair| pair[0].end <= pair[1].start));
    let wanted = Wanted { types: true, defaults: true, names: true };
    for hint in inlay_hints::hints(analysis, file, (0, u32::MAX), wanted) {
        is_in(analysis, Span::new(file, hint.at, hint.at));
        assert!(!hint.text.trim().is_empty(), "{hint:?}");
    }
    for lens in code_lens::lenses(analysis, file) {
        is_in(analysis, lens.span);
    }
}

fn every(fixture: &Fixture, path: &str, step: usize) {
    let (analysis, file) = fixture.one(path);
    let text = fixture.text(path);
    let tree = path.ends_with(".tess").then(|| syntax::parse(file, &text).tree);
    whole(&analysis, tree.as_ref(), file);
    for (offset, _) in text.char_indices().step_by(step) {
        all_at(&analysis, tree.as_ref(), file, offset as u32);
    }
    all_at(&analysis, tree.as_ref(), file, text.len() as u32);
}

fn examples() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut folders: Vec<_> = std::fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

fn sources(fixture: &Fixture) -> Vec<String> {
    let ours = |path: &&String| path.ends_with(".tess") || path.ends_with(".yaml");
    fixture.files.0.keys().filter(ours).cloned().collect()
}

#[test]
fn every_feature_at_every_place() {
    for folder in examples() {
        let fixture = Fixture::folder(&folder);
        for path in sources(&fixture) {
            every(&fixture, &path, 3);
        }
    }
}

#[test]
fn every_feature_in_broken_text() {
    for folder in examples() {
        let fixture = Fixture::folder(&folder);
        for path in sources(&fixture) {
            let text = fixture.text(&path).replace("\n\n", "\r\n\r\n");
            // Cut off within a line, and with a line gone from its middle.
            for part in 1..6 {
                let cut = text.floor_char_boundary(text.len() * part / 6 + part);
                let rest = text[cut..].find('\n').map_or("", |end| &text[cut + end..]);
                for broken in [text[..cut].to_owned(), format!("{}{{ \u{1F600} (\n{rest}", &text[..cut])] {
                    let mut files = fixture.files.clone();
                    files.insert(&path, &broken);
                    every(&Fixture::of(files, None, Vec::new()), &path, 29);
                }
            }
        }
    }
}
