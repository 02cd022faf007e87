//! Sending: from this node's sockets and desks to where their words belong.

use crate::desk::input::Input;
use crate::effects::Delivery;
use crate::ids::{AgentSocket, Epoch, NodeId, Principal, SiteId, Socket, VisitorSocket};
use crate::limits::{DELIVERIES_PER_LETTER_MAX, UNITS_PER_ENVELOPE_MAX};
use crate::link::Link;
use crate::link::effect::Effect;
use crate::link::envelope::{Content, Envelope, Letter, Mail, Notice};
use crate::link::joined::Telling;
use crate::link::place::Desk;
use crate::now::Instant;
use crate::session::NotSubmitted;
use protocol::{CloseCode, Command};
use std::collections::BTreeMap;

/// Where a site's desk can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Here,
    Peer(NodeId),
    /// Nowhere yet.
    Nowhere,
}

impl Link {
    pub(super) fn reach(&self, site: SiteId) -> Reach {
        let Some(place) = self.places.get(site) else { return Reach::Nowhere };
        match place.desk {
            Desk::Open(_) => Reach::Here,
            Desk::Opening | Desk::LettingGo { .. } => Reach::Nowhere,
            Desk::None => {
                let owner = place.owner();
                let heir = owner.and_then(|owner| owner.successor).filter(|heir| self.nodes.is_living(*heir));
                match owner.and_then(|owner| owner.node).or(heir) {
                    Some(node) if node != self.node => Reach::Peer(node),
                    Some(_) | None => Reach::Nowhere,
                }
            }
        }
    }

    /// Keeps a command until it is answered.
    pub(super) fn keep(
        &mut self,
        site: SiteId,
        socket: Socket,
        principal: Principal,
        command: &Command,
        now: Instant,
    ) -> Result<(), NotSubmitted> {
        if self.reach(site) == Reach::Nowhere && !self.nodes.holds_lease(now) {
            return Err(NotSubmitted::Unavailable);
        }
        if !self.unanswered.keep(site, socket, principal, command) {
            return Err(NotSubmitted::Busy);
        }
        self.seek(site, now);
        self.open_wanted(now);
        Ok(())
    }

    /// Takes mail to the site's desk. Commands that cannot be taken now wait among the unanswered; the rest is lost.
    pub(super) fn route(&mut self, site: SiteId, mail: Mail, now: Instant) {
        match self.reach(site) {
            Reach::Here => self.effects.push_back(Effect::Desk { site, input: mail.into_input() }),
            Reach::Peer(node) => {
                let epoch = self.places.epoch(site);
                self.post(node, Letter::Submit { site, epoch, mail }, now);
            }
            Reach::Nowhere => {
                if let Mail::SendAway { socket } = mail {
                    // Nobody owes it an answer that it could wait for.
                    self.effects
                        .push_back(Effect::Deliver(vec![Delivery::Close { to: socket, code: CloseCode::Restart }]));
                }
            }
        }
    }

    /// A socket of this node came, went, or looks at something else.
    pub(super) fn change_own_set(&mut self, site: SiteId, input: Input, now: Instant) {
        self.joined.take(site, &input);
        if let Input::Leave { socket } = input {
            self.unanswered.forget(site, socket);
        } else {
            self.seek(site, now);
            self.open_wanted(now);
        }
        self.tell_desk(site, input);
    }

    /// Tells the site's desk, if it is here.
    pub(super) fn tell_desk(&mut self, site: SiteId, input: Input) {
        if self.reach(site) == Reach::Here {
            self.effects.push_back(Effect::Desk { site, input });
        }
    }

    pub(super) fn tell_desk_all(&mut self, site: SiteId, inputs: Vec<Input>) {
        self.effects.extend(inputs.into_iter().map(|input| Effect::Desk { site, input }));
    }

    /// Says a site's unanswered commands again, wherever its desk is now.
    pub(super) fn resubmit(&mut self, site: SiteId, now: Instant) {
        for mail in self.unanswered.of(site) {
            self.route(site, mail, now);
        }
    }

    /// Says again what waits for a peer's answer.
    pub(super) fn resubmit_to(&mut self, node: NodeId, now: Instant) {
        let sites: Vec<SiteId> = self.unanswered.sites().collect();
        for site in sites {
            if self.reach(site) == Reach::Peer(node) {
                self.resubmit(site, now);
            }
        }
    }

    /// Puts a letter into the peer's next envelope.
    pub(super) fn post(&mut self, to: NodeId, letter: Letter, now: Instant) {
        let peer = self.peer(to);
        peer.touch(now);
        peer.letters.push(letter);
    }

    pub(super) fn announce(&mut self, notice: Notice) {
        let envelope = Envelope { from: self.node, content: Content::Notice(notice) };
        self.effects.push_back(Effect::Announce(Box::new(envelope)));
    }

    /// Hands a desk's words to the nodes that hold the sockets.
    pub(super) fn deliver(&mut self, site: SiteId, epoch: Epoch, deliveries: Vec<Delivery>, now: Instant) {
        for (node, deliveries) in by_node(deliveries) {
            if node == self.node {
                self.deliver_here(site, deliveries);
            } else {
                for deliveries in deliveries.chunks(DELIVERIES_PER_LETTER_MAX) {
                    self.post(node, Letter::Deliver { site, epoch, deliveries: deliveries.to_vec() }, now);
                }
            }
        }
    }

    pub(super) fn deliver_here(&mut self, site: SiteId, deliveries: Vec<Delivery>) {
        for delivery in &deliveries {
            self.unanswered.settle(site, delivery);
            self.joined.learn(site, delivery);
        }
        self.effects.push_back(Effect::Deliver(deliveries));
    }

    /// A command settled nothing; its socket is told, wherever it is.
    pub(super) fn refuse(&mut self, site: SiteId, socket: Socket, command: &Command, why: NotSubmitted, now: Instant) {
        let (id, lane) = (command.id, command.conversation);
        if socket.node() != self.node {
            return self.post(socket.node(), Letter::Refused { site, socket, command: id, lane, why }, now);
        }
        if let Some(command) = self.unanswered.take(site, socket, id, lane) {
            self.effects.push_back(Effect::Refuse { socket, command, why });
        }
    }

    /// Makes envelopes of all that waits. Sets go first: who speaks has joined.
    pub(super) fn flush(&mut self, now: Instant) {
        for site in self.joined.take_untold() {
            self.tell_set(site, now);
        }
        let from = self.node;
        for (to, peer) in &mut self.peers {
            if peer.letters.is_empty() {
                continue;
            }
            let mut letters = std::mem::take(&mut peer.letters);
            letters.sort_by_key(|letter| !matches!(letter, Letter::Set { .. } | Letter::Change { .. }));
            for letters in cut(letters) {
                let envelope = Envelope { from, content: Content::Letters { counter: peer.count(), letters } };
                let effect = Effect::Send { carrier: peer.way.uses(), to: *to, envelope: Box::new(envelope) };
                self.effects.push_back(effect);
            }
        }
    }

    fn tell_set(&mut self, site: SiteId, now: Instant) {
        match (self.reach(site), self.places.epoch(site)) {
            (Reach::Here, _) => self.joined.told_here(site),
            (Reach::Peer(owner), Some(epoch)) => match self.joined.tell(site, owner, epoch) {
                Some(Telling::Whole(set)) => self.post(owner, Letter::Set { site, epoch, set }, now),
                Some(Telling::Change(change)) => self.post(owner, Letter::Change { site, epoch, change }, now),
                None => {}
            },
            (Reach::Peer(_), None) | (Reach::Nowhere, _) => self.joined.keep_untold(site),
        }
    }
}

impl Mail {
    /// What it is to the desk.
    #[must_use]
    pub fn into_input(self) -> Input {
        match self {
            Self::Command { socket, principal, command } => Input::Command { socket, principal, command },
            Self::Typing { socket, typing } => Input::Typing { socket, typing },
            Self::SendAway { socket } => Input::SendAway { socket },
            Self::Read { socket, read } => Input::Read { socket, read },
            Self::SignedOut { agent } => Input::SignedOut { agent },
        }
    }
}

/// Cuts letters into envelopes that a carrier can take, in their order. A letter that is too long by itself is alone.
fn cut(letters: Vec<Letter>) -> Vec<Vec<Letter>> {
    let mut envelopes: Vec<Vec<Letter>> = Vec::new();
    let mut units = 0;
    for letter in letters {
        units += units_of(&letter);
        match envelopes.last_mut().filter(|_| units <= UNITS_PER_ENVELOPE_MAX) {
            Some(last) => last.push(letter),
            None => {
                units = units_of(&letter);
                envelopes.push(vec![letter]);
            }
        }
    }
    envelopes
}

/// How long a letter may be, in the length of a longest command or frame. Members of sets are a tenth of that.
fn units_of(letter: &Letter) -> usize {
    match letter {
        Letter::Submit { .. } | Letter::Refused { .. } | Letter::AskVersions | Letter::NotOwner { .. } => 1,
        Letter::Deliver { deliveries, .. } => deliveries.len(),
        Letter::Set { set, .. } => 1 + set.members.len() / 10,
        Letter::Change { change, .. } => 1 + change.members.len() / 10,
        Letter::Versions(versions) => 1 + versions.len() / 100,
        Letter::AskSets(sites) => 1 + sites.len() / 100,
    }
}

/// The deliveries of each node, in their order.
fn by_node(deliveries: Vec<Delivery>) -> BTreeMap<NodeId, Vec<Delivery>> {
    let mut nodes: BTreeMap<NodeId, Vec<Delivery>> = BTreeMap::new();
    for delivery in deliveries {
        match delivery {
            Delivery::Visitors { to, frame } => {
                for (node, to) in split(to, VisitorSocket::node) {
                    nodes.entry(node).or_default().push(Delivery::Visitors { to, frame: frame.clone() });
                }
            }
            Delivery::Agents { to, frame } => {
                for (node, to) in split(to, AgentSocket::node) {
                    nodes.entry(node).or_default().push(Delivery::Agents { to, frame: frame.clone() });
                }
            }
            Delivery::Joined { to, .. }
            | Delivery::Heads { to, .. }
            | Delivery::NotFollowed { to, .. }
            | Delivery::Unfollowed { to, .. }
            | Delivery::Close { to, .. } => nodes.entry(to.node()).or_default().push(delivery),
        }
    }
    nodes
}

fn split<S: Copy>(sockets: Vec<S>, node: impl Fn(S) -> NodeId) -> BTreeMap<NodeId, Vec<S>> {
    let mut nodes: BTreeMap<NodeId, Vec<S>> = BTreeMap::new();
    for socket in sockets {
        nodes.entry(node(socket)).or_default().push(socket);
    }
    nodes
}
