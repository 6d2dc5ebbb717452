use clap::Args;
use crate::failure::Outcome;
/// x
#[derive(Debug, Args)]
pub(crate) struct Why {}
impl Why { pub(crate) fn run(&self) -> Outcome { Ok(()) } }
