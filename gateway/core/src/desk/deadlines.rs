//! Deadlines: what falls due and when.
//!
//! A conversation and an agent have one deadline at most, which follows their state. The other entries are
//! reminders to look again, and looking once too often does no harm.

use crate::now::StoreTime;
use protocol::{AgentId, ConversationId};
use std::collections::{BTreeMap, BTreeSet};

/// What falls due.
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
    /// Read marks and pages that no other append took along are stored.
    Unsaved,
    /// Rows of lane none that were not used for long are forgotten.
    Outboxes,
}

impl Due {
    /// Whether the site's desk must be open for it even if nobody has a socket.
    fn wakes(self) -> bool {
        match self {
            Self::Conversation(_) | Self::Grace(_) => true,
            Self::Assign | Self::Places | Self::Unsaved | Self::Outboxes => false,
        }
    }
}

/// Deadlines and reminders in the order of their time.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    entries: BTreeSet<(StoreTime, Due)>,
    /// When that which has one deadline only falls due.
    set: BTreeMap<Due, StoreTime>,
}

impl Deadlines {
    /// Adds a reminder.
    pub fn remind(&mut self, at: StoreTime, due: Due) {
        self.entries.insert((at, due));
    }

    /// Sets the one deadline of something; an earlier one is forgotten.
    pub fn set(&mut self, at: StoreTime, due: Due) {
        self.cancel(due);
        self.set.insert(due, at);
        self.entries.insert((at, due));
    }

    pub fn cancel(&mut self, due: Due) {
        if let Some(at) = self.set.remove(&due) {
            self.entries.remove(&(at, due));
        }
    }

    pub fn first(&self) -> Option<StoreTime> {
        self.entries.first().map(|(at, _)| *at)
    }

    /// When the desk must be open again, should it be let go now.
    pub fn wakes_at(&self) -> Option<StoreTime> {
        self.entries.iter().find(|(_, due)| due.wakes()).map(|(at, _)| *at)
    }

    /// Takes the next that is due.
    pub fn pop(&mut self, now: StoreTime) -> Option<Due> {
        let (at, due) = *self.entries.first()?;
        if at > now {
            return None;
        }
        self.entries.pop_first();
        if self.set.get(&due) == Some(&at) {
            self.set.remove(&due);
        }
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONVERSATION: Due = Due::Conversation(ConversationId(uuid::Uuid::nil()));

    #[test]
    fn a_deadline_that_is_set_again_falls_due_once() {
        let mut deadlines = Deadlines::default();
        deadlines.set(StoreTime(5), CONVERSATION);
        deadlines.set(StoreTime(9), CONVERSATION);
        assert_eq!(deadlines.pop(StoreTime(8)), None);
        assert_eq!(deadlines.pop(StoreTime(9)), Some(CONVERSATION));
        assert_eq!(deadlines.first(), None);
    }

    #[test]
    fn reminders_do_not_wake_a_desk() {
        let mut deadlines = Deadlines::default();
        deadlines.remind(StoreTime(1), Due::Assign);
        assert_eq!(deadlines.wakes_at(), None);
        deadlines.set(StoreTime(9), CONVERSATION);
        assert_eq!(deadlines.wakes_at(), Some(StoreTime(9)));
        deadlines.cancel(CONVERSATION);
        assert_eq!(deadlines.wakes_at(), None);
    }
}
