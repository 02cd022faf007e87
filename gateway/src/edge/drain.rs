//! How a node stops: what tells the edge, and what it waits for.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The edge's tasks, and the two signals that end them.
#[derive(Clone, Debug, Default)]
pub struct Drain {
    /// Ends accepting: listeners return, HTTP connections finish the request they are in, handshakes get 503.
    pub stop_accepting: CancellationToken,
    /// Sends the sockets away; each socket's task watches it.
    pub sockets_away: CancellationToken,
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

    /// Resolves once no task is left. Meaningful after both signals.
    pub async fn finished(&self) {
        self.connections.close();
        self.connections.wait().await;
        self.sockets.close();
        self.sockets.wait().await;
    }
}
