//! A node: its sockets, its desks, its link, its clocks, and whether it runs.

use crate::faults::Fault;
use crate::world::World;
use crate::world::carrier::CARRIERS;
use crate::world::clock::{EPOCH_MS, Time};
use crate::world::desk_loop::DeskLoop;
use crate::world::drain::Drain;
use crate::world::happening::{Happening, Life};
use crate::world::ownership::{id_of, place_of};
use crate::world::socket::Served;
use crate::world::store::{Ask, Replied};
use gateway_core::desk::redo::Redo;
use gateway_core::ids::{NodeId, Socket};
use gateway_core::link::Link;
use gateway_core::link::effect::Effect;
use gateway_core::now::{Instant, Now};
use gateway_core::session::NotSubmitted;
use gateway_core::session::outbound::Item;
use history::Phase;
use protocol::{CloseCode, Command};
use std::collections::BTreeMap;

/// A link asks for less at once, unless it never rests.
const EFFECTS_MAX: u32 = 10_000;

#[derive(Debug)]
pub(crate) struct Node {
    pub index: usize,
    pub life: u32,
    pub up: bool,
    /// What came while the process was stopped; none while it runs.
    pub frozen: Option<Vec<Happening>>,
    /// Its boot clock is ahead of the world's.
    boot_ms: u64,
    /// Its wall clock is off by so much.
    pub wall_off_ms: i64,
    /// Its heartbeat does not get through until then: who comes meanwhile feels it too.
    pub away: Option<(Fault, Time)>,
    /// It was asked to stop.
    pub drain: Drain,
    pub link: Link,
    due: Option<Time>,
    pub sockets: BTreeMap<Socket, Served>,
    pub desks: BTreeMap<usize, DeskLoop>,
    /// Batches whose culprit the next desk of the site must find.
    pub redo: BTreeMap<usize, Redo>,
    next_socket: u64,
}

impl Node {
    pub fn new(index: usize) -> Self {
        let boot_ms = 10_000 + 77_777 * index as u64;
        Self {
            index,
            life: 0,
            up: true,
            frozen: None,
            boot_ms,
            wall_off_ms: 0,
            away: None,
            drain: Drain::Stays,
            link: link_of(index, 0, Now { instant: Instant(boot_ms), wall_ms: EPOCH_MS }),
            due: None,
            sockets: BTreeMap::new(),
            desks: BTreeMap::new(),
            redo: BTreeMap::new(),
            next_socket: 1,
        }
    }

    pub fn life(&self) -> Life {
        Life { node: self.index, life: self.life }
    }

    pub fn id(&self) -> NodeId {
        node_id(self.index, self.life)
    }

    pub fn runs(&self) -> bool {
        self.up && self.frozen.is_none()
    }

    pub fn instant(&self, now: Time) -> Instant {
        Instant(now + self.boot_ms)
    }

    pub fn now(&self, now: Time) -> Now {
        let wall_ms = (EPOCH_MS + now).saturating_add_signed(self.wall_off_ms);
        Now { instant: self.instant(now), wall_ms }
    }

    /// The world's time of an instant of this node.
    pub fn time(&self, instant: Instant) -> Time {
        instant.0.saturating_sub(self.boot_ms)
    }

    /// A number no other socket of any node has.
    pub fn next_socket(&mut self) -> u64 {
        self.next_socket += 1;
        self.id().socket(self.next_socket)
    }

    /// The process is gone with all it held; the next one is another node.
    pub fn die(&mut self, now: Time) {
        self.up = false;
        self.frozen = None;
        self.life += 1;
        self.sockets.clear();
        self.desks.clear();
        self.redo.clear();
        self.due = None;
        self.drain = Drain::Stays;
        self.link = link_of(self.index, self.life, self.now(now));
    }
}

fn node_id(index: usize, life: u32) -> NodeId {
    NodeId::new((u32::try_from(index).unwrap_or(0) + 1) << 8 | life)
}

fn link_of(index: usize, life: u32, now: Now) -> Link {
    Link::new(node_id(index, life), CARRIERS, u64::from(life) << 8 | index as u64, now)
}

impl World {
    /// The link of a node is handed something, and what it asks for is done.
    pub fn link<T>(&mut self, node: usize, say: impl FnOnce(&mut Link, Now) -> T) -> T {
        let now = self.nodes[node].now(self.clock.now());
        let said = say(&mut self.nodes[node].link, now);
        self.settle(node);
        said
    }

    /// Does what a link asks until it asks for nothing, and plans when it must be asked again.
    fn settle(&mut self, node: usize) {
        let now = self.nodes[node].now(self.clock.now());
        let mut effects = 0;
        while let Some(effect) = self.nodes[node].link.poll_effect(now) {
            effects += 1;
            if effects > EFFECTS_MAX {
                return self.find(format!("a link never rests: {effect:?}").chars().take(300).collect());
            }
            self.do_for_link(node, effect);
        }
        let due = self.nodes[node].time(self.nodes[node].link.poll_timeout()).max(self.clock.now());
        if self.nodes[node].due.is_none_or(|planned| due < planned) {
            self.nodes[node].due = Some(due);
            let life = self.nodes[node].life();
            self.clock.at(due, Happening::LinkDue(life));
        }
    }

    pub fn link_due(&mut self, node: usize) {
        let at = self.nodes[node].instant(self.clock.now());
        self.nodes[node].due = None;
        self.link(node, |link, now| {
            if link.poll_timeout() <= at {
                link.handle_timeout(now);
            }
        });
        self.go_on_draining(node);
    }

    fn do_for_link(&mut self, node: usize, effect: Effect) {
        let life = self.nodes[node].life();
        match effect {
            Effect::Send { carrier, to, envelope } => self.carry(node, to, carrier, &envelope),
            Effect::Announce(envelope) => self.announce(node, &envelope),
            Effect::Desk { site, input } => self.post(node, place_of(site), input),
            Effect::Deliver(deliveries) => self.release(node, deliveries),
            Effect::Refuse { socket, command, why } => self.refuse(node, socket, command, why),
            Effect::Heartbeat { sent, ready, changed_within_ms } => {
                self.ask(life, 0, Ask::Heartbeat { sent, ready, within_ms: changed_within_ms });
            }
            Effect::ReadOwner { site } => self.ask(life, place_of(site), Ask::Owner),
            Effect::Open { site, claim } => self.ask(life, place_of(site), Ask::Open { claim }),
            Effect::Sweep { living, limit } => self.ask(life, 0, Ask::Sweep { living, limit }),
            Effect::DropDesk { site } => {
                self.reached.mark("link: desk dropped");
                self.note_desk(node, place_of(site), Phase::Gone);
                self.nodes[node].desks.remove(&place_of(site));
            }
            Effect::LetGo { site, epoch, successor } => {
                self.reached.mark("link: desk let go");
                self.feel_drain(node, place_of(site), successor);
                self.nodes[node].desks.remove(&place_of(site));
                self.ask(life, place_of(site), Ask::LetGo { epoch, successor });
            }
            Effect::SendSocketsAway { within_ms } => self.send_sockets_away(node, within_ms),
        }
    }

    fn refuse(&mut self, node: usize, socket: Socket, command: Box<Command>, why: NotSubmitted) {
        self.mark_not_submitted(why);
        self.push(node, socket, Item::Refused { command, why });
    }

    fn send_sockets_away(&mut self, node: usize, within_ms: u64) {
        self.reached.mark("link: sockets sent away");
        let sockets: Vec<Socket> = self.nodes[node].sockets.keys().copied().collect();
        for socket in sockets {
            let retry_after_ms = self.chance.between(0, within_ms);
            self.end_socket(node, socket, Some((CloseCode::Restart, Some(retry_after_ms))));
        }
    }

    /// The store's answer reaches a node.
    pub fn hear_store(&mut self, life: Life, replied: Replied) {
        let node = life.node;
        match replied {
            Replied::Opened { site, opening: Ok(opening) } => self.start_desk(node, site, *opening),
            Replied::Opened { site, opening: Err(why) } => {
                self.link(node, |link, now| link.handle_opened(id_of(site), Err(why), now));
            }
            Replied::Appended { site, attempt, appended } => self.desk_appended(node, site, attempt, appended),
            Replied::Loaded { site, input } => self.post_control(node, site, *input),
            Replied::Page { socket, fetch, page } => self.page_read(node, socket, &fetch, page),
            Replied::Heartbeat(heartbeat) => self.link(node, |link, now| link.handle_heartbeat(heartbeat, now)),
            Replied::Owner { site, owner } => self.link(node, |link, now| link.handle_owner(id_of(site), owner, now)),
            Replied::Swept(swept) => {
                let swept = swept.map(|rows| rows.into_iter().map(|(site, owner)| (id_of(site), owner)).collect());
                self.link(node, |link, now| link.handle_swept(swept, now));
            }
            Replied::LetGo { site, epoch, written } => {
                self.link(node, |link, now| link.handle_let_go(id_of(site), epoch, written, now));
            }
        }
    }

    /// A dead node starts again, as another.
    pub fn start_node(&mut self, node: usize) {
        if !self.nodes[node].up {
            self.nodes[node].up = true;
            self.link_due(node);
        }
    }
}
