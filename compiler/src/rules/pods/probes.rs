//! Probes and hooks (validateProbe, validateLifecycle, validateHandler), after
//! the defaults: a number that is absent or 0 is the usual one.

use super::super::forms::HEADER;
use super::super::shape::{Check, Count, NATURAL, Shape, one_of, walk};
use super::super::workloads::number_or;
use super::{Part, Pod, Report, ports};
use crate::diagnostic::E0447;

static PROBE: Shape = &[
    ("initialDelaySeconds", &[NATURAL]),
    ("timeoutSeconds", &[NATURAL]),
    ("periodSeconds", &[NATURAL]),
    ("successThreshold", &[NATURAL]),
    ("failureThreshold", &[NATURAL]),
    ("terminationGracePeriodSeconds", &[Check::Between(1, super::MAX)]),
    ("exec", EXEC),
    ("httpGet", HTTP),
    ("tcpSocket", PORT),
    ("grpc", PORT),
];

static HOOK: Shape = &[("exec", EXEC), ("httpGet", HTTP), ("tcpSocket", PORT)];

const EXEC: &[Check] = &[Check::In(&[("command", &[Check::Needed("it is what runs")])])];
const PORT: &[Check] = &[Check::In(&[("port", &[Check::Rule(ports::number_or_name)])])];
const HTTP: &[Check] = &[Check::In(&[
    ("port", &[Check::Rule(ports::number_or_name)]),
    ("httpHeaders", &[Check::Each(&[("name", &[Check::Exactly(&HEADER, "name of a header")])])]),
])];

/// The probes and hooks of a container that runs on.
pub(super) fn check<'a>(pod: &Pod<'a>, container: Part<'a>, report: &mut Report<'a>) {
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let probe = container.get(name);
        if probe.is_absent() {
            continue;
        }
        walk(probe, PROBE, report);
        one_of(probe, &["exec", "httpGet", "tcpSocket", "grpc"], Count::One, "a probe", report);
        let (successes, period) = (probe.get("successThreshold"), probe.get("terminationGracePeriodSeconds"));
        if name == "readinessProbe" {
            if period.is_present() {
                report
                    .add(
                        &E0447,
                        period,
                        "a readiness probe ends no container; it takes no `terminationGracePeriodSeconds`",
                    )
                    .help("remove it, or give it to `livenessProbe`");
            }
        } else if successes.int().is_some_and(|number| number > 1) {
            report
                .add(&E0447, successes, format!("`successThreshold` of a `{name}` must be 1"))
                .help("remove it; more than one success only makes sense for `readinessProbe`");
        }
    }
    let lifecycle = container.get("lifecycle");
    for name in ["postStart", "preStop"] {
        let hook = lifecycle.get(name);
        walk(hook, HOOK, report);
        one_of(hook, &["exec", "httpGet", "tcpSocket", "sleep"], Count::One, "a hook", report);
        sleep(pod, hook.at(&["sleep", "seconds"]), report);
    }
}

/// validateSleepAction; a Pod takes a negative period as 1.
fn sleep<'a>(pod: &Pod<'a>, seconds: Part<'a>, report: &mut Report<'a>) {
    let period = pod.spec.get("terminationGracePeriodSeconds");
    let Some(most) = number_or(period, 30).map(|most| if pod.is_pod && most < 0 { 1 } else { most }) else { return };
    let Some(number) = seconds.int().filter(|number| *number < 0 || *number > most) else { return };
    report
        .add(&E0447, seconds, format!("a hook cannot sleep {number} seconds in a pod that has {most} to end"))
        .also(period, "the time to end")
        .help(format!("sleep less than `terminationGracePeriodSeconds`, which is {most}, or raise that"));
}
