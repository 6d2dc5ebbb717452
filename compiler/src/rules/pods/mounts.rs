//! Where containers have volumes (ValidateVolumeMounts, ValidateVolumeDevices).

use super::super::forms::{NO_BACKSTEPS, RELATIVE_PATH};
use super::super::shape::{Check, Shape, clash, is_empty, is_set, texts, unique, walk};
use super::{Part, Pod, Report};
use crate::diagnostic::{E0442, E0444, E0448};

static MOUNT: Shape = &[
    ("name", &[Check::Needed("it is the volume")]),
    ("mountPath", &[Check::Needed("it is where the volume is seen")]),
    ("subPath", &[Check::Is(&RELATIVE_PATH, "path inside a volume")]),
    ("subPathExpr", &[Check::Is(&RELATIVE_PATH, "path inside a volume")]),
    ("recursiveReadOnly", &[Check::Only(&["Disabled", "IfPossible", "Enabled"])]),
];

static DEVICE: Shape = &[
    ("name", &[Check::Needed("it is the volume")]),
    ("devicePath", &[Check::Needed("it is where the device is seen"), Check::Is(&NO_BACKSTEPS, "path of a device")]),
];

/// The mounts and devices of one container.
pub(super) fn check<'a>(pod: &Pod<'a>, container: Part<'a>, report: &mut Report<'a>) {
    let mounts = container.get("volumeMounts").items().list;
    let devices = container.get("volumeDevices").items().list;
    if mounts.is_empty() && devices.is_empty() {
        return;
    }
    for mount in &mounts {
        walk(*mount, MOUNT, report);
        known(pod, *mount, report);
        one_mount(container, *mount, report);
    }
    unique(texts(&mounts, "mountPath"), &E0442, |path| format!("two volumes are mounted at `{path}`"), report);
    for device in &devices {
        walk(*device, DEVICE, report);
        known(pod, *device, report);
        let name = device.get("name");
        if let Some(volume) = name.str().and_then(|name| pod.volumes.get(name))
            && super::volumes::is_other_than(volume, "persistentVolumeClaim")
            && super::volumes::is_other_than(volume, "ephemeral")
        {
            report
                .add(&E0444, name, "only a claim can be a device; this volume is none")
                .also(volume, "the volume")
                .help("use `volumeMounts`, or a volume with `persistentVolumeClaim` or `ephemeral`");
        }
    }
    unique(texts(&devices, "devicePath"), &E0442, |path| format!("two devices are at `{path}`"), report);
    unique(texts(&devices, "name"), &E0442, |name| format!("`{name}` is given twice as a device"), report);
    let both = |field: &'static str, other: &'static str| {
        texts(&devices, other)
            .find_map(|(text, at)| Some((at, texts(&mounts, field).find(|(known, _)| *known == text)?)))
    };
    for (device, (text, mount)) in both("name", "name").into_iter().chain(both("mountPath", "devicePath")) {
        clash(device, format!("`{text}` is both mounted and a device"), "remove one of the two", report)
            .also(mount, "mounted here");
    }
}

/// The volume is there.
fn known<'a>(pod: &Pod<'a>, mount: Part<'a>, report: &mut Report<'a>) {
    let part = mount.get("name");
    if let Some(name) = part.str().filter(|name| !name.is_empty() && pod.volumes.lacks(name)) {
        report.add(&E0444, part, format!("the pod has no volume `{name}`")).help(pod.volumes.help(name, "volumes"));
    }
}

/// validateMountPropagation, validateMountRecursiveReadOnly.
fn one_mount<'a>(container: Part<'a>, mount: Part<'a>, report: &mut Report<'a>) {
    let (path, expression) = (mount.get("subPath"), mount.get("subPathExpr"));
    if is_set(path) && is_set(expression) {
        clash(expression, "a mount has either `subPath` or `subPathExpr`", "remove one of the two", report)
            .also(path, "`subPath` is given here");
    }
    let propagation = mount.get("mountPropagation");
    if propagation.str() == Some("Bidirectional") {
        let privileged = container.at(&["securityContext", "privileged"]);
        if privileged.is_absent() || privileged.bool() == Some(false) {
            report
                .add(&E0448, propagation, "only a privileged container may hand mounts on to its node")
                .help("use `HostToContainer`, or `securityContext: { privileged: true }`");
        }
    }
    let recursive = mount.get("recursiveReadOnly");
    if !matches!(recursive.str(), Some("Enabled" | "IfPossible")) {
        return;
    }
    let read_only = mount.get("readOnly");
    if read_only.is_absent() || read_only.bool() == Some(false) {
        clash(recursive, "`recursiveReadOnly` needs `readOnly: true`", "add `readOnly: true`", report);
    }
    if !is_empty(propagation) && propagation.str().is_some_and(|text| text != "None") {
        clash(
            recursive,
            "`recursiveReadOnly` does not go with this `mountPropagation`",
            "remove one of the two",
            report,
        )
        .also(propagation, "given here");
    }
}
