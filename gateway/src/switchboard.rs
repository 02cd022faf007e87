//! Switchboard: carries inputs to the desk that owns a site, and its words back to sockets.
//!
//! It holds no rule of the product: desks decide, this file and its children carry.

mod alone;
mod counts;
mod delivery;
mod desk_loop;
mod desks;
mod dispatch;
mod inbox;
mod mailbox;
mod outlet;
mod peers;
mod sockets;

pub use counts::{CarrierFigures, Counts, NoCounts, PeerFigures, SocketKind, Stored};
pub use delivery::encode;
pub use inbox::{Drained, Inbox};
pub use peers::{Membership, Secret};
pub use sockets::Sockets;

use crate::clock::Clock;
use crate::ports::Store;
use delivery::Courier;
use desks::Desks;
use gateway_core::ids::NodeId;
use gateway_core::limits::{
    AGENT_QUEUE_BYTES_MAX, AGENT_QUEUE_FRAMES_MAX, VISITOR_QUEUE_BYTES_MAX, VISITOR_QUEUE_FRAMES_MAX,
};
use gateway_core::session::outbound::Bounds;
use peers::Peers;
use std::sync::Arc;
use std::time::Duration;

/// Live events that may wait for one visitor.
pub const VISITOR_BOUNDS: Bounds = Bounds { frames_max: VISITOR_QUEUE_FRAMES_MAX, bytes_max: VISITOR_QUEUE_BYTES_MAX };
/// Live events that may wait for one agent.
pub const AGENT_BOUNDS: Bounds = Bounds { frames_max: AGENT_QUEUE_FRAMES_MAX, bytes_max: AGENT_QUEUE_BYTES_MAX };

/// What the edge needs to reach desks, and what desks need to reach sockets.
pub struct Switchboard {
    pub store: Arc<dyn Store>,
    pub clock: Clock,
    pub sockets: Arc<Sockets>,
    desking: Desking,
}

/// Who may own the sites.
enum Desking {
    /// This node, all of them.
    Alone(Desks),
    /// This node or another.
    Among(Peers),
}

impl Switchboard {
    /// The switchboard of a node that has its store to itself.
    #[must_use]
    pub fn alone(store: Arc<dyn Store>, clock: Clock, counts: Arc<dyn Counts>) -> Arc<Self> {
        let sockets = Arc::new(Sockets::of(NodeId::new(0)));
        let courier = Courier { sockets: Arc::clone(&sockets), clock, counts };
        let desks = Desks::new(Arc::clone(&store), courier);
        Arc::new(Self { store, clock, sockets, desking: Desking::Alone(desks) })
    }

    /// The switchboard of a node that shares its store with others.
    #[must_use]
    pub fn among_peers(
        membership: Membership,
        store: Arc<dyn Store>,
        clock: Clock,
        counts: Arc<dyn Counts>,
    ) -> Arc<Self> {
        let sockets = Arc::new(Sockets::of(membership.node));
        let courier = Courier { sockets: Arc::clone(&sockets), clock, counts };
        let peers = Peers::start(membership, Arc::clone(&store), courier);
        Arc::new(Self { store, clock, sockets, desking: Desking::Among(peers) })
    }

    /// The node will stop after a grace: where there are peers, they are told that it takes no site from now on.
    pub async fn drain(&self, grace: Duration) {
        match &self.desking {
            Desking::Alone(_) => {}
            Desking::Among(peers) => peers.drain(u64::try_from(grace.as_millis()).unwrap_or(u64::MAX)).await,
        }
    }

    /// Ends the grace: where there are peers, all desks are let go, and their sockets are served by the next.
    pub async fn let_go(&self) {
        match &self.desking {
            Desking::Alone(_) => {}
            Desking::Among(peers) => peers.let_go().await,
        }
    }

    /// Sees to deadlines of sites that nobody uses, from now on until it is stopped. Among peers the link does.
    pub fn watch_deadlines(&self) {
        match &self.desking {
            Desking::Alone(desks) => desks.watch_deadlines(),
            Desking::Among(_) => {}
        }
    }

    /// Lets every desk finish what it holds, then ends them; those among peers have been [let go](Self::let_go).
    pub async fn stop(&self) {
        match &self.desking {
            Desking::Alone(desks) => desks.stop().await,
            Desking::Among(peers) => peers.stop().await,
        }
    }

    /// Sites whose desk is open on this node.
    #[must_use]
    pub fn desks_open(&self) -> usize {
        match &self.desking {
            Desking::Alone(desks) => desks.len(),
            Desking::Among(peers) => peers.desks_open(),
        }
    }

    /// Whether a peer is reached over another carrier than the best.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        match &self.desking {
            Desking::Alone(_) => false,
            Desking::Among(peers) => peers.state().is_degraded,
        }
    }
}

#[cfg(test)]
mod tests;
