//! Opening, saying and noting.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::command::{Acted, no};
use crate::desk::conversation::{Conversation, State};
use crate::desk::outboxes::Outboxes;
use crate::desk::recording::Actor;
use crate::ids::Principal;
use crate::limits::{BUSY_RETRY_AFTER_MS, CONVERSATIONS_PER_DESK_MAX};
use crate::stored::StoredCard;
use protocol::{
    AgentId, Body, Cause, Code, ConversationId, Number, Open, Opened, Position, RecordKind, Refusal, Said, Say,
    VisitorId,
};

impl Desk {
    /// A visitor opens a conversation: it joins a line, or is left as a message.
    pub(crate) fn open_conversation(&mut self, by: Actor, id: ConversationId, open: &Open, now: Moment) -> Acted {
        let Principal::Visitor(visitor) = by.principal else { return no(Code::Forbidden) };
        if let Some(refusal) = self.too_many_open(visitor, id) {
            return Err(refusal);
        }
        if self.open_conversations() >= CONVERSATIONS_PER_DESK_MAX {
            return Err(Refusal::of(Code::Busy).retry_after_ms(BUSY_RETRY_AFTER_MS));
        }
        let team = open.team.filter(|team| self.settings.teams.contains_key(team)).unwrap_or(self.team_default());
        let lane = self.loads.take_absent(id).unwrap_or_default();
        let conversation = self.blank(id, visitor, team, lane, by, open, now);
        self.conversations.insert(id, conversation);
        self.follow_by_visitor(id);
        self.record(by, id, RecordKind::Opened(Opened { team: Some(team), offline: open.offline }), now);
        if let Some(body) = &open.body {
            self.record(by, id, said(self.author(by.principal), body), now);
        }
        self.set_state(id, if open.offline { State::Offline } else { State::Waiting }, now);
        Ok(None)
    }

    pub(crate) fn too_many_open(&self, visitor: VisitorId, id: ConversationId) -> Option<Refusal> {
        let open = self.open_of.get(&visitor)?;
        let others = open.iter().filter(|other| **other != id).count();
        if others < self.settings.open_max as usize {
            return None;
        }
        let latest = open.iter().rev().find(|other| **other != id).copied();
        Some(Refusal::of(Code::AlreadyOpen).conversation(latest))
    }

    #[expect(clippy::too_many_arguments, reason = "a new conversation is made of all of these, in one place")]
    fn blank(
        &mut self,
        id: ConversationId,
        visitor: VisitorId,
        team: protocol::TeamId,
        outboxes: Outboxes,
        by: Actor,
        open: &Open,
        now: Moment,
    ) -> Conversation {
        let joined = self.sockets.get(by.socket);
        let card = StoredCard {
            name: open.name.clone(),
            email: open.email.clone(),
            url: joined.and_then(|joined| joined.url.clone()),
            title: joined.and_then(|joined| joined.title.clone()),
            language: open.language.clone().or_else(|| joined.and_then(|joined| joined.language.clone())),
            browser: joined.and_then(|joined| joined.browser.clone()),
        };
        Conversation {
            id,
            visitor,
            state: State::Offline,
            team,
            priority: 0,
            arrival: self.next_arrival(),
            preferred: open.agent.or_else(|| self.loads.last_agent(visitor)),
            declines: Vec::new(),
            head: Position::default(),
            public_head: Position::default(),
            hidden: Vec::new(),
            opened_at: now.wall_ms,
            since: now.wall_ms,
            last_at: now.wall_ms,
            waiting_since: now.at,
            preview: None,
            previewed: None,
            score: None,
            read_by_agents: Number(0),
            read_by_visitor: Number(0),
            card,
            served_since: None,
            outboxes,
            absent_since: None,
            told: None,
            expected: Vec::new(),
            shown_present: false,
            listed: std::collections::BTreeSet::new(),
        }
    }

    fn next_arrival(&mut self) -> u64 {
        let arrival = self.next_arrival;
        self.next_arrival += 1;
        arrival
    }

    /// Somebody writes where everybody reads.
    pub(crate) fn say(&mut self, by: Actor, id: ConversationId, say: &Say, now: Moment) -> Acted {
        match by.principal {
            Principal::Visitor(visitor) => self.visitor_says(by, visitor, id, say, now),
            Principal::Agent(agent) => self.agent_says(by, agent, id, say, now),
        }
    }

    fn visitor_says(&mut self, by: Actor, visitor: VisitorId, id: ConversationId, say: &Say, now: Moment) -> Acted {
        let Some(conversation) = self.conversations.get(&id) else { return no(Code::NotFound) };
        match conversation.state {
            State::Closed { at, .. } => {
                if now.at.since_ms(at) > self.settings.reopen_ms {
                    return no(Code::Closed);
                }
                if let Some(refusal) = self.too_many_open(visitor, id) {
                    return Err(refusal);
                }
                self.reopen_into_line(by, id, now);
            }
            State::Parked { .. } => self.wake(id, now),
            State::Offline if self.roster.anyone_available() => {
                self.renew_arrival(id);
                self.return_to_line(id, Cause::Reopened, now);
            }
            State::Waiting | State::Offered { .. } | State::Assigned { .. } | State::Offline => {}
        }
        Ok(self.record_words(by, id, said(self.author(by.principal), &say.body), now))
    }

    fn agent_says(&mut self, by: Actor, agent: AgentId, id: ConversationId, say: &Say, now: Moment) -> Acted {
        let Some(conversation) = self.conversations.get(&id) else { return no(Code::NotFound) };
        match &conversation.state {
            State::Closed { .. } => return no(Code::Closed),
            State::Assigned { agent: assignee, .. } | State::Parked { agent: assignee, .. } if *assignee == agent => {}
            State::Assigned { .. } | State::Parked { .. } | State::Waiting | State::Offered { .. } | State::Offline => {
                return no(Code::Stale);
            }
        }
        self.answered(id);
        Ok(self.record_words(by, id, said(self.author(by.principal), &say.body), now))
    }

    /// The agent's first word ends the time for it.
    fn answered(&mut self, id: ConversationId) {
        if let Some(Conversation { state: State::Assigned { first_reply, .. }, .. }) = self.conversations.get_mut(&id) {
            *first_reply = None;
        }
    }

    /// An agent writes where visitors cannot see it, whoever serves the conversation.
    pub(crate) fn note(&mut self, by: Actor, id: ConversationId, note: &Say, now: Moment) -> Acted {
        let said = Said { by: self.author(by.principal), body: Body(note.body.clone()) };
        Ok(self.record_words(by, id, RecordKind::Noted(said), now))
    }

    /// A closed conversation joins the line again, behind those who wait.
    pub(crate) fn reopen_into_line(&mut self, by: Actor, id: ConversationId, now: Moment) {
        let reopened = RecordKind::Reopened(protocol::Reopened { by: self.author(by.principal) });
        self.follow_by_visitor(id);
        self.record(by, id, reopened, now);
        self.renew_arrival(id);
        self.return_to_line(id, Cause::Reopened, now);
    }

    /// It stands behind all who wait now, should it come into the line.
    pub(crate) fn renew_arrival(&mut self, id: ConversationId) {
        let arrival = self.next_arrival();
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.arrival = arrival;
        }
    }
}

fn said(by: protocol::Author, body: &str) -> RecordKind {
    RecordKind::Said(Said { by, body: Body(body.to_owned()) })
}
