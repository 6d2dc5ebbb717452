//! The forms of texts that several kinds have in common
//! (apimachinery, `pkg/util/validation/validation.go` and `ip.go`,
//! `pkg/api/validate/content`). Names of DNS are in `check`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::check::{is_dns_label, is_dns_subdomain};

/// What is wrong with a text, to be said after "because"; `None` where nothing is.
pub(super) type Fault = Option<&'static str>;

/// The longest label, whose length many other names have.
pub(super) const LABEL_LENGTH: usize = 63;

/// The key of a label, and whatever else is a qualified name (IsLabelKey).
pub(super) fn label_key(key: &str) -> Fault {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if prefix.is_some_and(|prefix| !is_dns_subdomain(prefix)) {
        return Some("the part before `/` must be a DNS name: lower-case letters, digits, `-` and `.`");
    }
    match name {
        "" => Some("it has no name"),
        name if name.contains('/') => Some("it has more than one `/`"),
        name if name.len() > LABEL_LENGTH => Some("the name in it is longer than 63 characters"),
        name if !is_label_text(name) => {
            Some("a name takes letters, digits, `-`, `_` and `.`, and begins and ends with a letter or digit")
        }
        _ => None,
    }
}

/// The key of an annotation: a qualified name in any case (ValidateAnnotations).
pub(super) fn annotation_key(key: &str) -> Fault {
    let fault = label_key(key)?;
    if key.bytes().any(|b| b.is_ascii_uppercase()) { label_key(&key.to_ascii_lowercase()) } else { Some(fault) }
}

/// The value of a label (IsLabelValue).
pub(super) fn label_value(value: &str) -> Fault {
    if value.len() > LABEL_LENGTH {
        Some("a label's value takes at most 63 characters")
    } else if value.is_empty() || is_label_text(value) {
        None
    } else {
        Some("a label's value takes letters, digits, `-`, `_` and `.`, and begins and ends with a letter or digit")
    }
}

fn is_label_text(text: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A DNS-1035 label (IsDNS1035Label).
pub(super) fn is_dns_1035_label(text: &str) -> bool {
    is_dns_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// `*.` and a DNS name (IsWildcardDNS1123Subdomain).
pub(super) fn is_wildcard_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.strip_prefix("*.").is_some_and(is_dns_subdomain)
}

/// A DNS name of at least this many parts (IsFullyQualifiedName has three).
pub(super) fn is_domain(text: &str, parts: usize) -> bool {
    is_dns_subdomain(text) && text.split('.').count() >= parts
}

/// The name of a port (IsValidPortName).
pub(super) fn port_name(name: &str) -> Fault {
    if name.len() > 15 {
        Some("a port's name takes at most 15 characters")
    } else if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        Some("a port's name takes lower-case letters, digits and `-`")
    } else if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        Some("a port's name has at least one letter")
    } else if name.contains("--") || name.starts_with('-') || name.ends_with('-') {
        Some("a port's name has a `-` only between letters and digits")
    } else {
        None
    }
}

/// The key of a ConfigMap or Secret (IsConfigMapKey).
pub(super) fn config_key(key: &str) -> Fault {
    if key.is_empty() {
        Some("it is empty")
    } else if key.len() > 253 {
        Some("a key takes at most 253 characters")
    } else if !key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        Some("a key takes letters, digits, `-`, `_` and `.`: it is the name of a file")
    } else if key == "." || key.starts_with("..") {
        Some("`.` and what begins with `..` name folders")
    } else {
        None
    }
}

/// A path segment (IsPathSegmentName).
pub(super) fn is_path_segment(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '%'])
}

/// The beginning of a path segment (IsPathSegmentPrefix).
pub(super) fn is_path_segment_prefix(name: &str) -> bool {
    !name.contains(['/', '%'])
}

/// Digits and `%` (IsValidPercent).
pub(super) fn percent(text: &str) -> Option<u64> {
    let digits = text.strip_suffix('%')?;
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    // More digits than fit are more than any limit.
    valid.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// An IP address in any of its forms, as older fields of the API take it
/// (IsValidIPForLegacyField; strict since Kubernetes 1.36).
pub(super) fn ip_any(text: &str) -> Option<IpAddr> {
    let ip: IpAddr = text.parse().ok()?;
    let mapped = matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    (!mapped).then_some(ip)
}

/// An IP address in its one canonical form, as newer fields take it (IsValidIP).
pub(super) fn ip(text: &str) -> Option<IpAddr> {
    ip_any(text).filter(|ip| ip.to_string() == text)
}

/// A network: an address, and how many bits of it count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cidr {
    /// The address.
    pub(super) ip: IpAddr,
    /// How many bits count.
    pub(super) bits: u8,
}

impl Cidr {
    /// The address without the bits that do not count.
    pub(super) fn network(self) -> IpAddr {
        match self.ip {
            IpAddr::V4(ip) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from(u32::from(ip) & mask))
            }
            IpAddr::V6(ip) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from(u128::from(ip) & mask))
            }
        }
    }

    /// It has every address of another network, and more.
    pub(super) fn contains_strictly(self, other: Self) -> bool {
        let narrowed = Self { ip: other.ip, bits: self.bits };
        self.ip.is_ipv4() == other.ip.is_ipv4() && narrowed.network() == self.network() && self.bits < other.bits
    }
}

/// A network whose address may be in any form (IsValidCIDRForLegacyField).
pub(super) fn cidr_any(text: &str) -> Option<Cidr> {
    let (address, bits) = text.split_once('/')?;
    let plain = bits.bytes().all(|b| b.is_ascii_digit()) && (bits == "0" || !bits.starts_with('0'));
    let found = Cidr { ip: ip_any(address)?, bits: bits.parse().ok().filter(|_| plain)? };
    let limit = if found.ip.is_ipv4() { 32 } else { 128 };
    (found.bits <= limit && found.network() == found.ip).then_some(found)
}

/// A network in its canonical form (IsValidCIDR).
pub(super) fn cidr(text: &str) -> Option<Cidr> {
    cidr_any(text).filter(|found| text.split_once('/').is_some_and(|(address, _)| ip(address) == Some(found.ip)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_keys_and_values_of_labels() {
        for right in ["app", "a/b", "acme.example/App_1.x", "9"] {
            assert_eq!(label_key(right), None, "{right}");
        }
        for wrong in ["", "/a", "a/", "a/b/c", "A.example/a", "-a", "a b", "a_", &"a".repeat(64)] {
            assert!(label_key(wrong).is_some(), "{wrong}");
        }
        assert_eq!(annotation_key("Acme.example/a"), None);
        assert!(annotation_key("Acme example/a").is_some());
        assert_eq!(label_value(""), None);
        assert_eq!(label_value("1.29-alpine_x"), None);
        assert!(label_value("1.29-").is_some() && label_value("a/b").is_some());
    }

    #[test]
    fn knows_addresses_and_networks() {
        assert!(ip("10.0.0.1").is_some() && ip("fd00::1").is_some());
        assert!(ip("10.0.0.01").is_none() && ip("FD00::1").is_none() && ip("::ffff:10.0.0.1").is_none());
        assert!(ip_any("FD00:0::1").is_some() && ip_any("::ffff:10.0.0.1").is_none());
        assert!(ip_any("10.0.0").is_none() && ip_any("10.0.0.256").is_none() && ip_any("x").is_none());
        assert!(cidr("10.0.0.0/8").is_some() && cidr("10.0.0.1/8").is_none() && cidr("10.0.0.0/08").is_none());
        assert!(cidr("FD00::/8").is_none() && cidr_any("FD00::/8").is_some() && cidr_any("10.0.0.0/33").is_none());
        assert!(cidr_any("10.0.0.0").is_none() && cidr_any("0.0.0.0/0").is_some() && cidr("::/0").is_some());
        let (all, some) = (cidr_any("10.0.0.0/8").unwrap(), cidr_any("10.1.0.0/16").unwrap());
        assert!(all.contains_strictly(some) && !some.contains_strictly(all) && !all.contains_strictly(all));
    }

    #[test]
    fn knows_names_of_ports_keys_and_percentages() {
        assert_eq!(port_name("http-2"), None);
        for wrong in ["", "80", "a--b", "-a", "A", "sixteen-letters-x"] {
            assert!(port_name(wrong).is_some(), "{wrong}");
        }
        assert_eq!(config_key("..a").is_some(), config_key(".").is_some());
        assert_eq!(config_key(".a_B-1"), None);
        assert_eq!((percent("50%"), percent("50"), percent("-1%"), percent("%")), (Some(50), None, None, None));
    }
}
