//! What the targets of the link share: one node that holds its lease, and the shell that does what it asks.

use gateway_core::desk::input::{Input, Join};
use gateway_core::ids::{NodeId, Principal, SiteId, Socket, VisitorSocket};
use gateway_core::link::Link;
use gateway_core::link::effect::{Effect, Heartbeat, NodeRow, Owner};
use gateway_core::now::{Instant, Now, StoreTime};
use protocol::{SessionId, VisitorId};
use uuid::Uuid;

/// The node under test, and its two peers.
pub(crate) const NODES: [u32; 3] = [1, 2, 3];
/// What one event may make a node do, beside what the event itself holds.
pub(crate) const EFFECTS_MAX: usize = 256;

pub(crate) fn node(number: u32) -> NodeId {
    NodeId::new(number)
}

pub(crate) fn at(instant: u64) -> Now {
    Now { instant: Instant(instant), wall_ms: instant }
}

/// A node that has just heard of its peers, with two sites: one is a peer's, one nobody's; a visitor has joined both.
pub(crate) fn link(now: Now) -> Link {
    let mut link = Link::new(node(NODES[0]), 2, 7, now);
    let nodes = NODES.iter().map(|number| row(node(*number), 1)).collect();
    let peer = Owner { node: Some(node(NODES[1])), epoch: gateway_core::ids::Epoch(1), successor: None };
    let changed = vec![(SiteId(1), peer)];
    link.handle_heartbeat(Ok(Heartbeat { sent: now.instant, nodes, changed }), now);
    for site in [SiteId(1), SiteId(2)] {
        link.handle_input(site, Input::Join(Box::new(join())), now);
    }
    link
}

pub(crate) fn row(node: NodeId, beats: u64) -> NodeRow {
    NodeRow { node, beats, started: StoreTime(beats), ready: true }
}

fn join() -> Join {
    Join {
        socket: Socket::Visitor(VisitorSocket(node(NODES[0]).socket(1))),
        principal: Principal::Visitor(VisitorId(Uuid::from_u128(1))),
        session: SessionId(Uuid::from_u128(2)),
        generation: 1,
        follows: Vec::new(),
        page: None,
        browser: None,
    }
}

/// Takes all that the node wants done, at most `most` things.
pub(crate) fn effects(link: &mut Link, now: Now, most: usize) -> Vec<Effect> {
    let mut effects = Vec::new();
    while let Some(effect) = link.poll_effect(now) {
        effects.push(effect);
        assert!(effects.len() <= most, "a node does more than {most} things about one event");
    }
    effects
}
