//! Values of the API server's library types.

use std::fmt;

use super::ip::{Cidr, Ip};
use super::named_formats::NamedFormat;
use super::semver::Version;
use super::url::Url;

/// A value of one of the API server's library types.
#[derive(Clone, Debug, PartialEq)]
pub enum Opaque {
    /// `URL`: equal when they print the same.
    Url(Url),
    /// `IP`.
    Ip(Ip),
    /// `CIDR`: equal with its host bits.
    Cidr(Cidr),
    /// `Semver`: equal by precedence, so build metadata does not count.
    Semver(Version),
    /// `Format`.
    Format(&'static NamedFormat),
}

impl Opaque {
    /// The CEL name of its type.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Url(_) => "kubernetes.URL",
            Self::Ip(_) => "net.IP",
            Self::Cidr(_) => "net.CIDR",
            Self::Semver(_) => "kubernetes.Semver",
            Self::Format(_) => "kubernetes.NamedFormat",
        }
    }

    /// The name of its type in our language, as in [`crate::types::Type::Opaque`].
    #[must_use]
    pub const fn shown_type(&self) -> &'static str {
        match self {
            Self::Url(_) => "URL",
            Self::Ip(_) => "IP",
            Self::Cidr(_) => "CIDR",
            Self::Semver(_) => "Semver",
            Self::Format(_) => "Format",
        }
    }

    /// Reads what `Display` wrote, by the CEL name of the type.
    #[must_use]
    pub fn parse(type_name: &str, text: &str) -> Option<Self> {
        match type_name {
            "kubernetes.URL" => Url::parse(text).ok().map(Self::Url),
            "net.IP" => Ip::parse(text).ok().map(Self::Ip),
            "net.CIDR" => Cidr::parse(text).ok().map(Self::Cidr),
            "kubernetes.Semver" => Version::parse(text).ok().map(Self::Semver),
            "kubernetes.NamedFormat" => NamedFormat::find(text).map(Self::Format),
            _ => None,
        }
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => url.fmt(f),
            Self::Ip(ip) => ip.fmt(f),
            Self::Cidr(cidr) => cidr.fmt(f),
            Self::Semver(version) => version.fmt(f),
            Self::Format(format) => f.write_str(format.name()),
        }
    }
}
