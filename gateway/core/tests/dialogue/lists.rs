//! The console's lists: rows, changes and their revisions. The pages check each change against the fresh list.

use crate::stage::play;

#[test]
fn a_list_is_told_whole_and_then_by_its_changes() {
    play(
        "a1 joins
         a1 stops accepting
         a1 watches line
         a1 < rows line none
         v1 joins
         v1 opens c1
         a1 < change line c1:waiting:v1
         v2 joins
         v2 opens c2
         a1 takes c1
         a1 < assigned, ok, change line c1 gone
         a1 watches line
         a1 < rows line c2:waiting:v2",
    );
}

#[test]
fn mine_is_what_i_am_offered_serve_or_parked() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         a1 watches mine
         a2 watches mine
         v1 joins
         v1 opens c1
         a1 < offered, change mine c1:offered-a1
         a2 < nothing
         a1 accepts c1
         a1 < assigned, ok, change mine c1:assigned-a1
         a1 parks c1
         a1 < parked, ok, change mine c1:parked-a1
         a2 takes c1 from a1
         a1 < assigned, change mine c1 gone
         a2 < assigned, ok, change mine c1:assigned-a2
         a1 watches mine
         a1 < rows mine none
         a2 watches mine
         a2 < rows mine c1:assigned-a2",
    );
}

#[test]
fn all_is_what_is_not_closed_and_closed_is_the_rest() {
    play(
        "a1 joins
         boss joins
         boss watches all
         boss watches closed
         v1 joins
         v1 opens c1
         v2 joins
         v2 opens c2 offline
         boss < change all c2:offline
         a1 closes c1
         boss < change all c1 gone, change closed c1:closed-solved
         boss watches all
         boss < rows all c2
         boss watches closed
         boss < rows closed c1
         v1 says c1: again
         boss < change all c1:assigned-a1, change closed c1 gone
         boss watches closed
         boss < rows closed none",
    );
}

#[test]
fn presence_changes_a_row() {
    play(
        "a1 joins
         a1 stops accepting
         a1 watches line
         v1 joins
         v1 opens c1
         v1 leaves
         a1 < change line c1:waiting:v1:gone
         v1 joins
         a1 < change line c1:waiting:v1
         a1 watches line
         a1 < rows line c1:waiting:v1",
    );
}

#[test]
fn who_looks_on_changes_no_row() {
    play(
        "a1 joins
         boss joins
         boss watches all
         v1 joins
         v1 opens c1
         boss < change all c1:assigned-a1
         a1.b joins
         v1.b joins following c1
         boss < nothing
         a2 joins
         a2 follows c1
         a2 leaves
         v1.b leaves
         boss < nothing",
    );
}

#[test]
fn messages_change_the_row() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 watches mine
         v1 says c1: hello
         a1 < said, change mine c1
         a1 reads c1 #3
         a1 < change mine c1
         v1 reads c1 #2
         a1 < read c1 v #2
         a1 watches mine
         a1 < rows mine c1",
    );
}

#[test]
fn the_line_is_told_in_its_order() {
    play(
        "row c1 of v1 waiting priority 5
         row c2 of v2 waiting priority 1
         v3 joins
         v3 opens c3
         a1 joins
         a1 < joined, assigned c3
         a1 watches line
         a1 < rows line c2 c1",
    );
}

#[test]
fn whoever_stops_watching_hears_no_changes() {
    play(
        "boss joins
         boss watches line
         boss unwatches line
         v1 joins
         v1 opens c1
         boss < nothing
         boss watches line
         boss < rows line c1",
    );
}

#[test]
fn lists_of_a_socket_end_with_it() {
    play(
        "boss joins
         boss watches line
         boss leaves
         boss joins
         v1 joins
         v1 opens c1
         boss < nothing",
    );
}

#[test]
fn a_newly_opened_desk_sends_the_rows_again() {
    play(
        "boss joins
         boss watches all
         v1 joins
         v1 opens c1
         the desk reopens
         boss < rows all c1:waiting
         v1 says c1: hello
         boss < change all c1",
    );
}

#[test]
fn a_newly_opened_desk_sends_the_rows_though_it_must_first_load_what_their_watcher_follows() {
    play(
        "row c1 of v1 closed
         boss joins
         boss follows c1
         boss watches all
         v2 joins
         v2 opens c2
         the desk reopens
         boss < joined c1#1, rows all c2:waiting
         v2 says c2: hello
         boss < change all c2",
    );
}

#[test]
fn visitors_watch_nothing() {
    play(
        "v1 joins
         v1 opens c1
         v1 watches all
         v1 < nothing
         v1 watches roster
         v1 < nothing
         v1 says c1: hello
         v1 < ok",
    );
}

#[test]
fn the_roster_shows_load_and_who_is_there() {
    play(
        "boss joins
         boss watches roster
         boss < roster a1:0/1:away a2:0/1:away a3:0/1:away boss:0/1
         a1 joins
         boss < roster a1:0/1 a2:0/1:away
         v1 joins
         v1 opens c1
         boss < roster a1:1/1
         a1 leaves
         boss < roster a1:1/1:away
         boss unwatches roster
         a1 joins
         boss < nothing",
    );
}

#[test]
fn an_agent_is_told_their_own_state() {
    play(
        "agent a1 cap 2
         a1 joins
         a1.b joins
         a1 sets capacity 3
         a1 < ok, agent online accepting 0/3
         a1.b < agent online accepting 0/3
         v1 joins
         v1 opens c1
         a1 < assigned, agent online accepting 1/3",
    );
}

#[test]
fn what_moved_while_the_closed_were_read_is_laid_over_them() {
    play(
        "a1 joins
         boss joins
         v1 joins
         v1 opens c1
         a1 closes c1
         1 s passes
         v2 joins
         v2 opens c2
         loads wait
         boss watches closed
         boss < nothing
         a1 closes c2
         loads go on
         boss < rows closed c2 c1
         1 s passes
         v1 rates c1 5
         boss < change closed c1
         boss watches closed
         boss < rows closed c2 c1",
    );
}

#[test]
fn a_list_that_cannot_be_read_ends_the_socket() {
    play(
        "boss joins
         loads fail
         boss watches closed
         boss < close 4503",
    );
}

#[test]
fn a_list_that_was_read_for_another_desk_is_not_believed() {
    play(
        "team sales
         team support offers 20 s reply 30 s
         v1 opens c1 in support
         v2 joins
         loads wait
         61 s pass
         a2.b joins
         a2.b watches closed
         site absent 60 s
         v1 joins
         the desk reopens
         loads go on",
    );
}
