//! Rename as the protocol has it, over all projects of the workspace that know the name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tessera_compiler::check::Named;
use tessera_compiler::source::FileId;
use tower_lsp::ls_types::{Position, PrepareRenameResponse, Uri, WorkspaceEdit};

use crate::feature::rename::{Edits, Prepared, allowed, applied, check, check_compiled, edits, prepare, widened};
use crate::feature::{Edit, FileEdit};
use crate::host::Target;
use crate::protocol::action::workspace_edit;
use crate::protocol::capabilities::About;
use crate::protocol::navigate::{At, Known, at_in_all, everywhere, file_of, translated};
use crate::workspace::analysed::Analysed;
use crate::workspace::snapshot::Snapshot;

/// Answers `textDocument/prepareRename`.
///
/// # Errors
/// A sentence for people.
pub(crate) fn prepared(
    snapshot: &Snapshot,
    uri: &Uri,
    position: Position,
) -> Result<Option<PrepareRenameResponse>, String> {
    let Some(here) = at_in_all(snapshot, uri, position) else { return Ok(None) };
    let found = of(snapshot, &here)?;
    let range = here.view.range(found.span, snapshot.encoding);
    Ok(Some(PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: found.name }))
}

fn of(snapshot: &Snapshot, here: &At) -> Result<Prepared, String> {
    let ours = |file: FileId| here.view.path(file).is_some_and(|path| is_ours(snapshot, path));
    prepare(&here.view.analysis, here.file, here.offset, &ours)
}

/// Whether a file lies in a project of the workspace, or is open itself.
fn is_ours(snapshot: &Snapshot, path: &Path) -> bool {
    snapshot.target(path).is_some_and(|target| snapshot.targets().0.contains(&target))
}

/// Answers `textDocument/rename`.
///
/// # Errors
/// A sentence for people: the name will not do.
pub(crate) fn renamed(
    snapshot: &Snapshot,
    uri: &Uri,
    position: Position,
    new: &str,
    about: &About,
) -> Result<Option<WorkspaceEdit>, String> {
    let Some(here) = at_in_all(snapshot, uri, position) else { return Ok(None) };
    let found = of(snapshot, &here)?;
    allowed(&here.view.analysis, &found, new)?;
    if found.name == new {
        return Ok(None);
    }
    let Some(own) = snapshot.target(&here.document.path) else { return Ok(None) };
    let views = together(snapshot, &own, &here.view, found.meant)?;
    let mut files: BTreeMap<PathBuf, (Arc<str>, Vec<Edit>)> = BTreeMap::new();
    for (view, meant) in &views {
        for (file, edits) in edits(&view.analysis, meant, new) {
            let (Some(path), Some(source)) = (view.path(file), view.analysis.modules.sources.get(file)) else {
                continue;
            };
            let (_, all) = files.entry(path.to_owned()).or_insert_with(|| (source.text.clone(), Vec::new()));
            all.extend(edits.into_iter().filter(|edit| !all.contains(edit)).collect::<Vec<_>>());
            all.sort_by_key(|edit| edit.start);
        }
    }
    if let Some(path) = files.keys().find(|path| !is_ours(snapshot, path)) {
        return Err(format!("`{}` is used in {}, which is not open here.", found.name, path.display()));
    }
    let mut after = snapshot.clone();
    for (path, (text, edits)) in &files {
        after = after.with_text(path, applied(text, edits).into());
    }
    for (view, target) in views.iter().filter_map(|(view, _)| Some((view, target_of(snapshot, view, &own)?))) {
        let Some(then) = after.whole(&target) else { continue };
        let here: Edits =
            files.iter().filter_map(|(path, (_, edits))| Some((view.file(path)?, edits.clone()))).collect();
        check(&view.analysis, &then.analysis, &here, new)?;
        if let (Ok(old), Ok(now)) = (snapshot.compiled(&target), after.compiled(&target)) {
            let (old, now) = (&old.compilation.diagnostics, &now.compilation.diagnostics);
            check_compiled((&view.analysis, old), (&then.analysis, now), &here, new)?;
        }
    }
    let edits: Vec<FileEdit> = files.into_iter().map(|(path, (text, edits))| FileEdit { path, text, edits }).collect();
    Ok(workspace_edit(&edits, snapshot, about))
}

/// The target that a view is of.
fn target_of(snapshot: &Snapshot, view: &Arc<Analysed>, own: &Target) -> Option<Target> {
    let targets = std::iter::once(own.clone()).chain(snapshot.targets().0);
    targets.into_iter().find(|target| snapshot.whole(target).is_some_and(|other| Arc::ptr_eq(&other, view)))
}

/// The projects that know one of the names, each with all that must have one name there: what one of them
/// holds together is together in the others.
fn together(snapshot: &Snapshot, own: &Target, view: &Arc<Analysed>, meant: Vec<Named>) -> Result<Vec<Known>, String> {
    let mut meant = meant;
    loop {
        let mut views = everywhere(snapshot, own, view, &meant);
        let before = meant.len();
        for (other, names) in &mut views {
            let ours = |file: FileId| other.path(file).is_some_and(|path| is_ours(snapshot, path));
            *names = widened(&other.analysis, names.clone(), &ours)?;
            let back = names.iter().filter(|named| file_of(other, named).is_some());
            let back = back.filter_map(|named| translated(named, other, view)).filter(|named| !meant.contains(named));
            let back: Vec<Named> = back.collect();
            meant.extend(back);
        }
        if meant.len() == before {
            return Ok(views);
        }
    }
}
