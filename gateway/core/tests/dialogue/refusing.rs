//! What is not carried out: commands the shell gave up on, desks that were fenced, and too much at once.

use crate::stage::play;

#[test]
fn a_command_the_shell_gave_up_on_is_refused_for_ever() {
    play(
        "v1 joins
         v1 opens c1
         refused unstorable: v1 says c1: poison
         v1 < no unstorable
         v1 repeats
         v1 < no unstorable
         stored
         the desk reopens
         v1 repeats 2
         v1 < no unstorable
         v1 says c1: hello
         v1 < ok #2",
    );
}

#[test]
fn an_open_the_shell_gave_up_on_is_refused_for_ever() {
    play(
        "v1 joins
         refused internal: v1 opens c1: poison
         v1 < no internal
         v1 repeats
         v1 < no internal
         c1 is unknown
         v1 opens c2: hello
         v1 < opened, said, ok, place",
    );
}

#[test]
fn what_was_answered_before_the_shell_gave_up_stays_answered() {
    play(
        "v1 joins
         v2 joins
         v1 opens c1
         v1 says c1 @x1: hello
         refused internal: v1 says c1 @x1: hello
         v1 < ok #2
         refused internal: v2 says c1 @y1: hello
         v2 < no not_found
         a1 joins
         refused internal: a1 goes away
         a1 < no internal
         a1 repeats
         a1 < no internal",
    );
}

#[test]
fn a_desk_that_was_fenced_stores_and_says_nothing() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a rival desk opens
         v1 says c1: hello
         v1 < joined c1#2
         a1 < joined c1#2
         c1 has records opened assigned
         v1 repeats
         v1 < ok #3",
    );
}

#[test]
fn a_conversation_has_room_for_many_tabs_and_then_asks_to_wait() {
    let tabs: String = (0..511).map(|tab| format!("v1 says c1 @tab{}x1: hi\n", word(tab))).collect();
    play(&format!("v1 joins\nv1 opens c1\n{tabs}v1 says c1 @onemorex1: hi\nv1 < no busy\nv1 says c1: hi\nv1 < ok"));
}

/// A word of letters for a number.
fn word(number: u32) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

#[test]
fn too_many_that_wait_for_one_load_are_asked_to_wait() {
    let many: String = (0..64).map(|tab| format!("v1 says c1 @tab{}x1: hi\n", word(tab))).collect();
    play(&format!(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 leaves
         v1 joins anew
         loads wait
         {many}
         v1 says c1: one too many
         v1 < no busy
         loads go on"
    ));
}

#[test]
fn a_command_on_what_is_not_held_is_refused_once_it_is_loaded() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 leaves
         1 s passes
         v1 joins anew
         refused internal: v1 says c1: poison
         v1 < no internal
         v1 repeats
         v1 < no internal
         c1 is closed visitor_left
         v1 says c1: hello
         v1 < reopened, waiting, ok, place",
    );
}
