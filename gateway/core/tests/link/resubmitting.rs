//! Resubmitting: nobody waits for the client's five seconds.

use crate::stage::{A, B, C, Cluster, SITE, visitor, word};
use gateway_core::ids::Epoch;
use gateway_core::limits::UNANSWERED_PER_SITE_MAX;
use gateway_core::link::effect::Owner;
use gateway_core::link::envelope::Letter;
use gateway_core::session::NotSubmitted;

#[test]
fn a_command_is_answered_across_nodes() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    let ordinal = cluster.command(visitor(B, 1)).unwrap();
    cluster.run(20);
    assert_eq!(cluster.answered(B), [ordinal]);
}

#[test]
fn a_command_that_is_lost_is_said_again_when_the_owner_sees_the_hole() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.lose_letters.insert((B, A), 1);
    let ordinal = cluster.command(visitor(B, 1)).unwrap();
    cluster.run(2_200);
    assert_eq!(cluster.answered(B), [ordinal]);
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.lose_letters.insert((A, B), 1);
    let ordinal = cluster.command(visitor(B, 1)).unwrap();
    cluster.run(1_200);
    assert_eq!(cluster.answered(B), [ordinal]);
    assert_eq!(cluster.commands(A), [ordinal, ordinal], "the desk answers a repeated command as before");
}

#[test]
fn what_is_answered_is_not_said_again() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    let ordinal = cluster.command(visitor(B, 1)).unwrap();
    cluster.run(100);
    cluster.lose_letters.insert((A, B), 1);
    cluster.say_to(A, visitor(B, 1));
    cluster.run(2_000);
    assert_eq!(cluster.commands(A), [ordinal]);
}

#[test]
fn a_new_owner_is_told_what_waits() {
    let mut cluster = Cluster::settled(3, &[visitor(C, 1)]);
    cluster.answers = false;
    let ordinal = cluster.command(visitor(C, 1)).unwrap();
    cluster.run(100);
    cluster.answers = true;
    cluster.nodes[A].frozen = true;
    cluster.run(5_000);
    assert_eq!(cluster.answered(C), [ordinal]);
}

#[test]
fn a_desk_that_opened_again_is_told_what_waits_here_and_there() {
    let mut cluster = Cluster::settled(2, &[visitor(A, 1), visitor(B, 1)]);
    cluster.answers = false;
    let ordinals = [cluster.command(visitor(A, 1)).unwrap(), cluster.command(visitor(B, 1)).unwrap()];
    cluster.run(100);
    cluster.answers = true;
    let (epoch, now) = (cluster.desk(A).epoch, cluster.now());
    cluster.nodes[A].link.handle_desk_lost(SITE, epoch, now);
    cluster.settle(A);
    cluster.run(100);
    assert_eq!((cluster.answered(A), cluster.answered(B)), (vec![ordinals[0]], vec![ordinals[1]]));
}

#[test]
fn who_is_not_the_owner_says_so_and_the_row_is_read_once() {
    let mut cluster = Cluster::settled(3, &[visitor(C, 1)]);
    // C believes a row that was never true; the true one is too old to be read with a heartbeat.
    cluster.run(20_000);
    let (b, epoch) = (cluster.nodes[B].id, cluster.desk(A).epoch);
    let truth = cluster.store.sites[&SITE];
    let now = cluster.now();
    cluster.nodes[C].link.handle_owner(SITE, Ok(Some(Owner { node: Some(b), epoch, successor: None })), now);
    assert_eq!(cluster.nodes[C].link.owner(SITE), Some(truth.owner), "a row of the same epoch is not newer");
    let wrong = Owner { node: Some(b), epoch: Epoch(epoch.0 + 1), successor: None };
    cluster.nodes[C].link.handle_owner(SITE, Ok(Some(wrong)), now);
    cluster.nodes[C].rows_read = 0;
    cluster.command(visitor(C, 1)).unwrap();
    cluster.run(100);
    assert!(cluster.count_letters(|letter| matches!(letter, Letter::NotOwner { .. })) > 0);
    assert_eq!(cluster.nodes[C].rows_read, 1);
    assert_eq!(cluster.nodes[C].refused, [NotSubmitted::Busy]);
}

#[test]
fn a_full_desk_refuses_across_nodes() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.full = true;
    cluster.command(visitor(B, 1)).unwrap();
    cluster.run(100);
    assert_eq!(cluster.nodes[B].refused, [NotSubmitted::Busy]);
    assert!(cluster.answered(B).is_empty());
}

#[test]
fn too_many_unanswered_commands_are_busy() {
    let mut cluster = Cluster::settled(1, &[visitor(A, 1)]);
    cluster.answers = false;
    for _ in 0..UNANSWERED_PER_SITE_MAX {
        cluster.command(visitor(A, 1)).unwrap();
    }
    assert_eq!(cluster.command(visitor(A, 1)), Err(NotSubmitted::Busy));
}

#[test]
fn a_socket_that_left_is_waited_for_by_nobody() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.answers = false;
    let ordinal = cluster.command(visitor(B, 1)).unwrap();
    cluster.leave(visitor(B, 1));
    cluster.run(100);
    let (epoch, now) = (cluster.desk(A).epoch, cluster.now());
    assert_eq!(cluster.commands(A), [ordinal]);
    cluster.nodes[A].link.handle_desk_lost(SITE, epoch, now);
    cluster.settle(A);
    cluster.run(3_000);
    assert!(cluster.commands(A).is_empty());
}

#[test]
fn a_word_of_an_epoch_that_is_over_is_dropped() {
    let mut cluster = Cluster::settled(3, &[visitor(C, 1)]);
    let (old, a) = (cluster.desk(A).epoch, cluster.nodes[A].id);
    cluster.nodes[A].frozen = true;
    cluster.run(6_000);
    let late = Letter::Deliver { site: SITE, epoch: old, deliveries: vec![word(visitor(C, 1), 1)] };
    let before = cluster.heard(C);
    cluster.hand_letter(a, C, late);
    assert_eq!(cluster.heard(C), before);
}
