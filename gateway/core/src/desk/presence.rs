//! Presence: sockets that come and go, what they follow, and who counts as there.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::desk::conversation::{Conversation, State};
use crate::desk::deadlines::Due;
use crate::desk::input::{Input, Join};
use crate::desk::sockets::Joined;
use crate::effects::Delivery;
use crate::ids::{Principal, Socket};
use crate::limits::{PRESENT_AFTER_OPEN_MS, SOCKETS_PER_DESK_MAX};
use protocol::{AgentId, Cause, CloseCode, ConversationId, FollowFrom, Head};
use std::collections::BTreeSet;

impl Desk {
    /// A socket joins: it supersedes older generations of its session, and is told where things stand.
    pub(crate) fn handle_join(&mut self, join: Box<Join>, now: Moment) {
        let missing = self.missing(&join.follows);
        if !missing.is_empty() {
            if let Err(Input::Join(join)) = self.loads.wait(Input::Join(join), missing) {
                self.close(join.socket, CloseCode::Overload);
            }
            return;
        }
        if let Some(code) = self.refuses(&join) {
            return self.close(join.socket, code);
        }
        let socket = join.socket;
        let (principal, follows) = (join.principal, self.readable(join.principal, &join.follows));
        self.sockets.join(socket, joined(*join));
        self.arrive(socket, principal, now);
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
    }

    /// Why a socket may not join; an older generation of its session is closed on the way.
    fn refuses(&mut self, join: &Join) -> Option<CloseCode> {
        if let Principal::Agent(id) = join.principal
            && !self.roster.get(id).is_some_and(|agent| agent.profile.enabled)
        {
            return Some(CloseCode::SignIn);
        }
        if self.sockets.len() >= SOCKETS_PER_DESK_MAX {
            return Some(CloseCode::Overload);
        }
        let (other, generation) = self.sockets.of_session(join.principal, join.session)?;
        if other == join.socket {
            return None;
        }
        if generation >= join.generation {
            return Some(CloseCode::Superseded);
        }
        self.close(other, CloseCode::Superseded);
        None
    }

    /// The socket is there: an agent who was dropped is back within the grace.
    fn arrive(&mut self, socket: Socket, principal: Principal, _now: Moment) {
        let (Socket::Agent(socket), Principal::Agent(id)) = (socket, principal) else { return };
        let Some(agent) = self.roster.get_mut(id) else { return };
        agent.sockets.insert(socket);
        if agent.lost_at.take().is_some() {
            self.batch.agents.insert(id);
        }
        self.batch.shown.insert(id);
    }

    /// A socket ended.
    pub(crate) fn handle_leave(&mut self, socket: Socket, now: Moment) {
        let Some(joined) = self.sockets.leave(socket) else { return };
        if let (Socket::Agent(socket), Principal::Agent(id)) = (socket, joined.principal) {
            self.views.leave(socket);
            self.lose_socket(id, socket, now);
        }
        for id in joined.follows {
            self.note_absence(id, now);
            self.batch.listed.insert(id);
        }
    }

    fn lose_socket(&mut self, id: AgentId, socket: crate::ids::AgentSocket, now: Moment) {
        let Some(agent) = self.roster.get_mut(id) else { return };
        agent.sockets.remove(&socket);
        self.batch.shown.insert(id);
        if agent.sockets.is_empty() {
            agent.lost_at = Some(now.at);
            self.batch.agents.insert(id);
            self.remind(now.at.plus_ms(self.settings.grace_ms), Due::Grace(id));
        }
    }

    pub(crate) fn handle_follow(&mut self, socket: Socket, follows: Vec<FollowFrom>, now: Moment) {
        let Some(principal) = self.sockets.get(socket).map(|joined| joined.principal) else { return };
        let missing = self.missing(&follows);
        if !missing.is_empty() {
            if self.loads.wait(Input::Follow { socket, follows }, missing).is_err() {
                self.close(socket, CloseCode::Overload);
            }
            return;
        }
        let follows = self.readable(principal, &follows);
        for id in &follows {
            self.sockets.follow(socket, *id);
            self.note_absence(*id, now);
            self.tell_place_to(principal, *id);
        }
        let heads = follows.into_iter().filter_map(|id| self.head(principal, id)).collect();
        self.batch.deliveries.push(Delivery::Heads { to: socket, heads });
    }

    pub(crate) fn handle_unfollow(&mut self, socket: Socket, id: ConversationId, now: Moment) {
        if self.sockets.unfollow(socket, id) {
            self.batch.deliveries.push(Delivery::Unfollowed { to: socket, conversation: id });
            self.batch.listed.insert(id);
            self.note_absence(id, now);
        }
    }

    /// A socket that lost events is told where everything it follows stands.
    pub(crate) fn tell_heads(&mut self, socket: Socket) {
        let Some(joined) = self.sockets.get(socket) else { return };
        let heads = joined.follows.iter().filter_map(|id| self.head(joined.principal, *id)).collect();
        self.batch.deliveries.push(Delivery::Heads { to: socket, heads });
        if let (Socket::Agent(agent), Principal::Agent(id)) = (socket, joined.principal) {
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

    pub(crate) fn close(&mut self, socket: Socket, code: CloseCode) {
        self.batch.deliveries.push(Delivery::Close { to: socket, code });
    }

    /// Conversations the desk must load before it can say where they stand.
    fn missing(&self, follows: &[FollowFrom]) -> BTreeSet<ConversationId> {
        let unknown = |id: &ConversationId| {
            !self.conversations.contains_key(id) && !self.set_aside.contains(id) && self.loads.absent(*id).is_none()
        };
        follows.iter().map(|follow| follow.conversation).filter(unknown).collect()
    }

    fn readable(&self, principal: Principal, follows: &[FollowFrom]) -> Vec<ConversationId> {
        let readable =
            |id: &ConversationId| self.conversations.get(id).is_some_and(|conversation| conversation.is_of(principal));
        follows.iter().map(|follow| follow.conversation).filter(readable).collect()
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

    /// After an opening, sockets come back over a while: the grace of whoever is missing starts now.
    pub(crate) fn await_return_of_agents(&mut self, now: Moment) {
        let ids: Vec<AgentId> = self.roster.iter().map(|agent| agent.id).collect();
        for id in ids {
            let Some(agent) = self.roster.get_mut(id) else { continue };
            let lost_at = *agent.lost_at.get_or_insert_with(|| {
                self.batch.agents.insert(id);
                now.at
            });
            if !agent.serving.is_empty() {
                self.deadlines.remind(lost_at.plus_ms(self.settings.grace_ms), Due::Grace(id));
            }
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
        if here || conversation.state != State::Waiting {
            conversation.absent_since = None;
        } else if conversation.absent_since.is_none() {
            conversation.absent_since = Some(now.at);
            let until = now.at.plus_ms(self.settings.absent_ms);
            self.remind(until, Due::Conversation(id));
        }
        self.batch.listed.insert(id);
    }

    /// The site's settings changed: agents may be new, gone, or of other teams.
    pub(crate) fn handle_settings(&mut self, settings: crate::settings::Settings, now: Moment) {
        self.roster.set_profiles(&settings);
        self.settings = settings;
        let agents: Vec<AgentId> = self.roster.iter().map(|agent| agent.id).collect();
        for id in agents {
            self.batch.shown.insert(id);
            if self.roster.get(id).is_some_and(|agent| !agent.profile.enabled) {
                self.dismiss(id, now);
            }
        }
        let team = self.team_default();
        let strays: Vec<ConversationId> = self
            .conversations
            .values()
            .filter(|conversation| !self.settings.teams.contains_key(&conversation.team))
            .filter(|conversation| conversation.state == State::Waiting)
            .map(|conversation| conversation.id)
            .collect();
        for id in strays {
            self.move_to_team(id, team, now);
        }
    }

    /// An agent may no longer be here: their sockets end, and what they serve goes back to the line.
    fn dismiss(&mut self, id: AgentId, now: Moment) {
        for socket in self.sockets.of_principal(Principal::Agent(id)) {
            self.close(socket, CloseCode::SignIn);
            self.handle_leave(socket, now);
        }
        self.give_back_all(id, now);
    }

    /// The agent's sockets must sign in again; what they serve keeps the grace.
    pub(crate) fn close_all_of(&mut self, id: AgentId) {
        for socket in self.sockets.of_principal(Principal::Agent(id)) {
            self.close(socket, CloseCode::SignIn);
        }
    }

    /// All that an agent holds goes back to the line.
    pub(crate) fn give_back_all(&mut self, id: AgentId, now: Moment) {
        let Some(agent) = self.roster.get(id) else { return };
        for conversation in agent.serving.clone() {
            self.return_to_line(conversation, Cause::AgentLost, now);
        }
    }
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
