//! Asks the running server's admin port, if there is one that knows this data folder.

use super::Failure;
use crate::api::{AdminCommand, ErrorBody, read_key};
use anyhow::Context;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server on this machine accepts at once or is not there.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(2);
/// Anything but a backup is a few rows.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// A backup copies the whole store.
const BACKUP_TIME_MAX: Duration = Duration::from_secs(24 * 3_600);
/// The longest list is that of a site's agents.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What came of asking.
pub(super) enum Reply {
    Done(Value),
    Refused(ErrorBody),
    /// No server runs on this data folder.
    NotRunning,
}

/// Has the server carry a command out.
pub(super) async fn ask(listen: SocketAddr, data_dir: &Path, command: &AdminCommand) -> Result<Reply, Failure> {
    let Some(key) = read_key(data_dir) else { return Ok(Reply::NotRunning) };
    let address = reachable(listen);
    let Ok(Ok(stream)) = timeout(CONNECT_TIME_MAX, TcpStream::connect(address)).await else {
        return Ok(Reply::NotRunning);
    };
    let time_max = match command {
        AdminCommand::Backup { .. } => BACKUP_TIME_MAX,
        AdminCommand::SiteAdd { .. }
        | AdminCommand::SiteList
        | AdminCommand::SiteShow { .. }
        | AdminCommand::SiteSet { .. }
        | AdminCommand::AgentAdd { .. }
        | AdminCommand::AgentList { .. }
        | AdminCommand::AgentSet { .. }
        | AdminCommand::AgentLink { .. }
        | AdminCommand::TeamAdd { .. }
        | AdminCommand::TeamList { .. }
        | AdminCommand::TeamSet { .. }
        | AdminCommand::TeamRemove { .. }
        | AdminCommand::CannedAdd { .. }
        | AdminCommand::CannedList { .. }
        | AdminCommand::CannedSet { .. }
        | AdminCommand::CannedRemove { .. }
        | AdminCommand::History { .. } => ANSWER_TIME_MAX,
    };
    let body = serde_json::to_vec(command).context("the command cannot be written")?;
    let exchanged = timeout(time_max, exchange(stream, address, &key, body)).await;
    let (status, body) = exchanged.context("the server does not answer")?.context("the server does not answer")?;
    understand(status, &body)
}

/// Whether a server runs on this data folder.
pub(super) async fn is_running(listen: SocketAddr, data_dir: &Path) -> bool {
    match ask(listen, data_dir, &AdminCommand::SiteList).await {
        Ok(Reply::NotRunning) => false,
        Ok(Reply::Done(_) | Reply::Refused(_)) | Err(_) => true,
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin + Send>(
    stream: S,
    address: SocketAddr,
    key: &str,
    body: Vec<u8>,
) -> anyhow::Result<(StatusCode, Bytes)> {
    let request = Request::post("/command/run")
        .header(HOST, address.to_string())
        .header(AUTHORIZATION, format!("Bearer {key}"))
        .header(CONTENT_TYPE, "application/json")
        .header(CONNECTION, "close")
        .body(Full::new(Bytes::from(body)))?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    let answer = async move {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("the answer broke off: {error}"))?;
        anyhow::Ok((status, body.to_bytes()))
    };
    let (answer, _closed) = tokio::join!(answer, connection);
    answer
}

/// Another program on that port, or a server on another data folder, is as good as none: the store's lock decides.
fn understand(status: StatusCode, body: &[u8]) -> Result<Reply, Failure> {
    if status == StatusCode::OK {
        let answer = serde_json::from_slice(body).context("the server's answer cannot be read")?;
        return Ok(Reply::Done(answer));
    }
    match serde_json::from_slice::<ErrorBody>(body) {
        Ok(error) if status != StatusCode::UNAUTHORIZED => Ok(Reply::Refused(error)),
        Ok(_) | Err(_) => Ok(Reply::NotRunning),
    }
}

/// Where a listener on all addresses is reached from this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{AdminKey, ApiState, Secret, admin_router};
    use axum::Router;
    use hyper::server::conn::http1;
    use hyper_util::service::TowerToHyperService;
    use std::sync::Arc;

    #[test]
    fn another_program_on_the_port_is_as_good_as_no_server() {
        for (status, body) in [(StatusCode::NOT_FOUND, "404 page not found"), (StatusCode::UNAUTHORIZED, "")] {
            assert!(matches!(understand(status, body.as_bytes()), Ok(Reply::NotRunning)), "{body}");
        }
        let other_folder = r#"{"code":"sign_in_first","message":"sign in first"}"#;
        assert!(matches!(understand(StatusCode::UNAUTHORIZED, other_folder.as_bytes()), Ok(Reply::NotRunning)));
        let refused = r#"{"code":"taken","message":"the site key is taken"}"#;
        assert!(matches!(understand(StatusCode::CONFLICT, refused.as_bytes()), Ok(Reply::Refused(_))));
    }

    #[tokio::test]
    async fn a_command_crosses_the_admin_port_and_its_answer_comes_back() {
        let (ours, theirs) = tokio::io::duplex(4_096);
        let key = Secret::draw();
        let admin = Router::new().nest("/command", admin_router(state(), AdminKey(key.clone())));
        let served = http1::Builder::new().serve_connection(TokioIo::new(theirs), TowerToHyperService::new(admin));
        let command = AdminCommand::AgentList { site: "x".repeat(10_000) };
        let body = serde_json::to_vec(&command).expect("JSON");
        let address = "127.0.0.1:9090".parse().expect("an address");
        let (answer, served) = tokio::join!(exchange(ours, address, key.reveal(), body), served);
        served.expect("served");
        let (status, body) = answer.expect("answered");
        let Ok(Reply::Refused(error)) = understand(status, &body) else { panic!("{status}") };
        assert!(error.message.starts_with("there is no site \"xxx"), "{error:?}");
    }

    fn state() -> ApiState {
        ApiState {
            store: Arc::new(crate::adapters::memory::MemoryStore::new()),
            public_url: "https://chat.example.org".to_owned(),
            settings_changed: Arc::new(crate::cli::NoDesks),
            clock: Arc::new(crate::cli::now),
        }
    }

    #[test]
    fn a_listener_on_all_addresses_is_asked_on_loopback() {
        let listen = |text: &str| reachable(text.parse().expect("an address")).to_string();
        assert_eq!(listen("0.0.0.0:9090"), "127.0.0.1:9090");
        assert_eq!(listen("[::]:9090"), "[::1]:9090");
        assert_eq!(listen("127.0.0.1:9090"), "127.0.0.1:9090");
    }
}
