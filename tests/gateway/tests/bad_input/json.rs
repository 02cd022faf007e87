//! Rows 25 and 29 to 33: text that is no frame.

use crate::{Case, is_alive, refused};
use gateway_tests::{Client, outbox_id};
use protocol::{Code, ConversationId};
use serde_json::json;

/// Each text on a socket of its own is refused with this code, and the socket lives.
async fn all_refused(case: &Case, texts: &[String], code: Code) {
    for text in texts {
        let mut raw = case.raw().await;
        let refusal = refused(&mut raw, text).await;
        assert_eq!((refusal.code, refusal.retryable), (code, false), "{}", text.chars().take(200).collect::<String>());
        is_alive(&mut raw).await;
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A command with this much JSON in place of its action.
fn command(conversation: ConversationId, ordinal: u32, action: &str) -> String {
    let (outbox, conversation) = (json!(outbox_id()), json!(conversation));
    format!(
        r#"{{"command":{{"id":{{"outbox":{outbox},"ordinal":{ordinal}}},"conversation":{conversation},"action":{action}}}}}"#
    )
}

#[tokio::test]
async fn bad_input_25_a_surrogate_or_a_nul_is_refused_in_every_text_and_the_rest_is_kept_as_it_is() {
    let case = Case::begin().await;
    let id = gateway_tests::conversation_id();
    let frames = |bad: &str| {
        vec![
            format!(r#"{{"page":{{"title":"a{bad}b"}}}}"#),
            format!(r#"{{"page":{{"url":"https://shop.example/{bad}"}}}}"#),
            command(id, 1, &format!(r#"{{"open":{{"body":"a{bad}b"}}}}"#)),
            command(id, 1, &format!(r#"{{"open":{{"name":"a{bad}b"}}}}"#)),
            command(id, 1, &format!(r#"{{"open":{{"email":"a{bad}@shop.example"}}}}"#)),
            command(id, 1, &format!(r#"{{"say":{{"body":"a{bad}b"}}}}"#)),
            command(id, 1, &format!(r#"{{"rate":{{"score":5,"comment":"a{bad}b"}}}}"#)),
        ]
    };
    for surrogate in [r"\ud800", r"\udfff", r"\udc00\ud800"] {
        all_refused(&case, &frames(surrogate), Code::BadFrame).await;
    }
    all_refused(&case, &frames(r"\u0000"), Code::BadText).await;
    all_refused(&case, &["\u{feff}{\"pong\":{}}".to_owned()], Code::BadJson).await;

    let kept = "\u{feff}a\u{fffe}b\u{ffff}c \u{1f600} \u{fdd0}";
    let mut visitor = Client::visitor(&case.shared.shop).await;
    let id = visitor.open(kept).await;
    assert_eq!(visitor.read_all(id).await.said(), [kept]);
    case.end().await;
}

#[tokio::test]
async fn bad_input_29_what_is_no_json_object_is_refused_and_ends_the_socket_at_the_third_time() {
    let case = Case::begin().await;
    let bad =
        ["", "{", r#"{"pong":{}"#, r#"{"pong":{}} x"#, "[]", "null", "7", "\"pong\"", "pong", "{'pong':{}}", "\0"];
    all_refused(&case, &texts(&bad), Code::BadJson).await;
    all_refused(&case, &texts(&["{}"]), Code::BadFrame).await;

    let mut raw = case.raw().await;
    for text in ["[]", "{}"] {
        refused(&mut raw, text).await;
        is_alive(&mut raw).await;
    }
    refused(&mut raw, "null").await;
    assert_eq!(raw.closed().await, Some(4400));
    case.end().await;
}

#[tokio::test]
async fn bad_input_30_json_nested_ten_thousand_deep_is_refused() {
    let case = Case::begin().await;
    let deep = |open: &str, close: &str, levels: usize| {
        format!("{{\"wave\":{}0{}}}", open.repeat(levels), close.repeat(levels))
    };
    let bad = [
        deep("[", "]", 10_000),
        deep("{\"a\":", "}", 9_000),
        deep("[", "]", 16),
        format!("{{\"wave\":{}", "[".repeat(10_000)),
        "[".repeat(60_000),
    ];
    all_refused(&case, &bad, Code::BadJson).await;
    assert_eq!(refused(&mut case.raw().await, &deep("[", "]", 15)).await.code, Code::UnknownType);
    case.end().await;
}

#[tokio::test]
async fn bad_input_31_double_keys_are_refused_and_keys_of_a_prototype_mean_nothing() {
    let case = Case::begin().await;
    let id = gateway_tests::conversation_id();
    let double = [
        r#"{"pong":{},"pong":{}}"#.to_owned(),
        r#"{"watch":{"view":"mine","view":"all"}}"#.to_owned(),
        command(id, 1, r#"{"say":{"body":"a","body":"b"}}"#),
        command(id, 1, r#"{"say":{"body":"a"},"note":{"body":"b"}}"#),
    ];
    all_refused(&case, &double, Code::BadFrame).await;

    let mut visitor = Client::visitor(&case.shared.shop).await;
    let open =
        command(id, 1, r#"{"open":{"body":"plain","__proto__":{"role":"agent"},"constructor":{"prototype":1}}}"#);
    visitor.send_text(&open).await;
    visitor.until("it is open", |visitor| visitor.transcripts.contains_key(&id)).await;
    let shown = visitor.read_all(id).await;
    assert_eq!(shown.said(), ["plain"]);
    assert!(!serde_json::to_string(&shown.records).unwrap().contains("proto"));
    case.end().await;
}

#[tokio::test]
async fn bad_input_32_numbers_out_of_range_are_refused() {
    let case = Case::begin().await;
    let mut visitor = Client::visitor(&case.shared.shop).await;
    let id = visitor.open("numbers").await;
    let conversation = json!(id);
    for number in ["1e400", "-0", "-1", "9007199254740993", "18446744073709551616", "1.5", "\"1\"", "null", "[1]"] {
        let bad = [
            format!(r#"{{"read":{{"conversation":{conversation},"number":{number}}}}}"#),
            format!(r#"{{"fetch":{{"conversation":{conversation},"after":{{"number":{number},"tail":0}}}}}}"#),
            format!(
                r#"{{"command":{{"id":{{"outbox":{},"ordinal":{number}}},"action":{{"rate":{{"score":5}}}}}}}}"#,
                json!(outbox_id())
            ),
        ];
        for text in &bad {
            let mut raw = case.raw().await;
            let code = refused(&mut raw, text).await.code;
            // An ordinal may be as large as 32 bits; what else is wrong with it is found later.
            let is_refused = matches!(code, Code::BadFrame | Code::BadJson | Code::BadValue);
            assert!(is_refused, "{code:?}: {text}");
            is_alive(&mut raw).await;
        }
    }
    let mut raw = case.raw().await;
    assert_eq!(
        refused(&mut raw, &format!(r#"{{"read":{{"conversation":{conversation},"number":NaN}}}}"#)).await.code,
        Code::BadJson
    );
    visitor
        .send_text(&format!(
            r#"{{"fetch":{{"conversation":{conversation},"after":{{"number":9007199254740991,"tail":0}}}}}}"#
        ))
        .await;
    let resync = visitor.next(|frame| if let protocol::Down::Records(page) = frame { Some(page.resync) } else { None });
    assert!(resync.await, "a number that can be held is read");
    case.end().await;
}

#[tokio::test]
async fn bad_input_33_unknown_kinds_are_refused_unknown_fields_are_not_and_wrong_types_are() {
    let case = Case::begin().await;
    let id = gateway_tests::conversation_id();
    all_refused(&case, &texts(&[r#"{"wave":{}}"#, r#"{"Hello":{}}"#, r#"{"ready":{}}"#]), Code::UnknownType).await;
    all_refused(&case, &[command(id, 1, r#"{"wave":{}}"#)], Code::UnknownType).await;
    let wrong = [
        r#"{"pong":7}"#.to_owned(),
        r#"{"fetch":{}}"#.to_owned(),
        r#"{"fetch":{"conversation":7}}"#.to_owned(),
        r#"{"watch":{"view":"secrets"}}"#.to_owned(),
        r#"{"page":{"title":{"$gt":""}}}"#.to_owned(),
        command(id, 1, r#"{"say":{"body":["a"]}}"#),
        command(id, 1, r#"{"rate":{"score":300}}"#),
        command(id, 1, r#""say""#),
    ];
    all_refused(&case, &wrong, Code::BadFrame).await;

    let mut raw = case.raw().await;
    raw.text(r#"{"pong":{"new":[1,2,3]}}"#).await;
    raw.text(r#"{"page":{"title":"x","mood":"good"},"#).await;
    is_alive_after_one(&mut raw).await;
    case.end().await;
}

/// The second text above is cut short; the first one was taken without a word.
async fn is_alive_after_one(raw: &mut gateway_tests::Raw) {
    let first = raw.next().await;
    let Some(protocol::Down::No(refusal)) = first else { panic!("{first:?}") };
    assert_eq!(refusal.code, Code::BadJson);
    is_alive(raw).await;
}
