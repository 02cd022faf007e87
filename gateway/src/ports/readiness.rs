//! Whether a node should be sent new connections.

/// What `/readyz` asks.
pub trait Readiness: Send + Sync {
    /// The node has been asked to stop.
    fn is_draining(&self) -> bool;
    /// The store answered when it was last asked.
    fn store_answers(&self) -> bool;
    /// A peer is reached over another carrier than the best. The node is as ready as any.
    fn is_degraded(&self) -> bool;
}
