//! A restored backup: readers find out by their positions, writers by their ordinals, and nobody shows what the store
//! does not hold.

use gateway_tests::{Client, Setup};
use protocol::{Action, Position};
use std::time::Duration;

#[tokio::test]
async fn after_a_restore_every_reader_starts_anew_and_every_writer_goes_on() {
    let mut server = Setup::default().set("HALLOO_DRAIN__GRACE_MS", "100").prepare();
    server.add_site("shop", &[]);
    server.start();
    let signed_in = server.sign_in("shop", "ada@shop.example", "Ada", 10).await;
    let mut agent = Client::agent(&signed_in).await;
    let mut visitor = Client::visitor(&server.place("shop")).await;
    let mut idle = Client::visitor(&server.place("shop")).await;
    let (id, other) = (visitor.open("one").await, idle.open("of another").await);
    agent.until("it is assigned", |agent| agent.transcripts.contains_key(&id)).await;
    agent.say(id, "two").await.unwrap();
    let copy = server.data().join("copy.db");
    server.run(&["backup", copy.to_str().unwrap()]);
    visitor.say(id, "lost").await.unwrap();
    agent.say(id, "lost too").await.unwrap();
    agent.until("all is read", |agent| agent.transcript(id).said().len() == 4).await;
    visitor.until("all is read", |visitor| visitor.transcript(id).said().len() == 4).await;

    server.terminate();
    assert_eq!(server.wait(Duration::from_secs(30)).await.code(), Some(0), "{}", server.log());
    server.run(&["restore", copy.to_str().unwrap()]);
    server.start();

    // Another tab of the visitor writes first, so the old position is not beyond the new head.
    let mut tab = Client::connected(&visitor.place, visitor.who.clone()).await;
    for words in ["three", "four", "five"] {
        tab.say(id, words).await.unwrap();
    }
    let mut readers = [&mut visitor, &mut agent];
    for reader in &mut readers {
        reader.connect().await.unwrap();
        reader.catch_up().await;
        assert_eq!(reader.transcript(id).said(), ["one", "two", "three", "four", "five"]);
        assert_eq!(reader.transcript(id).resyncs, 1);
    }
    visitor.put(Some(id), say("six")).await.unwrap();
    visitor.until("it is stored", |visitor| visitor.unsettled() == 0).await;
    agent.put(Some(id), say("seven")).await.unwrap();
    agent.until("it is stored", |agent| agent.unsettled() == 0).await;

    let told = ["one", "two", "three", "four", "five", "six", "seven"];
    for reader in [&mut visitor, &mut agent, &mut tab] {
        reader.until("all is read", |reader| reader.transcript(id).said().len() == told.len()).await;
        assert_eq!(reader.transcript(id).said(), told);
        assert!(reader.transcript(id).is_dense());
    }
    idle.connect().await.unwrap();
    idle.catch_up().await;
    assert_eq!(idle.transcript(other).resyncs, 0, "a conversation that the backup holds whole");
    assert_ne!(idle.transcript(other).position(), Position::default());
}

fn say(body: &str) -> Action {
    Action::Say(protocol::Say { body: body.to_owned() })
}
