use clap::Args;
use crate::failure::Outcome;
/// x
#[derive(Debug, Args)]
pub(crate) struct Fmt {}
impl Fmt { pub(crate) fn run(&self) -> Outcome { Ok(()) } }
