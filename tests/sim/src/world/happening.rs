//! Happening: everything that can happen in the world, each at its moment.

use crate::world::store::{Asked, Replied};
use gateway_core::ids::Socket;
use gateway_core::link::envelope::{Carrier, Envelope};
use protocol::{CloseCode, Down};
use std::rc::Rc;

/// A wire, by its place among all there ever were.
pub(crate) type WireId = usize;

/// A node in one of its lives: what was meant for an earlier one is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Life {
    pub node: usize,
    pub life: u32,
}

#[derive(Debug)]
pub(crate) enum Happening {
    /// A tab's knock arrives at a node.
    Knock(WireId),
    /// A text arrives at the node.
    Up(WireId, String),
    /// The tab's end of a wire has closed, and the node hears of it.
    HungUp(WireId),
    /// The socket is open, and the tab hears of it.
    Opened(WireId),
    /// A frame arrives at the tab.
    Down(WireId, Rc<Down>),
    /// The node's end of a wire has closed, and the tab hears of it; without a code it was torn.
    Closed(WireId, Option<(CloseCode, Option<u64>)>),
    /// A session has something due.
    SocketDue(Life, Socket),
    /// What waits for a socket is written.
    Flush(Life, Socket),
    /// A desk's loop turns.
    Turn(Life, usize),
    /// A request reaches the store.
    AtStore(Box<Asked>),
    /// The store's answer reaches a node.
    Answered(Life, Box<Replied>),
    /// An append was unanswered for too long.
    GiveUp(Life, usize, u64),
    /// A node's link has something due.
    LinkDue(Life),
    /// An envelope arrives over a carrier.
    Envelope(Life, Carrier, Box<Envelope>),
    /// A tab has something due.
    TabDue(usize),
    /// A person does something.
    Act(usize),
    Strike(usize),
    Mend(usize),
}
