//! `tessera explain`.

use clap::Args;
use tessera_compiler::diagnostic::{ALL, code, page};

use crate::failure::{Failure, Outcome};
use crate::terminal;

/// Explain a code such as E0302, with a wrong and a right example
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code, in any case
    #[arg(required_unless_present = "list")]
    code: Option<String>,
    /// List all codes with their titles
    #[arg(long, conflicts_with = "code")]
    list: bool,
}

impl Explain {
    pub(crate) fn run(&self) -> Outcome {
        let Some(id) = &self.code else {
            let lines: Vec<String> = ALL.iter().map(|code| format!("{}  {}\n", code.id, code.title)).collect();
            return terminal::print(&lines.concat());
        };
        let found = code(id.trim()).and_then(page);
        let page = found
            .ok_or_else(|| Failure::call(format!("there is no code `{id}`; `tessera explain --list` lists them")))?;
        terminal::print(page)
    }
}
