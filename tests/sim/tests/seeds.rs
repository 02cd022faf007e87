//! One seed is one history, and seeds that found something keep what they found.
#![cfg(test)]

use sim::run;

#[test]
fn one_seed_is_one_history() {
    for seed in [1, 2, 3] {
        println!("seed {seed}");
        let (once, again) = (run(seed), run(seed));
        assert_eq!(once, again);
        assert_ne!(once.hash, run(seed + 3).hash);
    }
}

/// A link told another desk, and the same one after a lag, only what sockets had asked to follow.
#[test]
fn a_console_goes_on_following_what_it_was_given_after_a_lag() {
    println!("seed 7");
    assert_eq!(run(7).found, None);
}

/// The world's poison broke a desk that had already refused it, in seed 13 for ever.
#[test]
fn a_copy_of_a_refused_command_is_answered_and_breaks_no_desk() {
    for seed in [0, 13] {
        println!("seed {seed}");
        assert_eq!(run(seed).found, None);
    }
}

/// A command that a load had let go on was blamed by nobody: its desk was lost again whenever it was said again.
#[test]
fn a_command_that_waited_for_the_store_is_found_when_it_is_to_blame() {
    for seed in [16, 23] {
        println!("seed {seed}");
        assert_eq!(run(seed).found, None);
    }
}
