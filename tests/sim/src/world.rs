//! The world: one seed's nodes, store, network and people, and what happens to them, one thing after another.

pub(crate) mod carrier;
pub(crate) mod clock;
pub(crate) mod delivery;
pub(crate) mod desk_loop;
pub(crate) mod drain;
pub(crate) mod happening;
pub(crate) mod node;
pub(crate) mod ownership;
pub(crate) mod setting;
pub(crate) mod socket;
pub(crate) mod store;
pub(crate) mod tables;
pub(crate) mod wire;

use crate::client::person::Person;
use crate::client::rude::{Manner, encode, secret};
use crate::client::tab::{Tab, Wish};
use crate::draw::Draw;
use crate::faults::Faults;
use crate::hash::Hash;
use crate::reached::Reached;
use crate::swarm::Plan;
use crate::waits::Shown;
use carrier::Carriers;
use clock::{Clock, Time};
use drain::Drain;
use gateway_core::chance::Chance;
use gateway_core::ids::Principal;
use happening::{Happening, WireId};
use history::History;
use node::Node;
use protocol::CloseCode;
use std::collections::BTreeMap;
use store::Store;
use wire::Wire;

/// Everything must have come to rest so long after it was healed.
const REST_MS_MAX: u64 = 300_000;
/// More things than these do not happen in one millisecond, unless something answers itself for ever.
const AT_ONCE_MAX: u32 = 50_000;
/// More things than these do not happen in one seed: the busiest come to a tenth of it.
const HAPPENINGS_MAX: u64 = 500_000;
/// Between two looks at whether it has.
const LOOK_EVERY_MS: u64 = 5_000;

#[derive(Debug)]
pub(crate) struct World {
    pub plan: Plan,
    pub clock: Clock,
    pub chance: Chance,
    pub store: Store,
    pub nodes: Vec<Node>,
    pub carriers: Carriers,
    pub wires: Vec<Wire>,
    pub wire_of_tab: BTreeMap<usize, WireId>,
    pub tabs: Vec<Tab>,
    pub manners: BTreeMap<usize, Manner>,
    pub people: Vec<Person>,
    pub faults: Faults,
    pub reached: Reached,
    pub history: History,
    pub shown: Shown,
    pub nanos: u64,
    pub hash: Hash,
    pub commands: u64,
    pub happenings: u64,
    /// Somebody was refused for saying too much.
    pub overloaded: bool,
    pub healing: bool,
    /// What went wrong first, and when.
    pub found: Option<(Time, String)>,
    /// What happened, line by line, where somebody wants to read it.
    pub story: Option<Vec<String>>,
}

impl World {
    /// Lives through the active time, heals, and waits for rest.
    pub fn run(&mut self) {
        self.begin();
        let active_ms = self.plan.active_ms;
        self.live_until(active_ms);
        self.heal();
        let mut unrest = None;
        while self.found.is_none() && self.clock.now() < active_ms + REST_MS_MAX {
            let look_at = self.clock.now() + LOOK_EVERY_MS;
            self.live_until(look_at);
            unrest = self.unrest();
            if unrest.is_none() {
                return self.judge();
            }
        }
        if let Some(unrest) = unrest.filter(|_| self.found.is_none()) {
            self.find(format!("no rest: {unrest}"));
        }
    }

    fn begin(&mut self) {
        self.note_sites();
        for node in 0..self.nodes.len() {
            let life = self.nodes[node].life();
            let first_ms = self.chance.between(0, 400);
            self.clock.after(first_ms, Happening::LinkDue(life));
        }
        for person in 0..self.people.len() {
            // A node is not ready before its first heartbeat got through.
            let first_ms = self.chance.between(2_000, 7_000);
            self.clock.after(first_ms, Happening::Act(person));
        }
        for (index, strike) in self.plan.strikes.iter().enumerate() {
            self.clock.at(strike.at, Happening::Strike(index));
        }
    }

    fn live_until(&mut self, end: Time) {
        let mut at_once = 0;
        while self.found.is_none() && self.clock.peek().is_some_and(|at| at <= end) {
            let before = self.clock.now();
            let Some(what) = self.clock.next() else { return };
            self.hash.mix(self.clock.now());
            self.happenings += 1;
            if self.happenings > HAPPENINGS_MAX {
                return self.find(format!("the world never rests: {what:?}").chars().take(200).collect());
            }
            at_once = if self.clock.now() == before { at_once + 1 } else { 0 };
            if at_once > AT_ONCE_MAX {
                return self.find(format!("the world spins: {what:?}").chars().take(200).collect());
            }
            self.happen(what);
        }
    }

    fn happen(&mut self, what: Happening) {
        let Some(what) = self.pass_node(what) else { return };
        match what {
            Happening::Knock(wire) => self.knock(wire),
            Happening::Up(wire, text) => self.hear_up(wire, &text),
            Happening::HungUp(wire) => self.hear_hung_up(wire),
            Happening::Opened(wire) => self.hear_opened(wire),
            Happening::Down(wire, frame) => {
                if let Some(tab) = self.at_tab(wire) {
                    let now = self.clock.now();
                    self.tell(|| format!("tab {tab} hears {frame:?}"));
                    self.note_own_overload(tab, &frame);
                    self.note_wait(&frame);
                    self.tabs[tab].hear(&frame, now, &mut self.chance);
                    self.fulfil(tab);
                }
            }
            Happening::Closed(wire, close) => self.hear_closed(wire, close),
            Happening::SocketDue(life, socket) => self.socket_due(life.node, socket),
            Happening::Flush(life, socket) => self.flush(life.node, socket),
            Happening::Turn(life, site) => self.turn(life.node, site),
            Happening::AtStore(asked) if self.holds_back(&asked) => {
                let frozen = self.nodes[asked.by.node].frozen.as_mut();
                frozen.into_iter().for_each(|frozen| frozen.push(Happening::AtStore(asked.clone())));
            }
            Happening::AtStore(asked) => {
                self.at_store(*asked);
                self.check_store();
            }
            Happening::Answered(life, replied) => self.hear_store(life, *replied),
            Happening::GiveUp(life, site, attempt) => self.give_up(life, site, attempt),
            Happening::LinkDue(life) => self.link_due(life.node),
            Happening::Envelope(life, carrier, envelope) => {
                self.link(life.node, |link, now| link.handle_envelope(carrier, *envelope, now));
            }
            Happening::TabDue(tab) => self.tab_due(tab),
            Happening::Act(person) => self.act(person),
            Happening::Strike(index) => self.strike(index),
            Happening::Mend(index) => {
                if !self.healing {
                    self.mend(index);
                }
            }
        }
    }

    /// Lets through what happens at a node that runs; a stopped one finds the rest when it wakes, a dead one never.
    fn pass_node(&mut self, what: Happening) -> Option<Happening> {
        let life = match &what {
            Happening::Up(wire, _) | Happening::HungUp(wire) | Happening::Knock(wire) => self.wires[*wire].to,
            Happening::SocketDue(life, _)
            | Happening::Flush(life, _)
            | Happening::Turn(life, _)
            | Happening::Answered(life, _)
            | Happening::GiveUp(life, _, _)
            | Happening::LinkDue(life)
            | Happening::Envelope(life, ..) => *life,
            Happening::Opened(_)
            | Happening::Down(..)
            | Happening::Closed(..)
            | Happening::AtStore(_)
            | Happening::TabDue(_)
            | Happening::Act(_)
            | Happening::Strike(_)
            | Happening::Mend(_) => return Some(what),
        };
        let knocks = matches!(what, Happening::Knock(_));
        let node = &mut self.nodes[life.node];
        if let Some(frozen) = node.frozen.as_mut().filter(|_| node.life == life.life) {
            frozen.push(what);
            return None;
        }
        (knocks || (node.up && node.life == life.life)).then_some(what)
    }

    /// The tab at the other end of a wire, if it still holds it.
    fn at_tab(&self, wire: WireId) -> Option<usize> {
        self.wires[wire].tab_open.then_some(self.wires[wire].tab)
    }

    fn hear_opened(&mut self, wire: WireId) {
        let Some(tab) = self.at_tab(wire) else { return };
        let manner = self.take_manner(tab);
        if manner == Manner::Mute {
            return;
        }
        let (ticket, token) = match self.tabs[tab].principal {
            Principal::Agent(_) => (Some(secret(manner)), None),
            Principal::Visitor(_) => (None, Some(secret(manner))),
        };
        if manner == Manner::Stale {
            self.tabs[tab].generation = self.tabs[tab].generation.saturating_sub(2);
        }
        let now = self.clock.now();
        self.tabs[tab].connected(ticket, token, "shop".to_owned(), now);
        if manner == Manner::Old {
            self.tabs[tab].wishes.clear();
            self.say_up(wire, r#"{"hello":{"protocol":0,"site":"shop","session":"3e9b6c54-7f1a-4d2e-b8c3-9a0f5e6d7c21","generation":1}}"#.to_owned());
        }
        self.fulfil(tab);
    }

    fn hear_closed(&mut self, wire: WireId, close: Option<(CloseCode, Option<u64>)>) {
        let Some(tab) = self.at_tab(wire) else { return };
        let now = self.clock.now();
        self.wires[wire].tab_open = false;
        self.wire_of_tab.remove(&tab);
        self.tell(|| format!("tab {tab} is closed: {close:?}"));
        self.note_disconnect(tab);
        self.tabs[tab].lost(close, now, &mut self.chance);
        self.fulfil(tab);
    }

    fn tab_due(&mut self, tab: usize) {
        let now = self.clock.now();
        self.tabs[tab].due = None;
        self.tabs[tab].tick(now, &mut self.chance);
        self.fulfil(tab);
    }

    /// Carries out what a tab wishes, and plans when it must be asked again.
    pub fn fulfil(&mut self, tab: usize) {
        while !self.tabs[tab].wishes.is_empty() {
            for wish in std::mem::take(&mut self.tabs[tab].wishes) {
                self.grant(tab, wish);
            }
        }
        self.plan_tab(tab);
    }

    fn grant(&mut self, tab: usize, wish: Wish) {
        match wish {
            Wish::Dial => {
                let node = self.any_node();
                self.dial(tab, node);
            }
            Wish::HangUp => {
                if let Some(wire) = self.wire_of_tab.get(&tab).copied() {
                    self.note_disconnect(tab);
                    self.hang_up(wire);
                }
            }
            Wish::Send(frame) => {
                if let Some(wire) = self.wire_of_tab.get(&tab).copied() {
                    self.say_up(wire, encode(&frame));
                }
            }
            Wish::Shown(news) => {
                let records = self.tabs[tab].transcripts.get(&news.conversation).map(|held| &held.records);
                let fresh = records.and_then(|records| records.get(records.len().saturating_sub(news.count)..));
                let fresh = fresh.map_or_else(Vec::new, <[protocol::Record]>::to_vec);
                self.check_shown(tab, news.conversation, &fresh);
                self.note_read(tab, news.conversation, fresh);
            }
            Wish::Answered(answered) => {
                self.tell(|| format!("tab {tab} is answered {:?}: {:?}", answered.item.id, answered.outcome));
                self.check_answer(tab, &answered);
                self.note_answer(tab, &answered);
            }
            Wish::Dropped(items) => {
                for (lane, item) in items {
                    self.note_unknown(tab, lane, &item);
                }
            }
            Wish::Gap(conversation) => {
                self.reached.mark("reader: gap");
                self.tell(|| format!("tab {tab} finds a gap in {conversation:?}"));
                self.note_gap(tab, conversation);
            }
            Wish::Resync(conversation) => self.note_resync(tab, conversation),
            Wish::Head(head) => self.check_head(tab, head),
            Wish::LetIn => self.let_in(tab),
        }
    }

    pub fn plan_tab(&mut self, tab: usize) {
        let now = self.clock.now();
        let Some(due) = self.tabs[tab].next_due() else { return };
        let due = due.max(now);
        if self.tabs[tab].due.is_none_or(|planned| due < planned) {
            self.tabs[tab].due = Some(due);
            self.clock.at(due, Happening::TabDue(tab));
        }
    }

    /// The node that a load balancer leads a tab to: mostly one that is up.
    fn any_node(&mut self) -> usize {
        let any = self.chance.index(self.nodes.len());
        let is_ready = |node: &usize| self.nodes[*node].up && self.nodes[*node].drain == Drain::Stays;
        let up: Vec<usize> = (0..self.nodes.len()).filter(is_ready).collect();
        if self.chance.odds(50) { any } else { self.chance.pick(&up).copied().unwrap_or(any) }
    }

    /// Everybody goes on at a calm pace.
    pub fn calm(&mut self) {
        for site in 0..self.store.sites.len() {
            self.welcome_everybody(site);
        }
    }

    /// Something is wrong; only the first is kept.
    pub fn find(&mut self, found: String) {
        self.tell(|| format!("FOUND: {found}"));
        self.found.get_or_insert((self.clock.now(), found));
    }

    pub fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{:>9} {}", self.clock.now(), line()));
        }
    }
}
