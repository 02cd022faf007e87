//! Set: the sockets of one node that have joined one site, as the site's owner is told of them.
//!
//! Every part of a member carries the version at which it was last said, so a part that is said again is seen again.

use crate::desk::input::{Input, Join};
use crate::ids::{Principal, Socket};
use protocol::{ConversationId, FollowFrom, Page, Position, SessionId, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Versions of one node's sets; they grow over all its sites together, so a set that went and came back is newer.
pub type Version = u64;

/// One socket that has joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub socket: Socket,
    pub principal: Principal,
    pub session: SessionId,
    pub generation: u32,
    pub browser: Option<String>,
    /// When it last asked to join. Asking again brings heads, lists and places again.
    pub joined: Version,
    pub page: Option<(Version, Page)>,
    pub follows: BTreeMap<ConversationId, (Version, Position)>,
    /// Visitors: when it asked for availability.
    pub availability: Option<Version>,
    /// Agents: lists it watches.
    pub views: BTreeMap<View, Version>,
}

/// All members at a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Set {
    pub version: Version,
    pub members: Vec<Member>,
}

/// What makes one version of a set into another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub before: Version,
    pub after: Version,
    /// Members that are new or have changed, each whole.
    pub members: Vec<Member>,
    pub left: Vec<Socket>,
}

impl Member {
    /// The member that a socket becomes when it joins.
    #[must_use]
    pub fn of(join: &Join, at: Version) -> Self {
        let follow = |follow: &FollowFrom| (follow.conversation, (at, follow.position));
        Self {
            socket: join.socket,
            principal: join.principal,
            session: join.session,
            generation: join.generation,
            browser: join.browser.clone(),
            joined: at,
            page: join.page.clone().map(|page| (at, page)),
            follows: join.follows.iter().map(follow).collect(),
            availability: None,
            views: BTreeMap::new(),
        }
    }

    /// What a desk must be told that knows nothing of this member.
    #[must_use]
    pub fn introduce(&self) -> Vec<Input> {
        let (socket, follow) = (self.socket, |(id, (_, position)): (&ConversationId, &(Version, Position))| {
            FollowFrom { conversation: *id, position: *position }
        });
        let join = Input::Join(Box::new(Join {
            socket,
            principal: self.principal,
            session: self.session,
            generation: self.generation,
            follows: self.follows.iter().map(follow).collect(),
            page: self.page.as_ref().map(|(_, page)| page.clone()),
            browser: self.browser.clone(),
        }));
        let availability = self.availability.map(|_| Input::Availability { socket });
        let watches = self.views.keys().map(|view| Input::Watch { socket, view: *view });
        std::iter::once(join).chain(availability).chain(watches).collect()
    }

    /// What a desk must be told that knows the member as it was.
    #[must_use]
    pub fn changes_since(&self, before: &Self) -> Vec<Input> {
        if self.joined != before.joined {
            return self.introduce();
        }
        let socket = self.socket;
        let said = |stamp: Version, before: Option<Version>| before != Some(stamp);
        let follows: Vec<FollowFrom> = self
            .follows
            .iter()
            .filter(|(id, (at, _))| said(*at, before.follows.get(id).map(|(at, _)| *at)))
            .map(|(id, (_, position))| FollowFrom { conversation: *id, position: *position })
            .collect();
        let unfollowed = before.follows.keys().filter(|id| !self.follows.contains_key(id));
        let unwatched = before.views.keys().filter(|view| !self.views.contains_key(view));
        let watched = self.views.iter().filter(|(view, at)| said(**at, before.views.get(view).copied()));
        let page = self.page.as_ref().filter(|(at, _)| said(*at, before.page.as_ref().map(|(at, _)| *at)));
        let availability = self.availability.filter(|at| said(*at, before.availability));
        let mut inputs = Vec::new();
        inputs.extend(page.map(|(_, page)| Input::Page { socket, page: page.clone() }));
        inputs.extend(unfollowed.map(|id| Input::Unfollow { socket, conversation: *id }));
        inputs.extend((!follows.is_empty()).then_some(Input::Follow { socket, follows }));
        inputs.extend(availability.map(|_| Input::Availability { socket }));
        inputs.extend(unwatched.map(|view| Input::Unwatch { socket, view: *view }));
        inputs.extend(watched.map(|(view, _)| Input::Watch { socket, view: *view }));
        inputs
    }
}
