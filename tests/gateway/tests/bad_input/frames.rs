//! Rows 14 to 20, 23, 24, 26 and 27: frames that break RFC 6455, or the limits on them.

use crate::{Case, count, is_alive};
use gateway_tests::{Opcode, Raw};
use protocol::{Code, Down};
use std::time::{Duration, Instant};

/// Sends these bytes on a socket of its own, and gives the code it is closed with.
async fn closed_by(case: &Case, bytes: &[u8]) -> Option<u16> {
    let mut raw = case.raw().await;
    raw.write(bytes).await;
    raw.closed().await
}

#[tokio::test]
async fn bad_input_14_an_unmasked_frame_ends_the_socket() {
    let case = Case::begin().await;
    assert_eq!(closed_by(&case, b"\x81\x0b{\"pong\":{}}").await, Some(1002));
    assert_eq!(closed_by(&case, b"\x89\x00").await, Some(1002));
    is_alive(&mut case.raw().await).await;
    case.end().await;
}

#[tokio::test]
async fn bad_input_15_reserved_bits_and_opcodes_end_the_socket() {
    let case = Case::begin().await;
    let reserved_bits = [0xc1, 0xa1, 0x91, 0xf1];
    let reserved_opcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(|opcode| 0x80 | opcode);
    for first in reserved_bits.into_iter().chain(reserved_opcodes) {
        let mut raw = case.raw().await;
        raw.frame(first, b"{\"pong\":{}}").await;
        assert_eq!(raw.closed().await, Some(1002), "{first:#04x}");
    }
    is_alive(&mut case.raw().await).await;
    case.end().await;
}

#[tokio::test]
async fn bad_input_16_a_ping_in_pieces_or_too_long_ends_the_socket() {
    let case = Case::begin().await;
    let mut in_pieces = case.raw().await;
    in_pieces.first(Opcode::PING, b"x").await;
    assert_eq!(in_pieces.closed().await, Some(1002));

    let mut too_long = case.raw().await;
    too_long.last(Opcode::PING, &[b'x'; 126]).await;
    assert_eq!(too_long.closed().await, Some(1002));

    let mut sound = case.raw().await;
    sound.last(Opcode::PING, &[b'x'; 125]).await;
    assert_eq!(sound.next_frame().await, Some((Opcode::PONG, vec![b'x'; 125])));
    case.end().await;
}

#[tokio::test]
async fn bad_input_17_a_continuation_of_nothing_and_a_message_within_a_message_end_the_socket() {
    let case = Case::begin().await;
    let mut of_nothing = case.raw().await;
    of_nothing.last(Opcode::CONTINUATION, b"{}").await;
    assert_eq!(of_nothing.closed().await, Some(1002));

    let mut within = case.raw().await;
    within.first(Opcode::TEXT, b"{\"wa").await;
    within.text("{}").await;
    assert_eq!(within.closed().await, Some(1002));

    let mut sound = case.raw().await;
    sound.first(Opcode::TEXT, b"{\"wa").await;
    sound.last(Opcode::PING, b"between").await;
    sound.last(Opcode::CONTINUATION, b"ve\":{}}").await;
    assert_eq!(sound.next_frame().await, Some((Opcode::PONG, b"between".to_vec())));
    assert!(matches!(sound.next().await, Some(Down::No(refusal)) if refusal.code == Code::UnknownType));
    case.end().await;
}

#[tokio::test]
async fn bad_input_18_a_length_beyond_all_bounds_is_refused_at_the_header() {
    let case = Case::begin().await;
    let claim = |length: u64| [&[0x81, 0xff][..], &length.to_be_bytes(), &[1, 2, 3, 4]].concat();
    for (length, code) in [(1 << 63, 1002), (u64::MAX, 1002), ((1 << 63) - 1, 1009), (1 << 40, 1009), (65_537, 1009)] {
        let asked = Instant::now();
        assert_eq!(closed_by(&case, &claim(length)).await, Some(code), "{length}");
        assert!(asked.elapsed() < Duration::from_secs(5), "{length} was waited for");
    }
    is_alive(&mut case.raw().await).await;
    case.end().await;
}

#[tokio::test]
async fn bad_input_19_a_message_over_64_kib_ends_the_socket() {
    let case = Case::begin().await;
    let wave = |bytes: usize| format!("{{\"wave\":\"{}\"}}", "x".repeat(bytes - 11));

    let mut frame = case.raw().await;
    frame.text(&wave(65 * 1024)).await;
    assert_eq!(frame.closed().await, Some(1009));

    let mut message = case.raw().await;
    message.first(Opcode::TEXT, &[b' '; 33 * 1024]).await;
    message.last(Opcode::CONTINUATION, &[b' '; 32 * 1024]).await;
    assert_eq!(message.closed().await, Some(1009));

    let mut sound = case.raw().await;
    sound.text(&wave(64 * 1024)).await;
    // It may be over the bytes of this second, but it is taken.
    let answer = sound.next().await;
    let Some(Down::No(refusal)) = &answer else { panic!("{answer:?}") };
    assert!(matches!(refusal.code, Code::UnknownType | Code::RateLimited), "{refusal:?}");
    case.end().await;
}

#[tokio::test]
async fn bad_input_20_a_message_in_ten_thousand_pieces_ends_the_socket() {
    let case = Case::begin().await;
    for piece in [&b""[..], b" "] {
        let mut raw = case.raw().await;
        raw.first(Opcode::TEXT, piece).await;
        for _ in 0..10_000 {
            raw.first(Opcode::CONTINUATION, piece).await;
        }
        assert_eq!(raw.closed().await, Some(1009), "{piece:?}");
    }
    let mut sound = case.raw().await;
    sound.first(Opcode::TEXT, b"{\"wave\":{}").await;
    for _ in 0..62 {
        sound.first(Opcode::CONTINUATION, b" ").await;
    }
    sound.last(Opcode::CONTINUATION, b"}").await;
    assert!(matches!(sound.next().await, Some(Down::No(refusal)) if refusal.code == Code::UnknownType));
    case.end().await;
}

#[tokio::test]
async fn bad_input_23_a_binary_frame_ends_the_socket() {
    let case = Case::begin().await;
    let mut raw = case.raw().await;
    raw.last(Opcode::BINARY, b"{\"pong\":{}}").await;
    assert_eq!(raw.closed().await, Some(1003));
    is_alive(&mut case.raw().await).await;
    case.end().await;
}

#[tokio::test]
async fn bad_input_24_text_that_is_not_utf8_ends_the_socket() {
    let case = Case::begin().await;
    for bytes in [
        &b"{\"a\":\"\xff\"}"[..],
        b"{\"a\":\"\xc0\xaf\"}",
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"{\"a\":\"\xf4\x90\x80\x80\"}",
    ] {
        let mut raw = case.raw().await;
        raw.last(Opcode::TEXT, bytes).await;
        assert_eq!(raw.closed().await, Some(1007), "{bytes:?}");
    }
    let mut split = case.raw().await;
    split.first(Opcode::TEXT, b"{\"a\":\"\xe2\x82").await;
    split.last(Opcode::CONTINUATION, b"\"}").await;
    assert_eq!(split.closed().await, Some(1007));

    let mut sound = case.raw().await;
    sound.first(Opcode::TEXT, b"{\"wave\":\"\xe2\x82").await;
    sound.last(Opcode::CONTINUATION, b"\xac\"}").await;
    assert!(matches!(sound.next().await, Some(Down::No(refusal)) if refusal.code == Code::UnknownType));
    case.end().await;
}

#[tokio::test]
async fn bad_input_26_compression_is_not_negotiated_and_not_taken() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    let mut lines = Raw::handshake_of(shop);
    lines.push("sec-websocket-extensions: permessage-deflate; client_max_window_bits".to_owned());
    let answer = Raw::ask(shop, &lines).await.unwrap();
    assert_eq!((answer.status, answer.header("sec-websocket-extensions")), (101, None));

    // "a" 1,000 times, deflated, as a message that says it is compressed.
    let mut raw = case.raw().await;
    raw.frame(0xc1, b"\x4a\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00").await;
    assert_eq!(raw.closed().await, Some(1002));
    is_alive(&mut case.raw().await).await;
    case.end().await;
}

#[tokio::test]
async fn bad_input_27_a_close_frame_that_may_not_be_sent_is_a_breach() {
    let case = Case::begin().await;
    let codes = [0u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, u16::MAX];
    let bodies = codes.into_iter().map(|code| code.to_be_bytes().to_vec());
    let others = [b"\x03".to_vec(), b"\x03\xe8\xff\xfe".to_vec(), b"\x03\xe8\xe2\x82".to_vec()];
    for body in bodies.chain(others) {
        let mut raw = case.raw().await;
        raw.last(Opcode::CLOSE, &body).await;
        assert_eq!(raw.closed().await, Some(1002), "{body:?}");
    }
    // RFC 6455, section 5.5.1: a close frame is answered with one.
    for body in [&b""[..], b"\x03\xe8", b"\x03\xe9bye", b"\x0f\xa0\xe2\x82\xac"] {
        let mut raw = case.raw().await;
        raw.last(Opcode::CLOSE, body).await;
        let mut frames = Vec::new();
        while let Some(frame) = raw.next_frame().await {
            frames.push(frame);
        }
        assert_eq!(count(&frames, Opcode::CLOSE), 1, "{body:?} is not answered: {frames:?}");
    }
    case.end().await;
}
