//! Store: heartbeat rows, ownership rows, and the compare-and-set between them.

use gateway_core::ids::{Epoch, NodeId, SiteId};
use gateway_core::link::effect::{Claim, Heartbeat, NodeRow, NotOpened, Owner, StoreAway};
use gateway_core::now::{Instant, StoreTime};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Store {
    pub nodes: BTreeMap<NodeId, NodeRow>,
    pub sites: BTreeMap<SiteId, Row>,
    /// The outcome of the next opens is not heard of, though they are carried out.
    pub unheard: usize,
}

#[derive(Clone, Copy)]
pub struct Row {
    pub owner: Owner,
    pub changed_ms: u64,
    pub open_conversations: bool,
    pub wakes_ms: Option<u64>,
}

impl Store {
    /// Counts the node's row up, then reads.
    pub fn heartbeat(&mut self, node: NodeId, ready: bool, sent: Instant, within_ms: u64, now_ms: u64) -> Heartbeat {
        let started = StoreTime(now_ms);
        let row = self.nodes.entry(node).or_insert(NodeRow { node, beats: 0, started, ready });
        row.beats += 1;
        row.ready = ready;
        let recent = self.sites.iter().filter(|(_, row)| now_ms - row.changed_ms <= within_ms);
        let changed = recent.map(|(site, row)| (*site, row.owner)).collect();
        Heartbeat { sent, nodes: self.nodes.values().copied().collect(), changed }
    }

    pub fn owner(&self, site: SiteId) -> Option<Owner> {
        self.sites.get(&site).map(|row| row.owner)
    }

    pub fn open(&mut self, site: SiteId, by: NodeId, claim: Claim, now_ms: u64) -> Result<Epoch, NotOpened> {
        let row = self.sites.get(&site).copied();
        let owner = row.map(|row| row.owner);
        let holds = match (claim, owner) {
            (Claim::Unowned, None) => true,
            (Claim::Own { epoch }, Some(owner)) => (owner.node, owner.epoch) == (Some(by), epoch),
            (Claim::LetGo { epoch }, Some(owner)) => (owner.node, owner.epoch) == (None, epoch),
            (Claim::Dead { epoch, owner: dead, beats }, Some(owner)) => {
                (owner.node, owner.epoch) == (Some(dead), epoch) && self.nodes.get(&dead).map(|row| row.beats) == beats
            }
            _ => false,
        };
        if !holds {
            return Err(NotOpened::Lost(owner));
        }
        let epoch = Epoch(owner.map_or(1, |owner| owner.epoch.0 + 1));
        let owner = Owner { node: Some(by), epoch, successor: None };
        self.write(site, owner, now_ms);
        if self.unheard > 0 {
            self.unheard -= 1;
            return Err(NotOpened::Away);
        }
        Ok(epoch)
    }

    pub fn let_go(
        &mut self,
        site: SiteId,
        epoch: Epoch,
        successor: Option<NodeId>,
        now_ms: u64,
    ) -> Result<(), StoreAway> {
        if self.owner(site).is_some_and(|owner| owner.epoch == epoch) {
            self.write(site, Owner { node: None, epoch, successor }, now_ms);
        }
        Ok(())
    }

    pub fn sweep(&self, living: &[NodeId], limit: usize, now_ms: u64) -> Vec<(SiteId, Owner)> {
        let needed = |row: &Row| {
            let due = row.wakes_ms.is_some_and(|at| at <= now_ms);
            match row.owner.node {
                None => due,
                Some(owner) => !living.contains(&owner) && (due || row.open_conversations),
            }
        };
        let rows = self.sites.iter().filter(|(_, row)| needed(row));
        rows.take(limit).map(|(site, row)| (*site, row.owner)).collect()
    }

    /// A row as another node would have written it.
    pub fn write(&mut self, site: SiteId, owner: Owner, now_ms: u64) {
        let row = self.sites.entry(site);
        let row = row.or_insert(Row { owner, changed_ms: now_ms, open_conversations: true, wakes_ms: None });
        row.owner = owner;
        row.changed_ms = now_ms;
    }
}
