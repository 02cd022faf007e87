//! What passes: typing, read marks, pages and availability.

use crate::stage::play;

#[test]
fn typing_reaches_the_others_and_not_oneself() {
    play(
        "a1 joins
         v1 joins
         v1.b joins
         v1 opens c1
         v1 types c1
         v1 < nothing
         v1.b < typing c1 v public
         a1 < typing c1 v public
         a1 types c1
         v1 < typing c1 a1 public
         a1 < nothing
         appends 0",
    );
}

#[test]
fn typing_a_note_is_for_agents() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a2 follows c1
         a1 types note c1
         a2 < typing c1 a1 note
         v1 < nothing
         v1 types note c1
         a1 < nothing",
    );
}

#[test]
fn read_marks_are_told_in_the_readers_own_numbers() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1.b joins
         v1 opens c1: hello
         a2 follows c1
         a1 notes c1: hm
         a1 says c1: hi
         v1 reads c1 #4
         a1 < read c1 v #5
         v1.b < read c1 v #4
         a1 reads c1 #5
         v1 < read c1 a1 #4
         a2 < read c1 a1 #5",
    );
}

#[test]
fn the_highest_mark_wins() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1: hello
         v1 reads c1 #2
         v1 reads c1 #1
         a1 < nothing
         v1 reads c1 #99
         a1 < read c1 v #3
         v1 reads c1 #3
         a1 < nothing
         5 s pass
         c1 has read 0 3",
    );
}

#[test]
fn a_mark_is_stored_with_the_next_append() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1: hello
         a1 reads c1 #2
         appends 0
         c1 has read 0 0
         v1 says c1: more
         appends 1
         c1 has read 2 0",
    );
}

#[test]
fn a_mark_without_other_news_is_stored_after_five_seconds() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1: hello
         a1 reads c1 #2
         4999 ms pass
         appends 0
         1 ms passes
         appends 1
         c1 has read 2 0
         10 s pass
         appends 0",
    );
}

#[test]
fn a_later_mark_does_not_put_off_the_first() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1: hello
         a1 reads c1 #2
         4 s pass
         a1 reads c1 #3
         1 s passes
         appends 1
         c1 has read 3 0",
    );
}

#[test]
fn a_mark_on_what_is_closed_is_stored_before_it_is_forgotten() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1: hello
         a1 closes c1
         a1 leaves
         v1 reads c1 #4
         v1 leaves
         busy
         5 s pass
         c1 has read 0 4
         idle",
    );
}

#[test]
fn marks_of_those_who_do_not_follow_are_passed_over() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a2 reads c1 #2
         a1 < nothing
         5 s pass
         appends 0",
    );
}

#[test]
fn the_page_is_shown_and_stored_like_a_mark() {
    play(
        "a1 joins
         a1 watches mine
         v1 joins
         v1 opens c1
         v1 is on https://shop.example/cart
         a1 < change mine c1
         appends 0
         5 s pass
         appends 1
         c1 has url https://shop.example/cart
         v1 is on https://shop.example/cart
         a1 < nothing
         a1 watches mine
         a1 < rows mine c1",
    );
}

#[test]
fn availability_is_answered_and_told_again_when_it_changes() {
    play(
        "v1 joins
         v1 asks availability
         v1 < availability offline 0
         v2 joins
         a1 joins
         v1 < availability online 0
         v2 < nothing
         a1 stops accepting
         v1 < availability offline 0
         a1 starts accepting
         v1 < availability online
         a2 joins
         v1 < nothing
         a1 leaves
         v1 < nothing
         a2 goes away
         v1 < availability offline",
    );
}

#[test]
fn a_wait_is_told_once_enough_was_served() {
    let mut text = String::from("a1 joins\nv1 joins\n");
    for n in 1..=5 {
        text += &format!("v1 opens c{n}\n100 s pass\na1 closes c{n}\n");
    }
    text += "v1 opens c10
             v2 joins
             v2 opens c11
             v2 < opened, ok, place c11 1 66-140 s
             a1 stops accepting
             v2 < place c11 1
             a2 joins
             v2 < assigned";
    play(&text);
}
