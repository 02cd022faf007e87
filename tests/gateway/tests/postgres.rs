//! One node over a Postgres database of its own: it serves, and it outlives kills of either.
#![cfg(test)]

use gateway_tests::{Client, Server, Setup, binary};
use protocol::{Action, SetStatus, Status};
use servers::Postgres;
use std::process::Command;

fn over(url: &str) -> Setup {
    Setup::default().set("HALLOO_POSTGRES", url).set("HALLOO_DRAIN__GRACE_MS", "0")
}

fn started(url: &str) -> Server {
    let mut server = over(url).prepare();
    server.add_site("shop", &[]);
    server.start();
    server
}

async fn agent_of(server: &Server) -> Client {
    let signed_in = server.sign_in("shop", "ada@shop.example", "Ada", 4).await;
    let mut agent = Client::agent(&signed_in).await;
    agent.command(None, Action::Status(SetStatus { status: Status::Online })).await.unwrap();
    agent
}

/// Runs a command that must fail, and gives what it says.
fn refused(url: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(binary());
    command.args(arguments).env("HALLOO_POSTGRES", url).env("HALLOO_DATA", folder.path());
    command.env("HALLOO_LISTEN", "127.0.0.1:0").env("HALLOO_ADMIN_LISTEN", "127.0.0.1:0");
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn what_was_said_outlives_a_kill_of_the_node_and_one_of_the_database() {
    let mut postgres = Postgres::start();
    let url = postgres.database();
    let mut server = started(&url);
    let mut agent = agent_of(&server).await;
    let mut visitor = Client::visitor(&server.place("shop")).await;
    let id = visitor.open("Where is my parcel?").await;
    let assigned = |agent: &Client| agent.transcripts.contains_key(&id);
    agent.until("the agent has the conversation", assigned).await;

    server.kill();
    server.start();
    agent.connect().await.unwrap();
    visitor.connect().await.unwrap();
    agent.say(id, "On its way.").await.unwrap();

    postgres.kill();
    let back = tokio::task::spawn_blocking(move || {
        postgres.restart();
        postgres
    });
    let (said, _postgres) = tokio::join!(visitor.say(id, "Thank you."), back);
    said.unwrap();

    let expected = ["Where is my parcel?", "On its way.", "Thank you."];
    assert_eq!(visitor.read_all(id).await.said(), expected);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test]
async fn copies_are_left_to_the_tools_of_postgres() {
    let url = Postgres::shared().database();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    for command in ["backup", "restore"] {
        let told = refused(&url, &[command, copy.to_str().unwrap()]);
        assert!(told.contains("pg_dump"), "{command}: {told}");
    }
    let mut server = over(&url).prepare();
    assert!(server.run(&["migrate"]).contains("tables are those of this version"));
    server.start();
}
