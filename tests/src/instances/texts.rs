//! Values to begin with: some of the forms that the standard types want, some that
//! they refuse, and some that YAML or a template might take for something else.

use serde_json::{Value as Json, json};

#[rustfmt::skip]
pub(super) const TEXTS: &[&str] = &[
    "a", "web", "orders", "orders.created", "a-b", "team-1", "2.34.3", "1.0.0-rc.1", "0.1.0", "1.2.3+build.5", "1.0.0-0.x", "https://a.example", "https://acme.example/orders?page=2",
    "https://Tenant-ABC.Example.com:8443/a?b=c#d", "https://10.0.0.1", "https://[::1]:443/x", "http://shop.example:8080", "oci://registry.example/charts", "#payments-team", "#a", "@who",
    "acme/transfer:2.34.3", "10.20.0.0/16", "10.20.0.7", "2001:db8::/32", "2001:db8::7", "30 2 * * 1-5", "@daily", "acme.example", "docs.acme.example", "team@acme.example", "index.html",
    "<h1>a</h1>", "EUR", "A", "", "Upper_case", "two words", "0", "1e3", "on", "007", "null", "true", "{{ .Values }}", "${a}", "it's \"quoted\" \\ <&>", "two\nlines", " spaces ", "ünï",
];

/// Keys of maps, beside plain ones.
pub(super) const KEYS: &[&str] = &["a", "a.b", "UPPER_case", "0", "true", "key"];

/// Names of secrets, and keys in them.
pub(super) const SECRETS: &[&str] = &["a", "credentials", "key", "tls.crt"];

#[rustfmt::skip]
pub(super) const DURATIONS: &[&str] = &[
    "0", "15m", "1h", "90m", "36h", "3d", "1d12h", "14d", "8h", "72h", "500ms", "1.5h", "1h30m0.5s", "100us", "12h", "10h30m", "5400s", "16h0.5s",
];

#[rustfmt::skip]
pub(super) const QUANTITIES: &[&str] = &[
    "1", "500m", "64Mi", "1.5Gi", "10Gi", "0", "2k", "1e3", "100u", "1024Mi", "0.5", "100Ki", "2000m", "12E", "3Gi",
];

pub(super) const TIMES: &[&str] = &["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+02:00", "1999-12-31T23:59:59Z"];

#[rustfmt::skip]
pub(super) const NUMBERS: &[i64] = &[
    0, 1, 2, 3, 4, 5, 7, 8, 16, 50, 80, 100, 443, 8080, 65535, -1, 999_999, 1_000_000, 123_456_789, 9_007_199_254_740_991,
];

pub(super) const FRACTIONS: &[f64] = &[0.0, 0.5, 1.0, 2.25, 0.25, 1e6, 1.5e-7, 123_456.75, 1e21, -0.75];

pub(super) const OCTETS: &[&str] = &["aGVsbG8=", "", "AAEC"];

/// Values of Kubernetes' own types, which only their name tells; of others, an
/// empty object.
pub(super) fn of_kubernetes(name: &str) -> Vec<Json> {
    match name {
        "core/v1/ContainerPort" => vec![
            json!({ "containerPort": 80 }),
            json!({ "containerPort": 80, "protocol": "UDP", "name": "dns" }),
            json!({ "name": "lacks" }),
        ],
        "core/v1/ResourceRequirements" => vec![
            json!({ "limits": { "cpu": 1, "memory": "1Gi" } }),
            json!({ "requests": { "cpu": "many" } }),
            json!({}),
        ],
        "core/v1/PodSpec" => vec![
            json!({ "containers": [{ "name": "a", "image": "acme/a:1" }] }),
            json!({ "containers": [] , "hostNetwork": "yes" }),
            json!({}),
        ],
        _ => vec![json!({})],
    }
}
