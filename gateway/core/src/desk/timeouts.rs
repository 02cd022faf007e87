//! Timeouts: what happens when a reminder fires, if the state it is about still stands.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::conversation::State;
use crate::desk::deadlines::Due;
use crate::stored::StoredDeadline;
use protocol::{AgentId, ByAgent, Cause, CloseReason, ConversationId, RecordKind};

impl Desk {
    /// Everything whose time has come.
    pub(crate) fn let_fall_due(&mut self, now: Moment) {
        while let Some(due) = self.deadlines.pop(now.at) {
            self.fall_due(due, now);
        }
    }

    fn fall_due(&mut self, due: Due, now: Moment) {
        match due {
            Due::Conversation(id) => self.conversation_due(id, now),
            Due::Grace(id) => self.grace_due(id, now),
            // Whoever may fit now is paired by the `assign` that follows.
            Due::Assign => {}
            Due::Places => self.sweep_places(now),
            Due::Unsaved => self.take_unsaved(),
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
    ///
    /// Whoever could not see the offer, because the desk opened anew and they have not come back, is not blamed.
    fn lapse(&mut self, id: ConversationId, agent: AgentId, now: Moment) {
        if let Some(asked) = self.roster.get_mut(agent).filter(|agent| agent.is_online()) {
            asked.accepting = false;
            asked.lapsed = true;
            self.remember_refusal(id, agent, now);
            self.batch.touch_agent(agent);
        }
        self.withdraw_offer(id, agent, now);
    }

    /// An offer ends without an answer, and the conversation is back at its place. Visitors hear nothing of it.
    fn withdraw_offer(&mut self, id: ConversationId, agent: AgentId, now: Moment) {
        self.record_of_system(id, RecordKind::Lapsed(ByAgent { agent }), now);
        self.set_state(id, State::Waiting, now);
    }

    /// An agent who is no longer there is asked nothing: their offers end at once.
    pub(crate) fn withdraw_offers(&mut self, id: AgentId, now: Moment) {
        let Some(agent) = self.roster.get(id) else { return };
        for conversation in agent.serving.clone() {
            if self.is_offered(conversation) {
                self.withdraw_offer(conversation, id, now);
            }
        }
    }

    fn is_offered(&self, id: ConversationId) -> bool {
        self.conversations.get(&id).is_some_and(|conversation| matches!(conversation.state, State::Offered { .. }))
    }

    /// All that an agent serves goes back to the line.
    pub(crate) fn give_back_all(&mut self, id: AgentId, now: Moment) {
        self.withdraw_offers(id, now);
        let Some(agent) = self.roster.get(id) else { return };
        for conversation in agent.serving.clone() {
            self.return_to_line(conversation, Cause::AgentLost, now);
        }
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
