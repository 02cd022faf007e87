//! Command ids: what a retry is answered, and what it does not do twice.

use crate::stage::play;

#[test]
fn the_same_again_is_answered_as_before() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1: hello
         v1 says c1: one
         v1 < ok #4
         v1 repeats
         v1 < ok #4
         stored
         v1 repeats 1
         v1 < no out_of_order
         c1 has records opened said assigned said",
    );
}

#[test]
fn the_same_again_on_another_socket_is_answered_as_before() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 says c1: one
         v1 leaves
         v1 joins
         v1 repeats
         v1 < ok #3
         stored",
    );
}

#[test]
fn the_same_id_with_other_content_is_a_conflict_and_stores_nothing() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1: one
         v1 repeats: two
         v1 < no conflict
         stored
         v1 says c1: three
         v1 < ok #3
         c1 has records opened said said",
    );
}

#[test]
fn a_conflict_leaves_the_row_alone() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1: one
         v1 repeats: two
         v1 < no conflict
         v1 repeats 2
         v1 < ok #2
         stored",
    );
}

#[test]
fn a_lower_or_higher_ordinal_is_out_of_order() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1 @x2: too high
         v1 < no out_of_order
         v1 says c1 @x1: one
         v1 < ok
         v1 says c1 @x2: two
         v1 < ok
         v1 says c1 @x1: one
         v1 < no out_of_order
         v1 says c1 @x4: four
         v1 < no out_of_order
         v1 says c1 @x3: three
         v1 < ok #4",
    );
}

#[test]
fn ordinals_are_counted_in_each_lane_apart() {
    play(
        "site open 2
         v1 joins
         v1 opens c1 @x1: a
         v1 opens c2 @x1: a
         v1 < opened, said, ok, place
         v1 says c1 @x2: b
         v1 < ok
         v1 says c2 @x2: b
         v1 < ok",
    );
}

#[test]
fn a_final_no_enters_the_row_and_is_repeated_for_ever() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a2 says c1: not mine
         a2 < no stale
         a2 takes c1 from a1
         a2 repeats 2
         a2 < no out_of_order
         a2 repeats 3
         a2 < ok
         stored",
    );
}

#[test]
fn a_late_copy_cannot_slip_in_after_a_no() {
    play(
        "a1 joins
         a2 joins
         v1 joins
         v1 opens c1
         a2 says c1: not mine
         a2 < no stale
         a1 transfers c1 to a2
         a2 repeats 2
         a2 < no stale
         stored
         a2 says c1: now mine
         a2 < ok",
    );
}

#[test]
fn a_refused_open_stays_refused_after_the_other_conversation_closed() {
    play(
        "v1 joins
         v1 opens c1
         v1 opens c2: hello
         v1 < no already_open c1
         v1 closes c1
         v1 repeats 2
         v1 < no already_open c1
         stored
         the desk reopens
         v1 repeats 2
         v1 < no already_open c1
         c2 is unknown",
    );
}

#[test]
fn what_is_not_there_is_not_found_and_the_ordinal_stays_free() {
    play(
        "v1 joins
         v1 says c1 @x1: hello
         v1 < no not_found
         v1 opens c1 @x1: hello
         v1 < opened, said, ok, place",
    );
}

#[test]
fn a_foreign_conversation_is_not_found_even_under_its_own_command_id() {
    play(
        "v1 joins
         v2 joins
         v1 opens c1 @x1: mine
         v2 opens c1 @x1: mine
         v2 < no not_found
         v2 opens c1 @y1: mine
         v2 < no not_found
         v2 says c1 @x2: mine
         v2 < no not_found
         v1 says c1 @x2: mine
         v1 < ok #3",
    );
}

#[test]
fn an_open_resent_under_its_id_finds_its_own_answer() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 repeats
         v1 < ok
         stored
         v1 leaves
         v1 joins
         v1 repeats
         v1 < ok
         c1 has records opened said",
    );
}

#[test]
fn another_outbox_cannot_open_what_is_open() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 opens c1 @y1: hello
         v1 < no conflict",
    );
}

#[test]
fn rows_live_through_close_and_reopen() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 says c1: one
         v1 closes c1
         v1 leaves
         v1 joins anew
         v1 says c1: two
         v1 < reopened, waiting, ok #7, place
         v1 repeats 2
         v1 < no out_of_order
         v1 repeats 4
         v1 < ok #7
         c1 has records opened said said closed reopened waiting said",
    );
}

#[test]
fn a_lost_append_leaves_no_trace_and_the_retry_is_new() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         lost: v1 says c1: hello
         v1 < joined c1#2
         v1 repeats
         v1 < ok #3
         c1 has records opened assigned said",
    );
}

#[test]
fn an_append_nobody_heard_of_is_answered_on_the_retry() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         unheard: v1 says c1: hello
         v1 < joined c1#3
         v1 repeats
         v1 < ok #3
         stored
         c1 has records opened assigned said",
    );
}

#[test]
fn an_agents_own_state_has_a_lane_of_its_own() {
    play(
        "a1 joins
         a1 goes away
         a1 < ok
         a1 goes online
         a1 < ok
         a1 repeats
         a1 < ok
         stored
         a1 repeats 1
         a1 < no out_of_order
         the desk reopens
         a1 repeats 2
         a1 < ok
         appends 0",
    );
}

#[test]
fn a_kind_that_is_not_known_is_refused_and_the_ordinal_stays_free() {
    play(
        "v1 joins
         v1 opens c1
         v1 waves c1
         v1 < no unknown_type
         appends 0
         v1 says c1: hello
         v1 < ok",
    );
}

#[test]
fn two_commands_in_one_batch_are_answered_in_order() {
    play(
        "v1 joins
         v1 opens c1
         v1 says c1 @x1: one && v1 says c1 @x2: two && v1 says c1 @x2: two
         v1 < ok #2, ok #3, ok #3
         c1 has records opened said said",
    );
}

#[test]
fn a_visitor_has_nothing_in_the_lane_of_agents() {
    play(
        "v1 joins
         v1 goes online
         v1 < no forbidden
         appends 0",
    );
}

#[test]
fn an_own_state_in_a_conversations_lane_is_refused() {
    play(
        "a1 joins
         v1 joins
         v1 opens c1
         a1 asks c1 goes away
         a1 < no bad_value",
    );
}

#[test]
fn a_visitor_with_too_many_tabs_keeps_no_agent_from_answering() {
    let tab = |index: u32| char::from_u32(0x4e00 + index).unwrap();
    let says = |index| format!("v1 says c1 @{}1: word\n", tab(index));
    let words: String = (1..512).map(says).collect();
    play(&format!(
        "a1 joins
         v1 joins
         v1 opens c1
         c1 is assigned a1
         {words}
         v1 says c1 @zz1: one too many
         v1 < no busy
         v1 says c1: the first tab goes on
         v1 < ok
         a1 says c1: hello
         a1 < ok
         a1 closes c1
         a1 < closed, ok"
    ));
}

#[test]
fn the_retry_of_a_closed_conversation_waits_for_the_store() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 closes c1
         v1 leaves
         v1 joins anew
         loads wait
         v1 repeats 2
         v1 < nothing
         5 s pass
         v1 < nothing
         loads go on
         v1 < ok",
    );
}

#[test]
fn a_load_that_fails_settles_nothing() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 closes c1
         v1 leaves
         v1 joins anew
         loads fail
         v1 says c1: again
         v1 < no unavailable
         appends 0
         loads go on
         v1 repeats
         v1 < reopened, waiting, ok #6, place",
    );
}

#[test]
fn commands_that_wait_for_a_load_keep_their_order() {
    play(
        "v1 joins
         v1 opens c1: hello
         v1 closes c1
         v1 leaves
         v1 joins anew
         loads wait
         v1 says c1 @x1: one
         v1 says c1 @x2: two
         loads go on
         v1 < reopened, waiting, ok #6, ok #7, place",
    );
}

#[test]
fn a_row_of_lane_none_goes_a_month_after_its_last_use() {
    play(
        "a1 joins
         a1 goes away
         a1 goes online
         a1.b joins
         20 days pass
         a1.b goes away
         10 days pass
         a1 repeats
         a1 < ok
         2 days pass
         outboxes 1
         a1 repeats
         a1 < no out_of_order
         a1.b goes online
         a1.b < ok
         a1 sets capacity 1
         a1 < ok
         outboxes 2",
    );
}

#[test]
fn rows_of_a_conversation_do_not_go_while_it_lives() {
    play(
        "v1 joins
         v1 opens c1 offline
         v1 leaves
         90 days pass
         v1 joins
         v1 repeats
         v1 < ok
         stored",
    );
}

#[test]
fn a_desk_that_opens_forgets_what_was_not_used_for_a_month() {
    play(
        "row outboxes 3 of lane none unused for 31 days
         a1 joins
         outboxes 0
         a1 goes away @o1: again
         a1 < ok
         outboxes 1",
    );
}

#[test]
fn when_all_rows_of_lane_none_are_taken_a_new_page_waits_until_some_are_forgotten() {
    play(
        "row outboxes 10000 of lane none unused for 29 days
         a1 joins
         a1 goes away
         a1 < no busy
         2 days pass
         outboxes 0
         a1 repeats
         a1 < ok
         outboxes 1",
    );
}

#[test]
fn rows_whose_going_was_lost_go_with_the_next_desk() {
    play(
        "row outboxes 2 of lane none unused for 29 days
         a1 joins
         lost: 2 days pass
         outboxes 0",
    );
}
