//! The checker, checked: clean histories pass, and each fault is found by the check that is meant for it.
#![cfg(test)]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks at the kinds it is about and passes over the rest")]

mod chance;
mod linear;
mod order;
mod routing;
mod spoil;
mod words;
mod world;

use history::{History, Invariant, Truth, check};
use world::Shape;

const SEEDS: u64 = 60;
const STEPS: usize = 120;

fn clean(seed: u64) -> History {
    world::history(seed, Shape { steps: STEPS, is_calm: seed.is_multiple_of(2) })
}

/// Spoils the histories of all seeds. Each that could be spoiled is found, by this check, in a sentence that names
/// something; and some could.
fn finds(invariant: Invariant, spoil: impl Fn(&mut History, &mut chance::Chance) -> Option<()>) {
    let mut spoiled = 0;
    for seed in 0..SEEDS {
        let mut history = clean(seed);
        if spoil(&mut history, &mut chance::Chance(seed)).is_none() {
            continue;
        }
        spoiled += 1;
        let findings = check(&history);
        let named = findings.iter().any(|finding| finding.invariant == invariant && finding.sentence.len() > 20);
        assert!(named, "seed {seed}: {invariant:?} is not among {findings:#?}");
    }
    assert!(spoiled >= SEEDS / 10, "only {spoiled} of {SEEDS} histories could be spoiled");
}

#[test]
fn clean_histories_pass() {
    for seed in 0..400 {
        let findings = check(&clean(seed));
        assert!(findings.is_empty(), "seed {seed}: {findings:#?}");
    }
}

#[test]
fn clean_histories_pass_without_a_store_to_ask() {
    for seed in 0..400 {
        let history = History { truth: Truth::default(), ..clean(seed) };
        let findings = check(&history);
        assert!(findings.is_empty(), "seed {seed}: {findings:#?}");
    }
}

#[test]
fn clean_histories_pass_where_only_records_must_be_put_together() {
    for seed in 0..400 {
        let clean = clean(seed);
        let mut truth = Truth { records: Vec::new(), desks: Vec::new(), ..clean.truth };
        // Records carry whole milliseconds, and so must what came with them.
        truth.agents.iter_mut().for_each(|row| row.from -= row.from % world::MS);
        truth.conversations.iter_mut().for_each(|row| row.from -= row.from % world::MS);
        let findings = check(&History { truth, ..clean });
        assert!(findings.is_empty(), "seed {seed}: {findings:#?}");
    }
}
