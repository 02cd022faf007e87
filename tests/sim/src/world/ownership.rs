//! Ownership: heartbeat rows, ownership rows, and the compare-and-set between them.

use crate::world::clock::Time;
use crate::world::store::Store;
use gateway_core::ids::{Epoch, NodeId, SiteId};
use gateway_core::link::effect::{Claim, Heartbeat, NodeRow, NotOpened, Owner};
use gateway_core::now::Instant;
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct Ownership {
    nodes: BTreeMap<NodeId, NodeRow>,
    /// By site: its row and when it changed.
    sites: Vec<Option<(Owner, Time)>>,
}

/// A site's place as its number.
pub(crate) fn id_of(site: usize) -> SiteId {
    SiteId(i64::try_from(site).unwrap_or(0) + 1)
}

/// The place of a site.
pub(crate) fn place_of(site: SiteId) -> usize {
    usize::try_from(site.0 - 1).unwrap_or(0)
}

impl Ownership {
    pub fn new(sites: usize) -> Self {
        Self { nodes: BTreeMap::new(), sites: vec![None; sites] }
    }

    /// Counts the node's row up, then reads all.
    pub fn heartbeat(&mut self, node: NodeId, ready: bool, sent: Instant, within_ms: u64, now: Time) -> Heartbeat {
        let started = Store::time(now);
        let row = self.nodes.entry(node).or_insert(NodeRow { node, beats: 0, started, ready });
        row.beats += 1;
        row.ready = ready;
        let rows = self.sites.iter().enumerate().filter_map(|(site, row)| Some((site, (*row)?)));
        let recent = rows.filter(|(_, (_, changed))| now - changed <= within_ms);
        let changed = recent.map(|(site, (owner, _))| (id_of(site), owner)).collect();
        Heartbeat { sent, nodes: self.nodes.values().copied().collect(), changed }
    }

    pub fn owner(&self, site: usize) -> Option<Owner> {
        self.sites[site].map(|(owner, _)| owner)
    }

    pub fn open(&mut self, site: usize, by: NodeId, claim: Claim, now: Time) -> Result<Epoch, NotOpened> {
        let owner = self.owner(site);
        if !self.holds(claim, by, owner) {
            return Err(NotOpened::Lost(owner));
        }
        let epoch = Epoch(owner.map_or(1, |owner| owner.epoch.0 + 1));
        self.sites[site] = Some((Owner { node: Some(by), epoch, successor: None }, now));
        Ok(epoch)
    }

    fn holds(&self, claim: Claim, by: NodeId, owner: Option<Owner>) -> bool {
        match (claim, owner) {
            (Claim::Unowned, owner) => owner.is_none(),
            (Claim::Own { epoch }, Some(owner)) => (owner.node, owner.epoch) == (Some(by), epoch),
            (Claim::LetGo { epoch }, Some(owner)) => (owner.node, owner.epoch) == (None, epoch),
            (Claim::Dead { epoch, owner: dead, beats }, Some(owner)) => {
                let stands_still = self.nodes.get(&dead).map(|row| row.beats) == beats;
                (owner.node, owner.epoch) == (Some(dead), epoch) && stands_still
            }
            (Claim::Own { .. } | Claim::LetGo { .. } | Claim::Dead { .. }, None) => false,
        }
    }

    pub fn let_go(&mut self, site: usize, epoch: Epoch, successor: Option<NodeId>, now: Time) {
        if self.owner(site).is_some_and(|owner| owner.epoch == epoch) {
            self.sites[site] = Some((Owner { node: None, epoch, successor }, now));
        }
    }
}
