//! Joined: the sets of this node's own sockets, and what their owners have been told of them.
//!
//! Joins and leaves are never queued: a set is what it is now, and an owner is told the difference to what it has.

use crate::desk::input::{Input, Join};
use crate::effects::Delivery;
use crate::ids::{Epoch, NodeId, SiteId, Socket};
use crate::link::set::{Change, Member, Set, Version};
use protocol::{FollowFrom, View};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(crate) struct Joined {
    sites: BTreeMap<SiteId, Own>,
    version: Version,
    /// Sites whose owner has not been told all.
    untold: BTreeSet<SiteId>,
}

#[derive(Debug, Default)]
struct Own {
    version: Version,
    members: BTreeMap<Socket, Member>,
    told: Option<Told>,
    /// Sockets that have changed since the owner was told.
    touched: BTreeSet<Socket>,
}

/// Who was told last, and which version.
#[derive(Clone, Copy, Debug)]
struct Told {
    owner: NodeId,
    epoch: Epoch,
    version: Version,
}

/// What an owner is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    Whole(Set),
    Change(Change),
}

impl Joined {
    /// A socket joined; it may have been there before.
    pub fn join(&mut self, site: SiteId, join: &Join) {
        self.version += 1;
        let member = Member::of(join, self.version);
        let own = self.sites.entry(site).or_default();
        own.members.insert(join.socket, member);
        own.touch(join.socket, self.version);
        self.untold.insert(site);
    }

    pub fn leave(&mut self, site: SiteId, socket: Socket) {
        self.version += 1;
        let Some(own) = self.sites.get_mut(&site) else { return };
        if own.members.remove(&socket).is_some() {
            own.touch(socket, self.version);
            self.untold.insert(site);
        }
    }

    /// Takes what a socket says of itself; what a socket says that has not joined is passed over.
    pub fn take(&mut self, site: SiteId, input: &Input) {
        match input {
            Input::Join(join) => self.join(site, join),
            Input::Leave { socket } => self.leave(site, *socket),
            Input::Follow { socket, follows } => self.change(site, *socket, |member, at| follow(member, follows, at)),
            Input::Unfollow { socket, conversation } => self.change(site, *socket, |member, _| {
                member.follows.remove(conversation);
            }),
            Input::Lagged { socket } => self.change(site, *socket, |member, at| member.joined = at),
            Input::Page { socket, page } => self.change(site, *socket, |member, at| {
                member.page = Some((at, page.clone()));
            }),
            Input::Availability { socket } => self.change(site, *socket, |member, at| {
                member.availability = Some(at);
            }),
            Input::Watch { socket, view } => self.change(site, *socket, |member, at| watch(member, *view, at)),
            Input::Unwatch { socket, view } => self.change(site, *socket, |member, _| {
                member.views.remove(view);
            }),
            Input::Command { .. }
            | Input::Typing { .. }
            | Input::Read { .. }
            | Input::Loaded { .. }
            | Input::LoadedMessage { .. }
            | Input::LoadedLastAgent { .. }
            | Input::Closed { .. }
            | Input::Settings(_)
            | Input::SendAway { .. }
            | Input::SignedOut { .. }
            | Input::RollCalled => {}
        }
    }

    /// Takes from a desk's words what a socket follows without having asked: what its agent was given, what its
    /// visitor opened. The next desk must know it too; this one does.
    pub fn learn(&mut self, site: SiteId, delivery: &Delivery) {
        let (to, heads) = match delivery {
            Delivery::Joined { to, heads, .. } | Delivery::Heads { to, heads } => (to, heads),
            Delivery::Visitors { .. }
            | Delivery::Agents { .. }
            | Delivery::NotFollowed { .. }
            | Delivery::Unfollowed { .. }
            | Delivery::Close { .. } => return,
        };
        let Some(member) = self.sites.get_mut(&site).and_then(|own| own.members.get_mut(to)) else { return };
        for head in heads {
            member.follows.entry(head.conversation).or_insert((member.joined, head.position));
        }
    }

    fn change(&mut self, site: SiteId, socket: Socket, change: impl FnOnce(&mut Member, Version)) {
        self.version += 1;
        let Some(own) = self.sites.get_mut(&site) else { return };
        let Some(member) = own.members.get_mut(&socket) else { return };
        change(member, self.version);
        own.touch(socket, self.version);
        self.untold.insert(site);
    }

    /// Every member of the site asks again: words to them were lost.
    pub fn ask_again(&mut self, site: SiteId) {
        self.version += 1;
        let Some(own) = self.sites.get_mut(&site) else { return };
        for member in own.members.values_mut() {
            member.joined = self.version;
        }
        let sockets: Vec<Socket> = own.members.keys().copied().collect();
        for socket in sockets {
            own.touch(socket, self.version);
        }
        self.untold.insert(site);
    }

    /// What a desk of this node must be told that has just opened.
    pub fn introduce(&self, site: SiteId) -> Vec<Input> {
        let members = self.sites.get(&site).into_iter().flat_map(|own| own.members.values());
        members.flat_map(Member::introduce).collect()
    }

    /// The owner changed, or wants it all: it is told the whole set next, the empty one too.
    pub fn tell_whole(&mut self, site: SiteId) {
        self.sites.entry(site).or_default().told = None;
        self.untold.insert(site);
    }

    /// Takes out the sites whose owner has not been told all.
    pub fn take_untold(&mut self) -> BTreeSet<SiteId> {
        std::mem::take(&mut self.untold)
    }

    /// The site's owner cannot be told now.
    pub fn keep_untold(&mut self, site: SiteId) {
        self.forget_empty(site);
        if self.sites.contains_key(&site) {
            self.untold.insert(site);
        }
    }

    /// What the owner must be told next; it counts as told.
    pub fn tell(&mut self, site: SiteId, owner: NodeId, epoch: Epoch) -> Option<Telling> {
        let own = self.sites.get_mut(&site)?;
        let touched = std::mem::take(&mut own.touched);
        let before = own.told.replace(Told { owner, epoch, version: own.version });
        let telling = match before {
            Some(told) if (told.owner, told.epoch) == (owner, epoch) => {
                let (here, left): (Vec<Socket>, Vec<Socket>) =
                    touched.into_iter().partition(|socket| own.members.contains_key(socket));
                let members = here.iter().filter_map(|socket| own.members.get(socket).cloned()).collect();
                Telling::Change(Change { before: told.version, after: own.version, members, left })
            }
            Some(_) | None => {
                Telling::Whole(Set { version: own.version, members: own.members.values().cloned().collect() })
            }
        };
        self.forget_empty(site);
        Some(telling)
    }

    /// A desk of this node is told at once, and needs no set.
    pub fn told_here(&mut self, site: SiteId) {
        if let Some(own) = self.sites.get_mut(&site) {
            own.touched.clear();
        }
        self.forget_empty(site);
    }

    fn forget_empty(&mut self, site: SiteId) {
        if self.sites.get(&site).is_some_and(|own| own.members.is_empty()) {
            self.sites.remove(&site);
        }
    }

    /// The versions that a peer has been told, of sets that are not empty.
    pub fn told_to(&self, owner: NodeId) -> Vec<(SiteId, Version)> {
        let told = |(site, own): (&SiteId, &Own)| {
            own.told.filter(|told| told.owner == owner).map(|told| (*site, told.version))
        };
        self.sites.iter().filter_map(told).collect()
    }

    pub fn has(&self, site: SiteId) -> bool {
        self.sites.get(&site).is_some_and(|own| !own.members.is_empty())
    }

    /// Sites with members.
    pub fn sites(&self) -> impl Iterator<Item = SiteId> {
        self.sites.iter().filter(|(_, own)| !own.members.is_empty()).map(|(site, _)| *site)
    }
}

impl Own {
    fn touch(&mut self, socket: Socket, version: Version) {
        self.version = version;
        self.touched.insert(socket);
    }
}

fn follow(member: &mut Member, follows: &[FollowFrom], at: Version) {
    for follow in follows {
        member.follows.insert(follow.conversation, (at, follow.position));
    }
}

fn watch(member: &mut Member, view: View, at: Version) {
    member.views.insert(view, at);
}
