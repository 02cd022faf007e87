//! Outlet: where the words of a desk go, and by what right those of a batch without records may pass.

use crate::switchboard::delivery::Courier;
use gateway_core::effects::{Delivery, Lease};
use gateway_core::ids::{Epoch, SiteId};
use gateway_core::now::Instant;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// The way out of one desk.
pub enum Outlet {
    /// To the sockets of this node: no other has any, nor could own the site.
    Here,
    /// To the link, which knows whose sockets they are.
    Link { epoch: Epoch, releases: mpsc::Sender<Released>, heart: Heart },
}

/// What a desk has said, and its gate is open.
#[derive(Debug)]
pub struct Released {
    pub site: SiteId,
    pub epoch: Epoch,
    pub deliveries: Vec<Delivery>,
}

/// When the node's last heartbeat was sent that got through.
#[derive(Clone, Debug, Default)]
pub struct Heart(Arc<Mutex<Option<Instant>>>);

impl Heart {
    pub fn confirm(&self, sent: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(sent);
    }

    fn lease(&self, now: Instant) -> Option<Lease> {
        let sent = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.and_then(|sent| Lease::confirmed(sent, now))
    }
}

impl Outlet {
    /// The right of a batch without records to pass; none while another node may own the site.
    pub fn lease(&self, now: Instant) -> Option<Lease> {
        match self {
            Self::Here => Some(Lease::unshared()),
            Self::Link { heart, .. } => heart.lease(now),
        }
    }

    /// Lets words out; waits while the link has too many.
    pub async fn release(&self, courier: &Courier, site: SiteId, deliveries: Vec<Delivery>) {
        match self {
            Self::Here => courier.release(deliveries),
            Self::Link { epoch, releases, .. } => {
                // A link that has ended takes its node's sockets with it.
                drop(releases.send(Released { site, epoch: *epoch, deliveries }).await);
            }
        }
    }
}
