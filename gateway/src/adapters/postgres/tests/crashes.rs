//! The database is killed, and comes back: what was acknowledged is there, and nothing in halves.

use super::{desk_of, new_desk, open};
use crate::adapters::contract::{Desk, Story};
use crate::ports::{AppendError, Cluster};
use protocol::Position;
use servers::Postgres;
use std::time::Duration;

/// Records of one batch.
const BATCH: u64 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_appends_it_loses_no_receipt_and_stores_no_half() {
    let mut server = Postgres::start();
    let store = open(&server.database()).await;
    let mut desk = new_desk(&store, "demo").await;
    for (number, pause_ms) in [(1, 40), (2, 73), (3, 110)] {
        let appending = tokio::spawn(append_until_it_fails(desk, number));
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        server.kill();
        let (back, story, acknowledged, last) = appending.await.unwrap();
        assert!(matches!(last, AppendError::Unknown(_)), "{last:?}");
        assert!(acknowledged > 0, "the kill came too early");
        server.restart();
        desk = desk_of(&store, back.site).await;
        let stored = desk.page(story.id(), Position::default()).await.head.position.number.0;
        assert_eq!(stored % BATCH, 0, "half of a batch");
        assert!(stored == acknowledged || stored == acknowledged + BATCH, "{stored} of {acknowledged}");
    }
    assert_eq!(*store.incarnation().borrow(), 1, "it is the same database");
}

async fn append_until_it_fails(desk: Desk, number: u128) -> (Desk, Story, u64, AppendError) {
    let mut story = Story::new(number);
    let mut acknowledged = 0;
    loop {
        for _ in 0..BATCH {
            story.visitor_says("word");
        }
        match desk.append(desk.told(&mut story)).await {
            Ok(_) => acknowledged += BATCH,
            Err(error) => return (desk, story, acknowledged, error),
        }
    }
}

#[tokio::test]
async fn a_frozen_database_makes_an_append_unknown_within_its_time() {
    let server = Postgres::start();
    let store = open(&server.database()).await;
    let desk = new_desk(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("one");
    desk.tell(&mut story).await;
    server.freeze();
    story.visitor_says("two");
    let begun = std::time::Instant::now();
    let in_doubt = desk.append(desk.told(&mut story)).await;
    assert!(matches!(in_doubt, Err(AppendError::Unknown(_))), "{in_doubt:?}");
    assert!(begun.elapsed() >= Duration::from_secs(9) && begun.elapsed() < Duration::from_secs(14));
    server.thaw();
    // Whether it was stored shows now; either way the desk that opens knows, and goes on.
    let successor = desk_of(&store, desk.site).await;
    let head = successor.load(story.id()).await.unwrap().conversation.head.number.0;
    assert!([1, 2].contains(&head), "{head}");
}

#[tokio::test]
async fn another_database_at_the_same_address_is_noticed_and_given_nothing() {
    let (first, second) = (Postgres::start(), Postgres::stranger());
    let url = first.database();
    let turned = super::proxy::Turned::new(first.port()).await;
    let through = url.replace(&format!(":{}/", first.port()), &format!(":{}/", turned.port));
    let store = open(&through).await;
    let desk = new_desk(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("one");
    desk.tell(&mut story).await;
    // A standby that was promoted has the same rows, or nearly: here a desk of the same site and epoch.
    let other = open(&second.database()).await;
    let twin = new_desk(&other, "demo").await;
    assert_eq!((twin.site, twin.epoch), (desk.site, desk.epoch));

    let mut incarnation = store.incarnation();
    turned.turn_to(second.port());
    story.visitor_says("two");
    let append = desk.told(&mut story);
    let broken = desk.append(append.clone()).await;
    assert!(matches!(broken, Err(AppendError::Unknown(_))), "{broken:?}");
    let refused = desk.append(append).await;
    assert!(matches!(refused, Err(AppendError::Unknown(_))), "{refused:?}");
    assert!(incarnation.has_changed().unwrap());
    assert_eq!(*incarnation.borrow_and_update(), 2);
    assert_eq!(twin.load(story.id()).await, None, "nothing of the old desk is stored in the new database");
    let desk = desk_of(&store, twin.site).await;
    desk.tell(&mut Story::new(7)).await;
}
