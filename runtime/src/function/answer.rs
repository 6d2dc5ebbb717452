//! Puts an answer together. It starts from what earlier steps want, since what
//! an answer leaves out is deleted.

use tessera_compiler::diagnostic::Code;

use super::message::{Condition, Outcome, Request, Response, ResponseMeta, Severity, Span, State, Status};
use super::request::Refused;

/// How long an answer holds where nothing says otherwise.
const TTL_SECONDS: i64 = 60;

/// The answer before anything is known.
pub(super) fn start(request: &Request) -> Response {
    Response {
        meta: Some(ResponseMeta {
            tag: request.meta.as_ref().map(|meta| meta.tag.clone()).unwrap_or_default(),
            ttl: Some(Span { seconds: TTL_SECONDS, nanos: 0 }),
        }),
        desired: Some(request.desired.clone().unwrap_or_default()),
        context: request.context.clone(),
        ..Response::default()
    }
}

impl Response {
    /// How long it holds; at least a second, so that nothing spins.
    pub(super) fn holds_for(&mut self, seconds: i64) {
        if let Some(meta) = &mut self.meta {
            meta.ttl = Some(Span { seconds: seconds.max(1), nanos: 0 });
        }
    }

    /// What the answer wants.
    pub(super) fn wanted(&mut self) -> &mut State {
        self.desired.get_or_insert_default()
    }

    pub(super) fn condition(&mut self, name: &str, holds: bool, reason: &str, message: &str) {
        self.conditions.push(Condition {
            r#type: name.to_owned(),
            status: if holds { Status::True } else { Status::False } as i32,
            reason: reason.to_owned(),
            message: (!message.is_empty()).then(|| message.to_owned()),
        });
    }

    pub(super) fn warn(&mut self, code: &Code, message: String) {
        self.results.push(Outcome { severity: Severity::Warning as i32, message, reason: Some(code.id.to_owned()) });
    }
}

/// The answer to a request that has none: nothing in the cluster changes.
pub(super) fn fatal(request: &Request, refused: &Refused) -> Response {
    let mut response = start(request);
    let message = format!("{}: {}", refused.code.id, refused.message);
    response.condition("Evaluated", false, refused.code.id, &refused.message);
    response.results.push(Outcome {
        severity: Severity::Fatal as i32,
        message,
        reason: Some(refused.code.id.to_owned()),
    });
    response
}
