//! Values that some rule of Kubernetes refuses, or nearly does.

/// Texts that are no name of some kind, no quantity, no time, no path …
#[rustfmt::skip]
pub(super) const TEXTS: &[&str] = &[
    "", " ", "-", "-a", "a-", ".", "..", "a..b", "a/b", "/a", "a/", "/", "//", "a/b/c", "../a", "a/../b", "A", "Upper", "a_b", "_a", "a b", " a",
    "a.b", "a.b.c", "a-.b", "1a", "1", "0", "12345", "é", "日本", "a\nb", "a,b", "a=b", "a:b", "*", "*.a", "*.*", "*.example.com", "a*", "$(A)", "${A}",
    "true", "null", "example.com/", "/example.com", "example.com/a", "example.com/a/b", "Example.com/a", "kubernetes.io/x", "k8s.io/x", "http", "https://a", "http://example.com",
    "https://a.example.com/x?y=z", "-1", "1.5", "100%", "101%", "%", "1%%", "-5%", "1m", "0.5", "1Gi", "10Xi", "1e3", "1e", "+1", "100m", "1.5Gi", ".5", "5.",
    "10.0.0.1", "10.0.0.256", "10.0.0", "010.0.0.1", "::1", "fe80::1", "2001:db8::zz", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.0/33", "0.0.0.0", "127.0.0.1", "224.0.0.1", "169.254.1.1",
    "::/0", "2001:db8::/129", "* * * * *", "* * * *", "61 * * * *", "@every 5m", "@yearly", "TZ=UTC * * * * *", "1h", "5 minutes", "2026-01-02", "2026-01-02T03:04:05Z",
    "2026-13-02T03:04:05Z", "self.a", "1 +", "object.spec.replicas", "'a'", "^[a-z]+$", "[", "metadata.name", "metadata.labels", "metadata.labels['a']", "spec.nodeName", "status.hostIP",
    "limits.cpu", "requests.memory", "limits.gpu", "TCP", "UDP", "SCTP", "HTTP", "None", "Always", "Never", "Exists", "In", "Equal", "Localhost", "default", "kube-system", "aGVsbG8=", "aGVsbG8", "!!",
];

/// The lengths at which some limit lies, and one above each.
pub(super) const LENGTHS: &[usize] = &[15, 16, 52, 53, 63, 64, 128, 129, 253, 254, 257, 317, 318, 512, 1025, 4097];

/// Whole numbers at which some range ends.
#[rustfmt::skip]
pub(super) const NUMBERS: &[i64] = &[
    -1, 0, 1, 2, 3, 7, 10, 29, 59, 99, 100, 101, 256, 365, 511, 512, 599, 600, 1000, 1023, 1800, 1801, 3601, 20001, 29999, 32768, 65535, 65536, 86400, 86401, 100_001,
    1_000_000_001, 2_147_483_647, 2_147_483_648, -2_147_483_648, -2_147_483_649, 9_223_372_036_854_775_807,
];

/// Keys that no map of labels, data or settings takes, or only some.
#[rustfmt::skip]
pub(super) const KEYS: &[&str] = &[
    "", "a b", "-a", "a-", "A", "a/b", "a/b/c", "/a", "a/", "é", "..", ".", "..a", "a..b", "a.b", "Example.com/a", "example.com/a_b", "1", "kubernetes.io/os", "key", "a:b", "_a", "cpu", "memory",
    "storage", "pods", "example.com/gpu", "requests.cpu", "limits.example.com/gpu", "hugepages-2Mi",
];

/// Amounts, some of which no resource takes.
#[rustfmt::skip]
pub(super) const QUANTITIES: &[&str] = &[
    "-1", "0", "1", "1.5", "0.1", "1m", "1500m", "1Gi", "1Ti", "1000Ei", "1u", "1n", "100m", "64Mi", "abc", "1 Gi", "1GB", "1gi", "1.5.2", "", "1e3", "1E", "-5Mi", "3", "0.5Gi", "500k",
];
