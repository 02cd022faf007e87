//! Reading: closed conversations in pages, a visitor's, records in full numbers, search.

use super::world::{Call, World};
use protocol::ConversationId;
use serde_json::{Value, json};
use uuid::Uuid;

async fn get(world: &World, path: &str) -> (u16, Value) {
    let session = world.session("agent").await;
    let answer = world.send(Call::get(&format!("/api/v1/sites/a{path}")).with(&session)).await;
    (answer.status.as_u16(), answer.json)
}

#[tokio::test]
async fn closed_conversations_come_in_pages_the_latest_first() {
    let world = World::new().await;
    for at in 2..=250 {
        world.store_conversation(world.a.id, ConversationId(Uuid::now_v7()), at).await;
    }
    let (mut seen, mut before) = (Vec::new(), String::new());
    loop {
        let (status, page) = get(&world, &format!("/conversations?state=closed&limit=1000000000{before}")).await;
        assert_eq!(status, 200);
        let rows = page["rows"].as_array().expect("rows");
        assert!(rows.len() <= 100, "capped");
        seen.extend(rows.iter().map(|row| row["since"].as_u64().expect("a time")));
        let Some(next) = page["next"].as_str() else { break };
        before = format!("&before={next}");
    }
    assert_eq!(seen, (1..=250).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_row_is_the_wires_own() {
    let world = World::new().await;
    let (status, row) = get(&world, &format!("/conversations/{}", world.conversation)).await;
    assert_eq!(status, 200);
    let row: protocol::Row = serde_json::from_value(row).expect("a row");
    assert_eq!((row.conversation, row.visitor.id, row.visitor.present), (world.conversation, world.visitor, false));
    assert_eq!((row.head.0, row.read.0, row.score), (3, 2, Some(5)));
    let (_, rows) = get(&world, &format!("/visitors/{}/conversations", world.visitor)).await;
    assert_eq!(serde_json::from_value::<Vec<protocol::Row>>(rows["rows"].clone()).expect("rows"), [row]);
}

#[tokio::test]
async fn records_are_told_in_full_numbers_with_notes() {
    let world = World::new().await;
    let path = format!("/conversations/{}/records", world.conversation);
    let (_, page) = get(&world, &path).await;
    let page: protocol::Records = serde_json::from_value(page).expect("records");
    assert_eq!(page.records.iter().map(|record| record.number.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(matches!(page.records[2].what, protocol::RecordKind::Noted(_)));
    let (_, one) = get(&world, &format!("{path}?limit=1")).await;
    assert_eq!(one["records"].as_array().expect("records").len(), 1);
    let tail = page.records[1].tail;
    let (_, rest) = get(&world, &format!("{path}?after_number=2&after_tail={tail}&limit=0")).await;
    assert_eq!((&rest["records"][0]["number"], &rest["resync"]), (&json!(3), &json!(false)));
    let (_, other) = get(&world, &format!("{path}?after_number=2&after_tail={}", tail ^ 1)).await;
    assert_eq!((&other["resync"], &other["records"]), (&json!(true), &json!([])));
    for query in
        ["after_number=-1", "after_number=1e3", "after_number=9007199254740992", "after_tail=4294967296", "limit=-1"]
    {
        assert_eq!(get(&world, &format!("{path}?{query}")).await.0, 422, "{query}");
    }
}

#[tokio::test]
async fn lists_refuse_what_they_do_not_know() {
    let world = World::new().await;
    for query in
        ["state=open", "state=;drop", "before=x", "before=1.x", "before=-1.x", "visitor=x", "limit=x", "limit=-1"]
    {
        assert_eq!(get(&world, &format!("/conversations?{query}")).await.0, 422, "{query}");
    }
    assert_eq!(get(&world, "/conversations?sort=;drop&colour=red").await.0, 200, "unknown fields are passed over");
}

#[tokio::test]
async fn search_takes_words_and_never_syntax() {
    let world = World::new().await;
    let (_, found) = get(&world, "/search?q=wool").await;
    let hits = found["hits"].as_array().expect("hits");
    assert_eq!(hits.len(), 2);
    assert_eq!((&hits[0]["number"], &hits[1]["number"]), (&json!(3), &json!(2)), "the latest first");
    assert_eq!(hits[0]["conversation"], json!(world.conversation));
    assert!(hits[0]["cursor"].is_string() && found["next"].is_null());
    let (_, first) = get(&world, "/search?q=wool&limit=1").await;
    let next = first["next"].as_str().expect("more");
    let (_, second) = get(&world, &format!("/search?q=wool&limit=1&before={next}")).await;
    assert_eq!(second["hits"][0]["number"], 2);
    for q in ["%25", "_", "'", "%5C", "%22", "*", "wool%20OR%20silk", "NEAR(a%20b)", "wool%27%20or%201%3D1"] {
        let (status, found) = get(&world, &format!("/search?q={q}")).await;
        assert_eq!((status, found["hits"].as_array().map(Vec::len)), (200, Some(0)), "{q}");
    }
}

#[tokio::test]
async fn a_search_that_is_too_long_or_empty_is_refused() {
    let world = World::new().await;
    let long = |bytes: usize| format!("/search?q={}", "x".repeat(bytes));
    assert_eq!(get(&world, &long(256)).await.0, 200);
    for path in [
        long(257),
        long(10 * 1024),
        "/search?q=".to_owned(),
        "/search?q=%20".to_owned(),
        "/search".to_owned(),
        "/search?q=a%00b".to_owned(),
        "/search?q=a&limit=x".to_owned(),
        "/search?q=a&before=x".to_owned(),
    ] {
        assert_eq!(get(&world, &path).await.0, 422, "{path:.40}");
    }
    assert_eq!(get(&world, "/search?q=wool&limit=1000000000").await.0, 200, "capped");
}
