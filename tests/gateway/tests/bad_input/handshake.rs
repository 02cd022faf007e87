//! Rows 1 to 10: who may open a socket, and what a handshake looks like.

use crate::Case;
use gateway_tests::{Answer, Place, Raw};

/// A sound handshake with one header changed, or added.
fn with(place: &Place, name: &str, value: &str) -> Vec<String> {
    let mut lines = without(place, name);
    lines.push(format!("{name}: {value}"));
    lines
}

fn without(place: &Place, name: &str) -> Vec<String> {
    let mut lines = Raw::handshake_of(place);
    lines.retain(|line| !line.starts_with(&format!("{name}:")));
    lines
}

fn also(place: &Place, line: &str) -> Vec<String> {
    let mut lines = Raw::handshake_of(place);
    lines.push(line.to_owned());
    lines
}

async fn ask(place: &Place, lines: &[String]) -> Answer {
    Raw::ask(place, lines).await.expect("an answer")
}

async fn status(place: &Place, lines: &[String]) -> u16 {
    ask(place, lines).await.status
}

async fn from(place: &Place, origin: &str) -> u16 {
    status(place, &with(place, "origin", origin)).await
}

#[tokio::test]
async fn bad_input_01_a_page_that_is_not_listed_gets_neither_socket_nor_panel_nor_loader() {
    let case = Case::begin().await;
    let (shop, other) = (&case.shared.shop, &case.shared.other);

    assert_eq!(from(shop, "https://evil.example").await, 403);
    assert_eq!(from(other, "https://shop.example").await, 403);
    assert_eq!(from(shop, "https://shop.example").await, 101);
    assert_eq!(from(shop, &shop.origin()).await, 101);

    let panel = shop.get("/v1/panel/shop", &[]).await;
    assert_eq!(panel.status, 200);
    let policy = panel.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'self' https://shop.example;"), "{policy}");

    let loader = shop.get("/v1/loader.js?site=shop", &["origin: https://evil.example"]).await;
    assert_eq!((loader.status, loader.header("access-control-allow-origin")), (403, None));
    let loader = shop.get("/v1/loader.js?site=shop", &["origin: https://shop.example"]).await;
    assert_eq!(loader.status, 200);
    assert_eq!(loader.header("access-control-allow-origin"), Some("https://shop.example"));
    case.end().await;
}

#[tokio::test]
async fn bad_input_02_an_origin_that_only_looks_like_a_listed_one_is_refused() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    for origin in [
        "null",
        "https://shop.example.evil.com",
        "https://evilshop.example",
        "https://evil.example/https://shop.example",
        "https://shop.example@evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.",
        "https://sh\u{f6}p.example",
        "",
    ] {
        assert_eq!(from(shop, origin).await, 403, "{origin:?}");
    }
    for origin in ["https://shop.example", "HTTPS://SHOP.EXAMPLE", "https://shop.example:443"] {
        assert_eq!(from(shop, origin).await, 101, "{origin:?}");
    }
    case.end().await;
}

#[tokio::test]
async fn bad_input_03_a_handshake_without_an_origin_is_refused() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    assert_eq!(status(shop, &without(shop, "origin")).await, 403);
    assert_eq!(status(shop, &Raw::handshake_of(shop)).await, 101);
    case.end().await;
}

#[tokio::test]
async fn bad_input_04_two_origins_are_refused() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    assert_eq!(status(shop, &also(shop, "origin: https://shop.example")).await, 400);
    assert_eq!(status(shop, &also(shop, &format!("origin: {}", shop.origin()))).await, 400);
    assert_eq!(from(shop, "https://shop.example").await, 101);
    case.end().await;
}

#[tokio::test]
async fn bad_input_05_an_unknown_and_a_disabled_site_are_answered_alike() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    let mut answers = Vec::new();
    for site in ["nobody", "disabled", "SHOP", "shop%2f", "shop/x", ""] {
        let place = shop.of(site);
        answers.push(ask(&place, &Raw::handshake_of(&place)).await.lasting());
    }
    assert_eq!(answers[0].status, 404);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(shop.get("/v1/panel/disabled", &[]).await.lasting(), shop.get("/v1/panel/nobody", &[]).await.lasting());
    assert_eq!(status(shop, &Raw::handshake_of(shop)).await, 101);
    case.end().await;
}

#[tokio::test]
async fn bad_input_06_another_version_of_websocket_is_told_which_one_is_spoken() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    for version in ["8", "0", "14", "13, 8", "x"] {
        let answer = ask(shop, &with(shop, "sec-websocket-version", version)).await;
        assert_eq!((answer.status, answer.header("sec-websocket-version")), (426, Some("13")), "{version}");
    }
    assert_eq!(status(shop, &with(shop, "sec-websocket-version", "13")).await, 101);
    case.end().await;
}

#[tokio::test]
async fn bad_input_07_a_handshake_of_another_form_is_refused() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    assert_eq!(status(shop, &without(shop, "sec-websocket-key")).await, 400);
    for key in ["", "c2hvcnQ=", "not base64 at all!!!!!!!", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZSE="] {
        assert_eq!(status(shop, &with(shop, "sec-websocket-key", key)).await, 400, "{key}");
    }
    for first in ["POST /v1/socket/shop HTTP/1.1", "GET /v1/socket/shop HTTP/1.0"] {
        let mut lines = Raw::handshake_of(shop);
        first.clone_into(&mut lines[0]);
        assert_eq!(status(shop, &lines).await, 400, "{first}");
    }
    assert_eq!(status(shop, &with(shop, "sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==")).await, 101);
    case.end().await;
}

#[tokio::test]
async fn bad_input_08_a_list_of_subprotocols_that_cannot_be_read_is_refused() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    let name = "sec-websocket-protocol";
    for offered in ["halloo.v1, \u{fc}ber", "halloo.v1,,", "halloo.v1, a b", "halloo.v2", ""] {
        assert_eq!(status(shop, &with(shop, name, offered)).await, 400, "{offered:?}");
    }
    assert_eq!(status(shop, &with(shop, name, &vec!["halloo.v1"; 1_000].join(","))).await, 400);
    // Longer than all headers together may be.
    assert_eq!(status(shop, &with(shop, name, &vec!["a"; 10_000].join(","))).await, 431);

    let answer = ask(shop, &with(shop, name, "chat, halloo.v1")).await;
    assert_eq!((answer.status, answer.header(name)), (101, Some("halloo.v1")));
    case.end().await;
}

#[tokio::test]
async fn bad_input_09_too_many_or_too_long_headers_are_refused_while_they_arrive() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    let sound = Raw::handshake_of(shop);
    let padded = |headers: usize| {
        let more = (0..headers.saturating_sub(sound.len() - 1)).map(|index| format!("x-{index}: y"));
        sound.iter().cloned().chain(more).collect::<Vec<_>>()
    };
    assert_eq!(status(shop, &padded(101)).await, 431);
    assert_eq!(status(shop, &padded(100)).await, 101);
    assert_eq!(status(shop, &with(shop, "x-long", &"y".repeat(64 * 1024))).await, 431);

    let mut raw = Raw::connect(shop).await;
    let drip = format!("{}\r\n{}", sound.join("\r\n"), "x-more: and more\r\n".repeat(64 * 1024));
    let answer = raw.pour(drip.as_bytes()).await;
    assert_eq!(answer.map(|answer| answer.status), Some(431));
    case.end().await;
}

#[tokio::test]
async fn bad_input_10_a_secret_in_an_address_is_refused_and_never_logged() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    let canary = "canary-7d3f1b";
    for query in ["token=", "Token=", "a=b&ticket=", "%74oken=", "access_token=", "a;token="] {
        let place = shop.of(&format!("shop?{query}{canary}"));
        assert_eq!(status(&place, &Raw::handshake_of(&place)).await, 400, "{query}");
        assert_eq!(shop.get(&format!("/v1/panel/shop?{query}{canary}"), &[]).await.status, 400, "{query}");
    }
    let place = shop.of("shop?utm_source=mail");
    assert_eq!(status(&place, &Raw::handshake_of(&place)).await, 101);
    assert!(!case.shared.log().contains(canary), "a secret is in the log");
    case.end().await;
}
