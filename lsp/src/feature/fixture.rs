//! Workspaces in one text, for tests: `//- path` begins a file (`main.tess` where none does), `$0` is the
//! cursor, `<|` and `|>` enclose expected places.

use std::sync::Arc;

use tessera_compiler::analysis::{self, Analysis};
use tessera_compiler::project::{self, Project};
use tessera_compiler::resolve::Request;
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::{FileId, MemoryFiles, Span};

/// A workspace.
pub(crate) struct Fixture {
    pub(crate) files: MemoryFiles,
    pub(crate) cursor: Option<(String, u32)>,
    /// Path, start and end, in the order of the text.
    pub(crate) marked: Vec<(String, u32, u32)>,
    project: Project,
    paths: Vec<String>,
}

impl Fixture {
    pub(crate) fn new(text: &str) -> Self {
        let mut parts: Vec<(String, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            if let Some(path) = line.strip_prefix("//- ") {
                parts.push((path.trim().to_owned(), String::new()));
            } else {
                if parts.is_empty() {
                    parts.push(("main.tess".to_owned(), String::new()));
                }
                parts.last_mut().unwrap().1.push_str(line);
            }
        }
        let mut files = MemoryFiles::default();
        let (mut cursor, mut marked) = (None, Vec::new());
        for (path, text) in parts {
            let (mut clean, mut rest, mut open) = (String::new(), text.as_str(), Vec::new());
            while let Some(at) = ["$0", "<|", "|>"].iter().filter_map(|mark| rest.find(mark)).min() {
                clean.push_str(&rest[..at]);
                let here = clean.len() as u32;
                match &rest[at..at + 2] {
                    "$0" => cursor = Some((path.clone(), here)),
                    "<|" => open.push(here),
                    _ => marked.push((path.clone(), open.pop().unwrap(), here)),
                }
                rest = &rest[at + 2..];
            }
            clean.push_str(rest);
            files.insert(&path, &clean);
        }
        Self::of(files, cursor, marked)
    }

    /// The files of a folder on disk.
    pub(crate) fn folder(folder: &std::path::Path) -> Self {
        let mut files = MemoryFiles::default();
        let mut open = vec![folder.to_owned()];
        while let Some(here) = open.pop() {
            let mut entries: Vec<_> = std::fs::read_dir(here).unwrap().map(|e| e.unwrap().path()).collect();
            entries.sort();
            for path in entries {
                let ours = path.extension().is_some_and(|e| e == "tess" || e == "yaml" || e == "toml");
                if path.is_dir() {
                    open.push(path);
                } else if ours {
                    let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                    files.insert(&name, &std::fs::read_to_string(&path).unwrap());
                }
            }
        }
        Self::of(files, None, Vec::new())
    }

    pub(crate) fn of(files: MemoryFiles, cursor: Option<(String, u32)>, marked: Vec<(String, u32, u32)>) -> Self {
        let toml = files.0.get("tessera.toml");
        let project = toml.map_or_else(Project::default, |text| project::parse(FileId(0), text).0);
        let ours = |path: &&String| path.ends_with(".tess") || path.ends_with(".yaml");
        let outside =
            |path: &&String| !project.dependencies.values().any(|d| path.starts_with(&format!("{}/", d.path)));
        let mut paths: Vec<String> = files.0.keys().filter(ours).filter(outside).cloned().collect();
        paths.sort();
        Self { files, cursor, marked, project, paths }
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request { files: &self.files, project: &self.project, root: "", paths: &self.paths, named: &[], context: &[] }
    }

    /// The file with the cursor, analysed, and the place of the cursor.
    pub(crate) fn at_cursor(&self) -> (Analysis, FileId, u32) {
        let (path, offset) = self.cursor.clone().expect("no `$0`");
        let (analysis, file) = self.one(&path);
        (analysis, file, offset)
    }

    /// The same, all files analysed.
    pub(crate) fn all_at_cursor(&self) -> (Analysis, FileId, u32) {
        let (path, offset) = self.cursor.clone().expect("no `$0`");
        let analysis = self.all();
        let file = analysis.modules.sources.find(&path).unwrap();
        (analysis, file, offset)
    }

    pub(crate) fn one(&self, path: &str) -> (Analysis, FileId) {
        let analysis = analysis::analyse(&self.request(), &Schemas::builtin(), path, None).expect("no such file");
        let file = analysis.file.unwrap();
        (analysis, file)
    }

    pub(crate) fn all(&self) -> Analysis {
        analysis::analyse_all(&self.request(), &Schemas::builtin())
    }

    /// What was marked, as places.
    pub(crate) fn places(&self, analysis: &Analysis) -> Vec<Span> {
        let place = |(path, start, end): &(String, u32, u32)| {
            Span::new(analysis.modules.sources.find(path).unwrap(), *start, *end)
        };
        self.marked.iter().map(place).collect()
    }

    pub(crate) fn text(&self, path: &str) -> Arc<str> {
        self.files.0[path].clone()
    }
}

/// Places as people read them: `path:text@offset`.
pub(crate) fn shown(analysis: &Analysis, spans: &[Span]) -> Vec<String> {
    let show = |span: &Span| {
        let file = analysis.modules.sources.get(span.file).unwrap();
        format!("{}:{}..{} `{}`", file.path, span.start, span.end, span.text(&file.text))
    };
    spans.iter().map(show).collect()
}
