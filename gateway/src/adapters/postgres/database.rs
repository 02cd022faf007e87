//! The database as this process knows it: how it is reached, and whether it is still the same one.
//!
//! After a failover the address may lead to a server that lacks the last commits. It shows in the system identifier or
//! the timeline of a new connection; from then on nothing is appended for a desk that was opened before.

use super::address::Address;
use crate::adapters::fault::Fault;
use gateway_core::ids::{Epoch, SiteId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// What a server says of itself: its system identifier and its timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub system: String,
    pub timeline: String,
}

/// Counts the databases that were met, this one being the latest.
pub(super) type Incarnation = u64;

pub(super) struct Database {
    pub address: Address,
    known: Mutex<Known>,
    incarnation: watch::Sender<Incarnation>,
}

#[derive(Default)]
struct Known {
    identity: Option<Identity>,
    /// At which incarnation each site was last opened by this process. Their number is that of the deployment's sites.
    opened: HashMap<SiteId, (Epoch, Incarnation)>,
}

impl Database {
    pub fn new(address: Address) -> Self {
        Self { address, known: Mutex::default(), incarnation: watch::Sender::new(0) }
    }

    /// Which incarnation a new connection leads to; the first is 1.
    pub fn recognise(&self, identity: Identity) -> Incarnation {
        let mut known = self.known();
        let current = *self.incarnation.borrow();
        if known.identity.as_ref() == Some(&identity) {
            return current;
        }
        if let Some(before) = known.identity.replace(identity.clone()) {
            tracing::error!(?before, now = ?identity, "the database is another one than before; all desks are dropped");
        }
        self.incarnation.send_replace(current + 1);
        current + 1
    }

    /// The latest incarnation, and word of the next one.
    pub fn incarnation(&self) -> watch::Receiver<Incarnation> {
        self.incarnation.subscribe()
    }

    pub fn is_current(&self, incarnation: Incarnation) -> bool {
        *self.incarnation.borrow() == incarnation
    }

    /// A desk was opened over a connection to this incarnation.
    pub fn opened(&self, site: SiteId, epoch: Epoch, incarnation: Incarnation) {
        self.known().opened.insert(site, (epoch, incarnation));
    }

    /// Whether a desk may append over a connection to this incarnation.
    pub fn check(&self, site: SiteId, epoch: Epoch, incarnation: Incarnation) -> Result<(), Fault> {
        match self.known().opened.get(&site) {
            Some((opened, at)) if *opened == epoch && *at != incarnation => {
                Err(Fault::broken("the database is another one than the desk was opened from"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
