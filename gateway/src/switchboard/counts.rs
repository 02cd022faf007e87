//! What an operator is told of the switchboard's work.

use gateway_core::desk::redo::Loss;
use gateway_core::ids::Socket;
use gateway_core::stored::Append;
use protocol::{Author, RecordKind};
use std::time::Duration;

/// Takes the figures as they come about.
pub trait Counts: Send + Sync {
    /// A batch was stored.
    fn appended(&self, stored: Stored, took: Duration);
    /// A desk was opened, without so many conversations that this version does not understand.
    fn desk_opened(&self, set_aside: usize);
    /// A desk is no longer open, for whatever reason.
    fn desk_closed(&self);
    /// A desk was lost: an append gave no receipt, or it panicked.
    fn desk_lost(&self, loss: Loss);
    /// So many more inputs of sockets of this kind wait for desks; fewer when negative.
    fn queued(&self, socket: SocketKind, change: i64);
    /// A heartbeat got through, or did not.
    fn heartbeat(&self, got_through: bool);
    /// What came over a carrier was not said by a node of this deployment, or not understood.
    fn packet_refused(&self);
    /// How this node stands to its peers, once a second.
    fn peers(&self, peers: &PeerFigures);
}

/// What one append held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    pub records: usize,
    pub visitors_messages: u64,
    pub agents_messages: u64,
}

impl Stored {
    pub fn of(append: &Append) -> Self {
        let mut stored = Self { records: append.records.len(), ..Self::default() };
        for row in &append.records {
            if let RecordKind::Said(said) = &row.what {
                match said.by {
                    Author::Visitor => stored.visitors_messages += 1,
                    Author::Agent { .. } => stored.agents_messages += 1,
                    Author::System => {}
                }
            }
        }
        stored
    }
}

/// Whose socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketKind {
    Visitor,
    Agent,
}

impl SocketKind {
    pub fn of(socket: Socket) -> Self {
        match socket {
            Socket::Visitor(_) => Self::Visitor,
            Socket::Agent(_) => Self::Agent,
        }
    }
}

/// How a node stands to its peers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerFigures {
    /// The best first.
    pub carriers: Vec<CarrierFigures>,
    /// Holes found so far in what peers sent.
    pub holes: u64,
    /// What waits for the link: inputs of sockets, words of desks, packets.
    pub waiting: [usize; 3],
}

/// One way to peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarrierFigures {
    pub name: &'static str,
    /// Peers that are reached over it now.
    pub peers: usize,
    /// Packets handed to it, heard on it, and dropped by it before sending, so far.
    pub sent: u64,
    pub heard: u64,
    pub dropped: u64,
}

/// Counts nothing; for tests of other things.
pub struct NoCounts;

impl Counts for NoCounts {
    fn appended(&self, _: Stored, _: Duration) {}
    fn desk_opened(&self, _: usize) {}
    fn desk_closed(&self) {}
    fn desk_lost(&self, _: Loss) {}
    fn queued(&self, _: SocketKind, _: i64) {}
    fn heartbeat(&self, _: bool) {}
    fn packet_refused(&self) {}
    fn peers(&self, _: &PeerFigures) {}
}
