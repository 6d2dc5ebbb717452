//! The grammar that expressions are made from: for each type, forms with holes.
//!
//! `{I}` is a hole for an Int; `{I:x}` one in which `x` is an Int variable too.

use crate::corpus::Random;

/// How deep forms are put into each other.
const DEPTH: usize = 3;

/// A type: its letter, what it is made of at the end, and the forms.
struct Type {
    letter: &'static str,
    leaves: &'static [&'static str],
    forms: &'static [&'static str],
}

#[rustfmt::skip]
const TYPES: &[Type] = &[
    Type { letter: "I",
        leaves: &["0", "1", "2", "-1", "3", "7", "10", "-7", "42", "100", "9223372036854775807", "-9223372036854775808", "4611686018427387904"],
        forms: &["({I} + {I})", "({I} - {I})", "({I} * {I})", "({I} / {I})", "({I} % {I})", "-({I})", "size({S})", "{S}.size()", "{L}.size()", "{K}.size()", "{M}.size()", "{S}.indexOf({S})",
            "{S}.lastIndexOf({S})", "{S}.indexOf({S}, {I})", "int({N})", "int({D})", "int({U})", "int({T})", "({B} ? {I} : {I})", "{L}[{I}]", "{M}[{S}]", "{M}['a']", "{R}.getHours()", "{R}.getMinutes()",
            "{R}.getSeconds()", "{R}.getMilliseconds()", "{T}.getFullYear()", "{T}.getMonth()", "{T}.getDate()", "{T}.getDayOfWeek()", "{T}.getDayOfYear()", "{T}.getHours('+02:00')",
            "{T}.getHours('Europe/Berlin')", "{T}.getMilliseconds()", "{O}.orValue({I})", "{O}.value()", "{Q}.asInteger()", "sign({Q})", "{Q}.compareTo({Q})", "{L}.sum()", "{L}.min()", "{L}.max()", "{L}.indexOf({I})",
            "{L}.lastIndexOf({I})", "{V}.major()", "{V}.minor()", "{V}.patch()", "{V}.compareTo({V})", "{P}.family()", "{C}.prefixLength()", "size({Y})", "{L}.map(x, {I:x}).sum()", "{I}", "[{I}, {I}].max()"] },
    Type { letter: "U",
        leaves: &["0u", "1u", "2u", "10u", "18446744073709551615u"],
        forms: &["({U} + {U})", "({U} - {U})", "({U} * {U})", "({U} / {U})", "({U} % {U})", "uint({I})", "uint({D})", "uint({N})", "[{U}, {U}].sum()"] },
    Type { letter: "D",
        leaves: &["0.0", "1.0", "-1.5", "-0.001", "0.1", "2.5", "1e3", "1e21", "1e-7", "123456789.125", "1.7976931348623157e308"],
        forms: &["({D} + {D})", "({D} - {D})", "({D} * {D})", "({D} / {D})", "-({D})", "double({I})", "double({N})", "double({U})", "[{D}, {D}].min()", "[{D}, {D}].sum()"] },
    Type { letter: "B",
        leaves: &["true", "false"],
        forms: &["({I} == {I})", "({I} < {I})", "({I} <= {D})", "({U} > {I})", "({D} >= {D})", "({S} == {S})", "({S} < {S})", "({S} != {S})", "({B} && {B})", "({B} || {B})", "!({B})", "({I} in {L})", "({S} in {K})",
            "({S} in {M})", "({L} == {L})", "({M} == {M})", "({R} < {R})", "({T} < {T})", "({T} == {T})", "({R} == {R})", "({Y} == {Y})", "{S}.contains({S})", "{S}.startsWith({S})", "{S}.endsWith({S})",
            "{S}.matches({X})", "{L}.all(x, {B:x})", "{L}.exists(x, {B:x})", "{L}.exists_one(x, {B:x})", "{L}.exists(x, x == {I:x})", "isURL({A})", "isIP({A})", "isCIDR({A})", "isQuantity({N})", "isSemver({N})", "isSemver({N}, true)",
            "sets.contains({L}, {L})", "sets.equivalent({L}, {L})", "sets.intersects({K}, {K})", "{L}.isSorted()", "{K}.isSorted()", "{P}.isLoopback()", "{P}.isGlobalUnicast()", "{P}.isUnspecified()",
            "{P}.isLinkLocalUnicast()", "{P}.isLinkLocalMulticast()", "ip.isCanonical({A})", "({P} == {P})", "({C} == {C})", "{C}.containsIP({P})", "{C}.containsIP({A})", "{C}.containsCIDR({C})", "{V}.isGreaterThan({V})", "{V}.isLessThan({V})", "({V} == {V})",
            "{Q}.isInteger()", "({Q}.asApproximateFloat() < {D})", "{Q}.isGreaterThan({Q})", "{Q}.isLessThan({Q})", "({Q} == quantity({N}))", "{O}.hasValue()", "({O} == {O})", "format.{F}().validate({A}).hasValue()", "bool({N})", "(type({I}) == int)", "(dyn({I}) == {D})", "has({M}.a)",
            "{M}.all(k, {B})", "{M}.exists(k, k == {S})", "{L}.all(i, x, i < {I:x})", "({A} == {A})"] },
    Type { letter: "S",
        leaves: &["''", "'a'", "'abc'", "'A b'", "'hello, world'", "'x-y.z'", "'aXbXc'", "'  pad '", "'0'", "'\\u00e9a'", "'\\u65e5\\u672c'", "'\\t.'", "'a/b/c'"],
        forms: &["({S} + {S})", "{S}.substring({I})", "{S}.substring({I}, {I})", "{S}.replace({S}, {S})", "{S}.replace({S}, {S}, {I})", "{S}.lowerAscii()", "{S}.upperAscii()", "{S}.trim()", "{S}.charAt({I})",
            "{K}.join()", "{K}.join({S})", "string({I})", "string({D})", "string({U})", "string({B})", "string({R})", "string({T})", "string({Y})", "string({P})", "string({C})", "'%d|%s'.format([{I}, {S}])", "'%.2f'.format([{D}])",
            "'%x %X %o %b'.format([{I}, {I}, {I}, {I}])", "'%e'.format([{D}])", "'%s %s'.format([{L}, {M}])", "'%s %s'.format([{R}, {T}])", "'%s'.format([{D}])", "url({W}).getHost()", "url({W}).getHostname()", "url({W}).getScheme()",
            "url({W}).getPort()", "url({W}).getEscapedPath()", "{K}[{I}]", "{S}.find({X})", "strings.quote({S})", "({B} ? {S} : {S})", "{K}.max()", "{K}.min()", "string(format.{F}().validate({A}).hasValue())", "string(type({I}))",
            "'%s'.format([url({W}).getQuery()])", "string({C}.masked())", "string({C}.ip())", "'%s'.format([{M}])"] },
    Type { letter: "Y", leaves: &["b'abc'", "b''", "b'\\xff'", "b'\\303\\251'"], forms: &["({Y} + {Y})", "bytes({S})"] },
    Type { letter: "R",
        leaves: &["duration('1h')", "duration('90s')", "duration('1h30m')", "duration('500ms')", "duration('-2m')", "duration('0s')", "duration('2540400h')", "duration('1ns')", "duration('1.5h')", "duration('1d')"],
        forms: &["({R} + {R})", "({R} - {R})", "({T} - {T})", "duration({S})", "({B} ? {R} : {R})"] },
    Type { letter: "T",
        leaves: &["timestamp('2026-01-02T03:04:05Z')", "timestamp('1970-01-01T00:00:00Z')", "timestamp('9999-12-31T23:59:59Z')", "timestamp('0001-01-01T00:00:00Z')", "timestamp('2024-02-29T23:59:59.123456789Z')"],
        forms: &["({T} + {R})", "({T} - {R})", "timestamp({I})", "timestamp({S})"] },
    Type { letter: "L",
        leaves: &["[1, 2, 3]", "[3, 1, 2]", "[0]", "[5, 5, -1]", "[7, 8, 9, 10]"],
        forms: &["({L} + {L})", "[{I}, {I}]", "{L}.map(x, {I:x})", "{L}.filter(x, {B:x})", "{L}.map(x, {B:x}, {I:x})", "{L}.slice({I}, {I})", "{L}.sort()", "{L}.distinct()", "{L}.reverse()", "[{L}, {L}].flatten()",
            "lists.range({J})", "{L}.transformList(i, x, i + {I:x})", "{K}.map(s, size(s))", "{L}.sortBy(x, {I:x})", "({B} ? {L} : {L})", "{M}.map(k, {M}[k])"] },
    Type { letter: "K",
        leaves: &["['a', 'b']", "['b', 'a', 'c']", "['']", "['x-y.z']", "['abc', 'abc']"],
        forms: &["({K} + {K})", "[{S}, {S}]", "{S}.split({S})", "{S}.split({S}, {I})", "{S}.findAll({X})", "{S}.findAll({X}, {I})", "{K}.sort()", "{K}.distinct()", "{K}.filter(s, s.size() > {I})", "{L}.map(x, string({I:x}))", "{K}.slice({I}, {I})",
            "{K}.reverse()", "{K}.sortBy(s, size(s))"] },
    Type { letter: "M",
        leaves: &["{'a': 1}", "{'a': 1, 'b': 2}", "{'x-y.z': 3, 'a': 0}", "{'abc': -1}"],
        forms: &["{'a': {I}, 'k': {I}}", "{{G}: {I}}", "{M}.transformMap(k, v, {I:v})", "{M}.transformMap(k, v, v > 0, {I:v})", "{K}.transformMap(i, s, i)['x' == 'x' ? 0 : 1] > 0 ? {M} : {M}", "({B} ? {M} : {M})", "{'a': {I}, {G}: {I}}"] },
    Type { letter: "O",
        leaves: &["optional.of(1)", "optional.none()", "optional.ofNonZeroValue(0)", "{'a': 1}.?a", "[1, 2][?5]"],
        forms: &["optional.of({I})", "optional.ofNonZeroValue({I})", "{M}.?a", "{M}[?{S}]", "{L}[?{I}]", "{O}.or({O})", "{O}.optMap(x, {I:x})", "{O}.optFlatMap(x, optional.of({I:x}))", "{L}.first()", "{L}.last()"] },
    Type { letter: "Q",
        leaves: &["quantity('1')", "quantity('500m')", "quantity('1Gi')", "quantity('1.5k')", "quantity('-3')", "quantity('0')", "quantity('1e3')", "quantity('9E')", "quantity('0.1')", "quantity('100n')"],
        forms: &["{Q}.add({Q})", "{Q}.sub({Q})", "{Q}.add({J})", "{Q}.sub({J})", "quantity({N})"] },
    Type { letter: "P", leaves: &["ip('10.0.0.1')", "ip('127.0.0.1')", "ip('::1')", "ip('fe80::1')", "ip('0.0.0.0')", "ip('224.0.0.1')", "ip('2001:db8::ff')", "ip('169.254.1.2')", "ip('255.255.255.255')"], forms: &["{C}.ip()", "{C}.masked().ip()", "ip({A})"] },
    Type { letter: "C", leaves: &["cidr('10.0.0.0/8')", "cidr('10.1.2.3/16')", "cidr('::/0')", "cidr('2001:db8::/32')", "cidr('192.168.1.1/32')"], forms: &["{C}.masked()", "cidr({A})"] },
    Type { letter: "V", leaves: &["semver('1.2.3')", "semver('1.10.0')", "semver('2.0.0-rc.1')", "semver('1.2.3+build')", "semver('v1.2', true)", "semver('2.0.0-rc.2')"], forms: &["semver({N})", "semver({N}, true)", "semver({A})"] },
    // Texts that some function reads, well or not.
    Type { letter: "N", leaves: &["'1'", "'42'", "'-7'", "'+5'", "'1.5'", "'1e3'", "'abc'", "''", "'true'", "'t'", "'TRUE'", "'0x1F'", "' 1'", "'1Gi'", "'500m'", "'1.2.3'", "'v1.2'", "'01.2.3'", "'1.2.3-a.b'", "'NaN'", "'1e+21'", "'-1e-07'", "'1e-10'", "'9223372036854775808'", "'1_000'", "'.5'", "'5.'"], forms: &["string({I})"] },
    Type { letter: "A", leaves: &["'10.0.0.1'", "'10.0.0.256'", "'010.0.0.1'", "'::1'", "'::FFFF:1.2.3.4'", "'2001:DB8::1'", "'2001:db8::0:1'", "'10.0.0.0/8'", "'10.0.0.5/8'", "'::/129'", "'fe80::1%eth0'", "'https://a.example.com/x'", "'/path'", "'a'", "'my-name'", "'My_Name'", "'-a'", "'a.b.c'", "'2026-01-02'",
        "'2026-01-02T03:04:05Z'", "'0f7c2d0a-3f0e-4c9d-9d2b-1a2b3c4d5e6f'", "'aGk='", "'aGk'", "'example.com/a_b'", "'https://:80'", "'mailto:a@b.c'", "''", "'1.2.3'"], forms: &["{S}"] },
    Type { letter: "W", leaves: &["'https://Acme.example:8443/a%20b?c=d&c=e&f'", "'http://[::1]:80/'", "'/a/b?x=1'", "'https://user@example.com'", "'HTTP://EXAMPLE.com'", "'not a url'", "'https://a b'", "'https://example.com/%zz'", "'file:///etc'", "'https://example.com?q=%20+x#frag'"], forms: &["'https://example.com/' + {S}"] },
    Type { letter: "X", leaves: &["'^[a-c]+$'", "'[0-9]+'", "'b.*c'", "'(a|b)c?'", "''", "'\\\\w+'", "'x{2}'", "'(?i)HELLO'", "'.'", "'\\\\d'", "'[[:alpha:]]'", "'\\\\bworld\\\\b'", "'a(?P<n>b)'", "'['"], forms: &[] },
    Type { letter: "F", leaves: &["dns1123Label", "dns1123Subdomain", "dns1035Label", "qualifiedName", "dns1123LabelPrefix", "dns1123SubdomainPrefix", "dns1035LabelPrefix", "labelValue", "uri", "uuid", "byte", "date", "datetime"], forms: &[] },
    Type { letter: "G", leaves: &["'k'", "'abc'", "'x y'", "''"], forms: &[] },
    Type { letter: "J", leaves: &["0", "3", "5", "-1", "1 + 1"], forms: &[] },
];

/// Whole expressions: each a string.
const ROOTS: &[&str] = &[
    "string({I})",
    "string({I})",
    "string({I})",
    "string({B})",
    "string({B})",
    "string({B})",
    "string({D})",
    "string({U})",
    "({S})",
    "({S})",
    "({S})",
    "string({R})",
    "string({T})",
    "'%s'.format([{L}])",
    "'%s'.format([{K}])",
    "'%s'.format([{M}])",
    "string({Q}.compareTo({Q}))",
    "string({O}.orValue({I}))",
    "string({P})",
    "string({C})",
];

/// One expression in a few is put wrong: a hole is filled with another type.
const WRONG: usize = 150;

/// An expression, which is a string where its types fit.
pub(super) fn expression(random: &mut Random) -> String {
    let root = random.pick(ROOTS).copied().unwrap_or_default();
    filled(root, 1 + random.below(DEPTH), None, random)
}

/// A form with its holes filled.
fn filled(form: &str, depth: usize, variable: Option<&str>, random: &mut Random) -> String {
    let mut out = String::new();
    let mut rest = form;
    while let Some(c) = rest.chars().next() {
        if let Some((hole, after)) = hole(rest) {
            let (letter, own) = hole.split_once(':').map_or((hole, variable), |(letter, own)| (letter, Some(own)));
            out.push_str(&of_type(letter, depth, own, random));
            rest = after;
        } else {
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// The hole that a text begins with, and what comes after.
fn hole(text: &str) -> Option<(&str, &str)> {
    let (inside, after) = text.strip_prefix('{')?.split_once('}')?;
    let letter = inside.split(':').next().unwrap_or_default();
    TYPES.iter().any(|ty| ty.letter == letter).then_some((inside, after))
}

fn of_type(letter: &str, depth: usize, variable: Option<&str>, random: &mut Random) -> String {
    let other = if random.below(WRONG) == 0 { random.pick(TYPES).map(|ty| ty.letter) } else { None };
    // A name of a format is no expression.
    let letter = other.filter(|other| *other != "F" && letter != "F").unwrap_or(letter);
    let Some(ty) = TYPES.iter().find(|ty| ty.letter == letter) else { return String::new() };
    if let (Some(variable), "I", true) = (variable, letter, random.below(3) == 0) {
        return variable.to_owned();
    }
    let forms = if depth == 0 || ty.forms.is_empty() { ty.leaves } else { ty.forms };
    let form = random.pick(forms).copied().unwrap_or_default();
    if depth == 0 { form.to_owned() } else { filled(form, depth - 1, variable, random) }
}
