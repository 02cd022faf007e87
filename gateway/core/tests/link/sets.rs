//! Sets: the owner knows who has joined on every node, whatever is lost on the way.

use crate::stage::{A, B, Cluster, SITE, conversation, visitor};
use gateway_core::desk::input::Input;
use gateway_core::link::envelope::Letter;
use protocol::{FollowFrom, Page, Position, View};

#[test]
fn joins_and_leaves_travel_as_changes() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.join(visitor(B, 2), &[conversation(1)]);
    cluster.leave(visitor(B, 1));
    cluster.run(100);
    assert_eq!(cluster.joined(A), [visitor(A, 99), visitor(B, 2)]);
    assert_eq!(cluster.count_letters(|letter| matches!(letter, Letter::Set { .. })), 0);
}

#[test]
fn a_join_that_is_lost_heals_within_two_seconds() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.lose_letters.insert((B, A), 1);
    cluster.join(visitor(B, 2), &[]);
    cluster.run(2_000);
    assert_eq!(cluster.joined(A), [visitor(A, 99), visitor(B, 1), visitor(B, 2)]);
}

#[test]
fn a_leave_that_is_lost_heals_within_two_seconds() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.lose_letters.insert((B, A), 1);
    cluster.leave(visitor(B, 1));
    cluster.run(2_000);
    assert_eq!(cluster.joined(A), [visitor(A, 99)]);
}

#[test]
fn a_change_behind_a_lost_one_asks_for_the_whole_set() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.lose_letters.insert((B, A), 1);
    cluster.join(visitor(B, 2), &[]);
    cluster.join(visitor(B, 3), &[]);
    cluster.run(100);
    assert_eq!(cluster.joined(A).len(), 4);
    assert_eq!(cluster.count_letters(|letter| matches!(letter, Letter::Set { .. })), 1);
}

#[test]
fn what_a_socket_looks_at_travels_with_it() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    let socket = visitor(B, 1);
    let follows = vec![FollowFrom { conversation: conversation(5), position: Position::default() }];
    let page = Page { url: Some("https://example.com/".to_owned()), ..Page::default() };
    cluster.nodes[A].desks.get_mut(&SITE).unwrap().told.clear();
    for input in [
        Input::Follow { socket, follows },
        Input::Watch { socket, view: View::Line },
        Input::Page { socket, page },
        Input::Availability { socket },
    ] {
        cluster.say(SITE, socket, input).unwrap();
    }
    cluster.run(100);
    assert_eq!(cluster.told(A), ["follow", "watch", "page", "availability"]);
    cluster.say(SITE, socket, Input::Unfollow { socket, conversation: conversation(5) }).unwrap();
    cluster.say(SITE, socket, Input::Unwatch { socket, view: View::Line }).unwrap();
    cluster.run(100);
    assert_eq!(cluster.told(A)[4..], ["unfollow", "unwatch"]);
}

#[test]
fn what_is_asked_again_is_answered_again() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    let socket = visitor(B, 1);
    cluster.nodes[A].desks.get_mut(&SITE).unwrap().told.clear();
    for _ in 0..2 {
        cluster.say(SITE, socket, Input::Watch { socket, view: View::Line }).unwrap();
        cluster.run(100);
    }
    cluster.say(SITE, socket, Input::Lagged { socket }).unwrap();
    cluster.run(100);
    assert_eq!(cluster.told(A), ["watch", "watch", "join", "watch"]);
}

#[test]
fn a_node_that_stands_still_has_nobody() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.nodes[B].frozen = true;
    cluster.run(2_500);
    assert_eq!(cluster.joined(A).len(), 2, "it may be back");
    cluster.run(3_000);
    assert_eq!(cluster.joined(A), [visitor(A, 99)]);
}

#[test]
fn a_node_that_wakes_has_its_sockets_again() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.nodes[B].frozen = true;
    cluster.run(30_000);
    cluster.nodes[B].frozen = false;
    cluster.run(3_000);
    assert_eq!(cluster.joined(A), [visitor(A, 99), visitor(B, 1)]);
}

#[test]
fn a_node_does_not_speak_for_the_sockets_of_another() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.join_on(B, visitor(7, 1));
    cluster.run(2_500);
    assert_eq!(cluster.joined(A), [visitor(A, 99), visitor(B, 1)]);
}

#[test]
fn joins_in_a_long_cut_are_known_two_seconds_after_it() {
    let mut cluster = Cluster::settled(2, &[visitor(B, 1)]);
    cluster.cut.extend([(A, B), (B, A)]);
    cluster.join(visitor(B, 2), &[]);
    cluster.leave(visitor(B, 1));
    cluster.run(40_000);
    cluster.cut.clear();
    cluster.run(2_000);
    assert_eq!(cluster.joined(A), [visitor(A, 99), visitor(B, 2)]);
}
