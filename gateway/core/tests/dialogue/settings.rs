//! Settings that change under an open desk.

use crate::stage::play;

#[test]
fn a_new_agent_is_asked_at_once() {
    play(
        "v1 joins
         v1 opens c1
         agent a4 cap 1
         a4 joins
         c1 is assigned a4",
    );
}

#[test]
fn an_agent_who_may_no_longer_work_is_sent_away_and_gives_everything_back() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         a1 parks c1
         v2 opens c2
         c2 is assigned a1
         agent a1 disabled
         a1 < close 4401
         c1 is waiting
         c2 is waiting
         line c1 c2
         agent a1 enabled
         a1 joins
         c1 is assigned a1",
    );
}

#[test]
fn an_agent_who_is_removed_gives_everything_back() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         no agent a1
         a1 < close 4401
         v1 < waiting lost, place
         c1 is waiting",
    );
}

#[test]
fn the_offer_of_an_agent_who_may_no_longer_work_ends() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         agent a1 disabled
         v1 < nothing
         c1 is offered a2",
    );
}

#[test]
fn a_team_that_is_removed_gives_its_line_to_the_first() {
    play(
        "team sales
         team support
         agent a1 in sales
         a1 joins
         v1 joins
         v1 opens c1 in support
         c1 is waiting
         no team support
         c1 is assigned a1
         c1 has team sales",
    );
}

#[test]
fn what_is_served_outlives_its_team_and_returns_to_the_first() {
    play(
        "team sales
         team support
         agent a1 in support
         agent a2 in sales
         a1 joins
         v1 joins
         v1 opens c1 in support
         no team support
         c1 is assigned a1
         a2 joins
         a1 leaves
         60 s pass
         c1 is assigned a2
         c1 has team sales",
    );
}

#[test]
fn what_was_offered_outlives_its_team_and_returns_to_the_first() {
    play(
        "team sales
         team support offers 20 s
         agent a1 in support
         agent a2 in sales
         a1 joins
         v1 joins
         v1 opens c1 in support
         c1 is offered a1
         no team support
         a1 declines c1
         c1 has team sales
         a2 joins
         c1 is assigned a2",
    );
}

#[test]
fn an_agent_who_joins_a_team_takes_from_its_line() {
    play(
        "team sales
         team support
         agent a1 in sales
         a1 joins
         v1 joins
         v1 opens c1 in support
         c1 is waiting
         agent a1 in sales support
         c1 is assigned a1",
    );
}

#[test]
fn a_capacity_set_by_the_admin_counts_at_once() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         c2 is waiting
         agent a1 cap 2
         c2 is assigned a1
         the desk reopens
         boss joins
         boss watches roster
         boss < roster a1:2/2",
    );
}

#[test]
fn a_longer_grace_counts_for_those_who_are_gone() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 leaves
         30 s pass
         site grace 5 min
         4 min pass
         c1 is assigned a1
         31 s pass
         c1 is waiting",
    );
}

#[test]
fn a_shorter_grace_counts_for_those_who_are_gone() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 leaves
         30 s pass
         site grace 10 s
         c1 is waiting",
    );
}

#[test]
fn another_time_for_absence_counts_for_those_who_are_gone() {
    play(
        "v1 joins
         v1 opens c1
         v1 leaves
         5 min pass
         site absent 20 min
         14 min pass
         c1 is waiting
         1 min passes
         c1 is closed visitor_left",
    );
    play(
        "v1 joins
         v1 opens c1
         v1 leaves
         5 min pass
         site absent 2 min
         c1 is closed visitor_left",
    );
}

#[test]
fn a_team_that_begins_to_offer_offers_from_then_on() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         c1 is assigned a1
         team sales offers 20 s
         c1 is assigned a1
         a1 closes c1
         v1 opens c2
         c2 is offered a1",
    );
}

#[test]
fn relaxing_that_is_switched_on_counts_from_the_beginning_of_the_wait() {
    play(
        "team sales skills billing
         a1 joins
         v1 joins
         v1 opens c1
         60 s pass
         c1 is waiting
         site relax 30 s
         c1 is assigned a1",
    );
}
