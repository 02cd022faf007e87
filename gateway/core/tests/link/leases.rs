//! Leases: a node that does not reach the store owns nothing, and believes so in time.

use crate::stage::{A, B, Cluster, SITE, visitor, word};
use gateway_core::effects::Lease;
use gateway_core::now::Instant;
use gateway_core::session::NotSubmitted;

#[test]
fn a_lease_ends_three_seconds_after_the_heartbeat_was_sent() {
    assert!(Lease::confirmed(Instant(1_000), Instant(3_999)).is_some());
    assert!(Lease::confirmed(Instant(1_000), Instant(4_000)).is_none());
}

#[test]
fn a_node_has_no_lease_before_its_first_heartbeat() {
    let mut cluster = Cluster::of(1);
    assert!(cluster.nodes[A].link.lease(cluster.now()).is_none());
    cluster.run(20);
    assert!(cluster.nodes[A].link.lease(cluster.now()).is_some());
}

#[test]
fn a_node_that_loses_its_lease_drops_its_desks_before_another_opens_them() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.storeless.insert(A);
    let mut dropped_at = None;
    let mut opened_at = None;
    for _ in 0..600 {
        cluster.run(10);
        dropped_at = dropped_at.or((!cluster.nodes[A].desks.contains_key(&SITE)).then_some(cluster.now_ms));
        opened_at = opened_at.or(cluster.nodes[B].desks.contains_key(&SITE).then_some(cluster.now_ms));
        assert!(cluster.owners().len() <= 1);
    }
    assert!(dropped_at.unwrap() <= opened_at.unwrap());
}

#[test]
fn a_node_without_the_store_forwards_to_the_next_owner() {
    let mut cluster = Cluster::settled(2, &[visitor(A, 1), visitor(B, 1)]);
    cluster.storeless.insert(A);
    cluster.run(8_000);
    assert_eq!(cluster.owners(), [B]);
    let ordinal = cluster.command(visitor(A, 1)).unwrap();
    cluster.run(100);
    assert_eq!(cluster.answered(A), [ordinal]);
}

#[test]
fn a_command_is_unavailable_while_no_desk_can_be_opened() {
    let mut cluster = Cluster::settled(2, &[visitor(A, 1)]);
    cluster.storeless.extend([A, B]);
    cluster.run(4_000);
    assert_eq!(cluster.owners(), Vec::<usize>::new());
    assert_eq!(cluster.command(visitor(A, 1)), Err(NotSubmitted::Unavailable));
}

#[test]
fn a_stall_of_the_store_steals_nothing() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    let epoch = cluster.desk(A).epoch;
    cluster.storeless.extend([A, B]);
    cluster.run(30_000);
    cluster.storeless.clear();
    cluster.run(10_000);
    assert_eq!(cluster.owners(), [A], "the owner by record opens it again");
    assert!(cluster.desk(A).epoch > epoch);
}

#[test]
fn a_stall_that_ends_for_one_first_steals_nothing() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.storeless.extend([A, B]);
    cluster.run(6_000);
    cluster.storeless.remove(&B);
    cluster.run(2_000);
    cluster.storeless.clear();
    cluster.run(5_000);
    assert_eq!(cluster.owners(), [A]);
}

#[test]
fn sockets_are_sent_away_after_twenty_seconds_if_a_peer_is_well() {
    let mut cluster = Cluster::settled(2, &[visitor(A, 1), visitor(B, 1)]);
    cluster.storeless.insert(A);
    for _ in 0..18 {
        cluster.run(1_000);
        cluster.command(visitor(B, 1)).unwrap();
    }
    assert!(!cluster.nodes[A].sent_away);
    for _ in 0..4 {
        cluster.run(1_000);
        cluster.command(visitor(B, 1)).unwrap();
    }
    assert!(cluster.nodes[A].sent_away);
    assert!(!cluster.nodes[B].sent_away);
}

#[test]
fn sockets_stay_while_nobody_reaches_the_store() {
    let mut cluster = Cluster::settled(2, &[visitor(A, 1), visitor(B, 1)]);
    cluster.storeless.extend([A, B]);
    cluster.run(60_000);
    assert!(!cluster.nodes[A].sent_away && !cluster.nodes[B].sent_away);
}

#[test]
fn a_node_that_was_frozen_says_nothing_under_its_old_epoch() {
    let mut cluster = Cluster::settled(2, &[visitor(A, 1), visitor(B, 1)]);
    let old = cluster.desk(A).epoch;
    cluster.nodes[A].frozen = true;
    cluster.run(6_000);
    assert_eq!(cluster.owners(), [A, B], "the sleeper has not heard of it yet");
    cluster.nodes[A].frozen = false;
    let now = cluster.now();
    assert!(cluster.nodes[A].link.lease(now).is_none());
    let words = word(visitor(B, 1), 1);
    cluster.nodes[A].link.handle_released(SITE, old, vec![words], now);
    cluster.settle(A);
    cluster.run(100);
    assert_eq!(cluster.heard(B), 0, "a word of an epoch that is over reaches nobody");
    cluster.run(1_000);
    assert_eq!(cluster.owners(), [B]);
}
