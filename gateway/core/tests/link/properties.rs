//! Random loss, delay, repetition and order between two nodes: once all is well again, both sides agree.

use crate::stage::{A, B, Cluster, SITE, visitor};
use gateway_core::link::envelope::Letter;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
enum Act {
    Join(u64),
    Leave(u64),
    Command(u64),
    Word(u64),
    LoseLetters(usize, usize, usize),
    CarrierDown(u8),
    CarriersUp,
    Repeat(usize),
    Freeze(usize),
    Wake(usize),
    Storeless(usize),
    StoreBack,
    LoseDesk,
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (1..6_u64).prop_map(Act::Join),
        4 => (1..6_u64).prop_map(Act::Leave),
        8 => (1..6_u64).prop_map(Act::Command),
        5 => (1..6_u64).prop_map(Act::Word),
        3 => (select(vec![(A, B), (B, A)]), 1..4_usize).prop_map(|((from, to), many)| Act::LoseLetters(from, to, many)),
        2 => (0..2_u8).prop_map(Act::CarrierDown),
        2 => Just(Act::CarriersUp),
        3 => (0..50_usize).prop_map(Act::Repeat),
        1 => select(vec![A, B]).prop_map(Act::Freeze),
        2 => select(vec![A, B]).prop_map(Act::Wake),
        1 => select(vec![A, B]).prop_map(Act::Storeless),
        2 => Just(Act::StoreBack),
        1 => Just(Act::LoseDesk),
        8 => select(vec![10, 30, 200, 1_000, 4_000, 12_000]).prop_map(Act::Pass),
    ]
}

/// Sockets 1 to 3 are B's, the others A's.
fn socket(number: u64) -> gateway_core::ids::Socket {
    visitor(if number <= 3 { B } else { A }, number)
}

struct Play {
    cluster: Cluster,
    joined: BTreeSet<u64>,
    waiting: BTreeSet<(u64, u32)>,
}

impl Play {
    fn act(&mut self, act: &Act) {
        let cluster = &mut self.cluster;
        match *act {
            Act::Join(number) => {
                cluster.join(socket(number), &[]);
                self.joined.insert(number);
            }
            Act::Leave(number) => {
                cluster.leave(socket(number));
                self.joined.remove(&number);
                self.waiting.retain(|(of, _)| *of != number);
            }
            Act::Command(number) if self.joined.contains(&number) => {
                if let Ok(ordinal) = cluster.command(socket(number)) {
                    self.waiting.insert((number, ordinal));
                }
            }
            Act::Command(_) => {}
            Act::Word(number) => {
                if let Some(owner) = cluster.owners().first().copied() {
                    cluster.say_to(owner, socket(number));
                }
            }
            Act::LoseLetters(from, to, many) => {
                cluster.lose_letters.insert((from, to), many);
            }
            Act::CarrierDown(carrier) => {
                cluster.down.insert(carrier);
            }
            Act::CarriersUp => cluster.down.clear(),
            Act::Repeat(back) => cluster.repeat(back),
            Act::Freeze(node) => cluster.nodes[node].frozen = true,
            Act::Wake(node) => cluster.nodes[node].frozen = false,
            Act::Storeless(node) => {
                cluster.storeless.insert(node);
            }
            Act::StoreBack => cluster.storeless.clear(),
            Act::LoseDesk => cluster.lose_desk(),
            Act::Pass(ms) => cluster.run(ms),
        }
    }

    fn heal(&mut self) {
        let cluster = &mut self.cluster;
        cluster.lose_letters.clear();
        cluster.down.clear();
        cluster.storeless.clear();
        for node in &mut cluster.nodes {
            node.frozen = false;
        }
        cluster.run(25_000);
    }

    fn check(&self) {
        let cluster = &self.cluster;
        let owners = cluster.owners();
        if self.joined.is_empty() {
            assert!(owners.len() <= 1, "{owners:?}");
            return;
        }
        assert_eq!(owners.len(), 1, "one node has the desk");
        let joined: BTreeSet<_> = cluster.joined(owners[0]).into_iter().collect();
        let expected: BTreeSet<_> = self.joined.iter().map(|number| socket(*number)).collect();
        assert_eq!(joined, expected, "the owner knows who has joined");
        let answered: BTreeSet<u32> = cluster.answered(A).into_iter().chain(cluster.answered(B)).collect();
        let refused = cluster.nodes.iter().map(|node| node.refused.len()).sum::<usize>();
        let missing = self.waiting.iter().filter(|(_, ordinal)| !answered.contains(ordinal)).count();
        assert!(missing <= refused, "{missing} commands are neither answered nor refused");
        cluster.check_words();
        assert!(cluster.nodes.iter().all(|node| !node.link.is_degraded(cluster.now())));
    }
}

proptest! {
    #![proptest_config(Config { cases: 96, failure_persistence: None, ..Config::default() })]

    #[test]
    fn both_sides_agree_once_all_is_well(acts in prop::collection::vec(act(), 1..60)) {
        let mut play = Play { cluster: Cluster::of(2), joined: BTreeSet::new(), waiting: BTreeSet::new() };
        play.cluster.run(4_500);
        for act in &acts {
            play.act(act);
        }
        play.heal();
        play.check();
    }
}

#[test]
fn a_repeated_letter_is_not_taken_twice() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.say_to(A, visitor(B, 1));
    cluster.run(100);
    let delivered = cluster.heard(B);
    assert!(cluster.count_letters(|letter| matches!(letter, Letter::Deliver { site: SITE, .. })) > 0);
    cluster.repeat(0);
    cluster.repeat(1);
    cluster.run(100);
    assert_eq!(cluster.heard(B), delivered);
    assert_eq!(cluster.nodes[B].link.owner(SITE).unwrap().node, Some(cluster.nodes[A].id));
}
