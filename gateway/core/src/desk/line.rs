//! Line: who waits, in the order they are served.

use protocol::{ConversationId, TeamId};
use std::collections::BTreeMap;

/// Order in a line: lower priority first, then the earlier arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    pub priority: u8,
    pub arrival: u64,
}

/// The waiting conversations of all teams.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// Arrival numbers are unique within a site, so a turn names one conversation.
    turns: BTreeMap<Turn, (TeamId, ConversationId)>,
    changed: bool,
}

impl Line {
    pub fn join(&mut self, turn: Turn, team: TeamId, conversation: ConversationId) {
        let before = self.turns.insert(turn, (team, conversation));
        assert!(before.is_none_or(|(_, other)| other == conversation), "two conversations with one arrival number");
        self.changed = true;
    }

    pub fn leave(&mut self, turn: Turn) {
        self.changed |= self.turns.remove(&turn).is_some();
    }

    /// The first turn after another one, over all teams.
    pub fn after(&self, turn: Option<Turn>) -> Option<(Turn, TeamId, ConversationId)> {
        use std::ops::Bound;
        let from = turn.map_or(Bound::Unbounded, Bound::Excluded);
        let (turn, (team, conversation)) = self.turns.range((from, Bound::Unbounded)).next()?;
        Some((*turn, *team, *conversation))
    }

    /// The conversations with their place in their own team's line, from 1.
    pub fn places(&self) -> impl Iterator<Item = (ConversationId, TeamId, u32)> {
        let mut places: BTreeMap<TeamId, u32> = BTreeMap::new();
        self.turns.values().map(move |(team, conversation)| {
            let place = places.entry(*team).or_default();
            *place += 1;
            (*conversation, *team, *place)
        })
    }

    pub fn len(&self) -> usize {
        self.turns.len()
    }

    /// Somebody must be told their place again.
    pub fn set_changed(&mut self) {
        self.changed = true;
    }

    /// Whether anybody joined or left since the last call.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
}
