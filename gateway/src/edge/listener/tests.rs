//! Connections to a listener that is really there.

use super::*;
use crate::edge::admission::AdmissionLimits;
use crate::edge::testing::{edge_with, wide_limits};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// A future grows with every local that lives across an await; beside it stand 512 bytes of read buffer.
const SOCKET_TASK_BYTES_MAX: usize = 1_664;

/// A served edge at an address of this machine.
struct Node {
    edge: Arc<Edge>,
    address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

async fn node_with(limits: AdmissionLimits) -> Node {
    let edge = Arc::new(edge_with(limits).await);
    let listener = bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(serve(listener, Arc::clone(&edge)));
    Node { edge, address, serving }
}

async fn node() -> Node {
    node_with(wide_limits()).await
}

impl Node {
    /// Sends bytes and reads until the node hangs up.
    async fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn handshake(&self) -> ::http::Request<()> {
        let mut request = format!("ws://{}/v1/socket/shop", self.address).into_client_request().unwrap();
        let origin = format!("http://{}", self.address).parse().unwrap();
        request.headers_mut().insert("origin", origin);
        request.headers_mut().insert("sec-websocket-protocol", "halloo.v1".parse().unwrap());
        request
    }

    async fn socket(&self) -> WebSocketStream<TcpStream> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        tokio_tungstenite::client_async(self.handshake(), stream).await.unwrap().0
    }
}

async fn close_code(socket: &mut WebSocketStream<TcpStream>) -> u16 {
    loop {
        let message = socket.next().await.unwrap().unwrap();
        if let Message::Close(frame) = message {
            return frame.expect("a close has a code").code.into();
        }
    }
}

#[tokio::test]
async fn an_independent_client_opens_a_socket_and_is_told_why_it_ends() {
    let node = node().await;
    let mut socket = node.socket().await;
    socket.send(Message::text("{}")).await.unwrap();
    socket.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(close_code(&mut socket).await, 1003);
    assert_eq!(node.edge.drain.connections.len(), 0, "the handshake's task has ended");
}

#[tokio::test]
async fn a_peer_that_says_farewell_is_answered() {
    let node = node().await;
    let mut socket = node.socket().await;
    let close = CloseFrame { code: 1000.into(), reason: "bye".into() };
    socket.send(Message::Close(Some(close))).await.unwrap();
    assert_eq!(close_code(&mut socket).await, 1000);
}

#[tokio::test]
async fn whoever_floods_is_told_to_stay_away_for_half_a_minute() {
    let node = node().await;
    let mut socket = node.socket().await;
    for _ in 0..11 {
        socket.feed(Message::Ping(Bytes::new())).await.unwrap();
    }
    socket.flush().await.unwrap();
    let close = std::pin::pin!(socket.filter_map(|read| async { read.ok().filter(Message::is_close) })).next().await;
    let Some(Message::Close(Some(frame))) = close else { panic!("no close frame") };
    assert_eq!(u16::from(frame.code), 4429);
    let told: serde_json::Value = serde_json::from_str(&frame.reason).unwrap();
    assert!(told["retry_after_ms"].as_u64().unwrap() >= 30_000, "{told}");
}

#[tokio::test]
async fn frames_sent_together_with_the_handshake_are_not_lost() {
    let node = node().await;
    let mut stream = TcpStream::connect(node.address).await.unwrap();
    let handshake = format!(
        "GET /v1/socket/shop HTTP/1.1\r\nhost: {0}\r\norigin: http://{0}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: halloo.v1\r\n\r\n",
        node.address
    );
    stream.write_all(&[handshake.as_bytes(), &[0x82, 0x80, 0, 0, 0, 0]].concat()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 101 "));
    assert!(answer.ends_with(&[0x88, 2, 0x03, 0xeb]), "closed with 1003");
}

#[tokio::test]
async fn a_drain_ends_accepting_and_sends_sockets_away() {
    let node = node().await;
    let mut socket = node.socket().await;
    node.edge.drain.stop_accepting.cancel();
    node.serving.await.unwrap();
    assert!(TcpStream::connect(node.address).await.is_err());
    node.edge.drain.sockets_away.cancel();
    assert_eq!(close_code(&mut socket).await, 1012);
    drop(socket);
    node.edge.drain.finished().await;
}

#[tokio::test]
async fn an_idle_connection_ends_when_the_drain_begins() {
    let node = node().await;
    let mut idle = TcpStream::connect(node.address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: a.b\r\n\r\n").await.unwrap();
    assert_ne!(idle.read(&mut [0; 64]).await.unwrap(), 0);
    node.edge.drain.stop_accepting.cancel();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    drop(idle);
    node.edge.drain.finished().await;
}

#[tokio::test]
async fn too_many_and_too_long_headers_are_answered_431() {
    let node = node().await;
    let many: String = (0..101).map(|figure| format!("x{figure}: 1\r\n")).collect();
    let long = format!("x: {}\r\n", "a".repeat(64 * 1024));
    let drip = format!("x: {}", "a".repeat(1024 * 1024));
    for headers in [many, long, drip] {
        let answer = node.exchange(format!("GET / HTTP/1.1\r\nhost: a.b\r\n{headers}\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer:.100}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_closed_and_the_node_lives() {
    let node = node().await;
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n\r\n"] {
        node.exchange(bytes).await;
    }
    node.exchange(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    let answer = node.exchange(b"GET / HTTP/1.1\r\nhost: a.b\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn a_planted_second_request_is_not_served() {
    let node = node().await;
    let planted = "GET /console HTTP/1.1\r\nhost: a.b\r\n\r\n";
    for framing in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: +5\r\n",
        "transfer-encoding: xchunked\r\n",
        "content-length : 5\r\n",
    ] {
        let bytes = format!("POST / HTTP/1.1\r\nhost: a.b\r\n{framing}\r\nhello{planted}");
        let answer = node.exchange(bytes.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{framing}: {answer:.60}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{framing}: {answer}");
    }
}

#[tokio::test]
async fn an_address_has_so_many_connections() {
    let node = node_with(AdmissionLimits { address_connections_max: 1, ..wide_limits() }).await;
    let mut first = TcpStream::connect(node.address).await.unwrap();
    first.write_all(b"GET / HTTP/1.1\r\nhost: a.b\r\n\r\n").await.unwrap();
    assert_ne!(first.read(&mut [0; 64]).await.unwrap(), 0);
    let mut second = TcpStream::connect(node.address).await.unwrap();
    let closed = second.read(&mut [0; 64]).await;
    assert!(matches!(closed, Ok(0) | Err(_)));
    assert_eq!(node.edge.metrics.connections_refused.get(), 1);
}

#[tokio::test]
async fn connections_do_not_wait_for_more_bytes_before_they_send() {
    let listener = bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = listener.local_addr().unwrap();
    let (_client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (stream, _) = accepted.unwrap();
    prepare(&stream);
    assert!(stream.nodelay().unwrap());
    assert_eq!(SockRef::from(&stream).tcp_user_timeout().unwrap(), Some(Duration::from_secs(30)));
}

#[test]
fn a_node_without_descriptors_pauses_longer_each_time_and_an_aborted_connection_costs_nothing() {
    let exhausted = io::Error::from_raw_os_error(24);
    let mut pause = Duration::ZERO;
    let mut pauses = Vec::new();
    for _ in 0..9 {
        pause = pause_after(&exhausted, pause);
        pauses.push(pause.as_millis());
    }
    assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640, 1_000, 1_000]);
    assert_eq!(pause_after(&io::ErrorKind::ConnectionAborted.into(), Duration::ZERO), Duration::ZERO);
}

/// Bytes of the future that a socket's task polls.
fn size_of_future<F>(_: impl Fn(socket::Guarded<TcpStream>, Accepted) -> F) -> usize {
    size_of::<F>()
}

#[test]
fn a_sockets_task_is_small() {
    let size = size_of_future(socket::run);
    assert!(size <= SOCKET_TASK_BYTES_MAX, "{size}");
}
