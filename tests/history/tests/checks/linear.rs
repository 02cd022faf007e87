//! The cost of judging: twice the history takes about twice the time.

use crate::world::{self, Shape};
use history::{History, check};

/// Steps of the shorter history; `HALLOO_HISTORY_STEPS` takes more, for figures.
const STEPS: usize = 10_000;
/// Linear is 2, and 2.2 with the logarithm of sorting; quadratic is 4. What the caches add lies between.
const RATIO_MAX: f64 = 3.0;
/// The least of so many counts: whatever disturbs makes it more.
const TRIES: usize = 5;

/// Nanoseconds this thread has run for, without those in which others did.
fn ran() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

fn cost(history: &History) -> u64 {
    let cost = |_| {
        let begun = ran();
        let findings = check(history);
        let took = ran() - begun;
        assert!(findings.is_empty(), "{findings:#?}");
        took
    };
    (0..TRIES).map(cost).min().unwrap()
}

#[test]
fn twice_the_history_takes_about_twice_the_time() {
    let steps = std::env::var("HALLOO_HISTORY_STEPS").map_or(STEPS, |steps| steps.parse().unwrap());
    let histories = [steps, 2 * steps].map(|steps| world::history(1, Shape { steps, is_calm: false }));
    let [once, twice] = [&histories[0], &histories[1]].map(cost);
    for (history, nanos) in histories.iter().zip([once, twice]) {
        println!(
            "{} operations and {} records in {} ms",
            history.operations.len(),
            history.truth.records.len(),
            nanos / 1_000_000
        );
    }
    let operations = histories.map(|history| history.operations.len() as f64);
    let ratio = twice as f64 / once as f64 / (operations[1] / operations[0]) * 2.0;
    assert!(ratio < RATIO_MAX, "twice the operations took {ratio:.2} times the time");
}
