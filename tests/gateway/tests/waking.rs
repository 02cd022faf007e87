//! A deadline falls due at a site that nobody uses any more, on a node that was started anew.
#![cfg(test)]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks at the frames it is about and passes over the rest")]

use gateway_tests::{Client, PATIENCE, Server, Setup, SignedIn};
use protocol::{ConversationId, Down, Row, RowState, Up, View, Watch};
use servers::Postgres;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the place of an absent visitor is kept here.
const ABSENT_S: &str = "2";
/// Between two looks at what the store holds: looking opens no desk.
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[tokio::test]
async fn a_visitor_who_stays_away_loses_the_place_though_nobody_is_there() {
    let url = Postgres::shared().database();
    for setup in [Setup::default(), Setup::default().set("HALLOO_POSTGRES", &url)] {
        stay_away(setup.prepare()).await;
    }
}

async fn stay_away(mut server: Server) {
    server.add_site("shop", &[]);
    server.run(&["site", "set", "shop", "--absent-s", ABSENT_S]);
    server.start();
    let signed_in = server.sign_in("shop", "ada@shop.example", "Ada", 1).await;
    let mut agent = Client::agent(&signed_in).await;
    let mut served = Client::visitor(&server.place("shop")).await;
    let first = served.open("Where is my parcel?").await;
    agent.until("the agent is busy", |agent| agent.transcripts.contains_key(&first)).await;
    let mut absent = Client::visitor(&server.place("shop")).await;
    let id = absent.open("Are you open on Sundays?").await;
    agent.send(&Up::Watch(Watch { view: View::Line })).await;
    absent.drop_socket();
    let is_away = |row: &Row| row.conversation == id && !row.visitor.present;
    agent
        .next(|frame| match frame {
            Down::Rows(rows) => rows.rows.iter().any(is_away).then_some(()),
            Down::Change(change) => change.row.as_ref().is_some_and(is_away).then_some(()),
            _ => None,
        })
        .await;
    server.kill();
    drop((agent, served, absent));
    server.start();

    let until = Instant::now() + PATIENCE;
    while !is_closed(&signed_in, id).await {
        assert!(Instant::now() < until, "the place is kept for ever\n{}", server.log());
        sleep(LOOK_EVERY).await;
    }
}

async fn is_closed(agent: &SignedIn, id: ConversationId) -> bool {
    let answer = agent.get(&format!("/api/v1/sites/shop/conversations/{id}")).await;
    let row: Row = serde_json::from_slice(&answer.body).unwrap();
    matches!(row.state, RowState::Closed { .. })
}
