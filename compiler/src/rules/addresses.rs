//! IP addresses and networks (apimachinery, `pkg/util/validation/ip.go`), strict
//! as they are since Kubernetes 1.36.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IP address in any of its forms, as older fields of the API take it
/// (IsValidIPForLegacyField).
pub(super) fn ip_any(text: &str) -> Option<IpAddr> {
    let ip: IpAddr = text.parse().ok()?;
    let mapped = matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    (!mapped).then_some(ip)
}

/// An IP address in its one canonical form, as newer fields take it (IsValidIP).
pub(super) fn ip(text: &str) -> Option<IpAddr> {
    ip_any(text).filter(|ip| ip.to_string() == text)
}

/// Why traffic cannot be sent to an address from elsewhere (ValidateEndpointIP).
pub(super) fn not_reachable(ip: IpAddr) -> Option<&'static str> {
    let (local, multicast) = match ip {
        IpAddr::V4(ip) => (ip.is_link_local(), ip.octets().starts_with(&[224, 0, 0])),
        IpAddr::V6(ip) => (ip.is_unicast_link_local(), ip.octets().starts_with(&[0xff]) && ip.octets()[1] & 0xf == 2),
    };
    if ip.is_unspecified() {
        Some("it stands for no address")
    } else if ip.is_loopback() {
        Some("it is every machine's own address")
    } else if local || multicast {
        Some("it is known only on its own link")
    } else {
        None
    }
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
    fn network(self) -> IpAddr {
        match self.ip {
            IpAddr::V4(ip) => {
                let mask = u32::MAX.checked_shl(32_u32.saturating_sub(self.bits.into())).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from(u32::from(ip) & mask))
            }
            IpAddr::V6(ip) => {
                let mask = u128::MAX.checked_shl(128_u32.saturating_sub(self.bits.into())).unwrap_or(0);
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
    fn knows_what_cannot_be_reached() {
        for text in ["0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.5", "::1", "fe80::1", "ff02::1"] {
            assert!(not_reachable(ip(text).unwrap()).is_some(), "{text}");
        }
        assert!(not_reachable(ip("192.0.2.1").unwrap()).is_none());
    }
}
