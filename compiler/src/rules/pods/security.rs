//! Security contexts (validatePodSpecSecurityContext, ValidateSecurityContext,
//! validateWindowsSecurityContextOptions, validateLinux, validateWindows,
//! validateWindowsHostProcessPod). Whether privileged containers are allowed
//! is a setting of the API server, and left to it.

use super::super::forms::{RELATIVE_PATH, SUBDOMAIN, SYSCTL};
use super::super::shape::{Check, NATURAL, Shape, clash, is_set, needed, texts};
use super::{Part, Pod, Report};
use crate::diagnostic::E0441;

/// Of a pod.
pub(super) static POD: Shape = &[
    ("runAsUser", &[NATURAL]),
    ("runAsGroup", &[NATURAL]),
    ("fsGroup", &[NATURAL]),
    ("supplementalGroups", &[Check::Rule(groups)]),
    ("seLinuxChangePolicy", &[Check::Only(&["Recursive", "MountOption"])]),
    (
        "sysctls",
        &[Check::Each(&[("name", &[Check::Exactly(&SYSCTL, "name of a sysctl")])]), Check::Rule(super::unique_names)],
    ),
    ("seccompProfile", &[Check::Rule(profile)]),
    ("appArmorProfile", &[Check::Rule(app_armor)]),
    ("windowsOptions", &[Check::In(WINDOWS)]),
];

/// Of a container.
pub(super) static CONTAINER: Shape = &[
    ("runAsUser", &[NATURAL]),
    ("runAsGroup", &[NATURAL]),
    ("seccompProfile", &[Check::Rule(profile)]),
    ("appArmorProfile", &[Check::Rule(app_armor)]),
    ("windowsOptions", &[Check::In(WINDOWS)]),
];

static WINDOWS: Shape = &[
    ("gmsaCredentialSpecName", &[Check::Exactly(&SUBDOMAIN, "name of an object")]),
    ("gmsaCredentialSpec", &[Check::Rule(not_empty)]),
    ("runAsUserName", &[Check::Rule(not_empty)]),
];

/// What a pod on Windows cannot have, of itself and of each container.
const NOT_ON_WINDOWS: (&[&str], &[&str], &[&str]) = (
    &["hostUsers", "shareProcessNamespace"],
    &[
        "appArmorProfile",
        "seLinuxOptions",
        "seccompProfile",
        "fsGroup",
        "fsGroupChangePolicy",
        "sysctls",
        "runAsUser",
        "runAsGroup",
        "supplementalGroups",
        "supplementalGroupsPolicy",
        "seLinuxChangePolicy",
    ],
    &[
        "appArmorProfile",
        "seLinuxOptions",
        "seccompProfile",
        "capabilities",
        "readOnlyRootFilesystem",
        "privileged",
        "allowPrivilegeEscalation",
        "procMount",
        "runAsUser",
        "runAsGroup",
    ],
);

fn groups<'a>(list: Part<'a>, report: &mut Report<'a>) {
    for group in list.items().list {
        super::super::shape::between(group, "supplementalGroups", 0, super::MAX, report);
    }
}

fn not_empty<'a>(part: Part<'a>, report: &mut Report<'a>) {
    if part.str() == Some("") {
        report.add(&E0441, part, "this cannot be empty").help("give a value, or leave the field out");
    }
}

/// validateSeccompProfileField.
fn profile<'a>(profile: Part<'a>, report: &mut Report<'a>) {
    let file = profile.get("localhostProfile");
    if of_node(profile, file, report) {
        super::super::shape::is(file, &RELATIVE_PATH, "path of a profile", report);
    }
}

/// ValidateAppArmorProfileField.
fn app_armor<'a>(profile: Part<'a>, report: &mut Report<'a>) {
    let name = profile.get("localhostProfile");
    if of_node(profile, name, report)
        && let Some(text) = name.str()
        && (text.trim() != text || text.is_empty())
    {
        report
            .add(&E0441, name, format!("`{text}` is not a valid name of a profile"))
            .help("give the name without white space around it");
    }
}

/// A profile of the node is named, and no other is. Whether it is one.
fn of_node<'a>(profile: Part<'a>, named: Part<'a>, report: &mut Report<'a>) -> bool {
    let kind = profile.get("type");
    match kind.str() {
        Some("Localhost") => {
            if named.is_absent() {
                needed(profile, "localhostProfile", named, "`type: \"Localhost\"` means a profile of the node", report);
            }
            true
        }
        Some(_) => {
            if named.is_present() {
                clash(
                    named,
                    "`localhostProfile` only goes with `type: \"Localhost\"`",
                    "remove it, or change `type`",
                    report,
                )
                .also(kind, "given here");
            }
            false
        }
        None => false,
    }
}

/// What the fields of a container's security context have to do with each other.
pub(super) fn container<'a>(pod: &Pod<'a>, container: Part<'a>, report: &mut Report<'a>) {
    let context = container.get("securityContext");
    if context.is_absent() {
        return;
    }
    let mount = context.get("procMount");
    let users = pod.spec.get("hostUsers");
    if mount.str() == Some("Unmasked") && (users.is_absent() || users.bool() == Some(true)) {
        clash(mount, "`procMount: \"Unmasked\"` needs `hostUsers: false`", "give the pod `hostUsers: false`", report)
            .also(users, "given here");
    }
    let escalation = context.get("allowPrivilegeEscalation");
    if escalation.bool() != Some(false) {
        return;
    }
    let privileged = context.get("privileged");
    if privileged.bool() == Some(true) {
        clash(
            privileged,
            "`privileged: true` does not go with `allowPrivilegeEscalation: false`",
            "a privileged container has all rights already; remove one of the two",
            report,
        )
        .also(escalation, "given here");
    }
    for capability in context.at(&["capabilities", "add"]).items().list {
        if capability.str() == Some("CAP_SYS_ADMIN") {
            clash(
                capability,
                "`CAP_SYS_ADMIN` does not go with `allowPrivilegeEscalation: false`",
                "remove one of the two",
                report,
            )
            .also(escalation, "given here");
        }
    }
}

/// What goes with the operating system that is asked for, and processes on the
/// node itself.
pub(super) fn windows<'a>(spec: Part<'a>, report: &mut Report<'a>) {
    let system = spec.at(&["os", "name"]);
    let context = spec.get("securityContext");
    let containers = || ["containers", "initContainers"].into_iter().flat_map(|name| spec.get(name).items().list);
    match system.str() {
        Some("linux") => {
            for context in std::iter::once(context).chain(containers().map(|one| one.get("securityContext"))) {
                refuse(system, context, &["windowsOptions"], report);
            }
        }
        Some("windows") => {
            let (of_pod, of_context, of_container) = NOT_ON_WINDOWS;
            refuse(system, spec, of_pod, report);
            for name in ["hostPID", "hostIPC"] {
                if spec.get(name).bool() == Some(true) {
                    refuse(system, spec, &[name], report);
                }
            }
            refuse(system, context, of_context, report);
            for one in containers() {
                refuse(system, one.get("securityContext"), of_container, report);
            }
        }
        _ => {}
    }
    sysctls(spec, context, report);
    host_process(spec, context, &containers().collect::<Vec<_>>(), report);
}

fn refuse<'a>(system: Part<'a>, object: Part<'a>, names: &[&str], report: &mut Report<'a>) {
    let Some(text) = system.str() else { return };
    for name in names {
        let part = object.get(name);
        // An empty list is as good as none.
        if is_set(part) && (part.known().is_none_or(|value| value.as_list().is_none_or(|list| !list.is_empty()))) {
            clash(part, format!("a pod on {text} has no `{name}`"), "remove it, or change `os`", report)
                .also(system, "the operating system");
        }
    }
}

/// ValidateHostSysctl: those of a namespace that the pod shares with its node.
fn sysctls<'a>(spec: Part<'a>, context: Part<'a>, report: &mut Report<'a>) {
    let list = context.get("sysctls").items().list;
    if list.is_empty() {
        return;
    }
    for (host, of_namespace) in [("hostNetwork", is_of_network as fn(&str) -> bool), ("hostIPC", is_of_ipc)] {
        let shared = spec.get(host);
        if shared.bool() != Some(true) {
            continue;
        }
        for (name, part) in texts(&list, "name").filter(|(name, _)| of_namespace(name)) {
            clash(
                part,
                format!("`{name}` would change the node, since the pod has `{host}: true`"),
                "remove one of the two",
                report,
            )
            .also(shared, "given here");
        }
    }
}

/// `k8s.io/component-helpers/node/util/sysctl`, namespace.go.
fn is_of_network(name: &str) -> bool {
    name.replace('/', ".").starts_with("net.")
}

fn is_of_ipc(name: &str) -> bool {
    let name = name.replace('/', ".");
    let settings = ["sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced", "shm", "msgmax", "msgmnb", "msgmni", "msg"];
    name.strip_prefix("kernel.").is_some_and(|setting| settings.contains(&setting)) || name.starts_with("fs.mqueue.")
}

/// validateWindowsHostProcessPod.
fn host_process<'a>(spec: Part<'a>, context: Part<'a>, containers: &[Part<'a>], report: &mut Report<'a>) {
    let own = |context: Part<'a>| context.at(&["windowsOptions", "hostProcess"]);
    let of_pod = own(context);
    let mut first = None;
    let mut others = 0;
    for container in containers {
        let part = own(container.get("securityContext"));
        let effective = if part.is_absent() { of_pod } else { part };
        if let (Some(one), Some(all)) = (part.bool(), of_pod.bool())
            && one != all
        {
            clash(
                part,
                format!("the pod has `hostProcess: {all}`, this container `{one}`"),
                "give both the same",
                report,
            )
            .also(of_pod, "the pod's");
        }
        if effective.bool() == Some(true) {
            first = first.or(Some(effective));
        } else if effective.is_absent() || effective.bool().is_some() {
            others += 1;
        }
    }
    let Some(first) = first else { return };
    if others > 0 {
        clash(
            first,
            "either all containers of a pod run on the node itself or none",
            "give `hostProcess: true` to the pod",
            report,
        );
    }
    let network = spec.get("hostNetwork");
    if network.is_absent() || network.bool() == Some(false) {
        clash(first, "`hostProcess: true` needs `hostNetwork: true`", "give the pod `hostNetwork: true`", report);
    }
}
