//! Effect: what a link asks the shell to do. The shell does it and hands the outcome back; it decides nothing.

use crate::desk::input::Input;
use crate::effects::Delivery;
use crate::ids::{Epoch, NodeId, SiteId, Socket};
use crate::link::envelope::{Carrier, Envelope};
use crate::now::{Instant, StoreTime};
use crate::session::NotSubmitted;
use protocol::Command;

/// One thing to do, in the order given.
#[expect(clippy::large_enum_variant, reason = "an effect is carried out as it is taken; few stand in a queue")]
#[derive(Clone, Debug)]
pub enum Effect {
    /// Hand an envelope to one carrier. It may be dropped.
    Send { carrier: Carrier, to: NodeId, envelope: Box<Envelope> },
    /// Hand a notice to every carrier's shared channel. It may be dropped.
    Announce(Box<Envelope>),
    /// Give an input to the site's desk on this node, in this order. Only a command may be refused, which the link is
    /// told, and typing and read marks, which may be lost.
    Desk { site: SiteId, input: Input },
    /// Hand words to sockets of this node. Sockets that are gone are passed over.
    Deliver(Vec<Delivery>),
    /// Tell a socket of this node that its command settled nothing.
    Refuse { socket: Socket, command: Box<Command>, why: NotSubmitted },
    /// Write this node's heartbeat row on a connection of its own: count it up by one, say whether the node is ready.
    /// Then, not before, read all heartbeat rows and the ownership rows that changed within `changed_within_ms`, on the
    /// database's clock. Answered by [`Link::handle_heartbeat`], always: a heartbeat that takes too long has failed.
    ///
    /// [`Link::handle_heartbeat`]: crate::link::Link::handle_heartbeat
    Heartbeat { sent: Instant, ready: bool, changed_within_ms: u64 },
    /// Read a site's ownership row. Answered by [`Link::handle_owner`].
    ///
    /// [`Link::handle_owner`]: crate::link::Link::handle_owner
    ReadOwner { site: SiteId },
    /// Open a site by compare-and-set, and read what its desk is built from. Answered by [`Link::handle_opened`].
    ///
    /// [`Link::handle_opened`]: crate::link::Link::handle_opened
    Open { site: SiteId, claim: Claim },
    /// Read at most `limit` sites that need a desk and have no owner among `living`: those let go whose `wake_at` is
    /// due, and those of other nodes that have open conversations or whose `wake_at` is due.
    /// Answered by [`Link::handle_swept`].
    ///
    /// [`Link::handle_swept`]: crate::link::Link::handle_swept
    Sweep { living: Vec<NodeId>, limit: usize },
    /// Drop the site's desk on this node, with all it wanted to say. An append in flight is not waited for.
    DropDesk { site: SiteId },
    /// Finish the site's batch in hand, then write its row: no owner, this successor, provided that the epoch is still
    /// this one. Answered by [`Link::handle_let_go`].
    ///
    /// [`Link::handle_let_go`]: crate::link::Link::handle_let_go
    LetGo { site: SiteId, epoch: Epoch, successor: Option<NodeId> },
    /// Close every socket with a code that asks to return elsewhere, spread over this time.
    SendSocketsAway { within_ms: u64 },
}

/// What must still hold in the store when a site is opened; the epoch is raised in the same transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The site has no row yet.
    Unowned,
    /// The row names this node as the owner, under this epoch.
    Own { epoch: Epoch },
    /// The row names no owner, under this epoch.
    LetGo { epoch: Epoch },
    /// The row names this owner and epoch, and that node's heartbeat row still has this count, or is still not there.
    Dead { epoch: Epoch, owner: NodeId, beats: Option<u64> },
}

/// A site's ownership row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// None when the site was let go.
    pub node: Option<NodeId>,
    /// Raised whenever the site is opened, and by nothing else.
    pub epoch: Epoch,
    /// Who may open a site first that was let go.
    pub successor: Option<NodeId>,
}

/// A node's heartbeat row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeRow {
    pub node: NodeId,
    /// Counted up with each heartbeat.
    pub beats: u64,
    pub started: StoreTime,
    /// Takes sockets and sites; not so while it drains.
    pub ready: bool,
}

/// What a heartbeat that got through has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// As the effect named it.
    pub sent: Instant,
    pub nodes: Vec<NodeRow>,
    pub changed: Vec<(SiteId, Owner)>,
}

/// The store did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreAway;

/// Why a site was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOpened {
    /// The claim no longer holds; the row says this.
    Lost(Option<Owner>),
    /// Whether it was opened is unknown, or it was not.
    Away,
}
