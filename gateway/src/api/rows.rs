//! Turns a stored conversation into the row that consoles are shown.

use gateway_core::stored::{StoredConversation, StoredState};
use protocol::{CloseReason, Row, RowState, VisitorCard};

/// The row of a stored conversation. Whether the visitor is there now is the desk's knowledge: `present` is false.
#[must_use]
pub fn row_of(stored: &StoredConversation) -> Row {
    Row {
        conversation: stored.id,
        state: state_of(&stored.state),
        visitor: VisitorCard {
            id: stored.visitor,
            name: stored.card.name.clone(),
            email: stored.card.email.clone(),
            url: stored.card.url.clone(),
            title: stored.card.title.clone(),
            language: stored.card.language.clone(),
            browser: stored.card.browser.clone(),
            present: false,
        },
        team: stored.team,
        priority: stored.priority,
        arrival: stored.arrival,
        opened_at: stored.opened_at,
        since: stored.since,
        head: stored.head.number,
        read: stored.read_by_agents,
        last_at: stored.last_at,
        preview: stored.preview.clone(),
        score: stored.score,
    }
}

/// A state of a newer version is shown as closed for a reason this version does not know.
fn state_of(state: &StoredState) -> RowState {
    match state {
        StoredState::Waiting => RowState::Waiting,
        StoredState::Offered { agent, .. } => RowState::Offered { agent: *agent },
        StoredState::Assigned { agent, .. } => RowState::Assigned { agent: *agent },
        StoredState::Parked { agent, .. } => RowState::Parked { agent: *agent },
        StoredState::Closed { reason, .. } => RowState::Closed { reason: *reason },
        StoredState::Offline => RowState::Offline,
        StoredState::Unknown(_) => RowState::Closed { reason: CloseReason::Unknown },
    }
}
