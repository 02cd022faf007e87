//! Durable commands: what changes a conversation or an agent, answered once it is stored.

use crate::body::Nothing;
use crate::ids::{AgentId, CommandId, ConversationId, MessageId, TeamId};
use crate::position::{Number, Tail};
use crate::record::CloseReason;
use crate::row::Status;
use serde::{Deserialize, Serialize};

/// A durable command. Its full id is (conversation, outbox, ordinal); a retry with the same id has no second effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Command {
    pub id: CommandId,
    /// The lane; absent for an agent's own status, accepting and capacity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    pub action: Action,
}

/// Where a conversation is transferred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Agent(AgentId),
    Team(TeamId),
}

/// What a command does. Visitors: open, say, close, reopen, rate, edit, delete. Agents: all but open and rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Visitors: opens the conversation; always ordinal 1 of its lane. It may carry the first body.
    Open(Box<Open>),
    /// Writes to the conversation.
    Say(Say),
    /// Agents: writes where visitors cannot see it.
    Note(Say),
    /// Agents: accepts the offer.
    Accept(Nothing),
    /// Agents: declines the offer.
    Decline(Nothing),
    /// Agents: takes it, from the line or from a colleague.
    Take(Take),
    /// Agents: hands it to an agent or to a team's line, with the whole transcript.
    Transfer(Transfer),
    /// Agents: puts it aside; it costs no capacity until it comes back.
    Park(Park),
    /// Closes it. A visitor's reason is always `visitor_left`.
    Close(Close),
    /// Opens a closed conversation again.
    Reopen(Nothing),
    /// Visitors: rates it. A later rating replaces an earlier one.
    Rate(Rate),
    /// Gives one of one's own messages a new body.
    Edit(Edit),
    /// Withdraws one of one's own messages.
    Delete(Delete),
    /// Agents, no lane: online, away or offline.
    Status(SetStatus),
    /// Agents, no lane: whether new conversations may come.
    Accepting(SetAccepting),
    /// Agents, no lane: how many conversations at once.
    Capacity(SetCapacity),
    /// A kind of a newer client; answered `no: unknown_type`.
    #[serde(skip)]
    Unknown(String),
}

/// `open`: what the visitor tells before the first answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Open {
    /// The team whose line it joins; the site's first team where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// The agent the visitor asks for; preferred for a short time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// RFC 5646 tag of the language the visitor speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Leaves a message instead of waiting in line.
    #[serde(default)]
    pub offline: bool,
}

/// `say` and `note`: the text, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Say {
    pub body: String,
}

/// `take`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Take {
    /// The assignee the agent believes in; absent for the line. Another one makes it `stale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<AgentId>,
}

/// `transfer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Transfer {
    pub to: Target,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `park`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Park {
    /// It comes back by itself after this long; else when the visitor writes or an agent takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
}

/// `close`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Close {
    pub reason: CloseReason,
}

/// `rate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rate {
    /// From 1 to 5.
    pub score: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `edit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Edit {
    pub message: MessageId,
    pub body: String,
}

/// `delete`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delete {
    pub message: MessageId,
}

/// `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetStatus {
    pub status: Status,
}

/// `accepting`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetAccepting {
    pub accepting: bool,
}

/// `capacity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SetCapacity {
    /// From 0 to 100.
    pub capacity: u32,
}

/// `ok`: the command is durable.
///
/// For `say` and `note`, on the socket that sent it, `ok` stands in place of the event:
/// it carries the position and the tail before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    pub command: CommandId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// Store time of the commit, Unix milliseconds.
    pub at: u64,
    /// The record the command made, where it made one the sender can see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
}

/// The record that a command made, in the sender's own numbering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Made {
    pub message: MessageId,
    pub number: Number,
    pub tail: Tail,
    /// The tail of the record before it.
    pub before: Tail,
}
