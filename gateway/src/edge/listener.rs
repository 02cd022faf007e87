//! The listener: accepts connections, spawns one small task for each, and another for each socket that came of one.
//!
//! A task that speaks HTTP holds buffers and a parser; it ends with the handshake, so an idle socket does not.

use crate::edge::Edge;
use crate::edge::address::is_trusted;
use crate::edge::connection::{self, Ended};
use crate::edge::guarded::GuardedStream;
use crate::edge::http;
use crate::edge::socket::{self, Accepted};
use ::http::{Request, Response};
use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::service::Service;
use protocol::limits::MESSAGE_BYTES_MAX;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Handshakes the kernel holds while we are busy; also bounded by `net.core.somaxconn`.
const BACKLOG: i32 = 4_096;
/// Data the peer does not acknowledge for this long ends the connection.
const USER_TIMEOUT_MS: u64 = 30_000;
/// Accepts in a row before other tasks have their turn.
const ACCEPTS_PER_WAKE: usize = 64;
/// Pauses after a failure that a new try at once would only meet again: no descriptors, no memory.
const PAUSE_MS_MIN: u64 = 10;
const PAUSE_MS_MAX: u64 = 1_000;
const SWEEP_MS: u64 = 1_000;

/// A socket's first read buffer; a longer frame gets its own room.
const READ_BUFFER_BYTES: usize = 512;
/// Frames are written at once; what the kernel does not take waits in the session's queue, not here.
const WRITE_BUFFER_BYTES: usize = 0;
/// One encoded page of records with its JSON around it, and the pong or close frame behind it.
const WRITE_BUFFER_BYTES_MAX: usize = 512 * 1024;

/// Listens at an address.
///
/// # Errors
/// The address is taken, or not ours.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Serves the public port until the drain begins. Connections and sockets live on in the drain's trackers.
pub async fn serve(listener: TcpListener, edge: Arc<Edge>) {
    let stop = edge.drain.stop_accepting.clone();
    let failures = edge.metrics.accept_failures.clone();
    let sweep = async {
        loop {
            tokio::time::sleep(Duration::from_millis(SWEEP_MS)).await;
            edge.admission.sweep();
        }
    };
    let accept = accept(
        listener,
        &stop,
        || {
            failures.inc();
        },
        |stream, peer| spawn(&edge, stream, peer),
    );
    tokio::select! {
        () = accept => {}
        () = sweep => {}
    }
}

/// Hands every connection to `each` until `stop`.
pub(crate) async fn accept(
    listener: TcpListener,
    stop: &CancellationToken,
    on_failure: impl Fn(),
    each: impl Fn(TcpStream, SocketAddr),
) {
    let mut pause = Duration::ZERO;
    loop {
        let first = tokio::select! {
            () = stop.cancelled() => return,
            first = listener.accept() => first,
        };
        let more = std::iter::from_fn(|| listener.accept().now_or_never());
        let failed = std::iter::once(first).chain(more).take(ACCEPTS_PER_WAKE).find_map(|accepted| match accepted {
            Ok((stream, peer)) => {
                each(stream, peer);
                None
            }
            Err(error) => Some(error),
        });
        pause = match failed {
            None => Duration::ZERO,
            Some(error) => {
                on_failure();
                pause_after(&error, pause)
            }
        };
        if !pause.is_zero() {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

/// How long to wait after a failed accept: not at all when only that connection is gone.
fn pause_after(error: &io::Error, before: Duration) -> Duration {
    use io::ErrorKind;
    let is_of_that_connection = matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionRefused
            | ErrorKind::Interrupted
    );
    if is_of_that_connection {
        return Duration::ZERO;
    }
    if before.is_zero() {
        tracing::warn!(%error, "connections cannot be accepted");
    }
    (before * 2).clamp(Duration::from_millis(PAUSE_MS_MIN), Duration::from_millis(PAUSE_MS_MAX))
}

/// Sets what every connection needs; a peer that is gone already shows itself at the first read.
pub(crate) fn prepare(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_tcp_user_timeout(Some(Duration::from_millis(USER_TIMEOUT_MS)));
}

fn spawn(edge: &Arc<Edge>, stream: TcpStream, peer: SocketAddr) {
    let peer = peer.ip().to_canonical();
    let place = match is_trusted(peer, &edge.trusted_proxies) {
        true => None,
        false => match edge.admission.open_connection(peer) {
            Some(place) => Some(place),
            None => {
                edge.metrics.connections_refused.inc();
                return;
            }
        },
    };
    prepare(&stream);
    let task_edge = Arc::clone(edge);
    edge.drain.connections.spawn(async move {
        task_edge.metrics.connections.inc();
        let upgraded = converse(&task_edge, stream, peer).await;
        task_edge.metrics.connections.dec();
        drop(place);
        if let Some(upgraded) = upgraded {
            spawn_socket(&task_edge.drain.sockets, upgraded);
        }
    });
}

/// A stream whose handshake was answered 101.
pub struct Switched<T> {
    pub stream: T,
    /// What was read behind the handshake; it comes before what the stream still holds.
    pub leftover: Bytes,
    pub accepted: Accepted,
}

/// Speaks HTTP to the end; gives what became a socket.
pub async fn converse<T>(edge: &Arc<Edge>, stream: T, peer: IpAddr) -> Option<Switched<T>>
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    let service = PerConnection { edge: Arc::clone(edge), peer, accepted: Arc::default() };
    let Ended { stream, leftover, service } = connection::serve(stream, service, &edge.drain.stop_accepting).await?;
    match service.take_accepted() {
        Some(accepted) => {
            // A copy of its own, so that the parser's buffer is given back.
            let leftover = Bytes::copy_from_slice(&leftover);
            Some(Switched { stream, leftover, accepted })
        }
        None => {
            connection::close(stream).await;
            None
        }
    }
}

/// Begins a socket. It is made before its task, which so holds it once.
fn spawn_socket(tasks: &TaskTracker, switched: Switched<TcpStream>) {
    let guarded = GuardedStream::new(switched.stream, switched.leftover);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let socket = WebSocketStream::from_raw_socket(guarded, Role::Server, Some(config)).now_or_never();
    if let Some(socket) = socket {
        tasks.spawn(socket::run(socket, switched.accepted));
    }
}

/// Answers the requests of one connection, and keeps who was let in until HTTP has ended.
struct PerConnection {
    edge: Arc<Edge>,
    peer: IpAddr,
    accepted: Arc<Mutex<Option<Accepted>>>,
}

impl PerConnection {
    fn take_accepted(&self) -> Option<Accepted> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Service<Request<Incoming>> for PerConnection {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let (edge, peer, slot) = (Arc::clone(&self.edge), self.peer, Arc::clone(&self.accepted));
        Box::pin(async move {
            let (response, accepted) = http::answer(&edge, peer, request.map(Body::new)).await;
            if accepted.is_some() {
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = accepted;
            }
            Ok(response)
        })
    }
}

#[cfg(test)]
mod tests;
