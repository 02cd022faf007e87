//! Appends that are fenced, refused, in doubt, or given up by whoever asked for them.

use super::{Holder, append_is_held, desk_of, new_desk, new_store, said, told};
use crate::adapters::contract::Story;
use crate::ports::{AppendError, Journal, Reader, SearchQuery};
use gateway_core::ids::Epoch;
use gateway_core::now::StoreTime;
use gateway_core::stored::{Answer, Append, StoredAgent, StoredOutbox};
use protocol::{AgentId, OutboxId, Status};
use servers::Postgres;
use std::sync::Arc;
use uuid::Uuid;

/// Something for every table that an append can write to.
fn everything(append: Append, story: &Story) -> Append {
    let outbox = |lane| StoredOutbox {
        lane,
        outbox: OutboxId(Uuid::from_u128(9)),
        ordinal: 1,
        content: 1,
        answer: Answer::Ok { at: 5, made: None },
        used_at: StoreTime(5),
    };
    Append {
        outboxes: vec![outbox(None), outbox(Some(story.id()))],
        unused_since: Some(StoreTime(1_000)),
        withdrawn: vec![(story.id(), story.records[0].id)],
        next_arrival: 77,
        wakes_at: Some(StoreTime(99)),
        ..append
    }
}

/// All rows of a database that a desk writes.
fn rows(url: &str) -> String {
    let tables = ["desk", "record", "conversation", "outbox", "agent_live", "search"];
    let of = |table: &&str| {
        let columns = if **table == *"desk" { "next_arrival, wakes_at" } else { "*" };
        format!("SELECT '{table}', row_to_json(rows) FROM (SELECT {columns} FROM {table} ORDER BY 1, 2) AS rows")
    };
    Postgres::shared().sql(url, &tables.iter().map(of).collect::<Vec<_>>().join("; "))
}

#[tokio::test]
async fn a_fenced_desk_changes_no_row_of_any_table() {
    let (store, url) = new_store().await;
    let earlier = new_desk(&store, "demo").await;
    let mut story = told(&earlier, 1, "hello").await;
    let old = StoredOutbox {
        lane: None,
        outbox: OutboxId(Uuid::from_u128(3)),
        ordinal: 1,
        content: 1,
        answer: Answer::Ok { at: 1, made: None },
        used_at: StoreTime(1),
    };
    earlier.append(Append { outboxes: vec![old], ..earlier.batch() }).await.unwrap();
    let query = SearchQuery { site: earlier.site, words: "hello".to_owned(), before: None, limit: 5 };
    assert_eq!(store.search(query).await.unwrap().len(), 1, "the search has followed");
    desk_of(&store, earlier.site).await;
    let before = rows(&url);
    story.visitor_says("too late");
    story.row.preview = Some("too late".to_owned());
    let refused = earlier.append(everything(earlier.told(&mut story), &story)).await;
    assert!(matches!(refused, Err(AppendError::Fenced)), "{refused:?}");
    assert_eq!(rows(&url), before);
}

#[tokio::test]
async fn an_opening_waits_for_the_append_in_flight_and_sees_it() {
    let (store, url) = new_store().await;
    let desk = new_desk(&store, "demo").await;
    let mut story = told(&desk, 1, "one").await;
    // A lock on a row that the append comes to last keeps it in flight.
    let holder = Holder::new(&url, "SELECT FROM conversation FOR UPDATE");
    story.visitor_says("two");
    let append = desk.told(&mut story);
    let opening = async {
        append_is_held(&url, "pid").await;
        let opened = store.open(desk.site);
        drop(holder);
        opened.await.unwrap()
    };
    let (appended, opening) = tokio::join!(desk.append(append), opening);
    appended.unwrap();
    assert_eq!(opening.conversations[0].conversation.head.number.0, 2);
}

#[tokio::test]
async fn a_row_that_somebody_holds_makes_an_append_unknown_and_the_next_one_well() {
    let (store, url) = new_store().await;
    let desk = new_desk(&store, "demo").await;
    let mut story = told(&desk, 1, "one").await;
    let holder = Holder::new(&url, "SELECT FROM desk FOR UPDATE");
    story.visitor_says("two");
    let append = desk.told(&mut story);
    let in_doubt = desk.append(append.clone()).await;
    assert!(matches!(in_doubt, Err(AppendError::Unknown(_))), "{in_doubt:?}");
    drop(holder);
    assert_eq!(said(&desk, &story).await, ["one"]);
    desk.append(append).await.unwrap();
    assert_eq!(said(&desk, &story).await, ["one", "two"]);
}

#[tokio::test]
async fn a_backend_that_is_terminated_makes_its_append_unknown() {
    let (store, url) = new_store().await;
    let desk = new_desk(&store, "demo").await;
    let mut story = told(&desk, 1, "one").await;
    let _holder = Holder::new(&url, "SELECT FROM desk FOR UPDATE");
    story.visitor_says("two");
    let append = desk.told(&mut story);
    let terminate = append_is_held(&url, "pg_terminate_backend(pid)");
    let (in_doubt, ()) = tokio::join!(desk.append(append), terminate);
    assert!(matches!(in_doubt, Err(AppendError::Unknown(_))), "{in_doubt:?}");
    assert_eq!(said(&desk, &story).await, ["one"]);
}

#[tokio::test]
async fn a_warning_during_the_commit_leaves_the_append_in_doubt() {
    let (store, url) = new_store().await;
    let desk = new_desk(&store, "demo").await;
    let mut story = told(&desk, 1, "one").await;
    let warn = "CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE WARNING 'committed here, perhaps not there'; RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON record DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION warn()";
    Postgres::shared().sql(&url, warn);
    story.visitor_says("two");
    let in_doubt = desk.append(desk.told(&mut story)).await;
    assert!(matches!(in_doubt, Err(AppendError::Unknown(_))), "{in_doubt:?}");
    assert_eq!(said(&desk, &story).await, ["one", "two"], "it was stored, which nobody could know");
}

#[tokio::test]
async fn an_append_that_nobody_waits_for_is_stored() {
    let (store, url) = new_store().await;
    let desk = new_desk(&store, "demo").await;
    let mut story = told(&desk, 1, "one").await;
    let holder = Holder::new(&url, "SELECT FROM desk FOR UPDATE");
    story.visitor_says("two");
    let append = desk.told(&mut story);
    tokio::select! {
        appended = desk.append(append) => panic!("{appended:?}"),
        () = append_is_held(&url, "pid") => {}
    }
    drop(holder);
    for _ in 0..1_000 {
        if said(&desk, &story).await == ["one", "two"] {
            return;
        }
    }
    panic!("it was not stored");
}

#[tokio::test]
async fn a_withdrawal_takes_out_what_the_search_took_in_meanwhile() {
    let (store, url) = new_store().await;
    let desk = new_desk(&store, "demo").await;
    let story = told(&desk, 1, "hunter2").await;
    let follow = "SELECT FROM search_cursor FOR UPDATE; \
         INSERT INTO search SELECT site, id, conversation, number, at, sequence, 'hunter2' FROM record \
         ON CONFLICT DO NOTHING; UPDATE search_cursor SET sequence = 1000000";
    let holder = Holder::new(&url, follow);
    let append = Append { withdrawn: vec![(story.id(), story.records[0].id)], ..desk.batch() };
    let following = async {
        append_is_held(&url, "pid").await;
        holder.commit();
    };
    let (appended, ()) = tokio::join!(desk.append(append), following);
    appended.unwrap();
    assert_eq!(Postgres::shared().sql(&url, "SELECT count(*) FROM search"), "0", "words that nobody may find");
}

#[tokio::test]
async fn rows_of_one_name_in_one_batch_leave_the_last() {
    let (store, _) = new_store().await;
    let desk = new_desk(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("one");
    let mut append = desk.told(&mut story);
    story.row.preview = Some("the last".to_owned());
    append.conversations.push(story.row.clone());
    desk.append(append).await.unwrap();
    assert_eq!(desk.load(story.id()).await.unwrap().conversation.preview.as_deref(), Some("the last"));
}

#[tokio::test]
async fn an_agent_nobody_set_up_takes_the_whole_batch_along() {
    let (store, url) = new_store().await;
    let desk = new_desk(&store, "demo").await;
    let mut story = told(&desk, 1, "one").await;
    let before = rows(&url);
    story.visitor_says("two");
    let stranger = StoredAgent {
        id: AgentId(Uuid::from_u128(1)),
        status: Status::Online,
        accepting: true,
        capacity: 1,
        lapsed: false,
        lost_at: None,
        last_assigned: StoreTime(0),
    };
    let refused = desk.append(Append { agents: vec![stranger], ..everything(desk.told(&mut story), &story) }).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    assert_eq!(rows(&url), before);
}

#[tokio::test]
async fn of_two_epochs_at_once_only_the_later_one_stores() {
    let (store, _) = new_store().await;
    let desk = new_desk(&store, "demo").await;
    let story = told(&desk, 1, "one").await;
    for turn in 0..20_u128 {
        let desk = Arc::new(desk_of(&store, desk.site).await);
        let (mut mine, open) = (Story::new(100 + turn), Arc::clone(&store));
        mine.visitor_says("mine");
        let append = desk.told(&mut mine);
        let (appended, opening) = tokio::join!(desk.append(append), open.open(desk.site));
        let opening = opening.unwrap();
        let seen = opening.conversations.iter().any(|loaded| loaded.conversation.id == mine.id());
        assert_eq!(appended.is_ok(), seen, "what is stored is seen by whoever opens");
        assert!(opening.epoch > Epoch(desk.epoch.0));
    }
    assert_eq!(said(&desk, &story).await, ["one"]);
}
