//! Versions of an API, ordered and judged as Kubernetes does
//! (`k8s.io/apimachinery/pkg/version/helpers.go`, and the deprecation policy at
//! kubernetes.io/docs/reference/using-api/deprecation-policy).

/// How much a version promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Track {
    /// May go in any release.
    Alpha,
    /// Kept for a time.
    Beta,
    /// Kept.
    Stable,
}

/// `v1`, `v2beta1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// What it promises.
    pub track: Track,
    /// The number after `v`.
    pub major: u32,
    /// The number after the track; 0 for a stable one.
    pub minor: u32,
}

impl Version {
    /// Reads a version; `None` where it has another form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('v')?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (major, rest) = rest.split_at_checked(end)?;
        let major = major.parse().ok()?;
        let (track, minor) = match (rest.strip_prefix("alpha"), rest.strip_prefix("beta")) {
            _ if rest.is_empty() => return Some(Self { track: Track::Stable, major, minor: 0 }),
            (Some(minor), _) => (Track::Alpha, minor),
            (_, Some(minor)) => (Track::Beta, minor),
            _ => return None,
        };
        Some(Self { track, major, minor: minor.parse().ok()? })
    }

    /// Whether this may take the place of an earlier one: it comes before it where
    /// the API server has to choose, so it promises no less.
    #[must_use]
    pub fn succeeds(self, earlier: Self) -> bool {
        (self.track, self.major, self.minor) > (earlier.track, earlier.major, earlier.minor)
    }

    /// The next version of the same track.
    #[must_use]
    pub fn next(self) -> String {
        match self.track {
            Track::Stable => format!("v{}", self.major.saturating_add(1)),
            Track::Beta => format!("v{}beta{}", self.major, self.minor.saturating_add(1)),
            Track::Alpha => format!("v{}alpha{}", self.major, self.minor.saturating_add(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    fn succeeds(new: &str, old: &str) -> bool {
        Version::parse(new).unwrap().succeeds(Version::parse(old).unwrap())
    }

    #[test]
    fn versions_are_ordered_as_kubernetes_orders_them() {
        for (new, old) in
            [("v2", "v1"), ("v1", "v1beta1"), ("v1beta1", "v1alpha3"), ("v1alpha2", "v1alpha1"), ("v10", "v9")]
        {
            assert!(succeeds(new, old), "{new} after {old}");
            assert!(!succeeds(old, new), "{old} after {new}");
        }
        // A version is not given up for one that promises less.
        assert!(!succeeds("v2alpha1", "v1"));
        assert!(!succeeds("v1", "v1"));
    }

    #[test]
    fn what_is_no_version_is_none() {
        for text in ["", "1", "v", "v1gamma1", "v1beta", "va", "v1.2", "v99999999999"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_next_version_stays_on_its_track() {
        let next = |text: &str| Version::parse(text).unwrap().next();
        assert_eq!([next("v1"), next("v1alpha1"), next("v2beta3")], ["v2", "v1alpha2", "v2beta4"]);
    }
}
