//! `tessera function` as a process: what keeps it from serving, who may call it, and how it ends.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use prost::Message as _;
use prost::bytes::Bytes;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::json;
use tessera_tests::compile::build;
use tessera_tests::function::{call, connect, connect_with_tls, input, request};

use crate::folder::{Folder, STORE};

/// The function, until it is dropped.
struct Function {
    process: Child,
    stderr: BufReader<ChildStderr>,
    address: String,
}

impl Function {
    fn start(args: &[&str]) -> Self {
        let folder = Folder::new("function-start");
        let mut command = folder.command(&["function", "--address", "127.0.0.1:0"]);
        let mut process = command.args(args).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let mut said = String::new();
        stderr.read_line(&mut said).unwrap();
        let address = said.split_whitespace().find(|word| word.starts_with("127.")).unwrap_or_else(|| panic!("{said}"));
        Self { process, stderr, address: address.to_owned() }
    }

    fn tell(&self, signal: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// How it ended, and what it said before.
    fn end(&mut self, within: Duration) -> (Option<i32>, String) {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < within, "it goes on");
            thread::sleep(Duration::from_millis(20));
        };
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        (status.code(), said)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

/// A good request, with an annotation of so many bytes.
fn store(bytes: usize) -> Bytes {
    let compiled = build(&[("store.tess".to_owned(), STORE.to_owned())]);
    let object = json!({
        "apiVersion": "example.acme/v1", "kind": "Store", "spec": { "size": 3 },
        "metadata": { "name": "one", "namespace": "shops", "annotations": { "a": "x".repeat(bytes) } },
    });
    let input = input(&compiled, "Store").unwrap();
    request(&input, &object, &BTreeMap::new()).unwrap().encode_to_vec().into()
}

/// A folder with an authority and what it signed: the function's certificate (`tls.crt`,
/// `tls.key`) and a client's (`client.crt`, `client.key`), both for `localhost`.
fn certificates() -> PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("function-certificates");
        fs::create_dir_all(&folder).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        fs::write(folder.join("ca.crt"), authority.self_signed(&key).unwrap().pem()).unwrap();
        let issuer = Issuer::new(authority, key);
        for name in ["tls", "client"] {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            params.distinguished_name.push(DnType::CommonName, name);
            let signed = params.signed_by(&key, &issuer).unwrap();
            fs::write(folder.join(format!("{name}.crt")), signed.pem()).unwrap();
            fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
        }
        folder
    };
    MADE.get_or_init(make).clone()
}

/// A copy of the certificates in which one file is another.
fn with(folder: &Folder, name: &str, text: &[u8]) -> String {
    let copy = format!("{name}-{}", text.len());
    for file in ["ca.crt", "tls.crt", "tls.key"] {
        folder.write(&format!("{copy}/{file}"), fs::read(certificates().join(file)).unwrap());
    }
    folder.write(&format!("{copy}/{name}"), text);
    copy
}

#[test]
fn what_keeps_it_from_serving_is_told_in_one_line() {
    let folder = Folder::new("function-bad");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let read = |file: &str| fs::read(certificates().join(file)).unwrap();
    let junk = b"-----BEGIN CERTIFICATE-----\nanVuaw==\n-----END CERTIFICATE-----\n";
    let no_key = b"-----BEGIN PRIVATE KEY-----\nanVuaw==\n-----END PRIVATE KEY-----\n";
    let cut = read("tls.crt")[..300].to_vec();
    let unreadable = with(&folder, "tls.key", b"unreadable");
    fs::remove_file(folder.path().join(&unreadable).join("tls.key")).unwrap();
    // Reading this file is an I/O error for everybody, root included.
    std::os::unix::fs::symlink("/proc/self/mem", folder.path().join(&unreadable).join("tls.key")).unwrap();
    let cases: Vec<(Vec<String>, i32, &str)> = vec![
        (vec!["--insecure".into(), "--address".into(), taken], 3, "Address already in use"),
        (vec!["--insecure".into(), "--address".into(), "nonsense".into()], 2, "`nonsense` is no HOST:PORT"),
        (vec!["--insecure".into(), "--address".into(), "127.0.0.1:99999".into()], 2, "is no HOST:PORT"),
        (vec!["--insecure".into(), "--address".into(), "127.0.0.1".into()], 2, "is no HOST:PORT"),
        (vec!["--insecure".into(), "--address".into(), "192.0.2.1:9443".into()], 3, "cannot listen at 192.0.2.1:9443"),
        (vec![], 2, "no certificates"),
        (vec!["--tls-certs-dir".into(), "none".into()], 3, "cannot read the certificate `none/tls.crt`"),
        (vec!["--tls-certs-dir".into(), unreadable], 3, "tls.key`"),
        (vec!["--tls-certs-dir".into(), with(&folder, "tls.crt", b"junk")], 3, "`tls.crt` holds no certificate"),
        (vec!["--tls-certs-dir".into(), with(&folder, "tls.crt", junk)], 3, "are of no use"),
        (vec!["--tls-certs-dir".into(), with(&folder, "tls.crt", &cut)], 3, "are of no use"),
        (vec!["--tls-certs-dir".into(), with(&folder, "tls.key", b"")], 3, "`tls.key` holds no key"),
        (vec!["--tls-certs-dir".into(), with(&folder, "tls.key", no_key)], 3, "are of no use"),
        (vec!["--tls-certs-dir".into(), with(&folder, "tls.key", &read("client.key"))], 3, "are of no use"),
        (vec!["--tls-certs-dir".into(), with(&folder, "ca.crt", junk)], 3, "are of no use"),
    ];
    for (args, code, message) in cases {
        let mut all = vec!["function"];
        // One that would serve must not take the usual port.
        if !args.iter().any(|arg| arg == "--address") {
            all.extend(["--address", "127.0.0.1:0"]);
        }
        all.extend(args.iter().map(String::as_str));
        let mut process = folder.command(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while process.try_wait().unwrap().is_none() {
            if start.elapsed() > Duration::from_secs(20) {
                process.kill().unwrap();
            }
            thread::sleep(Duration::from_millis(10));
        }
        let output = process.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.starts_with("tessera: ") && said.contains(message), "{args:?}: {said}");
        assert_eq!((said.lines().count(), output.stdout.len()), (1, 0), "{args:?}: {said}");
    }
}

#[test]
fn with_tls_it_answers_whom_the_authority_knows_and_nobody_else() {
    let folder = certificates();
    let function = Function::start(&["--tls-certs-dir", folder.to_str().unwrap()]);
    block_on(async {
        let known = connect_with_tls(&function.address, &folder, Some("client")).await.unwrap();
        assert!(call(known, store(1)).await.unwrap().results.is_empty());
        // A server that demands a certificate says so after the handshake.
        let unknown = match connect_with_tls(&function.address, &folder, None).await {
            Ok(channel) => call(channel, store(1)).await.map_err(|status| status.to_string()),
            Err(error) => Err(error),
        };
        assert!(unknown.is_err());
        let open = match connect(&function.address).await {
            Ok(channel) => call(channel, store(1)).await.map_err(|status| status.to_string()),
            Err(error) => Err(error),
        };
        assert!(open.is_err());
    });
}

#[test]
fn told_to_end_it_gives_its_answers_first() {
    for signal in ["-TERM", "-INT"] {
        // A call that the signal overtakes on its way there is refused, and rightly: then they get more time.
        let answered = [50, 500, 5_000].iter().map(|pause| answers_after(signal, Duration::from_millis(*pause)));
        let tries: Vec<String> = answered.take_while(Result::is_err).filter_map(Result::err).collect();
        assert!(tries.len() < 3, "{signal}: {tries:?}");
    }
}

/// Calls, and tells the function to end after a pause: the first answer that was not given.
fn answers_after(signal: &str, pause: Duration) -> Result<(), String> {
    let mut function = Function::start(&["--insecure"]);
    let given = block_on(async {
        let channel = connect(&function.address).await.unwrap();
        assert!(call(channel.clone(), store(1)).await.unwrap().results.is_empty());
        let large = store(20 << 20);
        let calls: Vec<_> = (0..4).map(|_| tokio::spawn(call(channel.clone(), large.clone()))).collect();
        tokio::time::sleep(pause).await;
        function.tell(signal);
        let mut given = Ok(());
        for call in calls {
            match call.await.unwrap() {
                Ok(answer) => assert!(answer.results.is_empty(), "{signal}: {answer:?}"),
                Err(status) => given = Err(format!("{pause:?}: {status:?}")),
            }
        }
        given
    });
    assert_eq!(function.end(Duration::from_secs(10)), (Some(0), String::new()), "{signal}");
    given
}

#[test]
fn told_to_end_it_does_not_wait_for_those_who_say_nothing() {
    let mut function = Function::start(&["--insecure"]);
    let silent: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(&function.address).unwrap()).collect();
    thread::sleep(Duration::from_millis(200));
    function.tell("-TERM");
    assert_eq!(function.end(Duration::from_secs(15)), (Some(0), String::new()));
    drop(silent);
}
