//! What stops an evaluation, and the budget that keeps every one finite.

use std::ops::{Deref, DerefMut};

use crate::diagnostic::codes::{E0501, E0505};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The most steps of one evaluation. A step is about one node of an expression
/// or one element of a collection that is looked at.
pub const MAX_STEPS: u64 = 50_000_000;
/// The most items of one list or map that evaluation makes.
pub const MAX_ITEMS: usize = 1_000_000;
/// The most bytes of one string that evaluation makes.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The most bytes that one evaluation makes in all, including what it has
/// dropped again.
pub const MAX_TOTAL_BYTES: u64 = 1024 * 1024 * 1024;

/// The most places that a fault tells beside its own.
const MAX_NOTES: usize = 6;

/// Why an expression has no value. It is boxed, because results pass through
/// every level of an evaluation and faults are rare.
#[derive(Clone, Debug)]
pub struct Fault(Box<FaultData>);

/// The contents of a [`Fault`].
#[derive(Clone, Debug)]
pub struct FaultData {
    /// An error, or a value that is not known yet.
    pub kind: FaultKind,
    /// One sentence without a final full stop.
    pub message: String,
    /// The deepest expression that failed; set by the evaluator.
    pub span: Option<Span>,
    /// Other places that explain it, the innermost first.
    pub notes: Vec<(Span, String)>,
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug)]
pub enum FaultKind {
    /// The expression is wrong for these values.
    Error(&'static Code),
    /// The value depends on something that only a cluster knows and that is
    /// not there yet.
    Pending,
}

impl Fault {
    /// An error with a code.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self::of(FaultKind::Error(code), message.into())
    }

    /// The general error of evaluation, E0501.
    #[must_use]
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(&E0501, message)
    }

    /// A value that is not known yet; the message names what is waited for.
    #[must_use]
    pub fn pending(message: impl Into<String>) -> Self {
        Self::of(FaultKind::Pending, message.into())
    }

    fn of(kind: FaultKind, message: String) -> Self {
        Self(Box::new(FaultData { kind, message, span: None, notes: Vec::new() }))
    }

    /// Sets the place, unless a deeper expression has set it before.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    /// Adds a place that explains.
    #[must_use]
    pub fn note(mut self, span: Span, message: impl Into<String>) -> Self {
        self.0.notes.push((span, message.into()));
        self
    }

    /// Adds the call in which it came to be, unless it lies in the call itself
    /// (in an argument) or enough calls are told.
    #[must_use]
    pub fn called(self, span: Span, name: &str) -> Self {
        let inside = self.0.span.is_some_and(|s| s.file == span.file && span.start <= s.start && s.end <= span.end);
        if inside || self.0.notes.len() >= MAX_NOTES {
            return self;
        }
        self.note(span, format!("in this call of `{name}`"))
    }

    /// Whether the value is only not known yet.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        matches!(self.0.kind, FaultKind::Pending)
    }

    /// Whether the budget is used up. Such a fault is never absorbed.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.code().is_some_and(|code| code.id == E0505.id)
    }

    /// The code of an error; `None` for what is pending.
    #[must_use]
    pub const fn code(&self) -> Option<&'static Code> {
        match self.0.kind {
            FaultKind::Error(code) => Some(code),
            FaultKind::Pending => None,
        }
    }

    /// The diagnostic of an error, at `fallback` where the fault has no place
    /// of its own; `None` for what is pending.
    #[must_use]
    pub fn diagnostic(&self, fallback: Span) -> Option<Diagnostic> {
        let span = self.0.span.unwrap_or(fallback);
        let diagnostic = Diagnostic::new(self.code()?, span, self.0.message.clone());
        Some(self.0.notes.iter().fold(diagnostic, |d, (span, message)| d.also(*span, message.clone())))
    }
}

impl Deref for Fault {
    type Target = FaultData;
    fn deref(&self) -> &FaultData {
        &self.0
    }
}

impl DerefMut for Fault {
    fn deref_mut(&mut self) -> &mut FaultData {
        &mut self.0
    }
}

/// The budget of one evaluation, handed to every operation that may be long.
#[derive(Debug)]
pub struct Context<'a> {
    steps_left: u64,
    bytes_left: u64,
    lifetime: std::marker::PhantomData<&'a ()>,
}

impl Default for Context<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl Context<'_> {
    /// The whole budget.
    #[must_use]
    pub const fn new() -> Self {
        Self { steps_left: MAX_STEPS, bytes_left: MAX_TOTAL_BYTES, lifetime: std::marker::PhantomData }
    }

    /// Takes steps from the budget.
    ///
    /// # Errors
    /// E0505 when it is used up.
    pub fn charge(&mut self, steps: u64) -> Result<(), Fault> {
        match self.steps_left.checked_sub(steps) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => Err(too_long()),
        }
    }

    /// Announces a list or map of this many items before it is made.
    ///
    /// # Errors
    /// E0505 when it is larger than [`MAX_ITEMS`], or the budget is used up.
    pub fn items(&mut self, items: usize) -> Result<(), Fault> {
        if items > MAX_ITEMS {
            return Err(Fault::new(&E0505, format!("a list or map of more than {MAX_ITEMS} items would be made")));
        }
        self.take(items as u64 * 32)?;
        self.charge(items as u64)
    }

    /// Announces a string or byte sequence of this many bytes before it is made.
    ///
    /// # Errors
    /// E0505 when it is larger than [`MAX_BYTES`], or the budget is used up.
    pub fn bytes(&mut self, bytes: usize) -> Result<(), Fault> {
        if bytes > MAX_BYTES {
            return Err(Fault::new(&E0505, format!("a string of more than {MAX_BYTES} bytes would be made")));
        }
        self.take(bytes as u64)?;
        self.charge(bytes as u64 / 64 + 1)
    }

    fn take(&mut self, bytes: u64) -> Result<(), Fault> {
        match self.bytes_left.checked_sub(bytes) {
            Some(left) => {
                self.bytes_left = left;
                Ok(())
            }
            None => {
                Err(Fault::new(&E0505, format!("evaluation would take more than {MAX_TOTAL_BYTES} bytes of memory")))
            }
        }
    }
}

#[cold]
fn too_long() -> Fault {
    Fault::new(&E0505, format!("evaluation takes more than {MAX_STEPS} steps"))
}
