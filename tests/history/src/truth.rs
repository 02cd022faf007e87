//! Truth: what the store holds, as far as somebody can tell.
//!
//! The simulator tells it exactly, with every row's time of commit. Where only processes were watched, the records are
//! put together from the final reads, and what cannot be known is absent; the checks that need it judge nothing then.

use crate::operation::{Nanos, Principal, SiteNumber};
use protocol::{AgentId, ConversationId, Number, Record, Status, TeamId, VisitorId};
use serde::{Deserialize, Serialize};

/// All rows, each kind in the order in which a site's store took them. What one append brought bears one time, its
/// commit; so a check knows what was decided together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    pub records: Vec<Stored>,
    pub conversations: Vec<ConversationRow>,
    pub agents: Vec<AgentRow>,
    pub desks: Vec<DeskRow>,
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    pub site: SiteNumber,
    pub conversation: ConversationId,
    /// In full numbering, with the command that made it, whoever that was.
    pub record: Record,
    /// Public number; absent where visitors cannot see the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<Number>,
    /// Whose command made it; absent for the gateway's own rules, or where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Principal>,
    /// The epoch of the desk that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<i64>,
    /// When it became durable.
    pub committed: Nanos,
}

/// A conversation as it stood from a time on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationRow {
    pub site: SiteNumber,
    pub from: Nanos,
    pub conversation: ConversationId,
    pub visitor: VisitorId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Lower is served first.
    pub priority: u8,
    pub arrival: u64,
    /// The agent the visitor chose or last spoke with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefers: Option<AgentId>,
    /// RFC 5646 tag of the language the visitor speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// An agent as they stood from a time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRow {
    pub site: SiteNumber,
    pub from: Nanos,
    pub agent: AgentId,
    pub enabled: bool,
    pub status: Status,
    pub accepting: bool,
    pub capacity: u32,
}

/// A site's desk as it stood from a time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskRow {
    pub site: SiteNumber,
    pub from: Nanos,
    pub epoch: i64,
    pub phase: Phase,
}

/// What a desk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It takes commands, but does not assign yet.
    Opening,
    Serving,
    /// Nobody serves the site.
    Gone,
}
