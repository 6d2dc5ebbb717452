//! `tessera eval`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tessera_compiler::compile::Settings;
use tessera_compiler::diagnostic::Diagnostic;
use tessera_compiler::evaluate::{Answer, evaluate, evaluate_alone};
use tessera_compiler::schema::Schemas;
use tessera_compiler::source::SourceMap;
use tessera_compiler::value::{Map, Value};
use tessera_compiler::yaml;

use crate::command::build::{Output, unknown_instance};
use crate::command::{batch, observed};
use crate::compilation::compile;
use crate::failure::{Failure, Outcome};
use crate::report::{Format, Report};
use crate::terminal;
use crate::workspace::{Asked, current_folder, select};

/// The name that an expression of the call goes by.
const EXPRESSION: &str = "<expression>";

/// Evaluate an expression, alone or among the names of a file or an instance
#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// The expression
    #[arg(required_unless_present = "batch", allow_hyphen_values = true)]
    expression: Option<String>,
    /// Print the type as well: an object with `value` and `type`
    #[arg(long = "type")]
    with_type: bool,
    /// How the value is written
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    /// Answer lines of JSON, {"expr": "a + 1", "vars": {"a": 1}}, each with a line
    #[arg(long, conflicts_with_all = ["expression", "instance", "file", "with_type"])]
    batch: bool,
    /// Evaluate among the parameters and resources of this instance
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,
    /// Evaluate among the declarations of this file
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// Objects as a cluster has them; YAML or JSON
    #[arg(long, value_name = "FILE")]
    observed: Vec<PathBuf>,
    /// The project's folder, instead of searching upwards
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
}

impl Eval {
    pub(crate) fn run(&self) -> Outcome {
        if self.batch {
            return batch::run();
        }
        let text = self.expression.as_deref().unwrap_or_default();
        let schemas = Schemas::builtin();
        if self.instance.is_none() && self.file.is_none() {
            let answer = evaluate_alone(&schemas, text, &Map::default());
            let mut sources = SourceMap::default();
            sources.add(EXPRESSION, Arc::from(text));
            return self.answer(answer, &sources);
        }
        self.in_context(text, &schemas)
    }

    fn in_context(&self, text: &str, schemas: &Schemas) -> Outcome {
        let (mut report, current) = (Report::default(), current_folder()?);
        let settings = Settings {
            instance: self.instance.clone(),
            observed: observed::read(&self.observed, &mut report)?,
            partial: true,
            build: false,
        };
        let paths: Vec<String> = self.file.iter().cloned().collect();
        let works = select(Asked { paths: &paths, project: self.project.as_deref(), ..Asked::default() })?;
        let [work] = works.as_slice() else {
            return Err(Failure::call("this is more than one project; name one with --project"));
        };
        let mut compiled = compile(work, schemas, &settings);
        compiled.report_to(&mut report, &current);
        if report.has_errors() {
            report.print(Format::Human, false)?;
            return report.outcome(false);
        }
        if let Some(wanted) = &self.instance {
            let known: Vec<&str> = compiled.compilation.instances.iter().map(|i| i.name.name.as_str()).collect();
            unknown_instance(wanted, &known)?;
        }
        let file = compiled.compilation.modules.sources.add(EXPRESSION, Arc::from(text));
        let answer = evaluate(&compiled.compilation, &settings, file, text, self.instance.as_deref());
        self.answer(answer, compiled.compilation.sources())
    }

    fn answer(&self, answer: Result<Answer, Vec<Diagnostic>>, sources: &SourceMap) -> Outcome {
        match answer {
            Ok(answer) => {
                let mut out = String::new();
                let value = if self.with_type { typed(answer) } else { answer.value };
                match self.output {
                    Output::Yaml => yaml::emit(&value, &mut out),
                    Output::Json => yaml::emit_json(&value, &mut out),
                }
                terminal::print(&out)
            }
            Err(diagnostics) => {
                let mut report = Report::default();
                report.absorb(sources, &diagnostics, str::to_owned);
                report.print(Format::Human, false)?;
                Err(Failure::Input)
            }
        }
    }
}

/// Value and type in the form of an answer of `--batch`; what is absent is null.
fn typed(answer: Answer) -> Value {
    let mut map = Map::default();
    map.insert("value", if matches!(answer.value, Value::Absent) { Value::Null } else { answer.value });
    map.insert("type", Value::str(&answer.ty));
    Value::map(map)
}
