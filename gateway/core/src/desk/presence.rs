//! Presence: sockets that come and go, what they follow, and who counts as there.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::conversation::{Conversation, State};
use crate::desk::deadlines::Due;
use crate::desk::input::{Input, Join};
use crate::desk::loads::Missing;
use crate::desk::sockets::Joined;
use crate::effects::Delivery;
use crate::ids::{Principal, Socket};
use crate::limits::{PRESENT_AFTER_OPEN_MS, SOCKETS_PER_DESK_MAX};
use protocol::limits::FOLLOWS_MAX;
use protocol::{AgentId, CloseCode, Code, ConversationId, FollowFrom, Head};
use std::collections::BTreeSet;

impl Desk {
    /// A socket joins: it supersedes older generations of its session, and is told where things stand.
    pub(crate) fn handle_join(&mut self, join: Box<Join>, now: Moment) {
        let missing = self.missing(&join.follows);
        if !missing.is_empty() {
            let socket = join.socket;
            let asked = asked(&join.follows);
            if self.loads.wait_to_follow(Input::Join(join), missing, asked).is_err() {
                self.close(socket, CloseCode::Overload);
            }
            return;
        }
        let older = match self.older_socket(&join) {
            Ok(older) => older,
            Err(code) => return self.close(join.socket, code),
        };
        let socket = join.socket;
        let (principal, asked) = (join.principal, asked(&join.follows));
        let follows = self.readable(principal, &asked);
        if let (Principal::Visitor(visitor), Some(page)) = (principal, &join.page)
            && page.url.is_some()
        {
            self.show_page(visitor, page, now);
        }
        self.sockets.leave(socket);
        self.sockets.join(socket, joined(*join));
        self.arrive(socket, principal);
        if let Some(older) = older {
            self.close(older, CloseCode::Superseded);
            self.handle_leave(older, now);
        }
        let follows = follows.into_iter().chain(self.owed(principal)).collect::<BTreeSet<_>>();
        for id in &follows {
            self.sockets.follow(socket, *id);
            self.note_absence(*id, now);
            self.tell_place_to(principal, *id);
        }
        let heads = follows.into_iter().filter_map(|id| self.head(principal, id)).collect();
        let agent = match principal {
            Principal::Agent(id) => self.roster.get(id).map(|agent| Box::new(agent.state())),
            Principal::Visitor(_) => None,
        };
        self.batch.deliveries.push(Delivery::Joined { to: socket, heads, agent });
        self.tell_not_followed(socket, &asked);
    }

    /// What a socket asks while its join waits for the store is kept until it has joined: a desk that opens anew is
    /// told who had joined and what they watched in one breath.
    pub(crate) fn after_its_join(&mut self, input: Input) -> Option<Input> {
        let waits = match &input {
            Input::Follow { socket, .. }
            | Input::Unfollow { socket, .. }
            | Input::Lagged { socket }
            | Input::Typing { socket, .. }
            | Input::Read { socket, .. }
            | Input::Page { socket, .. }
            | Input::Availability { socket }
            | Input::Watch { socket, .. }
            | Input::Unwatch { socket, .. } => self.loads.joining(*socket).map(|missing| (*socket, missing)),
            Input::Join(_)
            | Input::Leave { .. }
            | Input::SendAway { .. }
            | Input::Command { .. }
            | Input::Loaded { .. }
            | Input::LoadedMessage { .. }
            | Input::LoadedLastAgent { .. }
            | Input::Closed { .. }
            | Input::RollCalled
            | Input::Settings(_)
            | Input::SignedOut { .. } => None,
        };
        let Some((socket, missing)) = waits else { return Some(input) };
        if self.loads.wait(input, missing).is_err() {
            self.close(socket, CloseCode::Overload);
        }
        None
    }

    /// The socket of an older generation of the same session, which this one takes over from; or why it may not.
    fn older_socket(&self, join: &Join) -> Result<Option<Socket>, CloseCode> {
        if matches!(join.principal, Principal::Agent(id) if !self.roster.is_enabled(id)) {
            return Err(CloseCode::SignIn);
        }
        if self.sockets.len() >= SOCKETS_PER_DESK_MAX {
            return Err(CloseCode::Overload);
        }
        match self.sockets.of_session(join.principal, join.session) {
            Some((other, generation)) if other != join.socket && generation >= join.generation => {
                Err(CloseCode::Superseded)
            }
            Some((other, _)) if other != join.socket => Ok(Some(other)),
            Some(_) | None => Ok(None),
        }
    }

    /// The socket is there: an agent who was dropped is back within the grace.
    fn arrive(&mut self, socket: Socket, principal: Principal) {
        let (Socket::Agent(socket), Principal::Agent(id)) = (socket, principal) else { return };
        let Some(agent) = self.roster.get_mut(id) else { return };
        agent.sockets.insert(socket);
        if agent.lost_at.take().is_some() {
            self.deadlines.cancel(Due::Grace(id));
            self.batch.agents.insert(id);
        }
        self.batch.shown.insert(id);
    }

    /// A socket ended.
    pub(crate) fn handle_leave(&mut self, socket: Socket, now: Moment) {
        self.leaving.remove(&socket);
        let held = self.loads.forget(socket);
        self.batch.left.extend(held);
        let Some(joined) = self.sockets.leave(socket) else { return };
        if let (Socket::Agent(socket), Principal::Agent(id)) = (socket, joined.principal) {
            self.views.leave(socket);
            self.lose_socket(id, socket, now);
        }
        for id in joined.follows {
            self.note_absence(id, now);
        }
    }

    /// Closes the sockets that are sent away, behind the answers to all they asked; those who still wait for a load
    /// are closed behind its answer.
    pub(crate) fn close_leaving(&mut self) {
        if self.leaving.is_empty() {
            return;
        }
        let commands = self.loads.waiting().filter(|input| matches!(input, Input::Command { .. }));
        let asking: BTreeSet<Socket> = commands.filter_map(Input::socket).collect();
        let (asking, answered) = std::mem::take(&mut self.leaving).into_iter().partition(|each| asking.contains(each));
        self.leaving = asking;
        let answered: BTreeSet<Socket> = answered;
        for socket in answered {
            self.close(socket, CloseCode::Restart);
        }
    }

    /// An agent's last socket went: offers end at once, what they serve is kept for the grace.
    fn lose_socket(&mut self, id: AgentId, socket: crate::ids::AgentSocket, now: Moment) {
        let Some(agent) = self.roster.get_mut(id) else { return };
        agent.sockets.remove(&socket);
        self.batch.shown.insert(id);
        if agent.sockets.is_empty() {
            agent.lost_at = Some(now.at);
            self.batch.agents.insert(id);
            self.withdraw_offers(id, now);
            self.await_return(id);
        }
    }

    /// The grace of a dropped agent runs while they serve something.
    pub(crate) fn await_return(&mut self, id: AgentId) {
        let Some(agent) = self.roster.get(id) else { return };
        if let (Some(lost_at), false) = (agent.lost_at, agent.serving.is_empty()) {
            self.deadlines.set(lost_at.plus_ms(self.settings.grace_ms), Due::Grace(id));
        }
    }

    pub(crate) fn handle_follow(&mut self, socket: Socket, follows: Vec<FollowFrom>, now: Moment) {
        let Some(principal) = self.sockets.get(socket).map(|joined| joined.principal) else { return };
        let missing = self.missing(&follows);
        if !missing.is_empty() {
            let asked = asked(&follows);
            if self.loads.wait_to_follow(Input::Follow { socket, follows }, missing, asked).is_err() {
                self.close(socket, CloseCode::Overload);
            }
            return;
        }
        let mut heads = Vec::new();
        let asked = asked(&follows);
        for id in self.readable(principal, &asked) {
            if !self.sockets.has_room_to_follow(socket, id) {
                self.batch.left.insert(id);
                continue;
            }
            self.sockets.follow(socket, id);
            self.note_absence(id, now);
            self.tell_place_to(principal, id);
            heads.extend(self.head(principal, id));
        }
        self.batch.deliveries.push(Delivery::Heads { to: socket, heads });
        self.tell_not_followed(socket, &asked);
    }

    /// What a socket has asked to follow and does not is told apart: whoever holds something back until the answer
    /// cannot tell from heads which question they answer.
    fn tell_not_followed(&mut self, to: Socket, asked: &BTreeSet<ConversationId>) {
        let Some(follows) = self.sockets.get(to).map(|joined| &joined.follows) else { return };
        let (later, never) = asked.difference(follows).partition(|id| self.set_aside.contains(id));
        for (why, conversations) in [(Code::Unavailable, later), (Code::NotFound, never)] {
            let conversations: Vec<ConversationId> = conversations;
            if !conversations.is_empty() {
                self.batch.deliveries.push(Delivery::NotFollowed { to, conversations, why });
            }
        }
    }

    pub(crate) fn handle_unfollow(&mut self, socket: Socket, id: ConversationId, now: Moment) {
        if self.sockets.unfollow(socket, id) {
            self.batch.deliveries.push(Delivery::Unfollowed { to: socket, conversation: id });
            self.note_absence(id, now);
        }
    }

    /// A socket that lost events is told where everything it follows stands.
    pub(crate) fn tell_heads(&mut self, socket: Socket) {
        let Some(joined) = self.sockets.get(socket) else { return };
        let heads = joined.follows.iter().filter_map(|id| self.head(joined.principal, *id)).collect();
        let (principal, follows) = (joined.principal, joined.follows.clone());
        self.batch.deliveries.push(Delivery::Heads { to: socket, heads });
        for id in follows {
            self.tell_place_to(principal, id);
        }
        if let (Socket::Agent(agent), Principal::Agent(id)) = (socket, principal) {
            self.tell_lists(agent, id);
        }
    }

    /// The socket follows a conversation from where it stands now.
    pub(crate) fn follow_from_head(&mut self, socket: Socket, id: ConversationId) {
        let Some(principal) = self.sockets.get(socket).map(|joined| joined.principal) else { return };
        if !self.sockets.follow(socket, id) {
            return;
        }
        let heads = self.head(principal, id).into_iter().collect();
        self.batch.deliveries.push(Delivery::Heads { to: socket, heads });
    }

    /// Whatever sockets its visitor has follow a conversation that opens.
    pub(crate) fn follow_by_visitor(&mut self, id: ConversationId) {
        let Some(visitor) = self.conversations.get(&id).map(|conversation| conversation.visitor) else { return };
        for socket in self.sockets.of_principal(Principal::Visitor(visitor)) {
            self.follow_from_head(socket, id);
        }
    }

    pub(crate) fn close(&mut self, socket: Socket, code: CloseCode) {
        self.batch.deliveries.push(Delivery::Close { to: socket, code });
    }

    /// Conversations the desk must load before it can say where they stand.
    fn missing(&self, follows: &[FollowFrom]) -> BTreeSet<Missing> {
        let unknown = |id: &ConversationId| {
            !self.conversations.contains_key(id) && !self.set_aside.contains(id) && self.loads.absent(*id).is_none()
        };
        asked(follows).into_iter().filter(unknown).map(Missing::Conversation).collect()
    }

    fn readable(&self, principal: Principal, asked: &BTreeSet<ConversationId>) -> Vec<ConversationId> {
        let readable =
            |id: &ConversationId| self.conversations.get(id).is_some_and(|conversation| conversation.is_of(principal));
        asked.iter().copied().filter(readable).collect()
    }

    /// What a principal follows without asking: a visitor's open conversations, what an agent serves.
    fn owed(&self, principal: Principal) -> Vec<ConversationId> {
        match principal {
            Principal::Visitor(id) => self.open_of.get(&id).into_iter().flatten().copied().collect(),
            Principal::Agent(id) => {
                self.roster.get(id).map_or_else(Vec::new, |agent| agent.serving.iter().copied().collect())
            }
        }
    }

    fn head(&self, principal: Principal, id: ConversationId) -> Option<Head> {
        let position = self.conversations.get(&id)?.head_for(principal);
        Some(Head { conversation: id, position })
    }

    /// After an opening, sockets come back over a while: the grace of whoever has none starts now, unless it ran before.
    pub(crate) fn await_return_of_agents(&mut self, now: Moment) {
        let ids: Vec<AgentId> = self.roster.iter().map(|agent| agent.id).collect();
        for id in ids {
            let Some(agent) = self.roster.get_mut(id).filter(|agent| agent.sockets.is_empty()) else { continue };
            if agent.lost_at.is_none() {
                agent.lost_at = Some(now.at);
                self.batch.agents.insert(id);
            }
            self.await_return(id);
        }
    }

    pub(crate) fn await_return_of_visitors(&mut self, now: Moment) {
        self.remind(now.at.plus_ms(PRESENT_AFTER_OPEN_MS), Due::Assign);
        let waiting: Vec<ConversationId> = self.conversations.keys().copied().collect();
        for id in waiting {
            self.note_absence(id, now);
        }
    }

    /// Whether a waiting visitor may be given to an agent: they have a socket, or the desk has just opened.
    pub(crate) fn counts_as_present(&self, conversation: &Conversation, now: Moment) -> bool {
        self.sockets.visitor_is_here(conversation.id) || now.at < self.clock.opened_at().plus_ms(PRESENT_AFTER_OPEN_MS)
    }

    /// Starts or ends the time for which an absent visitor keeps the place in line.
    pub(crate) fn note_absence(&mut self, id: ConversationId, now: Moment) {
        let here = self.sockets.visitor_is_here(id);
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        self.batch.left.insert(id);
        if conversation.shown_present != here {
            self.batch.listed.insert(id);
        }
        if conversation.state != State::Waiting {
            conversation.absent_since = None;
        } else if here {
            conversation.absent_since = None;
            self.deadlines.cancel(Due::Conversation(id));
        } else {
            let since = *conversation.absent_since.get_or_insert(now.at);
            self.deadlines.set(since.plus_ms(self.settings.absent_ms), Due::Conversation(id));
        }
    }
}

/// The conversations a client names, each once, at most as many as the wire allows.
fn asked(follows: &[FollowFrom]) -> BTreeSet<ConversationId> {
    follows.iter().take(FOLLOWS_MAX).map(|follow| follow.conversation).collect()
}

fn joined(join: Join) -> Joined {
    let page = join.page.unwrap_or_default();
    Joined {
        principal: join.principal,
        session: join.session,
        generation: join.generation,
        follows: BTreeSet::new(),
        browser: join.browser,
        url: page.url,
        title: page.title,
        language: page.language,
        availability: false,
    }
}
