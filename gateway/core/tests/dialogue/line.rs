//! The line: its order, places, and who keeps one.

use crate::stage::play;

#[test]
fn a_freed_agent_takes_the_longest_waiting() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v3 joins
         v1 opens c1
         v2 opens c2
         v3 opens c3
         line c2 c3
         a1 closes c1
         v2 < assigned c2 a1
         v3 < place c3 1
         line c3",
    );
}

#[test]
fn everyone_is_told_their_place_and_told_again_when_it_changes() {
    play(
        "v1 joins
         v2 joins
         v3 joins
         v1 opens c1
         v1 < opened, ok, place c1 1
         v2 opens c2
         v2 < opened, ok, place c2 2
         v1 < nothing
         v3 opens c3
         v3 < opened, ok, place c3 3
         v2 closes c2
         v3 < place c3 2
         v1 < nothing",
    );
}

#[test]
fn each_team_has_its_own_line() {
    play(
        "team sales
         team support
         v1 joins
         v2 joins
         v1 opens c1 in sales
         v2 opens c2 in support
         v2 < opened, ok, place c2 1",
    );
}

#[test]
fn a_lower_priority_number_is_served_first() {
    play(
        "row c1 of v1 waiting priority 5
         row c2 of v2 waiting priority 1
         row c3 of v3 waiting priority 5
         v1 joins
         v1 < place c1 2
         line c2 c1 c3
         a1 joins
         c2 is assigned a1",
    );
}

#[test]
fn the_first_ten_are_told_at_once_and_the_others_within_five_seconds() {
    let mut text = String::from("a1 joins\nv99 joins\nv99 opens c99\n6 s pass\n");
    for n in 1..=12 {
        text += &format!("v{n} joins\nv{n} opens c{n}\n");
    }
    text += "5 s pass
             v12 < place c12 12
             a1 closes c99
             v2 < place c2 1
             v11 < place c11 10
             v12 < nothing
             5 s pass
             v12 < place c12 11";
    play(&text);
}

#[test]
fn the_first_ten_of_each_team_are_told_at_once() {
    let mut text = String::from("team sales\nteam support\n");
    for n in 1..=12 {
        text += &format!("v{n} joins\nv{n} opens c{n} in sales\n");
    }
    text += "v20 joins
             v20 opens c20 in support
             v20 < opened, ok, place c20 1";
    play(&text);
}

#[test]
fn an_absent_visitor_keeps_the_place_and_is_not_assigned() {
    play(
        "v1 joins
         v2 joins
         11 s pass
         v1 opens c1
         v2 opens c2
         v1 leaves
         a1 joins
         c2 is assigned a1
         c1 is waiting
         v1 joins
         v1 < place c1 1
         a1 closes c2
         c1 is assigned a1",
    );
}

#[test]
fn whoever_comes_back_stands_where_they_stood() {
    play(
        "a1 joins
         v9 joins
         v9 opens c9
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         11 s pass
         v1 leaves
         9 min pass
         v1 joins
         v1 < place c1 1
         a1 closes c9
         c1 is assigned a1",
    );
}

#[test]
fn an_absent_visitor_loses_the_place_after_ten_minutes() {
    play(
        "v1 joins
         v1 opens c1
         11 s pass
         v1 leaves
         599 s pass
         c1 is waiting
         2 s pass
         c1 is closed visitor_left
         c1 has records opened closed",
    );
}

#[test]
fn absence_starts_again_with_each_leaving() {
    play(
        "site absent 60 s
         v1 joins
         v1 opens c1
         v1 leaves
         50 s pass
         v1 joins
         v1 leaves
         50 s pass
         c1 is waiting
         11 s pass
         c1 is closed visitor_left",
    );
}

#[test]
fn one_open_tab_is_enough_to_be_present() {
    play(
        "v1 joins
         v1 opens c1
         v1.b joins
         11 s pass
         v1 leaves
         a1 joins
         c1 is assigned a1",
    );
}

#[test]
fn a_visitor_who_is_served_may_be_absent() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         v1 leaves
         20 min pass
         c1 is assigned a1",
    );
}

#[test]
fn absence_before_service_does_not_count_after_it() {
    play(
        "a1 joins
         a1 stops accepting
         v1 joins
         v1 opens c1
         11 s pass
         v1 leaves
         5 min pass
         a1 takes c1
         6 min pass
         a1 transfers c1 to sales
         c1 is waiting
         9 min pass
         c1 is waiting
         61 s pass
         c1 is closed visitor_left",
    );
}

#[test]
fn all_count_as_present_for_ten_seconds_after_a_desk_opened() {
    play(
        "v1 joins
         v1 opens c1
         11 s pass
         the node restarts
         a1 joins
         c1 is assigned a1",
    );
}

#[test]
fn after_those_ten_seconds_absent_visitors_are_not_assigned() {
    play(
        "v1 joins
         v1 opens c1
         the node restarts
         10 s pass
         a1 joins
         c1 is waiting
         v1 joins
         c1 is assigned a1",
    );
}

#[test]
fn a_visitor_who_unfollows_is_absent() {
    play(
        "v1 joins
         v1 opens c1
         11 s pass
         v1 unfollows c1
         v1 < unfollowed c1
         a1 joins
         c1 is waiting
         v1 follows c1
         v1 < heads c1#1, assigned c1",
    );
}

#[test]
fn a_new_desk_goes_on_knowing_how_long_a_wait_is() {
    let served: String = (1..=5).map(|c| format!("v{c} joins\nv{c} opens c{c}\n60 s pass\na1 closes c{c}\n")).collect();
    play(&format!(
        "a1 joins
         {served}v7 joins
         v7 opens c7
         v6 joins
         v6 opens c6
         v6 < opened, ok, place c6 1 40-84 s
         the desk reopens
         v6 < place c6 1, place c6 1 40-84 s
         a1 closes c7
         c6 is assigned a1",
    ));
}
