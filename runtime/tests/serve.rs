//! The function over the wire: as Crossplane calls it, in crowds, and badly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::net::SocketAddr;

use http::uri::PathAndQuery;
use prost::Message as _;
use prost::bytes::{Buf as _, BufMut as _, Bytes};
use tessera_runtime::function::message::{Request, RequestMeta, Resource, Response, State};
use tessera_runtime::function::{MAX_MESSAGE, Options, ServeError, serve, structure};
use tonic::Status;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::{Channel, Endpoint};

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
    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for Octets {
    type Item = Bytes;
    type Error = Status;
    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

/// Starts a function that lives as long as the tests.
fn start() -> SocketAddr {
    let (tell, told) = std::sync::mpsc::channel();
    let options = Options { address: "127.0.0.1:0".parse().unwrap(), certificates: None };
    std::thread::spawn(move || serve(&options, |address| tell.send(address).unwrap()).unwrap());
    told.recv().unwrap()
}

async fn channel(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

async fn call(channel: Channel, octets: Bytes) -> Result<Response, Status> {
    let mut client = Grpc::new(channel).max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(usize::MAX);
    client.ready().await.unwrap();
    let path = PathAndQuery::from_static("/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction");
    let answer = client.unary(tonic::Request::new(octets), path, Octets).await?;
    Ok(Response::decode(answer.into_inner()).unwrap())
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

/// A request without input, whose composite has so many bytes.
fn request(bytes: usize) -> Bytes {
    let object = serde_json::json!({ "apiVersion": "a/v1", "kind": "B", "spec": { "c": "x".repeat(bytes) } });
    let resource = structure::write(&tessera_compiler::value::from_json(&object)).unwrap();
    let composite = Resource { resource: Some(resource), ..Resource::default() };
    let request = Request {
        meta: Some(RequestMeta { tag: bytes.to_string() }),
        observed: Some(State { composite: Some(composite), ..State::default() }),
        ..Request::default()
    };
    request.encode_to_vec().into()
}

fn refused(response: &Response) -> &str {
    assert_eq!(response.results[0].severity, 1);
    assert_eq!(response.results[0].reason.as_deref(), Some("E0725"));
    &response.results[0].message
}

#[test]
fn what_is_cut_or_large_or_too_large_has_an_answer() {
    let address = start();
    block_on(async {
        let channel = channel(address).await;
        let cut = call(channel.clone(), request(100).slice(..50)).await.unwrap();
        assert!(refused(&cut).contains("the request cannot be read"), "{cut:?}");
        let large = call(channel.clone(), request(50 * 1024 * 1024)).await.unwrap();
        assert!(refused(&large).contains("has no input"));
        let status = call(channel.clone(), request(65 * 1024 * 1024)).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::OutOfRange);
        assert_eq!(call(channel, request(1)).await.unwrap().meta.unwrap().tag, "1");
    });
}

#[test]
fn a_thousand_at_a_time_are_answered() {
    let address = start();
    block_on(async {
        let channel = channel(address).await;
        let calls: Vec<_> = (0..1000).map(|n| tokio::spawn(call(channel.clone(), request(n)))).collect();
        for (n, call) in calls.into_iter().enumerate() {
            assert_eq!(call.await.unwrap().unwrap().meta.unwrap().tag, n.to_string());
        }
    });
}

#[test]
fn a_port_in_use_and_certificates_that_are_none_are_told_in_one_line() {
    let taken = start();
    let told = |options: &Options| match serve(options, |_| ()) {
        Err(error @ (ServeError::Listen(..) | ServeError::Certificate(..) | ServeError::Tls(..))) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let message = told(&Options { address: taken, certificates: None });
    assert_eq!(message, format!("cannot listen at {taken}: Address already in use"));
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("certificates");
    let _ = std::fs::remove_dir_all(&folder);
    let options = Options { address: "127.0.0.1:0".parse().unwrap(), certificates: Some(folder.clone()) };
    assert!(told(&options).starts_with("cannot read the certificate `"));
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["tls.crt", "tls.key", "ca.crt"] {
        std::fs::write(folder.join(name), "junk").unwrap();
    }
    let message = told(&options);
    assert!(message.contains("are of no use: `tls.crt` holds no certificate"), "{message}");
}
