//! Roll call: whom a desk that has just opened still waits for.

use crate::ids::{NodeId, SiteId};
use crate::limits::OPENING_MS_MAX;
use crate::now::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// The roll calls of all sites that are opening here.
#[derive(Debug, Default)]
pub(crate) struct RollCalls {
    calls: BTreeMap<SiteId, Call>,
}

#[derive(Debug)]
struct Call {
    missing: BTreeSet<NodeId>,
    until: Instant,
}

impl RollCalls {
    /// A desk has opened, and these nodes have not told it yet who has joined there.
    pub fn begin(&mut self, site: SiteId, missing: BTreeSet<NodeId>, now: Instant) {
        self.calls.insert(site, Call { missing, until: now.plus_ms(OPENING_MS_MAX) });
    }

    /// A node has answered for a site.
    pub fn answer(&mut self, site: SiteId, node: NodeId) {
        if let Some(call) = self.calls.get_mut(&site) {
            call.missing.remove(&node);
        }
    }

    /// Who is gone is not waited for.
    pub fn excuse_all_but(&mut self, living: &BTreeSet<NodeId>) {
        for call in self.calls.values_mut() {
            call.missing.retain(|node| living.contains(node));
        }
    }

    /// The desk is no longer here.
    pub fn forget(&mut self, site: SiteId) {
        self.calls.remove(&site);
    }

    /// Takes out a roll call that has ended: all have answered, or it took too long.
    pub fn take_ended(&mut self, now: Instant) -> Option<SiteId> {
        let ended = |call: &Call| call.missing.is_empty() || call.until <= now;
        let site = self.calls.iter().find(|(_, call)| ended(call)).map(|(site, _)| *site)?;
        self.calls.remove(&site);
        Some(site)
    }

    /// When the next roll call has taken too long.
    pub fn due(&self) -> Option<Instant> {
        self.calls.values().map(|call| call.until).min()
    }
}
