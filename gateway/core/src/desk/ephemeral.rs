//! What passes: typing, read marks, pages and availability. News replaces it, so it may be dropped on the way.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::effects::{Full, Public};
use crate::ids::{AgentSocket, Principal, Socket, VisitorSocket};
use protocol::{
    AgentId, Availability, ConversationId, Down, Number, Page, Party, Read, ReadUp, Stream, Typing, TypingUp, VisitorId,
};

impl Desk {
    pub(crate) fn handle_typing(&mut self, socket: Socket, typing: &TypingUp) {
        let Some((principal, id)) = self.reader_of(socket, typing.conversation) else { return };
        if matches!((principal, typing.stream), (Principal::Visitor(_), Stream::Note)) {
            return;
        }
        let frame = Typing { conversation: id, stream: typing.stream, who: self.party(principal) };
        let (visitors, agents) = self.others(socket, id);
        if typing.stream == Stream::Public && self.shows_to_visitor(principal, id) {
            let frame = frame.clone();
            self.say_to_visitors(visitors, || Public(Down::Typing(frame)));
        }
        self.say_to_agents(agents, || Full(Down::Typing(frame)));
    }

    /// A read mark: the highest number wins. It is stored with the next append, or soon.
    pub(crate) fn handle_read(&mut self, socket: Socket, read: &ReadUp, now: Moment) {
        let Some((principal, id)) = self.reader_of(socket, read.conversation) else { return };
        let (who, shown) = (self.party(principal), self.shows_to_visitor(principal, id));
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        let number = Number(read.number.0.min(conversation.head_for(principal).number.0));
        let (full, mark) = match principal {
            Principal::Visitor(_) => (conversation.full_number(number), &mut conversation.read_by_visitor),
            Principal::Agent(_) => (number, &mut conversation.read_by_agents),
        };
        let raised = *mark < full;
        *mark = full.max(*mark);
        let public = conversation.public_number(full);
        let (visitors, agents) = self.others(socket, id);
        let frame = |number| Down::Read(Read { conversation: id, who: who.clone(), number });
        if raised {
            self.touch_later(id, now);
            if let Principal::Agent(_) = principal {
                self.batch.listed.insert(id);
            }
            self.say_to_agents(agents, || Full(frame(full)));
        }
        // A colleague may have read as far before, which visitors were not told.
        if shown && (raised || matches!(principal, Principal::Agent(_))) {
            self.say_to_visitors(visitors, || Public(frame(public)));
        }
    }

    /// Visitors see what their own tabs and the agent who speaks with them do, and no supervisor.
    fn shows_to_visitor(&self, principal: Principal, id: ConversationId) -> bool {
        match principal {
            Principal::Visitor(_) => true,
            Principal::Agent(agent) => {
                self.conversations.get(&id).and_then(|conversation| conversation.state.spoken_for()) == Some(agent)
            }
        }
    }

    /// The visitor is on another page; agents see it beside the conversation.
    pub(crate) fn handle_page(&mut self, socket: Socket, page: &Page, now: Moment) {
        let Some(joined) = self.sockets.get_mut(socket) else { return };
        let Principal::Visitor(visitor) = joined.principal else { return };
        joined.url.clone_from(&page.url);
        joined.title.clone_from(&page.title);
        self.show_page(visitor, page, now);
    }

    /// The visitor's open conversations show the page.
    pub(crate) fn show_page(&mut self, visitor: VisitorId, page: &Page, now: Moment) {
        let open: Vec<ConversationId> = self.open_of.get(&visitor).into_iter().flatten().copied().collect();
        for id in open {
            let Some(conversation) = self.conversations.get_mut(&id) else { continue };
            if (&conversation.card.url, &conversation.card.title) != (&page.url, &page.title) {
                conversation.card.url.clone_from(&page.url);
                conversation.card.title.clone_from(&page.title);
                self.touch_later(id, now);
                self.batch.listed.insert(id);
            }
        }
    }

    pub(crate) fn handle_availability(&mut self, socket: Socket) {
        let Socket::Visitor(to) = socket else { return };
        if let Some(joined) = self.sockets.get_mut(socket) {
            joined.availability = true;
        }
        let availability = self.availability();
        if self.is_opening() && !availability.online {
            return;
        }
        self.say_to_visitors(vec![to], || Public(Down::Availability(availability)));
    }

    pub(crate) fn availability(&self) -> Availability {
        Availability {
            online: self.roster.anyone_available(),
            waiting: u32::try_from(self.line.len()).unwrap_or(u32::MAX),
        }
    }

    /// Who the socket is, if it follows the conversation.
    fn reader_of(&self, socket: Socket, id: ConversationId) -> Option<(Principal, ConversationId)> {
        let joined = self.sockets.get(socket)?;
        joined.follows.contains(&id).then_some((joined.principal, id))
    }

    /// The followers of a conversation but one socket.
    fn others(&self, but: Socket, id: ConversationId) -> (Vec<VisitorSocket>, Vec<AgentSocket>) {
        let followers = self.sockets.followers(id);
        let visitors = followers.visitors.into_iter().filter(|socket| Socket::Visitor(*socket) != but).collect();
        let agents = followers.agents.into_iter().filter(|socket| Socket::Agent(*socket) != but).collect();
        (visitors, agents)
    }

    fn party(&self, principal: Principal) -> Party {
        match principal {
            Principal::Visitor(_) => Party::Visitor,
            Principal::Agent(id) => self.agent_party(id),
        }
    }

    fn agent_party(&self, id: AgentId) -> Party {
        Party::Agent { id, name: self.roster.name(id) }
    }
}
