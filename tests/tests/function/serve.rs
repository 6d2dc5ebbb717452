//! The function over the wire: as Crossplane calls it, in crowds, and badly.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use prost::Message as _;
use prost::bytes::Bytes;
use serde_json::{Value as Json, json};
use tessera_compiler::value::from_json;
use tessera_runtime::function::message::{Request, RequestMeta, State};
use tessera_runtime::function::{Options, ServeError, serve, structure};
use tessera_tests::function::{Channel, Code, call, connect};

use super::client::{QUEUE, input, one, refusal, request, resource, wanted};

/// Starts a function that lives as long as the tests.
fn start() -> SocketAddr {
    let (tell, told) = std::sync::mpsc::channel();
    let options = Options { address: "127.0.0.1:0".parse().unwrap(), certificates: None };
    std::thread::spawn(move || serve(&options, |address| tell.send(address).unwrap()).unwrap());
    told.recv().unwrap()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

async fn refused(channel: &Channel, octets: Bytes) -> (String, String) {
    refusal(&call(channel.clone(), octets).await.unwrap())
}

fn octets(request: &Request) -> Bytes {
    request.encode_to_vec().into()
}

/// A good request, and what goes into it.
fn good() -> (Request, Json, Json) {
    let (compiled, instance) = one(QUEUE);
    let input = input(&compiled, "Queue");
    (request(&input, &instance.object, &BTreeMap::new()), input, instance.object)
}

#[test]
fn what_is_no_good_request_has_an_answer_with_a_code() {
    let address = start();
    let (good, input, object) = good();
    let with_input = |change: &dyn Fn(&mut Json)| {
        let mut input = input.clone();
        change(&mut input);
        octets(&Request { input: Some(structure::write(&from_json(&input)).unwrap()), ..good.clone() })
    };
    let with_object = |change: &dyn Fn(&mut Json)| {
        let mut object = object.clone();
        change(&mut object);
        let state = State { composite: Some(resource(&object)), ..State::default() };
        octets(&Request { observed: Some(state), ..good.clone() })
    };
    let whole = octets(&good);
    let cases = [
        ("E0725", "the request cannot be read", whole.slice(..whole.len() / 2)),
        ("E0725", "the request cannot be read", Bytes::from_static(&[0xff; 64])),
        ("E0725", "has no input", Bytes::new()),
        ("E0725", "has no input", octets(&Request { input: None, ..good.clone() })),
        ("E0725", "holds no composite resource", octets(&Request { observed: None, ..good.clone() })),
        ("E0725", "no composite Stack of test.acme/v1", with_object(&|object| object["kind"] = json!("Stack"))),
        ("E0725", "it has version 9", with_input(&|input| input["ir"] = json!("{\"irVersion\":9}"))),
        ("E0725", "cannot be decompressed", with_input(&|input| input["ir"] = json!("AAAA"))),
        ("E0301", "`spec.size`", with_object(&|object| object["spec"]["size"] = json!("three"))),
        ("E0301", "`spec.size`", with_object(&|object| object["spec"]["size"] = json!({ "a": [null, 1.5, true] }))),
        ("E0725", "must be an object", with_object(&|object| object["spec"] = json!([1]))),
        ("E0725", "no `apiVersion` or `kind`", with_object(&|object| *object = json!({ "kind": 7 }))),
    ];
    block_on(async {
        let channel = connect(&address.to_string()).await.unwrap();
        for (code, message, octets) in cases {
            let (found, said) = refused(&channel, octets).await;
            assert!(found == code && said.contains(message), "{found}: {said}; not {code}: {message}");
        }
        assert_eq!(wanted(&call(channel, whole).await.unwrap()).len(), 1, "a good one is answered after them");
    });
}

#[test]
fn what_is_large_has_an_answer_and_what_is_too_large_a_status() {
    let address = start();
    let (good, _, object) = good();
    let of_size = |field: &str, bytes: usize| {
        let mut object = object.clone();
        object["metadata"]["annotations"] = json!({ "a": "" });
        *object.pointer_mut(field).unwrap() = json!("x".repeat(bytes));
        let state = State { composite: Some(resource(&object)), ..State::default() };
        octets(&Request { observed: Some(state), ..good.clone() })
    };
    block_on(async {
        let channel = connect(&address.to_string()).await.unwrap();
        let (code, message) = refused(&channel, of_size("/spec/mode", 50 << 20)).await;
        assert!(code == "E0505" && message.len() < 10_000, "{code}: a message of {} bytes", message.len());
        let answer = call(channel.clone(), of_size("/metadata/annotations/a", 50 << 20)).await.unwrap();
        assert_eq!(wanted(&answer).len(), 1, "{:?}", answer.results);
        let status = call(channel.clone(), of_size("/spec/mode", 65 << 20)).await.unwrap_err();
        assert_eq!(status.code(), Code::OutOfRange);
        assert!(status.message().contains("limit"), "{status}");
        assert!(call(channel, octets(&good)).await.unwrap().results.is_empty());
    });
}

#[test]
fn who_speaks_another_protocol_harms_nobody() {
    let address = start();
    for said in [&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..], &[0xff; 4096], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x09"]
    {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let _ = stream.write_all(said);
        let _ = stream.read(&mut [0; 1024]);
    }
    // Some that say nothing stay.
    let _silent: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(address).unwrap()).collect();
    let (good, ..) = good();
    let answer = block_on(async { call(connect(&address.to_string()).await.unwrap(), octets(&good)).await });
    assert!(answer.unwrap().results.is_empty());
}

#[test]
fn a_thousand_at_a_time_are_answered() {
    let address = start();
    let (good, ..) = good();
    block_on(async {
        let channel = connect(&address.to_string()).await.unwrap();
        let tagged = |n: usize| octets(&Request { meta: Some(RequestMeta { tag: n.to_string() }), ..good.clone() });
        let calls: Vec<_> = (0..1000).map(|n| tokio::spawn(call(channel.clone(), tagged(n)))).collect();
        for (n, call) in calls.into_iter().enumerate() {
            let answer = call.await.unwrap().unwrap();
            assert!(answer.results.is_empty(), "{:?}", answer.results);
            assert_eq!(wanted(&answer).len(), 1);
            assert_eq!(answer.meta.unwrap().tag, n.to_string());
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
