//! Schemas: the steps, what a newer version wrote, and the first one for ever.

use super::{desk_of, folder, new_desk, open, tamper, told};
use crate::adapters::contract::{Story, conversation_id, visitor_id};
use crate::adapters::sqlite::migrate::{MIGRATIONS, Migration, apply, check};
use crate::adapters::sqlite::{DATABASE, OpenError, SqliteStore};
use crate::ports::{Audience, Directory, Journal, Reader, SearchQuery, StoreError};
use gateway_core::ids::{Principal, SiteId};
use gateway_core::now::StoreTime;
use gateway_core::stored::StoredState;
use protocol::{CloseReason, Position, RecordKind};
use rusqlite::Connection;

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

/// The file that version 1 wrote; later versions read it for ever.
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/schema-1.db");

#[tokio::test]
async fn the_first_schema_is_readable_for_ever() {
    let folder = folder();
    std::fs::copy(FIXTURE, folder.path().join(DATABASE)).unwrap();
    let store = open(&folder);
    let site = store.site("fixture").await.unwrap().unwrap();
    assert_eq!((site.id, site.name.as_str()), (SiteId(1), "The fixture shop"));
    let opening = store.open(site.id).await.unwrap();
    assert_eq!(opening.conversations.len(), 1);
    assert_eq!(opening.conversations[0].hidden.len(), 1);
    let desk = desk_of(&store, site.id).await;
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

/// Tells the fixture's story again; with `HALLOO_FIXTURE` set, keeps the file there.
#[tokio::test]
async fn the_fixture_can_be_made() {
    let folder = folder();
    let store = open(&folder);
    let desk = new_desk(&store, "fixture").await;
    let mut story = Story::new(1);
    story.visitor_says("where is my parcel?");
    story.agent_notes("asks for the third time");
    let message = story.visitor_says("it was due in Zurich");
    story.visitor_edits(message, "it was due in Zürich");
    desk.tell(&mut story).await;
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
