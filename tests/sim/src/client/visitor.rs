//! Visitors: they open, say, end, come back, and sometimes change their mind.

use crate::client::poison;
use crate::client::transcript::Stands;
use crate::draw::Draw;
use crate::swarm::Habit;
use crate::world::World;
use protocol::{
    Action, Close, CloseReason, ConversationId, Delete, Edit, MessageId, Nothing, Open, Page, Rate, ReadUp, RecordKind,
    Say, Stream, TypingUp, Up,
};

impl World {
    pub fn visitor_acts(&mut self, person: usize) {
        if self.people[person].tabs.is_empty() && self.chance.odds(500) {
            return;
        }
        let tab = self.tab_of(person);
        if self.handles_browser(person, tab) {
            return;
        }
        if self.chance.odds(8) && self.people[person].tabs.len() == 1 {
            return self.close_tab(tab);
        }
        match self.open_conversation_of(tab) {
            None => self.begins(person, tab),
            Some(conversation) => self.goes_on(person, tab, conversation),
        }
    }

    /// The conversation a tab would write to: one that is not closed, or that it is opening.
    fn open_conversation_of(&self, tab: usize) -> Option<ConversationId> {
        let tab = &self.tabs[tab];
        let open = tab.transcripts.iter().filter(|(id, held)| {
            let opened = !held.records.is_empty() && held.stands != Stands::Closed;
            opened || tab.outbox.len_of(Some(**id)) > 0
        });
        open.map(|(id, _)| *id).next_back().or_else(|| tab.outbox.waiting().into_iter().find_map(|(lane, _)| lane))
    }

    fn begins(&mut self, person: usize, tab: usize) {
        let closed = self.tabs[tab].transcripts.keys().copied().collect::<Vec<_>>();
        if let Some(conversation) = self.chance.pick(&closed).copied() {
            let text = self.text(person);
            match self.chance.index(10) {
                0 | 1 => return self.rates(tab, conversation),
                2 if self.plan.has(Habit::Reopens) => {
                    return self.command(tab, Some(conversation), Action::Reopen(Nothing {}));
                }
                3 | 4 if self.plan.has(Habit::Reopens) => {
                    return self.command(tab, Some(conversation), Action::Say(Say { body: text }));
                }
                5 if self.plan.has(Habit::Wanders) => return self.tabs_unfollow(tab, conversation),
                _ => {}
            }
        }
        if self.chance.odds(150) {
            return self.say_frame(tab, Up::Availability(Nothing {}));
        }
        let open = self.opening(person);
        let conversation = self.conversation_id();
        self.command(tab, Some(conversation), Action::Open(Box::new(open)));
    }

    fn opening(&mut self, person: usize) -> Open {
        let settings = &self.store.sites[self.people[person].site].settings;
        let teams: Vec<_> = settings.teams.keys().copied().collect();
        let agents: Vec<_> = settings.agents.keys().copied().collect();
        let text = self.text(person);
        Open {
            team: self.chance.pick(&teams).copied().filter(|_| self.chance.odds(700)),
            agent: self.chance.pick(&agents).copied().filter(|_| self.chance.odds(200) && !self.plan.is_plain),
            body: self.chance.odds(500).then_some(text),
            name: None,
            email: None,
            language: [None, Some("de-AT"), Some("en"), None][self.chance.index(4)].map(str::to_owned),
            offline: self.plan.has(Habit::OfflineMessages) && self.chance.odds(100),
        }
    }

    fn goes_on(&mut self, person: usize, tab: usize, conversation: ConversationId) {
        let text = self.text(person);
        let head = self.tabs[tab].transcripts.get(&conversation).map(|held| held.position().number);
        let read = head.map(|number| Up::Read(ReadUp { conversation, number }));
        match self.chance.index(100) {
            0..56 => self.command(tab, Some(conversation), Action::Say(Say { body: text })),
            56..64 => self.say_frames(tab, read),
            64..70 => {
                self.say_frames(tab, head.map(|_| Up::Typing(TypingUp { conversation, stream: Stream::Public })));
            }
            70..74 => self.say_frame(tab, Up::Page(Page { url: Some(text), title: None, language: None })),
            74..80 => {
                let close = Action::Close(Close { reason: CloseReason::VisitorLeft });
                self.command(tab, Some(conversation), close);
            }
            80..83 => self.rates(tab, conversation),
            83..86 if self.plan.has(Habit::Poison) => {
                let poison = [poison::UNSTORABLE, poison::BREAKS][self.chance.index(2)];
                self.command(tab, Some(conversation), Action::Say(Say { body: format!("{poison} {text}") }));
            }
            86..88 if self.plan.has(Habit::Tabs) => {
                // Another tab does not know of the open one.
                let (open, another) = (self.opening(person), self.conversation_id());
                self.command(tab, Some(another), Action::Open(Box::new(open)));
            }
            88..94 if self.plan.has(Habit::Edits) => self.changes_words(person, tab, conversation),
            _ => {}
        }
    }

    fn rates(&mut self, tab: usize, conversation: ConversationId) {
        let score = u8::try_from(self.chance.index(7)).unwrap_or(0);
        self.command(tab, Some(conversation), Action::Rate(Rate { score, comment: None }));
    }

    /// Gives one of one's own messages another body, or withdraws it.
    pub fn changes_words(&mut self, person: usize, tab: usize, conversation: ConversationId) {
        let Some(message) = self.own_message(tab, conversation) else { return };
        let body = self.text(person);
        let action = if self.chance.odds(600) {
            Action::Edit(Edit { message, body })
        } else {
            Action::Delete(Delete { message })
        };
        self.command(tab, Some(conversation), action);
    }

    fn own_message(&mut self, tab: usize, conversation: ConversationId) -> Option<MessageId> {
        let records = &self.tabs[tab].transcripts.get(&conversation)?.records;
        let words = records.iter().filter(|record| matches!(record.what, RecordKind::Said(_) | RecordKind::Noted(_)));
        let own: Vec<MessageId> = words.filter(|record| record.command.is_some()).map(|record| record.id).collect();
        self.chance.pick(&own).copied()
    }

    pub fn tabs_unfollow(&mut self, tab: usize, conversation: ConversationId) {
        if self.tabs[tab].outbox.len_of(Some(conversation)) == 0 {
            self.tabs[tab].unfollow(conversation);
            self.fulfil(tab);
        }
    }

    /// A command of a person.
    pub fn command(&mut self, tab: usize, lane: Option<ConversationId>, action: Action) {
        let now = self.clock.now();
        self.tell(|| format!("tab {tab} wants {action:?} in {lane:?}"));
        self.tabs[tab].command(lane, action, now, &mut self.chance);
        self.fulfil(tab);
    }

    /// A frame that nobody answers for; dropped unless a socket is ready.
    pub fn say_frame(&mut self, tab: usize, frame: Up) {
        if self.tabs[tab].is_ready() {
            self.tabs[tab].send(frame);
            self.fulfil(tab);
        }
    }

    fn say_frames(&mut self, tab: usize, frame: Option<Up>) {
        if let Some(frame) = frame {
            self.say_frame(tab, frame);
        }
    }
}
