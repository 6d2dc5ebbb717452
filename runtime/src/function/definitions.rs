//! The composites that requests carry, each read once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tessera_compiler::check::Parameters;
use tessera_compiler::ir::{Composite, Document};
use tessera_compiler::schema::Schemas;
use tessera_compiler::target::packed;

/// The most definitions that are kept, and the most bytes of text that they came from.
const MAX_KEPT: usize = 256;
const MAX_KEPT_BYTES: usize = 128 * 1024 * 1024;

/// A definition, ready to evaluate.
#[derive(Debug)]
pub struct Definition {
    /// What was sent.
    pub document: Document,
    /// The parameters of its composites, in the same order.
    parameters: Vec<Parameters>,
}

impl Definition {
    /// The composite of an API and kind, with its parameters.
    #[must_use]
    pub fn composite(&self, api: &str, kind: &str) -> Option<(&Composite, &Parameters)> {
        let composites = self.document.composites.iter().zip(&self.parameters);
        composites.into_iter().find(|(composite, _)| composite.kind == kind && composite.api() == api)
    }
}

/// The definitions that were seen last, and the schemas that all share.
pub struct Definitions {
    /// The schemas of Kubernetes, of all its versions that this program knows.
    pub schemas: Schemas,
    kept: Mutex<VecDeque<(Arc<str>, Arc<Definition>)>>,
}

impl Default for Definitions {
    fn default() -> Self {
        Self { schemas: Schemas::builtin(), kept: Mutex::default() }
    }
}

impl Definitions {
    /// The definition that a text holds.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(&self, text: &str) -> Result<Arc<Definition>, String> {
        // What a panic left behind is whole: nothing in here panics halfway.
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = kept().iter().find(|(key, _)| **key == *text) {
            return Ok(found.clone());
        }
        let document = packed::unpack(text)?;
        // A type may be as deep as a document.
        let parameters = stacker::grow(packed::STACK, || {
            document.composites.iter().map(|composite| Parameters::of(&self.schemas, composite)).collect()
        });
        let definition = Arc::new(Definition { document, parameters });
        let mut kept = kept();
        kept.push_front((text.into(), definition.clone()));
        let mut bytes = 0;
        let room = kept.iter().take(MAX_KEPT).take_while(|(key, _)| {
            bytes += key.len();
            bytes <= MAX_KEPT_BYTES
        });
        let room = room.count();
        kept.truncate(room);
        Ok(definition)
    }
}
