//! Asks the client to ask again for what it shows of other documents than the one
//! that is edited: their tokens, hints and lenses may be other ones now.

use std::sync::Arc;
use std::time::Duration;

use crate::protocol::capabilities::About;
use crate::session::Session;
use crate::workspace::snapshot::Snapshot;

/// Nothing is asked again while somebody types.
pub(crate) const QUIET: Duration = Duration::from_millis(300);

/// Whether there is something to ask again.
#[derive(Default)]
pub(crate) struct Refresh {
    outside: Option<u64>,
    pub(crate) due: bool,
}

impl Refresh {
    /// A state was compiled.
    pub(crate) fn after(&mut self, snapshot: &Snapshot) {
        // The client has asked for nothing before the first one.
        let moved = self.outside.replace(snapshot.outside).is_some_and(|before| before != snapshot.outside);
        self.due |= moved || snapshot.documents.len() > 1;
    }

    /// Asks, without waiting for the client.
    pub(crate) fn ask(&mut self, session: &Arc<Session>, about: &About) {
        self.due = false;
        let (client, about) = (session.client.clone(), about.refreshes);
        tokio::spawn(async move {
            // What the client does not want, it refuses.
            if about.tokens {
                let _ = client.semantic_tokens_refresh().await;
            }
            if about.hints {
                let _ = client.inlay_hint_refresh().await;
            }
            if about.lenses {
                let _ = client.code_lens_refresh().await;
            }
        });
    }
}
