//! A node that stops: each socket is closed behind the answers to what it asked.

use crate::stage::play;

#[test]
fn a_socket_is_closed_behind_its_answers() {
    play(
        "v1 joins
         v1 opens c1: hello && v1 must go
         v1 < opened, said hello, ok, place, close 1012",
    );
}

#[test]
fn nobody_else_is_closed() {
    play(
        "v1 joins
         v2 joins
         v1 must go
         v1 < close 1012
         v2 < nothing
         v2 opens c2: hello
         v1 < nothing",
    );
}

#[test]
fn a_command_that_waits_for_a_load_is_answered_first() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 closes c1
         v1 leaves
         v1 joins anew
         loads wait
         v1 says c1: again && v1 must go
         v1 < nothing
         loads go on
         v1 < reopened, waiting, ok #6, place, close 1012",
    );
}

#[test]
fn a_command_that_waits_in_vain_is_refused_first() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 closes c1
         v1 leaves
         v1 joins anew
         loads fail
         v1 says c1: again && v1 must go
         v1 < no unavailable, close 1012",
    );
}

#[test]
fn another_desk_remembers_who_must_go() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 closes c1
         v1 leaves
         v1 joins anew
         loads wait
         v1 says c1: again && v1 must go
         the desk reopens
         loads go on
         v1 < reopened, waiting, ok #6, place, close 1012",
    );
}
