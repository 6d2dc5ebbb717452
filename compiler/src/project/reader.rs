//! TOML to a project, every mistake at its place.

use std::ops::Range;

use indexmap::IndexMap;
use smol_str::SmolStr;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::{Allow, Dependency, KNOWN_MINORS, Project, VersionRange};
use crate::diagnostic::{Diagnostic, E0901, Severity};
use crate::source::{FileId, Span};

const TABLES: [&str; 3] = ["package", "dependencies", "allow"];
const PACKAGE_KEYS: [&str; 4] = ["name", "version", "kubernetes", "crds"];
const DEPENDENCY_KEYS: [&str; 1] = ["path"];
const ALLOW_KEYS: [&str; 3] = ["code", "files", "reason"];

/// Reads a project file. What is wrong is reported as `E0901` at its place
/// and keeps its default.
#[must_use]
pub fn parse(file: FileId, text: &str) -> (Project, Vec<Diagnostic>) {
    let mut reader = Reader { file, text, diagnostics: Vec::new() };
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(20) {
        let range = error.span().unwrap_or(0..0);
        reader.report(range, first_line(error.message()));
    }
    if !errors.is_empty() {
        return (Project::default(), reader.diagnostics);
    }
    let project = reader.project(root.get_ref());
    reader.diagnostics.sort_by_key(|d| d.primary.span.start);
    (project, reader.diagnostics)
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    diagnostics: Vec<Diagnostic>,
}

/// A key and its value with their places.
type Entry<'t, 'i> = (&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>);

impl Reader<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        let end = self.text.len();
        Span::new(self.file, range.start.min(end) as u32, range.end.min(end) as u32)
    }

    fn report(&mut self, range: Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        let diagnostic = Diagnostic::new(&E0901, self.span(range), message);
        self.diagnostics.push(diagnostic);
        let last = self.diagnostics.len() - 1;
        // The element was pushed on the line above.
        #[expect(clippy::indexing_slicing)]
        &mut self.diagnostics[last]
    }

    fn project(&mut self, root: &DeTable<'_>) -> Project {
        let mut project = Project::default();
        let mut package = None;
        for (key, value) in root {
            match key.get_ref().as_ref() {
                "package" => package = self.table(value, "[package]").map(|table| (value.span(), table)),
                "dependencies" => {
                    let table = self.table(value, "[dependencies]");
                    project.dependencies = table.map(|t| self.dependencies(t)).unwrap_or_default();
                }
                "allow" => project.allows = self.allows(value),
                _ => self.unknown(key, "the project file", &TABLES),
            }
        }
        match package {
            Some((place, table)) => self.package(place, table, &mut project),
            None if self.diagnostics.is_empty() => {
                self.report(0..0, "the project file has no `[package]`").help =
                    Some("add `[package]` and below it `name = \"…\"`".to_owned());
            }
            None => {}
        }
        project
    }

    fn package(&mut self, place: Range<usize>, table: &DeTable<'_>, project: &mut Project) {
        let mut named = false;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => {
                    named = true;
                    if let Some(name) = self.name(value) {
                        project.package.name = name;
                    }
                }
                "version" => {
                    if let Some(version) = self.version(value) {
                        project.package.version = version;
                    }
                }
                "kubernetes" => {
                    project.kubernetes_span = Some(self.span(value.span()));
                    if let Some(range) = self.kubernetes(value) {
                        project.kubernetes = range;
                    }
                }
                "crds" => project.crds = self.globs("crds", value),
                _ => self.unknown(key, "`[package]`", &PACKAGE_KEYS),
            }
        }
        if !named {
            self.report(place, "the project has no name").help =
                Some("add `name = \"…\"` below `[package]`".to_owned());
        }
    }

    fn name(&mut self, value: &Spanned<DeValue<'_>>) -> Option<SmolStr> {
        let text = self.string(value, "`name`")?;
        if !is_name(text) {
            self.report(value.span(), format!("`{text}` is not a name")).help =
                Some("use lower-case letters, digits and hyphens, beginning with a letter".to_owned());
            return None;
        }
        Some(text.into())
    }

    fn version(&mut self, value: &Spanned<DeValue<'_>>) -> Option<SmolStr> {
        let text = self.string(value, "`version`")?;
        if let Err(error) = semver::Version::parse(text) {
            self.report(value.span(), format!("`{text}` is not a semantic version: {error}")).help =
                Some("write three numbers, such as `0.1.0`".to_owned());
            return None;
        }
        Some(text.into())
    }

    fn kubernetes(&mut self, value: &Spanned<DeValue<'_>>) -> Option<VersionRange> {
        let text = self.string(value, "`kubernetes`")?;
        let range = match text.split_once("..") {
            Some((from, to)) => VersionRange { oldest: self.minor(from, value)?, newest: self.minor(to, value)? },
            None => {
                let minor = self.minor(text, value)?;
                VersionRange { oldest: minor, newest: minor }
            }
        };
        if range.oldest > range.newest {
            let turned = VersionRange { oldest: range.newest, newest: range.oldest };
            self.replace(value, format!("`{text}` begins with the newer version"), &turned.to_string());
            return None;
        }
        Some(range)
    }

    /// The `x` of `1.x`.
    fn minor(&mut self, text: &str, value: &Spanned<DeValue<'_>>) -> Option<u32> {
        let text = text.trim();
        let mut parts = text.trim_start_matches('v').split('.');
        let (major, minor, patch) = (parts.next(), parts.next(), parts.next());
        let minor: u32 = match (major, minor.map(str::parse)) {
            (Some("1"), Some(Ok(minor))) => minor,
            _ => {
                self.report(value.span(), format!("`{text}` is not a Kubernetes version")).help =
                    Some("write one minor, `\"1.36\"`, or a range, `\"1.34..1.36\"`".to_owned());
                return None;
            }
        };
        if patch.is_some() || text.starts_with('v') {
            let whole = value.get_ref().as_str().unwrap_or_default();
            let mended = whole.replace(text, &format!("1.{minor}"));
            self.replace(value, format!("`{text}` is more than a minor version"), &mended);
            return None;
        }
        if !KNOWN_MINORS.contains(&minor) {
            let (first, last) = KNOWN_MINORS.into_inner();
            let message = if minor < first {
                format!("the types of Kubernetes 1.{minor} are not included any more")
            } else {
                format!("the types of Kubernetes 1.{minor} are not included yet")
            };
            self.report(value.span(), message).help = Some(format!("name versions from 1.{first} to 1.{last}"));
            return None;
        }
        Some(minor)
    }

    fn allows(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Allow> {
        let Some(tables) = value.get_ref().as_array() else {
            self.report(value.span(), "`allow` is a list of tables").help = Some("write `[[allow]]`".to_owned());
            return Vec::new();
        };
        tables.iter().filter_map(|table| self.allow(table)).collect()
    }

    fn allow(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Allow> {
        let (mut code, mut reason, mut files) = (None, "", Vec::new());
        for (key, value) in self.table(value, "an item of `allow`")? {
            match key.get_ref().as_ref() {
                "code" => code = Some(self.code(value)?),
                "reason" => reason = self.string(value, "`reason`").unwrap_or_default(),
                "files" => files = self.globs("files", value),
                _ => self.unknown(key, "an item of `allow`", &ALLOW_KEYS),
            }
        }
        let Some((code, span)) = code else {
            self.report(value.span(), "this `allow` names no warning").help = Some("add `code = \"W0820\"`".to_owned());
            return None;
        };
        if reason.trim().is_empty() {
            self.report(value.span(), format!("`{code}` is allowed without a reason")).help =
                Some("say why: `reason = \"…\"`".to_owned());
            return None;
        }
        Some(Allow { code, span, files })
    }

    fn code(&mut self, value: &Spanned<DeValue<'_>>) -> Option<(SmolStr, Span)> {
        let text = self.string(value, "`code`")?;
        let known = crate::diagnostic::code(text).filter(|code| code.severity == Severity::Warning);
        if known.is_none() {
            self.report(value.span(), format!("`{text}` is no warning")).help =
                Some("warnings begin with `W`: `tessera explain --list` lists them".to_owned());
        }
        known.map(|code| (code.id.into(), self.span(value.span())))
    }

    fn globs(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<(String, Span)> {
        let Some(items) = self.array(key, value) else { return Vec::new() };
        let mut globs = Vec::new();
        for item in items {
            if let Some(glob) = self.string(item, &format!("an item of `{key}`")) {
                globs.push((glob.to_owned(), self.span(item.span())));
            }
        }
        globs
    }

    fn array<'t, 'i>(&mut self, key: &str, value: &'t Spanned<DeValue<'i>>) -> Option<&'t DeArray<'i>> {
        let array = value.get_ref().as_array();
        if array.is_none() {
            let written = self.text.get(value.span()).unwrap_or_default();
            let mended = format!("[{written}]");
            let message = format!("`{key}` is a list, but this is {}", describe(value.get_ref()));
            let span = self.span(value.span());
            let fixable = value.get_ref().is_str();
            let diagnostic = self.report(value.span(), message);
            diagnostic.help = Some(format!("write `{key} = [\"crds/*.yaml\"]`"));
            if fixable {
                *diagnostic = diagnostic.clone().fix("put it in a list", span, mended, true);
            }
        }
        array
    }

    fn dependencies(&mut self, table: &DeTable<'_>) -> IndexMap<SmolStr, Dependency> {
        let mut written: Vec<Entry<'_, '_>> = table.iter().collect();
        written.sort_by_key(|(key, _)| key.span().start);
        let mut dependencies = IndexMap::new();
        for (key, value) in written {
            let name = key.get_ref();
            if !is_name(name) || name == "std" {
                let help = if name == "std" {
                    "`std` is the standard library"
                } else {
                    "use lower-case letters, digits and hyphens"
                };
                self.report(key.span(), format!("a dependency cannot be called `{name}`")).help = Some(help.to_owned());
            } else if let Some(dependency) = self.dependency(name, value) {
                dependencies.insert(SmolStr::new(name), dependency);
            }
        }
        dependencies
    }

    fn dependency(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<Dependency> {
        if value.get_ref().is_str() {
            let span = self.span(value.span());
            let mended = format!("{{ path = {} }}", span.text(self.text));
            let diagnostic = self.report(value.span(), format!("the dependency `{name}` must say that this is a path"));
            *diagnostic = diagnostic.clone().fix("write it as a path", span, mended, true);
            return None;
        }
        let table = self.table(value, &format!("the dependency `{name}`"))?;
        let mut path = None;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "path" => path = Some((self.string(value, "`path`")?, value.span())),
                _ => self.unknown(key, "a dependency", &DEPENDENCY_KEYS),
            }
        }
        let Some((path, place)) = path else {
            self.report(value.span(), format!("the dependency `{name}` has no `path`")).help =
                Some(format!("write `{name} = {{ path = \"../{name}\" }}`"));
            return None;
        };
        Some(Dependency { path: path.to_owned(), span: self.span(place) })
    }

    fn table<'t, 'i>(&mut self, value: &'t Spanned<DeValue<'i>>, what: &str) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.report(value.span(), format!("{what} is a table, but this is {}", describe(value.get_ref())));
        }
        table
    }

    fn string<'t>(&mut self, value: &'t Spanned<DeValue<'_>>, what: &str) -> Option<&'t str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            let span = self.span(value.span());
            let quoted = format!("\"{}\"", span.text(self.text));
            let scalar = !value.get_ref().is_array() && !value.get_ref().is_table();
            let message = format!("{what} is a string, but this is {}", describe(value.get_ref()));
            let diagnostic = self.report(value.span(), message);
            if scalar {
                *diagnostic = diagnostic.clone().fix("put it in quotes", span, quoted, true);
            }
        }
        text
    }

    fn replace(&mut self, value: &Spanned<DeValue<'_>>, message: String, text: &str) {
        let span = self.span(value.span());
        let diagnostic = self.report(value.span(), message);
        let fix = format!("replace it with `\"{text}\"`");
        *diagnostic = diagnostic.clone().fix(fix, span, format!("\"{text}\""), true);
    }

    fn unknown(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, place: &str, known: &[&str]) {
        let span = self.span(key.span());
        let message = format!("{place} has no `{}`", key.get_ref());
        let near = closest(key.get_ref(), known);
        let diagnostic = self.report(key.span(), message);
        match near {
            Some(near) => {
                let fix = format!("replace it with `{near}`");
                *diagnostic = diagnostic.clone().fix(fix, span, near, true);
            }
            None if known == TABLES && PACKAGE_KEYS.contains(&key.get_ref().as_ref()) => {
                diagnostic.help =
                    Some(format!("it stands below `[package]`: write that line above `{}`", key.get_ref()));
            }
            None => diagnostic.help = Some(format!("what it may hold: {}", known.join(", "))),
        }
    }
}

/// `[a-z][a-z0-9]*(-[a-z0-9]+)*`.
fn is_name(text: &str) -> bool {
    let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('-').all(word)
}

/// The known word that was meant, if one is near enough.
fn closest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let limit = (word.chars().count() / 3).max(1);
    let distance = |candidate: &&str| strsim::osa_distance(word, candidate);
    known.iter().copied().min_by_key(distance).filter(|candidate| distance(candidate) <= limit)
}

fn describe(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}
