//! Rows 48 and 49: positions that cannot be, and who is who.

use crate::{Case, refused};
use gateway_tests::{Client, Ended, Who, conversation_id};
use protocol::{Code, ConversationId, Down, Fetch, FollowFrom, Number, Position, Records, Up};
use serde_json::json;

async fn fetch(client: &mut Client, conversation: ConversationId, number: u64, tail: u32) -> Records {
    client
        .send(&Up::Fetch(Fetch { conversation, after: Position { number: Number(number), tail }, limit: None }))
        .await;
    let page = client.next(|frame| if let Down::Records(page) = frame { Some(page.clone()) } else { None }).await;
    // A client that is told of another history starts from the beginning by itself.
    client.catch_up().await;
    page
}

#[tokio::test]
async fn bad_input_48_a_position_beyond_the_head_is_resynced_and_lists_are_bounded() {
    let case = Case::begin().await;
    let mut visitor = Client::visitor(&case.shared.shop).await;
    let id = visitor.open("a short one").await;
    let head = visitor.read_all(id).await.position();

    for number in [head.number.0 + 1, 1_000_000, Number::MAX] {
        let page = fetch(&mut visitor, id, number, head.tail).await;
        assert!(page.resync && page.head.position == head, "{number}: {page:?}");
    }
    let page = fetch(&mut visitor, id, head.number.0, head.tail).await;
    assert!(!page.resync && page.records.is_empty(), "{page:?}");

    for limit in ["0", "101", "1000000000"] {
        let text = format!(r#"{{"fetch":{{"conversation":{},"limit":{limit}}}}}"#, json!(id));
        visitor.send_text(&text).await;
        assert_eq!(visitor.refusal().await.code, Code::BadValue, "{limit}");
    }
    let follows = |count: usize| {
        let follows: Vec<_> = (0..count).map(|_| json!({ "conversation": conversation_id() })).collect();
        json!({ "follow": { "follows": follows } }).to_string()
    };
    let mut raw = case.raw().await;
    assert_eq!(refused(&mut raw, &follows(257)).await.code, Code::BadValue);
    raw.text(&follows(10_000)).await;
    assert_eq!(raw.closed().await, Some(1009));
    let mut raw = case.raw().await;
    raw.text(&follows(256)).await;
    let heads = raw.next().await;
    assert!(matches!(&heads, Some(Down::Heads(heads)) if heads.heads.is_empty()), "{heads:?}");
    case.end().await;
}

#[tokio::test]
async fn bad_input_49_another_history_an_older_page_and_another_sites_token_are_found_out() {
    let case = Case::begin().await;
    let shop = &case.shared.shop;
    let mut visitor = Client::visitor(shop).await;
    let id = visitor.open("one").await;
    visitor.say(id, "two").await.unwrap();
    let shown = visitor.read_all(id).await;
    for record in &shown.records {
        let other = record.tail.wrapping_add(1);
        assert!(fetch(&mut visitor, id, record.number.0, other).await.resync, "{record:?}");
        assert!(!fetch(&mut visitor, id, record.number.0, record.tail).await.resync, "{record:?}");
    }

    let position = shown.position();
    let follow = |client: &mut Client| {
        let transcript = client.transcripts.entry(id).or_default();
        *transcript = shown.clone();
    };
    let mut newer = Client::new(shop, visitor.who.clone());
    follow(&mut newer);
    newer.generation = 6;
    newer.connect().await.unwrap();
    let mut older = Client::new(shop, visitor.who.clone());
    follow(&mut older);
    older.session = newer.session;
    older.generation = 3;
    let refused = match older.connect().await {
        Ok(()) => older.ended().await,
        Err(ended) => ended,
    };
    assert_eq!(refused.code, Some(4409));
    assert_eq!(newer.follows(), [FollowFrom { conversation: id, position }]);
    newer.say(id, "three").await.unwrap();

    let mut newest = Client::new(shop, visitor.who.clone());
    follow(&mut newest);
    newest.session = newer.session;
    newest.generation = 7;
    newest.connect().await.unwrap();
    assert_eq!(newer.ended().await.code, Some(4409));

    let Who::Visitor { token: Some(token) } = &visitor.who else { panic!("a visitor has a token") };
    for token in [token.clone() + "A", token[1..].to_owned(), String::new(), "AAAA".to_owned()] {
        assert_eq!(turned_away(&case, "shop", token.clone()).await.code, Some(4401), "{token}");
    }
    assert_eq!(turned_away(&case, "other", token.clone()).await.code, Some(4401));
    case.end().await;
}

/// How a visitor with this token is turned away.
async fn turned_away(case: &Case, site: &str, token: String) -> Ended {
    let mut client = Client::new(&case.shared.shop.of(site), Who::Visitor { token: Some(token) });
    match client.connect().await {
        Ok(()) => panic!("let in"),
        Err(ended) => ended,
    }
}
