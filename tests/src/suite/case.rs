//! A case, taken apart.

use tessera_compiler::target::crossplane::{Function, Options, Release};
use tessera_compiler::target::{Lowered, Lowering, controller, crossplane, kro};

use super::markers::{Expectation, expectations};

/// A case of the suite: its files, what they must be told, and what is kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// The files of its project, in order.
    pub files: Vec<CaseFile>,
    /// The stages that are kept as snapshots.
    pub stages: Vec<Stage>,
}

/// One file of a case.
#[derive(Debug, PartialEq, Eq)]
pub struct CaseFile {
    /// Its path in the project.
    pub path: String,
    /// Its whole text, expectations included: they are comments.
    pub text: String,
    /// What must be reported in it.
    pub expected: Vec<Expectation>,
    /// The line of the case's file, counted from zero, on which it begins.
    pub first_line: u32,
}

/// What may be kept as a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The diagnostics as a person sees them.
    Human,
    /// The text as the formatter writes it.
    Fmt,
    /// The text after all safe fixes.
    Fix,
    /// The tree.
    Tree,
    /// The intermediate representation.
    Ir,
    /// The manifests.
    Build,
    /// What the controller takes of the composites; what that reports is judged, too.
    Controller,
    /// What kro takes of the composites, likewise.
    Kro,
    /// What patch-and-transform takes of them, without our function.
    Patches,
    /// What an older Crossplane takes of them.
    Claims,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 10] = [
        Self::Human,
        Self::Fmt,
        Self::Fix,
        Self::Tree,
        Self::Ir,
        Self::Build,
        Self::Controller,
        Self::Kro,
        Self::Patches,
        Self::Claims,
    ];

    /// The word for it in a directive, and the last part of its snapshot's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Fmt => "fmt",
            Self::Fix => "fix",
            Self::Tree => "tree",
            Self::Ir => "ir",
            Self::Build => "build",
            Self::Controller => "controller",
            Self::Kro => "kro",
            Self::Patches => "patches",
            Self::Claims => "claims",
        }
    }
}

impl Stage {
    /// What lowers composites, where the stage is a target's.
    #[must_use]
    pub fn lowering(self) -> Option<fn(Lowering<'_>) -> Lowered> {
        match self {
            Self::Controller => Some(controller::lower),
            Self::Kro => Some(kro::lower),
            Self::Patches => Some(|lowering| crossplane::lower_with(lowering, without(Release::V2))),
            Self::Claims => Some(|lowering| crossplane::lower_with(lowering, without(Release::V1))),
            _ => None,
        }
    }
}

/// Without our function.
const fn without(release: Release) -> Options {
    Options { function: Function::Never, release }
}

impl Case {
    /// Takes the text of a case apart.
    ///
    /// # Errors
    /// What is wrong with the case itself, with its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut case = Self::default();
        let (mut path, mut body, mut first) = ("main.tess".to_owned(), String::new(), 0);
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let number = number as u32;
            if let Some(words) = line.strip_prefix("//? ") {
                case.directives(words, number)?;
            }
            if let Some(next) = line.strip_prefix("//- ") {
                case.add(&path, &body, first)?;
                (path, body, first) = (next.trim().to_owned(), String::new(), number + 1);
            } else {
                body.push_str(line);
            }
        }
        case.add(&path, &body, first)?;
        Ok(case)
    }

    fn directives(&mut self, words: &str, line: u32) -> Result<(), String> {
        for word in words.split_whitespace() {
            let stage = Stage::ALL.into_iter().find(|s| s.word() == word);
            let known = || Stage::ALL.map(Stage::word).join(", ");
            self.stages
                .push(stage.ok_or_else(|| format!("line {}: no stage `{word}`; there are {}", line + 1, known()))?);
        }
        Ok(())
    }

    fn add(&mut self, path: &str, text: &str, first_line: u32) -> Result<(), String> {
        let only_comments = text.lines().all(|l| l.trim().is_empty() || l.starts_with("//"));
        if path == "main.tess" && self.files.is_empty() && only_comments && !has_expectation(text) {
            return Ok(());
        }
        let expected = expectations(path, text).map_err(|(line, e)| format!("line {}: {e}", first_line + line))?;
        self.files.push(CaseFile { path: path.to_owned(), text: text.to_owned(), expected, first_line });
        Ok(())
    }
}

fn has_expectation(text: &str) -> bool {
    text.lines().any(|l| l.contains('^') || l.starts_with("//~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_of_one_file_is_main() {
        let case = Case::parse("//? build ir\ntype A = Int\n").unwrap();
        assert_eq!(case.stages, [Stage::Build, Stage::Ir]);
        assert_eq!(case.files.len(), 1);
        assert_eq!(case.files[0].path, "main.tess");
        assert_eq!(case.files[0].text, "//? build ir\ntype A = Int\n");
    }

    #[test]
    fn paths_begin_files_and_leading_comments_are_no_file() {
        let case = Case::parse("// What it shows.\n//? build\n//- a.tess\nx\n//- b/c.yaml\n\ny: 1\n").unwrap();
        let files: Vec<_> = case.files.iter().map(|f| (f.path.as_str(), f.text.as_str(), f.first_line)).collect();
        assert_eq!(files, [("a.tess", "x\n", 3), ("b/c.yaml", "\ny: 1\n", 5)]);
    }

    #[test]
    fn an_unknown_stage_is_told_with_its_line() {
        let error = Case::parse("\n//? bild\n").unwrap_err();
        assert!(error.starts_with("line 2: no stage `bild`"), "{error}");
    }

    #[test]
    fn a_bad_expectation_is_told_with_the_line_of_the_case() {
        let error = Case::parse("//- a.tess\nx\n// ^ E9999 nothing\n").unwrap_err();
        assert_eq!(error, "line 3: no code E9999");
    }
}
