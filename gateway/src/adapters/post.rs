//! What every carrier of a node is given: who it works for, and where its tasks and packets belong.

use crate::ports::Heard;
use gateway_core::ids::NodeId;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// A carrier's place in its node.
#[derive(Clone)]
pub struct Post {
    /// The deployment's random id: what others send over the same servers is not heard.
    pub deployment: Uuid,
    pub me: NodeId,
    /// The carrier's place in the node's list, the best first.
    pub index: u8,
    /// Takes what it hears; bounded by whoever makes it, and never waited for.
    pub heard: mpsc::Sender<Heard>,
    /// Owns its tasks.
    pub tasks: TaskTracker,
    /// Ends its tasks.
    pub stop: CancellationToken,
}
