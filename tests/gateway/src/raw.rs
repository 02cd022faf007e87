//! Bytes by hand: handshakes and frames that no library would send.

use crate::http::{Answer, Place, read_answer};
use crate::ids::session_id;
use protocol::{Down, decode_down};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Opcodes of RFC 6455, section 5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opcode(pub u8);

impl Opcode {
    pub const CONTINUATION: Self = Self(0);
    pub const TEXT: Self = Self(1);
    pub const BINARY: Self = Self(2);
    pub const CLOSE: Self = Self(8);
    pub const PING: Self = Self(9);
    pub const PONG: Self = Self(10);
}

/// First bit of a frame: it is the last one of its message.
const LAST: u8 = 0x80;
const MASKED: u8 = 0x80;
/// Any mask will do; this one changes every byte.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x99, 0x17];

/// A plain connection to the gateway.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
}

impl Raw {
    /// Connects, and says nothing.
    ///
    /// # Panics
    /// When the gateway does not accept.
    pub async fn connect(place: &Place) -> Self {
        let stream = TcpStream::connect(place.address).await.expect("the gateway accepts");
        stream.set_nodelay(true).expect("the connection is open");
        Self { stream }
    }

    /// The request of a sound handshake of a visitor, without its last, empty line.
    #[must_use]
    pub fn handshake_of(place: &Place) -> Vec<String> {
        vec![
            format!("GET /v1/socket/{} HTTP/1.1", place.site),
            format!("host: {}", place.address),
            format!("origin: {}", place.origin()),
            "connection: upgrade".to_owned(),
            "upgrade: websocket".to_owned(),
            "sec-websocket-version: 13".to_owned(),
            "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==".to_owned(),
            "sec-websocket-protocol: halloo.v1".to_owned(),
        ]
    }

    /// Sends these lines and an empty one, and reads the answer.
    pub async fn ask(place: &Place, lines: &[String]) -> Option<Answer> {
        let mut raw = Self::connect(place).await;
        raw.write(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes()).await;
        raw.answer().await
    }

    /// A visitor's socket, opened; no frame was sent.
    ///
    /// # Panics
    /// When the handshake is refused.
    pub async fn open(place: &Place) -> Self {
        let mut raw = Self::connect(place).await;
        raw.write(format!("{}\r\n\r\n", Self::handshake_of(place).join("\r\n")).as_bytes()).await;
        let answer = raw.answer().await.expect("the gateway answers");
        assert_eq!(answer.status, 101, "{}", answer.text());
        raw
    }

    /// A visitor's socket that is ready.
    ///
    /// # Panics
    /// When the hello is refused.
    pub async fn ready(place: &Place) -> Self {
        let mut raw = Self::open(place).await;
        let hello = json!({ "hello": { "protocol": 1, "site": place.site, "session": session_id(), "generation": 1 } });
        raw.text(&hello.to_string()).await;
        match raw.next().await {
            Some(Down::Ready(_)) => raw,
            other => panic!("no ready: {other:?}"),
        }
    }

    /// Writes bytes; a gateway that has hung up is not minded.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Writes bytes and reads the answer meanwhile: it may come before all is written.
    pub async fn pour(&mut self, bytes: &[u8]) -> Option<Answer> {
        let (mut from, mut to) = self.stream.split();
        tokio::select! {
            answer = read_answer(&mut from) => answer,
            never = async {
                let _ = to.write_all(bytes).await;
                std::future::pending().await
            } => never,
        }
    }

    pub async fn answer(&mut self) -> Option<Answer> {
        read_answer(&mut self.stream).await
    }

    /// A whole, masked text message.
    pub async fn text(&mut self, text: &str) {
        self.write(&frame(LAST | Opcode::TEXT.0, text.as_bytes())).await;
    }

    /// A masked frame that is the last of its message.
    pub async fn last(&mut self, opcode: Opcode, payload: &[u8]) {
        self.write(&frame(LAST | opcode.0, payload)).await;
    }

    /// A masked frame that others follow.
    pub async fn first(&mut self, opcode: Opcode, payload: &[u8]) {
        self.write(&frame(opcode.0, payload)).await;
    }

    /// A frame by its first byte, masked.
    pub async fn frame(&mut self, first: u8, payload: &[u8]) {
        self.write(&frame(first, payload)).await;
    }

    /// The next frame's opcode and payload; none when the connection ends.
    pub async fn next_frame(&mut self) -> Option<(Opcode, Vec<u8>)> {
        let mut head = [0; 2];
        self.stream.read_exact(&mut head).await.ok()?;
        let length = match head[1] & 0x7f {
            126 => u64::from(self.stream.read_u16().await.ok()?),
            127 => self.stream.read_u64().await.ok()?,
            length => u64::from(length),
        };
        let mut payload = vec![0; usize::try_from(length).ok()?];
        self.stream.read_exact(&mut payload).await.ok()?;
        Some((Opcode(head[0] & 0x0f), payload))
    }

    /// The next frame of the protocol; none when the socket ends.
    ///
    /// # Panics
    /// When the gateway sends what is no frame.
    pub async fn next(&mut self) -> Option<Down> {
        loop {
            match self.next_frame().await? {
                (Opcode::TEXT, text) => {
                    let text = String::from_utf8(text).expect("the gateway sends UTF-8");
                    let down = decode_down(&text).expect("the gateway sends frames");
                    if !matches!(down, Down::Ping(_)) {
                        return Some(down);
                    }
                }
                (Opcode::CLOSE, _) => return None,
                _ => {}
            }
        }
    }

    /// Reads until the gateway closes: the code, or none where the connection just ends.
    pub async fn closed(&mut self) -> Option<u16> {
        self.closed_after().await.0
    }

    /// The same, with the frames that came before.
    pub async fn closed_after(&mut self) -> (Option<u16>, Vec<(Opcode, Vec<u8>)>) {
        let mut before = Vec::new();
        while let Some((opcode, payload)) = self.next_frame().await {
            if opcode == Opcode::CLOSE {
                return (payload.first_chunk().map(|code| u16::from_be_bytes(*code)), before);
            }
            before.push((opcode, payload));
        }
        (None, before)
    }

    /// Whether the gateway hangs up within this time.
    pub async fn hangs_up_within(&mut self, time: Duration) -> bool {
        let reading = async {
            let mut bytes = [0; 1024];
            while matches!(self.stream.read(&mut bytes).await, Ok(1..)) {}
        };
        tokio::time::timeout(time, reading).await.is_ok()
    }
}

/// A masked frame with the shortest length.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..126 => frame.push(MASKED | u8::try_from(length).unwrap_or_default()),
        length => match u16::try_from(length) {
            Ok(length) => {
                frame.push(MASKED | 126);
                frame.extend(length.to_be_bytes());
            }
            Err(_) => {
                frame.push(MASKED | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        },
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}
