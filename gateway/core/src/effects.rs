//! What a desk asks the shell to do: store a batch, then let its words out.

use crate::desk::input::Input;
use crate::ids::{AgentSocket, Epoch, SiteId, Socket, VisitorSocket};
use crate::limits::LEASE_MS;
use crate::now::Instant;
use crate::stored::Durable;
use protocol::{AgentState, CloseCode, Code, ConversationId, Down, Head};
use serde::{Deserialize, Serialize};

/// A frame that a visitor may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Public(pub(crate) Down);

/// A frame for agents only: full numbers, notes, colleagues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Full(pub(crate) Down);

impl Public {
    #[must_use]
    pub fn frame(&self) -> &Down {
        &self.0
    }
}

impl Full {
    #[must_use]
    pub fn frame(&self) -> &Down {
        &self.0
    }
}

/// Words on their way to sockets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// One frame for any number of visitors' sockets.
    Visitors { to: Vec<VisitorSocket>, frame: Public },
    /// One frame for any number of agents' sockets.
    Agents { to: Vec<AgentSocket>, frame: Full },
    /// The socket has joined the desk, and stands so.
    Joined { to: Socket, heads: Vec<Head>, agent: Option<Box<AgentState>> },
    /// The socket now follows these conversations too.
    Heads { to: Socket, heads: Vec<Head> },
    /// The socket asked to follow these, and does not.
    NotFollowed { to: Socket, conversations: Vec<ConversationId>, why: Code },
    /// The socket no longer follows a conversation.
    Unfollowed { to: Socket, conversation: ConversationId },
    /// The socket must end.
    Close { to: Socket, code: CloseCode },
}

/// Holds back a batch's words until the batch is durable.
#[derive(Debug)]
#[must_use]
pub struct Gate {
    pub(crate) site: SiteId,
    pub(crate) epoch: Epoch,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) carried: Vec<Input>,
    pub(crate) writes: bool,
}

/// Proof that a batch without records may pass: the node still holds its lease on the store.
#[derive(Debug)]
pub struct Lease(());

impl Lease {
    /// For stores that live in this process: nobody else can own the site.
    #[must_use]
    pub fn unshared() -> Self {
        Self(())
    }

    /// For stores that nodes share: none once the last confirmed heartbeat was sent a whole lease ago.
    ///
    /// Both instants are of the boot-time clock, which goes on while the machine sleeps; `sent` is when that
    /// heartbeat was sent, not when it was answered.
    #[must_use]
    pub fn confirmed(sent: Instant, now: Instant) -> Option<Self> {
        (now.since_ms(sent) < LEASE_MS).then_some(Self(()))
    }
}

impl Gate {
    /// Lets the words of a stored batch out.
    ///
    /// # Panics
    /// When the receipt is another desk's.
    #[must_use]
    pub fn open(self, receipt: &Durable) -> Vec<Delivery> {
        assert!((receipt.site, receipt.epoch) == (self.site, self.epoch), "the receipt is another desk's");
        self.deliveries
    }

    /// The batch was not stored, as far as is known: gives the commands in it that came with earlier batches and had
    /// waited for the store.
    #[must_use]
    pub fn give_up(self) -> Vec<Input> {
        self.carried
    }

    /// Lets the words of a batch out that had nothing to store.
    ///
    /// # Panics
    /// When the batch had something to store.
    #[must_use]
    pub fn open_unwritten(self, _lease: &Lease) -> Vec<Delivery> {
        assert!(!self.writes, "a batch with records needs its receipt");
        self.deliveries
    }
}
