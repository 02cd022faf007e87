//! Operation: one thing that one process did, saw or was told.

use protocol::{AgentId, Code, Command, ConversationId, Made, Record, VisitorId};
use serde::{Deserialize, Serialize};

/// Nanoseconds on the one clock of a history: simulated, or monotonic on one machine.
pub type Nanos = u64;

/// A site, as the history numbers it.
pub type SiteNumber = u32;

/// One thing that one process did, saw or was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// One page load of a visitor or an agent, or an observer. A reload is another process.
    pub process: u32,
    pub site: SiteNumber,
    pub call: Call,
    /// When it began; for a command, when it was first sent.
    pub invoked: Nanos,
    /// When its end was heard; absent where it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<Nanos>,
}

/// What was done or seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// A durable command and one answer to it. A command that was answered twice is two operations; one that was
    /// never answered is one, with [`Answer::Unknown`].
    Command {
        command: Command,
        /// How often it had been sent when this answer was heard.
        sends: u32,
        answer: Answer,
    },
    /// Records that the process now shows, in its own numbering: live or fetched, one or many, each time new ones.
    ///
    /// The `last` one is the final quiet read, from the beginning, by a process that showed nothing before.
    Read {
        conversation: ConversationId,
        audience: Audience,
        records: Vec<Record>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        last: bool,
    },
    /// An event did not follow what the process holds, so it fetched.
    Gap { conversation: ConversationId },
    /// The process was told that the history is another one, and shows nothing of it from here on.
    Resync { conversation: ConversationId },
    /// A socket was let in; what the process does from now on, it does as this principal.
    Connect { principal: Principal },
    /// The socket ended.
    Disconnect,
    /// Something was broken on purpose. It lasts until the heal of the same name, or is over at once without one.
    Fault {
        name: String,
        /// Whether it met anything that could suffer.
        took_effect: bool,
        /// The one site that felt it, from here on; absent: whoever was there may have.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        felt_by: Option<SiteNumber>,
    },
    /// What was broken works again.
    Heal { name: String },
    /// The store was put back to what it held at a time; what was acknowledged since is not owed any more.
    Restore { to: Nanos },
}

/// What a command was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is durable.
    Ok {
        /// Store time of the commit, Unix milliseconds.
        at: u64,
        /// The record it made, in the sender's numbering.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<Made>,
    },
    /// A final no. Those that may be retried settle nothing and are no answers.
    No { code: Code },
    /// None that settled it was ever heard.
    Unknown,
}

/// Whose numbering, and whose share of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Visitor,
    Agent,
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    Visitor(VisitorId),
    Agent(AgentId),
}
