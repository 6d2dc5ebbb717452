//! The `tessera` command: the compiler, files on disk and a terminal. START
//! HERE: a call is parsed into [`Call`], its command runs, and a
//! [`failure::Failure`] becomes the exit code. Commands are thin; what they
//! share lies beside them: `workspace` finds the files, `compilation` runs the
//! compiler, `report` prints what it found, `save` writes files whole.

mod command;
mod compilation;
mod earlier;
mod failure;
mod files;
mod git;
mod listen;
mod paths;
mod report;
mod save;
mod terminal;
mod walk;
mod watch;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::{Failure, Outcome};

/// What is made on one thread is often given back on another: with glibc's allocator the language
/// server's answers take half as long again beside a compilation.
/// On other processors the size of a page would have to be known when this is built.
#[cfg(all(target_arch = "x86_64", not(target_env = "msvc")))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Typed configuration for Kubernetes: check it, build manifests from it.
#[derive(Debug, Parser)]
#[command(name = "tessera", version, about, arg_required_else_help = true, disable_help_subcommand = true, after_help = AFTER)]
pub(crate) struct Call {
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "Exit codes: 0 all is well, 1 the input is wrong, 2 the call is wrong, 3 a file or pipe failed.";

#[derive(Debug, Subcommand)]
enum Command {
    Check(command::check::Check),
    Build(command::build::Build),
    Eval(command::eval::Eval),
    Fmt(command::fmt::Fmt),
    Explain(command::explain::Explain),
    Why(command::why::Why),
    Graph(command::graph::Graph),
    Diff(command::diff::Diff),
    Function(command::function::Function),
    Lsp(command::lsp::Lsp),
    Dump(command::dump::Dump),
    New(command::new::New),
    Completions(command::completions::Completions),
    Man(command::man::Man),
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|about| {
        let place = about.location().map(ToString::to_string).unwrap_or_default();
        terminal::tell(&format!(
            "tessera: this is a bug in tessera, at {place}: please report it with the input that led to it\n"
        ));
    }));
    match std::panic::catch_unwind(call) {
        Ok(code) => code,
        Err(_) => ExitCode::from(101),
    }
}

fn call() -> ExitCode {
    let call = match Call::try_parse() {
        Ok(call) => call,
        Err(error) => return usage(&error),
    };
    match run(call.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let message = failure.to_string();
            if !message.is_empty() {
                terminal::tell(&format!("tessera: {message}\n"));
            }
            failure.code()
        }
    }
}

/// Help and version go to standard output, what is wrong with a call to
/// standard error.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { Failure::call("").code() } else { ExitCode::SUCCESS }
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Check(check) => check.run(),
        Command::Build(build) => build.run(),
        Command::Eval(eval) => eval.run(),
        Command::Fmt(fmt) => fmt.run(),
        Command::Explain(explain) => explain.run(),
        Command::Why(why) => why.run(),
        Command::Graph(graph) => graph.run(),
        Command::Diff(diff) => diff.run(),
        Command::Function(function) => function.run(),
        Command::Lsp(lsp) => lsp.run(),
        Command::Dump(dump) => dump.run(),
        Command::New(new) => new.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    }
}
