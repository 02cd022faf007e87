//! One socket: a small task that owns its session.

use crate::edge::Edge;
use crate::edge::address::ClientAddress;
use crate::edge::admission::Place;
use crate::edge::farewell::say_farewell;
use crate::edge::guarded::{GuardedStream, violation_of};
use crate::edge::sites::KnownSite;
use crate::telemetry::Kind;
use futures_util::StreamExt;
use protocol::CloseCode;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;

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

/// Serves a socket until it ends.
pub async fn run<S: AsyncRead + AsyncWrite + Unpin>(mut socket: Guarded<S>, accepted: Accepted) {
    let metrics = &accepted.edge.metrics;
    metrics.sockets[accepted.kind()].inc();
    let code = loop {
        tokio::select! {
            () = accepted.edge.drain.sockets_away.cancelled() => break Some(CloseCode::Restart),
            read = socket.next() => match read {
                Some(Ok(_)) => {}
                Some(Err(error)) => break violation_of(&error),
                None => break None,
            },
        }
    };
    if let Some(code) = code {
        metrics.closes[code].inc();
        say_farewell(socket, code, "").await;
    }
    metrics.sockets[accepted.kind()].dec();
}
