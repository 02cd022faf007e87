//! Opening a conversation.

use crate::stage::play;

#[test]
fn a_visitor_opens_and_a_free_agent_takes_it() {
    play(
        "a1 joins
         v1 joins
         v1 < nothing
         v1 opens c1: hello
         v1 < opened c1 #1 own, said #2 hello own, ok, assigned #3 a1 routed
         a1 < assigned c1 #3
         c1 is assigned a1",
    );
}

#[test]
fn nobody_is_there_and_the_visitor_is_told_the_place() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 < opened, said, ok, place c1 1
         c1 is waiting",
    );
}

#[test]
fn an_open_without_words_is_a_conversation_too() {
    play(
        "v1 joins
         v1 opens c1
         v1 < opened, ok, place c1 1
         c1 has records opened",
    );
}

#[test]
fn a_second_open_names_the_conversation_that_is_open() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 opens c2: hello again
         v1 < no already_open c1
         c2 is unknown
         v1 says c1: hello again
         v1 < ok #3",
    );
}

#[test]
fn a_second_tab_is_told_of_the_open_one_and_follows_it_on_arrival() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1.b joins
         v1.b < joined c1#2, place c1 1
         v1.b opens c2: hi
         v1.b < no already_open c1
         v1.b says c1: hi
         v1.b < ok #3
         v1 < said #3 hi own",
    );
}

#[test]
fn a_site_may_allow_several_open_conversations() {
    play(
        "site open 2
         v1 joins
         v1 opens c1
         v1 opens c2
         v1 < opened c2, ok, place c2 2
         v1 opens c3
         v1 < no already_open c2",
    );
}

#[test]
fn a_closed_conversation_does_not_stand_in_the_way() {
    play(
        "v1 joins
         v1 opens c1
         v1 closes c1
         v1 opens c2: again
         v1 < opened c2, said, ok, place c2 1",
    );
}

#[test]
fn a_team_that_does_not_exist_is_the_first_one() {
    play(
        "team sales
         team support
         v1 joins
         v1 opens c1 in nowhere: hello
         c1 has team sales
         v2 joins
         v2 opens c2 in support: hello
         c2 has team support",
    );
}

#[test]
fn a_message_left_offline_waits_for_nobody_and_an_agent_may_take_it() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1 offline: call me
         v1 < opened offline, said, ok
         c1 is offline
         a1 takes c1
         a1 < assigned c1 a1 taken, ok
         c1 is assigned a1",
    );
}

#[test]
fn a_message_left_offline_joins_the_line_when_its_visitor_writes_and_somebody_is_there() {
    play(
        "v1 joins
         v1 opens c1 offline: call me
         v1 says c1: still nobody?
         v1 < ok #3
         c1 is offline
         a1 joins
         v1 says c1: and now
         v1 < waiting c1 reopened, ok #5, assigned a1
         c1 is assigned a1",
    );
}

#[test]
fn whoever_left_a_message_stands_behind_those_who_wait() {
    play(
        "a1 joins
         v9 joins
         v9 opens c9
         v1 joins
         v1 opens c1 offline: call me
         v2 joins
         v2 opens c2
         line c2
         v1 says c1: back
         line c2 c1",
    );
}

#[test]
fn an_agent_cannot_open() {
    play(
        "a1 joins
         a1 opens c1: hello
         a1 < no forbidden
         c1 is unknown",
    );
}

#[test]
fn opening_is_ordinal_one_of_its_lane() {
    play(
        "v1 joins
         v1 opens c1 @x2: hello
         v1 < no out_of_order
         c1 is unknown",
    );
}

#[test]
fn a_refused_open_cannot_be_followed_by_another_in_its_lane() {
    play(
        "v1 joins
         v1 opens c1
         v1 opens c2
         v1 < no already_open
         v1 closes c1
         v1 opens c2 @2: once more
         v1 < no out_of_order
         v1 opens c3
         v1 < opened, ok, place",
    );
}

#[test]
fn other_tabs_of_the_visitor_follow_what_one_of_them_opens() {
    play(
        "v1 joins
         v1.b joins
         v1 opens c1: hello
         v1.b < heads c1#0, opened c1 own, said hello own, place c1 1
         v1.b says c1: from the other tab
         v1.b < ok #3
         v1 < said #3 own",
    );
}

#[test]
fn strangers_hear_nothing() {
    play(
        "v1 joins
         v2 joins
         a1 joins
         a2 joins
         v1 opens c1: hello
         v2 < nothing
         a2 < nothing
         v1 says c1: more
         a1 < said more
         a2 < nothing",
    );
}

#[test]
fn the_card_is_what_the_page_said() {
    play(
        "v1 joins on https://shop.example/a
         v1 opens c1
         c1 has url https://shop.example/a
         v1 leaves
         v1 joins on https://shop.example/b
         v1 says c1: hello
         c1 has url https://shop.example/b",
    );
}
