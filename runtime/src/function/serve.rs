//! The server: gRPC over TLS that both sides prove, as Crossplane gives every
//! function its certificates, or without where it is said.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use prost::Message;
use prost::bytes::{Buf, Bytes};
use tonic::Status;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tower_service::Service;

use super::answer::fatal;
use super::definitions::Definitions;
use super::message::{Request, Response};
use super::request::Refused;
use super::run::run;

/// The most bytes of a request and of an answer. gRPC's own limit of 4 MiB is
/// less than large composites take.
pub const MAX_MESSAGE: usize = 64 * 1024 * 1024;
/// The stack of a thread that evaluates.
const STACK: usize = 8 * 1024 * 1024;
/// So long after it was told to end, those who are still connected are left: some never say anything.
/// Kubernetes kills after 30 seconds.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// How to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen.
    pub address: SocketAddr,
    /// The folder with `tls.crt`, `tls.key` and `ca.crt`; without it, no TLS.
    pub certificates: Option<PathBuf>,
}

/// Why there is nothing to serve any longer.
#[derive(Debug)]
pub enum ServeError {
    /// The address cannot be listened at.
    Listen(SocketAddr, std::io::Error),
    /// A file with a certificate or key cannot be read.
    Certificate(PathBuf, std::io::Error),
    /// The certificates do not fit.
    Tls(PathBuf, String),
    /// Something else.
    Other(String),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) => write!(f, "cannot listen at {address}: {}", plain(error)),
            Self::Certificate(path, error) => {
                write!(f, "cannot read the certificate `{}`: {}", path.display(), plain(error))
            }
            Self::Tls(path, why) => write!(f, "the certificates in `{}` are of no use: {why}", path.display()),
            Self::Other(why) => write!(f, "cannot serve: {why}"),
        }
    }
}

/// The system's reason without its number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

/// Serves until the process is told to end; `listening` is called once it does.
///
/// # Errors
/// What keeps it from serving.
pub fn serve(options: &Options, listening: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let tls = options.certificates.as_deref().map(tls).transpose()?;
    let other = |error: &dyn fmt::Display| ServeError::Other(error.to_string());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        // More than evaluate at a time wait: memory is bounded by them.
        .max_blocking_threads(workers * 2)
        .build()
        .map_err(|error| other(&error))?;
    runtime.block_on(async {
        let failed = |error| ServeError::Listen(options.address, error);
        let listener = tokio::net::TcpListener::bind(options.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let mut server = Server::builder();
        if let (Some(tls), Some(folder)) = (tls, &options.certificates) {
            server = server.tls_config(tls).map_err(|error| ServeError::Tls(folder.clone(), reason(&error)))?;
        }
        let function = Function { definitions: Arc::default() };
        listening(address);
        // An answer of several packets would wait 40 ms for the caller's word on the first.
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let serving = server.add_service(function).serve_with_incoming_shutdown(incoming, told_to_end());
        let late = async {
            told_to_end().await;
            tokio::time::sleep(ENDS_WITHIN).await;
        };
        let (mut serving, mut late) = (pin!(serving), pin!(late));
        std::future::poll_fn(|context| match serving.as_mut().poll(context) {
            Poll::Ready(ended) => Poll::Ready(ended.map_err(|error| other(&reason(&error)))),
            Poll::Pending => late.as_mut().poll(context).map(Ok),
        })
        .await
    })
}

/// The deepest reason of an error.
fn reason(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

fn tls(folder: &Path) -> Result<ServerTlsConfig, ServeError> {
    let read = |name: &str| {
        let path = folder.join(name);
        let text = std::fs::read(&path).map_err(|error| ServeError::Certificate(path, error))?;
        let what = if name == "tls.key" { "PRIVATE KEY-----" } else { "-----BEGIN CERTIFICATE-----" };
        if String::from_utf8_lossy(&text).contains(what) {
            return Ok(text);
        }
        let what = if name == "tls.key" { "key" } else { "certificate" };
        Err(ServeError::Tls(folder.to_path_buf(), format!("`{name}` holds no {what}")))
    };
    let identity = Identity::from_pem(read("tls.crt")?, read("tls.key")?);
    Ok(ServerTlsConfig::new().identity(identity).client_ca_root(Certificate::from_pem(read("ca.crt")?)))
}

/// Ends when the process is told to: requests that are under way get their answers.
#[cfg(unix)]
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::terminate(), SignalKind::interrupt()];
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    std::future::poll_fn(|context| {
        let told = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if told { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Ends when the process is told to: requests that are under way get their answers.
#[cfg(not(unix))]
async fn told_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The service.
#[derive(Clone)]
struct Function {
    definitions: Arc<Definitions>,
}

impl NamedService for Function {
    const NAME: &'static str = "apiextensions.fn.proto.v1.FunctionRunnerService";
}

type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl Service<http::Request<Body>> for Function {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answer<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let function = self.clone();
        Box::pin(async move {
            if request.uri().path() != "/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction" {
                return Ok(Status::unimplemented("the service has one method, RunFunction").into_http());
            }
            let mut grpc = Grpc::new(Messages).apply_max_message_size_config(Some(MAX_MESSAGE), Some(MAX_MESSAGE));
            Ok(grpc.unary(function, request).await)
        })
    }
}

impl UnaryService<Received> for Function {
    type Response = Response;
    type Future = Answer<Result<tonic::Response<Response>, Status>>;

    fn call(&mut self, request: tonic::Request<Received>) -> Self::Future {
        let definitions = self.definitions.clone();
        Box::pin(async move {
            let work = move || request.into_inner().answer(&definitions);
            let answer = tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| bug());
            Ok(tonic::Response::new(answer))
        })
    }
}

/// The octets of a request: whether they are one is part of the answer.
struct Received(Bytes);

impl Received {
    fn answer(self, definitions: &Definitions) -> Response {
        match Request::decode(self.0) {
            Ok(request) => run(definitions, &request, jiff::Timestamp::now()),
            Err(error) => fatal(
                &Request::default(),
                &Refused::new(format!("the request cannot be read, maybe it was cut: {error}")),
            ),
        }
    }
}

fn bug() -> Response {
    fatal(&Request::default(), &Refused::new("this is a bug in tessera: evaluation panicked; its log says where"))
}

/// How messages become octets.
#[derive(Clone, Copy)]
struct Messages;

impl Codec for Messages {
    type Encode = Response;
    type Decode = Received;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Messages {
    type Item = Response;
    type Error = Status;

    fn encode(&mut self, item: Response, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.reserve(item.encoded_len());
        item.encode(into).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Messages {
    type Item = Received;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Received>, Status> {
        Ok(Some(Received(from.copy_to_bytes(from.remaining()))))
    }
}
