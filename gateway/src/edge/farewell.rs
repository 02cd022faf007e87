//! Ending a socket so that the peer learns why.
//!
//! A stream that is dropped with unread bytes is reset, and a reset can overtake the close frame: so the write side
//! is shut first, and what still arrives is read and dropped for a while.

use crate::edge::socket::Guarded;
use futures_util::SinkExt;
use protocol::CloseCode;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// For writing the close frame; together with the lingering a socket is gone within 5 s.
const WRITE_MS_MAX: u64 = 2_000;
/// For the peer to answer and hang up.
const LINGER_MS_MAX: u64 = 2_500;
/// Bytes read and dropped meanwhile; a peer that sends more is not listening.
const LINGER_BYTES_MAX: usize = 256 * 1024;
/// RFC 6455, section 5.5: 125 bytes of body, two of them the code.
const REASON_BYTES_MAX: usize = 123;

/// Sends a close frame, waits a moment for the peer to hang up, and drops the socket.
///
/// The future stands on the heap, so that a socket's task does not carry the room for its end through its life.
pub fn say_farewell<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: Guarded<S>,
    code: CloseCode,
    reason: &str,
) -> Pin<Box<impl Future<Output = ()> + use<S>>> {
    let reason = &reason[..reason.floor_char_boundary(REASON_BYTES_MAX)];
    let close = Message::Close(Some(CloseFrame { code: code.code().into(), reason: reason.into() }));
    Box::pin(async move {
        let write = tokio::time::timeout(Duration::from_millis(WRITE_MS_MAX), socket.send(close)).await;
        if matches!(write, Ok(Ok(()))) {
            hang_up(socket.get_mut().get_mut()).await;
        }
    })
}

/// Writes the answer to the peer's close frame, which the library holds ready, and drops the socket.
pub fn answer_farewell<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: Guarded<S>,
) -> Pin<Box<impl Future<Output = ()> + use<S>>> {
    Box::pin(async move {
        // Once it is written the library says that the connection is closed, which is no failure.
        let _ = tokio::time::timeout(Duration::from_millis(WRITE_MS_MAX), socket.flush()).await;
        hang_up(socket.get_mut().get_mut()).await;
    })
}

/// Shuts the write side and drops what still arrives, until the peer hangs up or the time is over.
pub(crate) async fn hang_up<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    let lingering = async {
        let _ = stream.shutdown().await;
        let mut dropped = 0;
        let mut bytes = [0; 512];
        while dropped < LINGER_BYTES_MAX {
            match stream.read(&mut bytes).await {
                Ok(0) | Err(_) => break,
                Ok(count) => dropped += count,
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(LINGER_MS_MAX), lingering).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::guarded::GuardedStream;
    use bytes::Bytes;
    use futures_util::StreamExt;
    use tokio::time::Instant;
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::Role;

    async fn socket() -> (Guarded<tokio::io::DuplexStream>, tokio::io::DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(1024);
        let guarded = GuardedStream::new(ours, Bytes::new());
        (WebSocketStream::from_raw_socket(guarded, Role::Server, None).await, theirs)
    }

    #[tokio::test]
    async fn the_peer_is_told_code_and_reason_even_while_it_sends() {
        let (socket, mut peer) = socket().await;
        peer.write_all(&[0; 600]).await.unwrap();
        let mut told = Vec::new();
        let listen = async {
            peer.read_to_end(&mut told).await.unwrap();
            drop(peer);
        };
        tokio::join!(say_farewell(socket, CloseCode::SlowReader, "slow"), listen);
        assert_eq!(told, b"\x88\x06\x11\x3dslow");
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_does_not_hang_up_is_dropped_within_five_seconds() {
        let (socket, _peer) = socket().await;
        let before = Instant::now();
        say_farewell(socket, CloseCode::Normal, "").await;
        assert!(before.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_does_not_read_is_dropped_within_five_seconds() {
        let (mut socket, _peer) = socket().await;
        let _ = tokio::time::timeout(Duration::from_secs(1), socket.send(Message::text("x".repeat(2_000)))).await;
        let before = Instant::now();
        say_farewell(socket, CloseCode::SlowReader, "").await;
        assert!(before.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn a_peer_that_leaves_is_answered_with_its_own_code() {
        let (mut socket, mut peer) = socket().await;
        peer.write_all(b"\x88\x82\0\0\0\0\x03\xe9").await.unwrap();
        assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
        let mut told = Vec::new();
        let listen = async {
            peer.read_to_end(&mut told).await.unwrap();
            drop(peer);
        };
        tokio::join!(answer_farewell(socket), listen);
        assert_eq!(told, b"\x88\x02\x03\xe9");
    }

    #[tokio::test]
    async fn a_reason_is_cut_at_a_letter() {
        let (socket, mut peer) = socket().await;
        let reason = "ü".repeat(70);
        let mut told = Vec::new();
        let listen = async {
            peer.read_to_end(&mut told).await.unwrap();
            drop(peer);
        };
        tokio::join!(say_farewell(socket, CloseCode::Normal, &reason), listen);
        assert_eq!(told[1], 2 + 122);
    }
}
