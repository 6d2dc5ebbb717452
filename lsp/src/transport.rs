//! Bytes to messages and back. The library's own transport ends at the first
//! message that it cannot read; this one answers and goes on.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};
use tower_service::Service as _;

use crate::host::Host;
use crate::order::Ordered;
use crate::publish;

/// The longest header line, in bytes.
const MAX_HEADER: u64 = 8 * 1024;
/// The longest message that is read, in bytes: no file of the language is near it.
const MAX_MESSAGE: usize = 256 * 1024 * 1024;

/// How a session came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The client said `shutdown`, then `exit`.
    Properly,
    /// The client went away, or said `exit` alone.
    Abruptly,
}

/// Serves one client until it goes.
pub async fn serve(
    host: Arc<dyn Host>,
    input: impl AsyncRead + Unpin + Send,
    output: impl AsyncWrite + Unpin + Send + 'static,
) -> Ended {
    let (mut service, socket) = Ordered::new(host);
    let session = service.session().clone();
    let (mut asked, mut answers) = socket.split();
    let (out, mut waiting) = unbounded_channel::<Value>();
    let writer = tokio::spawn(async move {
        let mut output = output;
        loop {
            let message = tokio::select! {
                Some(message) = waiting.recv() => message,
                Some(request) = asked.next() => value(&request),
                else => break,
            };
            if write(&mut output, &message).await.is_err() {
                break;
            }
        }
    });
    let publisher = tokio::spawn(publish::run(session.clone()));
    let mut input = tokio::io::BufReader::new(input);
    while let Some(read) = next(&mut input).await {
        let message = match read.and_then(|bytes| parsed(&bytes)) {
            Ok(message) => message,
            Err(Refused { id, code, message }) => {
                session.log_error(&format!("a message cannot be read: {message}"));
                let error = Error { code, message: message.into(), data: None };
                send(&out, Some(Response::from_error(id, error)));
                continue;
            }
        };
        let request = match message {
            Message::Request(request) => request,
            Message::Response(response) => {
                // It fails only where nobody waits any more.
                let _ = answers.send(response).await;
                continue;
            }
        };
        let (method, id) = (request.method().to_owned(), request.id().cloned());
        let answer = service.call(request);
        let answer = async move {
            let answer = AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|_| {
                let error = Error { message: "the server failed".into(), ..Error::internal_error() };
                Ok(id.clone().map(|id| Response::from_error(id, error)))
            });
            // The library says nothing to requests that begin with `$/`; the specification wants an error.
            let unknown = || id.map(|id| Response::from_error(id, Error::method_not_found()));
            answer.ok().flatten().or_else(unknown)
        };
        match method.as_str() {
            "exit" => {
                let _ = answer.await;
                break;
            }
            // What a client sends without waiting for its answer is still served.
            "initialize" => send(&out, answer.await),
            _ => {
                let out = out.clone();
                tokio::spawn(async move { send(&out, answer.await) });
            }
        }
    }
    publisher.abort();
    drop(out);
    // What is on its way still goes out, if the client takes it.
    let _ = tokio::time::timeout(std::time::Duration::from_millis(200), writer).await;
    if session.is_shut_down() { Ended::Properly } else { Ended::Abruptly }
}

fn value(message: &impl serde::Serialize) -> Value {
    serde_json::to_value(message).unwrap_or_default()
}

fn send(out: &UnboundedSender<Value>, response: Option<Response>) {
    if let Some(response) = response {
        // The writer is gone when the client is.
        let _ = out.send(value(&response));
    }
}

async fn write(output: &mut (impl AsyncWrite + Unpin), message: &Value) -> std::io::Result<()> {
    let body = message.to_string();
    output.write_all(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes()).await?;
    output.write_all(body.as_bytes()).await?;
    output.flush().await
}

/// Why something is no message, and the id of the request that it was to be.
#[derive(Debug)]
struct Refused {
    id: Id,
    code: ErrorCode,
    message: String,
}

fn refused(code: ErrorCode, message: impl Into<String>) -> Refused {
    Refused { id: Id::Null, code, message: message.into() }
}

/// The bytes of the next message; nothing at the end of the stream.
async fn next(input: &mut (impl AsyncBufRead + Unpin)) -> Option<Result<Vec<u8>, Refused>> {
    let mut length = None;
    let mut seen = false;
    loop {
        let mut line = Vec::new();
        match (&mut *input).take(MAX_HEADER).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line);
        let line = header(line.trim());
        if line.is_empty() {
            match length {
                Some(length) => return Some(body(input, length).await),
                None if seen => return Some(Err(refused(ErrorCode::ParseError, "the header has no Content-Length"))),
                None => continue,
            }
        }
        seen = true;
        let length_of = |(name, value): (&str, &str)| {
            name.trim().eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
        };
        match line.split_once(':').and_then(length_of) {
            Some(Ok(value)) => length = Some(value),
            Some(Err(_)) => return Some(Err(refused(ErrorCode::ParseError, "the Content-Length is no number"))),
            None => {}
        }
    }
}

/// The header in a line. Behind a message of a wrong length it follows what is left of that, which
/// ends with no line break.
fn header(line: &str) -> &str {
    const NAME: &str = "content-length:";
    line.to_ascii_lowercase().rfind(NAME).and_then(|at| line.get(at..)).unwrap_or(line)
}

async fn body(input: &mut (impl AsyncBufRead + Unpin), length: usize) -> Result<Vec<u8>, Refused> {
    // What follows is not waited for: a length like this is more often wrong than true.
    if length > MAX_MESSAGE {
        return Err(refused(ErrorCode::InvalidRequest, format!("a message of {length} bytes is too long")));
    }
    let mut bytes = Vec::new();
    let read = (&mut *input).take(length as u64).read_to_end(&mut bytes).await;
    match read {
        Ok(read) if read == length => Ok(bytes),
        _ => Err(refused(ErrorCode::ParseError, "the stream ended within a message")),
    }
}

enum Message {
    Request(Request),
    Response(Response),
}

/// A message from its JSON. What is wrong with one that has an id is told to its sender by it.
fn parsed(bytes: &[u8]) -> Result<Message, Refused> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| refused(ErrorCode::ParseError, format!("no JSON: {error}")))?;
    let id = value.get("id").and_then(|id| serde_json::from_value(id.clone()).ok()).unwrap_or(Id::Null);
    let refuse = |message: String| Refused { id, code: ErrorCode::InvalidRequest, message };
    let wrong = |error: serde_json::Error| format!("no message: {error}");
    if value.get("method").is_none() && (value.get("result").is_some() || value.get("error").is_some()) {
        return serde_json::from_value(value).map(Message::Response).map_err(wrong).map_err(refuse);
    }
    if !value.get("method").is_some_and(Value::is_string) {
        return Err(refuse("the message has no method".to_owned()));
    }
    serde_json::from_value(value).map(Message::Request).map_err(wrong).map_err(refuse)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(mut bytes: &[u8]) -> Vec<Result<String, String>> {
        let mut found = Vec::new();
        while let Some(read) = next(&mut bytes).await {
            found.push(read.map(|b| String::from_utf8_lossy(&b).into_owned()).map_err(|refused| refused.message));
        }
        found
    }

    #[tokio::test]
    async fn reading_goes_on_after_what_cannot_be_read() {
        let text = b"Content-Length: 2\r\n\r\n{}Content-Length: x\r\n\r\nNonsense\r\n\r\n\
            content-length: 3\r\nContent-Type: a\r\n\r\n[1]Content-Length: 9\r\n\r\n{";
        let found = all(text).await;
        assert_eq!(found.first().unwrap().as_deref(), Ok("{}"));
        assert!(found.contains(&Ok("[1]".to_owned())), "{found:?}");
        assert_eq!(found.last().unwrap().as_ref().unwrap_err(), "the stream ended within a message");
        let text = b"Content-Length: 1\r\n\r\n{}Content-Length: 2\r\n\r\n[]Content-Length: 999999999999\r\n\r\n\
            {}Content-Length: 4\r\n\r\nnull";
        let found = all(text).await;
        assert_eq!(found.iter().flatten().collect::<Vec<_>>(), ["{", "[]", "null"]);
    }

    #[test]
    fn errors_are_told_by_the_id_of_the_request() {
        let id = |text: &str| parsed(text.as_bytes()).map(|_| ()).unwrap_err().id;
        assert_eq!(id("{"), Id::Null);
        assert_eq!(id(r#"{"id": 3, "jsonrpc": "2.0"}"#), Id::Number(3));
        assert_eq!(id(r#"{"id": "a", "jsonrpc": "1.0", "method": "x"}"#), Id::String("a".into()));
        assert!(matches!(parsed(br#"{"jsonrpc": "2.0", "id": 1, "result": null}"#), Ok(Message::Response(_))));
    }
}
