//! Rows of the console's lists, and what an agent sees of colleagues and visitors.

use crate::ids::{AgentId, ConversationId, TeamId, VisitorId};
use crate::position::Number;
use crate::record::CloseReason;
use serde::{Deserialize, Serialize};

/// An agent's chosen status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// At work; new conversations come while the agent accepts them.
    Online,
    /// Back soon; no new conversations.
    Away,
    /// Not at work.
    Offline,
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// In a team's line.
    Waiting,
    /// On offer to an agent, who has not answered yet.
    Offered { agent: AgentId },
    /// Served by an agent.
    Assigned { agent: AgentId },
    /// Put aside by an agent.
    Parked { agent: AgentId },
    /// Over, until somebody reopens it.
    Closed { reason: CloseReason },
    /// A message left while nobody was there; an agent takes it.
    Offline,
}

/// What an agent is shown of a visitor. All of it is the visitor's own word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VisitorCard {
    pub id: VisitorId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The page the visitor was last on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// Whether the visitor has the conversation open now.
    pub present: bool,
}

/// One conversation in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Row {
    pub conversation: ConversationId,
    pub state: RowState,
    pub visitor: VisitorCard,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Lower is served first.
    pub priority: u8,
    /// Order of arrival within the site; kept through returns to the line.
    pub arrival: u64,
    /// Unix milliseconds.
    pub opened_at: u64,
    /// When it came into its present state, Unix milliseconds.
    pub since: u64,
    /// Full number of the last record.
    pub head: Number,
    /// Full number up to which an agent has read.
    pub read: Number,
    /// Unix milliseconds of the last record.
    pub last_at: u64,
    /// The beginning of the last message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
}

/// An agent as colleagues see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentRow {
    pub id: AgentId,
    pub name: String,
    pub status: Status,
    pub accepting: bool,
    /// Whether the agent has a live socket.
    pub connected: bool,
    pub capacity: u32,
    pub load: u32,
    pub teams: Vec<TeamId>,
}
