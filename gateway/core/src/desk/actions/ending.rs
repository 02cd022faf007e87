//! Closing, reopening and rating.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::command::{Acted, no};
use crate::desk::conversation::State;
use crate::desk::recording::Actor;
use crate::ids::Principal;
use protocol::limits::SCORE_MAX;
use protocol::{Author, Cause, Close, CloseReason, Closed, Code, ConversationId, Rate, Rated, RecordKind, Reopened};

impl Desk {
    /// Closes a conversation. A visitor may end their own; an agent what they hold, or what nobody does.
    pub(crate) fn close_conversation(&mut self, by: Actor, id: ConversationId, close: &Close, now: Moment) -> Acted {
        let Some(conversation) = self.conversations.get(&id) else { return no(Code::NotFound) };
        if conversation.state.is_closed() {
            return no(Code::Closed);
        }
        let reason = match by.principal {
            Principal::Visitor(_) => CloseReason::VisitorLeft,
            Principal::Agent(agent) => {
                let holder = conversation.state.holder();
                if holder.is_some_and(|holder| holder != agent) && !self.leads(agent) {
                    return no(Code::Stale);
                }
                if close.reason == CloseReason::Unknown {
                    return no(Code::BadValue);
                }
                close.reason
            }
        };
        let author = self.author(by.principal);
        self.learn_service_time(id, now);
        self.record(by, id, RecordKind::Closed(Closed { by: author, reason }), now);
        self.set_state(id, State::Closed { reason, at: now.at }, now);
        Ok(None)
    }

    /// The gateway's own rules close a conversation.
    pub(crate) fn close_by_rule(&mut self, id: ConversationId, reason: CloseReason, now: Moment) {
        self.record_of_system(id, RecordKind::Closed(Closed { by: Author::System, reason }), now);
        self.set_state(id, State::Closed { reason, at: now.at }, now);
    }

    /// How long it was served tells the next ones how long they wait.
    fn learn_service_time(&mut self, id: ConversationId, now: Moment) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        if let (State::Assigned { .. }, Some(since)) = (&conversation.state, conversation.served_since) {
            self.estimate.served(now.at.since_ms(since));
        }
    }

    /// Opens a closed conversation again: a visitor's joins the line, an agent's is theirs.
    pub(crate) fn reopen(&mut self, by: Actor, id: ConversationId, now: Moment) -> Acted {
        let Some(conversation) = self.conversations.get(&id) else { return no(Code::NotFound) };
        let State::Closed { at, .. } = conversation.state else { return no(Code::Stale) };
        if let Some(refusal) = self.too_many_open(conversation.visitor, id) {
            return Err(refusal);
        }
        match by.principal {
            Principal::Visitor(_) => {
                if now.at.since_ms(at) > self.settings.reopen_ms {
                    return no(Code::Closed);
                }
                self.reopen_into_line(by, id, now);
            }
            Principal::Agent(agent) => {
                let author = self.author(by.principal);
                self.follow_by_visitor(id);
                self.renew_arrival(id);
                self.record(by, id, RecordKind::Reopened(Reopened { by: author }), now);
                self.give_to(id, agent, Cause::Reopened, now);
            }
        }
        Ok(None)
    }

    /// The visitor rates; a later rating replaces an earlier one.
    pub(crate) fn rate(&mut self, by: Actor, id: ConversationId, rate: &Rate, now: Moment) -> Acted {
        if !(1..=SCORE_MAX).contains(&rate.score) {
            return no(Code::BadValue);
        }
        let what = RecordKind::Rated(Rated { score: rate.score, comment: rate.comment.clone() });
        self.record(by, id, what, now);
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.score = Some(rate.score);
        }
        Ok(None)
    }
}
