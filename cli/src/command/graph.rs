use clap::Args;
use crate::failure::Outcome;
/// x
#[derive(Debug, Args)]
pub(crate) struct Graph {}
impl Graph { pub(crate) fn run(&self) -> Outcome { Ok(()) } }
