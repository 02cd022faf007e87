//! A conversation's state spread over columns that a person can read, and put together again.

use crate::adapters::fault::Fault;
use crate::adapters::names::{name, named};
use gateway_core::now::StoreTime;
use gateway_core::stored::{StoredDeadline, StoredState};
use protocol::AgentId;

/// A state spread over its columns.
pub(crate) struct Columns {
    pub state: String,
    /// Whom it is offered or assigned to, or who parked it.
    pub agent: Option<AgentId>,
    pub deadline_start: Option<u64>,
    pub deadline_ms: Option<u64>,
    pub close_reason: Option<String>,
    pub closed_at: Option<u64>,
}

/// Spreads a state over its columns.
pub(crate) fn spread(state: &StoredState) -> Result<Columns, Fault> {
    let plain = |state: &str| Columns {
        state: state.to_owned(),
        agent: None,
        deadline_start: None,
        deadline_ms: None,
        close_reason: None,
        closed_at: None,
    };
    let with = |state, agent, deadline: Option<StoredDeadline>| Columns {
        agent: Some(agent),
        deadline_start: deadline.map(|deadline| deadline.start.0),
        deadline_ms: deadline.map(|deadline| deadline.length_ms),
        ..plain(state)
    };
    match state {
        StoredState::Waiting => Ok(plain("waiting")),
        StoredState::Offered { agent, lapses } => Ok(with("offered", *agent, Some(*lapses))),
        StoredState::Assigned { agent, first_reply } => Ok(with("assigned", *agent, *first_reply)),
        StoredState::Parked { agent, wakes } => Ok(with("parked", *agent, *wakes)),
        StoredState::Closed { reason, at } => {
            Ok(Columns { close_reason: Some(name(reason)?), closed_at: Some(at.0), ..plain("closed") })
        }
        StoredState::Offline => Ok(plain("offline")),
        StoredState::Unknown(state) => Err(Fault::Refused(format!("the state {state:?}"))),
    }
}

/// Puts a state together again; one that this version cannot read is handed on by its name.
pub(crate) fn together(columns: Columns) -> StoredState {
    let Columns { state, agent, deadline_start, deadline_ms, close_reason, closed_at } = columns;
    let deadline =
        deadline_start.zip(deadline_ms).map(|(start, length_ms)| StoredDeadline { start: StoreTime(start), length_ms });
    let known = match state.as_str() {
        "waiting" => Some(StoredState::Waiting),
        "offline" => Some(StoredState::Offline),
        "offered" => agent.zip(deadline).map(|(agent, lapses)| StoredState::Offered { agent, lapses }),
        "assigned" => agent.map(|agent| StoredState::Assigned { agent, first_reply: deadline }),
        "parked" => agent.map(|agent| StoredState::Parked { agent, wakes: deadline }),
        "closed" => {
            let reason = close_reason.and_then(|reason| named(&reason));
            reason.zip(closed_at).map(|(reason, at)| StoredState::Closed { reason, at: StoreTime(at) })
        }
        _ => None,
    };
    known.unwrap_or(StoredState::Unknown(state))
}
