//! One socket: a small task that owns its session, and carries out what it says.

use crate::edge::Edge;
use crate::edge::address::ClientAddress;
use crate::edge::admission::Place;
use crate::edge::browser::browser_name;
use crate::edge::farewell::{answer_farewell, say_farewell};
use crate::edge::guarded::{GuardedStream, violation_of};
use crate::edge::sign_in;
use crate::edge::sites::KnownSite;
use crate::ports::{Audience, RecordsQuery};
use crate::switchboard::{AGENT_BOUNDS, Inbox, VISITOR_BOUNDS, encode};
use crate::telemetry::Kind;
use futures_util::{SinkExt, StreamExt};
use gateway_core::ids::{Principal, SiteId, Socket};
use gateway_core::limits::SLOW_READER_MS_MAX;
use gateway_core::session::outbound::Item;
use gateway_core::session::{Output, Session};
use protocol::limits::PAGE_RECORDS_MAX;
use protocol::{CloseCode, Fetch, Hello, Return};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// A close that asks to return names a wait up to this, so that sockets closed together do not return together.
const RETRY_AFTER_MS_MAX: u64 = 2_000;

/// Whoever overran the allowance stays away for so long.
const RATE_LIMITED_MS_MIN: u64 = 30_000;

/// A WebSocket behind its guard.
pub type Guarded<S> = WebSocketStream<GuardedStream<S>>;

/// Who was let in.
pub struct Accepted {
    pub edge: Arc<Edge>,
    /// The visitor's site; none for agents, whose first frame names it.
    pub site: Option<Arc<KnownSite>>,
    pub address: ClientAddress,
    pub user_agent: Option<Box<str>>,
    /// A visitor's place among the sockets of the address; held as long as the socket is open.
    pub place: Option<Place>,
}

impl Accepted {
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.site {
            Some(_) => Kind::Visitor,
            None => Kind::Agent,
        }
    }
}

/// Why a socket's task ends.
enum End {
    Close {
        code: CloseCode,
        retry_after_ms: Option<u64>,
    },
    /// The peer has said its farewell, which is answered.
    Answer,
    /// The peer is gone; there is nobody to tell.
    Gone,
}

impl End {
    fn close(code: CloseCode) -> Self {
        Self::Close { code, retry_after_ms: None }
    }
}

/// Serves a socket until it ends.
///
/// What it owns is made before the future and caught by it: an `async fn` would hold the arguments a second time.
pub fn run<S: AsyncRead + AsyncWrite + Unpin>(
    stream: Guarded<S>,
    accepted: Accepted,
) -> impl Future<Output = ()> + use<S> {
    let edge = Arc::clone(&accepted.edge);
    let kind = accepted.kind();
    let mut served = Served::new(stream, accepted);
    async move {
        edge.metrics.sockets[kind].inc();
        let end = served.serve().await;
        Box::pin(served.leave()).await;
        match end {
            End::Close { code, retry_after_ms } => {
                edge.metrics.closes[code].inc();
                let within_ms = edge.drain.return_within_ms.load(Ordering::Relaxed).max(RETRY_AFTER_MS_MAX);
                say_farewell(served.stream, code, &reason(code, retry_after_ms, within_ms)).await;
            }
            End::Answer => answer_farewell(served.stream).await,
            End::Gone => {}
        }
        edge.metrics.sockets[kind].dec();
    }
}

/// What stands in the close frame: for a close that asks to return, when; spread over so many milliseconds.
fn reason(code: CloseCode, retry_after_ms: Option<u64>, within_ms: u64) -> String {
    match code.then() {
        Return::Resume | Return::Renew => {
            let least = if code == CloseCode::RateLimited { RATE_LIMITED_MS_MIN } else { 0 };
            let ms = retry_after_ms.unwrap_or_else(|| least + crate::chance::seed() % within_ms).max(least);
            format!("{{\"retry_after_ms\":{ms}}}")
        }
        Return::Reload | Return::Wipe | Return::Stop => String::new(),
    }
}

struct Served<S> {
    stream: Guarded<S>,
    session: Session,
    inbox: Arc<Inbox>,
    socket: Socket,
    /// The site whose desk is spoken to; an agent's is known once signed in.
    site: Option<SiteId>,
    accepted: Accepted,
    is_sent_away: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Served<S> {
    fn new(stream: Guarded<S>, accepted: Accepted) -> Self {
        let switchboard = &accepted.edge.switchboard;
        let (inbox, socket) = match accepted.site {
            Some(_) => {
                let inbox = Arc::new(Inbox::new(VISITOR_BOUNDS));
                let socket = Socket::Visitor(switchboard.sockets.add_visitor(Arc::clone(&inbox)));
                (inbox, socket)
            }
            None => {
                let inbox = Arc::new(Inbox::new(AGENT_BOUNDS));
                let socket = Socket::Agent(switchboard.sockets.add_agent(Arc::clone(&inbox)));
                (inbox, socket)
            }
        };
        let browser = accepted.user_agent.as_deref().and_then(browser_name);
        let session = Session::new(socket, browser, crate::chance::seed(), switchboard.clock.now());
        let site = accepted.site.as_ref().map(|site| site.site.id);
        Self { stream, session, inbox, socket, site, accepted, is_sent_away: false }
    }

    /// Waits and serves. What happens rarely or briefly is boxed: a socket that idles should cost little.
    async fn serve(&mut self) -> End {
        loop {
            let clock = self.accepted.edge.switchboard.clock;
            let deadline = self.session.poll_timeout().map(|at| clock.deadline(at));
            let timeout = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let ended = tokio::select! {
                biased;
                () = self.accepted.edge.drain.sockets_away.cancelled(), if !self.is_sent_away => {
                    self.is_sent_away = true;
                    self.session.handle_restart(clock.now());
                    None
                }
                () = self.inbox.rung() => Box::pin(self.write_inbox()).await,
                read = self.stream.next() => self.hear(read),
                () = timeout => {
                    self.session.handle_timeout(clock.now());
                    None
                }
            };
            if let Some(end) = ended {
                return end;
            }
            if self.session.has_output()
                && let Some(end) = Box::pin(self.carry_out()).await
            {
                return end;
            }
        }
    }

    fn hear(&mut self, read: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>) -> Option<End> {
        match read {
            Some(Ok(Message::Text(text))) => {
                self.session.handle_text(text.as_str(), self.accepted.edge.switchboard.clock.now());
                None
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => None,
            Some(Ok(Message::Binary(_))) => Some(End::close(CloseCode::Binary)),
            Some(Ok(Message::Close(_))) => Some(End::Answer),
            None => Some(End::Gone),
            Some(Err(error)) => Some(violation_of(&error).map_or(End::Gone, End::close)),
        }
    }

    /// Writes what desks and node have said: all of it, then one flush.
    async fn write_inbox(&mut self) -> Option<End> {
        let drained = self.inbox.drain();
        if drained.lagged {
            self.session.handle_lagged();
        }
        let mut end = None;
        for item in drained.items {
            end = match item {
                Item::Frame { text, .. } => self.feed(Message::Text(text.0)).await,
                item @ (Item::Joined { .. }
                | Item::Heads(_)
                | Item::NotFollowed { .. }
                | Item::Unfollowed(_)
                | Item::Refused { .. }
                | Item::Close { .. }) => {
                    self.session.handle_item(item);
                    self.carry_out().await
                }
            };
            if end.is_some() {
                break;
            }
        }
        match end {
            Some(end) => Some(end),
            None => self.flush().await,
        }
    }

    /// Does what the session asks until it asks nothing more.
    async fn carry_out(&mut self) -> Option<End> {
        let mut written = false;
        while let Some(output) = self.session.poll_output() {
            let end = match output {
                Output::Send(frame) => {
                    written = true;
                    self.feed(Message::Text(encode(&frame).0)).await
                }
                Output::SignIn(hello) => {
                    self.sign_in(&hello).await;
                    None
                }
                Output::Submit(input) => {
                    self.submit(*input);
                    None
                }
                Output::Fetch(fetch) => {
                    self.fetch(&fetch).await;
                    None
                }
                Output::Close { code, retry_after_ms } => {
                    self.flush().await;
                    Some(End::Close { code, retry_after_ms })
                }
            };
            if end.is_some() {
                return end;
            }
        }
        if written { self.flush().await } else { None }
    }

    async fn sign_in(&mut self, hello: &Hello) {
        let edge = Arc::clone(&self.accepted.edge);
        let welcome = match &self.accepted.site {
            Some(site) => sign_in::visitor(&edge, site, hello),
            None => sign_in::agent(&edge, hello).await,
        };
        match welcome {
            Ok(welcome) => {
                if !hello.follows.is_empty() {
                    edge.metrics.resumes.inc();
                }
                self.site = Some(welcome.site);
                self.session.handle_signed_in(welcome.signed_in);
            }
            Err(code) => self.session.handle_not_signed_in(code),
        }
    }

    fn submit(&mut self, input: gateway_core::desk::input::Input) {
        let Some(site) = self.site else { return };
        if let Err((input, why)) = self.accepted.edge.switchboard.submit(site, self.socket, input) {
            self.session.handle_not_submitted(*input, why);
        }
    }

    async fn fetch(&mut self, fetch: &Fetch) {
        let (Some(site), Some(reader)) = (self.site, self.session.principal()) else { return };
        let audience = match reader {
            Principal::Visitor(_) => Audience::Public,
            Principal::Agent(_) => Audience::Full,
        };
        let limit = fetch.limit.map_or(PAGE_RECORDS_MAX, |limit| limit as usize);
        let query =
            RecordsQuery { site, conversation: fetch.conversation, audience, after: fetch.after, limit, reader };
        let page = self.accepted.edge.switchboard.store.records(query).await;
        if let Err(error) = &page {
            tracing::warn!(%error, "a page cannot be read");
        }
        self.session.handle_page(fetch, page.ok());
    }

    /// Puts a frame into the stream's buffer. A reader that does not take it in time is too slow.
    async fn feed(&mut self, message: Message) -> Option<End> {
        let fed = tokio::time::timeout(Duration::from_millis(SLOW_READER_MS_MAX), self.stream.feed(message)).await;
        written(fed)
    }

    async fn flush(&mut self) -> Option<End> {
        let flushed = tokio::time::timeout(Duration::from_millis(SLOW_READER_MS_MAX), self.stream.flush()).await;
        written(flushed)
    }

    /// The desk is told that this socket has ended, and the node forgets it.
    async fn leave(&self) {
        let switchboard = &self.accepted.edge.switchboard;
        switchboard.sockets.remove(self.socket);
        if let Some(site) = self.site
            && self.session.has_joined()
        {
            switchboard.leave(site, self.socket).await;
        }
    }
}

fn written(
    result: Result<Result<(), tokio_tungstenite::tungstenite::Error>, tokio::time::error::Elapsed>,
) -> Option<End> {
    match result {
        Ok(Ok(())) => None,
        Ok(Err(_)) => Some(End::Gone),
        Err(_) => Some(End::close(CloseCode::SlowReader)),
    }
}
