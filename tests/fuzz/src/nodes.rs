//! Nodes: heartbeats as a node reads them from the store, eight bytes each, and what it then believes of its peers.

use crate::peers::{EFFECTS_MAX, NODES, at, effects, node};
use gateway_core::ids::{Epoch, NodeId, SiteId};
use gateway_core::limits::{HEARTBEAT_GAP_MS_MAX, LEASE_MS};
use gateway_core::link::Link;
use gateway_core::link::effect::{Claim, Effect, Heartbeat, NodeRow, Owner, StoreAway};
use gateway_core::now::{Now, StoreTime};
use std::collections::BTreeMap;

const EVENT_BYTES: usize = 8;
/// An event lasts so many milliseconds, times a byte.
const STEP_MS: u64 = 20;

/// One heartbeat after another, read or failed; after each the node is asked what it believes.
pub(crate) fn run(bytes: &[u8]) {
    let mut now = at(10_000);
    let mut link = Link::new(node(NODES[0]), 2, 7, now);
    let mut seen = Seen::default();
    for event in bytes.chunks_exact(EVENT_BYTES) {
        now = at(now.instant.0 + STEP_MS * u64::from(event[0]));
        link.handle_timeout(now);
        effects(&mut link, now, EFFECTS_MAX).iter().for_each(|effect| seen.judge(effect));
        if event[1] % 8 == 0 {
            link.handle_heartbeat(Err(StoreAway), now);
        } else {
            let sent_before_ms = u64::from(event[1] / 8) * 4 * STEP_MS;
            let sent = at(now.instant.0.saturating_sub(sent_before_ms));
            let nodes = rows(&event[2..6]);
            seen.read(&nodes, sent, now);
            let changed = vec![(SiteId(i64::from(event[6] % 4)), owner(event[7]))];
            link.handle_heartbeat(Ok(Heartbeat { sent: sent.instant, nodes, changed }), now);
        }
        effects(&mut link, now, EFFECTS_MAX).iter().for_each(|effect| seen.judge(effect));
        assert_eq!(
            link.lease(now).is_some(),
            seen.holds_lease(now),
            "a lease without a fresh heartbeat, or none with one"
        );
        assert!(seen.holds_lease(now) || link.desks().is_empty(), "a node without a lease keeps a desk");
    }
}

/// Rows of up to four nodes, this one among them or not, one of them perhaps twice.
fn rows(bytes: &[u8]) -> Vec<NodeRow> {
    let row = |byte: &u8| NodeRow {
        node: node(u32::from(byte & 3) + NODES[0]),
        beats: u64::from(byte >> 3 & 7),
        started: StoreTime(u64::from(byte >> 6)),
        ready: byte & 4 != 0,
    };
    bytes.iter().map(row).collect()
}

fn owner(byte: u8) -> Owner {
    let named = |byte: u8| (byte & 3 != 0).then(|| node(u32::from(byte & 3)));
    Owner { node: named(byte), epoch: Epoch(i64::from(byte >> 4)), successor: named(byte >> 2) }
}

/// What a second, plainer reader knows of the rows.
#[derive(Default)]
struct Seen {
    /// The count last read of each node, and since when it is known not to have moved.
    rows: BTreeMap<NodeId, (u64, u64)>,
    confirmed: Option<u64>,
    /// When the last heartbeat that got through had been sent; rows are known until then.
    until: u64,
}

impl Seen {
    fn read(&mut self, nodes: &[NodeRow], sent: Now, now: Now) {
        let sent = sent.instant.0;
        let gap = self.confirmed.is_none_or(|last| sent.saturating_sub(last) > HEARTBEAT_GAP_MS_MAX);
        let before = std::mem::take(&mut self.rows);
        for row in nodes.iter().filter(|row| row.node != node(NODES[0])) {
            let since = before.get(&row.node).filter(|(beats, _)| *beats == row.beats && !gap);
            let since = since.map_or(now.instant.0, |(_, since)| *since);
            // A row that is named twice is the later one.
            self.rows.insert(row.node, (row.beats, since));
        }
        self.confirmed = Some(sent);
        self.until = sent;
    }

    fn holds_lease(&self, now: Now) -> bool {
        self.confirmed.is_some_and(|sent| now.instant.0.saturating_sub(sent) < LEASE_MS)
    }

    fn may_be_dead(&self, node: NodeId) -> bool {
        self.rows.get(&node).is_none_or(|(_, since)| self.until.saturating_sub(*since) >= LEASE_MS)
    }

    fn judge(&self, effect: &Effect) {
        match effect {
            Effect::Sweep { living, .. } => {
                let known = |node: &NodeId| *node == crate::peers::node(NODES[0]) || self.rows.contains_key(node);
                assert!(living.iter().all(known) || self.confirmed.is_none(), "a node lives that has no row");
            }
            Effect::Open { claim: Claim::Dead { owner, .. }, .. } => {
                assert!(self.may_be_dead(*owner), "a living peer was taken for dead");
            }
            Effect::Send { .. }
            | Effect::Announce(_)
            | Effect::Desk { .. }
            | Effect::Deliver(_)
            | Effect::Refuse { .. }
            | Effect::Heartbeat { .. }
            | Effect::ReadOwner { .. }
            | Effect::Open { .. }
            | Effect::DropDesk { .. }
            | Effect::LetGo { .. }
            | Effect::SendSocketsAway { .. } => {}
        }
    }
}
