//! Frame headers, whole and byte by byte.

use super::*;
use proptest::prelude::*;

const MASK: [u8; 4] = [0x11, 0x22, 0x33, 0x44];
const LAST: u8 = 0x80;

/// A masked frame with the shortest length.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, payload.len() as u64);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn header(first: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..=125 => bytes.push(0x80 | length as u8),
        126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes
}

fn text(payload: &[u8]) -> Vec<u8> {
    frame(LAST | TEXT, payload)
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(LAST | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

fn code_of(bytes: &[u8]) -> Option<CloseCode> {
    Frames::default().feed(bytes, 0).err().map(|violation| violation.code)
}

#[track_caller]
fn refused(bytes: &[u8], code: CloseCode) {
    assert_eq!(code_of(bytes), Some(code));
}

#[track_caller]
fn sound(bytes: &[u8]) {
    assert_eq!(Frames::default().feed(bytes, 0), Ok(()));
}

#[test]
fn ordinary_messages_pass() {
    sound(&[text(b"{}"), text(b""), text(&[b'a'; 126]), text(&[b'a'; 65_535]), text(&[b'a'; 65_536])].concat());
}

#[test]
fn fragments_with_a_ping_between_them_pass() {
    sound(
        &[
            frame(TEXT, b"he"),
            frame(LAST | PING, b"?"),
            frame(CONTINUATION, b"ll"),
            frame(LAST | CONTINUATION, b"o"),
            text(b"next"),
        ]
        .concat(),
    );
}

#[test]
fn an_unmasked_frame_is_refused_at_its_second_byte() {
    let violation = Frames::default().feed(&[LAST | TEXT, 2, b'{', b'}'], 0).unwrap_err();
    assert_eq!((violation.code, violation.at), (CloseCode::Protocol, 1));
}

#[test]
fn each_reserved_bit_is_refused() {
    for bit in [0x40, 0x20, 0x10] {
        refused(&frame(LAST | bit | TEXT, b"{}"), CloseCode::Protocol);
    }
}

#[test]
fn every_reserved_opcode_is_refused() {
    for opcode in (3..=7).chain(11..=15) {
        refused(&frame(LAST | opcode, b""), CloseCode::Protocol);
    }
}

#[test]
fn a_fragmented_control_frame_is_refused() {
    for opcode in [CLOSE, PING, PONG] {
        refused(&frame(opcode, b""), CloseCode::Protocol);
    }
}

#[test]
fn a_ping_of_126_bytes_is_refused_and_of_125_passes() {
    refused(&frame(LAST | PING, &[0; 126]), CloseCode::Protocol);
    sound(&frame(LAST | PING, &[0; 125]));
}

#[test]
fn a_continuation_of_nothing_is_refused() {
    refused(&frame(LAST | CONTINUATION, b"x"), CloseCode::Protocol);
    refused(&[text(b"whole"), frame(LAST | CONTINUATION, b"x")].concat(), CloseCode::Protocol);
}

#[test]
fn a_new_message_inside_another_is_refused() {
    refused(&[frame(TEXT, b"x"), text(b"y")].concat(), CloseCode::Protocol);
    refused(&[frame(TEXT, b"x"), frame(LAST | BINARY, b"y")].concat(), CloseCode::Protocol);
}

#[test]
fn a_length_with_its_top_bit_set_is_refused_at_that_byte() {
    let violation = Frames::default().feed(&[LAST | TEXT, 0xff, 0x80], 0).unwrap_err();
    assert_eq!((violation.code, violation.at), (CloseCode::Protocol, 2));
    refused(&[LAST | TEXT, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], CloseCode::Protocol);
}

#[test]
fn a_huge_length_is_refused_before_its_mask_arrives() {
    refused(&header(LAST | TEXT, 1 << 62)[..10], CloseCode::TooBig);
    refused(&header(LAST | TEXT, 65_537)[..10], CloseCode::TooBig);
}

#[test]
fn a_length_that_is_not_minimal_is_refused() {
    refused(&[LAST | TEXT, 0x80 | 126, 0, 125], CloseCode::Protocol);
    refused(&[LAST | TEXT, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff], CloseCode::Protocol);
}

#[test]
fn fragments_are_summed_at_the_header_of_the_one_that_is_too_much() {
    let mut frames = Frames::default();
    frames.feed(&frame(TEXT, &[b'a'; 40_000]), 0).unwrap();
    let violation = frames.feed(&header(LAST, 25_537), 0).unwrap_err();
    assert_eq!((violation.code, violation.at), (CloseCode::TooBig, 3));
}

#[test]
fn the_sum_starts_again_with_each_message() {
    sound(&[frame(TEXT, &[0; 40_000]), frame(LAST, &[0; 25_536]), text(&[0; 65_536])].concat());
}

#[test]
fn the_sixty_fifth_fragment_is_refused_even_when_all_are_empty() {
    let mut bytes = frame(TEXT, b"");
    (1..FRAGMENTS_MAX).for_each(|_| bytes.extend(frame(CONTINUATION, b"")));
    sound(&bytes);
    bytes.extend(frame(CONTINUATION, b""));
    refused(&bytes, CloseCode::TooBig);
}

#[test]
fn a_message_may_not_stay_unfinished() {
    let mut frames = Frames::default();
    frames.feed(&frame(TEXT, b"x"), 1_000).unwrap();
    assert_eq!(frames.deadline(), Some(11_000));
    frames.feed(&frame(CONTINUATION, b"y"), 10_999).unwrap();
    assert_eq!(frames.deadline(), Some(11_000), "more of it does not make it younger");
    assert_eq!(frames.feed(b"\0", 11_000), Err(Frames::overdue()));
    assert_eq!(Frames::overdue().code, CloseCode::Timeout);
}

#[test]
fn a_half_frame_and_a_half_header_are_unfinished_too() {
    for part in [1, 2, 5, 7] {
        let mut frames = Frames::default();
        frames.feed(&text(b"{}")[..part], 500).unwrap();
        assert_eq!(frames.deadline(), Some(10_500));
    }
}

#[test]
fn a_finished_message_has_no_deadline() {
    let mut frames = Frames::default();
    frames.feed(&[frame(TEXT, b"x"), frame(LAST, b"y")].concat(), 0).unwrap();
    assert_eq!(frames.deadline(), None);
    frames.feed(&frame(LAST | PING, b""), 0).unwrap();
    assert_eq!(frames.deadline(), None);
    frames.feed(&text(b"{}"), 1_000_000).unwrap();
}

#[test]
fn a_ping_does_not_end_the_age_of_a_message() {
    let mut frames = Frames::default();
    frames.feed(&frame(TEXT, b"x"), 0).unwrap();
    frames.feed(&frame(LAST | PING, b""), 5_000).unwrap();
    assert_eq!(frames.deadline(), Some(10_000));
}

#[test]
fn the_eleventh_control_frame_of_a_second_is_refused() {
    let mut frames = Frames::default();
    let ping = frame(LAST | PING, b"");
    (0..10).for_each(|_| frames.feed(&ping, 50).unwrap());
    assert_eq!(frames.feed(&ping, 1_049).unwrap_err().code, CloseCode::RateLimited);
}

#[test]
fn ten_control_frames_in_each_second_pass() {
    let mut frames = Frames::default();
    for second in 0..5 {
        (0..10).for_each(|_| frames.feed(&frame(LAST | PONG, b""), second * 1_000).unwrap());
    }
}

#[test]
fn a_binary_frame_is_refused() {
    refused(&frame(LAST | BINARY, b"x"), CloseCode::Binary);
    refused(&frame(BINARY, b"x"), CloseCode::Binary);
}

#[test]
fn close_codes_that_may_be_sent_pass() {
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
        sound(&close(code, b""));
    }
}

#[test]
fn close_codes_that_may_not_be_sent_are_refused() {
    for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        refused(&close(code, b""), CloseCode::Protocol);
    }
}

#[test]
fn a_close_body_of_one_byte_is_refused_and_none_passes() {
    refused(&frame(LAST | CLOSE, &[3]), CloseCode::Protocol);
    sound(&frame(LAST | CLOSE, b""));
}

#[test]
fn a_close_reason_must_be_utf8_and_whole() {
    sound(&close(1000, "tschüß, 再见 👋".as_bytes()));
    for reason in [&[0xff][..], &[0xc3], &[0xed, 0xa0, 0x80], &[0xc0, 0x80], &[0xf4, 0x90, 0x80, 0x80]] {
        refused(&close(1000, reason), CloseCode::Protocol);
    }
}

#[test]
fn what_follows_a_close_is_not_judged() {
    let mut frames = Frames::default();
    frames.feed(&[close(1000, b""), vec![0xff; 100]].concat(), 0).unwrap();
    assert!(frames.is_ended());
    assert_eq!(frames.deadline(), None);
    frames.feed(&[0x70; 10], 99_999).unwrap();
}

#[test]
fn the_walk_fits_in_eighty_bytes() {
    assert!(size_of::<Frames>() <= 80, "{}", size_of::<Frames>());
}

/// Sound and broken frames, and bytes without meaning.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let payload = proptest::collection::vec(any::<u8>(), 0..140);
    let piece = prop_oneof![
        6 => (any::<bool>(), 0u8..2, payload.clone()).prop_map(|(is_last, opcode, payload)| {
            frame(if is_last { LAST | opcode } else { opcode }, &payload)
        }),
        2 => (8u8..11, payload).prop_map(|(opcode, payload)| frame(LAST | opcode, &payload)),
        1 => (any::<u8>(), any::<u64>()).prop_map(|(first, length)| header(first, length)),
        1 => proptest::collection::vec(any::<u8>(), 0..16),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Feeds slices of these sizes in turn; the verdict, with the place counted over the whole stream.
fn verdict_in_slices(bytes: &[u8], sizes: &[usize]) -> Result<Option<u64>, (CloseCode, usize)> {
    let mut frames = Frames::default();
    let mut from = 0;
    let mut sizes = sizes.iter().cycle();
    while from < bytes.len() {
        let to = bytes.len().min(from + sizes.next().copied().unwrap_or(1).max(1));
        frames.feed(&bytes[from..to], 0).map_err(|violation| (violation.code, from + violation.at))?;
        from = to;
    }
    Ok(frames.deadline())
}

proptest! {
    #[test]
    fn slicing_changes_nothing(bytes in any_bytes(), sizes in proptest::collection::vec(1usize..9, 1..6)) {
        let whole = verdict_in_slices(&bytes, &[bytes.len()]);
        prop_assert_eq!(&verdict_in_slices(&bytes, &[1]), &whole);
        prop_assert_eq!(&verdict_in_slices(&bytes, &sizes), &whole);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Frames::default().feed(&bytes, 0);
    }
}
