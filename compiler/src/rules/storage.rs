//! Claims, volumes and their classes and drivers
//! (`pkg/apis/core/validation/validation.go`, ValidatePersistentVolume and
//! ValidatePersistentVolumeClaimSpec; `pkg/apis/storage/validation/validation.go`).

use super::forms::{DRIVER, Form, LABEL, LABEL_KEY, SUBDOMAIN};
use super::shape::{Check, Count, Shape, clash, is, is_empty, needed, one_of, texts, unique, walk};
use super::{Object, Part, Report, pods, selectors};
use crate::diagnostic::{E0442, E0467};

const MODES: &[&str] = &["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];

static CLAIM: Shape = &[
    ("accessModes", &[Check::Rule(modes)]),
    ("selector", &[Check::Rule(selectors::check)]),
    ("storageClassName", &[Check::Is(&SUBDOMAIN, "name of a StorageClass")]),
    ("volumeMode", &[Check::Only(&["Filesystem", "Block"])]),
    ("volumeAttributesClassName", &[Check::Is(&SUBDOMAIN, "name of a VolumeAttributesClass")]),
    ("dataSourceRef", &[Check::In(DATA_SOURCE), Check::Rule(data_source)]),
];

static DATA_SOURCE: Shape = &[
    ("name", &[Check::Needed("the source is found by it")]),
    ("kind", &[Check::Needed("the source is found by it")]),
    ("apiGroup", &[Check::Is(&SUBDOMAIN, "API group")]),
    ("namespace", &[Check::Is(&LABEL, "namespace")]),
];

/// What must hold of a PersistentVolumeClaim.
pub(super) fn claim<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    claim_spec(if spec.is_absent() { object.root } else { spec }, spec, report);
}

/// What must hold of the `spec` of a claim, also of one in a template.
pub(super) fn claim_spec<'a>(at: Part<'a>, spec: Part<'a>, report: &mut Report<'a>) {
    if is_empty(spec.get("accessModes")) {
        no_modes(at, report);
    }
    walk(spec, CLAIM, report);
    let size = spec.at(&["resources", "requests", "storage"]);
    if size.is_absent() {
        report
            .add(&E0467, at, "a claim says how much storage it is about")
            .label("has no `resources.requests.storage`")
            .help("give `resources: { requests: { storage: 10Gi } }`");
    }
    not_nothing(size, report);
    let (old, new) = (spec.get("dataSource"), spec.get("dataSourceRef"));
    let namespace = new.get("namespace");
    if old.is_present() && namespace.str().is_some_and(|text| !text.is_empty()) {
        clash(old, "`dataSource` knows no other namespace", "remove it beside `dataSourceRef`", report)
            .also(new, "the other one");
    } else if old.is_present() && new.is_present() && is_empty(namespace) {
        let differs =
            |field: &str| matches!((old.get(field).str(), new.get(field).str()), (Some(a), Some(b)) if a != b);
        if ["apiGroup", "kind", "name"].into_iter().any(differs) {
            clash(old, "`dataSource` and `dataSourceRef` differ", "remove `dataSource`", report)
                .also(new, "the other one");
        }
    }
}

fn no_modes<'a>(at: Part<'a>, report: &mut Report<'a>) {
    report
        .add(&E0467, at, "storage without `accessModes`")
        .help("give `accessModes: [\"ReadWriteOnce\"]` where one node uses it");
}

fn not_nothing<'a>(size: Part<'a>, report: &mut Report<'a>) {
    if size.quantity().is_some_and(|quantity| quantity.nanos() <= 0) {
        report.add(&E0467, size, "storage of nothing").help("give how much it is: `10Gi`");
    }
}

fn modes<'a>(part: Part<'a>, report: &mut Report<'a>) {
    let modes = part.items().list;
    modes.iter().for_each(|mode| super::shape::only(*mode, "accessModes", MODES, report));
    let alone = modes.iter().find(|mode| mode.str() == Some("ReadWriteOncePod"));
    let other = modes.iter().find(|mode| mode.str().is_some_and(|text| text != "ReadWriteOncePod"));
    if let (Some(alone), Some(other)) = (alone, other) {
        clash(*alone, "`ReadWriteOncePod` excludes every other mode", "keep one of them", report)
            .also(*other, "another mode");
    }
}

/// Only claims are of the core group (validateDataSourceRef). Another `dataSource`
/// would be dropped in silence.
fn data_source<'a>(source: Part<'a>, report: &mut Report<'a>) {
    let (group, kind) = (source.get("apiGroup"), source.get("kind"));
    if is_empty(group)
        && let Some(text) = kind.str()
        && !matches!(text, "" | "PersistentVolumeClaim")
    {
        report
            .add(&E0467, kind, format!("a {text} without API group cannot be a source"))
            .help("give its `apiGroup`: `snapshot.storage.k8s.io` for a VolumeSnapshot");
    }
}

/// Where the data of a volume may be.
const SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

static VOLUME: Shape = &[
    ("accessModes", &[Check::Rule(modes)]),
    ("persistentVolumeReclaimPolicy", &[Check::Only(&["Retain", "Delete", "Recycle"])]),
    ("storageClassName", &[Check::Is(&SUBDOMAIN, "name of a StorageClass")]),
    ("volumeMode", &[Check::Only(&["Filesystem", "Block"])]),
    ("volumeAttributesClassName", &[Check::Exactly(&SUBDOMAIN, "name of a VolumeAttributesClass")]),
    ("csi", &[Check::In(CSI)]),
    ("nfs", &[Check::In(NFS)]),
    ("hostPath", &[Check::In(HOST_PATH)]),
    ("local", &[Check::In(LOCAL)]),
];

static CSI: Shape = &[
    ("driver", &[Check::Needed("the driver is found by it"), Check::Is(&DRIVER, "name of a driver")]),
    ("volumeHandle", &[Check::Needed("the driver finds the volume by it")]),
    ("controllerPublishSecretRef", SECRET),
    ("controllerExpandSecretRef", SECRET),
    ("nodePublishSecretRef", SECRET),
    ("nodeExpandSecretRef", SECRET),
];

static SECRET: &[Check] = &[Check::In(&[
    ("name", &[Check::Needed("the Secret is found by it"), Check::Is(&SUBDOMAIN, "name of a Secret")]),
    ("namespace", &[Check::Needed("the Secret is found by it"), Check::Is(&LABEL, "namespace")]),
])];

static NFS: Shape = &[
    ("server", &[Check::Needed("the files are there")]),
    ("path", &[Check::Needed("the files are there"), Check::Is(&super::forms::ABSOLUTE_PATH, "path")]),
];

static HOST_PATH: Shape =
    &[("path", &[Check::Needed("the files are there"), Check::Is(&super::forms::NO_BACKSTEPS, "path")])];

static LOCAL: Shape =
    &[("path", &[Check::Needed("the files are there"), Check::Is(&super::forms::NO_BACKSTEPS, "path")])];

/// What must hold of a PersistentVolume.
pub(super) fn volume<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    let at = if spec.is_absent() { object.root } else { spec };
    if is_empty(spec.get("accessModes")) {
        no_modes(at, report);
    }
    let capacity = spec.get("capacity");
    let sizes = capacity.entries();
    if capacity.get("storage").is_absent()
        || sizes.list.iter().any(|(name, part)| *name != "storage" && part.is_present())
    {
        report
            .add(
                &E0467,
                if capacity.is_absent() { at } else { capacity },
                "a volume has a capacity of `storage`, and of nothing else",
            )
            .help("give `capacity: { storage: 10Gi }`");
    }
    not_nothing(capacity.get("storage"), report);
    walk(spec, VOLUME, report);
    one_of(spec, SOURCES, Count::AtMostOne, "a volume", report);
    if SOURCES.iter().all(|source| spec.get(source).is_absent()) {
        report
            .add(&E0467, at, "a volume that does not say where its data is")
            .help("give `csi` with its driver, or another of the kinds of volumes");
    }
    let affinity = spec.get("nodeAffinity");
    if spec.get("local").is_present() && affinity.is_absent() {
        needed(spec, "nodeAffinity", affinity, "a `local` volume is on one node", report);
    }
    if affinity.is_present() && affinity.get("required").is_absent() {
        needed(affinity, "required", Part::Absent, "it says which nodes reach the volume", report);
    }
    pods::node_selector(affinity.get("required"), report);
    let class = spec.get("volumeAttributesClassName");
    if class.is_present() && spec.get("csi").is_absent() {
        clash(class, "only a volume of `csi` has a class of attributes", "remove it", report);
    }
    let policy = spec.get("persistentVolumeReclaimPolicy");
    if policy.str() == Some("Recycle")
        && spec.at(&["hostPath", "path"]).str().is_some_and(|path| path.trim_matches('/').is_empty())
    {
        clash(policy, "recycling `/` would empty the node", "give another path, or `Retain`", report);
    }
}

/// A name whose case does not matter (validateProvisioner).
static PROVISIONER: Form = Form {
    fits: |text| (LABEL_KEY.fits)(&text.to_ascii_lowercase()),
    words: LABEL_KEY.words,
    example: "ebs.csi.aws.com",
    named: false,
};

const SERVED_BY: &[Check] = &[Check::Needed("a program makes the volumes"), Check::Is(&PROVISIONER, "provisioner")];

static CLASS: Shape = &[
    ("provisioner", SERVED_BY),
    ("parameters", &[Check::Rule(parameters)]),
    ("reclaimPolicy", &[Check::Only(&["Delete", "Retain"])]),
    ("volumeBindingMode", &[Check::Only(&["Immediate", "WaitForFirstConsumer"])]),
    ("allowedTopologies", &[Check::Rule(topologies)]),
];

/// What must hold of a StorageClass.
pub(super) fn class<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    walk(object.root, CLASS, report);
    // Of topologies without requirements, each is the same (ValidateTopologySelectorTerm).
    let empty = |term: &Part<'a>| is_empty(term.get("matchLabelExpressions")) && term.is_present();
    let all = object.root.get("allowedTopologies").items().list;
    let empty = all.into_iter().filter(empty).map(|term| ((), term));
    unique(empty, &E0442, |()| "two topologies are the same: each is any".to_owned(), report);
}

static ATTRIBUTES: Shape = &[("driverName", SERVED_BY), ("parameters", &[Check::Rule(parameters)])];

/// What must hold of a VolumeAttributesClass.
pub(super) fn attributes<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    walk(object.root, ATTRIBUTES, report);
    let parameters = object.root.get("parameters");
    let entries = parameters.entries();
    if entries.complete && entries.list.is_empty() {
        needed(object.root, "parameters", Part::Absent, "the class is about them", report);
    }
}

/// (validateParameters)
fn parameters<'a>(parameters: Part<'a>, report: &mut Report<'a>) {
    let entries = parameters.entries().list;
    let size: usize = entries.iter().map(|(key, value)| key.len() + value.str().map_or(0, str::len)).sum();
    if entries.len() > 512 || size > 256 << 10 {
        report
            .add(&E0467, parameters, format!("{} parameters of {size} octets are too many", entries.len()))
            .help("at most 512 are taken, and 262144 octets");
    }
    if let Some((_, value)) = entries.iter().find(|(key, value)| key.is_empty() && value.is_present()) {
        report.add(&E0467, *value, "a parameter without name").help("remove it, or name it");
    }
}

/// (ValidateTopologySelectorTerm)
fn topologies<'a>(topologies: Part<'a>, report: &mut Report<'a>) {
    for term in topologies.items().list {
        let wanted = term.get("matchLabelExpressions").items().list;
        unique(texts(&wanted, "key"), &E0442, |key| format!("`{key}` is asked for twice"), report);
        for one in wanted {
            is(one.get("key"), &LABEL_KEY, "label key", report);
            let values = one.get("values");
            if is_empty(values) {
                needed(one, "values", values, "a volume is made in one of them", report);
            }
            let values = values.items().list.into_iter().filter_map(|value| value.str().map(|text| (text, value)));
            unique(values, &E0442, |value| format!("`{value}` is given twice"), report);
        }
    }
}

static DRIVER_SPEC: Shape = &[
    ("nodeAllocatableUpdatePeriodSeconds", &[Check::Between(10, super::shape::MAX)]),
    ("fsGroupPolicy", &[Check::Only(&["ReadWriteOnceWithFSType", "File", "None"])]),
    ("tokenRequests", &[Check::Rule(token_requests)]),
];

static LIFECYCLE_MODE: Form = Form {
    fits: |text| matches!(text, "Persistent" | "Ephemeral"),
    words: "`Persistent` or `Ephemeral`",
    example: "Persistent",
    named: false,
};

/// What must hold of a CSIDriver (validateCSIDriverSpec).
pub(super) fn driver<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, DRIVER_SPEC, report);
    spec.get("volumeLifecycleModes")
        .items()
        .list
        .into_iter()
        .for_each(|mode| is(mode, &LIFECYCLE_MODE, "mode", report));
    let secrets = spec.get("serviceAccountTokenInSecrets");
    if secrets.is_present() && is_empty(spec.get("tokenRequests")) {
        clash(secrets, "without `tokenRequests` there is no token", "give `tokenRequests`, or remove it", report);
    }
}

fn token_requests<'a>(requests: Part<'a>, report: &mut Report<'a>) {
    let requests = requests.items().list;
    let audiences = requests.iter().filter_map(|request| {
        let audience = request.get("audience");
        if audience.is_absent() { Some(("", *request)) } else { audience.str().map(|text| (text, audience)) }
    });
    unique(audiences, &E0442, |audience| format!("two tokens are for the audience `{audience}`"), report);
    for request in requests {
        super::shape::between(request.get("expirationSeconds"), "expirationSeconds", 600, 1 << 32, report);
    }
}

static ATTACHMENT: Shape = &[
    ("attacher", &[Check::Needed("it attaches the volume"), Check::Is(&DRIVER, "name of a driver")]),
    ("nodeName", &[Check::Needed("the volume is attached there"), Check::Is(&SUBDOMAIN, "name of a Node")]),
];

/// What must hold of a VolumeAttachment (validateVolumeAttachmentSpec).
pub(super) fn attachment<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    walk(spec, ATTACHMENT, report);
    let source = spec.get("source");
    one_of(source, &["persistentVolumeName", "inlineVolumeSpec"], Count::One, "a source", report);
    is(source.get("persistentVolumeName"), &SUBDOMAIN, "name of a PersistentVolume", report);
}

/// What must hold of a CSIStorageCapacity.
pub(super) fn capacity<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    selectors::check(object.root.get("nodeTopology"), report);
    is(object.root.get("storageClassName"), &SUBDOMAIN, "name of a StorageClass", report);
    let size = object.root.get("capacity");
    if size.quantity().is_some_and(|quantity| quantity.nanos() < 0) {
        report.add(&E0467, size, "a capacity is not negative").help("give `0` where nothing is left");
    }
}
