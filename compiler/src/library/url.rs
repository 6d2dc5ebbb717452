//! URLs as the API server reads them: Kubernetes' `url` takes an absolute URL
//! or an absolute path, by the rules of Go's net/url.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::codes::E0506;
use crate::eval::{Context, Fault};
use crate::value::{Key, Map, Value};

use super::Sig::{self, Bool, List, String as Text};
use super::arguments::{Outcome, no_overload, quoted, scan, text};
use super::escaping::{Part, is_escaped, percent_decode, percent_encode};
use super::ip::Ip;
use super::signature::{Overload, method, plain};
use super::{Function, Opaque, Since};

const URL: Sig = Sig::Opaque("URL");
const PART: &[Overload] = &[method(&[URL], Text)];

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "getEscapedPath",
        overloads: PART,
        eval: |ctx, args| part(ctx, "getEscapedPath", args, Url::escaped_path),
        since: Since::Always,
        doc: "The path of the URL, escaped: `/with%20blank`.",
    },
    Function {
        name: "getHost",
        overloads: PART,
        eval: |ctx, args| part(ctx, "getHost", args, |url| url.host.clone()),
        since: Since::Always,
        doc: "The host of the URL with its port, an IPv6 address in brackets.",
    },
    Function {
        name: "getHostname",
        overloads: PART,
        eval: |ctx, args| part(ctx, "getHostname", args, |url| url.split_host().0.to_owned()),
        since: Since::Always,
        doc: "The host of the URL without port and brackets.",
    },
    Function {
        name: "getPort",
        overloads: PART,
        eval: |ctx, args| part(ctx, "getPort", args, |url| url.split_host().1.to_owned()),
        since: Since::Always,
        doc: "The port of the URL, empty where it has none.",
    },
    Function {
        name: "getQuery",
        overloads: &[method(&[URL], Sig::Map(&Text, &List(&Text)))],
        eval: query,
        since: Since::Always,
        doc: "The parameters of the URL's query, unescaped, each with the list of its values.",
    },
    Function {
        name: "getScheme",
        overloads: PART,
        eval: |ctx, args| part(ctx, "getScheme", args, |url| url.scheme.clone()),
        since: Since::Always,
        doc: "The scheme of the URL in lower case, empty where it has none.",
    },
    Function {
        name: "isURL",
        overloads: &[plain(&[Text], Bool)],
        eval: is_url,
        since: Since::Always,
        doc: "Whether the string is an absolute URL or an absolute path.",
    },
    Function {
        name: "url",
        overloads: &[plain(&[Text], URL)],
        eval: to_url,
        since: Since::Always,
        doc: "The URL that the string writes: an absolute URL or an absolute path.",
    },
];

fn to_url(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else { return Err(no_overload("url", args)) };
    ctx.bytes(text.len())?;
    let url =
        Url::parse(text).map_err(|reason| Fault::new(&E0506, format!("{} is not a URL: {reason}", quoted(text))))?;
    Ok(Value::Opaque(Arc::new(Opaque::Url(url))))
}

fn is_url(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else { return Err(no_overload("isURL", args)) };
    scan(ctx, text)?;
    Ok(Value::Bool(Url::check(text).is_ok()))
}

fn part(ctx: &mut Context<'_>, name: &str, args: &[Value], of: fn(&Url) -> String) -> Outcome {
    text(ctx, of(receiver(args).ok_or_else(|| no_overload(name, args))?))
}

fn receiver(args: &[Value]) -> Option<&Url> {
    match args {
        [Value::Opaque(opaque)] => match &**opaque {
            Opaque::Url(url) => Some(url),
            _ => None,
        },
        _ => None,
    }
}

fn query(ctx: &mut Context<'_>, args: &[Value]) -> Outcome {
    let url = receiver(args).ok_or_else(|| no_overload("getQuery", args))?;
    let pairs = url.query_pairs();
    ctx.items(pairs.len())?;
    let mut values: indexmap::IndexMap<String, Vec<Value>> = indexmap::IndexMap::new();
    for (key, value) in pairs {
        values.entry(key).or_default().push(Value::str(&value));
    }
    let entries = values.into_iter().map(|(key, values)| (Key::String(key.into()), Value::list(values)));
    Ok(Value::map(entries.collect::<Map>()))
}

/// A URL in its parts.
#[derive(Clone, Debug)]
pub struct Url {
    scheme: String,
    /// What follows the scheme of a URL like `mailto:a@b.c`.
    opaque: String,
    user: Option<(String, Option<String>)>,
    host: String,
    /// There is no `//` after the scheme.
    no_authority: bool,
    /// As it was written.
    path: String,
    query: Option<String>,
    fragment: String,
}

/// Equal when they print the same.
impl PartialEq for Url {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

type Parsed<T> = Result<T, &'static str>;

impl Url {
    /// Reads an absolute URL or path.
    ///
    /// # Errors
    /// A reason in a few words.
    pub(super) fn parse(text: &str) -> Parsed<Self> {
        Self::check(text)?;
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut url = Self::read(text, false)?;
        percent_decode(fragment, Part::Fragment)?;
        fragment.clone_into(&mut url.fragment);
        Ok(url)
    }

    /// Whether it is one; a fragment counts as part of the path here.
    ///
    /// # Errors
    /// As [`Url::parse`].
    pub(super) fn check(text: &str) -> Parsed<()> {
        Self::read(text, true).map(|_| ())
    }

    fn read(text: &str, absolute: bool) -> Parsed<Self> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err("it holds a control character");
        }
        if text.is_empty() && absolute {
            return Err("it is empty");
        }
        let (scheme, rest) = split_scheme(text)?;
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query.to_owned())));
        let mut url = Self::empty(scheme, query);
        if !rest.starts_with('/') && text != "*" {
            if url.scheme.is_empty() {
                return Err("it has neither a scheme nor a leading slash");
            }
            rest.clone_into(&mut url.opaque);
            return Ok(url);
        }
        let path = url.read_authority(rest, absolute)?;
        percent_decode(path, Part::Path)?;
        path.clone_into(&mut url.path);
        Ok(url)
    }

    fn empty(scheme: &str, query: Option<String>) -> Self {
        let (opaque, host, path, fragment) = Default::default();
        Self {
            scheme: scheme.to_ascii_lowercase(),
            opaque,
            user: None,
            host,
            no_authority: false,
            path,
            query,
            fragment,
        }
    }

    /// Takes `//user@host:port` off the front and gives the path.
    fn read_authority<'a>(&mut self, rest: &'a str, absolute: bool) -> Parsed<&'a str> {
        let may_have = !self.scheme.is_empty() || (!absolute && !rest.starts_with("///"));
        let Some(after) = rest.strip_prefix("//").filter(|_| may_have) else {
            self.no_authority = !self.scheme.is_empty();
            return Ok(rest);
        };
        let (authority, path) = after.split_at_checked(after.find('/').unwrap_or(after.len())).unwrap_or((after, ""));
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        self.host = read_host(&self.scheme, host)?;
        self.user = user.map(read_user).transpose()?;
        Ok(path)
    }

    fn escaped_path(&self) -> String {
        escaped(&self.path, Part::Path)
    }

    /// Host name and port.
    fn split_host(&self) -> (&str, &str) {
        let (host, port) = match self.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port),
            _ => (self.host.as_str(), ""),
        };
        (host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host), port)
    }

    /// The parameters in order; those that are not well escaped are left out.
    fn query_pairs(&self) -> Vec<(String, String)> {
        let parts = self.query.as_deref().unwrap_or("").split('&');
        let parts = parts.filter(|part| !part.is_empty() && !part.contains(';'));
        parts.filter_map(query_pair).collect()
    }
}

/// A part as it was written where that is well escaped, otherwise escaped anew.
fn escaped(text: &str, part: Part) -> String {
    if is_escaped(text, part) || text == "*" {
        return text.to_owned();
    }
    percent_decode(text, part).map(|decoded| percent_encode(&decoded, part)).unwrap_or_default()
}

fn query_pair(part: &str) -> Option<(String, String)> {
    let (key, value) = part.split_once('=').unwrap_or((part, ""));
    let decode = |text| percent_decode(text, Part::Query).ok().map(|bytes| lossy(&bytes));
    Some((decode(key)?, decode(value)?))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn split_scheme(text: &str) -> Parsed<(&str, &str)> {
    for (index, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if index > 0 => {}
            ':' if index == 0 => return Err("its scheme is missing before the colon"),
            ':' => return Ok(text.split_once(':').unwrap_or(("", text))),
            _ => break,
        }
    }
    Ok(("", text))
}

fn read_user(text: &str) -> Parsed<(String, Option<String>)> {
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c)) {
        return Err("its user information is not valid");
    }
    let decode = |text| percent_decode(text, Part::User).map(|bytes| lossy(&bytes));
    match text.split_once(':') {
        Some((name, password)) => Ok((decode(name)?, Some(decode(password)?))),
        None => Ok((decode(text)?, None)),
    }
}

fn read_host(scheme: &str, host: &str) -> Parsed<String> {
    if let Some(bracket) = host.rfind('[') {
        return if bracket == 0 { read_bracketed(host) } else { Err("its host is not valid") };
    }
    let strict = matches!(scheme, "http" | "https");
    let colon = if strict { host.find(':') } else { host.rfind(':') };
    if !is_port(colon.and_then(|colon| host.get(colon..)).unwrap_or("")) {
        return Err("its port is not a number");
    }
    percent_decode(host, Part::Host).map(|bytes| lossy(&bytes))
}

/// `[::1]:80`, `[fe80::1%25en0]`.
fn read_bracketed(host: &str) -> Parsed<String> {
    let (address, port) =
        host.get(1..).and_then(|host| host.rsplit_once(']')).ok_or("a bracket of its host is not closed")?;
    if !is_port(port) {
        return Err("its port is not a number");
    }
    let (number, zone) = address.split_once("%25").map_or((address, None), |(number, zone)| (number, Some(zone)));
    if Ip::parse_any(number).is_none_or(|ip| ip.is_ipv4()) || zone == Some("") {
        return Err("its host in brackets is not an IPv6 address");
    }
    let zone =
        zone.map(|zone| percent_decode(zone, Part::Zone).map(|bytes| format!("%{}", lossy(&bytes)))).transpose()?;
    Ok(format!("[{number}{}]{port}", zone.unwrap_or_default()))
}

/// Empty, or a colon and digits.
fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.scheme.is_empty() {
            write!(f, "{}:", self.scheme)?;
        }
        f.write_str(&self.opaque)?;
        if self.opaque.is_empty() {
            self.fmt_authority(f)?;
            f.write_str(&self.escaped_path())?;
        }
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        if !self.fragment.is_empty() {
            write!(f, "#{}", escaped(&self.fragment, Part::Fragment))?;
        }
        Ok(())
    }
}

impl Url {
    fn fmt_authority(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let empty = self.host.is_empty() && self.user.is_none();
        if empty && (self.scheme.is_empty() || self.no_authority || self.path.is_empty()) {
            return Ok(());
        }
        f.write_str("//")?;
        if let Some((name, password)) = &self.user {
            f.write_str(&percent_encode(name.as_bytes(), Part::User))?;
            if let Some(password) = password {
                write!(f, ":{}", percent_encode(password.as_bytes(), Part::User))?;
            }
            f.write_str("@")?;
        }
        f.write_str(&percent_encode(self.host.as_bytes(), Part::Host))
    }
}
