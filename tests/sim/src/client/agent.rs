//! Agents: they are offered and given conversations, answer, pass on and end them, and come and go.

use crate::client::transcript::Stands;
use crate::draw::Draw;
use crate::swarm::Habit;
use crate::world::World;
use gateway_core::ids::Principal;
use protocol::{
    Action, AgentId, Close, CloseReason, ConversationId, Nothing, Park, ReadUp, RecordKind, RowState, Say,
    SetAccepting, SetCapacity, SetStatus, Status, Stream, Take, Target, Transfer, TypingUp, Up, View,
};

impl World {
    pub fn agent_acts(&mut self, person: usize) {
        let Principal::Agent(me) = self.people[person].principal else { return };
        if self.people[person].tabs.is_empty() && self.chance.odds(700) {
            return;
        }
        let tab = self.tab_of(person);
        if self.handles_browser(person, tab) {
            return;
        }
        if self.plan.has(Habit::Wanders) && self.chance.odds(5) && self.people[person].tabs.len() == 1 {
            return self.close_tab(tab);
        }
        if self.answers_offer(tab, me) || self.looks_around(tab, me) || self.changes_own_state(tab) {
            return;
        }
        self.serves(person, tab, me);
    }

    fn standing(&self, tab: usize, stands: Stands) -> Vec<ConversationId> {
        let held = self.tabs[tab].transcripts.iter().filter(|(_, held)| held.stands == stands);
        held.map(|(id, _)| *id).collect()
    }

    fn answers_offer(&mut self, tab: usize, me: AgentId) -> bool {
        let offered = self.standing(tab, Stands::Offered(me));
        let Some(conversation) = self.chance.pick(&offered).copied() else { return false };
        if self.tabs[tab].outbox.len_of(Some(conversation)) > 0 {
            return false;
        }
        let declines = self.plan.has(Habit::Declines) && self.chance.odds(250);
        if self.plan.has(Habit::Lapses) && self.chance.odds(500) {
            return false;
        }
        let action = if declines { Action::Decline(Nothing {}) } else { Action::Accept(Nothing {}) };
        self.command(tab, Some(conversation), action);
        true
    }

    /// Once everything is healed, whoever is asked accepts, and says something.
    pub fn answer_offers(&mut self, person: usize) {
        let Principal::Agent(me) = self.people[person].principal else { return };
        let Some(tab) = self.people[person].tabs.first().copied() else { return };
        for conversation in self.standing(tab, Stands::Offered(me)) {
            if self.tabs[tab].outbox.len_of(Some(conversation)) == 0 {
                self.command(tab, Some(conversation), Action::Accept(Nothing {}));
            }
        }
        for conversation in self.standing(tab, Stands::Assigned(me)) {
            if self.owes_first_word(tab, conversation) {
                let body = self.text(person);
                self.command(tab, Some(conversation), Action::Say(Say { body }));
            }
        }
    }

    /// Whether nobody has written since the assignment.
    fn owes_first_word(&self, tab: usize, conversation: ConversationId) -> bool {
        let tab = &self.tabs[tab];
        let last = tab.transcripts.get(&conversation).and_then(|held| held.records.last());
        let assigned = last.is_some_and(|last| matches!(last.what, RecordKind::Assigned(_)));
        assigned && tab.outbox.len_of(Some(conversation)) == 0
    }

    /// Lists, and conversations of others.
    fn looks_around(&mut self, tab: usize, me: AgentId) -> bool {
        let view = [View::Mine, View::Line, View::All, View::Closed, View::Roster][self.chance.index(5)];
        if !self.tabs[tab].lists.is_watched(view) && self.chance.odds(200) {
            self.tabs[tab].watch(view);
            self.fulfil(tab);
            return true;
        }
        if self.plan.has(Habit::Wanders) && self.tabs[tab].lists.is_watched(view) && self.chance.odds(20) {
            self.tabs[tab].unwatch(view);
            self.fulfil(tab);
            return true;
        }
        let rows = self.tabs[tab].lists.rows(view).into_iter().flat_map(|rows| rows.values());
        let rows: Vec<(ConversationId, RowState)> = rows.map(|row| (row.conversation, row.state)).collect();
        let Some((conversation, state)) = self.chance.pick(&rows).copied() else { return false };
        match self.chance.index(40) {
            0 | 1 if self.plan.has(Habit::Takes) => {
                let from = match state {
                    RowState::Offered { agent } | RowState::Assigned { agent } | RowState::Parked { agent } => {
                        Some(agent).filter(|agent| *agent != me)
                    }
                    RowState::Waiting | RowState::Closed { .. } | RowState::Offline => None,
                };
                self.command(tab, Some(conversation), Action::Take(Take { from }));
                true
            }
            2 if self.plan.has(Habit::Wanders) => {
                self.tabs[tab].follow(conversation);
                self.fulfil(tab);
                true
            }
            3 if self.plan.has(Habit::Reopens) && matches!(state, RowState::Closed { .. }) => {
                self.command(tab, Some(conversation), Action::Reopen(Nothing {}));
                true
            }
            _ => false,
        }
    }

    fn changes_own_state(&mut self, tab: usize) -> bool {
        if !self.plan.has(Habit::OwnState) || !self.chance.odds(60) {
            return false;
        }
        let action = match self.chance.index(10) {
            0 => Action::Status(SetStatus { status: [Status::Away, Status::Offline][self.chance.index(2)] }),
            1..5 => Action::Status(SetStatus { status: Status::Online }),
            5 => Action::Accepting(SetAccepting { accepting: false }),
            6..8 => Action::Accepting(SetAccepting { accepting: true }),
            _ => Action::Capacity(SetCapacity { capacity: [0, 1, 2, 3, 4][self.chance.index(5)] }),
        };
        self.command(tab, None, action);
        true
    }

    fn serves(&mut self, person: usize, tab: usize, me: AgentId) {
        let assigned = self.standing(tab, Stands::Assigned(me));
        let Some(conversation) = self.chance.pick(&assigned).copied() else { return self.is_idle(person, tab) };
        let text = self.text(person);
        let number = self.tabs[tab].transcripts.get(&conversation).map(|held| held.position().number);
        let lane = Some(conversation);
        match self.chance.index(100) {
            0..52 => self.command(tab, lane, Action::Say(Say { body: text })),
            52..60 if self.plan.has(Habit::Notes) => self.command(tab, lane, Action::Note(Say { body: text })),
            60..74 => {
                let reason = [CloseReason::Solved, CloseReason::NoAnswer, CloseReason::Spam][self.chance.index(3)];
                self.command(tab, lane, Action::Close(Close { reason }));
            }
            74..79 if self.plan.has(Habit::Transfers) => self.transfers(person, tab, conversation),
            79..83 if self.plan.has(Habit::Parks) => {
                let for_ms = [None, Some(3_000), Some(20_000)][self.chance.index(3)];
                self.command(tab, lane, Action::Park(Park { for_ms }));
            }
            83..88 if self.plan.has(Habit::Edits) => self.changes_words(person, tab, conversation),
            88..94 => {
                let stream = [Stream::Public, Stream::Note][self.chance.index(2)];
                self.say_frame(tab, Up::Typing(TypingUp { conversation, stream }));
            }
            _ => {
                if let Some(number) = number {
                    self.say_frame(tab, Up::Read(ReadUp { conversation, number }));
                }
            }
        }
    }

    fn transfers(&mut self, person: usize, tab: usize, conversation: ConversationId) {
        let settings = &self.store.sites[self.people[person].site].settings;
        let agents: Vec<_> = settings.agents.keys().copied().map(Target::Agent).collect();
        let teams: Vec<_> = settings.teams.keys().copied().map(Target::Team).collect();
        let targets = if self.chance.odds(600) { agents } else { teams };
        if let Some(to) = self.chance.pick(&targets).copied() {
            let transfer = Transfer { to, comment: Some(self.text(person)) };
            self.command(tab, Some(conversation), Action::Transfer(transfer));
        }
    }

    /// With nothing to serve, an agent writes now and then where they should not, or lets a conversation go.
    fn is_idle(&mut self, person: usize, tab: usize) {
        let held: Vec<ConversationId> = self.tabs[tab].transcripts.keys().copied().collect();
        let Some(conversation) = self.chance.pick(&held).copied() else { return };
        let text = self.text(person);
        match self.chance.index(12) {
            0 => self.command(tab, Some(conversation), Action::Say(Say { body: text })),
            1 if self.plan.has(Habit::Notes) => self.command(tab, Some(conversation), Action::Note(Say { body: text })),
            2 | 3 => self.tabs_unfollow(tab, conversation),
            _ => {}
        }
    }
}
