//! `tessera build`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use tessera_compiler::compile::Settings;
use tessera_compiler::schema::Schemas;
use tessera_compiler::target::manifests::{self, Notation};
use tessera_compiler::target::{self, File, Lowered, Lowering, crossplane};
use tessera_compiler::value::Value;

use crate::command::observed;
use crate::compilation::{Compiled, compile};
use crate::failure::{Failure, Outcome};
use crate::report::{Format, Report};
use crate::workspace::{Asked, Stdin, Work, current_folder, select};
use crate::{files, save, terminal, watch};

/// Build Kubernetes objects from the instances and resources that are found
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// Files, folders and patterns, or - for standard input; the current project by default
    paths: Vec<String>,
    /// What is built
    #[arg(long, value_enum, default_value_t)]
    target: Target,
    /// For crossplane: when the function `tessera function` is used; what fits patch-and-transform needs none
    #[arg(long, value_enum, value_name = "WHEN")]
    function: Option<Function>,
    /// For crossplane: which release it is for; v1 has claims and the older compositions
    #[arg(long, value_enum, value_name = "RELEASE")]
    crossplane: Option<Crossplane>,
    /// Build only the instance of this name
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,
    /// Write to this file instead of standard output; with --split, or for another
    /// target than manifests, into this folder
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Write one file per object
    #[arg(long, requires = "out")]
    split: bool,
    /// How the objects are written
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    /// Objects as a cluster has them, for values that only it knows; YAML or JSON
    #[arg(long, value_name = "FILE")]
    observed: Vec<PathBuf>,
    /// Leave out what waits for a cluster, with a warning
    #[arg(long)]
    partial: bool,
    /// Build again whenever a file changes
    #[arg(long)]
    watch: bool,
    /// How what is wrong is printed, always on standard error
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Fail on warnings, too
    #[arg(long)]
    deny_warnings: bool,
    /// The project's folder, instead of searching upwards from each path
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// The path that standard input goes by
    #[arg(long, value_name = "PATH")]
    stdin_name: Option<String>,
    /// What standard input is, where its text does not tell
    #[arg(long, value_enum)]
    stdin_format: Option<StdinFormat>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// Plain Kubernetes objects.
    #[default]
    Manifests,
    /// A definition and a composition of each composite, for Crossplane.
    Crossplane,
    /// A ResourceGraphDefinition of each composite, for kro.
    Kro,
    /// A chart of each composite, for Helm.
    Helm,
    /// Still to come; a call that names it is told so.
    #[value(hide = true)]
    Kustomize,
    /// A definition of each composite and what Tessera's controller needs to serve it.
    Controller,
}

impl Target {
    /// How it is called.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// What lowers composites; nothing where instances are built or the target is still to come.
    pub(crate) fn lowering(self) -> Option<fn(Lowering<'_>) -> Lowered> {
        match self {
            Self::Controller => Some(target::controller::lower),
            Self::Crossplane => Some(target::crossplane::lower),
            Self::Helm => Some(target::helm::lower),
            Self::Kro => Some(target::kro::lower),
            Self::Manifests | Self::Kustomize => None,
        }
    }
}

/// When our function is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Function {
    /// What does not fit patch-and-transform is refused.
    Never,
    /// For what does not fit.
    Auto,
    /// For everything.
    Always,
}

/// Which Crossplane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Crossplane {
    V1,
    V2,
}

/// How values are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    #[default]
    Yaml,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StdinFormat {
    Tess,
    Yaml,
}

type Lower = Box<dyn Fn(Lowering<'_>) -> Lowered>;

impl Build {
    /// What lowers composites, as the options say.
    fn lowering(&self) -> Option<Lower> {
        let options = self.crossplane_options();
        match self.target {
            Target::Crossplane => Some(Box::new(move |lowering| crossplane::lower_with(lowering, options))),
            target => target.lowering().map(|lower| Box::new(lower) as Lower),
        }
    }

    fn crossplane_options(&self) -> crossplane::Options {
        let function = match self.function {
            Some(Function::Never) => crossplane::Function::Never,
            Some(Function::Always) => crossplane::Function::Always,
            Some(Function::Auto) | None => crossplane::Function::Auto,
        };
        let release = match self.crossplane {
            Some(Crossplane::V1) => crossplane::Release::V1,
            Some(Crossplane::V2) | None => crossplane::Release::V2,
        };
        crossplane::Options { function, release }
    }

    pub(crate) fn run(&self) -> Outcome {
        self.refuse()?;
        if self.watch {
            return watch::repeat(|| self.select(), |works| self.once(works));
        }
        self.once(&self.select()?)
    }

    /// Calls that cannot be meant.
    fn refuse(&self) -> Outcome {
        if self.watch && self.paths.iter().any(|path| path == "-") {
            return Err(Failure::call("standard input cannot be watched"));
        }
        if self.target != Target::Crossplane {
            let given = [("--function", self.function.is_some()), ("--crossplane", self.crossplane.is_some())];
            if let Some((option, _)) = given.iter().find(|(_, given)| *given) {
                return Err(Failure::call(format!("{option} is for --target crossplane")));
            }
        }
        let with_function = matches!(self.function, Some(Function::Auto | Function::Always));
        if self.crossplane == Some(Crossplane::V1) && with_function {
            return Err(Failure::call("--crossplane v1 has no functions; leave --function out"));
        }
        if self.target != Target::Manifests {
            return self.refuse_for_target();
        }
        let Some(out) = &self.out else { return Ok(()) };
        if !self.split && (out.is_dir() || out.to_string_lossy().ends_with('/')) {
            return Err(Failure::call(format!(
                "`{}` is a directory; name a file in it, or add --split",
                out.display()
            )));
        }
        if self.split && out.is_file() {
            return Err(Failure::call(format!("`{}` is a file; --split writes into a folder", out.display())));
        }
        Ok(())
    }

    /// Options that mean nothing for a target that takes composites, not instances.
    fn refuse_for_target(&self) -> Outcome {
        let name = self.target.name();
        if self.lowering().is_none() {
            return Err(Failure::call(unavailable(&name)));
        }
        let given = [
            ("--instance", self.instance.is_some()),
            ("--split", self.split),
            ("--output json", self.output == Output::Json),
            ("--observed", !self.observed.is_empty()),
            ("--partial", self.partial),
        ];
        if let Some((option, _)) = given.iter().find(|(_, given)| *given) {
            return Err(Failure::call(format!(
                "{option} is about the objects of instances; the target `{name}` is made from composites"
            )));
        }
        match &self.out {
            None if self.target == Target::Helm => {
                Err(Failure::call("a chart is a folder of files; name one with --out DIR"))
            }
            Some(out) if out.is_file() => {
                Err(Failure::call(format!("`{}` is a file; the target `{name}` writes into a folder", out.display())))
            }
            _ => Ok(()),
        }
    }

    fn select(&self) -> Outcome<Vec<Work>> {
        let (from_stdin, paths): (Vec<String>, Vec<String>) = self.paths.iter().cloned().partition(|path| path == "-");
        let stdin = (!from_stdin.is_empty()).then(|| self.stdin());
        select(Asked { paths: &paths, project: self.project.as_deref(), stdin, sources_only: false })
    }

    fn stdin(&self) -> Stdin {
        let text = files::read_bounded(std::io::stdin().lock(), 0);
        let yaml = match self.stdin_format {
            Some(format) => format == StdinFormat::Yaml,
            None => text.as_deref().is_ok_and(looks_like_yaml),
        };
        let name = self.stdin_name.clone().unwrap_or_else(|| if yaml { "stdin.yaml" } else { "stdin.tess" }.to_owned());
        Stdin { name, text: text.map(Arc::from) }
    }

    fn once(&self, works: &[Work]) -> Outcome {
        if let Some(lowering) = self.lowering() {
            return self.lower(works, &lowering);
        }
        let (current, mut report) = (current_folder()?, Report::default());
        let observed = observed::read(&self.observed, &mut report)?;
        let settings = Settings { instance: self.instance.clone(), observed, partial: self.partial, build: true };
        let schemas = Schemas::builtin();
        let compiled: Vec<Compiled<'_>> = works.iter().map(|work| compile(work, &schemas, &settings)).collect();
        compiled.iter().for_each(|compiled| compiled.report_to(&mut report, &current));
        report.print(self.format, false)?;
        report.outcome(self.deny_warnings)?;
        self.refuse_unknown_instance(&compiled)?;
        let objects: Vec<&Value> = compiled.iter().flat_map(|c| manifests::objects(&c.compilation.built)).collect();
        if objects.is_empty() {
            terminal::tell("nothing to build: no instances, and no resources at the top level of a module\n");
        }
        let written = self.write(&objects);
        if !self.watch {
            // The process ends now; to take all apart first would only take time.
            std::mem::forget(compiled);
        }
        written
    }

    /// The composites, lowered to a target: all files or none.
    fn lower(&self, works: &[Work], lowering: &Lower) -> Outcome {
        let (current, mut report) = (current_folder()?, Report::default());
        let schemas = Schemas::builtin();
        let compiled: Vec<Compiled<'_>> =
            works.iter().map(|work| compile(work, &schemas, &Settings::default())).collect();
        compiled.iter().for_each(|compiled| compiled.report_to(&mut report, &current));
        let mut files = Vec::new();
        if !report.has_errors() {
            for compiled in &compiled {
                let lowered = target::lower(&compiled.compilation, lowering);
                compiled.report_lowering_to(&mut report, &current, &lowered.diagnostics);
                files.extend(lowered.files);
            }
        }
        report.print(self.format, false)?;
        report.outcome(self.deny_warnings)?;
        if files.is_empty() {
            terminal::tell("nothing to build: no composites\n");
        }
        refuse_equal_paths(&files)?;
        match &self.out {
            None => terminal::print(&files.iter().map(|file| file.text.as_str()).collect::<Vec<_>>().join("---\n")),
            Some(folder) => {
                save::save_all(files.iter().map(|file| (folder.join(&file.path), file.text.as_str())))?;
                if self.target == Target::Helm {
                    tell_strangers(folder, &files);
                }
                Ok(())
            }
        }
    }

    fn refuse_unknown_instance(&self, compiled: &[Compiled<'_>]) -> Outcome {
        let Some(wanted) = &self.instance else { return Ok(()) };
        let known: Vec<&str> = compiled
            .iter()
            .flat_map(|c| &c.compilation.instances)
            .map(|instance| instance.name.name.as_str())
            .collect();
        unknown_instance(wanted, &known)
    }

    fn write(&self, objects: &[&Value]) -> Outcome {
        let notation = match self.output {
            Output::Yaml => Notation::Yaml,
            Output::Json => Notation::Json,
        };
        match &self.out {
            None => terminal::print(&manifests::whole(objects, notation)),
            Some(folder) if self.split => {
                let files = manifests::split(objects, notation);
                save::save_all(files.iter().map(|(name, text)| (folder.join(name), text.as_str())))
            }
            Some(file) => save::save(file, &manifests::whole(objects, notation)),
        }
    }
}

/// What is said of a target that is still to come.
pub(crate) fn unavailable(name: &str) -> String {
    let known = Target::value_variants().iter().filter(|target| target.lowering().is_some()).copied();
    let known: Vec<String> = [Target::Manifests].into_iter().chain(known).map(|t| format!("`{}`", t.name())).collect();
    format!("the target `{name}` is not available yet; there are {}", known.join(", "))
}

/// Tells of templates in the charts' folders that were not written now: Helm would render
/// one that an earlier build left, too. Nothing is removed, since it may be somebody's own.
fn tell_strangers(folder: &Path, files: &[File]) {
    let written: BTreeSet<PathBuf> = files.iter().map(|file| folder.join(&file.path)).collect();
    let folders: BTreeSet<&Path> = written.iter().filter_map(|path| path.parent()).collect();
    let templates = folders.into_iter().filter(|folder| folder.ends_with("templates"));
    let found = templates.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let strangers: BTreeSet<PathBuf> = found.map(|entry| entry.path()).filter(|path| !written.contains(path)).collect();
    for path in strangers {
        let path = path.display();
        terminal::tell(&format!(
            "`{path}` is not of this build, and Helm reads it, too; remove it if an earlier build left it\n"
        ));
    }
}

/// Two projects of one call may have a composite of the same name.
fn refuse_equal_paths(files: &[File]) -> Outcome {
    let mut seen = BTreeSet::new();
    match files.iter().find(|file| !seen.insert(file.path.as_str())) {
        Some(file) => {
            Err(Failure::call(format!("two composites would be written to `{}`; build them apart", file.path)))
        }
        None => Ok(()),
    }
}

/// Refuses an instance that is not among the known ones.
///
/// # Errors
/// A wrong call, with the instances that there are.
pub(crate) fn unknown_instance(wanted: &str, known: &[&str]) -> Outcome {
    if known.contains(&wanted) {
        return Ok(());
    }
    let mut names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    names.sort();
    names.dedup();
    let have =
        if names.is_empty() { "there are none".to_owned() } else { format!("the instances are {}", names.join(", ")) };
    Err(Failure::call(format!("there is no instance `{wanted}`; {have}")))
}

/// Whether a text begins as a YAML document and not as a source.
fn looks_like_yaml(text: &str) -> bool {
    let first = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim_end)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| {
        let key = |name: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
        line == "---"
            || line.starts_with('{')
            || line.starts_with('%')
            || ["apiVersion", "kind", "metadata", "spec"].iter().any(|name| key(name))
    })
}
