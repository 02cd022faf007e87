//! HTTP over a plain connection: one request, one answer. Enough for signing in, and for what no client would send.

use protocol::limits::CLIENT_SILENCE_MS_MAX;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Where clients of one site connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub address: SocketAddr,
    pub site: String,
}

impl Place {
    /// The gateway's own origin, which sockets must name.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same gateway, another site.
    #[must_use]
    pub fn of(&self, site: &str) -> Self {
        Self { address: self.address, site: site.to_owned() }
    }
}

/// An answer as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header_of(&self.headers, name)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text()))
    }

    /// The same without what differs from one answer to the next.
    #[must_use]
    pub fn lasting(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "date");
        self
    }
}

/// A header's value.
#[must_use]
pub fn header_of<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

/// Reads the status line and the headers of an answer.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<Answer> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        // Byte by byte: what follows may be frames, which others read.
        let mut byte = [0];
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            Ok(_) | Err(_) => return None,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Some(Answer { status, headers, body: Vec::new() })
}

/// Reads a whole answer; none where the connection just ends.
pub(crate) async fn read_answer(stream: &mut (impl AsyncRead + Unpin)) -> Option<Answer> {
    let reading = async {
        let mut answer = read_head(stream).await?;
        match answer.header("content-length").and_then(|length| length.parse().ok()) {
            Some(length) => {
                answer.body = vec![0; length];
                stream.read_exact(&mut answer.body).await.ok()?;
            }
            None if answer.status == 101 => {}
            None => {
                stream.read_to_end(&mut answer.body).await.ok()?;
            }
        }
        Some(answer)
    };
    tokio::time::timeout(Duration::from_millis(CLIENT_SILENCE_MS_MAX), reading).await.ok().flatten()
}

/// Sends one request and reads its answer.
///
/// # Panics
/// When the gateway cannot be reached, or hangs up without an answer.
pub(crate) async fn ask(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.expect("the gateway accepts");
    stream.write_all(request).await.expect("the gateway reads");
    read_answer(&mut stream).await.expect("the gateway answers")
}

impl Place {
    /// `GET` of a path with these header lines.
    pub async fn get(&self, path: &str, headers: &[&str]) -> Answer {
        let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{lines}\r\n", self.address);
        ask(self.address, request.as_bytes()).await
    }

    /// `POST` of a JSON body from the gateway's own pages.
    pub async fn post(&self, path: &str, cookie: &str, body: &Value) -> Answer {
        let (host, origin, body) = (self.address, self.origin(), body.to_string());
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\nconnection: close\r\ncookie: {cookie}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        ask(self.address, request.as_bytes()).await
    }
}

/// An agent's session of the REST API.
#[derive(Debug)]
pub struct SignedIn {
    pub place: Place,
    pub cookie: String,
}

impl SignedIn {
    /// Spends the code of a one-time link.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn with_code(place: &Place, code: &str) -> Self {
        let answer = place.post("/api/v1/sign-in", "", &json!({ "code": code })).await;
        assert_eq!(answer.status, 200, "signing in: {}", answer.text());
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a session");
        Self { place: place.clone(), cookie: cookie.to_owned() }
    }

    /// A ticket for one socket; none while the gateway is away.
    pub async fn ticket(&self) -> Option<String> {
        let mut stream = TcpStream::connect(self.place.address).await.ok()?;
        let (host, origin) = (self.place.address, self.place.origin());
        let body = json!({ "site": self.place.site }).to_string();
        let request = format!(
            "POST /api/v1/ticket HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\nconnection: close\r\n\
             cookie: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.cookie,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let answer = read_answer(&mut stream).await?;
        answer.json()["ticket"].as_str().map(str::to_owned)
    }

    /// `GET` of a path as this agent.
    pub async fn get(&self, path: &str) -> Answer {
        self.place.get(path, &[&format!("cookie: {}", self.cookie)]).await
    }
}
