//! The harness itself: a visitor and an agent talk through the real gateway.
#![cfg(test)]

use gateway_tests::{Client, Setup};
use protocol::{Action, SetStatus, Status};

#[tokio::test]
async fn a_visitor_and_an_agent_talk() {
    let mut server = Setup::default().prepare();
    server.add_site("shop", &[]);
    server.start();
    let signed_in = server.sign_in("shop", "ada@shop.example", "Ada", 4).await;
    let mut agent = Client::agent(&signed_in).await;
    agent.command(None, Action::Status(SetStatus { status: Status::Online })).await.unwrap();
    let mut visitor = Client::visitor(&server.place("shop")).await;
    let id = visitor.open("Where is my parcel?").await;
    agent
        .until("the agent has the conversation", |agent| {
            agent.transcripts.get(&id).is_some_and(|shown| shown.said() == ["Where is my parcel?"])
        })
        .await;

    agent.say(id, "On its way.").await.unwrap();

    visitor.until("the visitor reads it", |visitor| visitor.transcript(id).said().len() == 2).await;
    assert_eq!(visitor.transcript(id).said(), agent.transcript(id).said());
    assert_eq!(visitor.read_all(id).await.said(), ["Where is my parcel?", "On its way."]);
}
