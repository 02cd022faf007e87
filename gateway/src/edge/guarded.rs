//! A stream whose incoming bytes pass [`Frames`] before the WebSocket library sees them.
//!
//! It also holds what the HTTP parser had read too far, so no byte reaches the library unjudged.
//! Writing is untouched. `edge/upgrade.rs` makes it; the socket task asks [`violation_of`] why reading failed.

use crate::edge::frames::{Frames, Violation};
use bytes::{Buf, Bytes};
use protocol::CloseCode;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::tungstenite;
use tungstenite::error::ProtocolError;

/// A guarded stream. Idle it costs its walk and nothing on the heap.
#[derive(Debug)]
pub struct GuardedStream<S> {
    stream: S,
    /// Bytes that were read together with the handshake.
    leftover: Bytes,
    frames: Frames,
    violation: Option<Violation>,
    opened: Instant,
    /// Runs only while a message is unfinished.
    overdue: Option<Pin<Box<Sleep>>>,
}

impl<S> GuardedStream<S> {
    /// Guards `stream`; `leftover` was read from it already and comes first.
    pub fn new(stream: S, leftover: Bytes) -> Self {
        Self { stream, leftover, frames: Frames::default(), violation: None, opened: Instant::now(), overdue: None }
    }

    /// The rule the peer broke, once reading has met it.
    #[must_use]
    pub fn violation(&self) -> Option<Violation> {
        self.violation
    }

    /// The stream beneath: nothing that is read from it is judged.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Judges what `buffer` holds behind `before`, and cuts off what broke a rule.
    fn judge(&mut self, buffer: &mut ReadBuf<'_>, before: usize) -> io::Result<()> {
        let now_ms = self.now_ms();
        let Err(violation) = self.frames.feed(&buffer.filled()[before..], now_ms) else { return Ok(()) };
        self.violation = Some(violation);
        buffer.set_filled(before + violation.at);
        match violation.at {
            0 => Err(io::Error::other(violation)),
            _ => Ok(()),
        }
    }

    /// Resolves once what is unfinished is too old.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.frames.deadline() else {
            self.overdue = None;
            return Poll::Pending;
        };
        let deadline = self.opened + Duration::from_millis(deadline);
        let sleep = self.overdue.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(cx)
    }
}

impl<S: AsyncRead + Unpin> GuardedStream<S> {
    fn poll_bytes(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.leftover.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let taken = self.leftover.len().min(buffer.remaining());
        buffer.put_slice(&self.leftover[..taken]);
        self.leftover.advance(taken);
        if self.leftover.is_empty() {
            // Gives back the HTTP parser's buffer.
            self.leftover = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for GuardedStream<S> {
    /// Reads judged bytes: an error behind the last sound one, the end behind a close frame.
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some(violation) = self.violation {
            return Poll::Ready(Err(io::Error::other(violation)));
        }
        if self.frames.is_ended() {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        if let Poll::Ready(read) = self.poll_bytes(cx, buffer) {
            return Poll::Ready(read.and_then(|()| self.judge(buffer, before)));
        }
        ready!(self.poll_overdue(cx));
        let violation = Frames::overdue();
        self.violation = Some(violation);
        Poll::Ready(Err(io::Error::other(violation)))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The code to close a socket with whose reading failed so; none where the peer or the network is simply gone.
#[must_use]
pub fn violation_of(error: &tungstenite::Error) -> Option<CloseCode> {
    use tungstenite::Error;
    match error {
        Error::Io(error) => Some(error.get_ref()?.downcast_ref::<Violation>()?.code),
        Error::Utf8(_) => Some(CloseCode::NotUtf8),
        Error::Capacity(_) => Some(CloseCode::TooBig),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing) => None,
        Error::Protocol(_) => Some(CloseCode::Protocol),
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Tls(_)
        | Error::WriteBufferFull(_)
        | Error::AttackAttempt
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => None,
    }
}

#[cfg(test)]
mod tests;
