//! `tessera man`.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _};

use crate::failure::{Failure, Outcome};
use crate::{Call, save, terminal};

/// Print the manual page, or write one page for each command
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder that the pages are written into
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self) -> Outcome {
        let mut call = Call::command();
        call.build();
        let Some(folder) = &self.out else { return terminal::print(&page(&call)?) };
        let mut pages = vec![(folder.join("tessera.1"), page(&call)?)];
        for command in call.get_subcommands() {
            let name = format!("tessera-{}", command.get_name());
            pages.push((folder.join(format!("{name}.1")), page(command)?));
        }
        save::save_all(pages.iter().map(|(path, text)| (path.clone(), text.as_str())))
    }
}

fn page(command: &clap::Command) -> Outcome<String> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command.clone()).render(&mut page);
    rendered.map_err(|error| Failure::world("write", Path::new("the manual page"), &error))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
