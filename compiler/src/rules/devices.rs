//! Devices and claims to them (`pkg/apis/resource/validation/validation.go`, and
//! the `+k8s:` marks of `resource/v1/types.go` in k8s.io/api).

use super::forms::{DRIVER, Form, LABEL, LABEL_KEY, LABEL_VALUE, SUBDOMAIN};
use super::shape::{Check, Count, MAX, Shape, clash, is, is_empty, is_set, needed, one_of, texts, unique, walk};
use super::{Object, Part, Report, admission, metadata, pods};
use crate::check::{is_dns_label, is_dns_subdomain};
use crate::diagnostic::{E0441, E0442, E0448};

/// A name in C, of at most 32 characters (validateCIdentifier).
fn is_identifier(text: &str) -> bool {
    let start = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.len() <= 32 && text.starts_with(start) && text.chars().all(|c| start(c) || c.is_ascii_digit())
}

/// A domain, `/` and an identifier (validateFullyQualifiedName).
static FULL_NAME: Form = Form {
    // More than two parts are let through, as the server does.
    fits: |text| match text.split('/').collect::<Vec<_>>().as_slice() {
        [domain, name] => (DRIVER.fits)(domain) && is_identifier(name),
        parts => parts.len() > 2,
    },
    words: "a domain, `/`, and at most 32 letters, digits and `_`",
    example: "gpu.example.com/model",
    named: false,
};

/// The key of an attribute or of a capacity (validateQualifiedName).
static NAME: Form = Form {
    fits: |text| is_identifier(text) || (FULL_NAME.fits)(text),
    words: "at most 32 letters, digits and `_`; a domain and `/` may stand before",
    example: "model",
    named: false,
};

/// validatePoolName.
static POOL: Form = Form {
    fits: |text| text.len() <= 253 && text.split('/').all(is_dns_subdomain),
    words: "at most 253 lower-case letters, digits, `-`, `.` and `/`",
    example: "node-1",
    named: true,
};

/// The name of a request, or of a request and one of its choices (validateRequestNameRef).
static REQUEST: Form = Form {
    fits: |text| text.split('/').count() <= 2 && text.split('/').all(is_dns_label),
    words: "the name of a request; `/` and the name of a choice may follow",
    example: "gpu",
    named: false,
};

/// IsExtendedResourceName.
static EXTENDED: Form = Form {
    fits: |text| {
        text.contains('/')
            && !text.contains("kubernetes.io/")
            && !text.starts_with("requests.")
            && (LABEL_KEY.fits)(&format!("requests.{text}"))
    },
    words: "a domain that is not Kubernetes' own, `/`, and a name",
    example: "example.com/gpu",
    named: false,
};

/// validateDeviceTaint.
static TAINT: Shape = &[
    ("key", &[Check::Exactly(&LABEL_KEY, "key of a taint")]),
    ("value", &[Check::Is(&LABEL_VALUE, "value of a taint")]),
    ("effect", &[Check::Needed("it says what becomes of pods"), Check::Only(&["None", "NoSchedule", "NoExecute"])]),
];

/// validateSelector; the expression itself is the server's to compile.
static SELECTOR: Shape = &[(
    "cel",
    &[
        Check::Needed("a selector is an expression"),
        Check::In(&[("expression", &[Check::Needed("it says which devices fit"), Check::Rule(admission::readable)])]),
    ],
)];

/// validateDeviceConfiguration.
static CONFIG: Shape = &[(
    "opaque",
    &[
        Check::Needed("a configuration is one for a driver"),
        Check::In(&[
            ("driver", &[Check::Exactly(&DRIVER, "name of a driver")]),
            ("parameters", &[Check::Needed("they are what the driver is told"), Check::Rule(object_only)]),
        ]),
    ],
)];

static CONFIGS: &[Check] = &[Check::Each(CONFIG), Check::Rule(at_most_32)];
static SELECTORS: &[Check] = &[Check::Each(SELECTOR), Check::Rule(at_most_32)];

fn object_only<'a>(part: Part<'a>, report: &mut Report<'a>) {
    if part.known().is_some_and(|value| value.as_map().is_none()) {
        report.add(&E0441, part, "the parameters of a driver are an object").help("give `{ … }`");
    }
}

fn at_most_32<'a>(list: Part<'a>, report: &mut Report<'a>) {
    pods::at_most(list, 32, report);
}

/// A DeviceClass.
pub(super) fn class<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    static SPEC: Shape = &[
        ("selectors", SELECTORS),
        ("config", CONFIGS),
        ("extendedResourceName", &[Check::Exactly(&EXTENDED, "extended resource")]),
    ];
    walk(object.root.get("spec"), SPEC, report);
}

/// A ResourceClaim.
pub(super) fn claim<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    devices(object.root.at(&["spec", "devices"]), report);
}

/// A ResourceClaimTemplate.
pub(super) fn claim_template<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let spec = object.root.get("spec");
    let made = spec.get("metadata");
    metadata::check_template(made, report);
    // ValidateTemplateObjectMeta.
    for (name, field) in made.entries().list {
        if !matches!(name, "labels" | "annotations") && is_set(field) {
            clash(field, format!("`{name}` of the claims is not for a template to say"), "remove it", report);
        }
    }
    devices(spec.at(&["spec", "devices"]), report);
}

/// validateExactDeviceRequest and validateDeviceSubRequest.
static ASKED: Shape = &[
    ("deviceClassName", &[Check::Exactly(&SUBDOMAIN, "name of a DeviceClass")]),
    ("selectors", SELECTORS),
    ("allocationMode", &[Check::Only(&["ExactCount", "All"])]),
    ("tolerations", &[Check::Rule(tolerations)]),
];

/// validateDeviceClaim.
fn devices<'a>(devices: Part<'a>, report: &mut Report<'a>) {
    static SHAPE: Shape = &[
        (
            "requests",
            &[Check::Each(&[("name", &[Check::Exactly(&LABEL, "name of a request")])]), Check::Rule(at_most_32)],
        ),
        ("constraints", &[Check::Rule(at_most_32)]),
        ("config", CONFIGS),
    ];
    walk(devices, SHAPE, report);
    let requests = devices.get("requests").items();
    unique(texts(&requests.list, "name"), &E0442, |name| format!("the request `{name}` is given twice"), report);
    for request in &requests.list {
        one_of(*request, &["exactly", "firstAvailable"], Count::One, "a request", report);
        asked(request.get("exactly"), report);
        let choices = request.get("firstAvailable");
        pods::at_most(choices, 8, report);
        let choices = choices.items().list;
        unique(texts(&choices, "name"), &E0442, |name| format!("the choice `{name}` is given twice"), report);
        for choice in choices {
            is(choice.get("name"), &LABEL, "name of a choice", report);
            asked(choice, report);
        }
    }
    let known = |name: &str| {
        let (first, choice) = name.split_once('/').map_or((name, None), |(first, choice)| (first, Some(choice)));
        requests.list.iter().any(|request| {
            request.get("name").str().is_none_or(|name| name == first)
                && choice.is_none_or(|choice| may_have(request.get("firstAvailable"), choice))
        })
    };
    let refers = |part: Part<'a>, report: &mut Report<'a>| {
        let names = part.get("requests").items().list;
        unique(
            names.iter().filter_map(|name| Some((name.str()?, *name))),
            &E0442,
            |name| format!("the request `{name}` is given twice"),
            report,
        );
        for name in names {
            is(name, &REQUEST, "name of a request", report);
            let Some(text) = name.str().filter(|text| (REQUEST.fits)(text)) else { continue };
            if requests.complete && !known(text) {
                report
                    .add(&E0441, name, format!("no request of this claim is called `{text}`"))
                    .help("give the name of one of `requests`");
            }
        }
    };
    for constraint in devices.get("constraints").items().list {
        one_of(constraint, &["matchAttribute", "distinctAttribute"], Count::One, "a constraint", report);
        for name in ["matchAttribute", "distinctAttribute"] {
            is(constraint.get(name), &FULL_NAME, "name of an attribute", report);
        }
        refers(constraint, report);
    }
    for config in devices.get("config").items().list {
        refers(config, report);
    }
}

fn may_have(choices: Part<'_>, name: &str) -> bool {
    let items = choices.items();
    !items.complete || items.list.iter().any(|choice| choice.get("name").str().is_none_or(|text| text == name))
}

fn asked<'a>(asked: Part<'a>, report: &mut Report<'a>) {
    if !asked.is_present() {
        return;
    }
    walk(asked, ASKED, report);
    let class = asked.get("deviceClassName");
    if class.is_absent() {
        needed(asked, "deviceClassName", class, "devices are asked for by their class", report);
    }
    let (mode, count) = (asked.get("allocationMode"), asked.get("count"));
    match (mode.str(), count.int()) {
        (Some("All"), Some(1..)) => {
            clash(count, "`allocationMode: All` takes no `count`", "remove `count`", report).also(mode, "given here");
        }
        (Some("ExactCount"), Some(number)) if number < 1 => {
            super::shape::between(count, "count", 1, MAX, report);
        }
        // Without a mode, nothing is as good as one.
        (None, Some(number)) if mode.is_absent() && number < 0 => {
            super::shape::between(count, "count", 1, MAX, report);
        }
        _ => {}
    }
}

/// validateDeviceToleration.
fn tolerations<'a>(list: Part<'a>, report: &mut Report<'a>) {
    static SHAPE: Shape = &[
        ("key", &[Check::Is(&LABEL_KEY, "key of a taint")]),
        ("operator", &[Check::Only(&["Exists", "Equal"])]),
        ("effect", &[Check::Only(&["None", "NoSchedule", "NoExecute"])]),
    ];
    pods::at_most(list, 16, report);
    for one in list.items().list {
        walk(one, SHAPE, report);
        let (operator, value) = (one.get("operator"), one.get("value"));
        if operator.str() == Some("Exists") && is_set(value) {
            clash(value, "`operator: \"Exists\"` takes no `value`", "remove `value`, or use `Equal`", report);
        } else {
            is(value, &LABEL_VALUE, "value of a taint", report);
        }
        // `Equal` is the default; only `Exists` goes without a key.
        if is_empty(one.get("key")) && one.is_present() && (operator.is_absent() || operator.str() == Some("Equal")) {
            needed(one, "key", one.get("key"), "only `operator: \"Exists\"` goes without one", report);
        }
    }
}

/// A DeviceTaintRule.
pub(super) fn taint_rule<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    static SPEC: Shape = &[
        (
            "deviceSelector",
            &[Check::In(&[
                ("driver", &[Check::Exactly(&DRIVER, "name of a driver")]),
                ("pool", &[Check::Exactly(&POOL, "name of a pool")]),
                ("device", &[Check::Exactly(&LABEL, "name of a device")]),
            ])],
        ),
        ("taint", &[Check::In(TAINT)]),
    ];
    walk(object.root.get("spec"), SPEC, report);
}

/// A ResourceSlice (validateResourceSliceSpec).
pub(super) fn slice<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    static SPEC: Shape = &[
        ("driver", &[Check::Exactly(&DRIVER, "name of a driver")]),
        (
            "pool",
            &[Check::In(&[
                ("name", &[Check::Exactly(&POOL, "name of a pool")]),
                ("resourceSliceCount", &[Check::Between(1, i64::MAX)]),
                ("generation", &[Check::Between(0, i64::MAX)]),
            ])],
        ),
        ("nodeName", &[Check::Exactly(&SUBDOMAIN, "name of a node")]),
        ("devices", &[Check::Each(DEVICE), Check::Rule(|list, report| pods::at_most(list, 128, report))]),
    ];
    let spec = object.root.get("spec");
    walk(spec, SPEC, report);
    one_of(
        spec,
        &["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"],
        Count::One,
        "a ResourceSlice",
        report,
    );
    one_of(spec, &["sharedCounters", "devices"], Count::AtMostOne, "a ResourceSlice", report);
    for name in ["allNodes", "perDeviceNodeSelection"] {
        let field = spec.get(name);
        if field.bool() == Some(false) {
            report.add(&E0448, field, format!("`{name}` is either `true` or not there")).help("remove it");
        }
    }
    let devices = spec.get("devices").items().list;
    unique(texts(&devices, "name"), &E0442, |name| format!("the device `{name}` is given twice"), report);
    let own = spec.get("perDeviceNodeSelection");
    for device in devices {
        let places: Vec<Part<'a>> = ["nodeName", "nodeSelector", "allNodes"].map(|name| device.get(name)).to_vec();
        if let (true, Some(place)) = (own.is_absent(), places.iter().find(|place| place.is_present())) {
            clash(
                *place,
                "a device has a node of its own only with `perDeviceNodeSelection`",
                "say it for the whole slice",
                report,
            );
        }
        attributes(device.get("attributes"), report);
        for (key, value) in device.get("capacity").entries().list {
            key_is(key, value, report);
        }
    }
}

static DEVICE: Shape = &[
    ("name", &[Check::Exactly(&LABEL, "name of a device")]),
    ("taints", &[Check::Each(TAINT), Check::Rule(|list, report| pods::at_most(list, 16, report))]),
];

fn key_is<'a>(key: &str, value: Part<'a>, report: &mut Report<'a>) {
    if !(NAME.fits)(key) {
        report
            .add(&E0441, value, format!("`{key}` is not a valid name of an attribute"))
            .label(format!("its key must be {}", NAME.words))
            .help(format!("give one such as `{}`", NAME.example));
    }
}

/// validateDeviceAttribute.
fn attributes<'a>(attributes: Part<'a>, report: &mut Report<'a>) {
    const KINDS: [&str; 8] = ["int", "bool", "string", "version", "ints", "bools", "strings", "versions"];
    for (key, attribute) in attributes.entries().list {
        key_is(key, attribute, report);
        one_of(attribute, &KINDS, Count::One, "an attribute", report);
        let version = attribute.get("version");
        if let Some(text) = version.str()
            && (text.len() > 64 || semver::Version::parse(text).is_err())
        {
            report
                .add(&E0441, version, format!("`{text}` is not a semantic version"))
                .label("must be at most 64 characters, like `1.2.3`")
                .help("give another text as `string`");
        }
        let text = attribute.get("string");
        if text.str().is_some_and(|text| text.len() > 64) {
            report.add(&E0441, text, "the text of an attribute has at most 64 octets").help("shorten it");
        }
    }
}
