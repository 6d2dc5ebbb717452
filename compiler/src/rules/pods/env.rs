//! Variables of containers (ValidateEnv, ValidateEnvFrom).

use super::super::forms::{DATA_KEY, LABEL, LABEL_KEY, NO_BACKSTEPS, SUBDOMAIN, SUBDOMAIN_START, VARIABLE};
use super::super::shape::{Check, Count, Shape, clash, is_set, one_of, only, texts, ticked, unique, walk};
use super::{Part, Pod, Report};
use crate::diagnostic::{E0441, E0444, E0446, E0454};

static VAR: Shape =
    &[("name", &[Check::Exactly(&VARIABLE, "name of a variable")]), ("valueFrom", &[Check::In(SOURCE)])];

static SOURCE: Shape = &[
    ("fieldRef", &[Check::Rule(|part, report| field_path(part, OF_VARIABLE, report))]),
    ("resourceFieldRef", &[Check::Rule(resource)]),
    ("configMapKeyRef", &[Check::In(KEY)]),
    ("secretKeyRef", &[Check::In(KEY)]),
    ("fileKeyRef", &[Check::In(FILE)]),
];

/// validateConfigMapKeySelector, validateSecretKeySelector.
static KEY: Shape = &[
    ("name", &[Check::Needed("it is the object that has the key"), Check::Is(&SUBDOMAIN, "name of an object")]),
    ("key", &[Check::Exactly(&DATA_KEY, "key")]),
];

/// validateFileKeySelector.
static FILE: Shape = &[
    ("key", &[Check::Exactly(&VARIABLE, "name of a variable")]),
    ("volumeName", &[Check::Exactly(&LABEL, "name of a volume")]),
    ("path", &[Check::Needed("it is the file that has the variables"), Check::Is(&NO_BACKSTEPS, "path")]),
];

/// validateConfigMapEnvSource, validateSecretEnvSource.
const REFERENCE: &[Check] = &[Check::In(&[(
    "name",
    &[Check::Needed("it is the object that has the variables"), Check::Is(&SUBDOMAIN_START, "name of an object")],
)])];

static FROM: Shape = &[
    ("prefix", &[Check::Is(&VARIABLE, "start of the names of variables")]),
    ("configMapRef", REFERENCE),
    ("secretRef", REFERENCE),
];

/// What `fieldRef` of a variable takes, beside one label or annotation.
const OF_VARIABLE: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// What `fieldRef` of a file takes, beside one label or annotation.
pub(super) const OF_FILE: &[&str] =
    &["metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"];

/// What `resourceFieldRef` takes.
const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
];

/// The variables of one container.
pub(super) fn check<'a>(pod: &Pod<'a>, container: Part<'a>, report: &mut Report<'a>) {
    let variables = container.get("env").items().list;
    for variable in &variables {
        walk(*variable, VAR, report);
        let (value, source) = (variable.get("value"), variable.get("valueFrom"));
        one_of(
            source,
            &["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"],
            Count::One,
            "`valueFrom`",
            report,
        );
        if source.is_present() && is_set(value) {
            clash(source, "a variable has either `value` or `valueFrom`", "remove one of the two", report)
                .also(value, "`value` is given here");
        }
        let volume = source.at(&["fileKeyRef", "volumeName"]);
        if let Some(name) = volume.str() {
            file_volume(pod, volume, name, report);
        }
    }
    unique(texts(&variables, "name"), &E0454, |name| format!("the variable `{name}` is given twice"), report);
    for source in container.get("envFrom").items().list {
        walk(source, FROM, report);
        one_of(source, &["configMapRef", "secretRef"], Count::One, "an entry of `envFrom`", report);
    }
}

/// validateFileKeyRefVolumes.
fn file_volume<'a>(pod: &Pod<'a>, at: Part<'a>, name: &str, report: &mut Report<'a>) {
    if pod.volumes.lacks(name) {
        report.add(&E0444, at, format!("the pod has no volume `{name}`")).help(pod.volumes.help(name, "volumes"));
    } else if let Some(volume) = pod.volumes.get(name)
        && super::volumes::is_other_than(volume, "emptyDir")
    {
        report
            .add(&E0444, at, format!("`{name}` is no `emptyDir`; variables come from files of such a volume only"))
            .also(volume, "the volume")
            .help("let an init container copy the file into an `emptyDir`");
    }
}

/// validateObjectFieldSelector.
pub(super) fn field_path<'a>(reference: Part<'a>, known: &[&str], report: &mut Report<'a>) {
    only(reference.get("apiVersion"), "apiVersion", &["v1"], report);
    let part = reference.get("fieldPath");
    let Some(path) = part.str() else { return };
    let subscript = path.strip_suffix("']").and_then(|path| path.split_once("['"));
    match subscript {
        Some(("metadata.labels", key)) if (LABEL_KEY.fits)(key) => {}
        Some(("metadata.annotations", key)) if (LABEL_KEY.fits)(&key.to_ascii_lowercase()) => {}
        None if known.contains(&path) || path == "spec.host" && known.contains(&"spec.nodeName") => {}
        _ => {
            report
                .add(&E0441, part, format!("`{path}` is no field that a pod can hand on here"))
                .label(format!("can be {}", crate::suggest::listing(known.iter().copied())))
                .help(
                    "or one label or annotation: `metadata.labels['app']`, `metadata.annotations['example.com/note']`",
                );
        }
    }
}

/// validateContainerResourceFieldSelector.
pub(super) fn resource<'a>(reference: Part<'a>, report: &mut Report<'a>) {
    let part = reference.get("resource");
    let Some(name) = part.str() else { return };
    let pages = name.starts_with("limits.hugepages-") || name.starts_with("requests.hugepages-");
    if !pages && !RESOURCES.contains(&name) {
        only(part, "resource", RESOURCES, report);
        return;
    }
    let divisor = reference.get("divisor");
    let Some(quantity) = divisor.quantity().filter(|quantity| quantity.nanos() != 0) else { return };
    let (cpu, text) = (name.ends_with(".cpu"), quantity.to_string());
    let fits = if cpu { matches!(text.as_str(), "1" | "1m") } else { UNITS.contains(&text.as_str()) };
    if !fits {
        report
            .add(&E0446, divisor, format!("`{name}` cannot be divided by `{text}`"))
            .label(if cpu { "can be `1` or `1m`".to_owned() } else { format!("can be {}", ticked(UNITS)) })
            .help(if cpu { "give `1m` for thousandths of a CPU" } else { "give `1Mi` for mebibytes" });
    }
}

const UNITS: &[&str] = &["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
