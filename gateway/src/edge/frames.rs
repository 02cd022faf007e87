//! Frames: a walk over RFC 6455 frame headers, ahead of the WebSocket library.
//!
//! It judges bytes as they arrive and refuses at the header what the library would first buffer or accept: too many
//! fragments, messages that never end, floods of control frames.
//! It keeps no payload and unmasks nothing but close frames.
//! [`crate::edge::guarded::GuardedStream`] is its only caller.

mod close;

use close::ClosePayload;
use protocol::CloseCode;
use protocol::limits::{CONTROL_FRAMES_PER_SECOND_MAX, FRAGMENTS_MAX, MESSAGE_BYTES_MAX, UNFINISHED_MESSAGE_MS_MAX};

/// Two bytes, eight of extended length, four of mask (RFC 6455, section 5.2).
const HEADER_BYTES_MAX: usize = 14;
const MASK_BYTES: usize = 4;
/// RFC 6455, section 5.5.
const CONTROL_BYTES_MAX: u64 = 125;
const SECOND_MS: u64 = 1_000;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// A breach of the wire, and the code the socket is closed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Violation {
    pub code: CloseCode,
    /// Static words; nothing the peer sent is repeated.
    pub reason: &'static str,
    /// How many bytes of the slice that was fed lie before the one that broke the rule.
    pub at: usize,
}

/// Why a byte is refused.
type Breach = (CloseCode, &'static str);

/// The state of the walk: where in a frame the next byte stands, and what the message before it amounts to.
#[derive(Debug, Default)]
pub struct Frames {
    header: [u8; HEADER_BYTES_MAX],
    header_len: u8,
    /// Payload bytes of the current frame that are still to come; its header is complete.
    payload_left: Option<u32>,
    close: ClosePayload,
    /// Bytes of the message in progress, its current frame included.
    message_bytes: u32,
    /// Frames of the message in progress; 0 outside of one.
    fragments: u32,
    /// When the first byte of what is unfinished arrived.
    unfinished_since: Option<u64>,
    /// When the second began in which control frames are counted.
    control_second: u64,
    control_frames: u32,
    ended: bool,
}

impl Frames {
    /// Judges the next bytes of the stream, which arrived at `now_ms`; after a close frame all bytes pass unjudged.
    ///
    /// A walk that has reported a violation must not be fed again.
    ///
    /// # Errors
    /// The first rule that is broken. The bytes before `at` are sound and may be handed on.
    pub fn feed(&mut self, bytes: &[u8], now_ms: u64) -> Result<(), Violation> {
        if !bytes.is_empty() && self.deadline().is_some_and(|deadline| now_ms >= deadline) {
            let (code, reason) = unfinished();
            return Err(Violation { code, reason, at: 0 });
        }
        let mut at = 0;
        while at < bytes.len() && !self.ended {
            at += self.step(&bytes[at..], now_ms).map_err(|(code, reason)| Violation { code, reason, at })?;
        }
        Ok(())
    }

    /// When what is unfinished is too old, on the clock of `feed`; none while nothing is.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let since = self.unfinished_since.filter(|_| !self.ended)?;
        Some(since.saturating_add(UNFINISHED_MESSAGE_MS_MAX))
    }

    /// The violation of a message that has reached its deadline.
    #[must_use]
    pub fn overdue() -> Violation {
        let (code, reason) = unfinished();
        Violation { code, reason, at: 0 }
    }

    /// Whether the peer's close frame has been seen; what comes behind it means nothing.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Takes one byte of a header, or as much as there is of a payload.
    fn step(&mut self, bytes: &[u8], now_ms: u64) -> Result<usize, Breach> {
        match self.payload_left {
            Some(left) => self.take_payload(bytes, left),
            None => self.take_header_byte(bytes[0], now_ms).map(|()| 1),
        }
    }

    fn take_header_byte(&mut self, byte: u8, now_ms: u64) -> Result<(), Breach> {
        match self.header_len {
            0 => self.judge_first(byte, now_ms)?,
            1 => self.judge_second(byte)?,
            2 if self.header[1] & 0x7f == 127 && byte & 0x80 != 0 => return Err(protocol("length of 64 bits")),
            _ => {}
        }
        self.header[usize::from(self.header_len)] = byte;
        self.header_len += 1;
        let header_len = usize::from(self.header_len);
        if header_len < 2 {
            return Ok(());
        }
        let mask_at = 2 + self.extended_bytes();
        if header_len == mask_at {
            self.judge_length()?;
        }
        if header_len == mask_at + MASK_BYTES {
            self.begin_payload(mask_at)?;
        }
        Ok(())
    }

    fn judge_first(&mut self, byte: u8, now_ms: u64) -> Result<(), Breach> {
        if byte & 0x70 != 0 {
            return Err(protocol("reserved bits"));
        }
        let is_last = byte & 0x80 != 0;
        match byte & 0x0f {
            CONTINUATION if self.fragments == 0 => return Err(protocol("continuation of nothing")),
            TEXT | BINARY if self.fragments > 0 => return Err(protocol("new message inside another")),
            BINARY => return Err((CloseCode::Binary, "binary frame")),
            CONTINUATION | TEXT => self.count_fragment()?,
            CLOSE | PING | PONG if !is_last => return Err(protocol("fragmented control frame")),
            CLOSE | PING | PONG => self.count_control_frame(now_ms)?,
            _ => return Err(protocol("reserved opcode")),
        }
        self.unfinished_since.get_or_insert(now_ms);
        Ok(())
    }

    fn judge_second(&self, byte: u8) -> Result<(), Breach> {
        if byte & 0x80 == 0 {
            return Err(protocol("unmasked frame"));
        }
        let length = u64::from(byte & 0x7f);
        if self.is_control() && length > CONTROL_BYTES_MAX {
            return Err(protocol("control frame over 125 bytes"));
        }
        if self.opcode() == CLOSE && length == 1 {
            return Err(protocol("close body of one byte"));
        }
        Ok(())
    }

    /// Judges the declared length before a byte of payload arrives or a byte of memory is set aside.
    fn judge_length(&mut self) -> Result<(), Breach> {
        let length = self.declared_length();
        let least = match self.extended_bytes() {
            0 => 0,
            2 => CONTROL_BYTES_MAX + 1,
            _ => u64::from(u16::MAX) + 1,
        };
        if length < least {
            return Err(protocol("length not minimal"));
        }
        if self.is_control() {
            return Ok(());
        }
        let message_bytes = length.saturating_add(u64::from(self.message_bytes));
        match u32::try_from(message_bytes) {
            Ok(bytes) if message_bytes <= MESSAGE_BYTES_MAX as u64 => self.message_bytes = bytes,
            _ => return Err((CloseCode::TooBig, "message too long")),
        }
        Ok(())
    }

    fn begin_payload(&mut self, mask_at: usize) -> Result<(), Breach> {
        let length = u32::try_from(self.declared_length()).map_err(|_| (CloseCode::TooBig, "message too long"))?;
        if self.opcode() == CLOSE {
            let mut mask = [0; MASK_BYTES];
            mask.copy_from_slice(&self.header[mask_at..mask_at + MASK_BYTES]);
            self.close = ClosePayload::masked(mask);
        }
        self.payload_left = Some(length);
        if length == 0 { self.end_frame() } else { Ok(()) }
    }

    fn take_payload(&mut self, bytes: &[u8], left: u32) -> Result<usize, Breach> {
        if self.opcode() == CLOSE {
            self.close.take(bytes[0]).map_err(protocol)?;
            return self.took_payload(1, left);
        }
        self.took_payload(bytes.len().min(left as usize), left)
    }

    fn took_payload(&mut self, taken: usize, left: u32) -> Result<usize, Breach> {
        let left = left.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
        self.payload_left = Some(left);
        if left == 0 {
            self.end_frame()?;
        }
        Ok(taken)
    }

    fn end_frame(&mut self) -> Result<(), Breach> {
        if self.opcode() == CLOSE {
            self.close.finish().map_err(protocol)?;
            self.ended = true;
        }
        let is_last_of_message = !self.is_control() && self.header[0] & 0x80 != 0;
        if is_last_of_message {
            self.fragments = 0;
            self.message_bytes = 0;
        }
        if self.fragments == 0 {
            self.unfinished_since = None;
        }
        self.header_len = 0;
        self.payload_left = None;
        Ok(())
    }

    fn count_fragment(&mut self) -> Result<(), Breach> {
        if self.fragments == FRAGMENTS_MAX {
            return Err((CloseCode::TooBig, "too many fragments"));
        }
        self.fragments += 1;
        Ok(())
    }

    fn count_control_frame(&mut self, now_ms: u64) -> Result<(), Breach> {
        if self.control_frames == 0 || now_ms.saturating_sub(self.control_second) >= SECOND_MS {
            self.control_second = now_ms;
            self.control_frames = 0;
        }
        if self.control_frames == CONTROL_FRAMES_PER_SECOND_MAX {
            return Err((CloseCode::RateLimited, "too many control frames"));
        }
        self.control_frames += 1;
        Ok(())
    }

    fn opcode(&self) -> u8 {
        self.header[0] & 0x0f
    }

    fn is_control(&self) -> bool {
        self.header[0] & 0x08 != 0
    }

    fn extended_bytes(&self) -> usize {
        match self.header[1] & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        }
    }

    fn declared_length(&self) -> u64 {
        let extended = &self.header[2..2 + self.extended_bytes()];
        match extended {
            [] => u64::from(self.header[1] & 0x7f),
            bytes => bytes.iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
        }
    }
}

fn protocol(reason: &'static str) -> Breach {
    (CloseCode::Protocol, reason)
}

fn unfinished() -> Breach {
    (CloseCode::Timeout, "message not finished in time")
}

#[cfg(test)]
mod tests;
