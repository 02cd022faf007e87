//! What only the SQLite store promises: its lock, its commits, its schema, its copies.

use crate::adapters::contract::{Desk, Story, conversation_id, visitor_id};
use crate::adapters::sqlite::fault::Fault;
use crate::adapters::sqlite::{DATABASE, OpenError, SqliteStore, restore};
use crate::ports::{AppendError, Audience, Directory, Journal, Reader, SearchQuery, Store, StoreError};
use gateway_core::ids::{Epoch, Principal, SiteId};
use gateway_core::now::StoreTime;
use gateway_core::stored::{Append, Found, StoredState};
use protocol::{CloseReason, Position, RecordKind};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(folder: &TempDir) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(folder.path()).unwrap())
}

async fn new_desk(store: &Arc<SqliteStore>, key: &str) -> Desk {
    Desk::new(&(Arc::clone(store) as Arc<dyn Store>), key).await
}

async fn desk_of(store: &Arc<SqliteStore>, site: SiteId) -> Desk {
    Desk::of(&(Arc::clone(store) as Arc<dyn Store>), site).await
}

/// A conversation with one message, stored.
async fn told(desk: &Desk, number: u128, text: &str) -> Story {
    let mut story = Story::new(number);
    story.visitor_says(text);
    desk.tell(&mut story).await;
    story
}

/// Changes the file behind the store's back.
fn tamper(folder: &TempDir, sql: &str) {
    Connection::open(folder.path().join(DATABASE)).unwrap().execute_batch(sql).unwrap();
}

async fn said(desk: &Desk, story: &Story) -> Vec<String> {
    let page = desk.page(story.id(), Position::default()).await;
    let text = |what| match what {
        RecordKind::Said(said) => said.body.0,
        other => panic!("{other:?}"),
    };
    page.records.into_iter().map(|record| text(record.what)).collect()
}

#[test]
fn a_folder_in_use_is_refused() {
    let folder = folder();
    let first = open(&folder);
    assert!(matches!(SqliteStore::open(folder.path()), Err(OpenError::InUse(_))));
    drop(first);
    assert!(SqliteStore::open(folder.path()).is_ok());
}

#[test]
fn a_folder_in_use_by_another_process_is_refused() {
    let folder = folder();
    let lock = folder.path().join("halloo.lock");
    let mut other = std::process::Command::new("flock")
        .args([lock.as_os_str(), "-c".as_ref(), "echo held; read line".as_ref()])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let output = other.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
    let refused = SqliteStore::open(folder.path());
    drop(other.stdin.take());
    other.wait().unwrap();
    assert!(matches!(refused, Err(OpenError::InUse(_))));
    assert!(SqliteStore::open(folder.path()).is_ok());
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_drop_without_goodbye() {
    let folder = folder();
    let store = open(&folder);
    let desk = new_desk(&store, "demo").await;
    let story = told(&desk, 1, "hello").await;
    let (site, epoch) = (desk.site, desk.epoch);
    drop((desk, store));
    let store = open(&folder);
    let desk = desk_of(&store, site).await;
    assert!(desk.epoch > epoch);
    assert_eq!(said(&desk, &story).await, ["hello"]);
}

/// Keeps the writer busy until `after` was handed over, so that all of it goes into one commit.
async fn in_one_commit<T>(store: &SqliteStore, after: impl Future<Output = T>) -> T {
    let (starts, started) = tokio::sync::oneshot::channel();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let hold = store.writer.run(move |_| {
        starts.send(()).unwrap();
        held.recv().unwrap();
        Ok(())
    });
    let after = async {
        started.await.unwrap();
        // `join!` polls in order: all of `after` is in the queue before the writer goes on.
        tokio::join!(after, async move { release.send(()).unwrap() }).0
    };
    let (held, done) = tokio::join!(hold, after);
    held.unwrap();
    done
}

#[tokio::test]
async fn a_refused_batch_does_not_spoil_its_neighbours() {
    let folder = folder();
    let store = open(&folder);
    let (one, two, three) =
        (new_desk(&store, "one").await, new_desk(&store, "two").await, new_desk(&store, "three").await);
    let (mut good, mut bad, mut late) = (Story::new(1), Story::new(2), Story::new(3));
    good.visitor_says("good");
    bad.visitor_says("bad\0");
    late.visitor_says("late");
    let batches = async {
        tokio::join!(
            one.append(one.told(&mut good)),
            two.append(two.told(&mut bad)),
            three.append(three.told(&mut late)),
            two.append(Append { epoch: Epoch(0), ..two.batch() }),
        )
    };
    let (first, second, third, fourth) = in_one_commit(&store, batches).await;
    assert!(first.is_ok() && third.is_ok());
    assert!(matches!(second, Err(AppendError::Refused(_))));
    assert!(matches!(fourth, Err(AppendError::Fenced)));
    assert_eq!(said(&one, &good).await, ["good"]);
    assert_eq!(two.load(bad.id()).await, None);
    assert_eq!(said(&three, &late).await, ["late"]);
}

#[tokio::test]
async fn rows_of_a_batch_refused_halfway_are_taken_back() {
    let folder = folder();
    let store = open(&folder);
    let (one, two) = (new_desk(&store, "one").await, new_desk(&store, "two").await);
    let (mut good, mut bad) = (Story::new(1), Story::new(2));
    good.visitor_says("good");
    bad.visitor_says("written before the fault");
    let mut half = two.told(&mut bad);
    // The unique number is only found out by the second row.
    half.records.push(half.records[0].clone());
    let batches = async { tokio::join!(two.append(half), one.append(one.told(&mut good))) };
    let (refused, stored) = in_one_commit(&store, batches).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    stored.unwrap();
    assert_eq!(two.load(bad.id()).await, None);
    let again = told(&two, 2, "a second try").await;
    assert_eq!(said(&two, &again).await, ["a second try"]);
}

#[tokio::test]
async fn a_fault_of_the_database_makes_the_whole_commit_unknown() {
    let folder = folder();
    let store = open(&folder);
    let desk = new_desk(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("lost");
    let batch = desk.told(&mut story);
    let fault = store.writer.run(|_| Err::<(), _>(Fault::broken("the disk")));
    let both = async { tokio::join!(desk.append(batch), fault) };
    let (unknown, _) = in_one_commit(&store, both).await;
    assert!(matches!(unknown, Err(AppendError::Unknown(_))), "{unknown:?}");
    assert_eq!(desk.load(story.id()).await, None);
    told(&desk, 2, "the writer goes on").await;
}

#[tokio::test]
async fn a_full_disk_refuses_sends_lets_reads_go_on_and_recovers() {
    let folder = folder();
    let store = open(&folder);
    let desk = new_desk(&store, "demo").await;
    let before = told(&desk, 1, "before").await;
    let limit = |pages: &'static str| {
        store.writer.run(move |connection| Ok(connection.query_row(pages, [], |row| row.get::<_, i64>(0))?))
    };
    limit("PRAGMA max_page_count = 1").await.unwrap();
    let mut story = Story::new(2);
    story.visitor_says(&"x".repeat(100_000));
    let full = desk.append(desk.told(&mut story)).await;
    assert!(matches!(full, Err(AppendError::Unknown(_))), "{full:?}");
    assert_eq!(said(&desk, &before).await, ["before"]);
    limit("PRAGMA max_page_count = 1000000").await.unwrap();
    told(&desk, 2, "after").await;
}

#[tokio::test]
async fn a_job_that_panics_does_not_take_the_writer_with_it() {
    let folder = folder();
    let store = open(&folder);
    let desk = new_desk(&store, "demo").await;
    let result = store.writer.run(|_| -> Result<(), Fault> { panic!("a fault in a job") }).await;
    assert!(matches!(result, Err(Fault::Broken(_))));
    told(&desk, 1, "the writer goes on").await;
}

#[tokio::test]
async fn a_read_that_takes_too_long_is_ended() {
    let folder = folder();
    let store = open(&folder);
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
    let read = |connection: &Connection| Ok(connection.query_row(endless, [], |row| row.get::<_, i64>(0))?);
    assert!(matches!(store.readers.read(20, read).await, Err(Fault::Broken(_))));
    assert!(store.sites().await.is_ok());
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
    use crate::adapters::sqlite::migrate::{MIGRATIONS, Migration, apply, check};
    let mut connection = Connection::open_in_memory().unwrap();
    apply(&mut connection, MIGRATIONS).unwrap();
    let bad = Migration { version: 2, name: "bad", sql: "CREATE TABLE half (x); SELECT nonsense;" };
    let good = Migration { version: 2, name: "good", sql: "CREATE TABLE whole (x);" };
    let first = || Migration { version: 1, name: "first", sql: MIGRATIONS[0].sql };
    assert!(apply(&mut connection, &[first(), bad]).is_err());
    assert_eq!(connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'half'", [], |r| r.get(0)), Ok(0));
    apply(&mut connection, &[first(), good]).unwrap();
    assert_eq!(
        check(&connection, &[first(), Migration { version: 2, name: "", sql: "CREATE TABLE whole (x);" }]).unwrap(),
        2
    );
}

#[tokio::test]
async fn the_index_follows_what_a_crash_left_behind() {
    let folder = folder();
    let store = open(&folder);
    let desk = new_desk(&store, "demo").await;
    told(&desk, 1, "findable").await;
    let site = desk.site;
    drop((desk, store));
    // As if the process had died before the index followed.
    tamper(
        &folder,
        "INSERT INTO search (search) VALUES ('delete-all'); UPDATE meta SET value = 0 WHERE name = 'search_cursor';",
    );
    let store = open(&folder);
    let query = SearchQuery { site, words: "findable".to_owned(), before: None, limit: 5 };
    assert_eq!(store.search(query).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_index_holds_what_it_should_and_no_more() {
    let folder = folder();
    let store = open(&folder);
    let desk = new_desk(&store, "demo").await;
    let mut story = Story::new(1);
    let edited = story.visitor_says("apples");
    let gone = story.visitor_says("hunter2");
    desk.tell(&mut story).await;
    store.writer.catch_up().await.unwrap();
    story.visitor_edits(edited, "pears");
    desk.append(Append { withdrawn: vec![(story.id(), gone)], ..desk.told(&mut story) }).await.unwrap();
    store.writer.catch_up().await.unwrap();
    let file = Connection::open(folder.path().join(DATABASE)).unwrap();
    file.execute_batch("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search, row);").unwrap();
    let mut statement = file.prepare("SELECT term FROM words ORDER BY term").unwrap();
    let words: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(words, ["pears", &format!("site{}", desk.site.0)]);
}

/// A folder with one site whose database was copied after its first message and before its second.
async fn copied(folder: &TempDir) -> (Story, SiteId, std::path::PathBuf) {
    let store = open(folder);
    let desk = new_desk(&store, "demo").await;
    let mut story = told(&desk, 1, "before").await;
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    story.visitor_says("after");
    desk.tell(&mut story).await;
    (story, desk.site, copy)
}

#[tokio::test]
async fn a_backup_is_one_whole_file_that_opens_as_a_store() {
    let (source, target) = (folder(), folder());
    let (story, site, copy) = copied(&source).await;
    std::fs::copy(&copy, target.path().join(DATABASE)).unwrap();
    let store = open(&target);
    let desk = desk_of(&store, site).await;
    assert_eq!(said(&desk, &story).await, ["before"]);
    assert!(!source.path().join("copy.db-wal").exists());
    assert!(!source.path().join("copy.db.partial").exists());
}

#[tokio::test]
async fn a_backup_taken_amid_appends_is_consistent() {
    let (source, target) = (folder(), folder());
    let store = open(&source);
    let desk = new_desk(&store, "demo").await;
    let mut story = Story::new(1);
    let copy = source.path().join("copy.db");
    let appends = async {
        for number in 0..50 {
            story.visitor_says(&format!("message {number}"));
            desk.tell(&mut story).await;
        }
    };
    let (copied, ()) = tokio::join!(store.backup(&copy), appends);
    copied.unwrap();
    std::fs::rename(&copy, target.path().join(DATABASE)).unwrap();
    let copied = open(&target).load(desk.site, story.id()).await.unwrap();
    let file = Connection::open(target.path().join(DATABASE)).unwrap();
    let stored: u64 = file.query_row("SELECT count(*) FROM record", [], |row| row.get(0)).unwrap();
    let head = match copied {
        Found::Conversation(copied) => copied.conversation.head.number.0,
        Found::Nothing(_) => 0,
    };
    assert_eq!(head, stored);
}

#[tokio::test]
async fn a_backup_does_not_replace_its_own_source() {
    let folder = folder();
    let store = open(&folder);
    let refused = store.backup(&folder.path().join(DATABASE)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))));
    assert!(store.sites().await.is_ok());
}

#[tokio::test]
async fn a_restored_store_stands_where_the_backup_did_with_a_higher_epoch() {
    let folder = folder();
    let (story, site, copy) = copied(&folder).await;
    let store = open(&folder);
    let epoch = store.open(site).await.unwrap().epoch;
    assert!(matches!(restore(&copy, folder.path()), Err(OpenError::InUse(_))));
    drop(store);
    restore(&copy, folder.path()).unwrap();
    let store = open(&folder);
    let desk = desk_of(&store, site).await;
    assert!(desk.epoch > epoch);
    assert_eq!(said(&desk, &story).await, ["before"]);
    assert!(desk.page(story.id(), story.row.head).await.resync);
    assert!(folder.path().join("halloo.db.replaced").exists());
}

#[tokio::test]
async fn an_interrupted_restore_is_finished_by_the_next_opening() {
    let folder = folder();
    let (story, site, copy) = copied(&folder).await;
    std::fs::rename(copy, folder.path().join("halloo.db.restored")).unwrap();
    // The log of the database that is to be replaced.
    std::fs::write(folder.path().join("halloo.db-wal"), "old pages").unwrap();
    let store = open(&folder);
    assert_eq!(said(&desk_of(&store, site).await, &story).await, ["before"]);
    assert!(!folder.path().join("halloo.db.restored").exists());
}

#[tokio::test]
async fn what_is_no_backup_is_not_restored() {
    let (folder, other) = (folder(), folder());
    let (story, site, copy) = copied(&folder).await;
    let path = |name: &str| other.path().join(name);
    std::fs::write(path("text"), "not a database, but long enough to be taken for one".repeat(99)).unwrap();
    assert!(restore(&path("text"), folder.path()).is_err());
    Connection::open(path("foreign")).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
    assert!(matches!(restore(&path("foreign"), folder.path()), Err(OpenError::Foreign)));
    damage(&copy, &path("damaged"));
    assert!(restore(&path("damaged"), folder.path()).is_err());
    assert!(restore(&path("missing"), folder.path()).is_err());
    let store = open(&folder);
    assert_eq!(said(&desk_of(&store, site).await, &story).await, ["before", "after"]);
}

/// Writes over the middle of a database.
fn damage(from: &Path, to: &Path) {
    let mut bytes = std::fs::read(from).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0xa5);
    std::fs::write(to, bytes).unwrap();
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
