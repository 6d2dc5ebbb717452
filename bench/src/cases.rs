//! What is measured, against whom, and what must be reached.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tessera_compiler::target::limits::ENGINES;

use crate::inputs;
use crate::measure::Call;

/// One thing that is measured, with everyone who does it.
pub(crate) struct Case {
    pub(crate) title: String,
    pub(crate) goals: Vec<Goal>,
    pub(crate) contenders: Vec<Contender>,
    /// Whether all contenders must say the same objects.
    pub(crate) compared: bool,
}

/// Someone who takes part.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) call: Call,
    pub(crate) runs: usize,
    /// Where it wants the objects that the first contender made, if it makes
    /// none itself.
    pub(crate) given: Option<PathBuf>,
}

/// What Tessera must reach in a case.
pub(crate) enum Goal {
    /// At most this many milliseconds.
    Milliseconds(f64),
    /// At most so many MiB of memory.
    Mebibytes(f64),
    /// At most this part of the time that the peer takes.
    TimeOf(&'static str, f64),
    /// At most this part of the memory that the peer takes.
    MemoryOf(&'static str, f64),
}

/// The name under which Tessera takes part.
pub(crate) const SELF: &str = "tessera";

/// Every case. The folder is where [`crate::inputs::write`] wrote.
pub(crate) fn all(folder: &Path) -> Vec<Case> {
    let mut cases = vec![
        Case {
            title: "one instance, cold".to_owned(),
            goals: vec![Goal::Milliseconds(4.0)],
            contenders: vec![tessera(51, &["build", "examples/financial-backend"], None)],
            compared: false,
        },
        applications(folder, 1_000, 11),
        applications(folder, 4_000, 5),
        Case {
            title: "check of 200 files".to_owned(),
            goals: vec![Goal::Milliseconds(300.0)],
            contenders: vec![tessera(11, &["check", &text(&folder.join("project"))], None)],
            compared: false,
        },
        Case {
            title: "fmt of 1 MB".to_owned(),
            goals: vec![Goal::Milliseconds(300.0)],
            contenders: vec![tessera(11, &["fmt", "-"], Some(folder.join("large.tess")))],
            compared: false,
        },
    ];
    for engine in ENGINES {
        cases.extend(inputs::COMPOSITES.map(|count| lowered(folder, engine.name, count)));
    }
    cases.push(answered(folder, "one RunFunction of FinancialBackend", 201, 1, vec![Goal::Milliseconds(2.0)]));
    cases.push(answered(folder, "1,000 RunFunctions of FinancialBackend at once", 5, 1_000, Vec::new()));
    cases.extend(inputs::CRD_PROJECTS.iter().map(|name| definitions(folder, name)));
    cases
}

/// A project with 500 CRDs; left out where there is no archive of them.
fn definitions(folder: &Path, name: &str) -> Case {
    let project = folder.join(name);
    let mut checking = tessera(21, &["check", &text(&project)], None);
    if !project.exists() {
        checking.call.program = PathBuf::new();
    }
    let goal = if name == inputs::ALL_IN_USE { Goal::Mebibytes(150.0) } else { Goal::Milliseconds(60.0) };
    Case {
        title: format!("check with {}", name.replace('-', " ")),
        goals: vec![goal],
        contenders: vec![checking],
        compared: false,
    }
}

/// Requests that the composition function answers; one without an answer is a failure.
fn answered(folder: &Path, title: &str, runs: usize, at_once: usize, goals: Vec<Goal>) -> Case {
    let arguments = ["function", "--insecure", "--address", "127.0.0.1:0"];
    let mut serving = tessera(runs, &arguments, Some(folder.join(inputs::REQUEST)));
    serving.call.asked = Some(at_once);
    Case { title: title.to_owned(), goals, contenders: vec![serving], compared: false }
}

/// Composites, compiled and lowered to a target.
fn lowered(folder: &Path, target: &str, count: usize) -> Case {
    let composites = text(&folder.join(format!("composites-{count}")));
    let goals = if count == 100 { vec![Goal::Milliseconds(200.0)] } else { Vec::new() };
    Case {
        title: format!("{count} composites to {target}"),
        goals,
        contenders: vec![tessera(11, &["build", "--target", target, &composites], None)],
        compared: false,
    }
}

fn applications(folder: &Path, count: usize, runs: usize) -> Case {
    let source = text(&folder.join(format!("apps-{count}.tess")));
    let number = count.to_string();
    let kustomize = folder.join(format!("kustomize-{count}"));
    let slow = (runs / 3).max(1);
    let mut case = Case {
        title: format!("{count} applications"),
        goals: vec![Goal::TimeOf("jrsonnet", 0.5), Goal::MemoryOf("jrsonnet", 1.0), Goal::TimeOf("helm", 0.2)],
        contenders: vec![
            tessera(runs, &["build", &source], None),
            peer(
                "jrsonnet",
                runs,
                "JRSONNET",
                &["bench/programs/apps.jsonnet", "--tla-str", &format!("count={number}")],
            ),
            peer("kcl", slow, "KCL_PYTHON", &["bench/programs/kcl.py", "bench/programs/apps.k", &number]),
            peer(
                "helm",
                slow,
                "HELM",
                &["template", "fleet", "bench/programs/chart", "--set", &format!("count={number}")],
            ),
        ],
        compared: true,
    };
    // Kustomize has no functions: it is given every object, and labels them.
    // Its time grows with the square of their number, so it is asked once.
    if count <= 1_000 {
        let call = peer("kustomize", 1, "KUBECTL", &["kustomize", &text(&kustomize)]);
        case.contenders.push(Contender { given: Some(kustomize), ..call });
    }
    case
}

fn tessera(runs: usize, arguments: &[&str], stdin: Option<PathBuf>) -> Contender {
    let mut contender = peer(SELF, runs, "TESSERA", arguments);
    contender.call.stdin = stdin;
    contender
}

/// A program whose path `bench/run` gives in an environment variable; an empty
/// path when it is not there.
fn peer(name: &'static str, runs: usize, variable: &str, arguments: &[&str]) -> Contender {
    let program = std::env::var_os(format!("BENCH_{variable}")).map(PathBuf::from).unwrap_or_default();
    let arguments = arguments.iter().map(OsString::from).collect();
    Contender { name, call: Call { program, arguments, stdin: None, asked: None }, runs, given: None }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
