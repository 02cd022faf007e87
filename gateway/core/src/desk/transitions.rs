//! Transitions: how a conversation changes its state. The line, the roster's load and the deadlines follow here
//! and nowhere else.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::conversation::{Conversation, State};
use crate::desk::deadlines::Due;
use crate::desk::recording::Actor;
use crate::desk::routing::{Choice, choose};
use crate::ids::Principal;
use crate::limits::DECLINED_MS;
use crate::stored::{Loaded, StoredDeadline, StoredDecline};
use protocol::{AgentId, Assigned, ByAgent, Cause, ConversationId, RecordKind, TeamId, Waiting};

impl Desk {
    /// Puts a conversation into another state.
    pub(crate) fn set_state(&mut self, id: ConversationId, state: State, now: Moment) {
        let team = self.conversations.get(&id).map(|conversation| self.team_or_default(conversation.team));
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        let before = std::mem::replace(&mut conversation.state, state);
        conversation.since = now.wall_ms;
        conversation.told = None;
        let expected = std::mem::take(&mut conversation.expected);
        if before == State::Waiting && conversation.state.served_by().is_some() {
            expected.into_iter().for_each(|expected| self.estimate.waited(expected, now.at));
        }
        if !matches!(conversation.state, State::Assigned { .. } | State::Closed { .. }) {
            conversation.served_since = None;
        }
        if before == State::Waiting {
            self.line.leave(conversation.turn());
        }
        if conversation.state == State::Waiting {
            conversation.team = team.unwrap_or(conversation.team);
            if !before.is_part_of_the_wait() {
                conversation.waiting_since = now.at;
            }
        }
        let (visitor, closed) = (conversation.visitor, conversation.state.is_closed());
        if let Some(agent) = before.served_by() {
            self.unload(agent, id);
        }
        self.index(id);
        if closed {
            self.forget_open(visitor, id);
        } else {
            self.open_of.entry(visitor).or_default().insert(id);
        }
        self.note_absence(id, now);
        self.batch.touch(id);
    }

    /// Makes line, roster and deadlines agree with a conversation's state.
    fn index(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        if conversation.state == State::Waiting {
            self.line.join(conversation.turn(), conversation.team, id);
        }
        if let Some(agent) = conversation.state.served_by() {
            if let Some(agent) = self.roster.get_mut(agent) {
                agent.serving.insert(id);
            }
            self.batch.shown.insert(agent);
        }
        match conversation.state.deadline() {
            Some(deadline) => self.deadlines.set(deadline.end(), Due::Conversation(id)),
            None => self.deadlines.cancel(Due::Conversation(id)),
        }
    }

    /// Takes a conversation out of the store's hands. One in an unknown state is set aside.
    pub(crate) fn adopt(&mut self, loaded: Loaded, now: Moment) {
        let id = loaded.conversation.id;
        let Some(conversation) = Conversation::load(loaded, self.team_default()) else {
            self.set_aside.insert(id);
            return;
        };
        let (visitor, closed, holder) =
            (conversation.visitor, conversation.state.is_closed(), conversation.state.holder());
        let strayed = conversation.state == State::Waiting && !self.settings.teams.contains_key(&conversation.team);
        for decline in &conversation.declines {
            self.remind(decline.kept.end(), Due::Assign);
        }
        self.conversations.insert(id, conversation);
        if !closed {
            self.open_of.entry(visitor).or_default().insert(id);
        }
        if holder.is_some_and(|agent| !self.roster.is_enabled(agent)) {
            self.return_to_line(id, Cause::AgentLost, now);
            return;
        }
        self.index(id);
        if strayed {
            self.return_to_line(id, Cause::Transferred, now);
        }
    }

    fn unload(&mut self, agent: AgentId, id: ConversationId) {
        if let Some(agent) = self.roster.get_mut(agent) {
            agent.serving.remove(&id);
            if agent.serving.is_empty() {
                self.deadlines.cancel(Due::Grace(agent.id));
            }
        }
        self.batch.shown.insert(agent);
    }

    fn forget_open(&mut self, visitor: protocol::VisitorId, id: ConversationId) {
        if let Some(open) = self.open_of.get_mut(&visitor) {
            open.remove(&id);
            if open.is_empty() {
                self.open_of.remove(&visitor);
            }
        }
    }

    /// Puts a conversation back into its team's line, at its old place.
    pub(crate) fn return_to_line(&mut self, id: ConversationId, cause: Cause, now: Moment) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        let team = self.team_or_default(conversation.team);
        self.record_of_system(id, RecordKind::Waiting(Waiting { team: Some(team), cause }), now);
        self.set_state(id, State::Waiting, now);
    }

    /// Moves a conversation to another team's line. Its arrival number stays.
    pub(crate) fn move_to_team(&mut self, id: ConversationId, team: TeamId, now: Moment) {
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        conversation.team = team;
        self.return_to_line(id, Cause::Transferred, now);
    }

    /// The agent is not asked for this conversation again for a while.
    pub(crate) fn remember_decline(&mut self, id: ConversationId, agent: AgentId, now: Moment) {
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        let kept = StoredDeadline { start: now.at, length_ms: DECLINED_MS };
        conversation.declines.retain(|other| other.agent != agent && other.kept.end() > now.at);
        conversation.declines.push(StoredDecline { agent, kept });
        self.remind(kept.end(), Due::Assign);
    }

    /// Makes an agent the one who serves a conversation, by the rules or as part of a command that has its record.
    pub(crate) fn give_to(&mut self, id: ConversationId, agent: AgentId, cause: Cause, now: Moment) {
        self.follow_all(agent, id);
        let name = self.roster.name(agent);
        self.record_of_system(id, RecordKind::Assigned(Assigned { agent, name, cause }), now);
        self.serve(id, agent, now);
    }

    /// Makes an agent who asked for it the one who serves a conversation.
    pub(crate) fn give_to_sender(&mut self, by: Actor, id: ConversationId, agent: AgentId, cause: Cause, now: Moment) {
        self.follow_all(agent, id);
        let name = self.roster.name(agent);
        self.record(by, id, RecordKind::Assigned(Assigned { agent, name, cause }), now);
        self.serve(id, agent, now);
    }

    fn serve(&mut self, id: ConversationId, agent: AgentId, now: Moment) {
        let first_reply = self.first_reply_of(id, now);
        self.mark_assigned(agent, now);
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.preferred = Some(agent);
            conversation.served_since = Some(now.at);
        }
        self.set_state(id, State::Assigned { agent, first_reply }, now);
        self.expect_back(agent, now);
    }

    /// An agent without a socket has the grace to come and serve what they were given.
    fn expect_back(&mut self, agent: AgentId, now: Moment) {
        let grace_ms = self.settings.grace_ms;
        if let Some(agent) = self.roster.get_mut(agent).filter(|agent| agent.sockets.is_empty()) {
            agent.lost_at = Some(now.at);
            self.deadlines.set(now.at.plus_ms(grace_ms), Due::Grace(agent.id));
        }
    }

    fn offer_to(&mut self, id: ConversationId, agent: AgentId, length_ms: u64, now: Moment) {
        self.follow_all(agent, id);
        self.record_of_system(id, RecordKind::Offered(ByAgent { agent }), now);
        self.mark_assigned(agent, now);
        self.set_state(id, State::Offered { agent, lapses: StoredDeadline { start: now.at, length_ms } }, now);
    }

    fn mark_assigned(&mut self, agent: AgentId, now: Moment) {
        if let Some(agent) = self.roster.get_mut(agent) {
            agent.last_assigned = now.at;
        }
        self.batch.touch_agent(agent);
    }

    fn first_reply_of(&self, id: ConversationId, now: Moment) -> Option<StoredDeadline> {
        let team = self.conversations.get(&id).and_then(|conversation| self.settings.teams.get(&conversation.team))?;
        team.first_reply_ms.map(|length_ms| StoredDeadline { start: now.at, length_ms })
    }

    /// An agent's sockets follow what the agent serves.
    fn follow_all(&mut self, agent: AgentId, id: ConversationId) {
        for socket in self.sockets.of_principal(Principal::Agent(agent)) {
            self.follow_from_head(socket, id);
        }
    }

    /// Pairs those who wait with agents who fit, in the order of the line.
    ///
    /// Capacity is spent in the same step, so it cannot be spent twice.
    pub(crate) fn assign(&mut self, now: Moment) {
        if self.is_opening() {
            return;
        }
        let mut turn = None;
        let mut teams = self.roster.teams_with_room();
        while !teams.is_empty() {
            let Some((next, team, id)) = self.line.after(turn) else { return };
            turn = Some(next);
            if teams.contains(&team) && self.assign_one(id, now) {
                teams = self.roster.teams_with_room();
            }
        }
    }

    /// Whether an agent was found; else a reminder is set for when one may be.
    fn assign_one(&mut self, id: ConversationId, now: Moment) -> bool {
        let Some(conversation) = self.conversations.get(&id) else { return false };
        if !self.counts_as_present(conversation, now) {
            return false;
        }
        match choose(conversation, &self.roster, &self.settings, now.at) {
            Choice::Agent(agent) => {
                let offer_ms = self.settings.teams.get(&conversation.team).and_then(|team| team.offer_ms);
                match offer_ms {
                    Some(length_ms) => self.offer_to(id, agent, length_ms, now),
                    None => self.give_to(id, agent, Cause::Routed, now),
                }
                return true;
            }
            Choice::Prefer { until } => self.remind(until, Due::Assign),
            Choice::Nobody { relaxes: Some(at) } => self.remind(at, Due::Assign),
            Choice::Nobody { relaxes: None } => {}
        }
        false
    }
}
