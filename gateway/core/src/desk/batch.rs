//! Batch: what the commands handled since the last commit want stored and said.

use crate::desk::input::Input;
use crate::effects::{Delivery, Full, Public};
use crate::ids::Socket;
use crate::now::StoreTime;
use crate::stored::{StoredOutbox, StoredRecord};
use protocol::{AgentId, ConversationId, Down, MessageId, OutboxId};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub records: Vec<StoredRecord>,
    /// Conversations whose row must be stored.
    pub conversations: BTreeSet<ConversationId>,
    /// Conversations whose row in the lists may have changed.
    pub listed: BTreeSet<ConversationId>,
    /// Conversations that somebody may have turned away from: a closed one may be forgotten.
    pub left: BTreeSet<ConversationId>,
    pub outboxes: BTreeMap<(Option<ConversationId>, OutboxId), StoredOutbox>,
    /// Rows of lane none that were last used before this are forgotten.
    pub unused_since: Option<StoreTime>,
    /// Agents whose row must be stored.
    pub agents: BTreeSet<AgentId>,
    /// Agents whose state colleagues and they themselves must be shown.
    pub shown: BTreeSet<AgentId>,
    pub withdrawn: Vec<(ConversationId, MessageId)>,
    pub deliveries: Vec<Delivery>,
    /// Commands of earlier batches that were handled with this one, for they had waited for the store.
    pub carried: Vec<Input>,
}

impl Batch {
    pub fn stores_nothing(&self) -> bool {
        self.records.is_empty()
            && self.conversations.is_empty()
            && self.outboxes.is_empty()
            && self.unused_since.is_none()
            && self.agents.is_empty()
            && self.withdrawn.is_empty()
    }

    pub fn is_empty(&self) -> bool {
        self.stores_nothing()
            && self.listed.is_empty()
            && self.left.is_empty()
            && self.shown.is_empty()
            && self.deliveries.is_empty()
    }

    /// The conversation's row is stored, and shown in the lists.
    pub fn touch(&mut self, conversation: ConversationId) {
        self.conversations.insert(conversation);
        self.listed.insert(conversation);
    }

    /// The agent's row is stored, and shown.
    pub fn touch_agent(&mut self, agent: AgentId) {
        self.agents.insert(agent);
        self.shown.insert(agent);
    }

    pub fn outbox(&mut self, row: StoredOutbox) {
        self.outboxes.insert((row.lane, row.outbox), row);
    }

    /// Says something to one socket that may be said to either kind: answers, never records.
    pub fn tell(&mut self, socket: Socket, frame: Down) {
        self.deliveries.push(match socket {
            Socket::Visitor(socket) => Delivery::Visitors { to: vec![socket], frame: Public(frame) },
            Socket::Agent(socket) => Delivery::Agents { to: vec![socket], frame: Full(frame) },
        });
    }
}
