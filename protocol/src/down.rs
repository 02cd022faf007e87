//! Frames from the gateway to a client.

use crate::body::Nothing;
use crate::command::Outcome;
use crate::ids::{AgentId, ConversationId, TeamId, VisitorId};
use crate::position::{Head, Number, Tail};
use crate::record::{Record, Stream};
use crate::refusal::Refusal;
use crate::row::{AgentRow, Row, Status};
use crate::up::View;
use serde::{Deserialize, Serialize};

/// A frame to a visitor or an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Down {
    /// The answer to `hello`.
    Ready(Box<Ready>),
    /// Answer with `pong` on receipt.
    Ping(Nothing),
    /// A command is durable.
    Ok(Outcome),
    /// A command or a frame was refused.
    No(Box<Refusal>),
    /// A record was added to a followed conversation.
    Event(Box<Event>),
    /// Where conversations stand: after `hello`, `follow`, and whenever events may have been lost.
    Heads(Heads),
    /// A page of records, the answer to `fetch`.
    Records(Records),
    /// Somebody types; shown for 6 s.
    Typing(Typing),
    /// Somebody has read up to a number, in the reader's numbering.
    Read(Read),
    /// Visitors: the place in the line and the wait.
    Place(Place),
    /// Visitors: whether agents are available.
    Availability(Availability),
    /// Agents: all rows of a watched list.
    Rows(Rows),
    /// Agents: one row of a watched list changed.
    Change(Box<Change>),
    /// Agents: colleagues, replaced as a whole.
    Roster(Roster),
    /// Agents: their own state, after each change.
    Agent(AgentState),
    /// A kind of a newer gateway, passed over.
    #[serde(skip)]
    Unknown(String),
}

/// `ready`: the socket is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ready {
    pub protocol: u16,
    /// The site's name, as visitors see it.
    pub site: String,
    /// Visitors: what the site says to them before they say anything; absent: the client's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    pub limits: Limits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor: Option<VisitorSelf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Box<AgentState>>,
    /// Where the followed conversations stand; one that is missing cannot be followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<Head>,
}

/// What the gateway will take from this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Limits {
    /// Longest body in UTF-8 bytes.
    pub body_bytes_max: u32,
    /// Longest frame in bytes.
    pub frame_bytes_max: u32,
    /// Longest silence before the client should resume.
    pub silence_ms_max: u32,
}

/// The visitor as the gateway knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VisitorSelf {
    pub id: VisitorId,
    /// A new token to keep in place of the old one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// `event`: a record, and the tail of the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    pub conversation: ConversationId,
    /// The tail of the record before this one, in the reader's numbering; 0 before the first.
    pub before: Tail,
    pub record: Record,
}

/// `heads`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Heads {
    pub heads: Vec<Head>,
}

/// `records`: a page in order, and the head when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Records {
    pub head: Head,
    /// The position named by `fetch` is not of this history: forget it and start from the beginning.
    #[serde(default)]
    pub resync: bool,
    pub records: Vec<Record>,
}

/// Whose doing an ephemeral frame tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The visitor of this conversation.
    Visitor,
    /// An agent, by the name visitors are shown.
    Agent { id: AgentId, name: String },
}

/// `typing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Typing {
    pub conversation: ConversationId,
    pub stream: Stream,
    pub who: Party,
}

/// `read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Read {
    pub conversation: ConversationId,
    pub who: Party,
    pub number: Number,
}

/// `place`: 1 is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    pub conversation: ConversationId,
    pub place: u32,
    /// The wait from now; absent when it cannot be told honestly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
}

/// A range that holds the true wait in at least 9 of 10 cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Wait {
    pub low_s: u32,
    pub high_s: u32,
}

/// `availability`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Availability {
    /// Whether an agent is online and accepting; else a message can be left.
    pub online: bool,
    /// How many wait in line.
    pub waiting: u32,
}

/// `rows`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rows {
    pub view: View,
    /// Counts the changes of this view.
    pub revision: u64,
    pub rows: Vec<Row>,
}

/// `change`: the row now belongs to the view, or no longer does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    pub view: View,
    /// The revision before this change; another one than the client holds is a gap: watch again.
    pub before: u64,
    pub revision: u64,
    pub conversation: ConversationId,
    /// Absent when the conversation left the view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<Row>,
}

/// `roster`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Roster {
    pub agents: Vec<AgentRow>,
    pub teams: Vec<TeamName>,
}

/// A team and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TeamName {
    pub id: TeamId,
    pub name: String,
}

/// `agent`: the agent's own state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentState {
    pub id: AgentId,
    pub name: String,
    pub status: Status,
    pub accepting: bool,
    pub capacity: u32,
    pub load: u32,
    /// The gateway stopped new conversations because an offer lapsed.
    #[serde(default)]
    pub lapsed: bool,
}
