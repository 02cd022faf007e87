//! Instant: in which order to take records of one millisecond, where nobody can tell in which they were stored.
//!
//! The simulator's truth has an order. Where only processes were watched, each conversation has one, and between two of
//! them there is only the time that records carry. Who got room and was given another in the same millisecond got the
//! room first; and of those who were taken up together, the first in line was the first.

use crate::floor::given;
use crate::index::Key;
use crate::map::Map;
use crate::operation::Nanos;
use crate::standing::Standing;
use crate::truth::{ConversationRow, Stored};
use std::collections::{BTreeMap, VecDeque};

/// A place in line: lower priority first, then the earlier arrival.
type Turn = (u8, u64);

/// What a record does for the room that agents have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// It makes room, for whomever else it takes up, or changes nothing.
    Frees,
    /// The rules take somebody up, whom the same instant lets go.
    Passes,
    Takes,
    /// Somebody takes it beyond what the rules would give them, so the rules gave before.
    Exceeds,
}

/// What an instant brought to one conversation, and where it stood before.
struct Run {
    turn: Turn,
    standing: Standing,
    records: VecDeque<Stored>,
}

/// The records of several conversations in one order, in which those of each keep theirs.
pub(crate) fn in_order(conversations: Vec<Vec<Stored>>, rows: &[ConversationRow]) -> Vec<Stored> {
    let mut turns: Map<Key, BTreeMap<Nanos, Turn>> = Map::default();
    for row in rows {
        turns.entry((row.site, row.conversation)).or_default().insert(row.from, (row.priority, row.arrival));
    }
    let mut instants: BTreeMap<Nanos, Vec<Run>> = BTreeMap::new();
    for conversation in conversations {
        let (mut standing, mut time) = (Standing::default(), 0);
        for instant in conversation.chunk_by(|one, next| one.committed == next.committed) {
            // A wall clock that was set back changes no order.
            time = time.max(instant[0].committed);
            let turns = turns.get(&(instant[0].site, instant[0].conversation));
            let turn = turns.and_then(|turns| turns.range(..=time).next_back()).map(|(_, turn)| *turn);
            let records = instant.iter().cloned().collect();
            instants.entry(time).or_default().push(Run { turn: turn.unwrap_or_default(), standing, records });
            standing = instant.iter().fold(standing, |standing, stored| standing.after(&stored.record.what));
        }
    }
    instants.into_values().flat_map(merged).collect()
}

fn merged(mut runs: Vec<Run>) -> Vec<Stored> {
    let mut merged = Vec::new();
    while let Some((_, run)) = runs.iter_mut().filter_map(|run| Some((run.next()?, run))).min_by_key(|(next, _)| *next)
    {
        merged.extend(run.pop());
    }
    merged
}

impl Run {
    /// How soon its next record comes among those of the instant.
    fn next(&self) -> Option<(Kind, Turn)> {
        let what = &self.records.front()?.record.what;
        let taken = self.standing.after(what).serving();
        let end = self.records.iter().fold(self.standing, |standing, stored| standing.after(&stored.record.what));
        let kind = match (self.standing.serving(), taken) {
            (Some(_), _) | (None, None) => Kind::Frees,
            (None, Some(_)) if given(what).is_none() => Kind::Exceeds,
            (None, Some(_)) if end.serving() == taken => Kind::Takes,
            (None, Some(_)) => Kind::Passes,
        };
        Some((kind, self.turn))
    }

    fn pop(&mut self) -> Option<Stored> {
        let stored = self.records.pop_front()?;
        self.standing = self.standing.after(&stored.record.what);
        Some(stored)
    }
}
