//! Whether a node should be sent new connections.

/// What `/readyz` asks.
pub trait Readiness: Send + Sync {
    /// The node has been asked to stop.
    fn is_draining(&self) -> bool;
    /// The store answered when it was last asked.
    fn store_answers(&self) -> bool;
}
