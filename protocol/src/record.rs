//! Records: the stored facts of a conversation, as they go down the wire.

use crate::body::Body;
use crate::command::Target;
use crate::ids::{AgentId, CommandId, MessageId, TeamId};
use crate::position::{Number, Tail};
use serde::{Deserialize, Serialize};

/// One fact of a conversation, in the numbering of whoever reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Record {
    pub number: Number,
    pub tail: Tail,
    pub id: MessageId,
    /// Display time, Unix milliseconds.
    pub at: u64,
    /// The command that made this record; told to its author only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandId>,
    pub what: RecordKind,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The visitor of this conversation.
    Visitor,
    /// An agent, by the name visitors are shown.
    Agent { id: AgentId, name: String },
    /// The gateway's own rules.
    System,
}

/// Which stream of a conversation: visitors cannot see `note`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    Public,
    Note,
}

/// Why an assignment or a return to the line came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The visitor opened the conversation.
    Opened,
    /// The visitor wrote to a closed conversation, or someone reopened it.
    Reopened,
    /// The line's turn.
    Routed,
    /// An agent accepted an offer.
    Accepted,
    /// An agent took it from the line or from a colleague.
    Taken,
    /// Somebody transferred it.
    Transferred,
    /// The agent did not answer within the team's first-reply time.
    Unanswered,
    /// The agent was away for longer than the grace.
    AgentLost,
    /// A parked conversation came back.
    Woken,
    /// An agent gave it back to the line.
    Returned,
    /// A cause of a newer peer.
    #[serde(other)]
    Unknown,
}

/// Why a conversation was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The visitor was helped.
    Solved,
    /// The visitor could not be helped.
    NotSolved,
    /// The visitor stopped answering.
    NoAnswer,
    /// The visitor left the line or ended the chat.
    VisitorLeft,
    /// The conversation is spam or abuse.
    Spam,
    /// A reason of a newer peer.
    #[serde(other)]
    Unknown,
}

/// What a record says. Kinds marked "agents only" have no public number and never reach a visitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// The visitor opened the conversation, or left a message while nobody was there.
    Opened(Opened),
    /// It joined, or went back to, the line of a team.
    Waiting(Waiting),
    /// Agents only: it was offered to an agent.
    Offered(ByAgent),
    /// Agents only: the agent declined the offer.
    Declined(ByAgent),
    /// Agents only: the offer lapsed.
    Lapsed(ByAgent),
    /// An agent serves it from now on.
    Assigned(Assigned),
    /// Somebody wrote.
    Said(Said),
    /// Agents only: a note.
    Noted(Said),
    /// Agents only: it was transferred, with a word to the next one.
    Transferred(Transferred),
    /// Agents only: it was put aside and costs no capacity.
    Parked(Parked),
    /// It was closed.
    Closed(Closed),
    /// It was reopened.
    Reopened(Reopened),
    /// The visitor rated the conversation.
    Rated(Rated),
    /// A message has a new body.
    Edited(Edited),
    /// A message was withdrawn; its body is gone.
    Deleted(Deleted),
    /// A kind of a newer peer, passed over.
    #[serde(skip)]
    Unknown(String),
}

impl RecordKind {
    /// What somebody said, to all or among agents; none where the record is no message.
    #[must_use]
    pub const fn message(&self) -> Option<&Said> {
        match self {
            Self::Said(said) | Self::Noted(said) => Some(said),
            Self::Opened(_)
            | Self::Waiting(_)
            | Self::Offered(_)
            | Self::Declined(_)
            | Self::Lapsed(_)
            | Self::Assigned(_)
            | Self::Transferred(_)
            | Self::Parked(_)
            | Self::Closed(_)
            | Self::Reopened(_)
            | Self::Rated(_)
            | Self::Edited(_)
            | Self::Deleted(_)
            | Self::Unknown(_) => None,
        }
    }
}

/// `opened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Opened {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Whether it is a message left while nobody was there.
    #[serde(default)]
    pub offline: bool,
}

/// `waiting`: no agent serves it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Waiting {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    pub cause: Cause,
}

/// The agent that an offer went to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ByAgent {
    pub agent: AgentId,
}

/// `assigned`: this agent serves it, whoever did before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Assigned {
    pub agent: AgentId,
    /// The name visitors are shown.
    pub name: String,
    pub cause: Cause,
}

/// `said` and `noted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Said {
    pub by: Author,
    pub body: Body,
}

/// `transferred`; `waiting` or `assigned` follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Transferred {
    pub by: Author,
    pub to: Target,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `parked`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Parked {
    pub by: Author,
    /// It comes back by itself after this long; else when the visitor writes or an agent takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
}

/// `closed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Closed {
    pub by: Author,
    pub reason: CloseReason,
}

/// `reopened`; `waiting` or `assigned` follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reopened {
    pub by: Author,
}

/// `rated`: the latest one counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rated {
    /// From 1 to 5.
    pub score: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `edited`: the new body of an earlier record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Edited {
    pub message: MessageId,
    pub by: Author,
    pub body: Body,
}

/// `deleted`: that record keeps its number and loses its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deleted {
    pub message: MessageId,
    pub by: Author,
}
