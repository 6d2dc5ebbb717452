//! A real control plane for tests: etcd, kube-apiserver and, when asked,
//! kube-controller-manager, on loopback, with their data in a temporary folder.
//!
//! `./test` builds the programs and names them in the environment. All of it is
//! gone when the [`ControlPlane`] is dropped, and also when the process that
//! started it ends in whatever way: [`keeper`] says how.

pub mod client;
pub mod keeper;
pub mod verdict;

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use client::Client;
use keeper::Keeper;

/// What a fixture can say about its failure.
pub type Result<T> = std::result::Result<T, String>;

/// A machine with much else to do takes long; a healthy start takes four seconds.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// Between looking for a free port and taking it, another process may.
const ATTEMPTS: usize = 3;

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Programs {
    etcd: PathBuf,
    api_server: PathBuf,
    controller_manager: PathBuf,
}

impl Programs {
    /// Reads the paths from the environment.
    ///
    /// # Errors
    /// When a variable is not set.
    pub fn from_environment() -> Result<Self> {
        let path = |name: &str| {
            let value = std::env::var_os(name).filter(|v| !v.is_empty());
            value.map(PathBuf::from).ok_or_else(|| format!("{name} is the path of a program; ./test sets it"))
        };
        Ok(Self {
            etcd: path("TESSERA_ETCD")?,
            api_server: path("TESSERA_KUBE_APISERVER")?,
            controller_manager: path("TESSERA_KUBE_CONTROLLER_MANAGER")?,
        })
    }
}

/// What to start beside etcd and the API server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether Deployments make Pods, namespaces get their accounts, and so on.
    pub controller_manager: bool,
}

/// A control plane that runs until it is dropped.
#[derive(Debug)]
pub struct ControlPlane {
    client: Client,
    keeper: Keeper,
}

impl ControlPlane {
    /// Starts one and waits until it is ready.
    ///
    /// # Errors
    /// When a program is missing, ends or does not become ready, with the end of
    /// what it logged.
    pub fn start(options: Options) -> Result<Self> {
        let programs = Programs::from_environment()?;
        let mut attempt = 1;
        loop {
            match Self::start_once(&programs, options) {
                Err(said) if attempt < ATTEMPTS && said.contains("address already in use") => attempt += 1,
                result => return result,
            }
        }
    }

    /// The one control plane of this process, without a controller manager,
    /// started by the first who asks.
    ///
    /// # Errors
    /// When it could not be started.
    pub fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<ControlPlane>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Options::default())).as_ref().map_err(Clone::clone)
    }

    /// How to talk to it.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Its data, logs and secrets; gone when it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.keeper.folder()
    }

    /// A file that kubectl takes as its configuration.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder().join("kubeconfig")
    }

    /// The processes that it consists of.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        self.keeper.processes()
    }

    /// Starts another program beside it, which ends with it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run(&mut self, name: &str, program: &Path, arguments: &[String]) -> Result<()> {
        self.keeper.start(name, program, arguments)
    }

    /// Holds that none of its programs has ended.
    ///
    /// # Errors
    /// When one has, with the end of what it logged.
    pub fn all_run(&mut self) -> Result<()> {
        self.keeper.all_run()
    }

    /// The end of what a program logged.
    #[must_use]
    pub fn log(&self, name: &str) -> String {
        self.keeper.log(name)
    }

    fn start_once(programs: &Programs, options: Options) -> Result<Self> {
        let mut keeper = Keeper::new()?;
        let folder = keeper.folder().to_path_buf();
        let [etcd, peer, port] = free_ports()?;
        let token = token();
        secret(&folder.join("tokens.csv"), &format!("{token},tessera,tessera,system:masters\n"))?;
        keeper.start("etcd", &programs.etcd, &etcd_arguments(&folder, etcd, peer))?;
        keeper.start("kube-apiserver", &programs.api_server, &api_server_arguments(&folder, etcd, port))?;

        // The server writes its certificate before it listens.
        let certificate = folder.join("certificates/apiserver.crt");
        let mut client = None;
        wait("kube-apiserver", &mut keeper, || {
            if client.is_none() {
                client = fs::read(&certificate).ok().and_then(|pem| Client::new(port, &token, &pem).ok());
            }
            client.as_ref().is_some_and(Client::is_ready)
        })?;
        let client = client.ok_or("kube-apiserver made no certificate")?;
        secret(&folder.join("kubeconfig"), &kubeconfig(&certificate, port, &token))?;
        wait("kube-apiserver", &mut keeper, || client.namespace_exists("default"))?;
        if options.controller_manager {
            let health = free_ports::<1>()?[0];
            let arguments = controller_manager_arguments(&folder, health);
            keeper.start("kube-controller-manager", &programs.controller_manager, &arguments)?;
            wait("kube-controller-manager", &mut keeper, || client.account_exists("default", "default"))?;
        } else {
            // What the controller manager would do, so that Pods can be created.
            client.namespaces(&["default"])?;
        }
        Ok(Self { client, keeper })
    }
}

/// Asks again and again until it is so, a program has ended, or too long has
/// passed.
fn wait(name: &str, keeper: &mut Keeper, mut so: impl FnMut() -> bool) -> Result<()> {
    let started = Instant::now();
    while !so() {
        keeper.all_run()?;
        if started.elapsed() > READY_WITHIN {
            return Err(format!("{name} is not ready after {READY_WITHIN:?}:\n{}", keeper.log(name)));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Ports that were free a moment ago, all different.
fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut ports = [0; N];
    let mut listeners = Vec::new();
    for port in &mut ports {
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|e| format!("no free port: {e}"))?;
        *port = listener.local_addr().map_err(|e| e.to_string())?.port();
        listeners.push(listener);
    }
    Ok(ports)
}

/// Unlike that of another control plane, so that none answers for another.
fn token() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("tessera-{}-{}", process::id(), now.as_nanos())
}

/// Writes a file that only its owner reads.
fn secret(path: &Path, text: &str) -> Result<()> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut f| f.write_all(text.as_bytes())).map_err(|e| format!("{}: {e}", path.display()))
}

fn etcd_arguments(folder: &Path, port: u16, peer: u16) -> Vec<String> {
    vec![
        format!("--data-dir={}", folder.join("etcd").display()),
        "--unsafe-no-fsync".to_owned(),
        "--log-level=warn".to_owned(),
        format!("--listen-client-urls=http://127.0.0.1:{port}"),
        format!("--advertise-client-urls=http://127.0.0.1:{port}"),
        format!("--listen-peer-urls=http://127.0.0.1:{peer}"),
        format!("--initial-advertise-peer-urls=http://127.0.0.1:{peer}"),
        format!("--initial-cluster=default=http://127.0.0.1:{peer}"),
    ]
}

fn api_server_arguments(folder: &Path, etcd: u16, port: u16) -> Vec<String> {
    let certificates = folder.join("certificates");
    // The key of the certificate also signs the tokens of service accounts.
    let key = certificates.join("apiserver.key");
    vec![
        format!("--etcd-servers=http://127.0.0.1:{etcd}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--advertise-address=127.0.0.1".to_owned(),
        format!("--secure-port={port}"),
        format!("--cert-dir={}", certificates.display()),
        "--endpoint-reconciler-type=none".to_owned(),
        "--service-cluster-ip-range=10.0.0.0/16".to_owned(),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={}", key.display()),
        format!("--service-account-signing-key-file={}", key.display()),
        "--authorization-mode=RBAC".to_owned(),
        format!("--token-auth-file={}", folder.join("tokens.csv").display()),
        "--allow-privileged".to_owned(),
        // As many requests as a test sends: nothing else uses this server.
        "--enable-priority-and-fairness=false".to_owned(),
        "--max-requests-inflight=0".to_owned(),
        "--max-mutating-requests-inflight=0".to_owned(),
    ]
}

fn controller_manager_arguments(folder: &Path, health: u16) -> Vec<String> {
    vec![
        format!("--kubeconfig={}", folder.join("kubeconfig").display()),
        format!("--service-account-private-key-file={}", folder.join("certificates/apiserver.key").display()),
        format!("--root-ca-file={}", folder.join("certificates/apiserver.crt").display()),
        format!("--cert-dir={}", folder.join("controller-manager").display()),
        "--use-service-account-credentials".to_owned(),
        "--leader-elect=false".to_owned(),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--secure-port={health}"),
        "--authentication-skip-lookup".to_owned(),
    ]
}

fn kubeconfig(certificate: &Path, port: u16, token: &str) -> String {
    let name = "tessera";
    let file = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": name,
        "clusters": [{ "name": name, "cluster": {
            "server": format!("https://127.0.0.1:{port}"), "certificate-authority": certificate,
        } }],
        "users": [{ "name": name, "user": { "token": token } }],
        "contexts": [{ "name": name, "context": { "cluster": name, "user": name } }],
    });
    format!("{file:#}\n")
}
