//! Group commits: what a fault of one job means for its neighbours, and what a crash leaves behind.

use super::{desk_of, folder, new_desk, open, said, tamper, told};
use crate::adapters::contract::Story;
use crate::adapters::fault::Fault;
use crate::adapters::sqlite::{DATABASE, SqliteStore};
use crate::ports::{AppendError, Directory, Reader, SearchQuery};
use gateway_core::ids::Epoch;
use gateway_core::stored::Append;
use rusqlite::Connection;

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
    let (release, held) = std::sync::mpsc::sync_channel::<()>(1);
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
