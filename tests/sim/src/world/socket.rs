//! A socket at its node: its session, and what waits to be written.

use crate::world::World;
use crate::world::clock::Time;
use crate::world::happening::{Happening, Life, WireId};
use crate::world::ownership::id_of;
use crate::world::store::Ask;
use gateway_core::desk::input::Input;
use gateway_core::ids::{AgentSocket, Principal, Socket, VisitorSocket};
use gateway_core::limits::{
    AGENT_QUEUE_BYTES_MAX, AGENT_QUEUE_FRAMES_MAX, SLOW_READER_MS_MAX, VISITOR_QUEUE_BYTES_MAX,
    VISITOR_QUEUE_FRAMES_MAX,
};
use gateway_core::session::outbound::{Bounds, Item, Outbound};
use gateway_core::session::{Output, Session, SignedIn};
use protocol::{CloseCode, Down, Fetch, Hello, Records, Return};
use std::rc::Rc;

/// A ticket or token that nobody gave.
pub(crate) const FORGED: &str = "forged";
/// A frame counts as so many bytes in the queue of a socket; the world does not write it out.
const FRAME: &str = match std::str::from_utf8(&[b' '; 256]) {
    Ok(text) => text,
    Err(_) => "",
};

/// A frame on its way, shared by all who are told the same.
#[derive(Clone, Debug)]
pub(crate) struct Text(pub Rc<Down>);

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        FRAME
    }
}

/// One socket.
#[derive(Debug)]
pub(crate) struct Served {
    pub wire: WireId,
    pub site: Option<usize>,
    pub session: Session,
    pub outbound: Outbound<Text>,
    flush_planned: bool,
    due: Option<Time>,
}

impl World {
    /// A knock arrives: a node that runs opens a socket.
    pub fn knock(&mut self, wire: WireId) {
        let now = self.clock.now();
        let Life { node, life } = self.wires[wire].to;
        if !self.nodes[node].up || self.nodes[node].life != life || !self.wires[wire].tab_open {
            return self.close_wire(wire, None);
        }
        let tab = self.wires[wire].tab;
        let number = self.nodes[node].next_socket();
        let (socket, bounds) = match self.tabs[tab].principal {
            Principal::Visitor(_) => (
                Socket::Visitor(VisitorSocket(number)),
                Bounds {
                    frames_max: VISITOR_QUEUE_FRAMES_MAX / self.plan.queue_shrink,
                    bytes_max: VISITOR_QUEUE_BYTES_MAX,
                },
            ),
            Principal::Agent(_) => (
                Socket::Agent(AgentSocket(number)),
                Bounds {
                    frames_max: AGENT_QUEUE_FRAMES_MAX / self.plan.queue_shrink,
                    bytes_max: AGENT_QUEUE_BYTES_MAX,
                },
            ),
        };
        let session = Session::new(socket, Some("sim".into()), self.chance.bits(), self.nodes[node].now(now));
        let served =
            Served { wire, site: None, session, outbound: Outbound::new(bounds), flush_planned: false, due: None };
        self.nodes[node].sockets.insert(socket, served);
        self.wires[wire].socket = Some(socket);
        self.tell_opened(wire);
        self.plan_socket(node, socket);
    }

    /// A text arrives at its socket.
    pub fn hear_up(&mut self, wire: WireId, text: &str) {
        let now = self.clock.now();
        let Some((node, socket)) = self.at_node(wire) else { return };
        let at = self.nodes[node].now(now);
        if let Some(served) = self.nodes[node].sockets.get_mut(&socket) {
            served.session.handle_text(text, at);
            self.carry_out(node, socket);
        }
    }

    fn at_node(&self, wire: WireId) -> Option<(usize, Socket)> {
        let wire = &self.wires[wire];
        let lives = self.nodes[wire.to.node].life() == wire.to;
        if lives && wire.node_open { Some((wire.to.node, wire.socket?)) } else { None }
    }

    /// The tab is gone, and the node hears of it.
    pub fn hear_hung_up(&mut self, wire: WireId) {
        if let Some((node, socket)) = self.at_node(wire) {
            self.end_at_node(wire);
            self.forget_socket(node, socket);
        }
    }

    pub fn socket_due(&mut self, node: usize, socket: Socket) {
        let at = self.nodes[node].now(self.clock.now());
        let Some(served) = self.nodes[node].sockets.get_mut(&socket) else { return };
        served.due = None;
        if served.session.poll_timeout().is_some_and(|due| due <= at.instant) {
            served.session.handle_timeout(at);
        }
        self.carry_out(node, socket);
    }

    fn plan_socket(&mut self, node: usize, socket: Socket) {
        let Some(served) = self.nodes[node].sockets.get(&socket) else { return };
        let Some(due) = served.session.poll_timeout().map(|at| self.nodes[node].time(at)) else { return };
        if served.due.is_none_or(|planned| due < planned) {
            let life = self.nodes[node].life();
            self.clock.at(due, Happening::SocketDue(life, socket));
            if let Some(served) = self.nodes[node].sockets.get_mut(&socket) {
                served.due = Some(due);
            }
        }
    }

    /// Does what the session asks until it asks nothing more.
    pub fn carry_out(&mut self, node: usize, socket: Socket) {
        while let Some(served) = self.nodes[node].sockets.get_mut(&socket) {
            let (wire, site) = (served.wire, served.site);
            let Some(output) = served.session.poll_output() else { break };
            match output {
                Output::Send(frame) => {
                    self.mark_down(&frame);
                    self.say_down(wire, Rc::new(*frame));
                }
                Output::SignIn(hello) => self.sign_in(node, socket, &hello),
                Output::Submit(input) => self.submit(node, socket, *input),
                Output::Fetch(fetch) => {
                    let (Some(site), Some(by)) = (site, self.principal_of(node, socket)) else { continue };
                    let life = self.nodes[node].life();
                    self.ask(life, site, Ask::Page { socket, fetch, by });
                }
                Output::Close { code, retry_after_ms } => {
                    let retry_after_ms = match code.then() {
                        Return::Resume | Return::Renew => {
                            Some(retry_after_ms.unwrap_or_else(|| self.chance.between(0, 2_000)))
                        }
                        Return::Reload | Return::Wipe | Return::Stop => None,
                    };
                    return self.end_socket(node, socket, Some((code, retry_after_ms)));
                }
            }
        }
        self.plan_socket(node, socket);
    }

    fn principal_of(&self, node: usize, socket: Socket) -> Option<Principal> {
        self.nodes[node].sockets.get(&socket)?.session.principal()
    }

    fn sign_in(&mut self, node: usize, socket: Socket, hello: &Hello) {
        let cut = self.store.cut_until[node] > self.clock.now();
        let Some(served) = self.nodes[node].sockets.get_mut(&socket) else { return };
        let tab = &self.tabs[self.wires[served.wire].tab];
        let forged = [&hello.token, &hello.ticket].into_iter().flatten().any(|secret| secret == FORGED);
        if forged {
            return served.session.handle_not_signed_in(CloseCode::SignIn);
        }
        if cut && matches!(tab.principal, Principal::Agent(_)) {
            return served.session.handle_not_signed_in(CloseCode::StoreAway);
        }
        let come_to = tab.site;
        served.site = Some(come_to);
        let site = self.store.sites[tab.site].settings.name.clone();
        served.session.handle_signed_in(SignedIn { principal: tab.principal, site, greeting: None, token: None });
        if let Some((fault, until)) = self.nodes[node].away.filter(|(_, until)| *until > self.clock.now()) {
            self.feel(fault, [come_to], until);
        }
    }

    fn submit(&mut self, node: usize, socket: Socket, input: Input) {
        let Some(site) = self.nodes[node].sockets.get(&socket).and_then(|served| served.site) else { return };
        self.link(node, |link, now| link.handle_input(id_of(site), input, now));
    }

    /// A page was read for a socket.
    pub fn page_read(&mut self, node: usize, socket: Socket, fetch: &Fetch, page: Option<Box<Records>>) {
        if let Some(served) = self.nodes[node].sockets.get_mut(&socket) {
            served.session.handle_page(fetch, page.map(|page| *page));
            self.carry_out(node, socket);
        }
    }

    /// Puts something into the queue of a socket of this node. One that is gone is passed over.
    pub fn push(&mut self, node: usize, socket: Socket, item: Item<Text>) {
        let at = self.nodes[node].instant(self.clock.now());
        let Some(served) = self.nodes[node].sockets.get_mut(&socket) else { return };
        served.outbound.push(item, at);
        self.plan_flush(node, socket);
    }

    pub fn plan_flush(&mut self, node: usize, socket: Socket) {
        let (now, life) = (self.clock.now(), self.nodes[node].life());
        let Some(served) = self.nodes[node].sockets.get_mut(&socket) else { return };
        if !served.flush_planned {
            served.flush_planned = true;
            self.clock.at(now, Happening::Flush(life, socket));
        }
    }

    /// Writes what waits for a socket, if its reader takes it.
    pub fn flush(&mut self, node: usize, socket: Socket) {
        let now = self.clock.now();
        let Some(served) = self.nodes[node].sockets.get_mut(&socket) else { return };
        let wire = &self.wires[served.wire];
        if wire.stalled_until > now {
            let too_slow_at = wire.stalled_since + SLOW_READER_MS_MAX;
            if now >= too_slow_at {
                let retry_after_ms = self.chance.between(0, 2_000);
                return self.end_socket(node, socket, Some((CloseCode::SlowReader, Some(retry_after_ms))));
            }
            let (again, life) = (wire.stalled_until.min(too_slow_at), self.nodes[node].life());
            return self.clock.at(again, Happening::Flush(life, socket));
        }
        served.flush_planned = false;
        let (items, lagged) = served.outbound.drain();
        let wire = served.wire;
        if lagged {
            self.reached.mark("reader: lagged");
            served.session.handle_lagged();
        }
        for item in items {
            match item {
                Item::Frame { text, .. } => self.say_down(wire, text.0),
                item @ (Item::Joined { .. }
                | Item::Heads(_)
                | Item::NotFollowed { .. }
                | Item::Unfollowed(_)
                | Item::Refused { .. }
                | Item::Close { .. }) => {
                    let Some(served) = self.nodes[node].sockets.get_mut(&socket) else { return };
                    served.session.handle_item(item);
                    self.carry_out(node, socket);
                }
            }
        }
        self.carry_out(node, socket);
    }

    /// Ends a socket from the node's side.
    pub fn end_socket(&mut self, node: usize, socket: Socket, close: Option<(CloseCode, Option<u64>)>) {
        let Some(wire) = self.nodes[node].sockets.get(&socket).map(|served| served.wire) else { return };
        if let Some((code, _)) = close {
            self.mark_close(code);
        }
        self.close_wire(wire, close);
        self.forget_socket(node, socket);
    }

    fn forget_socket(&mut self, node: usize, socket: Socket) {
        let Some(served) = self.nodes[node].sockets.remove(&socket) else { return };
        if let Some(site) = served.site
            && served.session.has_joined()
        {
            self.link(node, |link, now| link.handle_input(id_of(site), Input::Leave { socket }, now));
        }
    }
}
