//! Carriers: the sender leaves one that confirms nothing, and returns when it is well again.

use crate::stage::{A, B, Cluster, visitor};
use gateway_core::link::envelope::Carrier;

/// Whether a word of A's desk reaches B now.
fn reaches(cluster: &mut Cluster) -> bool {
    let before = cluster.heard(B);
    cluster.say_to(A, visitor(B, 1));
    cluster.run(100);
    cluster.heard(B) > before
}

fn busy(cluster: &mut Cluster, seconds: u32) {
    for _ in 0..seconds {
        cluster.say_to(A, visitor(B, 1));
        cluster.run(1_000);
    }
}

#[test]
fn two_beats_without_confirmation_bring_the_next_carrier() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    assert!(reaches(&mut cluster));
    cluster.down.insert(0);
    assert!(!reaches(&mut cluster));
    busy(&mut cluster, 4);
    assert!(reaches(&mut cluster));
    assert!(cluster.nodes[A].link.is_degraded(cluster.now()));
}

#[test]
fn one_beat_without_confirmation_brings_nothing() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    busy(&mut cluster, 3);
    cluster.down.insert(0);
    cluster.run(1_000);
    cluster.down.clear();
    busy(&mut cluster, 5);
    assert!(!cluster.nodes[A].link.is_degraded(cluster.now()));
}

#[test]
fn beats_go_on_over_the_better_carrier_and_three_of_them_bring_it_back() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.down.insert(0);
    busy(&mut cluster, 5);
    cluster.beats.clear();
    busy(&mut cluster, 3);
    let over = |cluster: &Cluster, carrier: u8| {
        cluster.beats.iter().filter(|(_, from, _, over)| *from == A && *over == Carrier(carrier)).count()
    };
    assert_eq!((over(&cluster, 0), over(&cluster, 1)), (3, 3));
    cluster.down.clear();
    // The first beat that got through is known to have at the second, and so on.
    busy(&mut cluster, 3);
    assert!(cluster.nodes[A].link.is_degraded(cluster.now()), "two confirmed beats are not enough");
    busy(&mut cluster, 2);
    assert!(!cluster.nodes[A].link.is_degraded(cluster.now()));
    cluster.down.insert(1);
    assert!(reaches(&mut cluster));
}

#[test]
fn a_way_that_is_broken_in_one_direction_is_left_by_both_and_heals() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.cut.insert((B, A));
    busy(&mut cluster, 5);
    cluster.cut.clear();
    busy(&mut cluster, 8);
    assert!(!cluster.nodes[A].link.is_degraded(cluster.now()));
    assert!(reaches(&mut cluster));
}

#[test]
fn beats_go_once_a_second_and_end_ten_seconds_after_the_last_envelope() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.run(12_000);
    cluster.beats.clear();
    cluster.run(5_000);
    assert_eq!(cluster.beats, Vec::new(), "nodes that have nothing to say are quiet");
    // Not at the very instant of a beat.
    cluster.run(50);
    cluster.say_to(A, visitor(B, 1));
    cluster.run(30_000);
    let of = |from| cluster.beats.iter().filter(|(_, by, ..)| *by == from).count();
    assert!((10..=11).contains(&of(A)), "{}", of(A));
    assert!((10..=11).contains(&of(B)), "{}", of(B));
}
