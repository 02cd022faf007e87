//! SIGTERM: commands are answered, sockets are told when to return, and the process ends well.

use crate::crowd::{Habit, Sizes, people};
use crate::verdict;
use gateway_tests::{Chance, InFlight, Setup, court};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const SIZES: Sizes = Sizes { visitors: 30, agents: 2, capacity: 15, habit: Habit::Talk };
/// What is wanted is traffic while the signal arrives, so there is nothing to wait for.
const VOLLEY_EVERY: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_stop_it_answers_what_was_sent_and_says_when_to_return() {
    let unknown = drain(0).await;
    assert_eq!(unknown, 0, "commands were left without an answer");
}

/// What arrives together with the close cannot be answered; it is sent again, and takes effect once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_talks_on_while_it_drains_loses_nothing() {
    let unknown = drain(60).await;
    println!("{unknown} commands were sent too late for an answer");
}

/// A crowd talks, the gateway is asked to stop, and so many more volleys follow; gives how many commands had no answer.
async fn drain(volleys_after: usize) -> usize {
    let mut chance = Chance::new(Chance::seed());
    let mut server = Setup::crowded().set("HALLOO_DRAIN__GRACE_MS", "300").prepare();
    server.add_site("shop", &[]);
    server.start();
    let in_flight = Arc::new(InFlight::default());
    let (wishes, asked) = watch::channel(false);
    let mut talking = Vec::new();
    for mut person in people(&server, SIZES, &mut chance, &in_flight).await {
        person.client.connect().await.unwrap();
        talking.push(tokio::spawn(person.talk_to_the_end(asked.clone())));
    }
    for _ in 0..4 {
        wishes.send_replace(true);
        tokio::time::sleep(VOLLEY_EVERY).await;
    }
    wishes.send_replace(true);
    let drain = court::fault("drain");
    server.terminate();
    for _ in 0..volleys_after {
        tokio::time::sleep(VOLLEY_EVERY).await;
        wishes.send_replace(true);
    }

    let mut people = Vec::new();
    for person in talking {
        let (person, ended) = person.await.unwrap();
        assert_eq!(ended.code, Some(1012), "{ended:?}");
        assert!(ended.retry_after_ms().is_some(), "{ended:?}");
        people.push(person);
    }
    let status = server.wait(Duration::from_secs(30)).await;
    assert_eq!(status.code(), Some(0), "{}", server.log());
    let unknown = in_flight.unknown();

    server.start();
    for person in &mut people {
        person.client.connect().await.unwrap();
        person.settle().await;
    }
    let tally = verdict::judge(people, vec![drain]).await;
    assert!(tally.acknowledged > SIZES.visitors, "{tally:?}");
    unknown
}
