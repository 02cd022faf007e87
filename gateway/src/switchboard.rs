//! Switchboard: carries inputs to the desk that owns a site, and its words back to sockets.
//!
//! It holds no rule of the product: desks decide, this file and its children carry.

mod alone;
mod delivery;
mod desk_loop;
mod desks;
mod dispatch;
mod inbox;
mod mailbox;
mod sockets;

pub use delivery::encode;
pub use inbox::{Drained, Inbox};
pub use sockets::Sockets;

use crate::clock::Clock;
use crate::ports::Store;
use desks::Desks;
use gateway_core::desk::input::Input;
use gateway_core::ids::SiteId;
use gateway_core::limits::{
    AGENT_QUEUE_BYTES_MAX, AGENT_QUEUE_FRAMES_MAX, VISITOR_QUEUE_BYTES_MAX, VISITOR_QUEUE_FRAMES_MAX,
};
use gateway_core::session::outbound::Bounds;
use gateway_core::settings::Settings;
use protocol::AgentId;
use std::sync::Arc;

/// Live events that may wait for one visitor.
pub const VISITOR_BOUNDS: Bounds = Bounds { frames_max: VISITOR_QUEUE_FRAMES_MAX, bytes_max: VISITOR_QUEUE_BYTES_MAX };
/// Live events that may wait for one agent.
pub const AGENT_BOUNDS: Bounds = Bounds { frames_max: AGENT_QUEUE_FRAMES_MAX, bytes_max: AGENT_QUEUE_BYTES_MAX };

/// What the edge needs to reach desks, and what desks need to reach sockets.
pub struct Switchboard {
    pub store: Arc<dyn Store>,
    pub clock: Clock,
    pub sockets: Arc<Sockets>,
    desks: Desks,
}

impl Switchboard {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Clock, counts: Arc<dyn Counts>) -> Arc<Self> {
        let sockets = Arc::new(Sockets::default());
        let desks = Desks::new(Arc::clone(&store), clock, Arc::clone(&sockets), counts);
        Arc::new(Self { store, clock, sockets, desks })
    }

    /// Hands an open desk of the site its new settings; a desk that opens later reads them itself.
    pub async fn settings_changed(&self, site: SiteId, settings: Settings) {
        self.desks.tell(site, Input::Settings(Box::new(settings))).await;
    }

    /// An agent's session ended: their sockets on this site are closed.
    pub async fn signed_out(&self, site: SiteId, agent: AgentId) {
        self.desks.tell(site, Input::SignedOut { agent }).await;
    }

    /// Sees to deadlines of sites that nobody uses, from now on until it is stopped.
    pub fn watch_deadlines(&self) {
        self.desks.watch_deadlines();
    }

    /// Lets every desk finish what it holds, then ends them.
    pub async fn stop(&self) {
        self.desks.stop().await;
    }

    /// Sites whose desk is open.
    #[must_use]
    pub fn desks_open(&self) -> usize {
        self.desks.len()
    }
}

/// What an operator is told of the switchboard's work.
pub trait Counts: Send + Sync {
    /// A batch was stored.
    fn appended(&self, records: usize, took: std::time::Duration);
    /// An append did not give a receipt; `reason` is one of `fenced`, `refused`, `unknown`, `panic`.
    fn desk_reopened(&self, reason: &'static str);
    /// A frame was handed to so many sockets.
    fn delivered(&self, sockets: usize);
}

/// Counts nothing; for tests of other things.
pub struct NoCounts;

impl Counts for NoCounts {
    fn appended(&self, _records: usize, _took: std::time::Duration) {}
    fn desk_reopened(&self, _reason: &'static str) {}
    fn delivered(&self, _sockets: usize) {}
}

#[cfg(test)]
mod tests;
