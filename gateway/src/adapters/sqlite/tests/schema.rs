//! Schemas: the steps, what a newer version wrote, and all earlier ones for ever.

use super::{desk_of, folder, new_desk, open, tamper, told};
use crate::adapters::contract::{Story, agent_id, conversation_id, visitor_id};
use crate::adapters::migration::Migration;
use crate::adapters::sqlite::migrate::{MIGRATIONS, apply, check};
use crate::adapters::sqlite::{DATABASE, OpenError, SqliteStore};
use crate::ports::{Audience, Directory, Journal, Reader, SearchQuery, Site, StoreError};
use gateway_core::ids::{Principal, SiteId};
use gateway_core::now::StoreTime;
use gateway_core::stored::{Answer, Append, StoredDeadline, StoredDecline, StoredOutbox, StoredState};
use protocol::{CloseReason, OutboxId, Position, RecordKind};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

#[test]
fn a_changed_schema_step_is_refused() {
    let folder = folder();
    drop(open(&folder));
    tamper(&folder, "UPDATE migration SET checksum = x'00'");
    assert!(matches!(SqliteStore::open(folder.path()), Err(OpenError::Changed { version: 1, .. })));
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = folder();
    drop(open(&folder));
    tamper(&folder, "INSERT INTO migration VALUES (99, 'later', x'00', 0)");
    assert!(matches!(SqliteStore::open(folder.path()), Err(OpenError::Newer(99))));
}

#[test]
fn a_schema_step_that_fails_leaves_nothing() {
    let mut connection = Connection::open_in_memory().unwrap();
    apply(&mut connection, MIGRATIONS).unwrap();
    let version = MIGRATIONS.last().unwrap().version + 1;
    let and = |sql| [MIGRATIONS, &[Migration { version, name: "next", sql }]].concat();
    let (bad, good) = (and("CREATE TABLE half (x); SELECT nonsense;"), and("CREATE TABLE whole (x);"));
    assert!(apply(&mut connection, &bad).is_err());
    assert_eq!(connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'half'", [], |r| r.get(0)), Ok(0));
    apply(&mut connection, &good).unwrap();
    assert_eq!(check(&connection, &good).unwrap(), version);
}

#[tokio::test]
async fn what_a_newer_version_wrote_is_passed_on_by_name() {
    let folder = folder();
    let store = open(&folder);
    let desk = new_desk(&store, "demo").await;
    let (story, other) = (told(&desk, 1, "hello").await, told(&desk, 2, "hello").await);
    tamper(
        &folder,
        "UPDATE record SET kind = 'sung', detail = '{\"notes\":1}' WHERE sequence = 1;
         UPDATE record SET detail = '{}' WHERE sequence = 2;
         UPDATE conversation SET state = 'dreaming' WHERE hex(id) LIKE '%1';
         UPDATE conversation SET state = 'offered' WHERE hex(id) LIKE '%2';",
    );
    let kind = |page: protocol::Records| page.records[0].what.clone();
    let first = kind(desk.page(story.id(), Position::default()).await);
    assert_eq!(first, RecordKind::Unknown("sung".to_owned()));
    let second = kind(desk.page(other.id(), Position::default()).await);
    assert_eq!(second, RecordKind::Unknown("said".to_owned()));
    let states: Vec<_> =
        store.open(desk.site).await.unwrap().conversations.into_iter().map(|row| row.conversation.state).collect();
    assert_eq!(states, ["dreaming", "offered"].map(|state| StoredState::Unknown(state.to_owned())));
}

/// Opens the file that an earlier version wrote; later versions read it for ever.
fn fixture(folder: &TempDir, name: &str) -> Arc<SqliteStore> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    std::fs::copy(fixtures.join(name), folder.path().join(DATABASE)).unwrap();
    open(folder)
}

#[tokio::test]
async fn every_schema_is_readable_for_ever() {
    for name in ["schema-1.db", "schema-2.db", "schema-3.db"] {
        let folder = folder();
        reads_the_story(&fixture(&folder, name)).await;
    }
}

#[tokio::test]
async fn what_the_first_schema_lacks_is_as_it_was() {
    let folder = folder();
    let store = fixture(&folder, "schema-1.db");
    let site = store.site("fixture").await.unwrap().unwrap();
    assert_eq!((site.open_max, site.relax_ms, site.preferred_ms), (1, None, 15_000));
    assert_eq!(store.open(site.id).await.unwrap().conversations[0].conversation.declines, []);
}

#[tokio::test]
async fn what_the_second_schema_added_is_read() {
    let folder = folder();
    let store = fixture(&folder, "schema-2.db");
    let site = store.site("fixture").await.unwrap().unwrap();
    assert_eq!((site.open_max, site.relax_ms, site.preferred_ms), (3, Some(90_000), 30_000));
    let opening = store.open(site.id).await.unwrap();
    assert_eq!(opening.conversations[0].conversation.declines, [decline()]);
    assert_eq!(opening.outboxes, [unused()]);
}

#[tokio::test]
async fn what_the_third_schema_added_is_read() {
    let folder = folder();
    let store = fixture(&folder, "schema-3.db");
    let site = store.site("fixture").await.unwrap().unwrap();
    let opening = store.open(site.id).await.unwrap();
    assert_eq!(opening.conversations[0].conversation.served_since, Some(StoreTime(5_000)));
}

#[test]
fn rows_of_lane_none_that_are_older_than_their_time_count_from_the_last_opening() {
    let mut connection = Connection::open_in_memory().unwrap();
    apply(&mut connection, &MIGRATIONS[..1]).unwrap();
    let rows = "UPDATE meta SET value = 7 WHERE name = 'clock';
         INSERT INTO outbox VALUES (1, x'', randomblob(16), 1, 1, '{}'), (1, randomblob(16), randomblob(16), 1, 1, '{}')";
    connection.execute_batch(rows).unwrap();
    apply(&mut connection, MIGRATIONS).unwrap();
    let of_lane_none = "SELECT used_at FROM outbox WHERE lane = x''";
    assert_eq!(connection.query_row(of_lane_none, [], |row| row.get(0)), Ok(7));
}

async fn reads_the_story(store: &Arc<SqliteStore>) {
    let site = store.site("fixture").await.unwrap().unwrap();
    assert_eq!((site.id, site.name.as_str()), (SiteId(1), "The fixture shop"));
    let opening = store.open(site.id).await.unwrap();
    assert_eq!(opening.conversations.len(), 1);
    assert_eq!(opening.conversations[0].hidden.len(), 1);
    let desk = desk_of(store, site.id).await;
    let reader = Principal::Visitor(visitor_id(1));
    let page = desk.query(conversation_id(1), Audience::Public, Position::default(), 10, reader).await;
    let kinds: Vec<_> = page.records.iter().map(|record| &record.what).collect();
    assert!(matches!(kinds[..], [RecordKind::Said(_), RecordKind::Said(_), RecordKind::Edited(_)]), "{kinds:?}");
    assert_eq!(page.records[0].command.map(|command| command.ordinal), Some(1));
    let query = SearchQuery { site: site.id, words: "parc".to_owned(), before: None, limit: 5 };
    assert_eq!(store.search(query).await.unwrap().len(), 1);
    let mut next = Story::new(3);
    next.visitor_says("and it can be written to");
    desk.tell(&mut next).await;
}

fn decline() -> StoredDecline {
    StoredDecline { agent: agent_id(1), kept: StoredDeadline { start: StoreTime(4_000), length_ms: 60_000 } }
}

fn unused() -> StoredOutbox {
    let (outbox, answer) = (OutboxId(Uuid::from_u128(1)), Answer::Ok { at: 6_000, made: None });
    StoredOutbox { lane: None, outbox, ordinal: 1, content: 1, answer, used_at: StoreTime(6_000) }
}

/// Tells the fixture's story again; with `HALLOO_FIXTURE` set, keeps the file there.
#[tokio::test]
async fn the_fixture_can_be_made() {
    let folder = folder();
    let store = open(&folder);
    let desk = new_desk(&store, "fixture").await;
    let site = store.site("fixture").await.unwrap().unwrap();
    store.update_site(Site { open_max: 3, relax_ms: Some(90_000), preferred_ms: 30_000, ..site }).await.unwrap();
    let mut story = Story::new(1);
    story.row.declines = vec![decline()];
    story.visitor_says("where is my parcel?");
    story.agent_notes("asks for the third time");
    let message = story.visitor_says("it was due in Zurich");
    story.visitor_edits(message, "it was due in Zürich");
    desk.append(Append { outboxes: vec![unused()], ..desk.told(&mut story) }).await.unwrap();
    let mut closed = Story::new(2);
    closed.visitor_says("thank you");
    closed.row.state = StoredState::Closed { reason: CloseReason::Solved, at: StoreTime(5_000) };
    desk.tell(&mut closed).await;
    store.writer.catch_up().await.unwrap();
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    Connection::open(&copy).unwrap().execute_batch("VACUUM").unwrap();
    if let Some(path) = std::env::var_os("HALLOO_FIXTURE") {
        std::fs::copy(copy, path).unwrap();
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_set_aside_and_the_others_open() {
    let folder = folder();
    let store = open(&folder);
    let desk = new_desk(&store, "demo").await;
    for number in 1..=3 {
        told(&desk, number, "hello").await;
    }
    tamper(
        &folder,
        "UPDATE conversation SET priority = 999 WHERE hex(id) LIKE '%1';
         INSERT INTO outbox SELECT site, id, id, 1, 1, 'no answer', 1 FROM conversation WHERE hex(id) LIKE '%2';",
    );
    let opening = store.open(desk.site).await.unwrap();
    let states: Vec<_> =
        opening.conversations.iter().map(|row| (row.conversation.id, &row.conversation.state)).collect();
    let aside = StoredState::Unknown("unreadable".to_owned());
    assert_eq!(states, [(conversation_id(2), &aside), (conversation_id(3), &StoredState::Waiting)]);
    assert!(matches!(store.load(desk.site, conversation_id(1)).await, Err(StoreError::Away(_))));
}
