//! Counters: what is in order, what is missing, what comes too late.

use crate::stage::{A, B, Cluster, visitor};
use gateway_core::link::envelope::{Carrier, Content, Envelope, Letter};

/// An envelope from B to A that asks A for something it answers at once.
fn question(cluster: &Cluster, counter: u64) -> Envelope {
    Envelope { from: cluster.nodes[B].id, content: Content::Letters { counter, letters: vec![Letter::AskVersions] } }
}

fn answers(cluster: &mut Cluster) -> usize {
    cluster.run(100);
    cluster.count_letters(|letter| matches!(letter, Letter::Versions(_)))
}

#[test]
fn envelopes_in_order_are_taken() {
    let mut cluster = Cluster::of(2);
    for counter in 1..=3 {
        cluster.hand(A, Carrier(0), question(&cluster, counter));
    }
    assert_eq!(answers(&mut cluster), 3);
}

#[test]
fn an_envelope_that_comes_twice_is_taken_once_whatever_carrier_it_takes() {
    let mut cluster = Cluster::of(2);
    cluster.hand(A, Carrier(0), question(&cluster, 1));
    cluster.hand(A, Carrier(1), question(&cluster, 1));
    assert_eq!(answers(&mut cluster), 1);
}

#[test]
fn an_envelope_below_the_expected_counter_is_dropped() {
    let mut cluster = Cluster::of(2);
    cluster.hand(A, Carrier(0), question(&cluster, 2));
    cluster.hand(A, Carrier(1), question(&cluster, 1));
    assert_eq!(answers(&mut cluster), 1);
}

#[test]
fn an_envelope_behind_a_hole_is_taken_and_sockets_ask_where_they_stand() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.answers = false;
    cluster.lose_letters.insert((A, B), 1);
    cluster.say_to(A, visitor(B, 1));
    cluster.say_to(A, visitor(B, 1));
    let joins = cluster.joins(A, visitor(B, 1));
    cluster.run(100);
    assert_eq!(cluster.heard(B), 1, "what comes behind the hole is delivered");
    assert_eq!(cluster.joins(A, visitor(B, 1)), joins + 1, "the socket asks once where it stands");
}

#[test]
fn sockets_ask_again_once_a_second_however_much_is_lost() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.answers = false;
    let joins = cluster.joins(A, visitor(B, 1));
    for _ in 0..20 {
        cluster.lose_letters.insert((A, B), 1);
        cluster.say_to(A, visitor(B, 1));
        cluster.say_to(A, visitor(B, 1));
        cluster.run(20);
    }
    assert_eq!(cluster.joins(A, visitor(B, 1)), joins + 1, "what they are told then may be lost as well");
    cluster.run(1_000);
    assert_eq!(cluster.joins(A, visitor(B, 1)), joins + 2, "what was lost since is asked for in the end");
}

#[test]
fn what_was_lost_at_the_tail_is_found_by_the_next_beat() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.lose_letters.insert((A, B), 1);
    cluster.say_to(A, visitor(B, 1));
    let joins = cluster.joins(A, visitor(B, 1));
    cluster.run(1_200);
    assert_eq!(cluster.heard(B), 0);
    assert_eq!(cluster.joins(A, visitor(B, 1)), joins + 1);
}

#[test]
fn without_loss_nobody_asks_anything_again() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    let joins = cluster.joins(A, visitor(B, 1));
    for _ in 0..50 {
        cluster.say_to(A, visitor(B, 1));
        cluster.command(visitor(B, 1)).unwrap();
        cluster.run(130);
    }
    assert_eq!(cluster.joins(A, visitor(B, 1)), joins);
    assert_eq!(cluster.heard(B), 50);
    assert_eq!(cluster.commands(A).len(), 50, "no command is said twice");
    let repairs = |letter: &Letter| {
        matches!(letter, Letter::AskVersions | Letter::AskSets(_) | Letter::NotOwner { .. } | Letter::Set { .. })
    };
    assert_eq!(cluster.count_letters(repairs), 0);
}

#[test]
fn a_tail_that_is_lost_in_a_long_cut_is_found_when_the_way_is_back() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.cut.extend([(A, B), (B, A)]);
    cluster.say_to(A, visitor(B, 1));
    let joins = cluster.joins(A, visitor(B, 1));
    cluster.run(60_000);
    assert_eq!(cluster.joins(A, visitor(B, 1)), joins);
    cluster.cut.clear();
    cluster.run(2_000);
    assert_eq!(cluster.joins(A, visitor(B, 1)), joins + 1);
}
