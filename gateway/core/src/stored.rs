//! What the desk asks the store to keep, and what it gets back when it opens: rows a person can read.

use crate::ids::{Epoch, Principal, SiteId};
use crate::limits::SERVICE_SAMPLES_MAX;
use crate::now::StoreTime;
use crate::settings::Settings;
use protocol::{
    AgentId, Body, CloseReason, CommandId, ConversationId, Made, MessageId, Number, OutboxId, Position, RecordKind,
    Refusal, Status, Tail, TeamId, VisitorId,
};
use serde::{Deserialize, Serialize};

/// A record as it is stored, with both numberings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    pub conversation: ConversationId,
    /// Full number, dense from 1.
    pub number: Number,
    /// Public number, dense from 1; absent where visitors cannot see the record.
    pub public: Option<Number>,
    pub id: MessageId,
    /// Display time, Unix milliseconds.
    pub at: u64,
    /// Whose command made it; absent for the gateway's own rules.
    pub author: Option<Principal>,
    pub command: Option<CommandId>,
    pub what: RecordKind,
}

impl StoredRecord {
    /// The record's tail: 32 bits of its random id.
    #[must_use]
    pub fn tail(&self) -> Tail {
        crate::chance::tail_of(self.id.0)
    }

    /// Takes out what was written, where the record is this message or an edit of it.
    pub fn withdraw(&mut self, message: MessageId) {
        if let RecordKind::Said(said) | RecordKind::Noted(said) = &mut self.what
            && self.id == message
        {
            said.body = Body::default();
        }
        if let RecordKind::Edited(edited) = &mut self.what
            && edited.message == message
        {
            edited.body = Body::default();
        }
    }
}

/// A deadline that survives its desk: where it started, and how long it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDeadline {
    pub start: StoreTime,
    pub length_ms: u64,
}

impl StoredDeadline {
    /// When it falls due.
    #[must_use]
    pub fn end(self) -> StoreTime {
        self.start.plus_ms(self.length_ms)
    }
}

/// An agent who declined a conversation or let it lapse, and for how long they are not asked for it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDecline {
    pub agent: AgentId,
    pub kept: StoredDeadline,
}

/// Where a stored conversation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredState {
    Waiting,
    Offered {
        agent: AgentId,
        lapses: StoredDeadline,
    },
    /// `first_reply` runs until the agent's first word, where the team sets such a time.
    Assigned {
        agent: AgentId,
        first_reply: Option<StoredDeadline>,
    },
    Parked {
        agent: AgentId,
        wakes: Option<StoredDeadline>,
    },
    Closed {
        reason: CloseReason,
        at: StoreTime,
    },
    Offline,
    /// A state of a newer version: the conversation is set aside.
    Unknown(String),
}

impl StoredState {
    /// Whether a desk holds such a conversation from the moment it opens.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Closed { .. })
    }
}

/// A conversation as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredConversation {
    pub id: ConversationId,
    pub visitor: VisitorId,
    pub state: StoredState,
    pub team: Option<TeamId>,
    /// Lower is served first.
    pub priority: u8,
    pub arrival: u64,
    /// The agent the visitor chose or last spoke with.
    pub preferred: Option<AgentId>,
    /// Each agent once; those whose time is over may be among them.
    pub declines: Vec<StoredDecline>,
    pub head: Position,
    pub public_head: Position,
    /// Unix milliseconds, for display.
    pub opened_at: u64,
    /// When it came into its state, for display.
    pub since: u64,
    pub last_at: u64,
    /// When it last joined the line; waits are measured from here.
    pub waiting_since: StoreTime,
    pub preview: Option<String>,
    pub score: Option<u8>,
    /// Since when its agent serves it, or did until it was closed.
    pub served_since: Option<StoreTime>,
    /// Full number up to which agents have read.
    pub read_by_agents: Number,
    /// Full number up to which the visitor has read.
    pub read_by_visitor: Number,
    pub card: StoredCard,
}

impl StoredConversation {
    /// How long it was served, once it is closed.
    #[must_use]
    pub fn service_ms(&self) -> Option<u64> {
        let StoredState::Closed { at, .. } = self.state else { return None };
        self.served_since.map(|since| at.since_ms(since))
    }
}

/// What the visitor said of themselves, and where they were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredCard {
    pub name: Option<String>,
    pub email: Option<String>,
    pub url: Option<String>,
    pub title: Option<String>,
    pub language: Option<String>,
    pub browser: Option<String>,
}

/// What the last command of an outbox was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Store time of the commit for display, and the record it made.
    Ok {
        at: u64,
        made: Option<Made>,
    },
    No(Box<Refusal>),
}

/// The last command of one (lane, outbox).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOutbox {
    /// The conversation, or none for an agent's own state.
    pub lane: Option<ConversationId>,
    pub outbox: OutboxId,
    pub ordinal: u32,
    /// Hash of the command's content.
    pub content: u64,
    pub answer: Answer,
    /// When the command was answered first.
    pub used_at: StoreTime,
}

/// The part of an agent that the desk decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredAgent {
    pub id: AgentId,
    pub status: Status,
    pub accepting: bool,
    pub capacity: u32,
    /// The gateway stopped new conversations because an offer lapsed.
    pub lapsed: bool,
    /// When the last socket was lost, while the agent was online.
    pub lost_at: Option<StoreTime>,
    /// When a conversation was last assigned; orders agents of equal load.
    pub last_assigned: StoreTime,
}

/// All that one batch of a desk changes, stored in one transaction or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    pub site: SiteId,
    /// The store refuses the whole batch when the site's epoch is another.
    pub epoch: Epoch,
    pub records: Vec<StoredRecord>,
    /// Conversations as they stand after the batch; a row of the same id is replaced.
    pub conversations: Vec<StoredConversation>,
    /// Rows of the same (lane, outbox) are replaced.
    pub outboxes: Vec<StoredOutbox>,
    /// Rows of lane none that were last used before this are deleted.
    pub unused_since: Option<StoreTime>,
    pub agents: Vec<StoredAgent>,
    /// Messages whose body is taken out of the store.
    pub withdrawn: Vec<(ConversationId, MessageId)>,
    /// The next arrival number of the site.
    pub next_arrival: u64,
    /// When the desk must be open again, for a deadline that falls due.
    pub wakes_at: Option<StoreTime>,
}

impl Append {
    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
            && self.conversations.is_empty()
            && self.outboxes.is_empty()
            && self.unused_since.is_none()
            && self.agents.is_empty()
            && self.withdrawn.is_empty()
    }

    /// Called by a store once the batch survives a crash: the receipt that opens the batch's gate.
    #[must_use]
    pub fn stored(&self) -> Durable {
        Durable { site: self.site, epoch: self.epoch }
    }
}

/// The receipt of a durable append.
#[derive(Debug)]
pub struct Durable {
    pub(crate) site: SiteId,
    pub(crate) epoch: Epoch,
}

/// What a store hands to a desk that opens.
#[derive(Clone, Debug)]
pub struct Opening {
    pub site: SiteId,
    /// The new epoch; every earlier desk of the site is fenced.
    pub epoch: Epoch,
    pub now: StoreTime,
    pub settings: Settings,
    pub next_arrival: u64,
    pub agents: Vec<StoredAgent>,
    /// Every conversation that is not closed.
    pub conversations: Vec<Loaded>,
    /// Rows of lane none.
    pub outboxes: Vec<StoredOutbox>,
    /// How long the conversations that were closed last had been served, at most `SERVICE_SAMPLES_MAX`, the latest last.
    pub service_ms: Vec<u64>,
}

impl Opening {
    /// What `service_ms` is, for a store that has all its conversations at hand.
    #[must_use]
    pub fn service_ms_of<'a>(rows: impl Iterator<Item = &'a StoredConversation>) -> Vec<u64> {
        let served = |row: &StoredConversation| row.service_ms().map(|ms| (row.since, row.id, ms));
        let mut times: Vec<_> = rows.filter_map(served).collect();
        times.sort_unstable();
        let surplus = times.len().saturating_sub(SERVICE_SAMPLES_MAX);
        times.into_iter().skip(surplus).map(|(_, _, ms)| ms).collect()
    }
}

/// One conversation with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub conversation: StoredConversation,
    /// Full numbers of the records that visitors cannot see, ascending.
    pub hidden: Vec<Number>,
    pub outboxes: Vec<StoredOutbox>,
}

/// What the store has under a conversation's id.
#[derive(Clone, Debug)]
pub enum Found {
    Conversation(Box<Loaded>),
    /// No such conversation; commands of its lane may have been refused.
    Nothing(Vec<StoredOutbox>),
}
