//! `tessera completions`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::failure::Outcome;
use crate::{Call, terminal};

/// Print the completions of a shell
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Call::command(), "tessera", &mut script);
        terminal::print(&String::from_utf8_lossy(&script))
    }
}
