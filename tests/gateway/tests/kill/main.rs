//! The process ends: by kill -9 at random moments under load, when asked to, and by a restore. What was acknowledged
//! is there afterwards, once, in one order for everybody.
#![cfg(test)]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks at the kinds it is about and passes over the rest")]

mod crowd;
mod drain;
mod line;
mod restore;
mod verdict;

use crowd::{Crowd, Habit, Sizes};
use gateway_tests::{Chance, Setup, court};
use servers::Postgres;
use std::time::{Duration, Instant};

const KILLS: usize = 50;
/// The process is the same one; what differs is how its store takes it.
const KILLS_OVER_POSTGRES: usize = 15;
/// The agents have room for everybody and for nobody else.
const SIZES: Sizes = Sizes { visitors: 96, agents: 6, capacity: 16, habit: Habit::Talk };
/// Commands that must be unanswered when the process is killed.
const IN_FLIGHT_MIN: usize = 50;
/// A volley is answered within about this time; the kill falls somewhere into it.
const PAUSE_US_MAX: u64 = 40_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_fifty_times_it_loses_nothing_doubles_nothing_and_keeps_one_order() {
    kill_again_and_again(Setup::crowded(), KILLS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_postgres_it_does_not_either() {
    let url = Postgres::shared().database();
    kill_again_and_again(Setup::crowded().set("HALLOO_POSTGRES", &url), KILLS_OVER_POSTGRES).await;
}

async fn kill_again_and_again(setup: Setup, kills_wanted: usize) {
    let seed = Chance::seed();
    println!("HALLOO_SEED={seed}");
    let mut chance = Chance::new(seed);
    let begun = Instant::now();
    let mut server = setup.prepare();
    server.add_site("shop", &[]);
    server.start();
    let crowd = Crowd::gather(&server, SIZES, &mut chance).await;

    let (mut least, mut volleys, mut kills) = (usize::MAX, 0, Vec::new());
    for _ in 0..kills_wanted {
        crowd.all_there().await;
        let in_flight = loop {
            crowd.volley();
            volleys += 1;
            tokio::time::sleep(Duration::from_micros(chance.below(PAUSE_US_MAX))).await;
            let in_flight = crowd.in_flight.now();
            if in_flight >= IN_FLIGHT_MIN {
                break in_flight;
            }
        };
        kills.push(court::fault("kill"));
        server.kill();
        least = least.min(in_flight);
        server.start();
    }
    let unknown = crowd.in_flight.unknown();
    let people = crowd.settle().await;
    let killed = begun.elapsed();

    let tally = verdict::judge(people, kills).await;
    println!(
        "{kills_wanted} kills, at least {least} commands in flight at each; {volleys} volleys; {} sent, {} acknowledged, \
         {} refused for good; {unknown} outcomes unknown, {} resends answered as repeats, {} stored by the resend; \
         {} records in {} conversations, {} operations judged; {:.1} s, of them {:.1} s reading it all again",
        tally.settled(),
        tally.acknowledged,
        tally.refused,
        tally.repeats,
        tally.renewed,
        tally.records,
        tally.conversations,
        tally.operations,
        begun.elapsed().as_secs_f64(),
        (begun.elapsed() - killed).as_secs_f64(),
    );
    assert!(unknown > 0, "no outcome was unknown: the kills came too late");
    assert!(tally.repeats > 0, "no resend was a repeat: the kills came too early");
    assert!(tally.renewed > 0, "no resend was new: the kills came too late");
    assert!(tally.refused > 0, "nothing was refused: nothing shows that a final no is not stored");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}
