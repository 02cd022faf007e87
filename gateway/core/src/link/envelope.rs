//! Envelope: what nodes say to each other. The shell encodes it, signs it and hands it to a carrier.

use crate::effects::Delivery;
use crate::ids::{Epoch, NodeId, Principal, SiteId, Socket};
use crate::link::beat::Beat;
use crate::link::set::{Change, Set};
use crate::session::NotSubmitted;
use protocol::{AgentId, Command, CommandId, ConversationId, ReadUp, TypingUp};
use serde::{Deserialize, Serialize};

/// A way to peers, by its place in the order of preference: 0 is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Carrier(pub u8);

/// One thing that a carrier takes to a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub from: NodeId,
    pub content: Content,
}

/// What an envelope holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Letters to one peer, under a counter that runs from 1 for each ordered pair of nodes, over all carriers.
    /// An envelope that the shell drops leaves a hole in it, which is what tells the peer.
    Letters { counter: u64, letters: Vec<Letter> },
    /// Not counted, and never late: an older one says less.
    Beat(Box<Beat>),
    /// Told to all on the shared channel, and not counted: the store says it too.
    Notice(Notice),
}

/// What one node says to another about a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Letter {
    /// To the owner: something for its desk. Taken whatever epoch it names.
    Submit { site: SiteId, epoch: Option<Epoch>, mail: Mail },
    /// From the owner: words for sockets of the receiver.
    Deliver { site: SiteId, epoch: Epoch, deliveries: Vec<Delivery> },
    /// From the owner: this command settled nothing, and may be sent again.
    Refused { site: SiteId, socket: Socket, command: CommandId, lane: Option<ConversationId>, why: NotSubmitted },
    /// To the owner: all sockets of the sender that have joined the site. The answer to a roll call too.
    Set { site: SiteId, epoch: Epoch, set: Set },
    /// To the owner: what changed in that set.
    Change { site: SiteId, epoch: Epoch, change: Change },
    /// From an owner whose digest differs: which sets are there?
    AskVersions,
    /// The versions of the sets that the sender has told the receiver of.
    Versions(Vec<(SiteId, u64)>),
    /// From an owner: these sets whole, please.
    AskSets(Vec<SiteId>),
    /// From a node that was taken for the owner.
    NotOwner { site: SiteId },
}

/// What is said to a desk once. Commands among it are said again until they are answered; the rest may be lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mail {
    Command { socket: Socket, principal: Principal, command: Box<Command> },
    Typing { socket: Socket, typing: TypingUp },
    Read { socket: Socket, read: ReadUp },
    SignedOut { agent: AgentId },
}

/// Who owns a site, as told to all by whoever changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The sender has opened the site.
    Opened { site: SiteId, epoch: Epoch },
    /// The sender has let the site go; `successor` may open it first.
    LetGo { site: SiteId, epoch: Epoch, successor: Option<NodeId> },
}
