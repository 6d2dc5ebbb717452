//! `tessera fmt`.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use rayon::prelude::*;
use similar::TextDiff;
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::format::format;
use tessera_compiler::resolve::unreadable;
use tessera_compiler::source::{FileError, FileId, SourceMap};

use crate::failure::{Failure, Outcome};
use crate::files;
use crate::report::{Format, Report};
use crate::workspace::{Asked, Work, current_folder, select};
use crate::{save, terminal};

/// From so many files on, all processors share the work.
const PARALLEL_FROM: usize = 2;

/// Write sources in the one style
#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Files, folders and patterns, or - to format standard input; the current project by default
    paths: Vec<String>,
    /// Change nothing; list the files that would change, and fail if there are any
    #[arg(long)]
    check: bool,
    /// Change nothing; show what would change
    #[arg(long)]
    diff: bool,
}

/// What became of a file.
struct Formatted {
    path: PathBuf,
    shown: String,
    text: Result<String, FileError>,
    result: Result<String, Vec<Diagnostic>>,
}

impl Fmt {
    pub(crate) fn run(&self) -> Outcome {
        if self.paths.iter().any(|path| path == "-") {
            return self.stdin();
        }
        let current = current_folder()?;
        let works = select(Asked { paths: &self.paths, sources_only: true, ..Asked::default() })?;
        let wanted = sources(&works, &current)?;
        let one = |(path, shown): (PathBuf, String)| formatted(path.clone(), shown, files::read_text(&path));
        let done: Vec<Formatted> = if wanted.len() < PARALLEL_FROM {
            wanted.into_iter().map(one).collect()
        } else {
            wanted.into_par_iter().map(one).collect()
        };
        self.finish(&done)
    }

    fn stdin(&self) -> Outcome {
        if self.paths.len() > 1 {
            return Err(Failure::call("standard input is formatted alone"));
        }
        let text = files::read_bounded(std::io::stdin().lock(), 0);
        let done = formatted(PathBuf::new(), "<stdin>".to_owned(), text);
        let report = report(std::slice::from_ref(&done));
        report.print(Format::Human, false)?;
        report.outcome(false)?;
        let (Ok(old), Ok(new)) = (&done.text, &done.result) else { return Err(Failure::Input) };
        if self.diff {
            terminal::print(&diff(&done.shown, old, new))?;
        } else if !self.check {
            terminal::print(new)?;
        }
        if self.check && old != new { Err(Failure::Input) } else { Ok(()) }
    }

    fn finish(&self, done: &[Formatted]) -> Outcome {
        let report = report(done);
        report.print(Format::Human, false)?;
        let changed: Vec<(&Formatted, &String, &String)> = done
            .iter()
            .filter_map(|one| Some((one, one.text.as_ref().ok()?, one.result.as_ref().ok()?)))
            .filter(|(_, old, new)| old != new)
            .collect();
        if self.diff {
            terminal::print(&changed.iter().map(|(one, old, new)| diff(&one.shown, old, new)).collect::<String>())?;
        } else if self.check {
            terminal::print(&changed.iter().map(|(one, ..)| format!("{}\n", one.shown)).collect::<String>())?;
        } else {
            // Each file stands for itself: one that cannot be written keeps no other from its form.
            let failed: Vec<Failure> =
                changed.iter().filter_map(|(one, _, new)| save::save(&one.path, new).err()).collect();
            if let Some(failure) = failed.into_iter().next() {
                return Err(failure);
            }
        }
        report.outcome(false)?;
        if self.check && !changed.is_empty() { Err(Failure::Input) } else { Ok(()) }
    }
}

/// The sources of a call: where they lie, and how they are shown.
fn sources(works: &[Work], current: &std::path::Path) -> Outcome<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for work in works {
        if let Some(yaml) = work.named.first() {
            return Err(Failure::call(format!(
                "`{}` is YAML; only sources in the language are formatted",
                work.shown(current, yaml)
            )));
        }
        found.extend(work.paths.iter().map(|path| (work.files.host.join(path), work.shown(current, path))));
    }
    Ok(found)
}

fn formatted(path: PathBuf, shown: String, text: Result<String, FileError>) -> Formatted {
    let result = text.as_ref().map_or_else(|_| Err(Vec::new()), |text| format(text));
    Formatted { path, shown, text, result }
}

/// What could not be read or formatted.
fn report(done: &[Formatted]) -> Report {
    let mut report = Report::default();
    for one in done {
        let mut sources = SourceMap::default();
        let diagnostics = match (&one.text, &one.result) {
            (Err(error), _) => {
                report.world |= matches!(error, FileError::Unreadable(_));
                vec![unreadable(FileId(0), &one.shown, error)]
            }
            (Ok(_), Err(diagnostics)) => diagnostics.clone(),
            (Ok(_), Ok(_)) => continue,
        };
        sources.add(&one.shown, Arc::from(one.text.as_deref().unwrap_or_default()));
        report.absorb(&sources, &diagnostics, str::to_owned);
    }
    report
}

/// The difference in the unified form, coloured for a terminal.
fn diff(path: &str, old: &str, new: &str) -> String {
    let whole =
        TextDiff::from_lines(old, new).unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string();
    if !terminal::color(std::io::stdout().is_terminal()) {
        return whole;
    }
    let paint = |line: &str| match line.as_bytes().first() {
        Some(b'+') => format!("\x1b[32m{line}\x1b[0m\n"),
        Some(b'-') => format!("\x1b[31m{line}\x1b[0m\n"),
        Some(b'@') => format!("\x1b[36m{line}\x1b[0m\n"),
        _ => format!("{line}\n"),
    };
    whole.lines().map(paint).collect()
}
