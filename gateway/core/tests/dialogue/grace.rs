//! Grace: agents whose last socket went.

use crate::stage::play;

#[test]
fn a_dropped_agent_keeps_conversations_for_the_grace() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a2 joins
         a1 leaves
         a1 is lost
         59 s pass
         c1 is assigned a1
         1 s passes
         v1 < waiting c1 lost, assigned a2
         c1 is assigned a2",
    );
}

#[test]
fn whoever_is_back_in_time_keeps_them() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a1 leaves
         59 s pass
         a1 joins
         a1 < joined c1#2
         a1 is not lost
         10 min pass
         c1 is assigned a1",
    );
}

#[test]
fn a_second_grace_is_as_long_as_the_first() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 leaves
         50 s pass
         a1 joins
         a1 leaves
         59 s pass
         c1 is assigned a1
         1 s passes
         c1 is waiting",
    );
}

#[test]
fn the_chat_of_a_dropped_agent_keeps_its_old_place() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v3 joins
         v1 opens c1
         v2 opens c2
         v3 opens c3
         line c2 c3
         a1 leaves
         60 s pass
         line c1 c2 c3
         v1 < waiting c1 lost, place c1 1
         v3 < place c3 3",
    );
}

#[test]
fn the_last_of_several_sockets_counts() {
    play(
        "a1 joins
         a1.b joins
         v1 joins
         v1 opens c1
         a1 leaves
         2 min pass
         c1 is assigned a1
         a1.b leaves
         60 s pass
         c1 is waiting",
    );
}

#[test]
fn a_dropped_agent_is_given_nothing_new() {
    play(
        "agent a1 cap 2
         a1 joins
         v1 joins
         v1 opens c1
         a1 leaves
         v2 joins
         v2 opens c2
         c2 is waiting
         a1 joins
         c2 is assigned a1",
    );
}

#[test]
fn nothing_can_be_transferred_to_an_agent_who_is_gone() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1 for a1
         a2 leaves
         a1 transfers c1 to a2
         a1 < no stale
         a2 joins
         a2 goes away
         a1 transfers c1 to a2
         a1 < no stale",
    );
}

#[test]
fn an_agent_who_lost_a_chat_may_get_it_back_from_the_line() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 leaves
         61 s pass
         c1 is waiting
         a1 joins
         c1 is assigned a1",
    );
}

#[test]
fn going_away_keeps_what_is_served() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         a1 goes away
         10 min pass
         c1 is assigned a1
         a1 says c1: still here
         a1 < ok
         a1 closes c1
         v2 opens c2
         c2 is waiting",
    );
}

#[test]
fn grace_goes_on_over_a_reopening() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 leaves
         30 s pass
         the desk reopens
         29 s pass
         c1 is assigned a1
         1 s passes
         c1 is waiting",
    );
}

#[test]
fn after_a_restart_the_grace_of_all_begins() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         the node restarts
         a1 is lost
         59 s pass
         c1 is assigned a1
         1 s passes
         c1 is waiting",
    );
}

#[test]
fn whoever_takes_without_a_socket_has_the_grace_to_come() {
    play(
        "v1 joins
         v1 opens c1
         2 min pass
         a1 takes c1
         c1 is assigned a1
         59 s pass
         c1 is assigned a1
         1 s passes
         c1 is waiting",
    );
}

#[test]
fn a_parked_chat_of_a_dropped_agent_stays_parked() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 parks c1
         a1 leaves
         10 min pass
         c1 is parked a1",
    );
}

#[test]
fn the_desk_wakes_for_a_grace_that_ends() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         wakes never
         a1 leaves
         wakes in 60 s
         a1 joins
         wakes never",
    );
}
