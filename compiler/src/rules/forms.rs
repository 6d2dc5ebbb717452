//! The forms that Kubernetes asks of texts (`pkg/util/validation/validation.go`
//! and `pkg/api/validate/content` of apimachinery), each with words for people.

use std::net::IpAddr;

use super::addresses::{cidr, cidr_any};
use crate::check::{is_dns_label, is_dns_subdomain};

/// What a text must look like.
pub(super) struct Form {
    /// It looks like that.
    pub(super) fits: fn(&str) -> bool,
    /// What fits, as a noun phrase.
    pub(super) words: &'static str,
    /// One that fits.
    pub(super) example: &'static str,
    /// It is like a name, so that one near to a wrong one may be right.
    pub(super) named: bool,
}

/// IsDNS1123Label.
pub(super) static LABEL: Form = Form {
    fits: is_dns_label,
    words: "at most 63 lower-case letters, digits and `-`, with a letter or digit at both ends",
    example: "web-1",
    named: true,
};

const SUBDOMAIN_WORDS: &str =
    "at most 253 lower-case letters, digits, `-` and `.`, with a letter or digit at both ends of each part";

/// IsDNS1123Subdomain.
pub(super) static SUBDOMAIN: Form =
    Form { fits: is_dns_subdomain, words: SUBDOMAIN_WORDS, example: "web.example.com", named: true };

/// NameIsDNSSubdomain for a name that something may follow, so that a hyphen may end it.
pub(super) static SUBDOMAIN_START: Form = Form {
    fits: |text| {
        let masked = text.strip_suffix('-').filter(|rest| !rest.is_empty());
        match masked {
            Some(rest) => is_dns_subdomain(&format!("{}a", rest.get(..rest.len() - 1).unwrap_or_default())),
            None => is_dns_subdomain(text),
        }
    },
    words: SUBDOMAIN_WORDS,
    example: "web.example.com",
    named: true,
};

/// IsDNS1123SubdomainWithUnderscore, as the search list of DNS has it: a dot
/// may end it, and it may be nothing but that.
pub(super) static SEARCH_DOMAIN: Form = Form {
    fits: |text| {
        let part = |part: &str| {
            let rest = part.strip_prefix('_').unwrap_or(part);
            let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
            rest.bytes().all(inner) && has_ends(rest, |b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        let name = text.strip_suffix('.').unwrap_or(text);
        text == "." || name.len() <= 253 && name.split('.').all(part)
    },
    words: "lower-case letters, digits, `-`, `_` and `.`",
    example: "svc.cluster.local",
    named: true,
};

/// IsValidPortName.
pub(super) static PORT_NAME: Form = Form {
    fits: |text| {
        text.len() <= 15
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.bytes().any(|b| b.is_ascii_lowercase())
            && !text.contains("--")
            && !text.starts_with('-')
            && !text.ends_with('-')
    },
    words: "at most 15 lower-case letters, digits and single `-` inside, with at least one letter",
    example: "http",
    named: true,
};

/// IsRelaxedEnvVarName.
pub(super) static VARIABLE: Form = Form {
    fits: |text| !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'='),
    words: "printable ASCII characters other than `=`",
    example: "LOG_LEVEL",
    named: false,
};

/// IsConfigMapKey.
pub(super) static DATA_KEY: Form = Form {
    fits: |text| {
        !text.is_empty()
            && text.len() <= 253
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            && text != "."
            && !text.starts_with("..")
    },
    words: "at most 253 letters, digits, `-`, `_` and `.`, and neither `.` nor with `..` at the start",
    example: "tls.crt",
    named: false,
};

/// IsLabelKey, also known as IsQualifiedName.
pub(super) static LABEL_KEY: Form = Form {
    fits: |text| {
        let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
        prefix.is_none_or(is_dns_subdomain) && !name.is_empty() && is_label_text(name)
    },
    words: "at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; a domain and `/` may stand before",
    example: "app.kubernetes.io/name",
    named: false,
};

/// IsLabelValue.
pub(super) static LABEL_VALUE: Form = Form {
    fits: |text| text.is_empty() || is_label_text(text),
    words: "at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
    example: "web-1",
    named: true,
};

/// IsValidIPForLegacyField, as strict as it is since 1.36.
pub(super) static IP: Form = Form {
    fits: |text| match text.parse() {
        Ok(IpAddr::V6(address)) => address.to_ipv4_mapped().is_none(),
        other => other.is_ok(),
    },
    words: "an IPv4 address without zeros in front of its numbers, or an IPv6 address",
    example: "10.0.0.1",
    named: false,
};

/// validatePathNoBacksteps.
pub(super) static NO_BACKSTEPS: Form =
    Form { fits: has_no_backsteps, words: "a path without `..`", example: "/var/log", named: false };

/// validateLocalDescendingPath.
pub(super) static RELATIVE_PATH: Form = Form {
    fits: |text| !text.starts_with('/') && has_no_backsteps(text),
    words: "a relative path without `..`",
    example: "conf/app.yaml",
    named: false,
};

/// ValidateLocalNonReservedPath.
pub(super) static OWN_PATH: Form = Form {
    fits: |text| !text.starts_with('/') && !text.starts_with("..") && has_no_backsteps(text),
    words: "a relative path without `..`, also at the start of a name",
    example: "conf/app.yaml",
    named: false,
};

/// An absolute path (validateNFSVolumeSource).
pub(super) static ABSOLUTE_PATH: Form =
    Form { fits: |text| text.starts_with('/'), words: "an absolute path", example: "/exports", named: false };

/// IsValidSysctlName.
pub(super) static SYSCTL: Form = Form {
    fits: |text| {
        let edge = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let inner = |b: u8| edge(b) || matches!(b, b'-' | b'_');
        text.len() <= 253 && text.split(['.', '/']).all(|part| part.bytes().all(inner) && has_ends(part, edge))
    },
    words: "lower-case letters, digits, `-` and `_` in parts with `.` or `/` between",
    example: "net.core.somaxconn",
    named: false,
};

/// IsHTTPHeaderName.
pub(super) static HEADER: Form = Form {
    fits: |text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
    words: "letters, digits and `-`",
    example: "X-Probe",
    named: false,
};

/// ValidateCSIDriverName.
pub(super) static DRIVER: Form = Form {
    fits: |text| text.len() <= 63 && is_dns_subdomain(&text.to_ascii_lowercase()),
    words: "at most 63 letters, digits, `-` and `.`",
    example: "ebs.csi.aws.com",
    named: true,
};

/// IsValidPercent.
pub(super) static PERCENT: Form = Form {
    fits: |text| text.strip_suffix('%').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())),
    words: "a whole number, or a whole number with `%` as text",
    example: "25%",
    named: false,
};

/// IsDomainPrefixedPath, with the limit that a Job's `managedBy` has.
pub(super) static DOMAIN_PATH: Form = Form {
    fits: |text| text.len() <= 63 && is_domain_path(text),
    words: "at most 63 characters: a domain, `/`, and a path",
    example: "acme.example/jobs",
    named: false,
};

/// The names that iSCSI gives (iscsiInitiatorIqnRegex and its like).
pub(super) static ISCSI_NAME: Form = Form {
    fits: |text| match text.get(..3) {
        Some("iqn") => text.starts_with("iqn.") && text.contains(':'),
        Some("eui") => text.len() == 20,
        Some("naa") => text.len() == 36,
        _ => false,
    },
    words: "an `iqn.…:…`, `eui.` with 16 letters and digits, or `naa.` with 32",
    example: "iqn.2001-04.com.example:storage.disk1",
    named: false,
};

/// A domain, `/`, and characters of a path of HTTP (IsDomainPrefixedPath).
fn is_domain_path(text: &str) -> bool {
    let path = |b: u8| b.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&b);
    text.split_once('/')
        .is_some_and(|(host, rest)| is_dns_subdomain(host) && !rest.is_empty() && rest.bytes().all(path))
}

fn is_label_text(text: &str) -> bool {
    text.len() <= 63
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && has_ends(text, |b| b.is_ascii_alphanumeric())
}

fn has_ends(text: &str, edge: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().copied().is_some_and(&edge) && bytes.last().copied().is_some_and(edge)
}

fn has_no_backsteps(path: &str) -> bool {
    path.split('/').all(|part| part != "..")
}

/// The key of an annotation, whose case does not matter (ValidateAnnotations).
pub(super) static ANNOTATION_KEY: Form = Form {
    fits: |text| (LABEL_KEY.fits)(text) || (LABEL_KEY.fits)(&text.to_ascii_lowercase()),
    words: LABEL_KEY.words,
    example: "acme.example/owner",
    named: true,
};

/// IsDNS1035Label.
pub(super) static LETTER_LABEL: Form = Form {
    fits: |text| is_dns_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase()),
    words: "at most 63 lower-case letters, digits and `-`, beginning with a letter",
    example: "web-1",
    named: true,
};

/// IsWildcardDNS1123Subdomain and IsDNS1123Subdomain, as hosts of an Ingress have them.
pub(super) static HOST: Form = Form {
    fits: |text| match text.strip_prefix("*.") {
        Some(rest) => text.len() <= 253 && is_dns_subdomain(rest),
        None => is_dns_subdomain(text) && text.parse::<IpAddr>().is_err(),
    },
    words: "a DNS name in lower case, whose first part may be `*`, and no address",
    example: "shop.example.com",
    named: true,
};

/// IsFullyQualifiedName: a DNS name of three parts.
pub(super) static QUALIFIED_DOMAIN: Form = Form {
    fits: |text| is_dns_subdomain(text) && text.split('.').count() >= 3,
    words: "a DNS name of at least three parts",
    example: "defaults.acme.example",
    named: true,
};

/// A domain, `/` and a label (ValidateSignerName; a driver's attribute).
pub(super) static SIGNER: Form = Form {
    fits: |text| {
        text.len() <= 571
            && text.split_once('/').is_some_and(|(domain, path)| {
                domain.len() <= 253
                    && domain.contains('.')
                    && domain.split('.').all(is_dns_label)
                    && path.split('.').all(is_dns_subdomain)
            })
    },
    words: "a domain of at least two parts, `/`, and a name",
    example: "acme.example/issuer",
    named: false,
};

/// IsPathSegmentName.
pub(super) static SEGMENT: Form = Form {
    fits: |text| !matches!(text, "" | "." | "..") && !text.contains(['/', '%']),
    words: "any characters but `/` and `%`",
    example: "web",
    named: true,
};

/// IsValidCIDRForLegacyField.
pub(super) static CIDR: Form = Form {
    fits: |text| cidr_any(text).is_some(),
    words: "an address, `/`, and how many bits of it count; the others are zero",
    example: "10.0.0.0/16",
    named: false,
};

/// IsValidCIDR.
pub(super) static CANONICAL_CIDR: Form = Form {
    fits: |text| cidr(text).is_some(),
    words: "a network in its shortest form",
    example: "fd00::/108",
    named: false,
};

/// The controller of an IngressClass (IsDomainPrefixedPath, validateIngressClassSpec).
pub(super) static CONTROLLER: Form = Form {
    fits: |text| text.len() <= 250 && is_domain_path(text),
    words: "at most 250 characters: a domain, `/`, and a path",
    example: "acme.example/ingress",
    named: false,
};
