//! Stage: nodes with a link each, desks that write down what they are told, carriers and a store.

pub mod store;

use gateway_core::desk::input::{Input, Join};
use gateway_core::effects::Delivery;
use gateway_core::ids::{Epoch, NodeId, Principal, SiteId, Socket, VisitorSocket};
use gateway_core::link::Link;
use gateway_core::link::effect::{Effect, StoreAway};
use gateway_core::link::envelope::{Carrier, Content, Envelope, Letter};
use gateway_core::now::{Instant, Now};
use gateway_core::session::NotSubmitted;
use protocol::{
    Action, Availability, Command, CommandId, ConversationId, Down, FollowFrom, Nothing, OutboxId, Outcome, Position,
    SessionId,
};
use std::collections::{BTreeMap, BTreeSet};
use store::Store;
use uuid::Uuid;

pub const SITE: SiteId = SiteId(1);
/// The first carrier is quick, the second is read now and then.
const CARRIER_MS: [u64; 2] = [2, 60];
const TICK_MS: u64 = 10;

/// Nodes by their place.
pub const A: usize = 0;
pub const B: usize = 1;
pub const C: usize = 2;

/// What one desk was told, and who has joined it.
#[derive(Debug)]
pub struct Desk {
    pub epoch: Epoch,
    pub joined: BTreeSet<Socket>,
    pub told: Vec<Input>,
    pub called: bool,
}

pub struct Node {
    pub link: Link,
    pub id: NodeId,
    pub desks: BTreeMap<SiteId, Desk>,
    pub delivered: Vec<Delivery>,
    pub refused: Vec<NotSubmitted>,
    pub opened: Vec<SiteId>,
    pub sent_away: bool,
    /// How often the node asked for a row by itself.
    pub rows_read: usize,
    /// Neither runs nor hears; the heartbeat stands still.
    pub frozen: bool,
}

struct Flying {
    at: u64,
    to: usize,
    carrier: Carrier,
    envelope: String,
}

pub struct Cluster {
    pub now_ms: u64,
    pub nodes: Vec<Node>,
    pub store: Store,
    /// Nodes that do not reach the store.
    pub storeless: BTreeSet<usize>,
    /// Carriers that lose all.
    pub down: BTreeSet<u8>,
    /// Ways that lose all, from and to.
    pub cut: BTreeSet<(usize, usize)>,
    /// How many of the next envelopes of letters are lost on a way.
    pub lose_letters: BTreeMap<(usize, usize), usize>,
    /// Notices are lost.
    pub deaf: bool,
    /// Desks answer commands.
    pub answers: bool,
    /// Desks are full, and refuse commands.
    pub full: bool,
    /// The store does not answer opens yet; these wait.
    pub hold_opens: bool,
    pub held_opens: Vec<(usize, Effect)>,
    /// Letters that arrived, with their way.
    pub letters: Vec<(usize, usize, Letter)>,
    /// Beats sent, with their way and carrier.
    pub beats: Vec<(u64, usize, usize, Carrier)>,
    flying: Vec<Flying>,
    /// Letters that were sent, lost or not, for late copies.
    sent: Vec<(usize, Carrier, String)>,
    ordinals: u32,
    words: u32,
}

pub fn visitor(node: usize, number: u64) -> Socket {
    Socket::Visitor(VisitorSocket(id_of(node).socket(number)))
}

fn id_of(node: usize) -> NodeId {
    NodeId::new(u32::try_from(node).expect("a few nodes") + 1)
}

pub fn conversation(number: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(number))
}

pub fn principal(socket: Socket) -> Principal {
    let (Socket::Visitor(VisitorSocket(number)) | Socket::Agent(gateway_core::ids::AgentSocket(number))) = socket;
    Principal::Visitor(protocol::VisitorId(Uuid::from_u128(u128::from(number))))
}

impl Cluster {
    /// Nodes that have just started, one after another.
    pub fn of(nodes: usize) -> Self {
        let mut cluster = Self {
            now_ms: 100_000,
            nodes: Vec::new(),
            store: Store::default(),
            storeless: BTreeSet::new(),
            down: BTreeSet::new(),
            cut: BTreeSet::new(),
            lose_letters: BTreeMap::new(),
            deaf: false,
            answers: true,
            full: false,
            hold_opens: false,
            held_opens: Vec::new(),
            letters: Vec::new(),
            beats: Vec::new(),
            flying: Vec::new(),
            sent: Vec::new(),
            ordinals: 0,
            words: 0,
        };
        for _ in 0..nodes {
            cluster.start();
        }
        cluster
    }

    /// Nodes that know each other; the first owns the site and has a desk for it, and `sockets` have joined.
    pub fn settled(nodes: usize, sockets: &[Socket]) -> Self {
        let mut cluster = Self::of(nodes);
        cluster.run(4_500);
        cluster.join(visitor(A, 99), &[]);
        cluster.run(100);
        assert!(cluster.nodes[A].desks.contains_key(&SITE), "the first who needs a site opens it");
        for socket in sockets {
            cluster.join(*socket, &[]);
        }
        cluster.run(1_500);
        for node in &mut cluster.nodes {
            node.delivered.clear();
        }
        cluster.letters.clear();
        cluster
    }

    pub fn start(&mut self) -> usize {
        let place = self.nodes.len();
        let seed = u64::try_from(place).expect("a few nodes");
        self.nodes.push(Node {
            link: Link::new(id_of(place), 2, seed, self.now()),
            id: id_of(place),
            desks: BTreeMap::new(),
            delivered: Vec::new(),
            refused: Vec::new(),
            opened: Vec::new(),
            sent_away: false,
            rows_read: 0,
            frozen: false,
        });
        place
    }

    pub fn now(&self) -> Now {
        Now { instant: Instant(self.now_ms), wall_ms: self.now_ms }
    }

    pub fn run(&mut self, ms: u64) {
        let until = self.now_ms + ms;
        while self.now_ms < until {
            self.now_ms += TICK_MS;
            self.arrive();
            for node in 0..self.nodes.len() {
                if self.nodes[node].frozen {
                    continue;
                }
                if self.nodes[node].link.poll_timeout() <= self.now().instant {
                    let now = self.now();
                    self.nodes[node].link.handle_timeout(now);
                }
                self.settle(node);
            }
        }
    }

    fn arrive(&mut self) {
        let (due, later) = std::mem::take(&mut self.flying).into_iter().partition(|flying| flying.at <= self.now_ms);
        self.flying = later;
        let due: Vec<Flying> = due;
        for flying in due {
            if !self.nodes[flying.to].frozen {
                let envelope: Envelope = serde_json::from_str(&flying.envelope).expect("an envelope can be read");
                self.hand(flying.to, flying.carrier, envelope);
            }
        }
    }

    /// Gives an envelope to a node now.
    pub fn hand(&mut self, to: usize, carrier: Carrier, envelope: Envelope) {
        let from = self.place(envelope.from);
        if let Content::Letters { letters, .. } = &envelope.content {
            self.letters.extend(letters.iter().map(|letter| (from, to, letter.clone())));
        }
        let now = self.now();
        self.nodes[to].link.handle_envelope(carrier, envelope, now);
        self.settle(to);
    }

    /// Gives a letter to a node as if it came from another, behind a hole.
    pub fn hand_letter(&mut self, from: NodeId, to: usize, letter: Letter) {
        let content = Content::Letters { counter: 1_000_000, letters: vec![letter] };
        self.hand(to, Carrier(0), Envelope { from, content });
    }

    /// An envelope of letters comes once more, that many before the last one.
    pub fn repeat(&mut self, back: usize) {
        let Some(index) = self.sent.len().checked_sub(back + 1) else { return };
        let (to, carrier, envelope) = self.sent[index].clone();
        self.flying.push(Flying { at: self.now_ms, to, carrier, envelope });
    }

    pub fn run_until(&mut self, ms: u64, done: impl Fn(&Self) -> bool) {
        let until = self.now_ms + ms;
        while !done(self) {
            assert!(self.now_ms < until, "it takes too long");
            self.run(TICK_MS);
        }
    }

    pub fn place(&self, id: NodeId) -> usize {
        self.nodes.iter().position(|node| node.id == id).expect("a node of the cluster")
    }

    /// Does what a link asks for until it asks for nothing.
    pub fn settle(&mut self, node: usize) {
        let now = self.now();
        while let Some(effect) = self.nodes[node].link.poll_effect(now) {
            self.carry_out(node, effect);
        }
    }

    fn carry_out(&mut self, node: usize, effect: Effect) {
        if self.hold_opens && matches!(effect, Effect::Open { .. }) {
            self.held_opens.push((node, effect));
            return;
        }
        let (now, away) = (self.now(), self.storeless.contains(&node));
        let id = self.nodes[node].id;
        match effect {
            Effect::Send { carrier, to, envelope } => {
                if let Some(to) = self.nodes.iter().position(|node| node.id == to) {
                    self.send(node, to, carrier, &envelope);
                }
            }
            Effect::Announce(envelope) => {
                let peers = if self.deaf { 0 } else { self.nodes.len() };
                for to in (0..peers).filter(|to| *to != node) {
                    self.fly(node, to, Carrier(0), &envelope);
                    self.fly(node, to, Carrier(1), &envelope);
                }
            }
            Effect::Desk { site, input } => self.tell_desk(node, site, input),
            Effect::Deliver(deliveries) => self.nodes[node].delivered.extend(deliveries),
            Effect::Refuse { why, .. } => self.nodes[node].refused.push(why),
            Effect::Heartbeat { sent, ready, changed_within_ms } => {
                let store = &mut self.store;
                let answer = (!away)
                    .then(|| store.heartbeat(id, ready, sent, changed_within_ms, now.instant.0))
                    .ok_or(StoreAway);
                self.nodes[node].link.handle_heartbeat(answer, now);
            }
            Effect::ReadOwner { site } => {
                self.nodes[node].rows_read += 1;
                let row = if away { Err(StoreAway) } else { Ok(self.store.owner(site)) };
                self.nodes[node].link.handle_owner(site, row, now);
            }
            Effect::Open { site, claim } => {
                let opened = if away { None } else { Some(self.store.open(site, id, claim, self.now_ms)) };
                let opened = opened.unwrap_or(Err(gateway_core::link::effect::NotOpened::Away));
                if let Ok(epoch) = opened {
                    let desk = Desk { epoch, joined: BTreeSet::new(), told: Vec::new(), called: false };
                    self.nodes[node].desks.insert(site, desk);
                    self.nodes[node].opened.push(site);
                }
                self.nodes[node].link.handle_opened(site, opened, now);
            }
            Effect::Sweep { living, limit } => {
                let swept = if away { Err(StoreAway) } else { Ok(self.store.sweep(&living, limit, self.now_ms)) };
                self.nodes[node].link.handle_swept(swept, now);
            }
            Effect::DropDesk { site } => {
                self.nodes[node].desks.remove(&site);
            }
            Effect::LetGo { site, epoch, successor } => {
                self.nodes[node].desks.remove(&site);
                let written =
                    if away { Err(StoreAway) } else { self.store.let_go(site, epoch, successor, self.now_ms) };
                self.nodes[node].link.handle_let_go(site, epoch, written, now);
            }
            Effect::SendSocketsAway { .. } => self.nodes[node].sent_away = true,
        }
    }

    fn send(&mut self, from: usize, to: usize, carrier: Carrier, envelope: &Envelope) {
        match &envelope.content {
            Content::Beat(_) => self.beats.push((self.now_ms, from, to, carrier)),
            Content::Letters { .. } => {
                let copy = serde_json::to_string(envelope).expect("an envelope can be written");
                self.sent.push((to, carrier, copy));
                if let Some(left) = self.lose_letters.get_mut(&(from, to)).filter(|left| **left > 0) {
                    *left -= 1;
                    return;
                }
            }
            Content::Notice(_) => {}
        }
        self.fly(from, to, carrier, envelope);
    }

    fn fly(&mut self, from: usize, to: usize, carrier: Carrier, envelope: &Envelope) {
        if self.down.contains(&carrier.0) || self.cut.contains(&(from, to)) || self.nodes[to].frozen {
            return;
        }
        let envelope = serde_json::to_string(envelope).expect("an envelope can be written");
        let at = self.now_ms + CARRIER_MS[usize::from(carrier.0)];
        self.flying.push(Flying { at, to, carrier, envelope });
    }

    /// The store answers what it did not answer yet.
    pub fn let_opens_go(&mut self) {
        for (node, effect) in std::mem::take(&mut self.held_opens) {
            self.carry_out(node, effect);
            self.settle(node);
        }
    }

    /// The desk of whoever owns the site is dropped by its shell.
    pub fn lose_desk(&mut self) {
        for node in self.owners() {
            let (epoch, now) = (self.desk(node).epoch, self.now());
            self.nodes[node].desks.remove(&SITE);
            self.nodes[node].link.handle_desk_lost(SITE, epoch, now);
            self.settle(node);
        }
    }

    /// The desk on a node says something to one socket: a word with a number that grows.
    pub fn say_to(&mut self, node: usize, socket: Socket) {
        self.words += 1;
        let (epoch, word, now) = (self.desk(node).epoch, word(socket, self.words), self.now());
        self.nodes[node].link.handle_released(SITE, epoch, vec![word], now);
        self.settle(node);
    }

    fn tell_desk(&mut self, node: usize, site: SiteId, input: Input) {
        let desk = self.nodes[node].desks.get_mut(&site).expect("only an open desk is told something");
        match &input {
            Input::Join(join) => {
                desk.joined.insert(join.socket);
            }
            Input::Leave { socket } => {
                desk.joined.remove(socket);
            }
            Input::RollCalled => {
                assert!(!desk.called, "opening ends once");
                desk.called = true;
            }
            _ => {}
        }
        desk.told.push(input.clone());
        let epoch = desk.epoch;
        if let (Input::Command { socket, command, .. }, true) = (&input, self.full) {
            let now = self.now();
            self.nodes[node].link.handle_refused(site, *socket, command, NotSubmitted::Busy, now);
            return;
        }
        if let Some(delivery) = answer(&input, self.answers) {
            let now = self.now();
            self.nodes[node].link.handle_released(site, epoch, vec![delivery], now);
        }
    }

    // ---- what sockets do ------------------------------------------------------------------------------------

    pub fn join(&mut self, socket: Socket, follows: &[ConversationId]) {
        self.join_at(SITE, socket, follows);
    }

    pub fn join_at(&mut self, site: SiteId, socket: Socket, follows: &[ConversationId]) {
        assert!(self.say(site, socket, join(socket, follows)).is_ok());
    }

    /// A node is told that a socket of another has joined.
    pub fn join_on(&mut self, node: usize, socket: Socket) {
        let (join, now) = (join(socket, &[]), self.now());
        self.nodes[node].link.handle_input(SITE, join, now);
        self.settle(node);
    }

    pub fn leave(&mut self, socket: Socket) {
        assert!(self.say(SITE, socket, Input::Leave { socket }).is_ok());
    }

    /// What a socket says; an error when its node gives it back at once.
    pub fn say(&mut self, site: SiteId, socket: Socket, input: Input) -> Result<(), NotSubmitted> {
        let (node, now) = (self.place(socket.node()), self.now());
        let refused = self.nodes[node].refused.len();
        self.nodes[node].link.handle_input(site, input, now);
        self.settle(node);
        self.nodes[node].refused.drain(refused..).next().map_or(Ok(()), Err)
    }

    /// The socket reopens a conversation: a short command. Gives its ordinal.
    pub fn command(&mut self, socket: Socket) -> Result<u32, NotSubmitted> {
        self.ordinals += 1;
        let id = CommandId { outbox: OutboxId(Uuid::from_u128(7)), ordinal: self.ordinals };
        let action = Action::Reopen(Nothing {});
        let command = Box::new(Command { id, conversation: Some(conversation(1)), action });
        let ordinal = self.ordinals;
        self.say(SITE, socket, Input::Command { socket, principal: principal(socket), command }).map(|()| ordinal)
    }

    // ---- what is looked at ----------------------------------------------------------------------------------

    /// Who has joined the site's desk on a node.
    pub fn joined(&self, node: usize) -> Vec<Socket> {
        self.desk(node).joined.iter().copied().collect()
    }

    pub fn desk(&self, node: usize) -> &Desk {
        self.nodes[node].desks.get(&SITE).expect("the desk is here")
    }

    /// The nodes with a desk of the site.
    pub fn owners(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|node| self.nodes[*node].desks.contains_key(&SITE)).collect()
    }

    /// The ordinals of commands that a node's sockets were answered, in order.
    pub fn answered(&self, node: usize) -> Vec<u32> {
        self.nodes[node].delivered.iter().filter_map(answered).collect()
    }

    /// The ordinals of commands that the desk on a node was given.
    pub fn commands(&self, node: usize) -> Vec<u32> {
        let given = |input: &Input| match input {
            Input::Command { command, .. } => Some(command.id.ordinal),
            _ => None,
        };
        self.desk(node).told.iter().filter_map(given).collect()
    }

    /// How many words reached sockets of a node.
    pub fn heard(&self, node: usize) -> usize {
        self.nodes[node].delivered.iter().filter_map(number).count()
    }

    /// No word came after a later one.
    pub fn check_words(&self) {
        for node in &self.nodes {
            let numbers: Vec<u32> = node.delivered.iter().filter_map(number).collect();
            assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        }
    }

    /// How often the desk on a node was told that a socket joins.
    pub fn joins(&self, node: usize, socket: Socket) -> usize {
        self.desk(node).told.iter().filter(|input| matches!(input, Input::Join(join) if join.socket == socket)).count()
    }

    /// What the desk on a node was told of others' sockets, by name.
    pub fn told(&self, node: usize) -> Vec<&'static str> {
        self.desk(node).told.iter().map(name).collect()
    }

    pub fn count_letters(&self, which: impl Fn(&Letter) -> bool) -> usize {
        self.letters.iter().filter(|(_, _, letter)| which(letter)).count()
    }
}

fn join(socket: Socket, follows: &[ConversationId]) -> Input {
    let follow = |id: &ConversationId| FollowFrom { conversation: *id, position: Position::default() };
    Input::Join(Box::new(Join {
        socket,
        principal: principal(socket),
        session: SessionId(Uuid::from_u128(1)),
        generation: 1,
        follows: follows.iter().map(follow).collect(),
        page: None,
        browser: None,
    }))
}

fn name(input: &Input) -> &'static str {
    match input {
        Input::Join(_) => "join",
        Input::Leave { .. } => "leave",
        Input::Follow { .. } => "follow",
        Input::Unfollow { .. } => "unfollow",
        Input::Page { .. } => "page",
        Input::Availability { .. } => "availability",
        Input::Watch { .. } => "watch",
        Input::Unwatch { .. } => "unwatch",
        Input::RollCalled => "roll called",
        _ => "other",
    }
}

/// A word for a socket, whose number is told where a desk tells how many wait.
pub fn word(to: Socket, number: u32) -> Delivery {
    let Socket::Visitor(to) = to else { panic!("words go to visitors here") };
    words(to, &Down::Availability(Availability { online: true, waiting: number }))
}

fn number(delivery: &Delivery) -> Option<u32> {
    match delivery {
        Delivery::Visitors { frame, .. } => match frame.frame() {
            Down::Availability(availability) => Some(availability.waiting),
            _ => None,
        },
        _ => None,
    }
}

fn answered(delivery: &Delivery) -> Option<u32> {
    match delivery {
        Delivery::Visitors { frame, .. } => match frame.frame() {
            Down::Ok(outcome) => Some(outcome.command.ordinal),
            _ => None,
        },
        _ => None,
    }
}

/// What a desk says at once: where a socket stands that joins, and ok to a command.
fn answer(input: &Input, answers: bool) -> Option<Delivery> {
    match input {
        Input::Join(join) => Some(Delivery::Joined { to: join.socket, heads: Vec::new(), agent: None }),
        Input::Command { socket: Socket::Visitor(socket), command, .. } if answers => {
            let outcome = Outcome { command: command.id, conversation: command.conversation, at: 0, made: None };
            Some(words(*socket, &Down::Ok(outcome)))
        }
        _ => None,
    }
}

/// Words of a desk, which only a desk can make: read from the wire.
pub fn words(to: VisitorSocket, frame: &Down) -> Delivery {
    let frame = serde_json::to_value(frame).expect("a frame can be written");
    Delivery::Visitors { to: vec![to], frame: serde_json::from_value(frame).expect("a frame can be read") }
}
