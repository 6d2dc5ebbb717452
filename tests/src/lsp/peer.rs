//! The process at the other end, or the connection to it.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::{Result, read};

/// What arrives, and when.
pub(super) type Arrived = (Instant, Result<Json>);

/// How long a server that listens may take until it says where.
const LISTENS: Duration = Duration::from_secs(60);

/// A server's process and the streams to it.
pub(super) struct Peer {
    pub(super) process: Child,
    pub(super) input: Option<Box<dyn Write + Send>>,
    pub(super) inbox: Receiver<Arrived>,
    pub(super) log: Arc<Mutex<String>>,
}

impl Peer {
    /// Starts a server that speaks over its standard streams.
    pub(super) fn stdio(command: &mut Command) -> Result<Self> {
        let mut process = spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let input = process.stdin.take().map(|stdin| Box::new(stdin) as Box<dyn Write + Send>);
        let output = process.stdout.take().ok_or("no standard output")?;
        let log = Arc::default();
        follow(&mut process, &log, None)?;
        Ok(Self { process, input, inbox: listen(output), log })
    }

    /// Starts one that listens, and connects.
    pub(super) fn tcp(command: &mut Command) -> Result<Self> {
        let mut process = spawn(command.stdin(Stdio::null()).stdout(Stdio::null()))?;
        let (tell, told) = channel();
        let log = Arc::default();
        follow(&mut process, &log, Some(tell))?;
        let address = told.recv_timeout(LISTENS).map_err(|_| "it does not say where it listens".to_owned())?;
        let stream = TcpStream::connect(&address).map_err(|error| format!("{address}: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let input = stream.try_clone().map_err(|error| error.to_string())?;
        Ok(Self { process, input: Some(Box::new(input)), inbox: listen(stream), log })
    }

    /// The exit status, when the process has ended in time.
    pub(super) fn ended(&mut self, within: Duration) -> Result<ExitStatus> {
        let until = Instant::now() + within;
        loop {
            match self.process.try_wait().map_err(|error| error.to_string())? {
                Some(status) => return Ok(status),
                None if Instant::now() > until => return Err("the server does not end".to_owned()),
                None => thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(command: &mut Command) -> Result<Child> {
    let name = Path::new(command.get_program()).display().to_string();
    command.stderr(Stdio::piped()).spawn().map_err(|error| format!("{name}: {error}"))
}

/// Keeps what the server writes to its standard error, and tells where it listens.
fn follow(process: &mut Child, log: &Arc<Mutex<String>>, tell: Option<Sender<String>>) -> Result<()> {
    let stderr = process.stderr.take().ok_or("no standard error")?;
    let log = Arc::clone(log);
    thread::spawn(move || {
        for line in BufReader::new(stderr).split(b'\n').map_while(std::io::Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if let (Some(tell), Some((_, address))) = (&tell, line.split_once("listening on ")) {
                let _ = tell.send(address.trim().to_owned());
            }
            if let Ok(mut log) = log.lock() {
                log.push_str(&line);
                log.push('\n');
            }
        }
    });
    Ok(())
}

fn listen(output: impl Read + Send + 'static) -> Receiver<Arrived> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut output = BufReader::with_capacity(1 << 16, output);
        loop {
            let message = match read(&mut output) {
                Ok(Some(message)) => Ok(message),
                Ok(None) => return,
                Err(error) => Err(error),
            };
            let failed = message.is_err();
            if send.send((Instant::now(), message)).is_err() || failed {
                return;
            }
        }
    });
    receive
}
