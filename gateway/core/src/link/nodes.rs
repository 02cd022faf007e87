//! Nodes: the heartbeats of all nodes, as this one reads them, and the lease that its own gives it.
//!
//! A node stands still when its count was read twice, a whole lease apart, and the heartbeats of this node got through
//! without a gap meanwhile: a store that stalls makes all stand still, and says nothing about any.

use crate::effects::Lease;
use crate::ids::NodeId;
use crate::limits::{HEARTBEAT_GAP_MS_MAX, LEASE_MS};
use crate::link::effect::{Heartbeat, NodeRow};
use crate::now::{Instant, StoreTime};
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct Nodes {
    me: NodeId,
    started: Instant,
    rows: BTreeMap<NodeId, Seen>,
    /// When the last heartbeat was sent that got through.
    confirmed: Option<Instant>,
}

/// A node's row, and between which instants it is known not to have changed.
#[derive(Debug)]
struct Seen {
    beats: u64,
    started: StoreTime,
    ready: bool,
    from: Instant,
    until: Instant,
}

impl Seen {
    fn stands_still(&self) -> bool {
        self.until.since_ms(self.from) >= LEASE_MS
    }
}

impl Nodes {
    pub fn new(me: NodeId, now: Instant) -> Self {
        Self { me, started: now, rows: BTreeMap::new(), confirmed: None }
    }

    /// A heartbeat got through; `now` is when its answer came.
    pub fn read(&mut self, heartbeat: &Heartbeat, now: Instant) {
        let sent = heartbeat.sent;
        let gap = self.confirmed.is_none_or(|last| sent.since_ms(last) > HEARTBEAT_GAP_MS_MAX);
        let mut rows = BTreeMap::new();
        for row in heartbeat.nodes.iter().filter(|row| row.node != self.me) {
            let before = self.rows.remove(&row.node).filter(|seen| seen.beats == row.beats && !gap);
            rows.insert(row.node, seen(row, before.map_or(now, |seen| seen.from), sent));
        }
        self.rows = rows;
        self.confirmed = Some(sent);
    }

    /// Proof that no other node owns what this one does.
    pub fn lease(&self, now: Instant) -> Option<Lease> {
        self.confirmed.and_then(|sent| Lease::confirmed(sent, now))
    }

    pub fn holds_lease(&self, now: Instant) -> bool {
        self.lease(now).is_some()
    }

    /// When the lease ends, or has ended, without another heartbeat.
    pub fn lease_ends(&self) -> Option<Instant> {
        self.confirmed.map(|sent| sent.plus_ms(LEASE_MS))
    }

    /// How long this node has not reached the store.
    pub fn away_ms(&self, now: Instant) -> u64 {
        now.since_ms(self.confirmed.unwrap_or(self.started))
    }

    /// Whether a peer's heartbeat goes on, as far as is known.
    pub fn is_living(&self, node: NodeId) -> bool {
        self.rows.get(&node).is_some_and(|seen| !seen.stands_still())
    }

    /// The peers whose heartbeat goes on.
    pub fn living(&self) -> impl Iterator<Item = NodeId> {
        self.rows.iter().filter(|(_, seen)| !seen.stands_still()).map(|(node, _)| *node)
    }

    /// The count at which a node stands still; the inner one is none for a node without a row.
    pub fn dead_at(&self, node: NodeId) -> Option<Option<u64>> {
        match self.rows.get(&node) {
            None => self.confirmed.map(|_| None),
            Some(seen) => seen.stands_still().then_some(Some(seen.beats)),
        }
    }

    /// Who takes the desks of a node that drains: the youngest that is ready, since it will stay the longest.
    pub fn successor(&self) -> Option<NodeId> {
        let ready = self.rows.iter().filter(|(_, seen)| seen.ready && !seen.stands_still());
        ready.max_by_key(|(node, seen)| (seen.started, **node)).map(|(node, _)| *node)
    }
}

fn seen(row: &NodeRow, from: Instant, until: Instant) -> Seen {
    Seen { beats: row.beats, started: row.started, ready: row.ready, from, until }
}
