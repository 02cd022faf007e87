//! Receiving: what peers say, and how what they said without being heard is found out.

use crate::effects::Delivery;
use crate::ids::{Epoch, NodeId, SiteId};
use crate::link::Link;
use crate::link::beat::Beat;
use crate::link::effect::{Effect, Owner};
use crate::link::envelope::{Carrier, Content, Envelope, Letter, Mail, Notice};
use crate::link::held::{Gap, digest};
use crate::link::peer::Arrival;
use crate::link::place::{Desk, Reading};
use crate::link::sending::Reach;
use crate::link::set::{Change, Set, Version};
use crate::now::Instant;

impl Link {
    pub(super) fn receive(&mut self, carrier: Carrier, envelope: Envelope, now: Instant) {
        let from = envelope.from;
        match envelope.content {
            Content::Letters { counter, letters } => {
                let arrival = self.peer(from).arrive(counter, now);
                if arrival == Arrival::Late {
                    return;
                }
                for letter in letters {
                    self.open_letter(from, letter, now);
                }
                if arrival == Arrival::AfterHole {
                    self.find_hole(from, now);
                }
            }
            Content::Beat(beat) => self.hear_beat(from, carrier, &beat, now),
            Content::Notice(notice) => self.hear_notice(from, notice, now),
        }
    }

    fn open_letter(&mut self, from: NodeId, letter: Letter, now: Instant) {
        match letter {
            Letter::Submit { site, epoch, mail } => {
                self.heed_epoch(site, epoch);
                self.take_mail(from, site, mail, now);
            }
            Letter::Deliver { site, epoch, deliveries } => self.take_deliveries(from, site, epoch, deliveries, now),
            Letter::Refused { site, socket, command, lane, why } => {
                if let Some(command) = self.unanswered.take(site, socket, command, lane) {
                    self.effects.push_back(Effect::Refuse { socket, command, why });
                }
            }
            Letter::Set { site, epoch, set } => {
                self.heed_epoch(site, Some(epoch));
                self.take_set(from, site, set, now);
            }
            Letter::Change { site, epoch, change } => {
                self.heed_epoch(site, Some(epoch));
                self.take_change(from, site, change, now);
            }
            Letter::AskVersions => {
                let versions = self.joined.told_to(from);
                self.post(from, Letter::Versions(versions), now);
            }
            Letter::Versions(versions) => self.compare_versions(from, &versions, now),
            Letter::AskSets(sites) => {
                for site in sites {
                    self.joined.tell_whole(site);
                }
            }
            Letter::NotOwner { site } => {
                if self.reach(site) == Reach::Peer(from) {
                    self.read_owner(site, Reading::Doubted);
                }
            }
        }
    }

    /// A peer that has seen a higher epoch knows of an owner that this node does not.
    fn heed_epoch(&mut self, site: SiteId, epoch: Option<Epoch>) {
        if epoch > self.places.epoch(site) {
            self.read_owner(site, Reading::Wanted);
        }
    }

    /// Mail for a desk that should be here.
    fn take_mail(&mut self, from: NodeId, site: SiteId, mail: Mail, now: Instant) {
        match self.places.desk(site) {
            Desk::Open(_) => self.effects.push_back(Effect::Desk { site, input: mail.into_input() }),
            // Whoever sent it hears of the next owner, and sends it again.
            Desk::LettingGo { .. } => {}
            Desk::Opening => self.places.at(site).keep(mail),
            Desk::None if self.will_open(site, now) => self.places.at(site).keep(mail),
            Desk::None => self.disown(from, site, now),
        }
    }

    /// Events and answers of an owner; those of an epoch that is over are dropped.
    fn take_deliveries(&mut self, from: NodeId, site: SiteId, epoch: Epoch, deliveries: Vec<Delivery>, now: Instant) {
        self.learn(site, Owner { node: Some(from), epoch, successor: None }, now);
        if self.places.epoch(site) == Some(epoch) {
            self.deliver_here(site, deliveries);
        }
    }

    fn take_set(&mut self, from: NodeId, site: SiteId, set: Set, now: Instant) {
        if !self.may_hold(from, site, now) {
            return;
        }
        let inputs = self.held.take(site, from, set);
        self.tell_if_open(site, inputs);
        self.roll_calls.answer(site, from);
    }

    fn take_change(&mut self, from: NodeId, site: SiteId, change: Change, now: Instant) {
        if !self.may_hold(from, site, now) {
            return;
        }
        match self.held.change(site, from, change) {
            Ok(inputs) => self.tell_if_open(site, inputs),
            Err(Gap) => self.post(from, Letter::AskSets(vec![site]), now),
        }
    }

    /// Whether a peer's set is of use here: the desk is here or coming, and the peer lives.
    fn may_hold(&mut self, from: NodeId, site: SiteId, now: Instant) -> bool {
        let here = match self.places.desk(site) {
            Desk::Open(_) | Desk::Opening => true,
            // The next owner asks for it.
            Desk::LettingGo { .. } => return false,
            Desk::None => self.will_open(site, now),
        };
        if !here {
            self.disown(from, site, now);
        }
        here && self.nodes.is_living(from)
    }

    /// What is held while the desk is opening is told when it has opened.
    fn tell_if_open(&mut self, site: SiteId, inputs: Vec<crate::desk::input::Input>) {
        if self.reach(site) == Reach::Here {
            self.tell_desk_all(site, inputs);
        }
    }

    fn disown(&mut self, to: NodeId, site: SiteId, now: Instant) {
        self.post(to, Letter::NotOwner { site }, now);
    }

    /// The peer's sets against those held: what differs is asked for, what is no more is forgotten.
    fn compare_versions(&mut self, from: NodeId, versions: &[(SiteId, Version)], now: Instant) {
        let held = self.held.versions_of(from);
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            versions.iter().partition(|(site, _)| !matches!(self.places.desk(*site), Desk::None));
        for (site, _) in elsewhere {
            self.disown(from, site, now);
        }
        let differ: Vec<SiteId> = here.into_iter().filter(|pair| !held.contains(pair)).map(|(site, _)| site).collect();
        if !differ.is_empty() {
            self.post(from, Letter::AskSets(differ), now);
        }
        for (site, _) in held {
            if !versions.iter().any(|(told, _)| *told == site) {
                let inputs = self.held.forget(site, from);
                self.tell_if_open(site, inputs);
            }
        }
    }

    fn hear_beat(&mut self, from: NodeId, carrier: Carrier, beat: &Beat, now: Instant) {
        let heard = self.peer(from).hear(carrier, beat, now);
        if heard.hole_from {
            self.find_hole(from, now);
        } else if heard.hole_to {
            self.resubmit_to(from, now);
        }
        let differs = digest(&self.held.versions_of(from)) != beat.digest;
        if heard.judged && differs && self.nodes.is_living(from) {
            self.post(from, Letter::AskVersions, now);
        }
    }

    fn find_hole(&mut self, from: NodeId, now: Instant) {
        self.holes += 1;
        self.peer(from).tear();
        self.mend(from, now);
    }

    /// Something that a peer said was lost: this node's sockets ask again where everything stands at the sites they
    /// follow through it, and their unanswered commands are said again. Not at once, if they did so just now.
    pub(super) fn mend(&mut self, from: NodeId, now: Instant) {
        if !self.peer(from).takes_mending(now) {
            return;
        }
        let sites: Vec<SiteId> = self.joined.sites().filter(|site| self.reach(*site) == Reach::Peer(from)).collect();
        for site in sites {
            self.joined.ask_again(site);
        }
        self.resubmit_to(from, now);
    }

    fn hear_notice(&mut self, from: NodeId, notice: Notice, now: Instant) {
        match notice {
            Notice::Opened { site, epoch } => {
                let owner = Owner { node: Some(from), epoch, successor: None };
                if !self.learn(site, owner, now) {
                    // What it was sent before it could take it.
                    self.resubmit(site, now);
                }
            }
            Notice::LetGo { site, epoch, successor } => {
                self.learn(site, Owner { node: None, epoch, successor }, now);
                if successor == Some(self.node) {
                    self.seek(site, now);
                }
            }
        }
        self.open_wanted(now);
    }
}
