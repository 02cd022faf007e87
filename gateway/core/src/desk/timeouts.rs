//! Timeouts: what happens when a reminder fires, if the state it is about still stands.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::conversation::State;
use crate::desk::deadlines::Due;
use crate::stored::StoredDeadline;
use protocol::{AgentId, ByAgent, Cause, CloseReason, ConversationId, RecordKind};

impl Desk {
    pub(crate) fn fall_due(&mut self, due: Due, now: Moment) {
        match due {
            Due::Conversation(id) => self.conversation_due(id, now),
            Due::Grace(id) => self.grace_due(id, now),
            // Whoever may fit now is paired by the `assign` that follows.
            Due::Assign => {}
            Due::Places => self.sweep_places(now),
        }
    }

    fn conversation_due(&mut self, id: ConversationId, now: Moment) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        let over = conversation.state.deadline().is_some_and(|deadline| is_over(deadline, now));
        match conversation.state.clone() {
            State::Offered { agent, .. } if over => self.lapse(id, agent, now),
            State::Assigned { agent, .. } if over => {
                self.remember_refusal(id, agent, now);
                self.forget_preferred_of(id);
                self.return_to_line(id, Cause::Unanswered, now);
            }
            State::Parked { .. } if over => self.wake(id, now),
            State::Waiting => self.absence_due(id, now),
            State::Offered { .. }
            | State::Assigned { .. }
            | State::Parked { .. }
            | State::Closed { .. }
            | State::Offline => {}
        }
    }

    /// The agent did not answer an offer: they stop accepting until they act, and are told.
    fn lapse(&mut self, id: ConversationId, agent: AgentId, now: Moment) {
        self.record_of_system(id, RecordKind::Lapsed(ByAgent { agent }), now);
        self.remember_refusal(id, agent, now);
        if let Some(agent) = self.roster.get_mut(agent) {
            agent.accepting = false;
            agent.lapsed = true;
        }
        self.batch.touch_agent(agent);
        self.set_state(id, State::Waiting, now);
        self.note_absence(id, now);
    }

    fn forget_preferred_of(&mut self, id: ConversationId) {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.preferred = None;
        }
    }

    /// The visitor was away for longer than the place is kept.
    fn absence_due(&mut self, id: ConversationId, now: Moment) {
        let absent_since = self.conversations.get(&id).and_then(|conversation| conversation.absent_since);
        if absent_since.is_some_and(|since| now.at.since_ms(since) >= self.settings.absent_ms) {
            self.close_by_rule(id, CloseReason::VisitorLeft, now);
        }
    }

    /// The agent was away for longer than the grace.
    fn grace_due(&mut self, id: AgentId, now: Moment) {
        let Some(agent) = self.roster.get(id) else { return };
        let lost = agent.lost_at.is_some_and(|at| now.at.since_ms(at) >= self.settings.grace_ms);
        if lost && agent.sockets.is_empty() {
            self.give_back_all(id, now);
        }
    }
}

fn is_over(deadline: StoredDeadline, now: Moment) -> bool {
    now.at.since_ms(deadline.start) >= deadline.length_ms
}
