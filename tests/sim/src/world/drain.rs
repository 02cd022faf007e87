//! Drain: a node is asked to stop: it lets its desks go to a peer that it names, sends its sockets away, and exits.

use crate::faults::Fault;
use crate::world::World;
use gateway_core::ids::{NodeId, Socket};
use gateway_core::limits::LEAVING_MS_MAX;

/// Between "not ready" and the letting go of desks, as a node's settings have it where nobody changed them.
const GRACE_MS: u64 = 5_000;
/// A node that was asked to stop exits by then: it is over its grace, and has waited for the answers it owed.
pub(crate) const DRAIN_MS: u64 = GRACE_MS + LEAVING_MS_MAX + 5_000;

/// How far a node is with stopping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Drain {
    #[default]
    Stays,
    /// It is not ready any more.
    Asked,
    /// Its desks are let go, and its sockets have been told.
    SentAway,
}

impl World {
    pub fn drain(&mut self, node: usize) {
        if self.nodes[node].runs() && self.nodes[node].drain == Drain::Stays {
            self.nodes[node].drain = Drain::Asked;
            self.link(node, |link, now| link.handle_drain(GRACE_MS, now));
        }
    }

    /// A node lets a desk go. While it drains that is felt at the site.
    pub fn feel_drain(&mut self, node: usize, site: usize, successor: Option<NodeId>) {
        if self.nodes[node].drain == Drain::Stays {
            return;
        }
        if successor.is_some() {
            self.reached.mark("drain: a desk let go to a named peer");
        }
        self.feel(Fault::Drain, [site], self.clock.now());
    }

    /// Once the desks of a draining node are gone, its sockets are sent away; their own desks close them, behind what
    /// they were owed.
    pub fn go_on_draining(&mut self, node: usize) {
        if self.nodes[node].drain != Drain::Asked || !self.nodes[node].link.is_drained() {
            return;
        }
        self.nodes[node].drain = Drain::SentAway;
        let at = self.nodes[node].now(self.clock.now());
        let sockets: Vec<Socket> = self.nodes[node].sockets.keys().copied().collect();
        for socket in sockets {
            if let Some(served) = self.nodes[node].sockets.get_mut(&socket) {
                served.session.handle_restart(at);
                self.carry_out(node, socket);
            }
        }
    }

    /// The process exits, whatever it still owes, and is started anew.
    pub fn end_drain(&mut self, node: usize) {
        if self.nodes[node].drain == Drain::Stays {
            return;
        }
        let now = self.clock.now();
        if !self.sites_at(node).is_empty() {
            self.feel(Fault::Drain, self.sites_at(node), now);
        }
        let id = self.nodes[node].id();
        self.tear_wires_of(node);
        self.nodes[node].die(now);
        self.note_desks_gone(id);
        self.start_node(node);
    }

    /// The sockets of a process end with it.
    fn tear_wires_of(&mut self, node: usize) {
        let life = self.nodes[node].life();
        for wire in 0..self.wires.len() {
            if self.wires[wire].to == life && self.wires[wire].node_open {
                self.close_wire(wire, None);
            }
        }
    }
}
