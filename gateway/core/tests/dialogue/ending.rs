//! Closing, reopening and rating.

use crate::stage::play;

#[test]
fn an_agent_closes_with_a_reason() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 closes c1 not_solved
         a1 < closed c1 a1 not_solved, ok
         v1 < closed c1 a1 not_solved
         c1 is closed not_solved",
    );
}

#[test]
fn a_reason_nobody_knows_is_refused() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 closes c1 odd
         a1 < no bad_value
         c1 is assigned a1",
    );
}

#[test]
fn a_visitor_ends_their_own_and_the_reason_is_that_they_left() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         v1 closes c1 spam
         v1 < closed c1 v visitor_left own, ok
         a1 < closed c1 visitor_left
         c1 is closed visitor_left",
    );
}

#[test]
fn what_is_closed_cannot_be_closed_again() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 closes c1
         a1 closes c1
         a1 < no closed
         v1 closes c1
         v1 < no closed",
    );
}

#[test]
fn an_agent_cannot_close_what_a_colleague_serves_but_a_lead_can() {
    play(
        "a1 joins
         a2 joins
         boss joins
         v1 joins
         v1 opens c1
         a2 closes c1
         a2 < no stale
         boss closes c1
         c1 is closed solved",
    );
}

#[test]
fn an_agent_closes_what_waits() {
    play(
        "a1 joins
         a1 stops accepting
         v1 joins
         v1 opens c1
         a1 closes c1 spam
         c1 is closed spam
         line",
    );
}

#[test]
fn closing_frees_the_agent_for_the_next() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         v1 closes c1
         a1 < closed c1, assigned c2
         c2 is assigned a1",
    );
}

#[test]
fn saying_something_reopens_ones_own_closed_chat() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1: hello
         a1 closes c1
         v1 says c1: and another thing
         v1 < reopened c1 v own, waiting c1 reopened, ok #7, assigned a1
         a1 < reopened c1, waiting, said c1 v another, assigned
         c1 is assigned a1",
    );
}

#[test]
fn a_reopened_chat_stands_behind_those_who_wait() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v3 joins
         v1 opens c1
         v2 opens c2
         v3 opens c3
         a1 closes c1
         line c3
         v1 says c1: wait
         line c3 c1",
    );
}

#[test]
fn after_the_sites_days_it_stays_closed() {
    play(
        "site reopen 7 days
         a1 joins
         v1 joins
         v1 opens c1
         a1 closes c1
         7 days pass
         v1 says c1: hello
         v1 < reopened, waiting, ok, assigned
         a1 closes c1
         8 days pass
         v1 says c1: hello?
         v1 < no closed
         v1 repeats
         v1 < no closed
         v1 reopens c1
         v1 < no closed
         v1 opens c2: hello?
         c2 is assigned a1",
    );
}

#[test]
fn a_closed_chat_does_not_reopen_beside_another() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 opens c2
         v1 says c1: hello
         v1 < no already_open c2
         v1 reopens c1
         v1 < no already_open c2
         c1 is closed visitor_left",
    );
}

#[test]
fn a_visitor_reopens_into_the_line() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 reopens c1
         v1 < reopened c1 own, waiting c1, ok, place c1 1",
    );
    play(
        "v1 joins
         v1 opens c1
         v1 reopens c1
         v1 < no stale",
    );
}

#[test]
fn an_agent_reopens_for_themselves_above_capacity() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v2 joins
         v1 opens c1 for a1
         a1 closes c1
         v2 opens c2 for a2
         a2 reopens c1
         a2 < heads c1#4, assigned c1 a2 reopened, ok
         v1 < reopened, assigned
         c1 is assigned a2
         c2 is assigned a2",
    );
}

#[test]
fn what_an_agent_reopened_stands_behind_should_it_come_into_the_line() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         a1 closes c1
         a1 stops accepting
         v2 opens c2
         a1 reopens c1
         a1 transfers c1 to sales
         line c2 c1",
    );
}

#[test]
fn an_agent_cannot_reopen_beside_another() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         v1 closes c1
         v1 opens c2
         a1 reopens c1
         a1 < no already_open c2",
    );
}

#[test]
fn an_agent_cannot_speak_in_what_is_closed() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 closes c1
         a1 says c1: one more
         a1 < no closed",
    );
}

#[test]
fn a_visitor_rates_and_a_later_rating_replaces_an_earlier_one() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 closes c1
         v1 rates c1 4: fine
         v1 < rated c1 4 fine own, ok
         a1 < rated c1 4 fine
         c1 has score 4
         v1 rates c1 5
         c1 has score 5
         c1 is closed solved",
    );
}

#[test]
fn a_rating_is_from_one_to_five_and_no_agents() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         v1 rates c1 0
         v1 < no bad_value
         v1 rates c1 6
         v1 < no bad_value
         a1 rates c1 5
         a1 < no forbidden
         c1 has score none",
    );
}

#[test]
fn rating_what_nobody_holds_in_memory_is_loaded_first() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 closes c1
         v1 leaves
         a1 leaves
         1 s passes
         v1 joins anew
         v1 rates c1 3
         v1 < ok
         c1 has score 3
         v2 joins
         v2 rates c1 1
         v2 < no not_found",
    );
}
