//! Wires: the network between a tab and a node. It keeps order, takes time, and may go silent or be torn.

use crate::world::World;
use crate::world::clock::Time;
use crate::world::happening::{Happening, Life, WireId};
use gateway_core::ids::Socket;
use protocol::{CloseCode, Down};
use std::rc::Rc;

/// One connection, from the knock to the end.
#[derive(Debug)]
pub(crate) struct Wire {
    pub tab: usize,
    pub to: Life,
    /// The node's socket, once there is one.
    pub socket: Option<Socket>,
    delay_ms: u64,
    /// Nothing arrives before what was sent before it.
    up_clear: Time,
    down_clear: Time,
    pub tab_open: bool,
    pub node_open: bool,
    /// Nothing passes any more, and neither end is told.
    pub silent: bool,
    /// The tab's machine reads nothing until then.
    pub stalled_until: Time,
    pub stalled_since: Time,
}

impl World {
    /// A tab knocks at a node.
    pub fn dial(&mut self, tab: usize, node: usize) -> WireId {
        let (now, id) = (self.clock.now(), self.wires.len());
        let delay_ms = self.chance.between(1, self.plan.delay_ms);
        let to = self.nodes[node].life();
        self.wires.push(Wire {
            tab,
            to,
            socket: None,
            delay_ms,
            up_clear: now,
            down_clear: now,
            tab_open: true,
            node_open: true,
            silent: false,
            stalled_until: 0,
            stalled_since: 0,
        });
        self.wire_of_tab.insert(tab, id);
        self.clock.after(delay_ms, Happening::Knock(id));
        id
    }

    /// The tab says something.
    pub fn say_up(&mut self, id: WireId, text: String) {
        if let Some(at) = self.arrival_up(id) {
            self.clock.at(at, Happening::Up(id, text));
        }
    }

    /// The tab closes its end.
    pub fn hang_up(&mut self, id: WireId) {
        let at = self.arrival_up(id);
        self.wires[id].tab_open = false;
        self.wire_of_tab.remove(&self.wires[id].tab);
        if let Some(at) = at {
            self.clock.at(at, Happening::HungUp(id));
        }
    }

    /// The node says something.
    pub fn say_down(&mut self, id: WireId, frame: Rc<Down>) {
        if let Some(at) = self.arrival_down(id) {
            self.clock.at(at, Happening::Down(id, frame));
        }
    }

    pub fn tell_opened(&mut self, id: WireId) {
        if let Some(at) = self.arrival_down(id) {
            self.clock.at(at, Happening::Opened(id));
        }
    }

    /// The node closes its end, or it is torn.
    pub fn close_wire(&mut self, id: WireId, close: Option<(CloseCode, Option<u64>)>) {
        let at = self.arrival_down(id);
        self.end_at_node(id);
        if let Some(at) = at {
            self.clock.at(at, Happening::Closed(id, close));
        }
    }

    /// The node's end is no more: whoever holds the other is not there any longer, whatever they believe.
    pub fn end_at_node(&mut self, id: WireId) {
        self.wires[id].node_open = false;
        let tab = self.wires[id].tab;
        if self.wire_of_tab.get(&tab) == Some(&id) {
            self.note_disconnect(tab);
        }
    }

    /// A tab is let in, if by now the node has not gone.
    pub fn let_in(&mut self, tab: usize) {
        self.note_connect(tab);
        if !self.wire_of_tab.get(&tab).is_some_and(|wire| self.wires[*wire].node_open) {
            self.note_disconnect(tab);
        }
    }

    /// Both ends learn that the wire is torn.
    pub fn tear(&mut self, id: WireId) {
        if self.wires[id].node_open {
            self.clock.after(1, Happening::HungUp(id));
        }
        self.close_wire(id, None);
        self.wires[id].node_open = true;
    }

    fn arrival_up(&mut self, id: WireId) -> Option<Time> {
        let jitter_ms = self.chance.between(0, 3);
        let wire = &mut self.wires[id];
        if wire.silent {
            return None;
        }
        wire.up_clear = wire.up_clear.max(self.clock.now() + wire.delay_ms + jitter_ms);
        Some(wire.up_clear)
    }

    fn arrival_down(&mut self, id: WireId) -> Option<Time> {
        let jitter_ms = self.chance.between(0, 3);
        let wire = &mut self.wires[id];
        if wire.silent {
            return None;
        }
        wire.down_clear = wire.down_clear.max(self.clock.now() + wire.delay_ms + jitter_ms);
        Some(wire.down_clear)
    }
}
