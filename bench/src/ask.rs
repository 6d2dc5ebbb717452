//! How long a server takes to answer: `tessera function` is started, asked over gRPC, and ended.
//!
//! Like [`crate::measure`] it runs in a process of its own, called as `ask`, for the sake of the
//! server's peak of memory.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tessera_tests::function::{Bytes, Channel, call, connect, wanted};

use crate::{Result, measure};

/// The asking process: `RUNS AT_ONCE REQUEST PROGRAM ARGUMENTS…`. Sends the request so many times at
/// once, in so many rounds, and prints what [`measure::tell`] does.
///
/// # Errors
/// When the arguments are wrong, the program does not serve, or one answer is none.
pub(crate) fn child(arguments: &[String]) -> Result<()> {
    let [runs, at_once, request, program, rest @ ..] = arguments else {
        return Err("ask RUNS AT_ONCE REQUEST PROGRAM ARGUMENTS…".to_owned());
    };
    let number = |text: &String| text.parse::<usize>().map_err(|_| format!("not a number: {text}"));
    let (runs, at_once) = (number(runs)?, number(at_once)?);
    let request = std::fs::read(request).map_err(|e| format!("{request}: {e}"))?.into();
    let mut command = Command::new(program);
    let started = command.args(rest).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut server = started.map_err(|e| format!("{program}: {e}"))?;
    let times = address(&mut server).and_then(|address| rounds(&address, runs, at_once, &request));
    let ended = server.kill().and_then(|()| server.wait()).map_err(|e| format!("{program}: {e}"));
    measure::tell(times.and_then(|times| ended.map(|_| times))?)
}

/// Where the server listens, as it says in its first line.
fn address(server: &mut Child) -> Result<String> {
    let mut said = String::new();
    let stderr = server.stderr.take().ok_or("no standard error")?;
    BufReader::new(stderr).read_line(&mut said).map_err(|e| e.to_string())?;
    let address = said.split_whitespace().find(|word| word.starts_with("127."));
    address.map(str::to_owned).ok_or_else(|| format!("it does not listen: {said}"))
}

fn rounds(address: &str, runs: usize, at_once: usize, request: &Bytes) -> Result<Vec<Duration>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let channel = connect(address).await?;
        // The first reads the composite.
        round(&channel, 1, request).await?;
        let mut times = Vec::new();
        for _ in 0..runs.max(1) {
            times.push(round(&channel, at_once, request).await?);
        }
        Ok(times)
    })
}

async fn round(channel: &Channel, at_once: usize, request: &Bytes) -> Result<Duration> {
    let start = Instant::now();
    let calls: Vec<_> = (0..at_once).map(|_| tokio::spawn(call(channel.clone(), request.clone()))).collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.map_err(|e| e.to_string())?.map_err(|status| status.to_string())?);
    }
    let taken = start.elapsed();
    for answer in &answers {
        if let Some(result) = answer.results.first() {
            return Err(result.message.clone());
        }
        if wanted(answer)?.is_empty() {
            return Err("an answer wants nothing".to_owned());
        }
    }
    Ok(taken)
}
