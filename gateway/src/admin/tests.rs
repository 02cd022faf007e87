//! The admin port, asked as an orchestrator and as strangers would.

use super::*;
use crate::config::{Config, Flags};
use crate::telemetry::{LogFormat, subscriber};
use axum::http::Method;
use http_body_util::BodyExt;

const TOKEN: &str = "correct horse battery";

struct Health {
    draining: bool,
    store: bool,
    degraded: bool,
}

impl Readiness for Health {
    fn is_draining(&self) -> bool {
        self.draining
    }

    fn store_answers(&self) -> bool {
        self.store
    }

    fn is_degraded(&self) -> bool {
        self.degraded
    }
}

fn port(health: Health, token: Option<&str>) -> (Router, LogLevel, impl Sized) {
    let (subscriber, log_level) = subscriber("info", LogFormat::Text).unwrap();
    let token = token.and_then(|token| {
        let environment = [("HALLOO_ADMIN_TOKEN".to_owned(), token.to_owned())];
        Config::load(&Flags::default(), environment).unwrap().admin_token
    });
    let admin = Admin { metrics: Arc::default(), readiness: Arc::new(health), log_level: log_level.clone(), token };
    let commands = Router::new().route("/command/run", axum::routing::post(|| async { "done" }));
    (router(admin, commands), log_level, subscriber)
}

const WELL: Health = Health { draining: false, store: true, degraded: false };
const HERE: [u8; 4] = [127, 0, 0, 1];
const THERE: [u8; 4] = [192, 0, 2, 1];

async fn ask(router: &Router, peer: [u8; 4], method: Method, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from("debug")).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 1))));
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_node_is_ready_while_its_store_answers_and_it_does_not_drain() {
    for (health, status, text) in [
        (WELL, 200, r#"{"degraded":false,"draining":false,"ready":true,"store":"ok"}"#),
        (Health { degraded: true, ..WELL }, 200, r#"{"degraded":true,"draining":false,"ready":true,"store":"ok"}"#),
        (Health { draining: true, ..WELL }, 503, r#"{"degraded":false,"draining":true,"ready":false,"store":"ok"}"#),
        (Health { store: false, ..WELL }, 503, r#"{"degraded":false,"draining":false,"ready":false,"store":"away"}"#),
    ] {
        let (router, _level, _kept) = port(health, None);
        assert_eq!(ask(&router, THERE, Method::GET, "/readyz", &[]).await, (status, text.to_owned()));
        assert_eq!(ask(&router, THERE, Method::GET, "/livez", &[]).await.0, 200, "alive all the same");
    }
}

#[tokio::test]
async fn figures_come_as_open_metrics() {
    let (router, _level, _kept) = port(WELL, None);
    let request = Request::builder().uri("/metrics").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = response.into_body().collect().await.unwrap().to_bytes();
    assert!(text.ends_with(b"# EOF\n"));
}

#[tokio::test]
async fn the_log_level_is_changed_from_this_machine_only() {
    let (router, level, _kept) = port(WELL, None);
    assert_eq!(ask(&router, THERE, Method::PUT, "/log-level", &[]).await.0, 401);
    assert_eq!(level.current(), "info");
    assert_eq!(ask(&router, HERE, Method::PUT, "/log-level", &[]).await.0, 204);
    assert_eq!(ask(&router, HERE, Method::GET, "/log-level", &[]).await.1, "debug\n");
}

#[tokio::test]
async fn with_a_token_only_who_knows_it_changes_the_log_level() {
    let (router, level, _kept) = port(WELL, Some(TOKEN));
    for said in ["", "Bearer wrong", TOKEN] {
        assert_eq!(ask(&router, HERE, Method::PUT, "/log-level", &[("authorization", said)]).await.0, 401);
    }
    let said = format!("Bearer {TOKEN}");
    assert_eq!(ask(&router, THERE, Method::PUT, "/log-level", &[("authorization", &said)]).await.0, 204);
    assert_eq!(level.current(), "debug");
}

#[tokio::test]
async fn a_page_in_a_browser_on_this_machine_changes_nothing() {
    let (router, level, _kept) = port(WELL, None);
    let origin = [("origin", "http://evil.example")];
    assert_eq!(ask(&router, HERE, Method::PUT, "/log-level", &origin).await.0, 403);
    assert_eq!(ask(&router, HERE, Method::POST, "/command/run", &origin).await.0, 403);
    assert_eq!(ask(&router, HERE, Method::POST, "/command/run", &[]).await, (200, "done".to_owned()));
    assert_eq!(level.current(), "info");
}
