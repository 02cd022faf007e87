//! How a node stops: what tells the edge, and what it waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A visitor who waits for longer takes the chat for broken.
const RETURN_MS_MAX: u64 = 40_000;

/// The edge's tasks, and the two signals that end them.
#[derive(Clone, Debug, Default)]
pub struct Drain {
    /// Ends accepting: listeners return, HTTP connections finish the request they are in, handshakes get 503.
    pub stop_accepting: CancellationToken,
    /// Sends the sockets away; each socket's task watches it.
    pub sockets_away: CancellationToken,
    /// Over how many milliseconds the sockets that are sent away shall come back, where it takes longer than after
    /// any other close.
    pub return_within_ms: Arc<AtomicU64>,
    /// Tasks of HTTP connections.
    pub connections: TaskTracker,
    /// Tasks of sockets.
    pub sockets: TaskTracker,
}

impl Drain {
    /// Whether new sockets belong elsewhere.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.stop_accepting.is_cancelled()
    }

    /// Sends the sockets away. They come back to a node that lets in so many a second.
    pub fn send_sockets_away(&self, handshakes_per_second: u32) {
        let sockets = u64::try_from(self.sockets.len()).unwrap_or(u64::MAX);
        let ms = sockets.saturating_mul(1_000) / u64::from(handshakes_per_second.max(1));
        self.return_within_ms.store(ms.min(RETURN_MS_MAX), Ordering::Relaxed);
        self.sockets_away.cancel();
    }

    /// Resolves once no task is left. Meaningful after both signals.
    pub async fn finished(&self) {
        self.connections.close();
        self.connections.wait().await;
        self.sockets.close();
        self.sockets.wait().await;
    }
}
