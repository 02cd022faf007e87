//! Offers: accept, decline, lapse, and what becomes of one whose agent goes.

use crate::stage::play;

#[test]
fn an_offer_is_accepted() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1: hello
         v1 < opened, said, ok
         a1 < offered c1 #3 a1
         c1 is offered a1
         a1 accepts c1
         a1 < assigned c1 #4 accepted own, ok
         v1 < assigned c1 #3 a1 accepted
         c1 is assigned a1",
    );
}

#[test]
fn an_offer_costs_capacity() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         c1 is offered a1
         c2 is waiting",
    );
}

#[test]
fn a_declined_offer_keeps_its_place_and_another_agent_is_next() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         a2 joins
         c2 is offered a2
         a1 declines c1
         a1 < declined c1 a1, ok
         v1 < place c1 1
         c1 is waiting
         a2 accepts c2
         a2 closes c2
         c1 is offered a2",
    );
}

#[test]
fn whoever_declined_is_not_asked_again_for_a_minute() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         a1 declines c1
         c1 is waiting
         59 s pass
         c1 is waiting
         1 s passes
         c1 is offered a1",
    );
}

#[test]
fn whoever_declined_one_is_asked_for_the_next() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         a1 declines c1
         c2 is offered a1",
    );
}

#[test]
fn a_lapsed_offer_stops_the_agent_from_accepting_and_says_so() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         c1 is offered a1
         19999 ms pass
         c1 is offered a1
         1 ms passes
         a1 < lapsed c1 a1, offered c1 a2, agent closed lapsed
         a1 is lapsed
         a1 is not accepting
         c1 is offered a2
         v1 < nothing",
    );
}

#[test]
fn whoever_lapsed_acts_and_is_asked_again() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         20 s pass
         c1 is waiting
         2 min pass
         c1 is waiting
         a1 starts accepting
         a1 is not lapsed
         c1 is offered a1",
    );
}

#[test]
fn going_online_is_an_act_too() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         80 s pass
         a1 goes online
         a1 is accepting
         a1 is not lapsed
         c1 is offered a1",
    );
}

#[test]
fn an_accept_that_comes_too_late_is_stale() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         20 s pass
         c1 is offered a2
         a1 accepts c1
         a1 < no stale
         a1 declines c1
         a1 < no stale
         a2 accepts c1
         a2 < assigned c1, ok",
    );
}

#[test]
fn the_visitor_may_write_while_it_is_offered() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         v1 says c1: are you there
         v1 < ok #2
         a1 < said c1 #3 are you there
         c1 is offered a1",
    );
}

#[test]
fn an_agent_cannot_speak_before_accepting() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         a1 says c1: hi
         a1 < no stale",
    );
}

#[test]
fn an_offer_to_an_agent_whose_last_socket_went_goes_back_at_once() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         c1 is offered a1
         a1 leaves
         c1 is offered a2
         v1 < nothing
         a1 is accepting
         a1 is not lapsed",
    );
}

#[test]
fn a_second_tab_keeps_the_offer() {
    play(
        "team sales offers 20 s
         a1 joins
         a1.b joins
         a2 joins
         v1 joins
         v1 opens c1
         a1 leaves
         c1 is offered a1
         a1.b accepts c1
         a1.b < assigned c1, ok",
    );
}

#[test]
fn an_agent_who_reloads_the_page_is_asked_again() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         a1 leaves
         c1 is waiting
         a1 joins
         c1 is offered a1
         a1 accepts c1
         c1 is assigned a1",
    );
}

#[test]
fn an_agent_who_reconnects_under_a_newer_generation_keeps_the_offer() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a1 joins
         a1' < close 4409
         c1 is offered a1
         a1 accepts c1
         c1 is assigned a1",
    );
}

#[test]
fn an_offer_to_an_agent_who_goes_away_goes_back_at_once() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         c1 is offered a1
         a1 goes away
         a1 < lapsed c1, ok, offered c1 a2
         c1 is offered a2
         a1 goes online
         a1 is accepting",
    );
}

#[test]
fn an_agent_who_stops_accepting_may_still_accept_what_is_offered() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         a1 stops accepting
         c1 is offered a1
         a1 accepts c1
         c1 is assigned a1",
    );
}

#[test]
fn a_visitor_who_leaves_while_it_is_offered_waits_for_nobody_after() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         11 s pass
         v1 leaves
         a1 declines c1
         c1 is waiting
         v1 joins
         c1 is offered a2",
    );
}

#[test]
fn a_closed_conversation_ends_its_offer() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         v1 closes c1
         a1 < closed c1 v visitor_left, offered c2
         20 s pass
         c1 is closed visitor_left",
    );
}

#[test]
fn a_declined_offer_keeps_its_wait_for_relaxing() {
    play(
        "site relax 30 s
         team sales offers 20 s skills billing
         agent a1 knows billing
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         c1 is offered a1
         15 s pass
         a1 declines c1
         c1 is waiting
         15 s pass
         c1 is offered a2",
    );
}

#[test]
fn the_chosen_agent_who_declines_is_not_waited_for() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1 for a2
         c1 is offered a2
         a2 declines c1
         c1 is offered a1",
    );
}
