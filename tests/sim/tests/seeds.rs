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

fn is_clean(seeds: &[u64]) {
    for seed in seeds {
        println!("seed {seed}");
        assert_eq!(run(*seed).found, None, "seed {seed}");
    }
}

/// A link told another desk, and the same one after a lag, only what sockets had asked to follow.
#[test]
fn a_console_goes_on_following_what_it_was_given_after_a_lag() {
    is_clean(&[7]);
}

/// The world's poison broke a desk that had already refused it, in seed 13 for ever.
#[test]
fn a_copy_of_a_refused_command_is_answered_and_breaks_no_desk() {
    is_clean(&[0, 13]);
}

/// A visitor's open needed the conversation and the last agent; each was forgotten while the other was read, for ever.
#[test]
fn an_open_is_answered_whatever_was_read_first() {
    is_clean(&[1252]);
}

/// The adopted copy of an outbox was sent beside the outbox itself, by one page.
#[test]
fn a_page_adopts_each_outbox_once() {
    is_clean(&[1124]);
}

/// A node without its heartbeat was thought dead; who came to it then was not offered anything, and nobody had noticed.
#[test]
fn who_comes_to_a_node_that_is_cut_off_waits_no_longer_than_the_cut() {
    is_clean(&[505]);
}

/// A decline ended at the desk a little later than by the store's clock, and another was served in between.
#[test]
fn a_decline_ends_when_the_desk_says_so() {
    is_clean(&[1224]);
}

/// A twin had sent a command that the copy of its outbox kept last knew as never sent, and nobody accounted for it.
#[test]
fn what_a_copy_of_an_outbox_sent_is_accounted_for() {
    is_clean(&[5942]);
}

/// An agent had room between two records of one batch; another became free much later, and both counted as one chance.
#[test]
fn chances_with_a_gap_between_them_are_not_one() {
    is_clean(&[8574]);
}

/// What moved to the open conversation was answered before it was followed, was read too soon, and was given up unread.
#[test]
fn what_is_read_before_the_answer_to_the_follow_is_not_given_up() {
    is_clean(&[8461]);
}

/// A console was told of a conversation whose heads had been lost between nodes, and was refused the rest of it.
#[test]
fn whoever_is_told_of_a_conversation_may_read_it() {
    is_clean(&[10138]);
}

/// A page went while a lane of its outbox waited for a transcript; the next one took the wait over, and not the cause.
#[test]
fn an_outbox_that_was_kept_waits_for_no_page_that_is_gone() {
    is_clean(&[3106]);
}

/// A reader stalled before it was ready; what was dropped behind the answer to its join was never asked for.
#[test]
fn who_lags_before_being_ready_is_told_where_things_stand() {
    is_clean(&[8043]);
}

/// Two commands of an agent's own state landed in one batch, and the store knew of the last capacity only.
#[test]
fn what_an_agent_could_serve_between_two_commands_of_a_batch_counts() {
    is_clean(&[5070, 9059]);
}
