//! Accepting, declining, taking, transferring and parking: who serves a conversation.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::command::{Acted, no};
use crate::desk::conversation::State;
use crate::desk::recording::Actor;
use crate::ids::Principal;
use crate::stored::StoredDeadline;
use protocol::{
    AgentId, ByAgent, Cause, Code, ConversationId, Park, Parked, RecordKind, Take, Target, Transfer, Transferred,
};

/// A parked chat comes back within a month; longer is forgetting.
const PARK_MS_MAX: u64 = 31 * 24 * 3_600_000;

impl Desk {
    pub(crate) fn accept(&mut self, by: Actor, id: ConversationId, now: Moment) -> Acted {
        let Some(agent) = self.offered_to(by, id) else { return no(Code::Stale) };
        self.give_to_sender(by, id, agent, Cause::Accepted, now);
        Ok(None)
    }

    pub(crate) fn decline(&mut self, by: Actor, id: ConversationId, now: Moment) -> Acted {
        let Some(agent) = self.offered_to(by, id) else { return no(Code::Stale) };
        self.record(by, id, RecordKind::Declined(ByAgent { agent }), now);
        self.remember_decline(id, agent, now);
        self.set_state(id, State::Waiting, now);
        Ok(None)
    }

    fn offered_to(&self, by: Actor, id: ConversationId) -> Option<AgentId> {
        let Principal::Agent(agent) = by.principal else { return None };
        match self.conversations.get(&id)?.state {
            State::Offered { agent: asked, .. } if asked == agent => Some(agent),
            State::Offered { .. }
            | State::Waiting
            | State::Assigned { .. }
            | State::Parked { .. }
            | State::Closed { .. }
            | State::Offline => None,
        }
    }

    /// Takes a conversation from the line or from whoever holds it; capacity may be exceeded.
    pub(crate) fn take(&mut self, by: Actor, id: ConversationId, take: &Take, now: Moment) -> Acted {
        let Principal::Agent(agent) = by.principal else { return no(Code::Forbidden) };
        let Some(conversation) = self.conversations.get(&id) else { return no(Code::NotFound) };
        if conversation.state.is_closed() {
            return no(Code::Closed);
        }
        let believed = match &conversation.state {
            // An offer is no assignment: who takes may name the asked one or nobody.
            State::Offered { agent: asked, .. } => take.from.is_none_or(|from| from == *asked),
            State::Waiting | State::Assigned { .. } | State::Parked { .. } | State::Closed { .. } | State::Offline => {
                conversation.state.holder() == take.from
            }
        };
        if !believed || conversation.state.assignee() == Some(agent) {
            return no(Code::Stale);
        }
        self.give_to_sender(by, id, agent, Cause::Taken, now);
        Ok(None)
    }

    pub(crate) fn transfer(&mut self, by: Actor, id: ConversationId, transfer: &Transfer, now: Moment) -> Acted {
        self.may_move(by, id)?;
        match transfer.to {
            Target::Agent(agent) => {
                let there = self.roster.get(agent).is_some_and(super::super::roster::Agent::is_online);
                let serves = self.conversations.get(&id).and_then(|c| c.state.assignee()) == Some(agent);
                if !there || serves {
                    return no(Code::Stale);
                }
                self.record_transfer(by, id, transfer, now);
                self.give_to(id, agent, Cause::Transferred, now);
            }
            Target::Team(team) => {
                if !self.settings.teams.contains_key(&team) {
                    return no(Code::BadValue);
                }
                self.record_transfer(by, id, transfer, now);
                if let Some(holder) = self.conversations.get(&id).and_then(|c| c.state.holder()) {
                    self.remember_decline(id, holder, now);
                }
                self.forget_preferred(id);
                self.move_to_team(id, team, now);
            }
        }
        Ok(None)
    }

    fn record_transfer(&mut self, by: Actor, id: ConversationId, transfer: &Transfer, now: Moment) {
        let author = self.author(by.principal);
        let what = Transferred { by: author, to: transfer.to, comment: transfer.comment.clone() };
        self.record(by, id, RecordKind::Transferred(what), now);
    }

    fn forget_preferred(&mut self, id: ConversationId) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.preferred = None;
        }
    }

    pub(crate) fn park(&mut self, by: Actor, id: ConversationId, park: &Park, now: Moment) -> Acted {
        let Principal::Agent(agent) = by.principal else { return no(Code::Forbidden) };
        if self.conversations.get(&id).and_then(|conversation| conversation.state.assignee()) != Some(agent) {
            return no(Code::Stale);
        }
        if park.for_ms.is_some_and(|ms| ms == 0 || ms > PARK_MS_MAX) {
            return no(Code::BadValue);
        }
        let author = self.author(by.principal);
        self.record(by, id, RecordKind::Parked(Parked { by: author, for_ms: park.for_ms }), now);
        let wakes = park.for_ms.map(|length_ms| StoredDeadline { start: now.at, length_ms });
        self.set_state(id, State::Parked { agent, wakes }, now);
        Ok(None)
    }

    /// A parked conversation comes back to its agent if they are there, else to the line.
    pub(crate) fn wake(&mut self, id: ConversationId, now: Moment) {
        let Some(agent) = self.conversations.get(&id).and_then(|conversation| conversation.state.holder()) else {
            return;
        };
        if self.roster.get(agent).is_some_and(super::super::roster::Agent::is_online) {
            self.give_to(id, agent, Cause::Woken, now);
        } else {
            self.return_to_line(id, Cause::Woken, now);
        }
    }

    /// Whoever serves a conversation may move it; leads may move any that is open.
    fn may_move(&self, by: Actor, id: ConversationId) -> Result<(), protocol::Refusal> {
        let Principal::Agent(agent) = by.principal else {
            return Err(protocol::Refusal::of(Code::Forbidden));
        };
        let state = self.conversations.get(&id).map(|conversation| &conversation.state);
        match state {
            None => Err(protocol::Refusal::of(Code::NotFound)),
            Some(state) if state.is_closed() => Err(protocol::Refusal::of(Code::Closed)),
            Some(state) if state.assignee() == Some(agent) || self.leads(agent) => Ok(()),
            Some(_) => Err(protocol::Refusal::of(Code::Stale)),
        }
    }

    pub(crate) fn leads(&self, agent: AgentId) -> bool {
        self.roster.get(agent).is_some_and(super::super::roster::Agent::leads)
    }
}
