//! Frames from a client to the gateway.

use crate::body::Nothing;
use crate::command::Command;
use crate::ids::{ConversationId, SessionId};
use crate::position::{Number, Position};
use crate::record::Stream;
use serde::{Deserialize, Serialize};

/// A frame from a visitor or an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Up {
    /// The first frame of every socket, within 5 s.
    Hello(Box<Hello>),
    /// The answer to `ping`, on receipt.
    Pong(Nothing),
    /// A durable command.
    Command(Box<Command>),
    /// Asks for records that the reader lacks; one page in flight.
    Fetch(Fetch),
    /// Follows conversations: agents, any they may read; visitors, their own.
    Follow(Follow),
    /// Stops following.
    Unfollow(Unfollow),
    /// Says that the sender types; at most every 2 s.
    Typing(TypingUp),
    /// The highest number the sender has read, in the sender's numbering.
    Read(ReadUp),
    /// Visitors: the page they are on.
    Page(Page),
    /// Visitors: asks whether agents are available; answered by `availability`, again when it changes.
    Availability(Nothing),
    /// Agents: asks for a list and its changes.
    Watch(Watch),
    /// Agents: ends a watch.
    Unwatch(Watch),
    /// A kind of a newer client; answered `no: unknown_type`.
    #[serde(skip)]
    Unknown(String),
}

/// `hello`: who is there, and where they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hello {
    /// Version of the wire; 1.
    pub protocol: u16,
    /// Public key of the site.
    pub site: String,
    /// Visitors: the token of an earlier `ready`; absent on the first visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Agents: a single-use ticket from `POST /api/v1/ticket`, at most 30 s old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Made by the page, once a load.
    pub session: SessionId,
    /// Counted up by the client before each attempt to connect; a higher one supersedes.
    pub generation: u32,
    /// Conversations the client shows, at most 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<FollowFrom>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
}

/// A conversation and where the client stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FollowFrom {
    pub conversation: ConversationId,
    #[serde(default)]
    pub position: Position,
}

/// `fetch`: asks for the records after a position.
///
/// The answer is `records`; a position whose tail does not match, or that lies above the head, gets `resync`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fetch {
    pub conversation: ConversationId,
    #[serde(default)]
    pub after: Position,
    /// At most this many; 100 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// `follow`: the answer is `heads`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Follow {
    pub follows: Vec<FollowFrom>,
}

/// `unfollow`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unfollow {
    pub conversation: ConversationId,
}

/// `typing`: shown for 6 s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TypingUp {
    pub conversation: ConversationId,
    pub stream: Stream,
}

/// `read`: the highest number wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadUp {
    pub conversation: ConversationId,
    pub number: Number,
}

/// `page`: where the visitor is, and with what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// RFC 5646 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// A list of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Offered or assigned to the agent, or parked by them.
    Mine,
    /// Waiting, and messages left offline.
    Line,
    /// All that is not closed.
    All,
    /// Closed, the latest first.
    Closed,
    /// Colleagues, with status and load; answered by `roster`.
    Roster,
}

/// `watch` and `unwatch`: the answer to `watch` is `rows`, then a `change` for each change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Watch {
    pub view: View,
}
