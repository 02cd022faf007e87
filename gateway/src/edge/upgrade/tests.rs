//! Handshakes, one fault each.

use super::*;
use crate::edge::admission::AdmissionLimits;
use crate::edge::testing::{edge_with, wide_limits};
use http::Request;
use std::num::NonZeroU32;

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const SHOP: Asked<'_> = Asked::Visitor { site: "shop" };

/// A handshake as browsers send it, with one header set, added or taken out.
fn handshake(change: impl FnOnce(&mut Parts)) -> Parts {
    let mut parts = Request::builder()
        .uri("/v1/socket/shop")
        .header("host", "chat.example")
        .header("connection", "keep-alive, Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", KEY)
        .header("sec-websocket-protocol", "halloo.v1")
        .header("sec-websocket-extensions", "permessage-deflate")
        .header("origin", "http://chat.example")
        .body(())
        .unwrap()
        .into_parts()
        .0;
    change(&mut parts);
    parts
}

fn with(name: &'static str, value: &str) -> Parts {
    handshake(|parts| {
        parts.headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    })
}

fn without(name: &'static str) -> Parts {
    handshake(|parts| {
        parts.headers.remove(name);
    })
}

async fn verdict_of(parts: &Parts, asked: Asked<'_>) -> Result<Granted, Refused> {
    let edge = edge_with(wide_limits()).await;
    let own = edge.own_origin("chat.example").unwrap();
    judge(&edge, parts, &own, asked, [192, 0, 2, 1].into())
}

#[track_caller]
fn status(verdict: Result<Granted, Refused>) -> u16 {
    match verdict {
        Ok(granted) => granted.answer().status(),
        Err(refused) => refused.answer().status(),
    }
    .as_u16()
}

async fn status_of(parts: &Parts) -> u16 {
    status(verdict_of(parts, SHOP).await)
}

#[tokio::test]
async fn a_handshake_is_answered_with_our_subprotocol_and_no_extension() {
    let granted = verdict_of(&handshake(|_| {}), SHOP).await.unwrap();
    let response = granted.answer();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(response.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(response.headers()["sec-websocket-protocol"], "halloo.v1");
    assert_eq!(response.headers()["connection"], "upgrade");
    assert!(!response.headers().contains_key("sec-websocket-extensions"));
    assert_eq!(granted.site.unwrap().site.key, "shop");
}

#[tokio::test]
async fn a_page_of_the_gateway_or_of_the_site_may_open_a_socket() {
    for origin in ["http://chat.example", "https://shop.example", "HTTPS://SHOP.Example", "http://CHAT.example:80"] {
        assert_eq!(status_of(&with("origin", origin)).await, 101, "{origin}");
    }
}

#[tokio::test]
async fn any_other_origin_is_refused() {
    for origin in [
        "null",
        "https://evil.example",
        "https://shop.example.evil.com",
        "https://evilshop.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.",
        "https://chat.example",
        "https://closed.example",
        "https://sub.shop.example",
        "",
        "https://shop.exämple",
    ] {
        assert_eq!(status_of(&with("origin", origin)).await, 403, "{origin}");
    }
    assert_eq!(status_of(&without("origin")).await, 403);
}

#[tokio::test]
async fn two_origins_are_refused_even_when_both_are_listed() {
    let parts = handshake(|parts| {
        parts.headers.append("origin", HeaderValue::from_static("https://shop.example"));
    });
    assert_eq!(status_of(&parts).await, 400);
}

#[tokio::test]
async fn an_agents_socket_opens_from_our_own_pages_only() {
    assert_eq!(status(verdict_of(&handshake(|_| {}), Asked::Agent).await), 101);
    assert_eq!(status(verdict_of(&with("origin", "https://shop.example"), Asked::Agent).await), 403);
}

#[tokio::test]
async fn with_a_public_address_the_host_header_decides_nothing() {
    let mut edge = edge_with(wide_limits()).await;
    edge.public_origin = Origin::parse("https://chat.example");
    let own = edge.own_origin("evil.example").unwrap();
    let verdict = |origin: &str| judge(&edge, &with("origin", origin), &own, SHOP, [192, 0, 2, 1].into());
    assert_eq!(status(verdict("https://chat.example")), 101);
    assert_eq!(status(verdict("http://evil.example")), 403);
}

#[tokio::test]
async fn an_unknown_and_a_disabled_site_are_refused_alike() {
    let mut answers = Vec::new();
    for site in ["nothing", "closed", "", "SHOP", "a/b"] {
        let refused = verdict_of(&handshake(|_| {}), Asked::Visitor { site }).await.unwrap_err();
        assert_eq!(refused.answer().status(), 404, "{site}");
        answers.push(refused);
    }
    assert!(answers.iter().all(|refused| *refused == answers[0]));
}

#[tokio::test]
async fn another_version_is_told_ours() {
    for parts in [
        with("sec-websocket-version", "8"),
        without("sec-websocket-version"),
        without("upgrade"),
        with("connection", "keep-alive"),
        with("upgrade", "h2c"),
    ] {
        let response = verdict_of(&parts, SHOP).await.unwrap_err().answer();
        assert_eq!(response.status(), 426);
        assert_eq!(response.headers()["sec-websocket-version"], "13");
    }
}

#[tokio::test]
async fn a_key_is_sixteen_bytes_in_base64_and_stands_once() {
    for key in ["", "short", "dGhlIHNhbXBsZSBub25jZQ", "!!!!!!!!!!!!!!!!!!!!!!==", "dGhlIHNhbXBsZSBub25jZWE="] {
        assert_eq!(status_of(&with("sec-websocket-key", key)).await, 400, "{key}");
    }
    assert_eq!(status_of(&without("sec-websocket-key")).await, 400);
    let parts = handshake(|parts| {
        parts.headers.append("sec-websocket-key", HeaderValue::from_static(KEY));
    });
    assert_eq!(status_of(&parts).await, 400);
}

#[tokio::test]
async fn a_post_and_an_older_http_are_refused() {
    assert_eq!(status_of(&handshake(|parts| parts.method = Method::POST)).await, 400);
    assert_eq!(status_of(&handshake(|parts| parts.version = Version::HTTP_10)).await, 400);
}

#[tokio::test]
async fn a_handshake_with_a_body_is_refused() {
    for (name, value) in [("content-length", "3"), ("content-length", "00"), ("transfer-encoding", "chunked")] {
        assert_eq!(status_of(&with(name, value)).await, 400, "{name}: {value}");
    }
    assert_eq!(status_of(&with("content-length", "0")).await, 101);
}

#[tokio::test]
async fn subprotocols_are_few_tokens_with_ours_among_them() {
    assert_eq!(status_of(&with("sec-websocket-protocol", "x, halloo.v1")).await, 101);
    let many = vec!["halloo.v1"; 10_000].join(",");
    for offered in ["", "other", "halloo.v1,", "halloo.v1, ü", "halloo.v1;x", "halloo.v1 x", &many] {
        assert_eq!(status_of(&with("sec-websocket-protocol", offered)).await, 400, "{offered:.40}");
    }
    assert_eq!(status_of(&without("sec-websocket-protocol")).await, 400);
}

#[tokio::test]
async fn the_excess_is_told_when_to_come_back() {
    let one = NonZeroU32::MIN;
    for limits in [
        AdmissionLimits { handshakes_per_second: one, handshakes_burst: one, ..wide_limits() },
        AdmissionLimits { address_handshakes_per_second: one, address_handshakes_burst: one, ..wide_limits() },
    ] {
        let edge = edge_with(limits).await;
        let own = edge.own_origin("chat.example").unwrap();
        let verdict = || judge(&edge, &handshake(|_| {}), &own, SHOP, [192, 0, 2, 1].into());
        assert_eq!(status(verdict()), 101);
        let response = verdict().unwrap_err().answer();
        assert_eq!(response.status(), 503);
        assert!(response.headers().contains_key("retry-after"));
    }
}

#[tokio::test]
async fn a_node_that_stops_sends_handshakes_elsewhere() {
    let edge = edge_with(wide_limits()).await;
    edge.drain.stop_accepting.cancel();
    let own = edge.own_origin("chat.example").unwrap();
    let verdict = judge(&edge, &handshake(|_| {}), &own, SHOP, [192, 0, 2, 1].into());
    assert_eq!(status(verdict), 503);
}
