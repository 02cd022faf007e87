//! Owning: who may open a site, and who finds the sites that nobody serves.

use crate::stage::store::Row;
use crate::stage::{A, B, C, Cluster, SITE, visitor};
use gateway_core::ids::{Epoch, NodeId, SiteId};
use gateway_core::limits::OPENS_MAX;
use gateway_core::link::effect::Owner;
use gateway_core::link::envelope::Letter;
use gateway_core::link::set::Change;

fn owned_by(node: Option<NodeId>, epoch: i64) -> Owner {
    Owner { node, epoch: Epoch(epoch), successor: None }
}

#[test]
fn a_site_without_an_owner_is_opened_by_who_needs_it() {
    let mut cluster = Cluster::of(2);
    cluster.run(1_000);
    cluster.join(visitor(B, 1), &[]);
    cluster.run(100);
    assert_eq!(cluster.owners(), [B]);
}

#[test]
fn two_that_need_a_site_at_once_open_it_once() {
    let mut cluster = Cluster::of(2);
    cluster.run(1_000);
    cluster.deaf = true;
    cluster.join(visitor(A, 1), &[]);
    cluster.join(visitor(B, 1), &[]);
    cluster.run(2_500);
    assert_eq!(cluster.owners().len(), 1);
    assert_eq!(cluster.joined(cluster.owners()[0]), [visitor(A, 1), visitor(B, 1)]);
}

#[test]
fn a_living_owner_is_not_robbed() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.cut.extend([(A, B), (B, A)]);
    cluster.run(20_000);
    assert_eq!(cluster.owners(), [A], "whether its peers hear it does not matter");
}

#[test]
fn the_sites_of_a_dead_node_are_served_within_five_seconds() {
    let mut cluster = Cluster::settled(3, &[]);
    cluster.nodes[A].frozen = true;
    cluster.run(5_000);
    let living: Vec<usize> = cluster.owners().into_iter().filter(|node| *node != A).collect();
    assert_eq!(living.len(), 1, "though no other node has a socket of it");
}

#[test]
fn a_dead_node_that_is_needed_by_nobody_keeps_its_site() {
    let mut cluster = Cluster::settled(2, &[]);
    cluster.store.sites.get_mut(&SITE).unwrap().open_conversations = false;
    cluster.nodes[A].frozen = true;
    cluster.run(20_000);
    assert_eq!(cluster.owners(), [A]);
}

#[test]
fn a_heart_that_beats_once_in_a_while_is_not_still() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    for _ in 0..6 {
        cluster.nodes[A].frozen = true;
        cluster.run(2_000);
        cluster.nodes[A].frozen = false;
        cluster.run(200);
    }
    assert_eq!(cluster.owners(), [A]);
}

#[test]
fn a_site_whose_time_has_come_is_opened_and_one_whose_has_not_is_left() {
    let mut cluster = Cluster::of(1);
    let later = cluster.now_ms + 60_000;
    for (site, wakes_ms) in [(SiteId(5), cluster.now_ms + 3_000), (SiteId(6), later)] {
        let owner = owned_by(None, 4);
        let row = Row { owner, changed_ms: 0, open_conversations: true, wakes_ms: Some(wakes_ms) };
        cluster.store.sites.insert(site, row);
    }
    cluster.run(2_500);
    assert_eq!(cluster.nodes[A].opened, []);
    cluster.run(1_200);
    assert_eq!(cluster.nodes[A].opened, [SiteId(5)]);
}

#[test]
fn no_more_sites_are_opened_at_once_than_the_store_can_bear() {
    let mut cluster = Cluster::of(2);
    cluster.run(1_000);
    let owner = owned_by(Some(NodeId::new(77)), 1);
    for site in 0..200 {
        cluster.store.write(SiteId(1_000 + site), owner, 0);
    }
    cluster.hold_opens = true;
    cluster.run(3_000);
    assert!(cluster.held_opens.iter().filter(|(node, _)| *node == A).count() <= OPENS_MAX);
    assert!(!cluster.held_opens.is_empty());
    cluster.hold_opens = false;
    cluster.let_opens_go();
    cluster.run(5_000);
    let opened: usize = cluster.nodes.iter().map(|node| node.desks.len()).sum();
    assert_eq!(opened, 200);
}

#[test]
fn who_comes_second_says_to_the_first_what_waits() {
    let mut cluster = Cluster::of(2);
    cluster.run(4_500);
    cluster.hold_opens = true;
    cluster.join(visitor(A, 1), &[]);
    cluster.join(visitor(B, 1), &[]);
    let ordinal = cluster.command(visitor(B, 1)).unwrap();
    cluster.hold_opens = false;
    let second = cluster.held_opens.pop().unwrap();
    cluster.let_opens_go();
    cluster.run(100);
    assert_eq!(cluster.owners(), [A]);
    cluster.held_opens.push(second);
    cluster.let_opens_go();
    cluster.run(100);
    assert_eq!(cluster.answered(B), [ordinal]);
    assert_eq!(cluster.joined(A), [visitor(A, 1), visitor(B, 1)]);
}

#[test]
fn an_owner_that_hears_of_a_higher_epoch_reads_the_row() {
    let mut cluster = Cluster::settled(3, &[visitor(C, 1)]);
    let (b, c, epoch) = (cluster.nodes[B].id, cluster.nodes[C].id, cluster.desk(A).epoch.0 + 1);
    cluster.store.write(SITE, owned_by(Some(b), epoch), cluster.now_ms);
    let letter = Letter::Change {
        site: SITE,
        epoch: Epoch(epoch),
        change: Change { before: 0, after: 0, members: Vec::new(), left: Vec::new() },
    };
    cluster.hand_letter(c, A, letter);
    assert!(!cluster.nodes[A].desks.contains_key(&SITE));
}

#[test]
fn an_open_whose_outcome_is_unknown_is_found_to_have_been_carried_out() {
    let mut cluster = Cluster::of(2);
    cluster.run(1_000);
    cluster.store.unheard = 1;
    cluster.join(visitor(A, 1), &[]);
    cluster.run(3_000);
    assert_eq!(cluster.owners(), [A]);
    assert_eq!(cluster.desk(A).epoch, Epoch(2));
    assert_eq!(cluster.joined(A), [visitor(A, 1)]);
}

#[test]
fn a_desk_that_was_lost_is_opened_again_with_all_who_have_joined() {
    let mut cluster = Cluster::settled(2, &[visitor(A, 1), visitor(B, 1)]);
    let (epoch, now) = (cluster.desk(A).epoch, cluster.now());
    cluster.nodes[A].desks.remove(&SITE);
    cluster.nodes[A].link.handle_desk_lost(SITE, epoch, now);
    cluster.settle(A);
    cluster.run(100);
    assert_eq!(cluster.desk(A).epoch, Epoch(epoch.0 + 1));
    assert_eq!(cluster.joined(A), [visitor(A, 1), visitor(A, 99), visitor(B, 1)]);
}

#[test]
fn a_missed_notice_costs_a_second() {
    let mut cluster = Cluster::settled(3, &[visitor(C, 1)]);
    cluster.deaf = true;
    cluster.nodes[A].frozen = true;
    cluster.run(3_000);
    cluster.run_until(4_000, |cluster| cluster.owners().len() == 2);
    cluster.run(1_200);
    let owner = *cluster.owners().last().unwrap();
    assert_eq!(cluster.joined(owner), [visitor(C, 1)]);
}

#[test]
fn a_desk_that_is_fenced_is_dropped_when_the_row_is_read() {
    let mut cluster = Cluster::settled(2, &[]);
    let (thief, epoch) = (cluster.nodes[B].id, cluster.desk(A).epoch);
    cluster.store.write(SITE, owned_by(Some(thief), epoch.0 + 1), cluster.now_ms);
    cluster.run(1_100);
    assert!(!cluster.nodes[A].desks.contains_key(&SITE));
    assert_eq!(cluster.owners(), [B], "the owner by record opens it");
}
