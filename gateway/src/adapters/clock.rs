//! The store's clock: the wall clock, but never before a time that was already stored.

use gateway_core::now::StoreTime;
use gateway_core::stored::{Opening, StoredAgent, StoredConversation, StoredState};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds of the wall clock since 1970.
pub(crate) fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Moves the time of an opening up to the latest one that its rows name.
///
/// A wall clock that was set back would otherwise make every deadline longer.
pub(crate) fn catch_up(opening: Opening) -> Opening {
    let rows = opening.conversations.iter().map(|row| of_conversation(&row.conversation));
    let outboxes = opening.outboxes.iter().map(|row| row.used_at);
    let now = rows.chain(opening.agents.iter().map(of_agent)).chain(outboxes).fold(opening.now, StoreTime::max);
    Opening { now, ..opening }
}

fn of_agent(agent: &StoredAgent) -> StoreTime {
    agent.last_assigned.max(agent.lost_at.unwrap_or_default())
}

fn of_conversation(row: &StoredConversation) -> StoreTime {
    let state = match &row.state {
        StoredState::Offered { lapses, .. } => lapses.start,
        StoredState::Assigned { first_reply: due, .. } | StoredState::Parked { wakes: due, .. } => {
            due.map(|due| due.start).unwrap_or_default()
        }
        StoredState::Closed { at, .. } => *at,
        StoredState::Waiting | StoredState::Offline | StoredState::Unknown(_) => StoreTime::default(),
    };
    let declines = row.declines.iter().map(|decline| decline.kept.start);
    declines.fold(state.max(row.waiting_since), StoreTime::max)
}
