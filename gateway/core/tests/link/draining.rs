//! Draining: desks go to a named successor, and nothing that was said is lost on the way.

use crate::stage::{A, B, C, Cluster, SITE, visitor};

const GRACE_MS: u64 = 5_000;

fn drain(cluster: &mut Cluster, node: usize) {
    let now = cluster.now();
    cluster.nodes[node].link.handle_drain(GRACE_MS, now);
    cluster.settle(node);
}

#[test]
fn desks_are_let_go_after_the_grace_to_the_youngest_ready_node() {
    let mut cluster = Cluster::settled(2, &[visitor(A, 1), visitor(B, 1)]);
    let youngest = cluster.start();
    cluster.run(2_000);
    assert_eq!(youngest, C);
    drain(&mut cluster, A);
    cluster.run(4_900);
    assert_eq!(cluster.owners(), [A]);
    cluster.run(300);
    assert_eq!(cluster.owners(), [C]);
    assert_eq!(cluster.joined(C), [visitor(A, 1), visitor(A, 99), visitor(B, 1)]);
    assert!(cluster.nodes[A].link.is_drained());
}

#[test]
fn whoever_asks_again_with_a_shorter_grace_is_in_a_hurry() {
    let mut cluster = Cluster::settled(2, &[visitor(A, 1), visitor(B, 1)]);
    drain(&mut cluster, A);
    cluster.run(1_000);
    let now = cluster.now();
    cluster.nodes[A].link.handle_drain(0, now);
    cluster.settle(A);
    cluster.run(300);
    assert_eq!(cluster.owners(), [B]);
}

#[test]
fn a_node_that_is_not_ready_is_no_successor() {
    let mut cluster = Cluster::settled(2, &[]);
    cluster.start();
    cluster.run(2_000);
    drain(&mut cluster, C);
    cluster.run(2_000);
    drain(&mut cluster, A);
    cluster.run(5_200);
    assert_eq!(cluster.owners(), [B]);
}

#[test]
fn a_command_during_the_handing_over_is_answered() {
    let mut cluster = Cluster::settled(2, &[visitor(A, 1), visitor(B, 1)]);
    drain(&mut cluster, A);
    let mut said = (Vec::new(), Vec::new());
    for _ in 0..700 {
        said.0.push(cluster.command(visitor(A, 1)).unwrap());
        said.1.push(cluster.command(visitor(B, 1)).unwrap());
        cluster.run(10);
    }
    cluster.run(1_000);
    assert_eq!(cluster.owners(), [B]);
    for (node, said) in [(A, said.0), (B, said.1)] {
        let mut answered = cluster.answered(node);
        answered.sort_unstable();
        answered.dedup();
        assert_eq!(answered, said);
    }
    assert!(cluster.nodes.iter().all(|node| node.refused.is_empty()));
}

#[test]
fn a_drained_node_opens_nothing() {
    let mut cluster = Cluster::settled(1, &[]);
    drain(&mut cluster, A);
    cluster.run(5_200);
    cluster.join(visitor(A, 1), &[]);
    cluster.run(5_000);
    assert_eq!(cluster.owners(), Vec::<usize>::new());
}

#[test]
fn a_successor_that_died_leaves_the_site_to_whoever_needs_it() {
    let mut cluster = Cluster::settled(3, &[visitor(B, 1)]);
    drain(&mut cluster, A);
    cluster.run(4_950);
    let heir = if cluster.nodes[B].id > cluster.nodes[C].id { B } else { C };
    assert_eq!(heir, C, "of two that started together, the higher id");
    cluster.nodes[C].frozen = true;
    cluster.run(5_000);
    assert_eq!(cluster.owners(), [B]);
}

#[test]
fn an_idle_desk_is_let_go_and_opened_by_the_next_who_needs_it() {
    let mut cluster = Cluster::settled(2, &[]);
    cluster.leave(visitor(A, 99));
    let epoch = cluster.desk(A).epoch;
    cluster.nodes[A].link.handle_desk_idle(SITE, epoch);
    cluster.settle(A);
    cluster.run(100);
    assert_eq!(cluster.owners(), Vec::<usize>::new());
    cluster.join(visitor(B, 1), &[]);
    cluster.run(100);
    assert_eq!(cluster.owners(), [B]);
}
