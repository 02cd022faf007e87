//! Frames: the guard before the WebSocket library, against slices, against a second reading, and against the library.
//!
//! The first byte chooses the slices; the rest is the stream.

use gateway::edge::frames::{Frames, Violation};
use gateway_core::chance::Chance;
use protocol::CloseCode;
use protocol::limits::MESSAGE_BYTES_MAX;
use std::io::{self, Read, Write};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket};

/// Bad Gateway, registered after RFC 6455. The guard lets it through; the library takes it for a breach and says so.
const UNKNOWN_TO_THE_LIBRARY: u16 = 1014;
/// Longest slice of the random ones.
const SLICE_BYTES_MAX: u64 = 32;

/// Judges the stream whole, by bytes and in random slices, and reads what was let through in two more ways.
pub(crate) fn run(bytes: &[u8]) {
    let Some((seed, stream)) = bytes.split_first() else { return };
    let whole = feed(stream, std::iter::repeat(stream.len().max(1)));
    assert_eq!(feed(stream, std::iter::repeat(1)), whole, "byte by byte it is another verdict");
    let mut chance = Chance::new(u64::from(*seed));
    let random = std::iter::from_fn(move || Some(chance.between(1, SLICE_BYTES_MAX) as usize));
    assert_eq!(feed(stream, random), whole, "in slices it is another verdict");
    judge_clock(stream, &whole);

    let sound = &stream[..whole.map_or(stream.len(), |violation| violation.at)];
    let reading = read(sound);
    assert!(reading.unfinished <= MESSAGE_BYTES_MAX, "more is let in than a message may have");
    assert_eq!(by_the_library(sound), reading.messages);
    assert!(size_of::<Frames>() <= 80, "the walk keeps what it should not");
}

/// The guard's verdict on slices of these sizes, its place counted over the whole stream.
fn feed(stream: &[u8], sizes: impl Iterator<Item = usize>) -> Option<Violation> {
    let mut frames = Frames::default();
    let mut from = 0;
    for size in sizes {
        if from == stream.len() {
            break;
        }
        let to = stream.len().min(from + size);
        if let Err(violation) = frames.feed(&stream[from..to], 0) {
            assert!(violation.at < to - from, "the breach lies outside of the slice");
            return Some(Violation { at: from + violation.at, ..violation });
        }
        from = to;
    }
    None
}

/// A slow sender meets the same verdict, or the deadline; never a milder one, save for the count of a second.
fn judge_clock(stream: &[u8], whole: &Option<Violation>) {
    let mut frames = Frames::default();
    for (at, byte) in stream.iter().enumerate() {
        let now_ms = at as u64 * 100;
        let deadline = frames.deadline();
        let Err(violation) = frames.feed(&[*byte], now_ms) else { continue };
        let overdue = deadline.is_some_and(|deadline| now_ms >= deadline);
        assert_eq!(violation == Frames::overdue(), overdue, "the deadline is not what it says");
        let found = Violation { at, ..violation };
        let limit = violation.code == CloseCode::RateLimited;
        assert!(overdue || limit || whole.is_none_or(|whole| whole.code == CloseCode::RateLimited || whole == found));
        return;
    }
    let mild = whole.is_some_and(|whole| whole.code != CloseCode::RateLimited);
    assert!(!mild, "a slow sender was let through");
}

/// What a stream says, as far as it goes.
#[derive(Debug, PartialEq)]
enum Said {
    Text(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
    /// Text that is none; nothing behind it is read.
    NotUtf8,
}

#[derive(Default)]
struct Reading {
    messages: Vec<Said>,
    /// Bytes of the message that has no end yet.
    unfinished: usize,
}

/// Reads a stream that broke no rule, frame by frame, with all of it in hand.
fn read(mut stream: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let mut message = Vec::new();
    while let Some(frame) = take_frame(&mut stream) {
        let said = match frame.opcode {
            8 => Said::Close(close_of(&frame.payload)),
            9 => Said::Ping(frame.payload),
            10 => Said::Pong(frame.payload),
            _ => {
                message.extend(frame.payload);
                if !frame.is_last {
                    reading.unfinished = message.len();
                    if is_broken_text(&message) {
                        reading.messages.push(Said::NotUtf8);
                        return reading;
                    }
                    continue;
                }
                reading.unfinished = 0;
                match String::from_utf8(std::mem::take(&mut message)) {
                    Ok(text) => Said::Text(text.into_bytes()),
                    Err(_) => Said::NotUtf8,
                }
            }
        };
        let is_end = matches!(said, Said::Close(_) | Said::NotUtf8);
        reading.messages.push(said);
        if is_end {
            return reading;
        }
    }
    reading
}

/// Whether no further byte can make this text.
fn is_broken_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_some())
}

struct Frame {
    opcode: u8,
    is_last: bool,
    payload: Vec<u8>,
}

fn take_frame(stream: &mut &[u8]) -> Option<Frame> {
    let (first, second) = (*stream.first()?, *stream.get(1)?);
    let (length, mask_at) = match second & 0x7f {
        126 => (usize::from(u16::from_be_bytes(stream.get(2..4)?.try_into().ok()?)), 4),
        127 => (usize::try_from(u64::from_be_bytes(stream.get(2..10)?.try_into().ok()?)).ok()?, 10),
        short => (usize::from(short), 2),
    };
    let mask = stream.get(mask_at..mask_at + 4)?;
    let body = stream.get(mask_at + 4..mask_at + 4 + length)?;
    let payload = body.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    *stream = &stream[mask_at + 4 + length..];
    Some(Frame { opcode: first & 0x0f, is_last: first & 0x80 != 0, payload })
}

fn close_of(payload: &[u8]) -> Option<(u16, String)> {
    let (code, reason) = payload.split_at_checked(2)?;
    let reason = String::from_utf8(reason.to_vec()).expect("the guard has read the reason");
    match u16::from_be_bytes(code.try_into().ok()?) {
        UNKNOWN_TO_THE_LIBRARY => Some((CloseCode::Protocol.code(), "Protocol violation".to_owned())),
        code => Some((code, reason)),
    }
}

/// What the WebSocket library makes of the same stream, under the gateway's limits.
fn by_the_library(stream: &[u8]) -> Vec<Said> {
    let config =
        WebSocketConfig::default().max_message_size(Some(MESSAGE_BYTES_MAX)).max_frame_size(Some(MESSAGE_BYTES_MAX));
    let mut socket = WebSocket::from_raw_socket(OneWay(stream), Role::Server, Some(config));
    let mut said = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => said.push(Said::Text(text.as_bytes().to_vec())),
            Ok(Message::Ping(payload)) => said.push(Said::Ping(payload.to_vec())),
            Ok(Message::Pong(payload)) => said.push(Said::Pong(payload.to_vec())),
            Ok(Message::Close(frame)) => {
                said.push(Said::Close(frame.map(|frame| (frame.code.into(), frame.reason.as_str().to_owned()))));
                return said;
            }
            Ok(Message::Binary(_) | Message::Frame(_)) => panic!("a message that the guard does not let through"),
            Err(Error::Utf8(_)) => {
                said.push(Said::NotUtf8);
                return said;
            }
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return said,
            Err(error) => panic!("the guard let through what the library refuses: {error}"),
        }
    }
}

/// A stream that ends in waiting, and swallows what is written.
struct OneWay<'a>(&'a [u8]);

impl Read for OneWay<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.0.read(buffer)
    }
}

impl Write for OneWay<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
