//! Routing: who is eligible, and who of them comes first.

use crate::stage::play;

#[test]
fn an_agent_needs_to_be_online_accepting_and_in_the_team() {
    play(
        "team sales
         team support
         agent a1 in sales
         agent a2 in support
         a1 joins
         a2 joins
         a1 goes away
         v1 joins
         v1 opens c1 in sales
         c1 is waiting
         a1 stops accepting
         a1 goes online
         c1 is waiting
         a1 starts accepting
         c1 is assigned a1",
    );
}

#[test]
fn skill_and_language_bind() {
    play(
        "team sales skills billing
         agent a1 cap 5
         agent a2 cap 5 knows billing speaks fr
         agent a3 cap 5 knows billing tax speaks de
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1 speaking de-AT: hallo
         c1 is waiting
         a3 joins
         c1 is assigned a3
         v2 joins
         v2 opens c2: no language
         c2 is assigned a2",
    );
}

#[test]
fn a_site_may_relax_skill_and_language_after_a_wait() {
    play(
        "site relax 30 s
         team sales skills billing
         agent a1 speaks fr
         a1 joins
         v1 joins
         v1 opens c1 speaking de
         c1 is waiting
         29 s pass
         c1 is waiting
         1 s passes
         c1 is assigned a1",
    );
}

#[test]
fn the_lowest_load_for_its_capacity_comes_first() {
    play(
        "agent a1 cap 4
         agent a2 cap 2
         a1 joins
         a2 joins
         v1 joins
         v2 joins
         v3 joins
         v1 opens c1
         v2 opens c2
         v3 opens c3
         c1 is assigned a1
         c2 is assigned a2
         c3 is assigned a1",
    );
}

#[test]
fn of_equal_load_whoever_had_nothing_for_longest_comes_first() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v2 joins
         v3 joins
         1 s passes
         v1 opens c1
         c1 is assigned a1
         1 s passes
         a1 closes c1
         v2 opens c2
         c2 is assigned a2
         1 s passes
         a2 closes c2
         v3 opens c3
         c3 is assigned a1",
    );
}

#[test]
fn the_chosen_agent_comes_first() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1 for a2
         c1 is assigned a2",
    );
}

#[test]
fn the_chosen_agent_is_waited_for_a_short_time_only() {
    play(
        "a1 joins
         a2 joins
         v9 joins
         v9 opens c9 for a2
         v1 joins
         v1 opens c1 for a2
         c1 is waiting
         14 s pass
         c1 is waiting
         1 s passes
         c1 is assigned a1",
    );
}

#[test]
fn the_chosen_agent_who_frees_up_in_time_takes_it() {
    play(
        "a1 joins
         a2 joins
         v9 joins
         v9 opens c9 for a2
         v1 joins
         v1 opens c1 for a2
         10 s pass
         a2 closes c9
         c1 is assigned a2",
    );
}

#[test]
fn nobody_waits_for_a_chosen_agent_who_is_not_there() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1 for a2
         c1 is assigned a1",
    );
}

#[test]
fn nobody_waits_for_a_chosen_agent_of_another_team() {
    play(
        "team sales
         team support
         agent a1 in sales
         agent a2 in support
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1 in sales for a2
         c1 is assigned a1",
    );
}

#[test]
fn whoever_waits_for_a_chosen_agent_holds_up_nobody() {
    play(
        "a1 joins
         a2 joins
         v9 joins
         v9 opens c9 for a2
         v1 joins
         v1 opens c1 for a2
         v2 joins
         v2 opens c2
         c2 is assigned a1
         c1 is waiting",
    );
}

#[test]
fn a_returning_visitor_goes_to_the_agent_they_last_spoke_with() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1 for a2
         a2 closes c1
         1 s passes
         v1 says c1: one more thing
         c1 is assigned a2",
    );
}

#[test]
fn a_new_conversation_goes_to_the_agent_its_visitor_last_spoke_with() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1 for a2
         a2 closes c1
         the node restarts
         a1 joins
         a2 joins
         1 days passes
         v1 joins
         v1 opens c2
         c2 is assigned a2
         v2 joins
         v2 opens c3
         c3 is assigned a1",
    );
}

#[test]
fn the_latest_agent_counts_and_whoever_is_chosen_before_them() {
    play(
        "a1 joins
         a2 joins
         a3 joins
         v1 joins
         v1 opens c1 for a1
         a1 closes c1
         1 s passes
         v1 opens c2 for a3
         a3 closes c2
         1 s passes
         v1 opens c3
         c3 is assigned a3
         a3 closes c3
         1 s passes
         v1 opens c4 for a1
         c4 is assigned a1",
    );
}

#[test]
fn the_agent_last_spoken_with_is_waited_for_a_short_time_only() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1 for a2
         a2 closes c1
         v9 joins
         v9 opens c9 for a2
         v1 opens c2
         14 s pass
         c2 is waiting
         1 s passes
         c2 is assigned a1",
    );
}

#[test]
fn whom_a_visitor_spoke_with_may_be_told_before_or_after_the_conversation() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1 for a2
         a2 closes c1
         1 s passes
         loads wait
         v1 opens c2
         the last load goes on
         v1 < nothing
         1 s passes
         the first load goes on
         c2 is assigned a2
         a2 closes c2
         1 s passes
         v1 opens c3
         the first load goes on
         v1 < nothing
         1 s passes
         the first load goes on
         c3 is assigned a2",
    );
}

#[test]
fn a_visitor_of_whom_nothing_can_be_read_is_asked_to_come_back() {
    play(
        "a1 joins
         v1 joins
         loads wait
         v1 opens c1
         the first load goes on
         loads fail
         v2 joins
         v2 opens c2
         v2 < no unavailable
         loads go on
         v2 repeats
         c1 is assigned a1
         c2 is waiting",
    );
}

#[test]
fn a_full_agent_gets_nothing_more() {
    play(
        "agent a1 cap 2
         a1 joins
         v1 joins
         v2 joins
         v3 joins
         v1 opens c1
         v2 opens c2
         v3 opens c3
         c3 is waiting
         a1 sets capacity 3
         c3 is assigned a1",
    );
}

#[test]
fn lowered_capacity_takes_nothing_away_and_gives_nothing_new() {
    play(
        "agent a1 cap 2
         a1 joins
         v1 joins
         v2 joins
         v3 joins
         v1 opens c1
         v2 opens c2
         a1 sets capacity 1
         c1 is assigned a1
         c2 is assigned a1
         v3 opens c3
         a1 closes c1
         c3 is waiting
         a1 closes c2
         c3 is assigned a1",
    );
}

#[test]
fn capacity_zero_serves_nobody() {
    play(
        "a1 joins
         a1 sets capacity 0
         v1 joins
         v1 opens c1
         c1 is waiting
         a1 sets capacity 101
         a1 < no bad_value",
    );
}

#[test]
fn an_agent_of_two_teams_serves_both_in_the_order_of_arrival() {
    play(
        "team sales
         team support
         v1 joins
         v2 joins
         v1 opens c1 in support
         v2 opens c2 in sales
         a1 joins
         c1 is assigned a1
         a1 closes c1
         c2 is assigned a1",
    );
}

#[test]
fn those_nobody_fits_hold_up_nobody() {
    play(
        "team sales
         team support
         agent a1 in support
         v1 joins
         v2 joins
         v1 opens c1 in sales
         v2 opens c2 in support
         a1 joins
         c2 is assigned a1
         c1 is waiting",
    );
}

#[test]
fn without_an_answer_another_agent_is_next() {
    play(
        "team sales reply 60 s
         a1 joins
         v1 joins
         v1 opens c1
         c1 is assigned a1
         a2 joins
         59 s pass
         c1 is assigned a1
         1 s passes
         v1 < waiting unanswered, assigned a2
         c1 is assigned a2",
    );
}

#[test]
fn the_first_word_ends_the_time_for_it() {
    play(
        "team sales reply 60 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a1 says c1: hello
         10 min pass
         c1 is assigned a1",
    );
}

#[test]
fn a_note_is_no_answer() {
    play(
        "team sales reply 60 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a1 notes c1: hm
         61 s pass
         c1 is assigned a2",
    );
}

#[test]
fn the_unanswered_goes_back_to_its_old_place() {
    play(
        "team sales reply 60 s
         a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         60 s pass
         c1 is waiting
         c2 is assigned a1
         a2 joins
         c1 is assigned a2",
    );
}

#[test]
fn the_unanswered_comes_back_to_the_only_agent_after_a_minute() {
    play(
        "team sales reply 60 s
         a1 joins
         v1 joins
         v1 opens c1
         60 s pass
         c1 is waiting
         60 s pass
         c1 is assigned a1",
    );
}
