//! Rows 11 to 13: the client speaks first, in time, and says hello once.

use crate::Case;
use gateway_tests::{Raw, session_id};
use protocol::Down;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn bad_input_11_silence_ends_the_socket_after_five_seconds() {
    let case = Case::begin().await;
    let opened = Instant::now();
    let mut silent = Raw::open(&case.shared.shop).await;
    let mut ready = case.raw().await;

    assert_eq!(silent.closed().await, Some(4408));
    let took = opened.elapsed();
    assert!(took > Duration::from_millis(4_500) && took < Duration::from_secs(10), "{took:?}");
    crate::is_alive(&mut ready).await;
    case.end().await;
}

#[tokio::test]
async fn bad_input_12_any_frame_before_hello_ends_the_socket() {
    let case = Case::begin().await;
    let conversation = gateway_tests::conversation_id();
    for frame in [
        json!({ "pong": {} }),
        json!({ "wave": {} }),
        json!({ "fetch": { "conversation": conversation } }),
        json!({ "follow": { "follows": [] } }),
        json!({ "page": { "title": "x" } }),
        json!({ "command": {
            "id": { "outbox": gateway_tests::outbox_id(), "ordinal": 1 },
            "conversation": conversation,
            "action": { "open": { "body": "x" } },
        } }),
    ] {
        let mut raw = Raw::open(&case.shared.shop).await;
        raw.text(&frame.to_string()).await;
        assert_eq!(raw.closed().await, Some(4401), "{frame}");
    }
    case.raw().await;
    case.end().await;
}

#[tokio::test]
async fn bad_input_13_a_second_hello_ends_the_socket() {
    let case = Case::begin().await;
    let hello = json!({ "hello": { "protocol": 1, "site": "shop", "session": session_id(), "generation": 1 } });

    let mut late = case.raw().await;
    crate::is_alive(&mut late).await;
    late.text(&hello.to_string()).await;
    assert_eq!(late.closed().await, Some(4400));

    let mut at_once = Raw::open(&case.shared.shop).await;
    at_once.text(&hello.to_string()).await;
    at_once.text(&hello.to_string()).await;
    assert!(matches!(at_once.next().await, Some(Down::Ready(_)) | None));
    assert!(matches!(at_once.closed().await, Some(4400) | None));
    case.end().await;
}
