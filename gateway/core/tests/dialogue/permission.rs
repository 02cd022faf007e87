//! Who may do what at all.

use crate::stage::play;

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
