//! Paths, headers and documents.

use super::*;
use crate::edge::admission::AdmissionLimits;
use crate::edge::testing::{edge_with, wide_limits};
use axum::Router;
use axum::routing::get;
use http_body_util::BodyExt;

async fn edge() -> Arc<Edge> {
    Arc::new(edge_with(wide_limits()).await)
}

/// A request for `path` with these further headers.
fn request(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().uri(path).header("host", "chat.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

async fn ask(edge: &Arc<Edge>, request: Request<Body>) -> Response<Body> {
    answer(edge, [192, 0, 2, 1].into(), request).await.0
}

async fn get_path(path: &str) -> Response<Body> {
    ask(&edge().await, request(path, &[])).await
}

async fn text_of(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

fn policy(response: &Response<Body>) -> &str {
    response.headers()["content-security-policy"].to_str().unwrap()
}

#[tokio::test]
async fn a_panel_may_be_framed_by_the_pages_its_site_lists() {
    let response = get_path("/v1/panel/shop").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert!(policy(&response).contains("frame-ancestors 'self' https://shop.example;"));
    assert!(policy(&response).contains("connect-src 'self' ws://chat.example;"));
    assert!(policy(&response).contains("require-trusted-types-for 'script'"));
}

#[tokio::test]
async fn a_page_of_its_own_and_the_console_are_framed_by_nobody() {
    for path in ["/talk/shop", "/console", "/console/", "/console/settings/teams", "/"] {
        let response = get_path(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert!(policy(&response).contains("frame-ancestors 'none';"), "{path}");
        assert_eq!(response.headers()["cross-origin-opener-policy"], "same-origin", "{path}");
    }
}

#[tokio::test]
async fn unknown_and_disabled_sites_and_unknown_paths_have_one_answer() {
    let nothing = get_path("/nothing").await;
    assert_eq!(nothing.status(), 404);
    let headers = nothing.headers().clone();
    let text = text_of(nothing).await;
    for path in [
        "/v1/panel/unknown",
        "/v1/panel/closed",
        "/v1/panel/",
        "/talk/unknown",
        "/talk/closed",
        "/panel/index.html",
        "/console/assets/missing.js",
        "/panel/assets/..",
        "/v9.9.9/loader.js",
        "/loader.js",
        "/manifest.json",
        "/v1/panel/assets/missing.js",
        "/v1/panel/shop/x",
    ] {
        let response = get_path(path).await;
        assert_eq!((response.status().as_u16(), response.headers()), (404, &headers), "{path}");
        assert_eq!(text_of(response).await, text, "{path}");
    }
}

#[tokio::test]
async fn the_loader_is_for_every_page_and_readable_for_listed_ones() {
    let edge = edge().await;
    let response = ask(&edge, request("/v1/loader.js", &[])).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "public, max-age=300");
    assert_eq!(response.headers()["cross-origin-resource-policy"], "cross-origin");
    assert!(!response.headers().contains_key("access-control-allow-origin"));
    for origin in ["https://shop.example", "http://chat.example"] {
        let response = ask(&edge, request("/v1/loader.js", &[("origin", origin)])).await;
        assert_eq!(response.headers()["access-control-allow-origin"], origin);
        let vary: Vec<_> = response.headers().get_all("vary").iter().collect();
        assert_eq!(vary, ["accept-encoding", "origin"]);
    }
    for origin in ["https://evil.example", "null", "https://closed.example"] {
        let response = ask(&edge, request("/v1/loader.js", &[("origin", origin)])).await;
        assert_eq!(response.status(), 403);
        assert!(!response.headers().contains_key("access-control-allow-origin"));
    }
    let twice = [("origin", "https://shop.example"), ("origin", "https://shop.example")];
    assert_eq!(ask(&edge, request("/v1/loader.js", &twice)).await.status(), 400);
}

#[tokio::test]
async fn a_pinned_loader_and_hashed_files_never_change() {
    let pinned = format!("/v{}/loader.js", env!("CARGO_PKG_VERSION"));
    let response = get_path(&pinned).await;
    assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
    #[cfg(not(feature = "web"))]
    {
        let response = get_path("/v1/panel/assets/panel-0.js").await;
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(response.headers()["content-type"], "text/javascript; charset=utf-8");
    }
}

#[tokio::test]
async fn files_are_read_and_not_written() {
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let mut asked = request("/v1/loader.js", &[("origin", "https://shop.example")]);
        *asked.method_mut() = method.parse().unwrap();
        let response = ask(&edge().await, asked).await;
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], "GET, HEAD");
        assert!(!response.headers().contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn every_answer_is_hardened() {
    for path in ["/", "/console", "/v1/panel/shop", "/v1/loader.js", "/nothing", "/v1/socket/shop", "/api/v1/x"] {
        let response = get_path(path).await;
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(response.headers()["referrer-policy"], "no-referrer", "{path}");
        assert!(policy(&response).contains("default-src 'none'"), "{path}");
        assert!(!policy(&response).contains("unsafe"), "{path}");
    }
}

#[tokio::test]
async fn a_request_without_one_host_or_with_a_secret_in_its_address_is_refused() {
    let edge = edge().await;
    let mut hostless = request("/", &[]);
    hostless.headers_mut().remove("host");
    assert_eq!(ask(&edge, hostless).await.status(), 400);
    assert_eq!(ask(&edge, request("/", &[("host", "other.example")])).await.status(), 400);
    let mut strange = request("/", &[]);
    strange.headers_mut().insert("host", "a b; frame-ancestors *".parse().unwrap());
    assert_eq!(ask(&edge, strange).await.status(), 400);
    assert_eq!(ask(&edge, request("/v1/socket/shop?token=abc", &[])).await.status(), 400);
}

#[tokio::test]
async fn the_api_is_handed_the_clients_address() {
    let mut edge = edge_with(wide_limits()).await;
    edge.trusted_proxies = vec!["192.0.2.0/24".parse().unwrap()];
    let told = |address: axum::Extension<ClientAddress>| async move { address.0.0.to_string() };
    edge.api = Router::new().route("/api/v1/address", get(told));
    let asked = request("/api/v1/address", &[("x-forwarded-for", "198.51.100.7")]);
    assert_eq!(text_of(ask(&Arc::new(edge), asked).await).await, "198.51.100.7");
}

fn handshake(path: &str) -> Request<Body> {
    let headers = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", "halloo.v1"),
        ("origin", "http://chat.example"),
        ("user-agent", "Test/1"),
    ];
    request(path, &headers)
}

#[tokio::test]
async fn visitors_of_one_address_have_so_many_sockets_and_agents_any_number() {
    let edge = Arc::new(edge_with(AdmissionLimits { address_sockets_max: 1, ..wide_limits() }).await);
    let peer: IpAddr = [192, 0, 2, 1].into();
    let (first, accepted) = answer(&edge, peer, handshake("/v1/socket/shop")).await;
    assert_eq!(first.status(), 101);
    let accepted = accepted.unwrap();
    assert_eq!(accepted.user_agent.as_deref(), Some("Test/1"));
    assert_eq!(answer(&edge, peer, handshake("/v1/socket/shop")).await.0.status(), 503);
    let mut agents = Vec::new();
    for _ in 0..3 {
        let (response, accepted) = answer(&edge, peer, handshake("/v1/socket")).await;
        assert_eq!(response.status(), 101);
        agents.push(accepted);
    }
    drop(accepted);
    assert_eq!(answer(&edge, peer, handshake("/v1/socket/shop")).await.0.status(), 101);
    assert_eq!(edge.metrics.refusals[Reason::Sockets].get(), 1);
    assert_eq!(edge.metrics.handshakes[crate::telemetry::Kind::Agent].get(), 3);
}
