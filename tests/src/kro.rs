//! kro's controller on a control plane of its own.
//!
//! `./test` builds it and names it in the environment: `TESSERA_KRO`, and with
//! `TESSERA_KRO_CRDS` the folder of the definitions that it brings.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::cluster::client::Client;
use crate::cluster::{ControlPlane, Options, Result};
use crate::compile;

/// How long kro may take to serve a definition.
const ACTIVE_WITHIN: Duration = Duration::from_secs(60);

/// As fast as it can: the defaults spare a server that others use.
const ARGUMENTS: &[&str] = &[
    "-metrics-bind-address=0",
    "-health-probe-bind-address=0",
    "-client-qps=2000",
    "-client-burst=2000",
    "-dynamic-controller-concurrent-reconciles=8",
    "-dynamic-controller-rate-limiter-rate-limit=2000",
    "-dynamic-controller-rate-limiter-burst-limit=2000",
    "-dynamic-controller-rate-limiter-max-delay=3s",
    // More often, those that wait would keep the others from their turn.
    "-instance-requeue-interval=2s",
    "-rgd-progress-requeue-delay=200ms",
    "-zap-log-level=error",
];

/// A control plane with kro.
#[derive(Debug)]
pub struct Kro {
    plane: ControlPlane,
}

impl Kro {
    /// The one of this process, started by the first who asks.
    ///
    /// # Errors
    /// When it could not be started.
    pub fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<Kro>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref().map_err(Clone::clone)
    }

    fn start() -> Result<Self> {
        let path = |name: &str| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from).ok_or_else(|| format!("{name} names a part of kro; ./test sets it"))
        };
        let (program, folder) = (path("TESSERA_KRO")?, path("TESSERA_KRO_CRDS")?);
        let mut plane = ControlPlane::start(Options::default())?;
        let mut definitions = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(|e| e.to_string())? {
            let text = std::fs::read_to_string(entry.map_err(|e| e.to_string())?.path()).map_err(|e| e.to_string())?;
            definitions.extend(compile::documents(&text)?);
        }
        for verdict in plane.client().definitions(&definitions)? {
            verdict.refusal().map_or(Ok(()), |refusal| Err(refusal.to_string()))?;
        }
        let mut arguments = vec![format!("-kubeconfig={}", plane.kubeconfig().display())];
        arguments.extend(ARGUMENTS.iter().map(|&argument| argument.to_owned()));
        plane.run("kro", &program, &arguments)?;
        Ok(Self { plane })
    }

    /// How to talk to the API server.
    #[must_use]
    pub const fn client(&self) -> &Client {
        self.plane.client()
    }

    /// The end of kro's log.
    #[must_use]
    pub fn log(&self) -> String {
        self.plane.log("kro")
    }

    /// Gives kro a ResourceGraphDefinition, and waits until its instances can be made.
    ///
    /// # Errors
    /// What kro, or the API server, has against it.
    pub fn serve(&self, graph: &Json) -> Result<()> {
        // Another test may serve it already.
        if let Some(refusal) = self.client().create(graph)?.refusal().filter(|r| r.reason != "AlreadyExists") {
            return Err(refusal.to_string());
        }
        let path = self.client().path(graph)?.ok_or("there is no kind ResourceGraphDefinition")?;
        let schema = |field: &str| text(graph, &format!("/spec/schema/{field}"));
        let api = format!("{}/{}", schema("group"), schema("apiVersion"));
        let started = Instant::now();
        loop {
            let (_, found) = self.client().get(&path)?;
            let active = text(&found, "/status/state") == "Active";
            if active && self.client().resource(&api, schema("kind"))?.is_some() {
                return Ok(());
            }
            if started.elapsed() > ACTIVE_WITHIN || text(&found, "/status/state") == "Inactive" && refused(&found) {
                return Err(format!("{:#}\n{}", found.get("status").unwrap_or(&found), self.log()));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Whether kro has come to a judgement, and it is no.
fn refused(graph: &Json) -> bool {
    let conditions = graph.pointer("/status/conditions").and_then(Json::as_array).map(Vec::as_slice);
    let invalid = |c: &Json| text(c, "/status") == "False" && text(c, "/reason").contains("Invalid");
    conditions.unwrap_or_default().iter().any(invalid)
}

fn text<'j>(of: &'j Json, path: &str) -> &'j str {
    of.pointer(path).and_then(Json::as_str).unwrap_or_default()
}
