use clap::Args;
use crate::failure::Outcome;
/// x
#[derive(Debug, Args)]
pub(crate) struct Dump {}
impl Dump { pub(crate) fn run(&self) -> Outcome { Ok(()) } }
