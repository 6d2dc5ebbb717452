//! What the types of the prelude accept and what they refuse.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use tessera_compiler::source::LineIndex;
use tessera_tests::compile;

/// Type, literals that it accepts, literals that it refuses.
type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

const CASES: &[Case] = &[
    (
        "Url",
        &[
            r#""https://acme.example""#,
            r#""https://tenantABC-eu-west.financialone.acme""#,
            r#""http://a.b:8443/x?y=1#z""#,
            r#""ssh://git@github.com/acme/x.git""#,
            r#""https://[2001:db8::1]:443/""#,
            r#""oci://registry.acme.example/x""#,
            r#""https://a/%20b""#,
            r#""http://target""#,
        ],
        &[
            r#""""#,
            r#""acme.example""#,
            r#""/orders""#,
            r#""https://""#,
            r#""https:///x""#,
            r#""https://a b""#,
            r#""https://a/b\nc""#,
            r#""https://user:password@host/""#,
            r#""https://a/%zz""#,
            r#""https://a:port/""#,
        ],
    ),
    (
        "Semver",
        &[r#""2.34.3""#, r#""0.0.0""#, r#""1.0.0-rc.1""#, r#""1.0.0-rc.1+build.5""#, r#""1.0.0+a-b""#],
        &[
            r#""v1.0.0""#,
            r#""1.0""#,
            r#""01.0.0""#,
            r#""1.0.0-""#,
            r#""1.0.0-01""#,
            r#""1.0.0+""#,
            r#""1.0.0\n""#,
            r#""""#,
        ],
    ),
    (
        "Image",
        &[
            r#""nginx:1.29""#,
            r#""acme/transfer:2.34.3""#,
            r#""registry.acme.example:5000/a/b:1""#,
            r#""localhost:5000/x:1""#,
            r#""a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef""#,
            r#""a:1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef""#,
        ],
        &[
            r#""nginx""#,
            r#""nginx:latest""#,
            r#""nginx:""#,
            r#""acme/transfer""#,
            r#""registry:5000/x""#,
            r#""acme/Transfer:1""#,
            r#""a@sha256:12""#,
            r#""a b:1""#,
        ],
    ),
    (
        "Cidr",
        &[r#""10.20.0.0/16""#, r#""0.0.0.0/0""#, r#""2001:db8::/32""#],
        &[r#""10.20.0.0""#, r#""10.20.0.0/33""#, r#""10.20.0/16""#, r#""""#],
    ),
    (
        "Ip",
        &[r#""10.20.0.7""#, r#""2001:db8::7""#, r#""::1""#],
        &[r#""10.20.0.256""#, r#""10.20.0""#, r#""acme.example""#, r#""10.0.0.0/8""#, r#""""#],
    ),
    (
        "Cron",
        &[
            r#""* * * * *""#,
            r#""30 2 * * 1-5""#,
            r#""*/5 0,12 1-15 JAN-mar sun""#,
            r#""0/15 * * * *""#,
            r#""0 0 31 12 6""#,
            r#""@daily""#,
        ],
        &[
            r#""* * * *""#,
            r#""* * * * * *""#,
            r#""60 * * * *""#,
            r#""* 24 * * *""#,
            r#""* * 0 * *""#,
            r#""* * * 13 *""#,
            r#""* * * * 7""#,
            r#""*/0 * * * *""#,
            r#""@never""#,
            r#""""#,
        ],
    ),
    (
        "DnsLabel",
        &[
            r#""a""#,
            r#""transfer-cache""#,
            r#""0a""#,
            r#""abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc""#,
        ],
        &[
            r#""-a""#,
            r#""a-""#,
            r#""A""#,
            r#""a.b""#,
            r#""a_b""#,
            r#""abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd""#,
            r#""""#,
        ],
    ),
    (
        "DnsName",
        &[r#""a""#, r#""docs.acme.example""#, r#""a--b.c-d.0""#],
        &[r#""A.b""#, r#""a..b""#, r#"".a""#, r#""a.""#, r#""a_b""#, r#""a-.b""#, r#""a.-b""#, r#""a-""#],
    ),
    (
        "Host",
        &[r#""acme.example""#, r#""10.20.0.7""#, r#""2001:db8::7""#],
        &[r#""acme.example:80""#, r#""Acme.example""#, r#""[::1]""#],
    ),
    (
        "Email",
        &[r#""a@b.c""#, r#""payments-team@acme.example""#, r#""a.b+c@x.acme.example""#],
        &[r#""a""#, r#""a@b""#, r#""a@@b.c""#, r#"".a@b.c""#, r#""a b@c.d""#, r#""a@b..c""#],
    ),
    ("SlackChannel", &[r##""#devteam1""##, r##""#a-b_c""##], &[r#""devteam1""#, r##""#Dev""##, r##""#""##]),
    ("Port", &["1", "8080", "65535"], &["0", "65536", "-1"]),
    ("Percentage", &["0", "100"], &["-1", "101"]),
];

/// The codes found on each line of a file with one constant a line.
fn found(name: &str, literals: &[&str]) -> Vec<Vec<&'static str>> {
    let lines: Vec<String> =
        literals.iter().enumerate().map(|(i, literal)| format!("let x{i}: {name} = {literal}\n")).collect();
    let compiled = compile::check(&[("main.tess".to_owned(), lines.concat())]);
    let sources = compiled.sources().clone();
    let mut codes = vec![Vec::new(); literals.len()];
    for diagnostic in compiled.diagnostics {
        let source = sources.get(diagnostic.primary.span.file).unwrap();
        assert_eq!(&*source.path, "main.tess", "{}", diagnostic.message);
        codes[LineIndex::new(&source.text).line(diagnostic.primary.span.start)].push(diagnostic.code.id);
    }
    codes
}

#[test]
fn what_fits_is_accepted() {
    for (name, accepted, _) in CASES {
        for (literal, codes) in accepted.iter().zip(found(name, accepted)) {
            assert!(codes.is_empty(), "{name} should accept {literal}: {codes:?}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_once() {
    for (name, _, refused) in CASES {
        for (literal, codes) in refused.iter().zip(found(name, refused)) {
            assert_eq!(codes, ["E0304"], "{name} should refuse {literal}");
        }
    }
}

#[test]
fn every_type_of_the_prelude_has_a_case() {
    let mut cases: Vec<&str> = CASES.iter().map(|(name, ..)| *name).collect();
    let mut names = tessera_stdlib::prelude_names().to_vec();
    cases.sort_unstable();
    names.sort_unstable();
    assert_eq!(cases, names);
}
