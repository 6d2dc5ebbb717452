//! `tessera function`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tessera_runtime::function::{Options, serve};

use crate::failure::{Failure, Outcome};
use crate::listen::address;
use crate::terminal;

/// The variable in which Crossplane names the folder of a function's certificates.
const CERTIFICATES: &str = "TLS_SERVER_CERTS_DIR";

/// Serve the composition function for Crossplane, which evaluates the composites that its requests carry
#[derive(Debug, Args)]
#[command(after_help = "Messages may have up to 64 MiB. The composite comes as the input of the pipeline's step, as \
`tessera build --target crossplane` writes it.")]
pub(crate) struct Function {
    /// Where to listen
    #[arg(long, value_name = "HOST:PORT", default_value = "0.0.0.0:9443")]
    address: String,
    /// The folder with tls.crt, tls.key and ca.crt; by default the one that TLS_SERVER_CERTS_DIR names
    #[arg(long, value_name = "DIR")]
    tls_certs_dir: Option<PathBuf>,
    /// Serve without TLS: for development and for Crossplane's render
    #[arg(long, conflicts_with = "tls_certs_dir")]
    insecure: bool,
}

impl Function {
    pub(crate) fn run(&self) -> Outcome {
        let certificates = match (self.insecure, &self.tls_certs_dir) {
            (true, _) => None,
            (false, Some(folder)) => Some(folder.clone()),
            (false, None) => Some(std::env::var_os(CERTIFICATES).filter(|value| !value.is_empty()).map_or_else(
                || {
                    Err(Failure::call(format!(
                        "no certificates: name their folder with --tls-certs-dir or in {CERTIFICATES}, or give --insecure"
                    )))
                },
                |value| Ok(PathBuf::from(value)),
            )?),
        };
        let tls = if certificates.is_some() { "with TLS" } else { "without TLS" };
        let options = Options { address: address(&self.address)?, certificates };
        let listening =
            |address: SocketAddr| terminal::tell(&format!("tessera: function listening at {address} {tls}\n"));
        serve(&options, listening).map_err(|error| Failure::World(error.to_string()))
    }
}
