//! Editing and deleting one's own messages.

use crate::stage::play;

#[test]
fn a_visitor_edits_their_own_message() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         v1 says c1 as m1: helo
         v1 edits c1 m1: hello
         v1 < edited c1 #4 m1 v hello own, ok
         a1 < edited c1 m1 v hello
         c1 has preview hello
         c1 has records opened assigned said edited",
    );
}

#[test]
fn an_agent_edits_their_own_message_and_the_visitor_sees_it() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 says c1 as m1: helo
         a1 edits c1 m1: hello
         v1 < edited c1 #4 m1 a1 hello
         a1 edits c1 m1: hello there
         v1 < edited c1 #5 m1 a1 hello there",
    );
}

#[test]
fn a_deleted_message_loses_its_body_and_all_its_edits() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         v1 says c1 as m1: my password is x
         v1 edits c1 m1: my password is y
         v1 deletes c1 m1
         v1 < deleted c1 m1 v own, ok
         a1 < deleted c1 m1 v
         c1 has preview none
         c1 has bodies _ _",
    );
}

#[test]
fn a_changed_note_is_still_a_note() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1: hello
         a2 follows c1
         a1 notes c1 as m1: psst
         a1 edits c1 m1: pssst
         a2 < edited c1 #5 m1 a1 pssst
         v1 < nothing
         a1 deletes c1 m1
         a2 < deleted c1 m1
         v1 < nothing
         c1 has preview hello
         v1 says c1: hi
         v1 < ok #4",
    );
}

#[test]
fn to_a_visitor_a_note_does_not_exist() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 notes c1 as m1: psst
         v1 edits c1 m1: mine
         v1 < no not_found
         v1 deletes c1 m1
         v1 < no not_found
         appends 0",
    );
}

#[test]
fn nobody_changes_the_words_of_another() {
    play(
        "a1 joins
         boss joins
         v1 joins
         v1 opens c1
         v1 says c1 as m1: mine
         a1 edits c1 m1: yours
         a1 < no forbidden
         boss deletes c1 m1
         boss < no forbidden
         a1 says c1 as m2: ours
         v1 deletes c1 m2
         v1 < no forbidden
         c1 has bodies mine ours",
    );
}

#[test]
fn what_is_not_there_cannot_be_changed_and_the_ordinal_stays_free() {
    play(
        "v1 joins
         v1 opens c1 @x1
         v1 edits c1 @x2 m9: nothing
         v1 < no not_found
         v1 says c1 @x2: hello
         v1 < ok",
    );
}

#[test]
fn a_message_of_another_conversation_is_not_found() {
    play(
        "site open 2
         v1 joins
         v1 opens c1
         v1 opens c2
         v1 says c1 as m1: hello
         v1 deletes c2 m1
         v1 < no not_found",
    );
}

#[test]
fn what_is_deleted_is_neither_edited_nor_deleted_again() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1 as m1: hello
         v1 deletes c1 m1
         v1 edits c1 m1: again
         v1 < no stale
         v1 deletes c1 m1
         v1 < no stale",
    );
}

#[test]
fn of_a_delete_and_an_edit_in_one_batch_the_first_counts() {
    play(
        "v1 joins
         v1.b joins
         v1 opens c1
         v1 says c1 as m1: hello
         v1 deletes c1 m1 && v1.b edits c1 m1: again
         v1 < deleted own, ok
         v1.b < deleted own, no stale
         c1 has bodies _",
    );
}

#[test]
fn a_retry_of_an_edit_changes_nothing() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1 as m1: helo
         v1 edits c1 m1: hello
         v1 < edited own, ok
         v1 repeats
         v1 < ok
         stored",
    );
}

#[test]
fn a_retry_while_the_message_is_read_is_answered_once_more() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1 as m1: helo
         loads wait
         v1 edits c1 m1: hello
         v1 repeats
         v1 < nothing
         loads go on
         v1 < edited own, ok, ok
         c1 has records opened said edited",
    );
}

#[test]
fn what_is_closed_is_not_edited_and_may_be_deleted_from() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1 as m1: hello
         v1 closes c1
         v1 edits c1 m1: bye
         v1 < no closed
         v1 deletes c1 m1
         v1 < deleted own, ok",
    );
}

#[test]
fn the_words_of_a_conversation_nobody_holds_are_read_in_two_steps() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1 as m1: hello
         v1 closes c1
         v1 leaves
         v1 joins anew
         v1 deletes c1 m1
         v1 < ok
         c1 has bodies _
         c1 has preview none",
    );
}

#[test]
fn a_message_that_cannot_be_read_settles_nothing() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1 as m1: helo
         loads fail
         v1 edits c1 m1: hello
         v1 < no unavailable
         appends 0
         loads go on
         v1 repeats
         v1 < edited own, ok",
    );
}

#[test]
fn a_later_message_keeps_the_preview() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1 as m1: one
         v1 says c1: two
         v1 edits c1 m1: eins
         c1 has preview two
         v1 deletes c1 m1
         c1 has preview two",
    );
}

#[test]
fn of_a_preview_that_may_be_deleted_nothing_is_shown() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1 as m1: secret
         the desk reopens
         v1 deletes c1 m1
         c1 has preview none",
    );
}
