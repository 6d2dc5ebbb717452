//! IP addresses and networks, as Kubernetes' CEL has them: without zones,
//! without IPv4 in IPv6, without leading zeros.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::diagnostic::codes::E0506;
use crate::eval::Fault;
use crate::value::Value;

use super::Sig::{self, Bool, Int, String as Text};
use super::arguments::{Outcome, no_overload, quoted};
use super::signature::{Overload, method, plain};
use super::{Function, Opaque, Since};

const IP: Sig = Sig::Opaque("IP");
const CIDR: Sig = Sig::Opaque("CIDR");
const TEST: &[Overload] = &[method(&[IP], Bool)];
const FROM: Since = Since::Minor(30);

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "cidr",
        overloads: &[plain(&[Text], CIDR)],
        eval: |_, args| to_cidr(args),
        since: FROM,
        doc: "The network that a string like `10.0.0.0/8` writes; bits of a host in it are kept.",
    },
    Function {
        name: "containsCIDR",
        overloads: &[method(&[CIDR, CIDR], Bool), method(&[CIDR, Text], Bool)],
        eval: |_, args| contains_cidr(args),
        since: FROM,
        doc: "Whether the other network lies in this one.",
    },
    Function {
        name: "containsIP",
        overloads: &[method(&[CIDR, IP], Bool), method(&[CIDR, Text], Bool)],
        eval: |_, args| contains_ip(args),
        since: FROM,
        doc: "Whether the address lies in the network.",
    },
    Function {
        name: "family",
        overloads: &[method(&[IP], Int)],
        eval: |_, args| with_ip("family", args, |ip| Value::Int(if ip.0.is_ipv4() { 4 } else { 6 })),
        since: FROM,
        doc: "4 or 6.",
    },
    Function {
        name: "ip",
        overloads: &[plain(&[Text], IP), method(&[CIDR], IP)],
        eval: |_, args| to_ip(args),
        since: FROM,
        doc: "The address that the string writes; of a network its address.",
    },
    Function {
        name: "ip.isCanonical",
        overloads: &[plain(&[Text], Bool)],
        eval: |_, args| is_canonical(args),
        since: FROM,
        doc: "Whether the string writes an address in the one canonical form; an error where it writes none.",
    },
    Function {
        name: "isCIDR",
        overloads: &[plain(&[Text], Bool)],
        eval: |_, args| is_cidr(args),
        since: FROM,
        doc: "Whether the string writes a network.",
    },
    Function {
        name: "isGlobalUnicast",
        overloads: TEST,
        eval: |_, args| with_ip("isGlobalUnicast", args, |ip| Value::Bool(ip.is_global_unicast())),
        since: FROM,
        doc: "Whether the address is neither unspecified, loopback, link-local, multicast nor broadcast.",
    },
    Function {
        name: "isIP",
        overloads: &[plain(&[Text], Bool)],
        eval: |_, args| is_ip(args),
        since: FROM,
        doc: "Whether the string writes an address.",
    },
    Function {
        name: "isLinkLocalMulticast",
        overloads: TEST,
        eval: |_, args| with_ip("isLinkLocalMulticast", args, |ip| Value::Bool(ip.is_link_local_multicast())),
        since: FROM,
        doc: "Whether the address is in 224.0.0.0/24 or is an IPv6 multicast address of link-local scope.",
    },
    Function {
        name: "isLinkLocalUnicast",
        overloads: TEST,
        eval: |_, args| with_ip("isLinkLocalUnicast", args, |ip| Value::Bool(ip.is_link_local_unicast())),
        since: FROM,
        doc: "Whether the address is in 169.254.0.0/16 or fe80::/10.",
    },
    Function {
        name: "isLoopback",
        overloads: TEST,
        eval: |_, args| with_ip("isLoopback", args, |ip| Value::Bool(ip.0.is_loopback())),
        since: FROM,
        doc: "Whether the address is in 127.0.0.0/8 or is ::1.",
    },
    Function {
        name: "isUnspecified",
        overloads: TEST,
        eval: |_, args| with_ip("isUnspecified", args, |ip| Value::Bool(ip.0.is_unspecified())),
        since: FROM,
        doc: "Whether the address is 0.0.0.0 or ::.",
    },
    Function {
        name: "masked",
        overloads: &[method(&[CIDR], CIDR)],
        eval: |_, args| with_cidr("masked", args, |cidr| opaque(Opaque::Cidr(cidr.masked()))),
        since: FROM,
        doc: "The network without the bits of a host.",
    },
    Function {
        name: "prefixLength",
        overloads: &[method(&[CIDR], Int)],
        eval: |_, args| with_cidr("prefixLength", args, |cidr| Value::Int(i64::from(cidr.bits))),
        since: FROM,
        doc: "The number of bits that all addresses of the network share.",
    },
];

/// An IP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip(IpAddr);

/// A network, with the address that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    address: Ip,
    bits: u8,
}

impl Ip {
    /// Reads an address.
    ///
    /// # Errors
    /// A reason in a few words.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains('%') {
            return Err("an address with a zone is not allowed");
        }
        match Self::parse_any(text) {
            None => Err("write it like 10.0.0.1 or 2001:db8::1"),
            Some(IpAddr::V6(ip)) if ip.to_ipv4_mapped().is_some() => Err("an IPv4 address inside IPv6 is not allowed"),
            Some(ip) => Ok(Self(ip)),
        }
    }

    /// Reads an address without a zone, IPv4 inside IPv6 too.
    pub(super) fn parse_any(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    fn is_link_local_unicast(self) -> bool {
        match self.0 {
            IpAddr::V4(ip) => ip.is_link_local(),
            IpAddr::V6(ip) => ip.segments()[0] & 0xffc0 == 0xfe80,
        }
    }

    fn is_link_local_multicast(self) -> bool {
        match self.0 {
            IpAddr::V4(ip) => matches!(ip.octets(), [224, 0, 0, _]),
            IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff02,
        }
    }

    fn is_global_unicast(self) -> bool {
        let excluded = self.0.is_unspecified()
            || self.0.is_loopback()
            || self.0.is_multicast()
            || self.is_link_local_unicast()
            || self.0 == IpAddr::V4(Ipv4Addr::BROADCAST);
        !excluded
    }

    /// The address as one number, and how many bits it has.
    fn number(self) -> (u128, u8) {
        match self.0 {
            IpAddr::V4(ip) => (u128::from(u32::from(ip)), 32),
            IpAddr::V6(ip) => (u128::from(ip), 128),
        }
    }
}

impl Cidr {
    /// Reads a network.
    ///
    /// # Errors
    /// A reason in a few words.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let (address, bits) = text.rsplit_once('/').ok_or("write it like 10.0.0.0/8")?;
        let address = Ip::parse(address)?;
        let plain = bits.bytes().all(|b| b.is_ascii_digit()) && (bits.len() == 1 || !bits.starts_with('0'));
        let bits = bits.parse().ok().filter(|bits| plain && *bits <= address.number().1);
        bits.map(|bits| Self { address, bits }).ok_or("the length after the slash is not valid")
    }

    /// Whether the first `bits` bits of both addresses are the same.
    fn shares(&self, other: Ip) -> bool {
        let ((a, width), (b, other_width)) = (self.address.number(), other.number());
        width == other_width && (a ^ b).checked_shr(u32::from(width - self.bits)).unwrap_or(0) == 0
    }

    fn masked(&self) -> Self {
        let (number, width) = self.address.number();
        let host = u32::from(width - self.bits);
        let number = number.checked_shr(host).and_then(|network| network.checked_shl(host)).unwrap_or(0);
        let address = match self.address.0 {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from(number as u32)),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from(number)),
        };
        Self { address: Ip(address), bits: self.bits }
    }
}

impl fmt::Display for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

fn opaque(value: Opaque) -> Value {
    Value::Opaque(Arc::new(value))
}

#[cold]
fn not_valid(text: &str, what: &str, reason: &str) -> Fault {
    Fault::new(&E0506, format!("{} is not {what}: {reason}", quoted(text)))
}

fn parse_ip(text: &str) -> Result<Ip, Fault> {
    Ip::parse(text).map_err(|reason| not_valid(text, "an IP address", reason))
}

fn parse_cidr(text: &str) -> Result<Cidr, Fault> {
    Cidr::parse(text).map_err(|reason| not_valid(text, "a network", reason))
}

fn as_ip(value: &Value) -> Option<Ip> {
    if let Value::Opaque(opaque) = value
        && let Opaque::Ip(ip) = **opaque
    {
        Some(ip)
    } else {
        None
    }
}

fn as_cidr(value: &Value) -> Option<Cidr> {
    if let Value::Opaque(opaque) = value
        && let Opaque::Cidr(cidr) = **opaque
    {
        Some(cidr)
    } else {
        None
    }
}

fn with_ip(name: &str, args: &[Value], of: fn(Ip) -> Value) -> Outcome {
    match args {
        [value] => as_ip(value).map(of).ok_or_else(|| no_overload(name, args)),
        _ => Err(no_overload(name, args)),
    }
}

fn with_cidr(name: &str, args: &[Value], of: fn(Cidr) -> Value) -> Outcome {
    match args {
        [value] => as_cidr(value).map(of).ok_or_else(|| no_overload(name, args)),
        _ => Err(no_overload(name, args)),
    }
}

fn to_ip(args: &[Value]) -> Outcome {
    match args {
        [Value::String(text)] => parse_ip(text).map(|ip| opaque(Opaque::Ip(ip))),
        _ => with_cidr("ip", args, |cidr| opaque(Opaque::Ip(cidr.address))),
    }
}

fn is_ip(args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else { return Err(no_overload("isIP", args)) };
    Ok(Value::Bool(Ip::parse(text).is_ok()))
}

fn is_canonical(args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else { return Err(no_overload("ip.isCanonical", args)) };
    Ok(Value::Bool(parse_ip(text)?.to_string() == text.as_str()))
}

fn to_cidr(args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else { return Err(no_overload("cidr", args)) };
    parse_cidr(text).map(|cidr| opaque(Opaque::Cidr(cidr)))
}

fn is_cidr(args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else { return Err(no_overload("isCIDR", args)) };
    Ok(Value::Bool(Cidr::parse(text).is_ok()))
}

fn contains_ip(args: &[Value]) -> Outcome {
    let [network, address] = args else { return Err(no_overload("containsIP", args)) };
    let network = as_cidr(network).ok_or_else(|| no_overload("containsIP", args))?;
    let address = match address {
        Value::String(text) => parse_ip(text)?,
        value => as_ip(value).ok_or_else(|| no_overload("containsIP", args))?,
    };
    Ok(Value::Bool(network.shares(address)))
}

fn contains_cidr(args: &[Value]) -> Outcome {
    let [network, other] = args else { return Err(no_overload("containsCIDR", args)) };
    let network = as_cidr(network).ok_or_else(|| no_overload("containsCIDR", args))?;
    let other = match other {
        Value::String(text) => parse_cidr(text)?,
        value => as_cidr(value).ok_or_else(|| no_overload("containsCIDR", args))?,
    };
    Ok(Value::Bool(network.bits <= other.bits && network.shares(other.address)))
}
