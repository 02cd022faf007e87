//! Outlet: where a desk's words go once their gate is open, and what lets a batch without records pass.

use crate::switchboard::delivery::Courier;
use gateway_core::effects::{Delivery, Lease};
use gateway_core::ids::{Epoch, SiteId};
use gateway_core::now::Instant;

/// Of a desk whose sockets are all on this node; a desk among peers will have a way of its own.
pub enum Outlet {
    Here(Courier),
}

impl Outlet {
    /// Proof that no other node can own the site now; none when that is not known.
    pub fn lease(&self, _now: Instant) -> Option<Lease> {
        match self {
            Self::Here(_) => Some(Lease::unshared()),
        }
    }

    /// Lets words out.
    #[expect(clippy::unused_async, reason = "words that go by way of a link will wait for room there")]
    pub async fn release(&self, _site: SiteId, _epoch: Epoch, deliveries: Vec<Delivery>) {
        match self {
            Self::Here(courier) => courier.release(deliveries),
        }
    }
}
