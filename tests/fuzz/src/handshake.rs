//! Handshakes: bytes of a connection, answered by the gateway's own edge over a pipe, on a clock that runs when it waits.
//!
//! The first byte chooses whether the peer hangs up behind its bytes or falls silent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::adapters::memory::MemoryStore;
use gateway::clock::Clock;
use gateway::edge::Edge;
use gateway::edge::admission::{Admission, AdmissionLimits};
use gateway::edge::assets::Assets;
use gateway::edge::drain::Drain;
use gateway::edge::listener::converse;
use gateway::edge::sites::Sites;
use gateway::edge::visitor_token::VisitorTokens;
use gateway::origin::Scheme;
use gateway::ports::{Directory, Site};
use gateway::switchboard::{NoCounts, Switchboard};
use gateway_core::ids::SiteId;
use protocol::SUBPROTOCOL;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Longer than any request's headers may take, and the farewell behind them.
const SILENCE_SECONDS_MAX: u64 = 60;
const PIPE_BYTES: usize = 4 * 1024;
/// What the gateway reads of one request line and its headers.
const HEADER_BYTES_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 100;

/// Sends the bytes and judges the answer.
pub(crate) fn run(bytes: &[u8]) {
    let Some((how, request)) = bytes.split_first() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without threads").block_on(judge(request, how % 2 == 0));
}

/// What came of the connection.
struct Ended {
    /// What stands behind the handshake that was granted.
    behind: Option<Vec<u8>>,
    answer: Vec<u8>,
}

async fn judge(request: &[u8], hangs_up: bool) {
    let limit = Duration::from_secs(SILENCE_SECONDS_MAX);
    let ended = tokio::time::timeout(limit, converse_over_a_pipe(request, hangs_up)).await;
    let ended = ended.expect("a connection without an end");
    let answer = String::from_utf8_lossy(&ended.answer);
    let granted = answer.matches("HTTP/1.1 101 ").count();
    assert_eq!(granted, usize::from(ended.behind.is_some()), "{answer}");
    if let Some(behind) = ended.behind {
        assert!(request.ends_with(&behind), "bytes behind the handshake were lost, or made up");
        let asked = &request[..request.len() - behind.len()];
        judge_granted(&String::from_utf8_lossy(asked), &answer);
    }
}

async fn converse_over_a_pipe(request: &[u8], hangs_up: bool) -> Ended {
    let (near, far) = tokio::io::duplex(PIPE_BYTES);
    let (mut read, mut write) = tokio::io::split(far);
    let (finished, told) = tokio::sync::oneshot::channel::<()>();
    let speak = async {
        // Whoever is refused may hang up before all is said.
        let _ = write.write_all(request).await;
        if hangs_up {
            let _ = write.shutdown().await;
        } else {
            let _ = told.await;
        }
    };
    let listen = async {
        let mut answer = Vec::new();
        let _ = read.read_to_end(&mut answer).await;
        answer
    };
    let serve = async {
        let switched = converse(edge(), near, IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
        let behind = match switched {
            Some(switched) => Some(rest(switched.leftover.to_vec(), switched.stream).await),
            None => None,
        };
        drop(finished);
        behind
    };
    let ((), answer, behind) = tokio::join!(speak, listen, serve);
    Ended { behind, answer }
}

/// What is left in the pipe; a peer that fell silent sends nothing for a second.
async fn rest(mut behind: Vec<u8>, mut stream: DuplexStream) -> Vec<u8> {
    while let Ok(Ok(1..)) = tokio::time::timeout(Duration::from_secs(1), stream.read_buf(&mut behind)).await {}
    behind
}

/// RFC 6455, section 4.2.1, in its order, and what the gateway asks beyond it.
fn judge_granted(asked: &str, answer: &str) {
    let head =
        asked.strip_suffix("\r\n\r\n").or_else(|| asked.strip_suffix("\n\n")).or_else(|| asked.strip_suffix("\n\r\n"));
    let head = head.expect("a handshake was granted before its end");
    let from = ["\r\n\r\n", "\n\n", "\n\r\n"].iter().filter_map(|end| Some(head.rfind(end)? + end.len())).max();
    let head = &head[from.unwrap_or(0)..];
    assert!(head.len() <= HEADER_BYTES_MAX, "longer than headers may be");
    let mut lines = head.lines().skip_while(|line| line.is_empty());
    let first = lines.next().unwrap_or_default();
    // A body of the request before may stand before the method.
    assert!(first.contains("GET /v1/socket") && first.ends_with(" HTTP/1.1"), "{first}");
    let headers: Vec<(String, &str)> = lines.filter_map(header).collect();
    assert!(headers.len() <= HEADERS_MAX);
    let all =
        |name: &str| headers.iter().filter(|(found, _)| found == name).map(|(_, value)| *value).collect::<Vec<_>>();
    let has_word = |name: &str, word: &str| {
        all(name).iter().flat_map(|value| value.split(',')).any(|found| found.trim().eq_ignore_ascii_case(word))
    };
    assert_eq!(all("host").len(), 1);
    assert!(has_word("upgrade", "websocket") && has_word("connection", "upgrade"));
    let keys = all("sec-websocket-key");
    assert!(keys.len() == 1 && STANDARD.decode(keys[0]).is_ok_and(|key| key.len() == 16), "{keys:?}");
    assert_eq!(all("sec-websocket-version"), ["13"]);
    assert!(has_word("sec-websocket-protocol", SUBPROTOCOL));
    judge_origin(&all("origin"), all("host")[0]);
    // What one reader takes for a body another takes for frames.
    assert!(all("transfer-encoding").is_empty() && all("content-length").iter().all(|length| *length == "0"));

    let accept = format!("sec-websocket-accept: {}\r\n", derive_accept_key(keys[0].as_bytes()));
    assert!(answer.ends_with("\r\n\r\n") && answer.contains(&accept), "{answer}");
    assert!(!answer.contains("sec-websocket-extensions"), "an extension that nobody speaks");
}

/// The page is the gateway's own, or one that the site lists.
fn judge_origin(origins: &[&str], host: &str) {
    let origin = origins[0].to_ascii_lowercase();
    let same = |other: &str| {
        let port = if other.starts_with("https:") { ":443" } else { ":80" };
        origin.trim_end_matches(port) == other.trim_end_matches(port)
    };
    let own = format!("http://{}", host.to_ascii_lowercase());
    assert!(origins.len() == 1 && (same("https://shop.example") || same(&own)), "{origins:?} for {host}");
}

fn header(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_ascii_lowercase(), value.trim_matches([' ', '\t', '\r'])))
}

/// One edge for all runs: it keeps nothing of a connection that has ended.
fn edge() -> &'static Arc<Edge> {
    static EDGE: OnceLock<Arc<Edge>> = OnceLock::new();
    EDGE.get_or_init(|| {
        let store = Arc::new(MemoryStore::new());
        crate::position::now(store.create_site(site())).expect("an empty store takes a site");
        let sites = Arc::new(Sites::default());
        crate::position::now(sites.refresh(store.as_ref())).expect("a store in memory answers");
        Arc::new(Edge {
            public_origin: None,
            scheme: Scheme::Http,
            trusted_proxies: Vec::new(),
            sites,
            assets: Assets::load(),
            admission: Admission::new(no_limits()),
            metrics: Arc::default(),
            api: axum::Router::new(),
            drain: Drain::default(),
            switchboard: Switchboard::alone(store, Clock::start(), Arc::new(NoCounts)),
            visitor_tokens: VisitorTokens::new([0; 32]),
        })
    })
}

/// The site that is known, which lists one origin.
pub(crate) fn site() -> Site {
    Site {
        id: SiteId(1),
        key: "shop".to_owned(),
        name: "Shop".to_owned(),
        origins: vec!["https://shop.example".to_owned()],
        enabled: true,
        greeting: None,
        grace_ms: 60_000,
        absent_ms: 600_000,
        reopen_ms: 0,
        open_max: 1,
        relax_ms: None,
        preferred_ms: 15_000,
    }
}

/// How often somebody asks is tested elsewhere.
fn no_limits() -> AdmissionLimits {
    AdmissionLimits {
        handshakes_per_second: NonZeroU32::MAX,
        handshakes_burst: NonZeroU32::MAX,
        address_handshakes_per_second: NonZeroU32::MAX,
        address_handshakes_burst: NonZeroU32::MAX,
        address_sockets_max: u32::MAX,
        address_connections_max: u32::MAX,
        connections_max: u32::MAX,
    }
}
