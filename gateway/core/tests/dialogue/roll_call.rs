//! Roll call: a desk among several nodes does not know at first who has joined.

use crate::stage::play;

#[test]
fn an_opening_desk_takes_commands_and_assigns_when_the_roll_is_called() {
    play(
        "a1 joins
         v1 joins
         the desk reopens among peers
         v1 opens c1: hello
         v1 < opened, said, ok, place c1 1
         c1 is waiting
         2 s pass
         c1 is waiting
         the roll is called
         c1 is assigned a1",
    );
}

#[test]
fn nothing_expires_while_the_desk_is_opening() {
    play(
        "row c1 of v1 offered a1 for 5 s
         row c2 of v2 parked a1 for 5 s
         the node restarts among peers
         20 s pass
         c1 is offered a1
         c2 is parked a1
         the roll is called
         c1 is waiting
         c2 is waiting",
    );
}

#[test]
fn an_offer_that_lapsed_meanwhile_is_over_before_anybody_is_assigned() {
    play(
        "team sales
         team support offers 20 s
         agent a1 cap 3
         a1 joins
         v1 joins
         v2 joins
         v1 opens c1 in support
         c1 is offered a1
         the desk reopens among peers
         20 s pass
         v2 opens c2
         the roll is called
         a1 is lapsed
         c1 is waiting
         c2 is waiting",
    );
}

#[test]
fn who_has_joined_and_is_not_heard_yet_when_the_roll_is_called_is_not_missing() {
    play(
        "agent a1 cap 1
         a1 joins
         v1 joins
         v1 opens c1: hello
         c1 is assigned a1
         a1 leaves
         30 s pass
         the node restarts among peers
         40 s pass
         the roll is called before a1 is heard
         c1 is assigned a1",
    );
}

#[test]
fn an_agent_whom_no_node_named_is_lost_from_then_on() {
    play(
        "a1 joins
         a2 joins
         the node restarts among peers
         a2 joins
         2 s pass
         a1 is not lost
         the roll is called
         a1 is lost
         a2 is not lost",
    );
}

#[test]
fn the_grace_of_an_agent_lost_before_is_not_renewed() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 leaves
         50 s pass
         the desk reopens among peers
         2 s pass
         the roll is called
         9 s pass
         c1 is waiting",
    );
}

#[test]
fn an_opening_desk_says_that_agents_are_there_and_not_that_none_is() {
    play(
        "the node restarts among peers
         v1 joins
         v1 asks availability
         v1 < nothing
         the roll is called
         v1 < availability offline 0
         a1 joins
         the desk reopens among peers
         v1 asks availability
         v1 < availability online 0",
    );
}

#[test]
fn an_opening_desk_is_not_idle() {
    play(
        "the node restarts among peers
         busy
         the roll is called
         idle",
    );
}

#[test]
fn a_roll_that_is_called_twice_changes_nothing() {
    play(
        "a1 joins
         v1 joins
         v1 asks availability
         the desk reopens among peers
         the roll is called
         a1 leaves
         a1 is lost
         the roll is called
         v1 < nothing",
    );
}
