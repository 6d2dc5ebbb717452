//! `tessera explain`.

use clap::Args;
use tessera_compiler::diagnostic::{ALL, code, page};
use tessera_compiler::schema::{self, Schemas};

use crate::compilation::schemas_of;
use crate::failure::{Failure, Outcome};
use crate::terminal;
use crate::workspace::{current_folder, project_above};

/// Explain a code such as E0302, or a kind, type or field of Kubernetes or of the project's CRDs
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code in any case, or a kind, type or field: Deployment, apps/v1/Deployment.spec.replicas
    #[arg(required_unless_present = "list")]
    subject: Option<String>,
    /// List all codes with their titles
    #[arg(long, conflicts_with = "subject")]
    list: bool,
}

impl Explain {
    pub(crate) fn run(&self) -> Outcome {
        let Some(subject) = &self.subject else {
            let lines: Vec<String> = ALL.iter().map(|code| format!("{}  {}\n", code.id, code.title)).collect();
            return terminal::print(&lines.concat());
        };
        if !is_code(subject.trim()) {
            let project = project_above(&current_folder()?);
            let schemas = project.map_or_else(Schemas::builtin, schemas_of);
            let text = schema::explain(&schemas, subject).map_err(Failure::call)?;
            return terminal::print(&text);
        }
        let found = code(subject.trim()).and_then(page);
        let page = found.ok_or_else(|| {
            Failure::call(format!("there is no code `{subject}`; `tessera explain --list` lists them"))
        })?;
        terminal::print(page)
    }
}

/// A letter and digits.
fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix(|c: char| c.is_ascii_alphabetic());
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}
