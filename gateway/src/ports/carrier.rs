//! What takes envelopes between nodes. It knows neither what a packet says nor who may be believed: the switchboard
//! encodes, signs and checks. The switchboard's peers call it; `app` makes one for each way there is.

use bytes::Bytes;
use gateway_core::ids::NodeId;

/// Bytes of one packet; a longer one is dropped and counted. The link cuts what it sends to less; only the set of
/// some ten thousand sockets that have joined one site on one node would not fit. Eight wait for a subscriber before Redis, as it comes, cuts it off (32 MiB).
pub const PACKET_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One way to other nodes. What it is given may be lost, doubled, late or out of order; whoever sends finds out by
/// itself.
pub trait Carrier: Send + Sync {
    /// For logs and metrics: `redis`, `redis-2`, `table`.
    fn name(&self) -> &'static str;

    /// Takes a packet to one node. Never waits: dropped when too much waits already, or the way is away.
    fn send(&self, to: NodeId, packet: Bytes);

    /// Takes a packet to every node, over the shared channel; the sender may hear it too.
    fn announce(&self, packet: Bytes);

    /// Packets dropped before sending since the start, for metrics.
    fn dropped(&self) -> u64;
}

/// A packet that a carrier brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The carrier's place in the node's list, the best first.
    pub carrier: u8,
    pub packet: Bytes,
}
