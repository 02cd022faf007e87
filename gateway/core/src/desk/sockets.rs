//! Sockets that have joined the desk, and what they follow.

use crate::ids::{AgentSocket, Principal, Socket, VisitorSocket};
use protocol::limits::FOLLOWS_MAX;
use protocol::{ConversationId, SessionId};
use std::collections::{BTreeMap, BTreeSet};

/// One joined socket.
#[derive(Clone, Debug)]
pub(crate) struct Joined {
    pub principal: Principal,
    pub session: SessionId,
    pub generation: u32,
    pub follows: BTreeSet<ConversationId>,
    pub browser: Option<String>,
    pub url: Option<String>,
    pub title: Option<String>,
    pub language: Option<String>,
    /// Visitors: wants to hear of availability.
    pub availability: bool,
}

/// The followers of one conversation, by what they may see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Followers {
    pub visitors: BTreeSet<VisitorSocket>,
    pub agents: BTreeSet<AgentSocket>,
}

/// All joined sockets, with the index from conversations to them.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    joined: BTreeMap<Socket, Joined>,
    by_session: BTreeMap<(Principal, SessionId), Socket>,
    by_principal: BTreeMap<Principal, BTreeSet<Socket>>,
    followers: BTreeMap<ConversationId, Followers>,
}

impl Sockets {
    pub fn join(&mut self, socket: Socket, joined: Joined) {
        self.by_session.insert((joined.principal, joined.session), socket);
        self.by_principal.entry(joined.principal).or_default().insert(socket);
        self.joined.insert(socket, joined);
    }

    /// Forgets a socket and gives back what it was.
    pub fn leave(&mut self, socket: Socket) -> Option<Joined> {
        let joined = self.joined.remove(&socket)?;
        for conversation in &joined.follows {
            self.drop_follower(*conversation, socket);
        }
        if self.by_session.get(&(joined.principal, joined.session)) == Some(&socket) {
            self.by_session.remove(&(joined.principal, joined.session));
        }
        if let Some(sockets) = self.by_principal.get_mut(&joined.principal) {
            sockets.remove(&socket);
            if sockets.is_empty() {
                self.by_principal.remove(&joined.principal);
            }
        }
        Some(joined)
    }

    pub fn get(&self, socket: Socket) -> Option<&Joined> {
        self.joined.get(&socket)
    }

    pub fn get_mut(&mut self, socket: Socket) -> Option<&mut Joined> {
        self.joined.get_mut(&socket)
    }

    /// The socket that another generation of the same session holds.
    pub fn of_session(&self, principal: Principal, session: SessionId) -> Option<(Socket, u32)> {
        let socket = *self.by_session.get(&(principal, session))?;
        Some((socket, self.joined.get(&socket)?.generation))
    }

    pub fn of_principal(&self, principal: Principal) -> Vec<Socket> {
        self.by_principal.get(&principal).map_or_else(Vec::new, |sockets| sockets.iter().copied().collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = (Socket, &Joined)> {
        self.joined.iter().map(|(socket, joined)| (*socket, joined))
    }

    pub fn len(&self) -> usize {
        self.joined.len()
    }

    /// Adds a follower; false when it followed already or has not joined.
    pub fn follow(&mut self, socket: Socket, conversation: ConversationId) -> bool {
        let Some(joined) = self.joined.get_mut(&socket) else { return false };
        let followers = self.followers.entry(conversation).or_default();
        match socket {
            Socket::Visitor(socket) => followers.visitors.insert(socket),
            Socket::Agent(socket) => followers.agents.insert(socket),
        };
        joined.follows.insert(conversation)
    }

    /// Whether the socket may follow one more, or follows this one already.
    pub fn has_room_to_follow(&self, socket: Socket, conversation: ConversationId) -> bool {
        let follows = self.joined.get(&socket).map(|joined| &joined.follows);
        follows.is_some_and(|follows| follows.len() < FOLLOWS_MAX || follows.contains(&conversation))
    }

    pub fn unfollow(&mut self, socket: Socket, conversation: ConversationId) -> bool {
        let followed = self.joined.get_mut(&socket).is_some_and(|joined| joined.follows.remove(&conversation));
        if followed {
            self.drop_follower(conversation, socket);
        }
        followed
    }

    pub fn followers(&self, conversation: ConversationId) -> Followers {
        self.followers.get(&conversation).cloned().unwrap_or_default()
    }

    pub fn is_followed(&self, conversation: ConversationId) -> bool {
        self.followers.contains_key(&conversation)
    }

    pub fn visitor_is_here(&self, conversation: ConversationId) -> bool {
        self.followers.get(&conversation).is_some_and(|followers| !followers.visitors.is_empty())
    }

    pub fn wanting_availability(&self) -> Vec<VisitorSocket> {
        let wanting = self.joined.iter().filter(|(_, joined)| joined.availability);
        wanting
            .filter_map(|(socket, _)| match socket {
                Socket::Visitor(socket) => Some(*socket),
                Socket::Agent(_) => None,
            })
            .collect()
    }

    fn drop_follower(&mut self, conversation: ConversationId, socket: Socket) {
        let Some(followers) = self.followers.get_mut(&conversation) else { return };
        match socket {
            Socket::Visitor(socket) => followers.visitors.remove(&socket),
            Socket::Agent(socket) => followers.agents.remove(&socket),
        };
        if followers.visitors.is_empty() && followers.agents.is_empty() {
            self.followers.remove(&conversation);
        }
    }
}
