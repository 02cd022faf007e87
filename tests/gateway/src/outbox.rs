//! The queue of durable commands of one client in one lane: at most one unanswered, the same at each try.

use crate::diary;
use crate::ids::outbox_id;
use history::Nanos;
use protocol::limits::RESEND_MS;
use protocol::{Action, Command, CommandId, ConversationId, OutboxId, Outcome, Refusal};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// A command that is settled for good.
#[derive(Clone, Debug)]
pub struct Settled {
    pub command: Command,
    pub answer: Result<Outcome, Refusal>,
    /// How often it was sent.
    pub sends: u32,
    /// When it was first sent, on the diaries' clock.
    pub first_sent: Nanos,
    /// Whether it had been stored before it was sent for the last time.
    pub is_repeat: bool,
}

/// One lane of one client.
#[derive(Debug)]
pub struct Lane {
    conversation: Option<ConversationId>,
    outbox: OutboxId,
    ordinal: u32,
    /// The command in front is the unanswered one.
    waiting: VecDeque<Action>,
    sends: u32,
    first_sent: Nanos,
    /// When the one in front is sent (again).
    due: Instant,
    /// Sent on this socket and not answered.
    pub is_in_flight: bool,
    /// The gateway and this outbox disagree; the transcript decides, once it is caught up.
    pub is_disputed: bool,
}

impl Lane {
    #[must_use]
    pub fn new(conversation: Option<ConversationId>) -> Self {
        Self {
            conversation,
            outbox: outbox_id(),
            ordinal: 1,
            waiting: VecDeque::new(),
            sends: 0,
            first_sent: 0,
            due: Instant::now(),
            is_in_flight: false,
            is_disputed: false,
        }
    }

    pub fn push(&mut self, action: Action) {
        if self.waiting.is_empty() {
            self.due = Instant::now();
        }
        self.waiting.push_back(action);
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The id of the command in front.
    #[must_use]
    pub fn id(&self) -> CommandId {
        CommandId { outbox: self.outbox, ordinal: self.ordinal }
    }

    /// How often the command in front was sent.
    #[must_use]
    pub fn sends(&self) -> u32 {
        self.sends
    }

    /// The command in front.
    #[must_use]
    pub fn front(&self) -> Option<Command> {
        let action = self.waiting.front()?.clone();
        Some(Command { id: self.id(), conversation: self.conversation, action })
    }

    /// When something must be sent.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        (!self.waiting.is_empty() && !self.is_disputed).then_some(self.due)
    }

    /// The command in front goes out now.
    pub fn sent(&mut self, now: Instant) {
        if self.sends == 0 {
            self.first_sent = diary::now();
        }
        self.sends += 1;
        self.is_in_flight = true;
        self.due = now + Duration::from_millis(RESEND_MS);
    }

    /// The command in front is sent again after a wait.
    pub fn again_after(&mut self, wait: Duration) {
        self.is_in_flight = false;
        self.due = Instant::now() + wait;
    }

    /// Takes the command in front off, and tells whether it used its ordinal up.
    pub fn settle(&mut self, answer: Result<Outcome, Refusal>, is_repeat: bool) -> Option<Settled> {
        let command = self.front()?;
        self.waiting.pop_front();
        let uses_ordinal = answer.as_ref().map_or_else(|refusal| refusal.code.uses_ordinal(), |_| true);
        self.ordinal += u32::from(uses_ordinal);
        let sends = std::mem::take(&mut self.sends);
        self.is_in_flight = false;
        self.due = Instant::now();
        Some(Settled { command, answer, sends, first_sent: self.first_sent, is_repeat })
    }

    /// What is not stored goes on under a new outbox.
    pub fn begin_anew(&mut self) {
        self.outbox = outbox_id();
        self.ordinal = 1;
        self.is_disputed = false;
        self.is_in_flight = false;
        self.due = Instant::now();
    }
}
