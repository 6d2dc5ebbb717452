//! `tessera check`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tessera_compiler::compile::Settings;
use tessera_compiler::diagnostic::{MAX_ROUNDS, apply_fixes};
use tessera_compiler::resolve::Origin;
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::{FileId, Files as _, SourceFile};

use crate::compilation::{Compiled, compile};
use crate::earlier::version;
use crate::failure::{Failure, Outcome};
use crate::report::{Format, Report};
use crate::workspace::{Asked, Work, current_folder, select};
use crate::{files, save, terminal, watch};

/// Find out what is wrong, without building anything
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files, folders and patterns such as 'src/**/*.tess'; the current project by default
    paths: Vec<String>,
    /// Apply the fixes that need no asking, and check again
    #[arg(long)]
    fix: bool,
    /// Check again whenever a file changes
    #[arg(long)]
    watch: bool,
    /// How what was found is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Refuse changes that break an API, compared with this git revision or folder
    #[arg(long, value_name = "REV|DIR")]
    against: Option<String>,
    /// Fail on warnings, too
    #[arg(long)]
    deny_warnings: bool,
    /// The project's folder, instead of searching upwards from each path
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
}

impl Check {
    pub(crate) fn run(&self) -> Outcome {
        if self.watch {
            return watch::repeat(|| self.select(), |works| self.once(works));
        }
        self.once(&self.select()?)
    }

    fn select(&self) -> Outcome<Vec<Work>> {
        select(Asked { paths: &self.paths, project: self.project.as_deref(), ..Asked::default() })
    }

    /// A project, held against its earlier version where one is named.
    fn compiled<'a>(&self, work: &'a Work, schemas: &Schemas, current: &Path) -> Outcome<Compiled<'a>> {
        let Some(against) = &self.against else { return Ok(compile(work, schemas, &Settings::default())) };
        refuse_part(work)?;
        let earlier = version(work, current, against, &["tess"])?;
        let settings = Settings::default();
        let (mut new, old) =
            rayon::join(|| compile(work, schemas, &settings), || compile(&earlier.work, schemas, &settings));
        new.compare(&earlier, &old.compilation, current);
        Ok(new)
    }

    fn once(&self, works: &[Work]) -> Outcome {
        let (schemas, current) = (Schemas::builtin(), current_folder()?);
        let (mut report, mut sum) = (Report::default(), Sum::default());
        for work in works {
            if self.fix {
                sum.fixes += fix(work, &schemas)?;
            }
            let compiled = self.compiled(work, &schemas, &current)?;
            sum.files += work.paths.len();
            sum.instances += compiled.compilation.built.iter().filter(|built| built.instance.is_some()).count();
            compiled.report_to(&mut report, &current);
        }
        report.print(self.format, true)?;
        if self.format == Format::Human {
            sum.tell(report.diagnostics.is_empty());
        }
        report.outcome(self.deny_warnings)
    }
}

/// A part of a project says nothing of what is gone from the rest.
fn refuse_part(work: &Work) -> Outcome {
    if work.files.only.is_some() {
        return Ok(());
    }
    let all = work.files.list(&work.root_name(), "tess");
    match all.iter().find(|path| !work.paths.contains(path)) {
        Some(_) => Err(Failure::call("--against compares whole projects; name the project's folder, not its files")),
        None => Ok(()),
    }
}

#[derive(Default)]
struct Sum {
    files: usize,
    instances: usize,
    fixes: usize,
}

impl Sum {
    fn tell(&self, clean: bool) {
        let plural = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        if self.fixes > 0 {
            terminal::tell(&format!(
                "{} applied\n",
                if self.fixes == 1 { "1 fix".to_owned() } else { format!("{} fixes", self.fixes) }
            ));
        }
        if clean {
            terminal::tell(&format!(
                "{} and {} checked: no problems\n",
                plural(self.files, "file"),
                plural(self.instances, "instance")
            ));
        }
    }
}

/// Applies safe fixes until there are none; how many there were.
fn fix(work: &Work, schemas: &Schemas) -> Outcome<usize> {
    let mut count = 0;
    for _ in 0..MAX_ROUNDS {
        let compiled = compile(work, schemas, &Settings::default());
        let applied = fix_once(&compiled)?;
        if applied == 0 {
            break;
        }
        count += applied;
    }
    Ok(count)
}

fn fix_once(compiled: &Compiled<'_>) -> Outcome<usize> {
    let compilation = &compiled.compilation;
    let mut count = 0;
    let mut changes = Vec::new();
    for (id, text, fixes) in apply_fixes(&compilation.diagnostics, compilation.sources(), true) {
        if !is_own(compiled, id) {
            continue;
        }
        let Some(SourceFile { path, text: old }) = compilation.sources().get(id) else { continue };
        let place = compiled.work.files.host.join(&**path);
        // What somebody changed in the meantime is not overwritten.
        if files::read_text(&place).is_ok_and(|now| Arc::from(now) == *old) {
            changes.push((place, text));
            count += fixes;
        }
    }
    save::save_all(changes.iter().map(|(place, text)| (place.clone(), text.as_str())))?;
    Ok(count)
}

/// Whether a file is the project's own: others are not ours to change.
fn is_own(compiled: &Compiled<'_>, id: FileId) -> bool {
    let module = compiled.compilation.modules.list.iter().find(|module| module.file == id);
    module.is_none_or(|module| module.origin == Origin::Project)
}
