//! Roll calls: a desk that opens waits for those who may have sockets, and not for long.

use crate::stage::{A, B, C, Cluster, SITE, visitor};

#[test]
fn a_node_alone_waits_for_nobody() {
    let mut cluster = Cluster::of(1);
    cluster.run(1_000);
    cluster.join(visitor(A, 1), &[]);
    assert!(cluster.desk(A).called);
}

#[test]
fn opening_ends_when_every_living_node_has_answered() {
    let mut cluster = Cluster::of(3);
    cluster.run(4_500);
    cluster.join(visitor(A, 1), &[]);
    assert!(!cluster.desk(A).called);
    cluster.run(30);
    assert!(cluster.desk(A).called, "nodes without a socket answer too");
}

#[test]
fn who_has_joined_elsewhere_is_known_when_opening_ends() {
    let mut cluster = Cluster::settled(3, &[visitor(B, 1), visitor(C, 1)]);
    cluster.nodes[A].frozen = true;
    cluster.run(6_000);
    let owner = *cluster.owners().last().unwrap();
    let told = cluster.told(owner);
    let called = told.iter().position(|told| *told == "roll called").unwrap();
    assert_eq!(told[..called], ["join", "join"]);
}

#[test]
fn a_node_that_does_not_answer_is_waited_for_two_seconds() {
    let mut cluster = Cluster::of(3);
    cluster.run(4_500);
    cluster.cut.insert((C, A));
    cluster.join(visitor(A, 1), &[]);
    cluster.run(1_900);
    assert!(!cluster.desk(A).called);
    cluster.run(150);
    assert!(cluster.desk(A).called);
}

#[test]
fn a_node_that_dies_meanwhile_is_not_waited_for() {
    let mut cluster = Cluster::of(3);
    cluster.run(4_500);
    cluster.nodes[C].frozen = true;
    cluster.run(2_500);
    cluster.join(visitor(A, 1), &[]);
    cluster.run(1_500);
    assert!(cluster.desk(A).called);
}

#[test]
fn a_desk_that_is_dropped_while_opening_calls_anew() {
    let mut cluster = Cluster::of(2);
    cluster.run(4_500);
    cluster.cut.insert((B, A));
    cluster.join(visitor(A, 1), &[]);
    cluster.run(500);
    let (epoch, now) = (cluster.desk(A).epoch, cluster.now());
    cluster.nodes[A].desks.remove(&SITE);
    cluster.nodes[A].link.handle_desk_lost(SITE, epoch, now);
    cluster.settle(A);
    cluster.run(1_700);
    assert!(!cluster.desk(A).called, "the second call has its own two seconds");
    cluster.run(400);
    assert!(cluster.desk(A).called);
}
