//! ConfigMaps and Secrets (`pkg/apis/core/validation/validation.go`,
//! ValidateConfigMap and ValidateSecret). No message has a value in it.

use super::forms::DATA_KEY;
use super::{Object, Part, Report};
use crate::diagnostic::E0466;
use crate::value::{Value, decode_base64};

/// How many octets the values may have together (`MaxSecretSize`).
const SIZE: usize = 1 << 20;

/// What must hold of a ConfigMap.
pub(super) fn config_map<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let (texts, octets) = (object.root.get("data"), object.root.get("binaryData"));
    let mut size = 0;
    for (key, value) in texts.entries().list {
        check_key(key, value, report);
        size += value.str().map_or(0, str::len);
        let other = octets.get(key);
        if value.is_present() && other.is_present() {
            report
                .add(&E0466, other, format!("`{key}` is in `data` already"))
                .also(value, "here")
                .help("give one of them another key");
        }
    }
    for (key, value) in octets.entries().list {
        check_key(key, value, report);
        size += decoded(key, value, report).map_or(0, |octets| octets.len());
    }
    check_size(object.root, size, report);
}

/// What must hold of a Secret.
pub(super) fn secret<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let (octets, texts) = (object.root.get("data"), object.root.get("stringData"));
    let mut size = 0;
    for (key, value) in octets.entries().list {
        check_key(key, value, report);
        let length = decoded(key, value, report).map_or(0, |octets| octets.len());
        // A text of the same key takes its place.
        size += if texts.get(key).is_absent() { length } else { 0 };
    }
    for (key, value) in texts.entries().list {
        check_key(key, value, report);
        size += value.str().map_or(0, str::len);
    }
    check_size(object.root, size, report);
    check_type(object, report);
}

fn check_key<'a>(key: &str, value: Part<'a>, report: &mut Report<'a>) {
    if value.is_present() && !(DATA_KEY.fits)(key) {
        report
            .add(&E0466, value, format!("`{key}` is not a valid key"))
            .label(format!("its key must be {}", DATA_KEY.words))
            .help(format!("it becomes the name of a file: valid would be `{}`", DATA_KEY.example));
    }
}

/// The octets of a value as the API server reads it: with padding, over any
/// number of lines.
fn decoded<'a>(key: &str, value: Part<'a>, report: &mut Report<'a>) -> Option<Vec<u8>> {
    if let Some(Value::Bytes(octets)) = value.known() {
        return Some(octets.to_vec());
    }
    let text: String = value.str()?.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    let octets = decode_base64(&text).filter(|_| text.len().is_multiple_of(4));
    if octets.is_none() {
        report
            .add(&E0466, value, format!("the value of `{key}` is not base64"))
            .help("write `b\"…\"` to have text encoded, or put it into the map for texts");
    }
    octets
}

fn check_size<'a>(root: Part<'a>, size: usize, report: &mut Report<'a>) {
    if size > SIZE {
        report
            .add(&E0466, root, format!("the values have {size} octets; an object takes {SIZE}"))
            .help("make several objects of it, or mount it from an image or a volume");
    }
}

/// What each type of Secret has.
fn check_type<'a>(object: &Object<'a>, report: &mut Report<'a>) {
    let kind = object.root.get("type");
    let Some(text) = kind.str() else { return };
    let value = |key: &str| {
        let (octets, text) = (object.root.at(&["data", key]), object.root.at(&["stringData", key]));
        if text.is_absent() { octets } else { text }
    };
    let mut missing = |keys: &[&str], what: &str| {
        let shown: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let shown = shown.join(" or ");
        report
            .add(&E0466, kind, format!("a Secret of type {text} needs {what} {shown}"))
            .label("asks for it")
            .help(format!("give {shown}, or `type: \"Opaque\"`, which asks for nothing"));
    };
    match text {
        "kubernetes.io/service-account-token" => {
            let key = "kubernetes.io/service-account.name";
            if super::shape::is_empty(object.root.at(&["metadata", "annotations", key])) {
                missing(&[key], "the annotation");
            }
        }
        "kubernetes.io/tls" => {
            for key in ["tls.crt", "tls.key"] {
                if value(key).is_absent() {
                    missing(&[key], "the key");
                }
            }
        }
        "kubernetes.io/basic-auth" if value("username").is_absent() && value("password").is_absent() => {
            missing(&["username", "password"], "the key");
        }
        "kubernetes.io/ssh-auth" if super::shape::is_empty(value("ssh-privatekey")) => {
            missing(&["ssh-privatekey"], "the key");
        }
        "kubernetes.io/dockercfg" | "kubernetes.io/dockerconfigjson" => {
            let key = if text == "kubernetes.io/dockercfg" { ".dockercfg" } else { ".dockerconfigjson" };
            let config = value(key);
            if config.is_absent() {
                missing(&[key], "the key");
            } else {
                check_json(object, key, config, report);
            }
        }
        _ => {}
    }
}

fn check_json<'a>(object: &Object<'a>, key: &str, config: Part<'a>, report: &mut Report<'a>) {
    let plain = object.root.at(&["stringData", key]);
    let octets = match config.known() {
        Some(Value::Bytes(octets)) => octets.to_vec(),
        _ if plain.is_absent() => {
            let text: Option<String> =
                config.str().map(|text| text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect());
            match text.as_deref().and_then(decode_base64) {
                Some(octets) => octets,
                None => return,
            }
        }
        _ => match config.str() {
            Some(text) => text.as_bytes().to_vec(),
            None => return,
        },
    };
    let json = serde_json::from_slice::<Option<serde_json::Map<String, serde_json::Value>>>(&octets);
    if json.is_err_and(|error| !error.is_data() || !octets.starts_with(b"{")) {
        report
            .add(&E0466, config, format!("`{key}` is not JSON"))
            .label("must be an object of JSON")
            .help("write what `docker login` wrote: `{ \"auths\": { … } }`");
    }
}
