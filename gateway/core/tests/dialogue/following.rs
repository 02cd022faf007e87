//! Joining, following, heads and generations.

use crate::stage::play;

#[test]
fn a_page_that_comes_back_is_told_where_its_conversations_stand() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1: hello
         v1 leaves
         a1 says c1: hi
         v1 joins
         v1 < joined c1#4",
    );
}

#[test]
fn a_new_page_of_the_visitor_follows_what_is_open_and_not_what_is_closed() {
    play(
        "site open 2
         v1 joins
         v1 opens c1
         v1 opens c2
         v1 closes c1
         v1.b joins
         v1.b < joined c2#1, place c2 1
         v1.c joins following c1
         v1.c < joined c1#2 c2#1, place",
    );
}

#[test]
fn foreign_and_unknown_conversations_are_missing_from_the_heads() {
    play(
        "v1 joins
         v1 opens c1
         v2 joins following c1 c9
         v2 < joined, denied c1 c9 not_found
         v1 says c1: secret
         v2 < nothing
         v2 follows c1 c9
         v2 < heads, denied c1 c9 not_found
         v2 types c1
         v1 < nothing
         v2 reads c1 #1
         v1 < nothing",
    );
}

#[test]
fn an_agent_who_comes_back_follows_what_they_serve() {
    play(
        "agent a1 cap 2
         a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         a1 leaves
         a1 joins anew
         a1 < joined c1#2 c2#2
         v1 says c1: hello
         a1 < said c1 hello",
    );
}

#[test]
fn a_new_assignee_follows_on_all_sockets() {
    play(
        "a1 joins
         a2 joins
         a2.b joins
         v1 joins
         v1 opens c1 for a1
         a1 transfers c1 to a2
         a2 < heads c1#3, assigned
         a2.b < heads c1#3, assigned
         v1 says c1: hello
         a2 < said
         a2.b < said",
    );
}

#[test]
fn whoever_has_it_open_goes_on_hearing() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a2 follows c1
         a2 < heads c1#2
         a1 says c1: hi
         a2 < said c1 hi
         a2 unfollows c1
         a2 < unfollowed c1
         a1 says c1: still there?
         a2 < nothing
         a2 unfollows c1
         a2 < nothing",
    );
}

#[test]
fn a_newer_generation_supersedes() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         v1 joins
         v1' < close 4409
         v1 < joined c1#2
         a1 says c1: hi
         v1 < said c1 hi",
    );
}

#[test]
fn an_older_generation_may_not_join() {
    play(
        "v1 joins as generation 5
         v1 opens c1
         v1 joins as generation 4
         v1 < close 4409
         v1' says c1: I am the newer one
         v1' < ok",
    );
    play(
        "v1 joins as generation 5
         v1 joins as generation 5
         v1 < close 4409",
    );
}

#[test]
fn a_superseded_socket_leaves_nobody_absent() {
    play(
        "v1 joins
         v1 opens c1
         11 s pass
         v1 joins
         v1' < close 4409
         a1 joins
         c1 is assigned a1",
    );
    play(
        "v1 joins
         v1 opens c1
         11 s pass
         v1 joins
         v1 leaves
         a1 joins
         c1 is waiting",
    );
}

#[test]
fn other_sessions_are_left_alone() {
    play(
        "v1 joins
         v1.b joins
         v2 joins
         v1 < nothing
         v1.b joins
         v1 < nothing
         v2 < nothing",
    );
}

#[test]
fn whoever_leaves_while_a_load_runs_does_not_join_afterwards() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 leaves
         1 s passes
         loads wait
         v1 joins
         v1 < nothing
         v1 leaves
         loads go on
         v1 < nothing
         idle",
    );
}

#[test]
fn whoever_joins_while_the_store_is_away_is_sent_away() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 leaves
         1 s passes
         loads fail
         v1 joins
         v1 < close 4503
         loads go on
         v1 joins
         v1 < joined c1#2",
    );
}

#[test]
fn a_closed_conversation_is_followed_while_somebody_looks() {
    play(
        "a1 joins
         boss joins
         v1 joins
         v1 opens c1
         a1 closes c1
         a1 leaves
         v1 leaves
         boss follows c1
         boss < heads c1#3
         v1 joins anew
         v1 rates c1 5
         boss < rated c1 5",
    );
}

#[test]
fn a_reader_who_lost_events_is_told_everything_again() {
    play(
        "a1 joins
         a1 watches mine
         a1 watches roster
         v1 joins
         v1 opens c1
         v2 joins
         v2 opens c2
         v2 < opened, ok, place c2 1
         a1 lags
         a1 < heads c1#2, agent online 1/1, roster, rows mine
         v2 lags
         v2 < heads c2#1, place c2 1",
    );
}

#[test]
fn a_conversation_named_twice_is_followed_once() {
    play(
        "v1 joins
         v1 opens c1
         v1.b joins following c1 c1 c1
         v1.b < joined c1#1, place
         a1 joins
         a1 follows c1 c1
         a1 < heads c1#2
         v1 says c1: once
         v1.b < said once
         a1 < said once",
    );
}

#[test]
fn more_conversations_than_the_wire_allows_are_passed_over() {
    let many: Vec<String> = (100..400).map(|n| format!("c{n}")).collect();
    play(&format!(
        "a1 joins
         v1 joins
         v1 opens c1
         a2 joins following c1 {}
         a2 < joined c1#2
         v2 joins
         a2 leaves
         a2 joins following {} c1
         a2 < joined c1#2",
        many.join(" "),
        many[..255].join(" "),
    ));
}

#[test]
fn a_visitors_last_page_of_many_follows_counts() {
    play(
        "v1 joins
         v1 opens c1
         v1.b joins
         11 s pass
         v1.b unfollows c1
         a1 joins
         c1 is assigned a1",
    );
}

#[test]
fn whoever_waits_for_a_load_joins_the_next_desk() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 leaves
         1 s passes
         loads wait
         v1 joins
         the desk reopens
         v1 < nothing
         loads go on
         v1 < joined c1#2",
    );
}

#[test]
fn what_a_page_follows_is_held_until_all_of_it_is_there() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 opens c2
         loads wait
         the desk reopens
         11 min pass
         c2 is closed visitor_left
         the first load goes on
         v1 < joined c1#2 c2#2",
    );
}
