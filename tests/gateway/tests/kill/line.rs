//! More visitors than the agents have room for, while the process is killed: nobody is given to two, no agent gets more
//! than they can take, the line goes in turn, and nobody is forgotten there.

use crate::crowd::{Crowd, Habit, Person, Sizes};
use crate::verdict;
use gateway_tests::{Chance, Setup, court};
use history::{Call, History, Invariant};
use protocol::{Action, AgentId, Assigned, Author, Cause, RecordKind, Said};
use std::time::Duration;

const SIZES: Sizes = Sizes { visitors: 24, agents: 3, capacity: 2, habit: Habit::Serve };
const KILLS: usize = 4;
/// So long must nobody wait in vain: past the second that the checker gives.
const CALM: Duration = Duration::from_millis(1_500);
/// A volley is answered within about this time; the kill falls somewhere into it.
const PAUSE_US_MAX: u64 = 40_000;
/// Each volley ends up to one chat of each agent, but those that a kill falls into.
const VOLLEYS_MAX: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_line_waits_it_serves_all_in_turn_and_no_agent_above_capacity() {
    let seed = Chance::seed();
    println!("HALLOO_SEED={seed}");
    let mut chance = Chance::new(seed);
    let mut server = Setup::crowded().prepare();
    server.add_site("shop", &[]);
    server.start();
    let crowd = Crowd::gather(&server, SIZES, &mut chance).await;
    crowd.volley();
    tokio::time::sleep(CALM).await;

    let mut kills = Vec::new();
    for volley in 0..VOLLEYS_MAX {
        crowd.all_there().await;
        crowd.volley();
        tokio::time::sleep(Duration::from_micros(chance.below(PAUSE_US_MAX))).await;
        // The first and the last are served in calm.
        if volley > 0 && kills.len() < KILLS {
            kills.push(court::fault("kill"));
            server.kill();
            server.start();
            if kills.len() == KILLS {
                crowd.all_there().await;
                tokio::time::sleep(CALM).await;
            }
        }
    }
    let people = crowd.settle().await;
    let closed = people.iter().flat_map(|person: &Person| &person.settled);
    let closed = closed.filter(|settled| settled.answer.is_ok() && matches!(settled.command.action, Action::Close(_)));
    assert_eq!(closed.count(), SIZES.visitors, "everybody had their turn");

    let (tally, history) = verdict::record(people, kills).await;
    println!("{KILLS} kills; {} records in {} conversations", tally.records, tally.conversations);
    court::assert_clean(&history);
    what_was_recorded_is_judged(&history);
}

/// The same history with one thing wrong, a rule at a time: silence would say that the rule was not judged.
fn what_was_recorded_is_judged(history: &History) {
    let found = |wrong: &dyn Fn(&mut History)| {
        let mut history = history.clone();
        wrong(&mut history);
        history::check(&history).into_iter().map(|finding| finding.invariant).collect::<Vec<_>>()
    };
    let smaller = |history: &mut History| history.truth.agents.iter_mut().for_each(|row| row.capacity -= 1);
    assert!(found(&smaller).contains(&Invariant::WithinCapacity));
    let larger = |history: &mut History| history.truth.agents.iter_mut().for_each(|row| row.capacity += 1);
    assert!(found(&larger).contains(&Invariant::NobodyForgotten));
    let backwards = |history: &mut History| {
        history.truth.conversations.iter_mut().for_each(|row| row.arrival = 1_000 - row.arrival);
    };
    assert!(found(&backwards).contains(&Invariant::InTurn));
    assert!(found(&|history| give_what_is_served(history)).contains(&Invariant::OneAssignee));
}

/// In place of their word, whoever serves a conversation sees it given to a colleague.
fn give_what_is_served(history: &mut History) {
    let colleagues: Vec<AgentId> = history.sites.iter().flat_map(|site| site.agents.keys().copied()).collect();
    for operation in &mut history.operations {
        let Call::Read { records, .. } = &mut operation.call else { continue };
        for record in records {
            let RecordKind::Said(Said { by: Author::Agent { id, name }, .. }) = &record.what else { continue };
            let agent = *colleagues.iter().find(|colleague| *colleague != id).expect("there is another");
            record.what = RecordKind::Assigned(Assigned { agent, name: name.clone(), cause: Cause::Routed });
        }
    }
}
