//! SIGTERM: commands are answered, sockets are told when to return, and the process ends well.

use crate::crowd::people;
use crate::history;
use gateway_tests::{Chance, InFlight, Setup};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const VISITORS: usize = 30;
const AGENTS: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_stop_it_answers_what_was_sent_and_says_when_to_return() {
    let mut chance = Chance::new(Chance::seed());
    let mut server = Setup::crowded().set("HALLOO_DRAIN__GRACE_MS", "300").prepare();
    server.add_site("shop", &[]);
    server.start();
    let in_flight = Arc::new(InFlight::default());
    let mut gathered = people(&server, VISITORS, AGENTS, &mut chance, &in_flight).await;
    let (wishes, asked) = watch::channel(false);
    let mut talking = Vec::new();
    for mut person in gathered.drain(..) {
        person.client.connect().await.unwrap();
        talking.push(tokio::spawn(person.talk_to_the_end(asked.clone())));
    }
    for _ in 0..4 {
        wishes.send_replace(true);
        // Not in place of an event: what is asked for is traffic at the moment of the signal.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    wishes.send_replace(true);
    server.terminate();

    let mut people = Vec::new();
    for person in talking {
        let (person, ended) = person.await.unwrap();
        assert_eq!(ended.code, Some(1012), "{ended:?}");
        assert!(ended.retry_after_ms().is_some(), "{ended:?}");
        people.push(person);
    }
    assert_eq!(in_flight.unknown(), 0, "commands were left without an answer");
    let status = server.wait(Duration::from_secs(30)).await;
    assert_eq!(status.code(), Some(0), "{}", server.log());

    server.start();
    for person in &mut people {
        person.client.connect().await.unwrap();
        person.client.until("all is settled", |client| client.unsettled() == 0).await;
    }
    let tally = history::check(people).await;
    assert!(tally.acknowledged > VISITORS, "{tally:?}");
    assert_eq!(tally.repeats, 0, "{tally:?}");
}
