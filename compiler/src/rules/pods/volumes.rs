//! Volumes (ValidateVolumes, validateVolumeSource and what that calls). One
//! without any source is an `emptyDir` (SetDefaults_Volume).

use super::super::forms::{
    ABSOLUTE_PATH, DRIVER, ISCSI_NAME, LABEL, NO_BACKSTEPS, OWN_PATH, RELATIVE_PATH, SIGNER, SUBDOMAIN,
};
use super::super::shape::{Check, Count, MAX, Shape, clash, is_empty, is_set, one_of, texts, unique, walk};
use super::super::{metadata, selectors, storage};
use super::{Part, Report, env};
use crate::diagnostic::{E0442, E0445, E0446};

const MODE: &[Check] = &[Check::Mode];
const NEEDED: &[Check] = &[Check::Needed("Kubernetes cannot find the volume without it")];
const PARTITION: &[Check] = &[Check::Between(0, 255)];
const NAMED: &[Check] = &[Check::In(&[("name", NEEDED)])];
const ITEMS: &[Check] = &[Check::Each(&[
    ("key", &[Check::Needed("it is the key of the file's content")]),
    ("path", &[Check::Needed("it is the file"), Check::Is(&OWN_PATH, "path of a file")]),
    ("mode", MODE),
])];

/// validateDownwardAPIVolumeFile.
const FILES: &[Check] = &[
    Check::Each(&[
        ("path", &[Check::Needed("it is the file"), Check::Is(&OWN_PATH, "path of a file")]),
        ("mode", MODE),
        ("fieldRef", &[Check::Rule(|part, report| env::field_path(part, env::OF_FILE, report))]),
        (
            "resourceFieldRef",
            &[
                Check::In(&[("containerName", &[Check::Needed("a file is not of one container")])]),
                Check::Rule(env::resource),
            ],
        ),
    ]),
    Check::Rule(|list, report| {
        for file in list.items().list {
            one_of(file, &["fieldRef", "resourceFieldRef"], Count::One, "a file", report);
        }
    }),
];

/// The sources of a volume, each with its shape.
static SOURCES: Shape = &[
    ("emptyDir", &[Check::In(&[("sizeLimit", &[Check::Rule(not_negative)])])]),
    (
        "hostPath",
        &[Check::In(&[("path", &[Check::Needed("it is the path on the node"), Check::Is(&NO_BACKSTEPS, "path")])])],
    ),
    ("gitRepo", &[Check::In(&[("repository", NEEDED), ("directory", &[Check::Is(&RELATIVE_PATH, "path")])])]),
    ("gcePersistentDisk", &[Check::In(&[("pdName", NEEDED), ("partition", PARTITION)])]),
    ("awsElasticBlockStore", &[Check::In(&[("volumeID", NEEDED), ("partition", PARTITION)])]),
    ("secret", &[Check::In(&[("secretName", NEEDED), ("defaultMode", MODE), ("items", ITEMS)])]),
    ("nfs", &[Check::In(&[("server", NEEDED), ("path", &[Check::Exactly(&ABSOLUTE_PATH, "path")])])]),
    ("iscsi", &[Check::In(ISCSI), Check::Rule(iscsi)]),
    ("glusterfs", &[Check::In(&[("endpoints", NEEDED), ("path", NEEDED)])]),
    ("flocker", &[Check::Rule(|part, r| one_of(part, &["datasetName", "datasetUUID"], Count::One, "`flocker`", r))]),
    ("persistentVolumeClaim", &[Check::In(&[("claimName", NEEDED)])]),
    ("rbd", &[Check::In(&[("monitors", NEEDED), ("image", NEEDED)])]),
    ("cinder", &[Check::In(&[("volumeID", NEEDED), ("secretRef", NAMED)])]),
    ("cephfs", &[Check::In(&[("monitors", NEEDED)])]),
    ("quobyte", &[Check::In(&[("registry", NEEDED), ("volume", NEEDED)])]),
    ("downwardAPI", &[Check::In(&[("defaultMode", MODE), ("items", FILES)])]),
    ("fc", &[Check::In(&[("lun", PARTITION)]), Check::Rule(fc)]),
    ("flexVolume", &[Check::In(&[("driver", NEEDED)])]),
    ("configMap", &[Check::In(&[("name", NEEDED), ("defaultMode", MODE), ("items", ITEMS)])]),
    ("azureFile", &[Check::In(&[("secretName", NEEDED), ("shareName", NEEDED)])]),
    ("vsphereVolume", &[Check::In(&[("volumePath", NEEDED)])]),
    ("photonPersistentDisk", &[Check::In(&[("pdID", NEEDED)])]),
    ("portworxVolume", &[Check::In(&[("volumeID", NEEDED)])]),
    ("azureDisk", &[Check::In(&[("diskName", NEEDED), ("diskURI", NEEDED)])]),
    (
        "storageos",
        &[Check::In(&[
            ("volumeName", &[Check::Needed("it is the volume"), Check::Is(&LABEL, "name of a volume")]),
            ("volumeNamespace", &[Check::Is(&LABEL, "namespace")]),
            ("secretRef", NAMED),
        ])],
    ),
    ("projected", &[Check::In(&[("defaultMode", MODE)]), Check::Rule(projected)]),
    ("scaleIO", &[Check::In(&[("gateway", NEEDED), ("system", NEEDED), ("volumeName", NEEDED)])]),
    (
        "csi",
        &[Check::In(&[
            ("driver", &[Check::Exactly(&DRIVER, "name of a driver")]),
            (
                "nodePublishSecretRef",
                &[Check::In(&[(
                    "name",
                    &[Check::Needed("it is the Secret"), Check::Is(&SUBDOMAIN, "name of a Secret")],
                )])],
            ),
        ])],
    ),
    (
        "ephemeral",
        &[Check::In(&[("volumeClaimTemplate", &[Check::Needed("the claim is made from it"), Check::Rule(claim)])])],
    ),
    ("image", &[Check::In(&[("reference", NEEDED)])]),
];

static ISCSI: Shape = &[
    ("targetPortal", NEEDED),
    ("iqn", &[Check::Needed("it names the target"), Check::Is(&ISCSI_NAME, "name of a target")]),
    ("lun", PARTITION),
    ("initiatorName", &[Check::Exactly(&ISCSI_NAME, "name of an initiator")]),
];

/// What goes into a projected volume (validateProjectionSources).
static PROJECTED: Shape = &[
    ("secret", &[Check::In(&[("name", NEEDED), ("items", ITEMS)])]),
    ("configMap", &[Check::In(&[("name", NEEDED), ("items", ITEMS)])]),
    ("downwardAPI", &[Check::In(&[("items", FILES)])]),
    (
        "serviceAccountToken",
        &[Check::In(&[
            ("expirationSeconds", &[Check::Between(600, 1 << 32)]),
            ("path", &[Check::Needed("it is the file"), Check::Is(&OWN_PATH, "path of a file")]),
        ])],
    ),
    (
        "clusterTrustBundle",
        &[
            Check::In(&[
                ("path", &[Check::Needed("it is the file"), Check::Is(&OWN_PATH, "path of a file")]),
                ("signerName", &[Check::Exactly(&SIGNER, "name of a signer")]),
                ("labelSelector", &[Check::Rule(selectors::check)]),
            ]),
            Check::Rule(|part, r| one_of(part, &["name", "signerName"], Count::One, "`clusterTrustBundle`", r)),
        ],
    ),
    (
        "podCertificate",
        &[
            Check::In(&[
                ("signerName", &[Check::Exactly(&SIGNER, "name of a signer")]),
                ("keyType", &[Check::Only(&["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"])]),
                ("maxExpirationSeconds", &[Check::Between(3600, MAX)]),
                ("credentialBundlePath", &[Check::Is(&OWN_PATH, "path of a file")]),
                ("keyPath", &[Check::Is(&OWN_PATH, "path of a file")]),
                ("certificateChainPath", &[Check::Is(&OWN_PATH, "path of a file")]),
            ]),
            Check::Rule(certificate),
        ],
    ),
];

/// The volumes of a pod.
pub(super) fn check<'a>(volumes: Part<'a>, report: &mut Report<'a>) {
    let list = volumes.items().list;
    for volume in &list {
        walk(*volume, VOLUME, report);
        walk(*volume, SOURCES, report);
        sources(*volume, report);
    }
    unique(texts(&list, "name"), &E0442, |name| format!("the pod has two volumes named `{name}`"), report);
}

static VOLUME: Shape = &[("name", &[Check::Exactly(&LABEL, "name of a volume")])];

/// A volume has one source.
fn sources<'a>(volume: Part<'a>, report: &mut Report<'a>) {
    let mut given = SOURCES.iter().map(|(name, _)| *name).filter(|name| volume.get(name).is_present());
    if let (Some(first), Some(second)) = (given.next(), given.next()) {
        one_of(volume, &[first, second], Count::AtMostOne, "a volume", report);
    }
}

/// The volume certainly comes from something else.
pub(super) fn is_other_than(volume: Part<'_>, source: &str) -> bool {
    !volume.get(source).is_present() && SOURCES.iter().any(|(name, _)| *name != source && volume.get(name).is_present())
}

fn not_negative<'a>(amount: Part<'a>, report: &mut Report<'a>) {
    if let Some(quantity) = amount.quantity().filter(|quantity| quantity.nanos() < 0) {
        report.add(&E0446, amount, format!("`sizeLimit` cannot be {quantity}")).help("give an amount of 0 or more");
    }
}

/// ValidatePersistentVolumeClaimTemplate; the claim gets its name from the pod.
fn claim<'a>(template: Part<'a>, report: &mut Report<'a>) {
    let metadata = template.get("metadata");
    metadata::check_template(metadata, report);
    for name in ["name", "generateName", "namespace", "finalizers", "ownerReferences"] {
        let part = metadata.get(name);
        if is_set(part) {
            clash(part, format!("this template has labels and annotations, but no `{name}`"), "remove it", report);
        }
    }
    let spec = template.get("spec");
    storage::claim_spec(if spec.is_absent() { template } else { spec }, spec, report);
}

/// validateISCSIVolumeSource.
fn iscsi<'a>(source: Part<'a>, report: &mut Report<'a>) {
    for name in ["chapAuthDiscovery", "chapAuthSession"] {
        let part = source.get(name);
        if part.bool() == Some(true) && source.get("secretRef").is_absent() {
            clash(part, format!("`{name}: true` needs `secretRef`"), "give the Secret that has the passwords", report);
        }
    }
}

/// validateFCVolumeSource.
fn fc<'a>(source: Part<'a>, report: &mut Report<'a>) {
    let (names, ids) = (source.get("targetWWNs"), source.get("wwids"));
    if is_empty(names) && is_empty(ids) || !names.items().list.is_empty() && !ids.items().list.is_empty() {
        report.add(&E0445, source, "`fc` needs either `targetWWNs` or `wwids`").help("give one of the two");
    }
    if !names.items().list.is_empty() && source.get("lun").is_absent() {
        clash(names, "`targetWWNs` needs `lun`", "give `lun`", report);
    }
}

/// validateProjectionSources.
fn projected<'a>(source: Part<'a>, report: &mut Report<'a>) {
    let mut paths = Vec::new();
    for one in source.get("sources").items().list {
        walk(one, PROJECTED, report);
        let kinds =
            ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"];
        one_of(one, &kinds, Count::AtMostOne, "an entry of `sources`", report);
        for kind in ["secret", "configMap", "downwardAPI"] {
            paths.extend(texts(&one.get(kind).get("items").items().list, "path"));
        }
        paths.extend(texts(&[one.get("clusterTrustBundle")], "path"));
        for field in CERTIFICATE_PATHS {
            paths.extend(texts(&[one.get("podCertificate")], field));
        }
    }
    unique(paths, &E0442, |path| format!("two sources write the file `{path}`"), report);
}

const CERTIFICATE_PATHS: [&str; 3] = ["credentialBundlePath", "keyPath", "certificateChainPath"];

fn certificate<'a>(source: Part<'a>, report: &mut Report<'a>) {
    if CERTIFICATE_PATHS.iter().all(|name| is_empty(source.get(name))) {
        report
            .add(&E0445, source, "this certificate is written to no file")
            .help("give `credentialBundlePath`, or `keyPath` and `certificateChainPath`");
    }
}
