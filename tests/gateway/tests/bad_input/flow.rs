//! Rows 21, 22 and 28: messages that do not end, floods, and what comes behind a close.

use crate::{Case, count, is_alive};
use gateway_tests::{Client, Opcode, Raw};
use protocol::{Down, Follow, FollowFrom, Position, Up};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn bad_input_21_a_message_that_is_not_finished_ends_the_socket_after_ten_seconds() {
    let case = Case::begin().await;
    let mut stalled = case.raw().await;
    let mut half_a_header = case.raw().await;
    let begun = Instant::now();
    stalled.first(Opcode::TEXT, b"{\"wa").await;
    half_a_header.write(b"\x81").await;

    assert_eq!(stalled.closed().await, Some(4408));
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(9) && took < Duration::from_secs(15), "{took:?}");
    assert_eq!(half_a_header.closed().await, Some(4408));

    let mut sound = case.raw().await;
    sound.first(Opcode::TEXT, b"{\"wa").await;
    sound.last(Opcode::CONTINUATION, b"ve\":{}}").await;
    assert!(matches!(sound.next().await, Some(Down::No(_))));
    case.end().await;
}

#[tokio::test]
async fn bad_input_22_a_flood_of_pings_ends_the_socket_after_ten_pongs() {
    let case = Case::begin().await;
    let mut flood = case.raw().await;
    let begun = Instant::now();
    let pings = b"\x89\x80\0\0\0\0".repeat(1_000);
    flood.write(&pings).await;
    let (code, before) = flood.closed_after().await;
    assert_eq!(code, Some(4429));
    assert!(count(&before, Opcode::PONG) <= 10, "{} pongs", count(&before, Opcode::PONG));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());

    let mut sound = case.raw().await;
    for _ in 0..10 {
        sound.last(Opcode::PING, b"").await;
        assert_eq!(sound.next_frame().await, Some((Opcode::PONG, Vec::new())));
    }
    is_alive(&mut sound).await;
    case.end().await;
}

#[tokio::test]
async fn bad_input_28_what_comes_behind_a_close_is_dropped_and_the_socket_goes_without_an_echo() {
    let case = Case::begin().await;
    let conversation = gateway_tests::conversation_id();
    let open = json!({ "command": {
        "id": { "outbox": gateway_tests::outbox_id(), "ordinal": 1 },
        "conversation": conversation,
        "action": { "open": { "body": "behind a close" } },
    } });
    let mut raw = case.raw().await;
    raw.last(Opcode::CLOSE, b"\x03\xe8").await;
    raw.text(&open.to_string()).await;
    assert!(raw.hangs_up_within(Duration::from_secs(5)).await, "the socket stays");

    let mut agent = Client::agent(&case.shared.agent).await;
    let follows = vec![FollowFrom { conversation, position: Position::default() }];
    agent.send(&Up::Follow(Follow { follows })).await;
    let heads = agent.next(|frame| if let Down::Heads(heads) = frame { Some(heads.heads.clone()) } else { None }).await;
    assert_eq!(heads, [], "a command behind a close was carried out");

    let mut deaf = Raw::ready(&case.shared.shop).await;
    deaf.last(Opcode::BINARY, b"x").await;
    assert_eq!(deaf.closed().await, Some(1003));
    assert!(deaf.hangs_up_within(Duration::from_secs(5)).await, "the socket waits for an echo");
    case.end().await;
}
