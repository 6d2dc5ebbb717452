//! A control plane for people: `tools/control-plane up`. It runs until Ctrl-C or
//! the end of the terminal; the fixture cleans up after this process is gone.

use std::io::{self, Write as _};
use std::thread;

use tessera_tests::cluster::{ControlPlane, Options, Result};

fn main() -> Result<()> {
    let plane = ControlPlane::start(Options { controller_manager: true })?;
    writeln!(io::stdout(), "export KUBECONFIG={}", plane.kubeconfig().display()).map_err(|e| e.to_string())?;
    loop {
        thread::park();
    }
}
