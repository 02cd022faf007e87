//! What the nodes of a deployment share beside the sites' rows: heartbeats, and who owns which site.
//!
//! Each call carries out one effect of `gateway_core::link` and is answered as its link wants to hear it.

use async_trait::async_trait;
use gateway_core::ids::{Epoch, NodeId, SiteId};
use gateway_core::link::effect::{Claim, Heartbeat, NotOpened, Owner, StoreAway};
use gateway_core::now::Instant;
use gateway_core::stored::Opening;
use tokio::sync::watch;

/// A store that several nodes share.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// Makes the node's heartbeat row, not ready yet. `false` when there is one of this id: draw another.
    async fn join(&self, node: NodeId) -> Result<bool, StoreAway>;

    /// Counts the node's heartbeat row up, then, not before, reads all rows, and the owners that changed within a time
    /// of the store's clock. On a connection of its own; it fails when it takes nearly as long as a lease.
    async fn beat(
        &self,
        node: NodeId,
        sent: Instant,
        ready: bool,
        changed_within_ms: u64,
    ) -> Result<Heartbeat, StoreAway>;

    /// A site's owner; none when it was never opened.
    async fn owner(&self, site: SiteId) -> Result<Option<Owner>, StoreAway>;

    /// Opens a site for a node, if what the claim says still holds: raises its epoch in the same transaction, which
    /// fences every earlier desk, and hands out its open state.
    async fn claim(&self, node: NodeId, site: SiteId, claim: Claim) -> Result<Opening, NotOpened>;

    /// At most `limit` sites that need a desk and have no owner among `living`: those let go of which a deadline is due,
    /// and those of other nodes that have open conversations or of which a deadline is due.
    async fn sweep(&self, living: Vec<NodeId>, limit: usize) -> Result<Vec<(SiteId, Owner)>, StoreAway>;

    /// Writes that a site has no owner, and who may open it first, provided that its epoch is still this one.
    async fn let_go(&self, site: SiteId, epoch: Epoch, successor: Option<NodeId>) -> Result<(), StoreAway>;

    /// How often the settings of each of these sites have changed, whoever changed them.
    async fn settings_versions(&self, sites: Vec<SiteId>) -> Result<Vec<(SiteId, u64)>, StoreAway>;

    /// Raises the epochs of all sites by more than were ever given out and may have been forgotten: called when the
    /// store's address has led to another database, which may lack openings that nodes know of.
    async fn skip_epochs(&self) -> Result<(), StoreAway>;

    /// Counts the databases that the store's address has led to. When it changes, all desks must be dropped: the new one
    /// may lack what the old one had acknowledged. Appends of desks that were opened before fail by themselves.
    fn incarnation(&self) -> watch::Receiver<u64>;
}
