//! `tessera diff`.

use std::path::{Path, PathBuf};

use clap::Args;
use similar::TextDiff;
use tessera_compiler::compile::Settings;
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::diff::{self, Diff as Difference};
use tessera_compiler::schema::Schemas;
use tessera_compiler::target::{self, File, Lowered, Lowering};

use crate::command::build::{Target, unavailable, unknown_instance};
use crate::compilation::{Compiled, compile};
use crate::earlier::{Version, is_folder, version};
use crate::failure::{Failure, Outcome};
use crate::report::{Format, Report};
use crate::terminal;
use crate::workspace::{Asked, ENDINGS, Work, current_folder, select};

/// Show what changes between two versions of a project: APIs, objects, fields
///
/// A version is a git revision, or a folder. Secrets are never shown.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct Diff {
    /// The earlier version: a git revision or a folder
    #[arg(value_name = "OLD")]
    old: String,
    /// The later version; the current project by default
    #[arg(value_name = "NEW")]
    new: Option<String>,
    /// Compare what this target writes
    #[arg(long, value_enum, default_value_t)]
    target: Target,
    /// Only the instance of this name
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,
    /// How it is printed; sarif and github have the changes of APIs alone
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Exit with 4 where anything differs, with 5 where it breaks or is refused
    #[arg(long)]
    exit_code: bool,
    /// The project's folder, instead of the one of the current folder
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
}

const AFTER: &str = "`git:NAME` is the revision NAME where a folder has the same name.\n\
    Exit codes: 0 done, 1 a version is wrong, 2 the call is wrong, 3 a file, pipe or git failed; \
    with --exit-code 4 something differs, 5 an API breaks or the API server refuses a change.";

impl Diff {
    pub(crate) fn run(&self) -> Outcome {
        self.refuse()?;
        let current = current_folder()?;
        let here = self.here(&current)?;
        let old = version(&here, &current, &self.old, &ENDINGS)?;
        let new = match &self.new {
            Some(new) => version(&here, &current, new, &ENDINGS)?,
            None => Version::on_disk(here),
        };
        let schemas = Schemas::builtin();
        let settings = Settings { instance: self.instance.clone(), partial: true, ..Settings::default() };
        let (before, mut after) =
            rayon::join(|| compile(&old.work, &schemas, &settings), || compile(&new.work, &schemas, &settings));
        let mut report = Report::default();
        for (version, compiled) in [(&old, &before), (&new, &after)] {
            let compilation = &compiled.compilation;
            report.absorb(compilation.sources(), &compilation.diagnostics, |path| version.shown(&current, path));
        }
        report.diagnostics.retain(Diagnostic::is_error);
        if report.has_errors() {
            report.print(Format::Human, false)?;
            return report.outcome(false);
        }
        self.refuse_unknown_instance(&before, &after)?;
        let difference = self.compare(&before, &after)?;
        self.print(&difference, [&old, &new], &before, &mut after)?;
        self.outcome(&difference)
    }

    fn refuse(&self) -> Outcome {
        if self.target == Target::Manifests {
            return Ok(());
        }
        if self.target.lowering().is_none() {
            return Err(Failure::call(unavailable(&self.target.name())));
        }
        if self.instance.is_some() {
            return Err(Failure::call(
                "--instance is about objects; other targets than manifests are made from composites",
            ));
        }
        Ok(())
    }

    /// The project that the call is made in: a revision is looked at in its place.
    fn here(&self, current: &Path) -> Outcome<Work> {
        let elsewhere = || Work { root: current.to_owned(), ..Work::default() };
        // Where both versions are folders, nothing need be here.
        let folders = self.new.as_deref().is_some_and(|new| [&self.old, new].iter().all(|v| is_folder(current, v)));
        if folders {
            return Ok(elsewhere());
        }
        let mut works = match select(Asked { project: self.project.as_deref(), ..Asked::default() }) {
            Ok(works) => works,
            // Both versions may have what is gone now.
            Err(_) if self.new.is_some() && self.project.is_none() => return Ok(elsewhere()),
            Err(failure) => return Err(failure),
        };
        match works.pop() {
            Some(work) if works.is_empty() => Ok(work),
            _ => Err(Failure::call("there are several projects here; name one with --project")),
        }
    }

    fn refuse_unknown_instance(&self, old: &Compiled<'_>, new: &Compiled<'_>) -> Outcome {
        let Some(wanted) = &self.instance else { return Ok(()) };
        let all = [old, new].into_iter().flat_map(|compiled| &compiled.compilation.instances);
        let known: Vec<&str> = all.map(|instance| instance.name.name.as_str()).collect();
        unknown_instance(wanted, &known)
    }

    fn compare(&self, old: &Compiled<'_>, new: &Compiled<'_>) -> Outcome<Difference> {
        let (before, after) = (&old.compilation, &new.compilation);
        let apis = diff::compare_apis(before, after);
        let Some(lowering) = self.target.lowering() else {
            let instances = diff::compare_instances(before, after);
            return Ok(Difference { apis, instances, files: Vec::new() });
        };
        let current = current_folder()?;
        let mut report = Report::default();
        let files: Vec<Vec<File>> =
            [old, new].into_iter().map(|side| lower(side, lowering, &mut report, &current)).collect();
        report.diagnostics.retain(Diagnostic::is_error);
        if report.has_errors() {
            report.print(Format::Human, false)?;
            report.outcome(false)?;
        }
        let files = match files.as_slice() {
            [before, after] => diff::compare_files(before, after),
            _ => Vec::new(),
        };
        Ok(Difference { apis, instances: Vec::new(), files })
    }

    fn print(&self, diff: &Difference, names: [&Version; 2], old: &Compiled<'_>, new: &mut Compiled<'_>) -> Outcome {
        let [before, after] = names;
        match self.format {
            Format::Human if diff.is_empty() => {
                terminal::tell("nothing differs\n");
                Ok(())
            }
            Format::Human => {
                let color = terminal::color(std::io::IsTerminal::is_terminal(&std::io::stdout()));
                terminal::print(&diff::human(diff, color, &lines))
            }
            Format::Json => terminal::print(&diff::json(diff, &before.name, &after.name)),
            Format::Sarif | Format::Github => {
                let current = current_folder()?;
                new.compilation.diagnostics.clear();
                new.compare(before, &old.compilation, &current);
                let mut report = Report::default();
                new.report_to(&mut report, &current);
                report.print(self.format, true)
            }
        }
    }

    fn outcome(&self, diff: &Difference) -> Outcome {
        let counts = diff.counts();
        match (self.exit_code && !diff.is_empty(), counts.breaking + counts.refused) {
            (false, _) => Ok(()),
            (true, 0) => Err(Failure::Differs(4)),
            (true, _) => Err(Failure::Differs(5)),
        }
    }
}

fn lower(side: &Compiled<'_>, lowering: fn(Lowering<'_>) -> Lowered, report: &mut Report, current: &Path) -> Vec<File> {
    let lowered = target::lower(&side.compilation, lowering);
    side.report_lowering_to(report, current, &lowered.diagnostics);
    lowered.files
}

/// The lines in which two texts differ, with some round them.
fn lines(old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().context_radius(2).to_string()
}
