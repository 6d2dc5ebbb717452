//! `tessera why`.

use std::path::PathBuf;

use clap::Args;
use tessera_compiler::compile::Settings;
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::{LineIndex, SourceMap, Span};
use tessera_compiler::why::{Why as Answer, why};

use crate::command::build::unknown_instance;
use crate::command::observed;
use crate::compilation::{Compiled, compile};
use crate::failure::{Failure, Outcome};
use crate::report::{Format, Report};
use crate::terminal;
use crate::workspace::{Asked, current_folder, select};

/// Tell where a value of an object came from, step by step
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The object and the path in it: Deployment/shop-server.spec.replicas
    question: String,
    /// Only among the objects of this instance
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,
    /// Objects as a cluster has them; YAML or JSON
    #[arg(long, value_name = "FILE")]
    observed: Vec<PathBuf>,
    /// The project's folder, instead of searching upwards
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
}

impl Why {
    pub(crate) fn run(&self) -> Outcome {
        let (current, mut report) = (current_folder()?, Report::default());
        let observed = observed::read(&self.observed, &mut report)?;
        let settings = Settings { instance: self.instance.clone(), observed, partial: true, build: false };
        let works = select(Asked { project: self.project.as_deref(), ..Asked::default() })?;
        let schemas = Schemas::builtin();
        let compiled: Vec<Compiled<'_>> = works.iter().map(|work| compile(work, &schemas, &settings)).collect();
        compiled.iter().for_each(|compiled| compiled.report_to(&mut report, &current));
        if report.has_errors() {
            report.print(Format::Human, false)?;
            return report.outcome(false);
        }
        if let Some(wanted) = &self.instance {
            let known: Vec<&str> =
                compiled.iter().flat_map(|c| &c.compilation.instances).map(|i| i.name.name.as_str()).collect();
            unknown_instance(wanted, &known)?;
        }
        let mut reason = String::new();
        for compiled in &compiled {
            match why(&compiled.compilation, &settings, &self.question) {
                Ok(answer) => return terminal::print(&shown(&answer, compiled, &current)),
                Err(error) => reason = error,
            }
        }
        Err(Failure::call(reason))
    }
}

fn shown(answer: &Answer, compiled: &Compiled<'_>, current: &std::path::Path) -> String {
    let shown = |path: &str| compiled.work.shown(current, path);
    answer.text(|span| place(compiled.compilation.sources(), span, shown))
}

fn place(sources: &SourceMap, span: Span, shown: impl Fn(&str) -> String) -> String {
    let Some(file) = sources.get(span.file) else { return String::new() };
    let at = LineIndex::new(&file.text).position(&file.text, span.start);
    let path = if file.path.starts_with("std/") { file.path.to_string() } else { shown(&file.path) };
    format!("{path}:{}:{}", at.line, at.column)
}
