//! An append costs one turn: all of it is sent, and then one answer is waited for.

use super::{new_desk, open, proxy};
use crate::adapters::contract::Story;
use gateway_core::stored::Append;
use servers::Postgres;

#[tokio::test]
async fn a_batch_of_512_records_is_one_turn_as_one_record_is() {
    let server = Postgres::shared();
    let url = server.database();
    let (port, turns) = proxy::listen(server.port()).await;
    let store = open(&url.replace(&format!(":{}/", server.port()), &format!(":{port}/"))).await;
    let desk = new_desk(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("the first one opens the connection");
    desk.tell(&mut story).await;

    let before = turns.count();
    story.visitor_says("one");
    desk.tell(&mut story).await;
    assert_eq!(turns.count() - before, 1);

    let before = turns.count();
    for number in 0..512 {
        story.visitor_says(&format!("word {number}"));
    }
    desk.tell(&mut story).await;
    assert_eq!(turns.count() - before, 1);
    assert_eq!(story.records.len(), 514);
}

#[tokio::test]
async fn a_withdrawal_is_one_turn_too() {
    let server = Postgres::shared();
    let url = server.database();
    let (port, turns) = proxy::listen(server.port()).await;
    let store = open(&url.replace(&format!(":{}/", server.port()), &format!(":{port}/"))).await;
    let desk = new_desk(&store, "demo").await;
    let mut story = Story::new(1);
    let message = story.visitor_says("hunter2");
    desk.tell(&mut story).await;
    let before = turns.count();
    desk.append(Append { withdrawn: vec![(story.id(), message)], ..desk.batch() }).await.unwrap();
    assert_eq!(turns.count() - before, 1);
}
