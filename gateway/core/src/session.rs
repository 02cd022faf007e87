//! Session: the state machine of one socket.
//!
//! The shell hands in frames, what the desk says to this socket, and time, and carries out what
//! [`Session::poll_output`] gives until it is empty.
//! A session knows who is there and what they follow; where they stand in it the client knows.

pub mod allowance;
mod asked;
mod check;
mod heartbeat;
mod hello;
mod inbound;
pub mod outbound;

use crate::chance::Chance;
use crate::desk::input::Input;
use crate::ids::{Principal, Socket};
use crate::limits::{BUSY_RETRY_AFTER_MS, LEAVING_MS_MAX};
use crate::now::{Instant, Now};
use allowance::Allowance;
use asked::Asked;
use heartbeat::Heartbeat;
use outbound::Item;
use protocol::{
    AgentState, CloseCode, Code, Command, ConversationId, Down, Fetch, Head, Heads, Hello, Limits, Page, Ready,
    Records, Refusal, VisitorSelf,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};

/// What the shell does for a session.
#[derive(Clone, Debug)]
pub enum Output {
    /// Write this frame.
    Send(Box<Down>),
    /// Verify who this is, then call `handle_signed_in` or `handle_not_signed_in`.
    SignIn(Box<Hello>),
    /// Hand this to the site's desk; where that is refused, call `handle_not_submitted`.
    Submit(Box<Input>),
    /// Read a page from the store in the session's numbering, then call `handle_page`.
    Fetch(Fetch),
    /// Close the socket.
    Close { code: CloseCode, retry_after_ms: Option<u64> },
}

/// Why an input did not reach a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotSubmitted {
    /// The desk's queue is full.
    Busy,
    /// The site's desk cannot be opened now.
    Unavailable,
}

/// Somebody whose token or ticket was good.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub principal: Principal,
    /// The site's name, as visitors see it.
    pub site: String,
    /// Visitors: what the site says to them first.
    pub greeting: Option<String>,
    /// Visitors: a token to keep in place of the old one.
    pub token: Option<String>,
}

#[derive(Clone, Debug)]
enum Phase {
    /// Nothing was said yet.
    Silent,
    /// The token or ticket is being verified.
    SigningIn(Box<Hello>),
    /// The desk was asked to join; `ready` waits for its answer.
    Joining(Box<SignedIn>),
    /// Signed in; nothing has touched the desk yet.
    Idle,
    /// The desk knows this socket.
    Joined,
    /// The node stops: what comes is left for the next one, and the desk closes this socket once it has answered.
    Leaving { until: Instant },
    /// A close is on its way; what comes is dropped.
    Closing,
}

/// One socket's state.
#[derive(Debug)]
pub struct Session {
    socket: Socket,
    phase: Phase,
    principal: Option<Principal>,
    /// The desk was told of this socket.
    joined: bool,
    /// Kept for a desk that is joined late or again.
    identity: Option<Identity>,
    followed: BTreeSet<ConversationId>,
    /// What the desk has not said yet whether this socket follows it.
    asked: Asked,
    /// A page is being read.
    fetching: bool,
    /// Events were dropped behind an answer to the join that is not heard yet.
    lagged: bool,
    frames: Allowance,
    bytes: Allowance,
    overrun: Allowance,
    bad_frames: u32,
    typing_after: Instant,
    heartbeat: Heartbeat,
    chance: Chance,
    outputs: VecDeque<Output>,
}

/// What the desk is told of this socket when it joins.
#[derive(Clone, Debug)]
struct Identity {
    session: protocol::SessionId,
    generation: u32,
    page: Option<Box<Page>>,
    browser: Option<Box<str>>,
}

impl Session {
    /// A session of a socket that has just been opened. `seed` spreads its pings.
    #[must_use]
    pub fn new(socket: Socket, browser: Option<Box<str>>, seed: u64, now: Now) -> Self {
        let mut chance = Chance::new(seed);
        Self {
            socket,
            phase: Phase::Silent,
            principal: None,
            joined: false,
            identity: browser.map(|browser| Identity {
                session: protocol::SessionId(uuid::Uuid::nil()),
                generation: 0,
                page: None,
                browser: Some(browser),
            }),
            followed: BTreeSet::new(),
            asked: Asked::default(),
            fetching: false,
            lagged: false,
            frames: Allowance::new(),
            bytes: Allowance::new(),
            overrun: Allowance::new(),
            bad_frames: 0,
            typing_after: now.instant,
            heartbeat: Heartbeat::new(now.instant, &mut chance),
            chance,
            outputs: VecDeque::new(),
        }
    }

    /// Who is there, once signed in.
    #[must_use]
    pub fn principal(&self) -> Option<Principal> {
        self.principal
    }

    /// Whether the desk was told of this socket and must be told when it ends.
    #[must_use]
    pub fn has_joined(&self) -> bool {
        self.joined
    }

    /// Whether there is something to do.
    #[must_use]
    pub fn has_output(&self) -> bool {
        !self.outputs.is_empty()
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if self.outputs.is_empty() {
            // An idle socket holds no buffer.
            self.outputs = VecDeque::new();
        }
        output
    }

    /// When `handle_timeout` must be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.phase {
            Phase::Closing => None,
            Phase::Leaving { until } => Some(until),
            Phase::Silent => Some(self.heartbeat.hello_due()),
            Phase::SigningIn(_) | Phase::Joining(_) | Phase::Idle | Phase::Joined => Some(self.heartbeat.due()),
        }
    }

    pub fn handle_timeout(&mut self, now: Now) {
        match self.phase {
            Phase::Closing => {}
            Phase::Silent if now.instant >= self.heartbeat.hello_due() => self.close(CloseCode::Timeout),
            Phase::Silent => {}
            Phase::Leaving { until } if now.instant >= until => self.close(CloseCode::Restart),
            Phase::Leaving { .. } => {}
            Phase::SigningIn(_) | Phase::Joining(_) | Phase::Idle | Phase::Joined => self.beat(now.instant),
        }
    }

    fn beat(&mut self, now: Instant) {
        match self.heartbeat.handle_timeout(now) {
            heartbeat::Beat::Wait => {}
            heartbeat::Beat::Ping => self.send(Down::Ping(protocol::Nothing {})),
            heartbeat::Beat::Dead => self.close(CloseCode::Timeout),
        }
    }

    /// The node stops: the socket must go elsewhere, once what it asked is answered.
    pub fn handle_restart(&mut self, now: Now) {
        match self.phase {
            Phase::Joined => {
                self.phase = Phase::Leaving { until: now.instant.plus_ms(LEAVING_MS_MAX) };
                self.submit(Input::SendAway { socket: self.socket });
            }
            Phase::Silent | Phase::SigningIn(_) | Phase::Joining(_) | Phase::Idle => self.close(CloseCode::Restart),
            Phase::Leaving { .. } | Phase::Closing => {}
        }
    }

    /// The desk or the node says something to this socket. Frames pass by the session; these do not.
    pub fn handle_item<T>(&mut self, item: Item<T>) {
        match item {
            Item::Frame { .. } => {}
            Item::Joined { heads, agent } => self.handle_joined(heads, agent),
            Item::Heads(heads) => {
                let told = self.note_followed(&heads);
                self.send(Down::Heads(Heads { heads }));
                self.read_held(told);
            }
            Item::NotFollowed { conversations, why } => self.refuse_held(&conversations, why),
            Item::Unfollowed(conversation) => {
                self.followed.remove(&conversation);
            }
            Item::Refused { command, why } => self.refuse_command(&command, why),
            Item::Close { code, retry_after_ms } => self.close_with(code, retry_after_ms),
        }
    }

    fn handle_joined(&mut self, heads: Vec<Head>, agent: Option<Box<AgentState>>) {
        let told = self.note_followed(&heads);
        match std::mem::replace(&mut self.phase, Phase::Joined) {
            Phase::Joining(signed_in) => self.send_ready(*signed_in, heads, agent),
            phase @ (Phase::Leaving { .. } | Phase::Closing) => self.phase = phase,
            Phase::Silent | Phase::SigningIn(_) | Phase::Idle | Phase::Joined => {
                if !heads.is_empty() {
                    self.send(Down::Heads(Heads { heads }));
                }
            }
        }
        self.read_held(told);
        if std::mem::take(&mut self.lagged) {
            self.handle_lagged();
        }
    }

    /// Events for this socket were dropped; the desk is asked where everything stands.
    ///
    /// The answer to the join may have waited in the same queue. What it says is older than what was dropped, so the
    /// desk is asked once it is heard.
    pub fn handle_lagged(&mut self) {
        match self.phase {
            Phase::Joined => self.submit(Input::Lagged { socket: self.socket }),
            Phase::Joining(_) => self.lagged = true,
            Phase::Silent | Phase::SigningIn(_) | Phase::Idle | Phase::Leaving { .. } | Phase::Closing => {}
        }
    }

    /// The store's answer to `Output::Fetch`; `None` when it is away.
    pub fn handle_page(&mut self, fetch: &Fetch, page: Option<Records>) {
        self.fetching = false;
        match page {
            Some(records) => self.send(Down::Records(records)),
            None => {
                let refusal = Refusal::of(Code::Unavailable).retry_after_ms(BUSY_RETRY_AFTER_MS);
                self.refuse(refusal.conversation(Some(fetch.conversation)));
            }
        }
    }

    /// An input did not reach the desk.
    pub fn handle_not_submitted(&mut self, input: Input, why: NotSubmitted) {
        match input {
            Input::Command { command, .. } => self.refuse_command(&command, why),
            // The client could not tell that it was not heard, so it comes back.
            Input::Join(_) | Input::Follow { .. } | Input::Lagged { .. } | Input::Watch { .. } => match why {
                NotSubmitted::Busy => self.close_with(CloseCode::Overload, Some(BUSY_RETRY_AFTER_MS)),
                NotSubmitted::Unavailable => self.close(CloseCode::StoreAway),
            },
            // The socket need not wait for answers that will not come.
            Input::SendAway { .. } => self.close(CloseCode::Restart),
            Input::Leave { .. }
            | Input::Unfollow { .. }
            | Input::Typing { .. }
            | Input::Read { .. }
            | Input::Page { .. }
            | Input::Availability { .. }
            | Input::Unwatch { .. }
            | Input::Loaded { .. }
            | Input::LoadedMessage { .. }
            | Input::LoadedLastAgent { .. }
            | Input::Closed { .. }
            | Input::Settings(_)
            | Input::RollCalled
            | Input::SignedOut { .. } => {}
        }
    }

    fn refuse_command(&mut self, command: &Command, why: NotSubmitted) {
        let code = match why {
            NotSubmitted::Busy => Code::Busy,
            NotSubmitted::Unavailable => Code::Unavailable,
        };
        let refusal = Refusal::of(code).retry_after_ms(BUSY_RETRY_AFTER_MS);
        self.refuse(refusal.command(command.id).conversation(command.conversation));
    }

    fn send_ready(&mut self, signed_in: SignedIn, heads: Vec<Head>, agent: Option<Box<AgentState>>) {
        let visitor = match signed_in.principal {
            Principal::Visitor(id) => Some(VisitorSelf { id, token: signed_in.token }),
            Principal::Agent(_) => None,
        };
        let limits = Limits {
            body_bytes_max: u32::try_from(check::body_bytes_max(self.socket)).unwrap_or(u32::MAX),
            frame_bytes_max: u32::try_from(protocol::limits::MESSAGE_BYTES_MAX).unwrap_or(u32::MAX),
            silence_ms_max: u32::try_from(protocol::limits::CLIENT_SILENCE_MS_MAX).unwrap_or(u32::MAX),
        };
        let SignedIn { site, greeting, .. } = signed_in;
        let ready = Ready { protocol: protocol::PROTOCOL, site, greeting, limits, visitor, agent, heads };
        self.send(Down::Ready(Box::new(ready)));
    }

    fn send(&mut self, frame: Down) {
        self.outputs.push_back(Output::Send(Box::new(frame)));
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.send(Down::No(Box::new(refusal)));
    }

    fn submit(&mut self, input: Input) {
        self.outputs.push_back(Output::Submit(Box::new(input)));
    }

    fn close(&mut self, code: CloseCode) {
        self.close_with(code, None);
    }

    fn close_with(&mut self, code: CloseCode, retry_after_ms: Option<u64>) {
        if !matches!(self.phase, Phase::Closing) {
            self.phase = Phase::Closing;
            self.outputs.push_back(Output::Close { code, retry_after_ms });
        }
    }
}
