//! Held: the sets of peers' sockets at the sites whose desk is here.

use crate::chance::Chance;
use crate::desk::input::Input;
use crate::ids::{NodeId, SiteId, Socket};
use crate::link::set::{Change, Member, Set, Version};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(crate) struct Held {
    sets: BTreeMap<(SiteId, NodeId), Known>,
}

#[derive(Debug, Default)]
struct Known {
    version: Version,
    members: BTreeMap<Socket, Member>,
}

/// The change is of another version than the one held: the whole set is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap;

impl Held {
    /// Takes a whole set; what the desk must be told.
    pub fn take(&mut self, site: SiteId, node: NodeId, set: Set) -> Vec<Input> {
        let known = self.sets.entry((site, node)).or_default();
        if set.version < known.version {
            return Vec::new();
        }
        known.version = set.version;
        let members = members_of(node, set.members);
        let left: Vec<Socket> = known.members.keys().filter(|socket| !members.contains_key(socket)).copied().collect();
        known.replace(members.into_values(), left)
    }

    /// Takes a change; what the desk must be told.
    pub fn change(&mut self, site: SiteId, node: NodeId, change: Change) -> Result<Vec<Input>, Gap> {
        let Some(known) = self.sets.get_mut(&(site, node)) else { return Err(Gap) };
        if change.after <= known.version {
            return Ok(Vec::new());
        }
        if change.before != known.version {
            return Err(Gap);
        }
        known.version = change.after;
        let left = change.left.into_iter().filter(|socket| socket.node() == node).collect();
        Ok(known.replace(members_of(node, change.members).into_values(), left))
    }

    /// The node is gone, or has nobody at the site: what the desk must be told.
    pub fn forget(&mut self, site: SiteId, node: NodeId) -> Vec<Input> {
        let known = self.sets.remove(&(site, node)).unwrap_or_default();
        known.members.into_keys().map(|socket| Input::Leave { socket }).collect()
    }

    /// What a desk must be told that has just opened.
    pub fn introduce(&self, site: SiteId) -> Vec<Input> {
        self.of_site(site).flat_map(|(_, known)| known.members.values()).flat_map(Member::introduce).collect()
    }

    /// The nodes whose set at the site is known.
    pub fn nodes_at(&self, site: SiteId) -> impl Iterator<Item = NodeId> {
        self.of_site(site).map(|(node, _)| node)
    }

    /// The desk is no longer here.
    pub fn forget_site(&mut self, site: SiteId) {
        self.sets.retain(|(of, _), _| *of != site);
    }

    /// The versions of a node's sets that are not empty.
    pub fn versions_of(&self, node: NodeId) -> Vec<(SiteId, Version)> {
        let of = self.sets.iter().filter(|((_, of), known)| *of == node && !known.members.is_empty());
        of.map(|((site, _), known)| (*site, known.version)).collect()
    }

    /// The nodes whose sets are held.
    pub fn nodes(&self) -> Vec<NodeId> {
        let mut nodes: Vec<NodeId> = self.sets.keys().map(|(_, node)| *node).collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// The sites at which a node's set is known.
    pub fn sites_of(&self, node: NodeId) -> Vec<SiteId> {
        self.sets.keys().filter(|(_, of)| *of == node).map(|(site, _)| *site).collect()
    }

    fn of_site(&self, site: SiteId) -> impl Iterator<Item = (NodeId, &Known)> {
        let from = (site, NodeId::new(0));
        self.sets.range(from..).take_while(move |((of, _), _)| *of == site).map(|((_, node), known)| (*node, known))
    }
}

impl Known {
    fn replace(&mut self, members: impl Iterator<Item = Member>, left: Vec<Socket>) -> Vec<Input> {
        let mut inputs = Vec::new();
        for socket in left {
            if self.members.remove(&socket).is_some() {
                inputs.push(Input::Leave { socket });
            }
        }
        for member in members {
            let said = match self.members.get(&member.socket) {
                None => member.introduce(),
                Some(before) => member.changes_since(before),
            };
            inputs.extend(said);
            self.members.insert(member.socket, member);
        }
        inputs
    }
}

/// A node speaks for its own sockets only.
fn members_of(node: NodeId, members: Vec<Member>) -> BTreeMap<Socket, Member> {
    let own = members.into_iter().filter(|member| member.socket.node() == node);
    own.map(|member| (member.socket, member)).collect()
}

/// One number over sites and versions, the same on both sides when the sets are.
pub(crate) fn digest(versions: &[(SiteId, Version)]) -> u64 {
    versions.iter().fold(0, |digest, (site, version)| {
        let mixed = Chance::new(digest ^ site.0.cast_unsigned()).next();
        Chance::new(mixed ^ version).next()
    })
}
