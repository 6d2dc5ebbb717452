//! From the globs of a project to the kinds that its CRDs bring.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::names::{self, Definition, Place};
use super::{CrdFile, Crds, Known, MAX_DEFINITION, MAX_VERSIONS, NO_STAMP, Version, Wanted, beginning, scan};
use crate::diagnostic::{Diagnostic, E0420, E0901, Severity, W0820, W0821};
use crate::project::Globs;
use crate::resolve::unreadable;
use crate::source::{FileError, FileId, Files, MAX_FILE_BYTES, SourceMap, Span};
use crate::yaml;

/// From so many files on, all processors read.
const PARALLEL_FILES: usize = 32;

impl Crds {
    /// Reads the names of the kinds in the files that the globs match, and adds
    /// the texts to the sources. Where the host keeps them and nothing is
    /// another one, nothing is read again.
    #[must_use]
    pub fn load(files: &dyn Files, globs: &Globs, sources: &mut SourceMap) -> Self {
        let asked = |glob: &crate::project::Glob| (glob.folder.clone(), glob.written.clone(), glob.span);
        let wanted = Wanted { first: sources.next(), globs: globs.iter().map(asked).collect() };
        let (memo, stamp) = (files.memo(), files.stamp().unwrap_or(NO_STAMP));
        if let Some(same) = memo.and_then(|memo| memo.crds(|kept| kept.is_of(&wanted, stamp))) {
            globs.iter().for_each(|glob| files.reused(&glob.folder));
            same.files.iter().for_each(|file| file.add_to(sources));
            return Self::of(same);
        }
        let mut known = Known {
            files: Vec::new(),
            wanted,
            stamp: AtomicU64::new(stamp),
            versions: Vec::new(),
            diagnostics: Vec::new(),
        };
        let paths = known.paths(files, globs);
        let read = |path: String| {
            let text = files.read(&path).and_then(bounded);
            (path, text)
        };
        let texts: Vec<(String, Text)> = if paths.len() < PARALLEL_FILES {
            paths.into_iter().map(read).collect()
        } else {
            paths.into_par_iter().map(read).collect()
        };
        let first = sources.next();
        for (path, text) in &texts {
            sources.add(path, text.clone().unwrap_or_else(|_| Arc::from("")));
        }
        let same = |kept: &Known| kept.wanted == known.wanted && kept.is(first, &texts, &known.diagnostics);
        if let Some(same) = memo.and_then(|memo| memo.crds(same)) {
            same.stamp.store(stamp, Ordering::Relaxed);
            return Self::of(same);
        }
        known.add_all(first, texts);
        let known = Arc::new(known);
        memo.into_iter().for_each(|memo| memo.keep_crds(&known));
        Self::of(known)
    }
}

type Text = Result<Arc<str>, FileError>;

impl CrdFile {
    fn add_to(&self, sources: &mut SourceMap) {
        sources.add(&self.path, self.text.clone().unwrap_or_else(|_| Arc::from("")));
    }
}

impl Known {
    /// Whether these are the wanted ones, and nothing but sources has changed since.
    fn is_of(&self, wanted: &Wanted, stamp: u64) -> bool {
        stamp != NO_STAMP && self.stamp.load(Ordering::Relaxed) == stamp && self.wanted == *wanted
    }

    /// Whether these are the definitions of texts that get numbers from `first` on.
    fn is(&self, first: FileId, texts: &[(String, Text)], about_globs: &[Diagnostic]) -> bool {
        let same = |own: &CrdFile, (path, text): &(String, Text)| {
            own.path == *path
                && match (&own.text, text) {
                    (Ok(own), Ok(text)) => Arc::ptr_eq(own, text) || own == text,
                    (Err(own), Err(error)) => own == error,
                    _ => false,
                }
        };
        self.files.first().is_none_or(|file| file.id == first)
            && self.files.len() == texts.len()
            && self.files.iter().zip(texts).all(|(own, text)| same(own, text))
            && self.diagnostics.get(..about_globs.len()) == Some(about_globs)
            && !self.diagnostics.get(about_globs.len()).is_some_and(|d| d.code == &E0901)
    }

    fn add_all(&mut self, first: FileId, texts: Vec<(String, Text)>) {
        let scanned = |(_, text): &(String, Text)| text.as_ref().ok().and_then(|text| scan::scan(text));
        let names: Vec<_> = if texts.len() < PARALLEL_FILES {
            texts.iter().map(scanned).collect()
        } else {
            texts.par_iter().map(scanned).collect()
        };
        for (at, ((path, text), names)) in texts.into_iter().zip(names).enumerate() {
            self.add(CrdFile { path, text, id: FileId(first.0 + at as u32) }, names);
        }
        self.sort();
    }

    /// The files that the globs match, each once, in the order of the globs.
    fn paths(&mut self, files: &dyn Files, globs: &Globs) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for glob in globs.iter() {
            let mut found: Vec<String> =
                ["yaml", "yml", "json"].iter().flat_map(|ending| files.list(&glob.folder, ending)).collect();
            found.retain(|path| glob.matches(path));
            found.sort();
            if found.is_empty() {
                let message = format!("`{}` matches no file", glob.written);
                let mut warning = Diagnostic::new(&E0901, glob.span, message)
                    .help("write where the definitions lie, relative to this file, or remove it");
                warning.severity = Severity::Warning;
                self.diagnostics.push(warning);
            }
            let mut known: rustc_hash::FxHashSet<String> = paths.iter().cloned().collect();
            paths.extend(found.into_iter().filter(|path| known.insert(path.clone())));
        }
        paths
    }

    fn add(&mut self, file: CrdFile, scanned: Option<Vec<Definition>>) {
        let text = match &file.text {
            Ok(text) => text.clone(),
            Err(error) => {
                self.diagnostics.push(unreadable(file.id, &file.path, error));
                self.files.push(file);
                return;
            }
        };
        let definitions = match scanned {
            Some(definitions) if !definitions.is_empty() => definitions,
            // Whether it is YAML at all is worth knowing where nothing is found.
            _ => self.read_whole(&file, &text),
        };
        let at = self.files.len();
        for definition in definitions {
            if !self.is_small(&file, &definition) {
                continue;
            }
            let definition = Arc::new(definition);
            for index in 0..definition.versions.len() {
                let definition = Arc::clone(&definition);
                self.versions.push(Version { file: at, definition, index, loaded: OnceLock::new() });
            }
        }
        self.files.push(file);
    }

    /// The definitions of a text in any form.
    fn read_whole(&mut self, file: &CrdFile, text: &str) -> Vec<Definition> {
        let (documents, found) = yaml::read(file.id, text);
        let readable = !found.iter().any(Diagnostic::is_error);
        self.diagnostics.extend(found);
        let mut definitions = Vec::new();
        let (mut any, mut one) = (false, |known: &mut Self, root: &yaml::Node, place: Place| {
            if !names::is_definition(root) {
                return false;
            }
            let old = root.get("apiVersion").filter(|node| node.as_str() == Some(names::OLD_API));
            if let Some(node) = old {
                let message = format!("no server since Kubernetes 1.22 takes definitions of `{}`", names::OLD_API);
                known.diagnostics.push(
                    Diagnostic::new(&W0820, node.span, message).help("take a newer release of whoever publishes it"),
                );
            }
            match names::read(root, place) {
                Ok(definition) => definitions.push(definition),
                Err(unusable) => known.diagnostics.push(
                    Diagnostic::new(&E0420, unusable.span, unusable.message)
                        .help("take the definition as its project publishes it; it is passed over"),
                ),
            }
            true
        });
        for (number, document) in documents.iter().enumerate() {
            match names::items(&document.root) {
                Some(items) => {
                    for (at, item) in items.iter().enumerate() {
                        any |= one(self, item, Place::Tree { document: number, item: Some(at) });
                    }
                }
                None => any |= one(self, &document.root, Place::Tree { document: number, item: None }),
            }
        }
        if !any && readable {
            self.nothing(file);
        }
        definitions
    }

    fn nothing(&mut self, file: &CrdFile) {
        let message = format!("`{}` holds no CustomResourceDefinition", file.path);
        self.diagnostics.push(
            Diagnostic::new(&W0820, beginning(file.id), message).help("leave it out of `crds` in `tessera.toml`"),
        );
    }

    /// Whether a definition is small enough for a server; otherwise that is reported.
    fn is_small(&mut self, file: &CrdFile, definition: &Definition) -> bool {
        let Place::Text(range) = &definition.place else { return true };
        if range.len() <= MAX_DEFINITION {
            return true;
        }
        let span = Span::new(file.id, range.start as u32, range.start as u32);
        let message = format!(
            "the definition of `{}` has {} bytes; at most {MAX_DEFINITION} are read",
            definition.names.kind,
            range.len()
        );
        self.diagnostics.push(
            Diagnostic::new(&E0420, span, message)
                .note("a server takes requests of at most 3 MiB")
                .help("take the definition as its project publishes it; those without descriptions are much smaller"),
        );
        false
    }

    /// Brings the versions into the order in which they are searched; of two
    /// that are the same the first stays.
    fn sort(&mut self) {
        self.versions.sort_by(|a, b| a.names().cmp(&b.names()).then(a.file.cmp(&b.file)));
        let Self { versions, diagnostics, files, .. } = self;
        let name = |at: usize| files.get(at).map_or("", |file| file.path.as_str());
        versions.dedup_by(|later, first| {
            if later.names() != first.names() {
                return false;
            }
            let (kind, group, version) = later.names();
            let message = format!("`{group}/{version}/{kind}` is defined twice");
            if let Some(file) = files.get(later.file) {
                let start = later.definition.place.start();
                diagnostics.push(
                    Diagnostic::new(&W0821, Span::new(file.id, start, start), message)
                        .note(format!("that of `{}` is used", name(first.file)))
                        .help("keep one of the two files"),
                );
            }
            true
        });
        versions.truncate(MAX_VERSIONS);
    }
}

fn bounded(text: Arc<str>) -> Result<Arc<str>, FileError> {
    if text.len() > MAX_FILE_BYTES { Err(FileError::TooLarge(text.len() as u64)) } else { Ok(text) }
}
