//! Taking, transferring and parking: who serves a conversation after whom.

use crate::stage::play;

#[test]
fn an_agent_picks_from_the_line_above_capacity() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         c2 is waiting
         a1 takes c2
         a1 < assigned c2 a1 taken own, ok
         v2 < assigned c2 a1 taken
         c1 is assigned a1
         c2 is assigned a1",
    );
}

#[test]
fn picking_names_what_the_agent_believes_in() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a2 joins
         a2 takes c1
         a2 < no stale
         a2 takes c1 from a3
         a2 < no stale
         a2 takes c1 from a1
         a2 < assigned c1 a2, ok
         a1 < assigned c1 a2
         c1 is assigned a2",
    );
}

#[test]
fn of_two_who_pick_the_same_one_wins() {
    play(
        "a1 joins
         a1 stops accepting
         a2 joins
         a2 stops accepting
         v1 joins
         v1 opens c1
         a1 takes c1 && a2 takes c1
         a1 < assigned c1 a1, ok
         a2 < no stale
         c1 is assigned a1",
    );
}

#[test]
fn whoever_has_it_cannot_take_it() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 takes c1 from a1
         a1 < no stale",
    );
}

#[test]
fn what_is_closed_cannot_be_taken() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 closes c1
         a1 takes c1
         a1 < no closed",
    );
}

#[test]
fn an_offer_to_another_can_be_taken() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         c1 is offered a1
         a2 takes c1 from a1
         c1 is assigned a2
         a1 accepts c1
         a1 < no stale
         20 s pass
         c1 is assigned a2",
    );
}

#[test]
fn a_takeover_frees_the_one_it_was_taken_from() {
    play(
        "a1 joins
         a2 joins
         a2 stops accepting
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         c2 is waiting
         a2 takes c1 from a1
         c2 is assigned a1",
    );
}

#[test]
fn the_former_assignee_cannot_speak_any_more() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a2 takes c1 from a1
         a1 says c1: wait
         a1 < no stale
         a2 says c1: hello
         a2 < ok
         v1 < said a2 hello
         a1 < said a2 hello",
    );
}

#[test]
fn a_transfer_to_an_agent_exceeds_capacity_and_carries_a_word() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v2 joins
         v1 opens c1 for a1
         v2 opens c2 for a2
         a1 transfers c1 to a2: she knows
         a1 < transferred c1 a1 a2 she knows, assigned c1 a2, ok
         a2 < heads c1#3, assigned c1 #4 a2 transferred
         v1 < assigned c1 a2 transferred
         c1 is assigned a2
         c2 is assigned a2",
    );
}

#[test]
fn a_transfer_to_a_team_goes_to_its_line_at_the_old_place() {
    play(
        "team sales
         team support
         agent a1 in sales
         agent a2 in support
         a1 joins
         v1 joins
         v1 opens c1 in sales
         v2 joins
         v2 opens c2 in support
         a1 transfers c1 to support: not mine
         v1 < waiting c1 support transferred, place c1 1
         v2 < place c2 2
         c1 has team support
         a2 joins
         c1 is assigned a2
         c2 is waiting",
    );
}

#[test]
fn whoever_gives_it_back_is_not_given_it_again_at_once() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 transfers c1 to sales
         c1 is waiting
         60 s pass
         c1 is assigned a1",
    );
}

#[test]
fn a_lead_moves_what_others_serve_and_they_do_not_get_it_back_at_once() {
    play(
        "agent a3 lead
         a1 joins
         v1 joins
         v1 opens c1
         a3 joins
         a3 stops accepting
         a2 transfers c1 to sales
         a2 < no stale
         a3 transfers c1 to sales
         c1 is waiting
         a2 joins
         c1 is assigned a2",
    );
}

#[test]
fn a_lead_moves_what_waits() {
    play(
        "team sales
         team support
         agent a1 in sales
         agent a3 lead in sales
         v1 joins
         v1 opens c1 in support
         a3 joins
         a3 transfers c1 to sales
         c1 is assigned a3",
    );
}

#[test]
fn a_team_that_is_not_there_takes_nothing() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 transfers c1 to nowhere
         a1 < no bad_value
         c1 is assigned a1",
    );
}

#[test]
fn what_is_closed_cannot_be_transferred() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a1 closes c1
         a1 transfers c1 to a2
         a1 < no closed",
    );
}

#[test]
fn a_parked_chat_costs_no_capacity() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         a1 parks c1
         a1 < parked c1 a1, ok, assigned c2
         v1 < nothing
         c1 is parked a1
         c2 is assigned a1",
    );
}

#[test]
fn a_parked_chat_comes_back_above_capacity() {
    play(
        "a1 joins
         v1 joins
         v2 joins
         v1 opens c1
         v2 opens c2
         a1 parks c1 for 10 min
         c2 is assigned a1
         wakes in 10 min
         10 min pass
         a1 < assigned c1 a1 woken
         c1 is assigned a1
         c2 is assigned a1
         wakes never",
    );
}

#[test]
fn a_parked_chat_comes_back_when_its_visitor_writes() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 parks c1
         v1 says c1: I am back
         v1 < assigned c1 a1 woken, ok
         a1 < assigned c1 woken, said c1 I am back
         c1 is assigned a1",
    );
}

#[test]
fn a_parked_chat_without_its_agent_goes_to_the_line() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 parks c1 for 60 s
         a1 leaves
         a2 joins
         60 s pass
         v1 < waiting c1 woken, assigned a2
         c1 is assigned a2",
    );
}

#[test]
fn the_agent_speaks_in_a_parked_chat() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 parks c1
         a1 says c1: found it
         v1 < said c1 a1 found it
         c1 is parked a1",
    );
}

#[test]
fn only_what_one_serves_can_be_parked() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a2 parks c1
         a2 < no stale
         a1 parks c1 for 0 s
         a1 < no bad_value
         a1 parks c1 for 32 days
         a1 < no bad_value",
    );
}

#[test]
fn a_parked_chat_is_taken_by_its_agent_or_a_colleague() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a1 parks c1 for 60 s
         a1 takes c1 from a1
         c1 is assigned a1
         2 min pass
         c1 is assigned a1
         a1 parks c1
         a2 takes c1 from a1
         c1 is assigned a2",
    );
}

#[test]
fn an_agent_who_does_not_exist_does_nothing() {
    play(
        "v1 joins
         v1 opens c1
         a7 joins
         a7 < close 4401
         a8 takes c1
         a8 < no not_found
         a8 goes online
         a8 < no forbidden
         c1 is waiting
         appends 0",
    );
}

#[test]
fn visitors_do_not_do_what_agents_do() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         v1 takes c1
         v1 < no forbidden
         v1 notes c1: psst
         v1 < no forbidden
         v1 transfers c1 to a1
         v1 < no forbidden
         v1 parks c1
         v1 < no forbidden
         v1 accepts c1
         v1 < no forbidden
         v1 declines c1
         v1 < no forbidden
         c1 has records opened assigned",
    );
}
