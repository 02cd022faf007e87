//! Notes, and what visitors do not see.

use crate::stage::play;

#[test]
fn a_note_reaches_agents_and_no_visitor() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a2 follows c1
         a1 notes c1: be kind
         a1 < ok #3
         a2 < noted c1 #3 a1 be kind
         v1 < nothing",
    );
}

#[test]
fn public_numbers_are_dense_over_notes() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 notes c1: one
         a1 says c1: hello
         v1 < said c1 #3 a1 hello
         a1 notes c1: two
         v1 says c1: hi
         v1 < ok #4
         a1 < said c1 #6 v hi",
    );
}

#[test]
fn a_colleague_whispers_into_what_another_serves() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a2 notes c1: ask for the order number
         a2 < ok
         a1 < noted c1 a2 order number
         v1 < nothing
         c1 is assigned a1",
    );
}

#[test]
fn notes_are_taken_in_any_state() {
    play(
        "a1 joins
         a1 stops accepting
         v1 joins
         v1 opens c1
         a1 notes c1: waiting
         a1 < ok
         a1 closes c1
         a1 notes c1: closed
         a1 < ok
         c1 is closed solved",
    );
}

#[test]
fn a_note_is_no_preview() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1: hello
         a1 notes c1: secret
         c1 has preview hello",
    );
}

#[test]
fn visitors_hear_nothing_of_offers_and_transfers() {
    play(
        "team sales offers 20 s
         a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         v1 < opened, ok
         a1 declines c1
         v1 < nothing
         20 s pass
         v1 < place
         a1 takes c1
         v1 < assigned #2
         a1 parks c1
         v1 < nothing
         c1 has records opened offered declined offered lapsed assigned parked",
    );
}

#[test]
fn a_returning_reader_is_told_heads_in_their_own_numbers() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 notes c1: one
         a1 notes c1: two
         v1 leaves
         v1 joins
         v1 < joined c1#2
         a1 leaves
         a1 joins
         a1 < joined c1#4",
    );
}

#[test]
fn supervisors_type_and_read_unseen() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a2 follows c1
         a2 types c1
         v1 < nothing
         a1 < typing c1 a2 public
         a2 reads c1 #2
         v1 < nothing
         a1 < read c1 a2 #2
         a1 reads c1 #2
         v1 < read c1 a1 #2",
    );
}

#[test]
fn an_agent_asked_by_an_offer_types_unseen() {
    play(
        "team sales offers 20 s
         a1 joins
         v1 joins
         v1 opens c1
         a1 types c1
         v1 < nothing
         a1 accepts c1
         a1 types c1
         v1 < typing c1 a1 public",
    );
}

#[test]
fn command_ids_are_told_to_their_author_only() {
    play(
        "a1 joins
         a1.b joins
         v1 joins
         v1.b joins
         v1 opens c1
         v1 says c1: hello
         v1.b < said hello own
         a1 < said hello
         a1 says c1: hi
         a1.b < said hi own
         v1 < said hi",
    );
}
