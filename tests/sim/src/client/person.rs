//! A person: whoever sits before one or more tabs, and what their browser keeps.

use crate::client::outbox::{Outbox, Queue};
use crate::client::tab::{Phase, Tab};
use crate::client::transcript::Transcript;
use crate::draw::Draw;
use crate::swarm::Habit;
use crate::world::World;
use crate::world::happening::Happening;
use gateway_core::ids::Principal;
use protocol::ConversationId;
use std::collections::BTreeSet;

/// Tabs of one person at once.
const TABS_MAX: usize = 3;
/// Between two looks at what is left to do once everything is healed.
const CALM_EVERY_MS: u64 = 1_500;

#[derive(Debug)]
pub(crate) struct Person {
    pub site: usize,
    pub principal: Principal,
    pub tabs: Vec<usize>,
    /// Queues of tabs that are gone, for the next load to adopt.
    pub kept: Vec<Queue>,
    /// Conversations that a page showed when it went: the next load names them.
    pub shown: BTreeSet<ConversationId>,
    /// What the person has written, to tell one text from another.
    pub words: u32,
}

impl World {
    /// A person does something, and will again.
    pub fn act(&mut self, person: usize) {
        let site = self.people[person].site;
        let next_ms = if self.plan.is_night(site, self.clock.now()) && !self.healing {
            for tab in self.people[person].tabs.clone() {
                self.leave(tab);
            }
            CALM_EVERY_MS
        } else if self.healing {
            self.settle_down(person);
            CALM_EVERY_MS
        } else {
            match self.people[person].principal {
                Principal::Visitor(_) => self.visitor_acts(person),
                Principal::Agent(_) => self.agent_acts(person),
            }
            if self.plan.has(Habit::Settings) && self.chance.odds(4) {
                self.change_settings(site);
            }
            self.chance.between(200, self.plan.think_ms)
        };
        self.clock.after(next_ms, Happening::Act(person));
    }

    /// After the healing people do nothing new: they come back, and agents answer what they are offered.
    fn settle_down(&mut self, person: usize) {
        let now = self.clock.now();
        for tab in self.people[person].tabs.clone() {
            self.tabs[tab].wake_up(now);
            if let Phase::Stopped = self.tabs[tab].phase {
                self.reload(tab);
            } else {
                self.plan_tab(tab);
            }
        }
        let is_back = !self.people[person].tabs.is_empty();
        if !is_back && !self.people[person].kept.is_empty() {
            self.open_tab(person);
        }
        if matches!(self.people[person].principal, Principal::Agent(_)) {
            self.answer_offers(person);
        }
    }

    /// A page is loaded; it adopts what earlier ones left.
    pub fn open_tab(&mut self, person: usize) -> usize {
        let now = self.clock.now();
        let Person { site, principal, .. } = self.people[person];
        let adopted = std::mem::take(&mut self.people[person].kept);
        let (outbox, aside) = Outbox::new(adopted);
        let mut tab = Tab::new(person, site, principal, outbox, &mut self.chance);
        if self.chance.odds(800) {
            let shown = std::mem::take(&mut self.people[person].shown);
            tab.transcripts = shown.into_iter().map(|id| (id, Transcript::default())).collect();
        }
        tab.phase = Phase::Away(now);
        let index = self.tabs.len();
        self.tabs.push(tab);
        self.people[person].tabs.push(index);
        // The adopted copy may not know that another one was sent, and what came of that has to be accounted for.
        for (lane, item) in aside {
            self.note_unknown(index, lane, &item);
        }
        self.plan_tab(index);
        index
    }

    /// The page is gone; what it kept stays in the browser.
    pub fn close_tab(&mut self, tab: usize) {
        let (person, queues) = self.leave(tab);
        if self.plan.has(Habit::Twins) && self.chance.odds(200) {
            // A browser that was restored from a copy sends the same commands twice.
            let twin = self.open_tab(person);
            self.people[person].kept.extend(queues);
            self.tell(|| format!("tab {tab} has a twin, {twin}"));
        }
    }

    /// The page goes, and storage keeps its queues; gives a copy of them.
    fn leave(&mut self, tab: usize) -> (usize, Vec<Queue>) {
        self.tabs[tab].fall_asleep();
        self.fulfil(tab);
        let held = &mut self.tabs[tab];
        held.phase = Phase::Gone;
        let shown = std::mem::take(&mut held.transcripts);
        let person = held.person;
        if let Principal::Visitor(_) = held.principal {
            self.people[person].shown.extend(shown.into_keys());
        }
        let held = &mut self.tabs[tab];
        let queues = std::mem::replace(&mut held.outbox, Outbox::new(Vec::new()).0).into_queues();
        self.people[person].tabs.retain(|other| *other != tab);
        self.people[person].kept.extend(queues.iter().cloned());
        (person, queues)
    }

    pub fn reload(&mut self, tab: usize) -> usize {
        let person = self.tabs[tab].person;
        self.close_tab(tab);
        self.open_tab(person)
    }

    /// A tab of the person that is open; one is opened where there is none.
    pub fn tab_of(&mut self, person: usize) -> usize {
        match self.chance.pick(&self.people[person].tabs).copied() {
            Some(tab) => tab,
            None => self.open_tab(person),
        }
    }

    /// What people do with their browsers. Whether it was that, this time.
    pub fn handles_browser(&mut self, person: usize, tab: usize) -> bool {
        let now = self.clock.now();
        if let Phase::Stopped = self.tabs[tab].phase {
            self.reload(tab);
            return true;
        }
        if let Phase::Asleep = self.tabs[tab].phase {
            if self.chance.odds(300) {
                self.tabs[tab].wake_up(now);
                self.plan_tab(tab);
            }
            return true;
        }
        if self.plan.has(Habit::Reloads) && self.chance.odds(15) {
            self.reload(tab);
            return true;
        }
        if self.plan.has(Habit::Tabs) && self.chance.odds(25) && self.people[person].tabs.len() < TABS_MAX {
            self.open_tab(person);
            return true;
        }
        if self.plan.has(Habit::Tabs) && self.chance.odds(25) && self.people[person].tabs.len() > 1 {
            self.close_tab(tab);
            return true;
        }
        if self.plan.has(Habit::Sleeps) && self.chance.odds(20) {
            self.tabs[tab].fall_asleep();
            self.fulfil(tab);
            return true;
        }
        if self.plan.has(Habit::Rudeness) && self.chance.odds(30) {
            self.is_rude(tab);
            return true;
        }
        false
    }

    /// A text nobody has written before.
    pub fn text(&mut self, person: usize) -> String {
        let Person { site, words, .. } = &mut self.people[person];
        *words += 1;
        format!("{} {person}.{words}", crate::judge::canary(*site))
    }

    /// A new conversation's id.
    pub fn conversation_id(&mut self) -> ConversationId {
        let wall_ms = crate::world::clock::EPOCH_MS + self.clock.now();
        ConversationId(self.chance.message_id(wall_ms).0)
    }
}
