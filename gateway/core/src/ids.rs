//! Identifiers that stay inside a deployment.

use protocol::{AgentId, VisitorId};
use serde::{Deserialize, Serialize};

/// A site within this deployment. Every query names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SiteId(pub i64);

/// The fencing number of a site's desk, raised whenever it opens. Never sent to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(pub i64);

/// A process of this deployment, by 24 random bits. The store keeps two from being alike: whoever finds its row
/// taken draws again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(u32);

impl NodeId {
    /// Bits of a socket's number that count the sockets of one process: enough for 17 years at 2,000 a second.
    const COUNT_BITS: u32 = 40;

    /// The node that `random` names; only its lower 24 bits count.
    #[must_use]
    pub fn new(random: u32) -> Self {
        Self(random & (u32::MAX >> 8))
    }

    /// The 24 bits that name it.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The number of this node's `count`th socket, which no other node gives to a socket of its own.
    #[must_use]
    pub fn socket(self, count: u64) -> u64 {
        u64::from(self.0) << Self::COUNT_BITS | count & (u64::MAX >> (u64::BITS - Self::COUNT_BITS))
    }

    fn of_socket(number: u64) -> Self {
        Self((number >> Self::COUNT_BITS) as u32)
    }
}

/// A visitor's socket, by a number that names its node ([`NodeId::socket`]). It can be handed public frames only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VisitorSocket(pub u64);

/// An agent's socket, by a number that names its node ([`NodeId::socket`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AgentSocket(pub u64);

/// A socket of either kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Socket {
    Visitor(VisitorSocket),
    Agent(AgentSocket),
}

impl Socket {
    /// The node that holds the socket.
    #[must_use]
    pub fn node(self) -> NodeId {
        match self {
            Self::Visitor(socket) => socket.node(),
            Self::Agent(socket) => socket.node(),
        }
    }
}

impl VisitorSocket {
    /// The node that holds the socket.
    #[must_use]
    pub fn node(self) -> NodeId {
        NodeId::of_socket(self.0)
    }
}

impl AgentSocket {
    /// The node that holds the socket.
    #[must_use]
    pub fn node(self) -> NodeId {
        NodeId::of_socket(self.0)
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Principal {
    Visitor(VisitorId),
    Agent(AgentId),
}
