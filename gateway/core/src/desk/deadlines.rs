//! Deadlines: what falls due and when.
//!
//! An entry is a reminder, not a fact: when it fires, the rule looks at the state it is about and ignores it if
//! that has moved on. So nothing needs to be cancelled.

use crate::now::StoreTime;
use protocol::{AgentId, ConversationId};
use std::collections::BTreeSet;

/// What a reminder is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// An offer, a first reply, a parked chat's return or an absent visitor's place.
    Conversation(ConversationId),
    /// A dropped agent's grace.
    Grace(AgentId),
    /// Somebody may have become eligible: a decline was forgotten, a wait relaxed, a visitor counts as absent.
    Assign,
    /// Places behind the first ten are told.
    Places,
}

/// Reminders in the order of their time.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    entries: BTreeSet<(StoreTime, Due)>,
}

impl Deadlines {
    pub fn remind(&mut self, at: StoreTime, due: Due) {
        self.entries.insert((at, due));
    }

    pub fn first(&self) -> Option<StoreTime> {
        self.entries.first().map(|(at, _)| *at)
    }

    /// Takes the next reminder that is due.
    pub fn pop(&mut self, now: StoreTime) -> Option<Due> {
        let (at, _) = self.entries.first()?;
        if *at > now {
            return None;
        }
        self.entries.pop_first().map(|(_, due)| due)
    }
}
