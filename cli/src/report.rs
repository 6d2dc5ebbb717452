//! All that a call has to say, gathered over its projects, and printed in the
//! form that was asked for.

use clap::ValueEnum;
use tessera_compiler::diagnostic::{Diagnostic, render_github, render_human, render_json, render_sarif, summary};
use tessera_compiler::source::{FileId, SourceMap};

use crate::failure::{Failure, Outcome};
use crate::terminal;

/// How diagnostics are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Drawn for people, on standard error.
    #[default]
    Human,
    /// One JSON object.
    Json,
    /// A SARIF 2.1.0 log, for code scanners.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

/// Diagnostics and the texts that they point into.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) sources: SourceMap,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether the system refused something, which outweighs wrong input.
    pub(crate) world: bool,
}

impl Report {
    /// Adds diagnostics and their texts; `shown` gives the paths for people.
    pub(crate) fn absorb(&mut self, sources: &SourceMap, diagnostics: &[Diagnostic], shown: impl Fn(&str) -> String) {
        let by = self.sources.iter().count() as u32;
        for (_, file) in sources.iter() {
            let standard = file.path.strip_prefix("std/").is_some_and(|rest| !rest.contains('/'));
            let path = if standard { file.path.to_string() } else { shown(&file.path) };
            self.sources.add(&path, file.text.clone());
        }
        self.diagnostics.extend(diagnostics.iter().cloned().map(|mut diagnostic| {
            diagnostic.move_files(|file| FileId(file.0 + by));
            diagnostic
        }));
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Prints everything; for machines on standard output, or on standard
    /// error where the output is something else.
    pub(crate) fn print(&self, format: Format, output_is_free: bool) -> Outcome {
        let text = match format {
            Format::Human => {
                terminal::tell(&self.human());
                return Ok(());
            }
            Format::Json => render_json(&self.diagnostics, &self.sources),
            Format::Sarif => render_sarif(&self.diagnostics, &self.sources),
            Format::Github => render_github(&self.diagnostics, &self.sources),
        };
        if output_is_free {
            return terminal::print(&text);
        }
        terminal::tell(&text);
        Ok(())
    }

    fn human(&self) -> String {
        if self.diagnostics.is_empty() {
            return String::new();
        }
        let sum = summary(&self.diagnostics, &self.sources);
        format!("{}{sum}\n", render_human(&self.diagnostics, &self.sources, terminal::options()))
    }

    /// What the call comes to.
    pub(crate) fn outcome(&self, deny_warnings: bool) -> Outcome {
        let denied = deny_warnings && !self.diagnostics.is_empty();
        match (self.has_errors() || denied, self.world) {
            (false, _) => Ok(()),
            // What the system refused was said as a diagnostic already.
            (true, true) => Err(Failure::World(String::new())),
            (true, false) => Err(Failure::Input),
        }
    }
}
