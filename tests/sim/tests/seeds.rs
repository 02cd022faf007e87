#![cfg(test)]
//! Many worlds, and those that found something.

use sim::{run, run_many};

/// Worlds of the test run; `make sim` runs more.
const SEEDS: u64 = 10_000;

#[test]
fn one_seed_is_one_history() {
    for seed in [1, 2, 3] {
        println!("seed {seed}");
        let (once, again) = (run(seed), run(seed));
        assert_eq!(once, again);
        assert_ne!(once.hash, run(seed + 10).hash);
    }
}

#[test]
fn every_world_keeps_its_promises_and_together_they_reach_every_rule() {
    println!("seeds 0 to {}", SEEDS - 1);
    let summary = run_many(0, SEEDS, |_| {});
    println!("{}", summary.json());
    assert_eq!(summary.found, []);
    assert_eq!(summary.unreached(), [""; 0]);
    let median = summary.median();
    assert!(median.nodes >= 3 && median.clients >= 20 && median.commands >= 500 && median.faults >= 5, "{median:?}");
}
