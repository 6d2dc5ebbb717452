//! Time and peak memory of a whole process.
//!
//! The peak comes from the resource usage of waited-for children, which is a
//! maximum over the life of the process that waits. So each measurement runs
//! in a process of its own: this program, called again as `measure`. It is
//! small, which matters because a child's peak is never below its parent's.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

use crate::Result;

/// A command line, run in a folder.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// What the process reads on its standard input, or is sent.
    pub(crate) stdin: Option<PathBuf>,
    /// It serves, and is sent so many requests at once.
    pub(crate) asked: Option<usize>,
}

/// What some runs of one call took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) median: Duration,
    pub(crate) fastest: Duration,
    /// The peak of resident memory over all runs, in KiB.
    pub(crate) peak_kib: u64,
}

/// Runs the call once to warm the disk's cache and then `runs` times, its
/// output written to `output`.
///
/// # Errors
/// When the call cannot be started or fails.
pub(crate) fn measure(call: &Call, runs: usize, output: &Path) -> Result<Measured> {
    let this = std::env::current_exe().map_err(|e| e.to_string())?;
    let stdin = call.stdin.clone().unwrap_or_else(|| PathBuf::from("/dev/null"));
    let mut command = Command::new(this);
    match call.asked {
        Some(at_once) => command.arg("ask").arg(runs.to_string()).arg(at_once.to_string()),
        None => command.arg("measure").arg(runs.to_string()).arg(output),
    };
    command.arg(stdin).arg(&call.program).args(&call.arguments);
    let done = command.stderr(Stdio::inherit()).output().map_err(|e| e.to_string())?;
    if !done.status.success() {
        return Err(format!("{} failed", call.program.display()));
    }
    parse(&String::from_utf8_lossy(&done.stdout)).ok_or_else(|| "the measuring process said nothing".to_owned())
}

/// The measuring process: `RUNS OUTPUT STDIN PROGRAM ARGUMENTS…`. Prints what [`tell`] does.
///
/// # Errors
/// When the arguments are wrong, or the program cannot be started or fails.
pub(crate) fn child(arguments: &[String]) -> Result<()> {
    let [runs, output, stdin, program, rest @ ..] = arguments else {
        return Err("measure RUNS OUTPUT STDIN PROGRAM ARGUMENTS…".to_owned());
    };
    let runs: usize = runs.parse().map_err(|_| format!("not a number of runs: {runs}"))?;
    let once = || once(program, rest, Path::new(stdin), Path::new(output));
    once()?;
    tell((0..runs.max(1)).map(|_| once()).collect::<Result<Vec<Duration>>>()?)
}

/// Prints the median and the fastest of the runs in nanoseconds, and the peak in KiB of the
/// processes that were waited for.
///
/// # Errors
/// When the system does not tell the peak.
pub(crate) fn tell(mut times: Vec<Duration>) -> Result<()> {
    times.sort();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|e| e.to_string())?;
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let fastest = times.first().copied().unwrap_or_default();
    println!("{} {} {}", median.as_nanos(), fastest.as_nanos(), usage.max_rss());
    Ok(())
}

fn once(program: &str, arguments: &[String], stdin: &Path, output: &Path) -> Result<Duration> {
    let stdin = File::open(stdin).map_err(|e| format!("{}: {e}", stdin.display()))?;
    let create = |path: &Path| File::create(path).map_err(|e| format!("{}: {e}", path.display()));
    let said = output.with_extension("stderr");
    let mut command = Command::new(program);
    command.args(arguments).stdin(stdin).stdout(create(output)?).stderr(create(&said)?);
    let start = Instant::now();
    let status = command.status().map_err(|e| format!("{program}: {e}"))?;
    let taken = start.elapsed();
    if status.success() { Ok(taken) } else { Err(format!("{program}: {status}; see {}", said.display())) }
}

fn parse(line: &str) -> Option<Measured> {
    let mut numbers = line.split_whitespace().map(str::parse::<u64>);
    let mut next = || numbers.next()?.ok();
    let (median, fastest) = (Duration::from_nanos(next()?), Duration::from_nanos(next()?));
    Some(Measured { median, fastest, peak_kib: next()? })
}
