//! What the API server says of an object.

use std::fmt;

use serde_json::Value as Json;

/// The answer to an object that was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is taken.
    Accepted {
        /// The object with what the server filled in.
        object: Json,
        /// What it was warned of, as for a version that is deprecated.
        warnings: Vec<String>,
    },
    /// It is not.
    Refused(Refusal),
}

impl Verdict {
    /// Whether the object is taken.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }

    /// Why it is not; `None` when it is.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Accepted { .. } => None,
            Self::Refused(refusal) => Some(refusal),
        }
    }
}

/// Why an object was refused: the parts of a `metav1.Status` that tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status: 400 for what cannot be decoded, 422 for what is invalid,
    /// 404 for an unknown kind or namespace, 403, 409 …
    pub code: u16,
    /// The reason in one word, as `Invalid`.
    pub reason: String,
    /// The whole in words.
    pub message: String,
    /// The fields that are wrong; none where only the message tells.
    pub causes: Vec<Cause>,
}

/// One thing that is wrong with a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// The kind of mistake, as `FieldValueInvalid`.
    pub reason: String,
    /// The path, as `spec.template.spec.containers[0].name`.
    pub field: String,
    /// The same in words.
    pub message: String,
}

impl Refusal {
    /// Reads the answer to a request that failed.
    #[must_use]
    pub fn read(code: u16, body: &[u8]) -> Self {
        let status: Json = serde_json::from_slice(body).unwrap_or_default();
        if status.get("kind").and_then(Json::as_str) != Some("Status") {
            return Self { code, message: String::from_utf8_lossy(body).trim().to_owned(), ..Self::default() };
        }
        let causes = status.pointer("/details/causes").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let cause =
            |c: &Json| Cause { reason: text(c, "reason"), field: text(c, "field"), message: text(c, "message") };
        Self {
            code,
            reason: text(&status, "reason"),
            message: text(&status, "message"),
            causes: causes.iter().map(cause).collect(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}: {}", self.code, self.reason, self.message)
    }
}

fn text(of: &Json, field: &str) -> String {
    of.get(field).and_then(Json::as_str).unwrap_or_default().to_owned()
}
