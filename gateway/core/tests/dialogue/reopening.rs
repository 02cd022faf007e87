//! Reopening: a desk built from the store goes on where the last one stopped.

use crate::stage::play;

#[test]
fn every_state_is_found_again() {
    play(
        "row c1 of v1 waiting
         row c2 of v2 offered a2 for 5 s
         row c3 of v3 assigned a3
         row c4 of v4 parked a1 for 60 s
         row c5 of v5 closed
         row c6 of v6 offline
         boss joins
         boss watches all
         boss < rows all c1:waiting c2:offered-a2 c3:assigned-a3 c4:parked-a1 c6:offline
         boss watches closed
         boss < rows closed c5:closed-solved
         boss watches roster
         boss < roster a1:0/1:away a2:1/1:away a3:1/1:away boss
         5 s pass
         c2 is waiting
         line c1 c2
         60 s pass
         c3 is waiting
         c4 is waiting
         c6 is offline",
    );
}

#[test]
fn the_desk_goes_on_over_a_reopening_in_mid_sentence() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1: hello
         a1 says c1: hi
         the desk reopens
         v1 < joined c1#4
         v1 says c1: how are you
         v1 < ok #5
         a1 < said c1 #5 how are you
         c1 has records opened said assigned said said",
    );
}

#[test]
fn the_line_keeps_its_order_over_a_reopening() {
    play(
        "v1 joins
         v2 joins
         v3 joins
         v3 opens c3
         v1 opens c1
         v2 opens c2
         the desk reopens
         line c3 c1 c2
         v2 < joined, place c2 3
         a1 joins
         c3 is assigned a1
         v1 closes c1
         v1 opens c4
         line c2 c4",
    );
}

#[test]
fn an_offer_that_nobody_could_see_blames_nobody() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         c1 is offered a1
         the node restarts
         20 s pass
         c1 is waiting
         a1 is accepting
         a1 is not lapsed
         v1 joins
         a1 joins
         c1 is offered a1",
    );
}

#[test]
fn an_offer_goes_on_over_a_reopening() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         10 s pass
         the desk reopens
         9 s pass
         c1 is offered a1
         wakes in 1 s
         1 s passes
         c1 is waiting
         a1 is lapsed",
    );
}

#[test]
fn whoever_declined_is_not_asked_again_though_the_desk_reopens() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         a1 declines c1
         30 s pass
         the desk reopens
         c1 is waiting
         29 s pass
         c1 is waiting
         11 s pass
         c1 is offered a1
         wakes in 10 s",
    );
}

#[test]
fn whoever_let_it_lapse_is_not_asked_again_though_the_node_restarts() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         20 s pass
         c1 is waiting
         the node restarts
         a1 joins
         v1 joins
         a1 starts accepting
         c1 is waiting
         a2 joins
         c1 is offered a2",
    );
}

#[test]
fn whoever_did_not_answer_or_gave_it_back_is_not_asked_again_though_the_desk_reopens() {
    play(
        "team sales reply 60 s
         a1 joins
         v1 joins
         v1 opens c1
         60 s pass
         c1 is waiting
         the desk reopens
         59 s pass
         c1 is waiting
         1 s passes
         c1 is assigned a1
         a1 transfers c1 to sales
         the desk reopens
         c1 is waiting
         59 s pass
         c1 is waiting
         1 s passes
         c1 is assigned a1",
    );
}

#[test]
fn the_time_for_a_first_word_goes_on_over_a_reopening() {
    play(
        "team sales reply 60 s
         a1 joins
         v1 joins
         v1 opens c1
         wakes in 60 s
         30 s pass
         the desk reopens
         29 s pass
         c1 is assigned a1
         1 s passes
         c1 is waiting",
    );
}

#[test]
fn a_parked_chat_wakes_over_a_reopening() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 parks c1 for 60 s
         30 s pass
         the desk reopens
         30 s pass
         c1 is assigned a1",
    );
}

#[test]
fn numbers_public_and_full_go_on_over_a_reopening() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 notes c1: one
         a1 notes c1: two
         the desk reopens
         v1 says c1: hello
         v1 < ok #3
         a1 < said c1 #5
         v1 reads c1 #3
         a1 < read c1 v #5",
    );
}

#[test]
fn agents_are_found_as_they_chose_to_be() {
    play(
        "agent a1 cap 3
         a1 joins
         a1 sets capacity 2
         a1 stops accepting
         the desk reopens
         a1 < joined
         v1 joins
         v1 opens c1
         c1 is waiting
         boss joins
         boss watches roster
         boss < roster a1:0/2",
    );
}

#[test]
fn a_state_that_is_not_known_is_set_aside_and_answers_later() {
    play(
        "row c1 of v1 pondering
         row c2 of v2 waiting
         v1 joins
         v1 < joined
         v1 says c1: hello
         v1 < no unavailable
         v1 follows c1 c9
         v1 < denied c1 unavailable, denied c9 not_found
         appends 0
         v2 joins
         a1 joins
         c2 is assigned a1
         c1 is set aside pondering",
    );
}

#[test]
fn an_agent_who_is_gone_gives_everything_back_on_opening() {
    play(
        "no agent a3
         row c1 of v1 assigned a3
         row c2 of v2 parked a3
         row c3 of v3 offered a3
         v1 joins
         c1 is waiting
         c2 is waiting
         c3 is waiting
         line c1 c2 c3",
    );
}

#[test]
fn an_agent_who_may_not_work_gives_everything_back_on_opening() {
    play(
        "agent a3 disabled
         row c1 of v1 assigned a3
         v1 joins
         c1 is waiting",
    );
}

#[test]
fn a_team_that_is_gone_gives_its_line_to_the_first_on_opening() {
    play(
        "team sales
         row c1 of v1 waiting in support
         v1 joins
         c1 has team sales
         a1 joins
         c1 is assigned a1",
    );
}

#[test]
fn a_lost_append_is_nobodys_business() {
    play(
        "a1 joins
         v1 joins
         lost: v1 opens c1: hello
         a1 < joined
         v1 < joined
         c1 is unknown
         v1 repeats
         c1 is assigned a1
         lost: a1 closes c1
         c1 is assigned a1
         v1 says c1: hello
         v1 < ok #4",
    );
}

#[test]
fn what_was_stored_unheard_is_told_by_heads() {
    play(
        "a1 joins
         v1 joins
         unheard: v1 opens c1: hello
         v1 < joined c1#3
         a1 < joined
         c1 is assigned a1
         v1 repeats
         v1 < ok",
    );
}

#[test]
fn an_absence_begins_anew_with_the_desk() {
    play(
        "site absent 60 s
         v1 joins
         v1 opens c1
         11 s pass
         v1 leaves
         50 s pass
         the desk reopens
         59 s pass
         c1 is waiting
         1 s passes
         c1 is closed visitor_left",
    );
}

#[test]
fn nobody_left_and_the_desk_may_go() {
    play(
        "team sales offers 20 s
         a1 joins
         busy
         v1 joins
         v1 opens c1
         a1 accepts c1
         a1 declines c1
         a1 closes c1
         v1 leaves
         a1 leaves
         idle
         wakes never",
    );
}

#[test]
fn parked_chats_do_not_hold_the_desk() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 parks c1 for 10 days
         a1 leaves
         v1 leaves
         idle
         wakes in 10 days",
    );
}

#[test]
fn those_who_wait_and_are_served_hold_the_desk() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         v1 leaves
         a1 leaves
         busy
         60 s pass
         c1 is waiting
         busy
         10 min pass
         c1 is closed visitor_left
         idle",
    );
}

#[test]
fn an_answer_to_the_desk_before_is_not_believed_twice() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 leaves
         1 s passes
         v1 joins anew
         loads wait
         v1 rates c1 1
         the desk reopens
         loads go on
         v1 < ok
         v1 rates c1 5
         v1 < ok
         c1 has records opened closed rated rated",
    );
}

#[test]
fn an_answer_of_yesterday_is_passed_over() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 leaves
         1 s passes
         loads wait
         v1 joins
         v1 leaves
         the desk reopens
         v1.b joins anew
         v1.b rates c1 5
         the last load goes on
         v1.b < ok
         loads go on && v1.b rates c1 3
         v1.b < ok
         c1 has records opened closed rated rated",
    );
}

#[test]
fn an_answer_to_an_earlier_desk_is_passed_over_though_its_successor_asked_the_same() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 leaves
         1 s passes
         v1 joins anew
         loads wait
         v1 rates c1 1
         the desk reopens
         the last load goes on
         v1 < ok
         v1 rates c1 3
         the first load goes on
         v1 < nothing
         loads go on
         v1 < ok
         c1 has records opened closed rated rated",
    );
}

#[test]
fn a_page_without_an_address_does_not_blank_the_card() {
    play(
        "v1 joins on https://shop.example/a
         v1.b joins
         v1 opens c1
         the desk reopens
         v1 says c1: hello
         c1 has url https://shop.example/a",
    );
}
