//! As much of a Kubernetes client as tests need: blocking, usable from many
//! threads, with connections that are kept.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use super::Result;
use super::verdict::{Refusal, Verdict};

/// No request takes this long, unless something hangs.
const REQUEST_WITHIN: Duration = Duration::from_secs(60);
/// How long a kind of a new definition may take to be served.
const SERVED_WITHIN: Duration = Duration::from_secs(120);
const LARGEST_ANSWER: u64 = 256 << 20;
const CONNECTIONS: usize = 64;
/// As for `kubectl apply --dry-run=server --validate=strict`, but as the first
/// creation of the object.
const STRICT: &str = "fieldValidation=Strict&fieldManager=tessera-test";

/// A resource of the API: what its path needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The name in paths, as `deployments`.
    pub plural: String,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
}

/// Talks to one API server as a member of `system:masters`.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    server: String,
    authorization: String,
    /// By API version, then by kind.
    resources: Mutex<HashMap<String, Arc<HashMap<String, Resource>>>>,
}

impl Client {
    /// A client for a server on loopback, which must prove itself by one of
    /// these certificates.
    ///
    /// # Errors
    /// When there is no certificate in the text.
    pub fn new(port: u16, token: &str, certificates: &[u8]) -> Result<Self> {
        let certificates: Vec<_> = parse_pem(certificates)
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        if certificates.is_empty() {
            return Err("no certificate".to_owned());
        }
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(certificates))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .max_idle_connections(CONNECTIONS)
            .max_idle_connections_per_host(CONNECTIONS)
            .timeout_global(Some(REQUEST_WITHIN))
            .build()
            .new_agent();
        let server = format!("https://127.0.0.1:{port}");
        Ok(Self { agent, server, authorization: format!("Bearer {token}"), resources: Mutex::default() })
    }

    /// What the server says of the object, were it created: nothing is kept.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn dry_run(&self, object: &Json) -> Result<Verdict> {
        self.post(object, &format!("{STRICT}&dryRun=All"))
    }

    /// [`Self::dry_run`] of many on several connections; the answers have the
    /// order of the objects.
    pub fn dry_runs(&self, objects: &[Json], connections: usize) -> Vec<Result<Verdict>> {
        in_parallel(objects, connections, |object| self.dry_run(object))
    }

    /// Creates the object.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn create(&self, object: &Json) -> Result<Verdict> {
        self.post(object, STRICT)
    }

    /// Makes sure that there are these namespaces, each with its service account
    /// `default`, without which no Pod can be created.
    ///
    /// # Errors
    /// When one is refused.
    pub fn namespaces(&self, names: &[&str]) -> Result<()> {
        for name in names {
            let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
            let metadata = json!({ "name": "default", "namespace": name });
            let account = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata });
            for object in [namespace, account] {
                if let Some(refusal) = self.create(&object)?.refusal().filter(|r| r.reason != "AlreadyExists") {
                    return Err(refusal.to_string());
                }
            }
        }
        Ok(())
    }

    /// Creates custom resource definitions and waits until those that are
    /// accepted are served. The answers have the order of the definitions.
    ///
    /// # Errors
    /// When the server does not answer, or does not serve one in time.
    pub fn definitions(&self, definitions: &[Json]) -> Result<Vec<Verdict>> {
        let answers = in_parallel(definitions, 8, |d| self.create(d)).into_iter().collect::<Result<Vec<_>>>()?;
        let started = Instant::now();
        for (definition, _) in definitions.iter().zip(&answers).filter(|(_, answer)| answer.is_accepted()) {
            while !self.is_served(definition)? {
                if started.elapsed() > SERVED_WITHIN {
                    let name = definition.pointer("/metadata/name").unwrap_or(definition);
                    return Err(format!("{name} is not served after {SERVED_WITHIN:?}"));
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(answers)
    }

    /// Whether a definition is established and each of its versions is found.
    fn is_served(&self, definition: &Json) -> Result<bool> {
        let at = |path: &str| definition.pointer(path).and_then(Json::as_str).unwrap_or_default();
        let name = encoded(at("/metadata/name"));
        let (_, found) = self.get(&format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}"))?;
        let established = |c: &Json| text(c, "type") == Some("Established") && text(c, "status") == Some("True");
        if !list(&found, "/status/conditions").iter().any(established) {
            return Ok(false);
        }
        for version in list(definition, "/spec/versions").iter().filter(|v| is_true(v, "served")) {
            let version = text(version, "name").unwrap_or_default();
            if self.resource(&format!("{}/{version}", at("/spec/group")), at("/spec/names/kind"))?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What the path of a kind's objects needs; `None` for an unknown kind.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn resource(&self, api_version: &str, kind: &str) -> Result<Option<Resource>> {
        let known = |all: &HashMap<String, Resource>| all.get(kind).cloned();
        let cached = self.resources.lock().unwrap_or_else(PoisonError::into_inner).get(api_version).cloned();
        if let Some(resource) = cached.as_deref().and_then(known) {
            return Ok(Some(resource));
        }
        // A definition may have come since.
        let Some(path) = version_path(api_version) else { return Ok(None) };
        let (code, found) = self.get(&path)?;
        if code != 200 {
            return Ok(None);
        }
        let main = list(&found, "/resources").iter().filter_map(|r| {
            // `deployments/scale` is a part of another.
            let plural = text(r, "name").filter(|name| !name.contains('/'))?.to_owned();
            Some((text(r, "kind")?.to_owned(), Resource { plural, namespaced: is_true(r, "namespaced") }))
        });
        let all: Arc<HashMap<_, _>> = Arc::new(main.collect());
        let resource = known(&all);
        self.resources.lock().unwrap_or_else(PoisonError::into_inner).insert(api_version.to_owned(), all);
        Ok(resource)
    }

    /// The status and the answer to a path, which is `null` when it is no JSON.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn get(&self, path: &str) -> Result<(u16, Json)> {
        let (code, _, body) = self.send(Method::GET, path, Vec::new())?;
        Ok((code, serde_json::from_slice(&body).unwrap_or_default()))
    }

    /// Removes what a path names; whether there was such a thing.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn delete(&self, path: &str) -> Result<bool> {
        Ok(self.send(Method::DELETE, path, Vec::new())?.0 < 300)
    }

    /// What the server makes of the object when this manager applies it, whoever else has its fields.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn apply(&self, object: &Json, manager: &str, dry_run: bool) -> Result<Verdict> {
        let Some(path) = self.path(object)? else { return Ok(unknown_kind(object)) };
        let dry_run = if dry_run { "&dryRun=All" } else { "" };
        let path = format!("{path}?fieldManager={}&force=true&fieldValidation=Strict{dry_run}", encoded(manager));
        let body = serde_json::to_vec(object).map_err(|e| e.to_string())?;
        answer(&path, self.typed(Method::PATCH, &path, "application/apply-patch+yaml", body)?)
    }

    /// Writes an object's status, as whoever is in charge of it would.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn patch_status(&self, object: &Json, status: &Json) -> Result<Verdict> {
        let Some(path) = self.path(object)? else { return Ok(unknown_kind(object)) };
        let path = format!("{path}/status");
        let body = serde_json::to_vec(&json!({ "status": status })).map_err(|e| e.to_string())?;
        answer(&path, self.typed(Method::PATCH, &path, "application/merge-patch+json", body)?)
    }

    /// The path of an object; `None` for an unknown kind.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn path(&self, object: &Json) -> Result<Option<String>> {
        let name = object.pointer("/metadata/name").and_then(Json::as_str).unwrap_or_default();
        Ok(self.collection(object)?.map(|path| format!("{path}/{}", encoded(name))))
    }

    /// The path of the objects of this one's kind in its namespace.
    fn collection(&self, object: &Json) -> Result<Option<String>> {
        let at = |path: &str| object.pointer(path).and_then(Json::as_str).unwrap_or_default();
        let Some(resource) = self.resource(at("/apiVersion"), at("/kind"))? else { return Ok(None) };
        let mut path = version_path(at("/apiVersion")).unwrap_or_default();
        if resource.namespaced {
            let namespace = Some(at("/metadata/namespace")).filter(|n| !n.is_empty()).unwrap_or("default");
            let _ = write!(path, "/namespaces/{}", encoded(namespace));
        }
        let _ = write!(path, "/{}", resource.plural);
        Ok(Some(path))
    }

    pub(super) fn is_ready(&self) -> bool {
        self.send(Method::GET, "/readyz", Vec::new()).is_ok_and(|(code, ..)| code == 200)
    }

    pub(super) fn namespace_exists(&self, name: &str) -> bool {
        self.get(&format!("/api/v1/namespaces/{name}")).is_ok_and(|(code, _)| code == 200)
    }

    pub(super) fn account_exists(&self, namespace: &str, name: &str) -> bool {
        self.get(&format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}")).is_ok_and(|(code, _)| code == 200)
    }

    fn post(&self, object: &Json, query: &str) -> Result<Verdict> {
        let Some(path) = self.collection(object)? else { return Ok(unknown_kind(object)) };
        let path = format!("{path}?{query}");
        let body = serde_json::to_vec(object).map_err(|e| e.to_string())?;
        answer(&path, self.send(Method::POST, &path, body)?)
    }

    fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Answer> {
        self.typed(method, path, "application/json", body)
    }

    fn typed(&self, method: Method, path: &str, content: &str, body: Vec<u8>) -> Result<Answer> {
        let failed = |e: &dyn std::fmt::Display| format!("{path}: {e}");
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server))
            .header("authorization", &self.authorization)
            .header("accept", "application/json")
            .header("content-type", content)
            .body(body)
            .map_err(|e| failed(&e))?;
        let (parts, mut body) = self.agent.run(request).map_err(|e| failed(&e))?.into_parts();
        let body = body.with_config().limit(LARGEST_ANSWER).read_to_vec().map_err(|e| failed(&e))?;
        Ok((parts.status.as_u16(), parts.headers, body))
    }
}

/// The status, the headers and the body of an answer.
type Answer = (u16, HeaderMap, Vec<u8>);

fn answer(path: &str, (code, headers, body): Answer) -> Result<Verdict> {
    if code >= 300 {
        return Ok(Verdict::Refused(Refusal::read(code, &body)));
    }
    let object = serde_json::from_slice(&body).map_err(|e| format!("{path}: {e}"))?;
    let warnings = headers.get_all("warning").iter().map(|w| warning(&String::from_utf8_lossy(w.as_bytes()))).collect();
    Ok(Verdict::Accepted { object, warnings })
}

fn unknown_kind(object: &Json) -> Verdict {
    let said = |field: &str| text(object, field).unwrap_or_default();
    let message = format!("no kind {:?} in version {:?}", said("kind"), said("apiVersion"));
    let reason = "UnknownKind".to_owned();
    Verdict::Refused(Refusal { code: 404, reason, message, causes: Vec::new() })
}

/// Does the same with each item on several threads; the results have the order
/// of the items.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return done };
            done.push((index, work(item)));
        }
    };
    let mut results = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.clamp(1, items.len().max(1))).map(|_| scope.spawn(worker)).collect();
        let joined = threads.into_iter().map(|t| t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect::<Vec<_>>()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn list<'a>(of: &'a Json, path: &str) -> &'a [Json] {
    of.pointer(path).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(of: &'a Json, field: &str) -> Option<&'a str> {
    of.get(field)?.as_str()
}

fn is_true(of: &Json, field: &str) -> bool {
    of.get(field).and_then(Json::as_bool).unwrap_or_default()
}

/// Where the resources of an API version are; `None` for what cannot be one.
fn version_path(api_version: &str) -> Option<String> {
    let parts: Vec<String> = api_version.split('/').map(encoded).collect();
    match parts.as_slice() {
        parts if parts.iter().any(String::is_empty) => None,
        [version] => Some(format!("/api/{version}")),
        [group, version] => Some(format!("/apis/{group}/{version}")),
        _ => None,
    }
}

/// A text as one segment of a path.
fn encoded(segment: &str) -> String {
    let mut out = String::new();
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The text of a header `299 - "…"`.
fn warning(header: &str) -> String {
    let quoted = header.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"'));
    quoted.map_or(header, |(text, _)| text).replace("\\\"", "\"").replace("\\\\", "\\")
}
