//! How a command ends. The exit codes are part of the interface: 0 all is
//! well, 1 the input is wrong, 2 the call is wrong, 3 the world failed; `diff --exit-code` has 4 and 5 of its own.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// Why a command does not end well.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// What was read is wrong; it was said already.
    Input,
    /// The call is wrong.
    Call(String),
    /// A file, pipe or watch failed.
    World(String),
    /// What was asked for is done, and it says so by this code.
    Differs(u8),
    /// The reader of the output went away, which is its right.
    PipeClosed,
}

/// What a command comes to.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// The code that the process ends with.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::PipeClosed => 0,
            Self::Input => 1,
            Self::Call(_) => 2,
            Self::World(_) => 3,
            Self::Differs(code) => *code,
        })
    }

    /// A wrong call.
    pub(crate) fn call(message: impl Into<String>) -> Self {
        Self::Call(message.into())
    }

    /// What the system refused to do with a path.
    pub(crate) fn world(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::World(format!("cannot {doing} `{}`: {}", path.display(), reason(error)))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(message) | Self::World(message) => f.write_str(message),
            Self::Input | Self::Differs(_) | Self::PipeClosed => Ok(()),
        }
    }
}

/// The system's reason without its number, in lower case.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
