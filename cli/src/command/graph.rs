//! `tessera graph`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tessera_compiler::compile::{Compilation, Settings};
use tessera_compiler::graph::Picture;
use tessera_compiler::schema::Schemas;

use crate::command::build::unknown_instance;
use crate::compilation::{Compiled, compile};
use crate::failure::{Failure, Outcome};
use crate::report::{Format, Report};
use crate::terminal;
use crate::workspace::{Asked, current_folder, select};

/// Show which resources depend on which
#[derive(Debug, Args)]
pub(crate) struct Graph {
    /// Files, folders and patterns; the current project by default
    paths: Vec<String>,
    /// How the graph is drawn
    #[arg(long, value_enum, default_value_t)]
    format: Drawing,
    /// Only the composite of this kind
    #[arg(long, value_name = "KIND", conflicts_with = "instance")]
    composite: Option<String>,
    /// The objects of this instance instead of the resources of composites
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,
    /// The project's folder, instead of searching upwards from each path
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Drawing {
    /// In order of creation.
    #[default]
    Text,
    /// For Graphviz.
    Dot,
    Mermaid,
    /// One composite or instance as a picture.
    Svg,
}

impl Graph {
    pub(crate) fn run(&self) -> Outcome {
        let works = select(Asked { paths: &self.paths, project: self.project.as_deref(), ..Asked::default() })?;
        let (schemas, current, mut report) = (Schemas::builtin(), current_folder()?, Report::default());
        let settings = Settings { instance: self.instance.clone(), ..Settings::default() };
        let compiled: Vec<Compiled<'_>> = works.iter().map(|work| compile(work, &schemas, &settings)).collect();
        compiled.iter().for_each(|compiled| compiled.report_to(&mut report, &current));
        if report.has_errors() {
            report.print(Format::Human, false)?;
            return report.outcome(false);
        }
        let pictures = self.pictures(&compiled)?;
        terminal::print(&self.draw(&pictures)?)
    }

    fn pictures(&self, compiled: &[Compiled<'_>]) -> Outcome<Vec<Picture>> {
        if let Some(wanted) = &self.instance {
            let known: Vec<&str> =
                compiled.iter().flat_map(|c| &c.compilation.instances).map(|i| i.name.name.as_str()).collect();
            unknown_instance(wanted, &known)?;
            return Ok(compiled.iter().flat_map(|c| of_instances(&c.compilation)).collect());
        }
        let all = compiled.iter().flat_map(|c| &c.compilation.composites);
        let kinds: Vec<String> = all.clone().map(|c| c.ir.kind.to_string()).filter(|kind| !kind.is_empty()).collect();
        let pictures: Vec<Picture> = all
            .filter(|c| self.composite.as_ref().is_none_or(|wanted| *wanted == c.ir.kind))
            .map(|c| Picture::of_composite(&c.ir))
            .collect();
        match &self.composite {
            Some(wanted) if pictures.is_empty() => {
                Err(Failure::call(format!("there is no composite `{wanted}`; the composites are {}", kinds.join(", "))))
            }
            _ if pictures.is_empty() => Err(Failure::call("there are no composites and no resources here")),
            _ => Ok(pictures),
        }
    }

    fn draw(&self, pictures: &[Picture]) -> Outcome<String> {
        let all = |draw: fn(&Picture) -> String| pictures.iter().map(draw).collect::<Vec<_>>().join("\n");
        match (self.format, pictures) {
            (Drawing::Text, _) => Ok(all(Picture::text)),
            (Drawing::Dot, _) => Ok(all(Picture::dot)),
            (Drawing::Mermaid, _) => Ok(all(Picture::mermaid)),
            (Drawing::Svg, [one]) => Ok(one.svg()),
            (Drawing::Svg, many) => {
                let titles: Vec<&str> = many.iter().map(|picture| picture.title.as_str()).collect();
                Err(Failure::call(format!(
                    "an SVG shows one graph; name one with --composite or --instance: {}",
                    titles.join(", ")
                )))
            }
        }
    }
}

/// A picture of each instance that was built.
fn of_instances(compilation: &Compilation) -> Vec<Picture> {
    let of = |built: &tessera_compiler::compile::Built| {
        let instance = compilation.instances.get(built.instance?)?;
        let title = format!("{} {}", built.kind, built.name);
        Some(Picture::of_instance(&instance.composite.ir, &title, &built.result.objects))
    };
    compilation.built.iter().filter_map(of).collect()
}
