//! Owning: who has a site's desk, and when this node may open it.

use crate::ids::{Epoch, NodeId, SiteId};
use crate::link::effect::{Claim, Effect, Heartbeat, NotOpened, Owner, StoreAway};
use crate::link::envelope::Notice;
use crate::link::place::{Desk, Reading, Row};
use crate::link::sending::Reach;
use crate::link::{Drain, Link};
use crate::now::Instant;
use crate::session::NotSubmitted;
use std::collections::BTreeSet;

impl Link {
    /// Somebody needs the site: finds its owner, or opens it.
    pub(super) fn seek(&mut self, site: SiteId, now: Instant) {
        let place = self.places.at(site);
        match (place.desk, place.row) {
            (Desk::None, Row::Unread) => self.read_owner(site, Reading::Wanted),
            (Desk::None, Row::Read(_)) => {
                if self.claim(site).is_some() {
                    self.opens.want(site, now);
                }
            }
            (Desk::Opening | Desk::Open(_) | Desk::LettingGo { .. }, _) => {}
        }
    }

    /// Whether mail may wait here, because this node is about to open the site.
    pub(super) fn will_open(&mut self, site: SiteId, now: Instant) -> bool {
        self.seek(site, now);
        let wanted = self.opens.wants(site);
        self.open_wanted(now);
        wanted
    }

    /// By what right this node may open the site, if by any.
    fn claim(&self, site: SiteId) -> Option<Claim> {
        if self.drain == Drain::LetsGo {
            return None;
        }
        let Row::Read(row) = self.places.get(site)?.row else { return None };
        let Some(Owner { node, epoch, successor }) = row else { return Some(Claim::Unowned) };
        match node {
            Some(owner) if owner == self.node => Some(Claim::Own { epoch }),
            Some(owner) => self.nodes.dead_at(owner).map(|beats| Claim::Dead { epoch, owner, beats }),
            None if successor.is_some_and(|heir| heir != self.node && self.nodes.is_living(heir)) => None,
            None => Some(Claim::LetGo { epoch }),
        }
    }

    /// Opens what is wanted, as far as this node may: without a lease it cannot know who is dead.
    pub(super) fn open_wanted(&mut self, now: Instant) {
        if !self.nodes.holds_lease(now) {
            return;
        }
        while let Some(site) = self.opens.next(now) {
            match (self.places.desk(site), self.claim(site)) {
                (Desk::None, Some(claim)) => {
                    self.places.at(site).desk = Desk::Opening;
                    self.effects.push_back(Effect::Open { site, claim });
                }
                (Desk::None | Desk::Opening | Desk::Open(_) | Desk::LettingGo { .. }, _) => self.opens.end(site),
            }
        }
    }

    pub(super) fn desk_opened(&mut self, site: SiteId, epoch: Epoch, now: Instant) {
        self.opens.end(site);
        let fenced = self.places.epoch(site).is_some_and(|known| known > epoch);
        if fenced || !self.nodes.holds_lease(now) {
            // The lease ended while the store was opening it.
            return self.lose_desk(site, now);
        }
        let place = self.places.at(site);
        place.desk = Desk::Open(epoch);
        place.row = Row::Read(Some(Owner { node: Some(self.node), epoch, successor: None }));
        let waiting = place.take_waiting();
        self.announce(Notice::Opened { site, epoch });
        let answered: BTreeSet<NodeId> = self.held.nodes_at(site).collect();
        let missing = self.nodes.living().filter(|node| !answered.contains(node)).collect();
        self.roll_calls.begin(site, missing, now);
        let (own, held) = (self.joined.introduce(site), self.held.introduce(site));
        self.tell_desk_all(site, own);
        self.tell_desk_all(site, held);
        for mail in waiting {
            self.route(site, mail, now);
        }
        self.resubmit(site, now);
        if self.drain == Drain::LetsGo {
            self.let_go(site, epoch, self.nodes.successor());
        }
    }

    pub(super) fn not_opened(&mut self, site: SiteId, why: NotOpened, now: Instant) {
        self.close_desk(site);
        match why {
            NotOpened::Lost(row) => {
                self.opens.end(site);
                match row {
                    Some(owner) => {
                        self.learn(site, owner, now);
                    }
                    None => self.places.at(site).row = Row::Read(None),
                }
            }
            NotOpened::Away => self.opens.fail(site, now),
        }
        // Whoever opened it meanwhile could not be told while this node tried to.
        self.resubmit(site, now);
        self.open_wanted(now);
    }

    /// The desk is no longer here, and what was known for it is forgotten.
    pub(super) fn close_desk(&mut self, site: SiteId) {
        let place = self.places.at(site);
        place.desk = Desk::None;
        place.take_waiting();
        self.held.forget_site(site);
        self.roll_calls.forget(site);
        self.joined.tell_whole(site);
    }

    /// The desk is dropped, and wanted again: its conversations go on as soon as this node may.
    fn lose_desk(&mut self, site: SiteId, now: Instant) {
        self.close_desk(site);
        self.effects.push_back(Effect::DropDesk { site });
        self.opens.want(site, now);
    }

    pub(super) fn read_owner(&mut self, site: SiteId, why: Reading) {
        let place = self.places.at(site);
        if place.reading == Reading::Not {
            place.reading = why;
            self.effects.push_back(Effect::ReadOwner { site });
        }
    }

    pub(super) fn owner_read(&mut self, site: SiteId, owner: Result<Option<Owner>, StoreAway>, now: Instant) {
        let place = self.places.at(site);
        let why = std::mem::take(&mut place.reading);
        // Whoever still needs it asks again with the next heartbeat.
        let Ok(owner) = owner else { return };
        let before = place.row;
        match owner {
            Some(owner) => {
                self.learn(site, owner, now);
            }
            None if before == Row::Unread => place.row = Row::Read(None),
            None => {}
        }
        if why == Reading::Doubted && self.places.at(site).row == before {
            self.give_up(site);
        }
        self.seek(site, now);
        self.open_wanted(now);
    }

    /// The owner that the row names says it is not: whoever waits is told to come back.
    fn give_up(&mut self, site: SiteId) {
        for (socket, command) in self.unanswered.take_all(site) {
            self.effects.push_back(Effect::Refuse { socket, command, why: NotSubmitted::Busy });
        }
    }

    /// Takes note of a row, if it is newer than the one known: a desk here that it fences is dropped, and the new owner
    /// is told who has joined and what waits for an answer. Says whether it was newer.
    pub(super) fn learn(&mut self, site: SiteId, owner: Owner, now: Instant) -> bool {
        let place = self.places.at(site);
        if place.owner().is_some_and(|known| !owner.is_newer_than(&known)) {
            return false;
        }
        let own = owner.node == Some(self.node);
        place.row = Row::Read(Some(owner));
        match place.desk {
            Desk::Open(_) | Desk::LettingGo { .. } if !own => {
                self.close_desk(site);
                self.effects.push_back(Effect::DropDesk { site });
            }
            Desk::Open(_) | Desk::LettingGo { .. } | Desk::Opening | Desk::None => {}
        }
        if own {
            // An open whose outcome was unknown: the owner by record has a desk, or is getting one.
            self.opens.want(site, now);
        } else {
            self.opens.settle(site);
            self.joined.tell_whole(site);
            // Its senders hear of the owner themselves.
            self.places.at(site).take_waiting();
        }
        self.resubmit(site, now);
        self.seek_if_needed(site, now);
        true
    }

    /// Whether a desk of this node still speaks for the site.
    pub(super) fn speaks_for(&self, site: SiteId, epoch: Epoch) -> bool {
        match self.places.desk(site) {
            Desk::Open(open) | Desk::LettingGo { epoch: open, .. } => open == epoch,
            Desk::None | Desk::Opening => false,
        }
    }

    pub(super) fn let_go(&mut self, site: SiteId, epoch: Epoch, successor: Option<NodeId>) {
        self.places.at(site).desk = Desk::LettingGo { epoch, successor };
        self.effects.push_back(Effect::LetGo { site, epoch, successor });
    }

    pub(super) fn desk_let_go(&mut self, site: SiteId, epoch: Epoch, written: Result<(), StoreAway>, now: Instant) {
        let Desk::LettingGo { epoch: open, successor } = self.places.desk(site) else { return };
        if open != epoch {
            return;
        }
        self.close_desk(site);
        if written.is_ok() {
            self.learn(site, Owner { node: None, epoch, successor }, now);
            self.announce(Notice::LetGo { site, epoch, successor });
        } else if self.drain != Drain::LetsGo {
            // The row may name this node yet: no sweep opens it while this node lives, and a deadline would pass.
            self.opens.want(site, now);
        }
        self.seek_if_needed(site, now);
        self.open_wanted(now);
    }

    /// Somebody may have come while the site was being let go.
    fn seek_if_needed(&mut self, site: SiteId, now: Instant) {
        if self.joined.has(site) || self.unanswered.has(site) {
            self.seek(site, now);
        }
    }

    pub(super) fn heartbeat_got_through(&mut self, heartbeat: &Heartbeat, now: Instant) {
        // First what was lost meanwhile, then the lease: a desk that was fenced must not speak under it.
        for (site, owner) in &heartbeat.changed {
            self.learn(*site, *owner, now);
        }
        let was_away = !self.nodes.holds_lease(now);
        self.nodes.read(heartbeat, now);
        self.sent_away &= !self.nodes.holds_lease(now);
        if was_away {
            self.opens.hurry(now);
            self.return_to_peers(now);
        }
        self.bury_the_dead();
        let needed: BTreeSet<SiteId> = self.joined.sites().chain(self.unanswered.sites()).collect();
        for site in needed {
            if self.reach(site) != Reach::Here {
                self.seek(site, now);
            }
        }
        self.open_wanted(now);
    }

    /// Peers held this node for dead, maybe: beats show them which sets they lack.
    fn return_to_peers(&mut self, now: Instant) {
        for peer in self.peers.values_mut() {
            peer.touch(now);
        }
    }

    /// A node whose heartbeat stood still for a lease has nobody anywhere.
    fn bury_the_dead(&mut self) {
        for node in self.held.nodes() {
            if self.nodes.is_living(node) {
                continue;
            }
            for site in self.held.sites_of(node) {
                let inputs = self.held.forget(site, node);
                if self.reach(site) == Reach::Here {
                    self.tell_desk_all(site, inputs);
                }
            }
        }
        self.roll_calls.excuse_all_but(&self.nodes.living().collect());
    }

    /// Without a lease another node may own what this one thinks is its own: the desks are dropped.
    pub(super) fn heed_lease(&mut self, now: Instant) {
        if self.nodes.holds_lease(now) {
            return;
        }
        for (site, _) in self.places.open() {
            self.lose_desk(site, now);
        }
    }
}
