//! A client of the composition function: requests as Crossplane makes them, sent over gRPC.

use std::collections::BTreeMap;
use std::path::Path;

use http::uri::PathAndQuery;
use prost::Message as _;
pub use prost::bytes::Bytes;
use prost::bytes::{Buf as _, BufMut as _};
use serde_json::{Value as Json, json};
use tessera_compiler::target::crossplane::{self, Function, Options, Release};
use tessera_compiler::target::lower;
use tessera_compiler::value::{from_json, to_json};
use tessera_runtime::function::message::{Request, RequestMeta, Resource, Response, State};
use tessera_runtime::function::{Definitions, MAX_MESSAGE, run, structure};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
pub use tonic::transport::Channel;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};
pub use tonic::{Code, Status};

use crate::compile::{self, Compiled, build};
use crate::corpus;
use crate::instances::of_project;

/// All of a composite is the function's.
pub const ALWAYS: Options = Options { function: Function::Always, release: Release::V2 };
/// After so many rounds everything that an example makes is there.
const ROUNDS: usize = 20;

/// What helps here fails with a sentence.
pub type Result<T> = std::result::Result<T, String>;

/// The composition's input for a kind, as the target writes it.
///
/// # Errors
/// What the target refuses, or that there is no composite of the kind.
pub fn input(compiled: &Compiled, kind: &str) -> Result<Json> {
    let lowered = lower(&compiled.compilation, |lowering| crossplane::lower_with(lowering, ALWAYS));
    if let Some(error) = lowered.diagnostics.iter().find(|d| d.is_error()) {
        return Err(error.message.clone());
    }
    for file in lowered.files.iter().filter(|file| file.path.ends_with("composition.yaml")) {
        for composition in compile::documents(&file.text)? {
            if composition.pointer("/spec/compositeTypeRef/kind").and_then(Json::as_str) == Some(kind) {
                let input = composition.pointer("/spec/pipeline/0/input");
                return input.cloned().ok_or_else(|| format!("the step of {kind} has no input"));
            }
        }
    }
    Err(format!("there is no composition of {kind}"))
}

/// An object as messages carry it.
///
/// # Errors
/// When it has a number that they cannot carry.
pub fn resource(object: &Json) -> Result<Resource> {
    Ok(Resource { resource: Some(octets(object)?), ..Resource::default() })
}

fn octets(object: &Json) -> Result<Bytes> {
    structure::write(&from_json(object)).map_err(|number| format!("{number} is too large"))
}

/// A request for an instance, with what is there already by its names in the composition.
///
/// # Errors
/// When an object has a number that messages cannot carry.
pub fn request(input: &Json, object: &Json, observed: &BTreeMap<String, Json>) -> Result<Request> {
    let resources = observed.iter().map(|(name, object)| Ok((name.clone(), resource(object)?)));
    Ok(Request {
        meta: Some(RequestMeta { tag: "tag".to_owned() }),
        observed: Some(State { composite: Some(resource(object)?), resources: resources.collect::<Result<_>>()? }),
        input: Some(octets(input)?),
        ..Request::default()
    })
}

/// The objects of an answer by their names in the composition, without those that order deletion.
///
/// # Errors
/// When one cannot be read.
pub fn wanted(response: &Response) -> Result<BTreeMap<String, Json>> {
    let resources = response.desired.iter().flat_map(|desired| &desired.resources);
    let objects = resources.map(|(name, resource)| {
        let octets = resource.resource.as_ref().ok_or_else(|| format!("{name} is empty"))?;
        Ok((name.clone(), to_json(&structure::read(octets).map_err(|why| why.0)?)))
    });
    let kept = |object: &Json| !matches!(object.get("kind").and_then(Json::as_str), Some("Usage" | "ClusterUsage"));
    Ok(objects.collect::<Result<BTreeMap<_, _>>>()?.into_iter().filter(|(_, object)| kept(object)).collect())
}

/// Gives an object the status that waiting ones look for.
pub fn done(object: &mut Json) {
    if let Some(fields) = object.as_object_mut() {
        let complete = json!({ "type": "Complete", "status": "True" });
        fields.insert("status".to_owned(), json!({ "succeeded": 1, "conditions": [complete] }));
    }
}

/// The request that an example's first instance comes to, once all its objects are there.
///
/// # Errors
/// When the example has no instance, or is not answered.
pub fn settled(example: &str) -> Result<Bytes> {
    let compiled = build(&corpus::example(example).map_err(|error| error.to_string())?);
    let instances = of_project(&compiled);
    let instance = instances.first().ok_or_else(|| format!("{example} has no instance"))?;
    let input = input(&compiled, &instance.kind)?;
    let definitions = Definitions::default();
    let mut observed = BTreeMap::new();
    for _ in 0..ROUNDS {
        let asked = request(&input, &instance.object, &observed)?;
        let answer = run(&definitions, &asked, "2026-01-01T00:00:00Z".parse().unwrap_or_default());
        if let Some(result) = answer.results.first() {
            return Err(result.message.clone());
        }
        let mut now = wanted(&answer)?;
        now.values_mut().for_each(done);
        if now.len() == observed.len() {
            return Ok(asked.encode_to_vec().into());
        }
        observed = now;
    }
    Err(format!("{example} has no end"))
}

/// Connects to a function that serves without TLS.
///
/// # Errors
/// When nobody listens.
pub async fn connect(address: &str) -> Result<Channel> {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(|error| error.to_string())?;
    endpoint.connect().await.map_err(|error| error.to_string())
}

/// Connects to a function that serves with TLS, whose authority `ca.crt` in the folder is; as who
/// `NAME.crt` and `NAME.key` say, or as nobody.
///
/// # Errors
/// When nobody listens, or one side does not trust the other.
pub async fn connect_with_tls(address: &str, folder: &Path, name: Option<&str>) -> Result<Channel> {
    let read = |file: String| std::fs::read(folder.join(file)).map_err(|error| error.to_string());
    let mut tls = ClientTlsConfig::new().domain_name("localhost");
    tls = tls.ca_certificate(Certificate::from_pem(read("ca.crt".to_owned())?));
    if let Some(name) = name {
        tls = tls.identity(Identity::from_pem(read(format!("{name}.crt"))?, read(format!("{name}.key"))?));
    }
    let endpoint = Endpoint::from_shared(format!("https://{address}")).and_then(|endpoint| endpoint.tls_config(tls));
    endpoint.map_err(|error| error.to_string())?.connect().await.map_err(|error| error.to_string())
}

/// Sends octets, which may be no request, and reads the answer.
///
/// # Errors
/// The status that the call ends with, where there is no answer.
pub async fn call(channel: Channel, octets: Bytes) -> std::result::Result<Response, Status> {
    let mut client = Grpc::new(channel).max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(usize::MAX);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = PathAndQuery::from_static("/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction");
    let answer = client.unary(tonic::Request::new(octets), path, Octets).await?;
    Response::decode(answer.into_inner()).map_err(|error| Status::data_loss(error.to_string()))
}

/// Octets as they are.
#[derive(Clone, Copy)]
struct Octets;

impl Codec for Octets {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;
    fn encoder(&mut self) -> Self {
        *self
    }
    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Octets {
    type Item = Bytes;
    type Error = Status;
    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> std::result::Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for Octets {
    type Item = Bytes;
    type Error = Status;
    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> std::result::Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
