//! What the library sees of a guarded stream.

use super::*;
use futures_util::{SinkExt, StreamExt};
use protocol::limits::MESSAGE_BYTES_MAX;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_tungstenite::WebSocketStream;
use tungstenite::Message;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

type Socket = WebSocketStream<GuardedStream<DuplexStream>>;

async fn socket(leftover: &'static [u8]) -> (Socket, DuplexStream) {
    let (ours, theirs) = tokio::io::duplex(256 * 1024);
    let config = WebSocketConfig::default()
        .read_buffer_size(1024)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let guarded = GuardedStream::new(ours, Bytes::from_static(leftover));
    (WebSocketStream::from_raw_socket(guarded, Role::Server, Some(config)).await, theirs)
}

/// A frame masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    assert!(payload.len() < 126);
    [&[first, 0x80 | payload.len() as u8, 0, 0, 0, 0], payload].concat()
}

async fn next_text(socket: &mut Socket) -> String {
    socket.next().await.unwrap().unwrap().into_text().unwrap().to_string()
}

async fn next_violation(socket: &mut Socket) -> Option<CloseCode> {
    violation_of(&socket.next().await.unwrap().unwrap_err())
}

#[tokio::test]
async fn messages_before_the_violation_are_still_read() {
    let (mut socket, mut peer) = socket(b"").await;
    let bytes = [frame(0x81, b"one"), frame(0x81, b"two"), frame(0x82, b"binary")].concat();
    peer.write_all(&bytes).await.unwrap();
    assert_eq!(next_text(&mut socket).await, "one");
    assert_eq!(next_text(&mut socket).await, "two");
    assert_eq!(next_violation(&mut socket).await, Some(CloseCode::Binary));
}

#[tokio::test]
async fn bytes_read_with_the_handshake_are_judged_and_come_first() {
    let (mut socket, mut peer) = socket(b"\x81\x83\0\0\0\0on").await;
    peer.write_all(b"e\x81\x03two").await.unwrap();
    assert_eq!(next_text(&mut socket).await, "one");
    assert_eq!(next_violation(&mut socket).await, Some(CloseCode::Protocol), "unmasked");
}

#[tokio::test(start_paused = true)]
async fn a_stalled_message_ends_after_ten_seconds() {
    let (mut socket, mut peer) = socket(b"").await;
    peer.write_all(&frame(0x01, b"begun")).await.unwrap();
    let before = Instant::now();
    assert_eq!(next_violation(&mut socket).await, Some(CloseCode::Timeout));
    assert_eq!(before.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_idle_socket_is_not_overdue_and_holds_no_timer() {
    let (mut socket, mut peer) = socket(b"").await;
    peer.write_all(&frame(0x01, b"he")).await.unwrap();
    peer.write_all(&frame(0x80, b"y")).await.unwrap();
    assert_eq!(next_text(&mut socket).await, "hey");
    assert!(tokio::time::timeout(Duration::from_secs(60), socket.next()).await.is_err());
    assert!(socket.get_ref().overdue.is_none());
}

#[tokio::test]
async fn text_that_is_not_utf8_across_fragments_is_refused() {
    let (mut socket, mut peer) = socket(b"").await;
    peer.write_all(&[frame(0x01, &[0xc3]), frame(0x80, &[0x28])].concat()).await.unwrap();
    assert_eq!(next_violation(&mut socket).await, Some(CloseCode::NotUtf8));
}

#[tokio::test]
async fn a_close_frame_can_be_sent_after_a_violation() {
    let (mut socket, mut peer) = socket(b"").await;
    peer.write_all(&[0xf1, 0x80]).await.unwrap();
    let code = next_violation(&mut socket).await.unwrap();
    let close = CloseFrame { code: code.code().into(), reason: "".into() };
    socket.send(Message::Close(Some(close))).await.unwrap();
    let mut answer = [0; 4];
    peer.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, [0x88, 2, 0x03, 0xea]);
}

#[tokio::test]
async fn at_most_ten_pings_of_a_flood_are_answered() {
    let (mut socket, mut peer) = socket(b"").await;
    peer.write_all(&frame(0x89, b"").repeat(1_000)).await.unwrap();
    let mut answered = 0;
    let code = loop {
        match socket.next().await.unwrap() {
            Ok(_) => answered += 1,
            Err(error) => break violation_of(&error),
        }
    };
    assert_eq!((answered, code), (10, Some(CloseCode::RateLimited)));
}

#[tokio::test]
async fn what_follows_a_close_is_dropped() {
    let (mut socket, mut peer) = socket(b"").await;
    let bytes = [frame(0x88, &[0x03, 0xe8]), frame(0x81, b"late"), vec![0xff; 40]].concat();
    peer.write_all(&bytes).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(Some(_))))));
    assert!(socket.next().await.is_none());
}

#[tokio::test]
async fn a_peer_that_is_gone_is_no_violation() {
    let (mut socket, peer) = socket(b"").await;
    drop(peer);
    assert_eq!(next_violation(&mut socket).await, None);
}

#[test]
fn a_guarded_stream_adds_little_to_its_socket() {
    assert!(size_of::<GuardedStream<()>>() <= 176, "{}", size_of::<GuardedStream<()>>());
}
