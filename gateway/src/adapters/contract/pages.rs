//! Pages of records in both numberings, and the lists beside them.

use super::samples::{Desk, Story, agent_id, conversation_id, visitor_id};
use crate::adapters::contract::on_every_store;
use crate::ports::{Audience, ClosedQuery, Cursor, RecordsQuery, Store, StoreError};
use gateway_core::ids::Principal;
use gateway_core::now::StoreTime;
use gateway_core::stored::StoredState;
use protocol::limits::PAGE_BYTES_MAX;
use protocol::{CloseReason, ConversationId, Number, Position};
use std::sync::Arc;

on_every_store! {
    agents_read_full_numbers
    visitors_read_public_numbers_and_nothing_hidden
    pages_continue_where_the_reader_stands
    one_record_is_read_with_both_its_numbers
    a_wrong_tail_means_resync
    a_number_above_the_head_means_resync
    a_hidden_record_is_no_public_position
    a_page_is_bounded_in_bytes
    a_long_record_comes_alone
    command_ids_are_told_to_their_author_only
    a_conversation_that_is_not_there_has_no_pages
    closed_conversations_come_latest_first_and_continue
    closed_conversations_of_a_visitor_are_theirs_alone
    a_visitors_history_holds_open_and_closed_latest_first
}

const START: Position = Position { number: Number(0), tail: 0 };

async fn told(store: &Arc<dyn Store>) -> (Desk, Story) {
    let desk = Desk::new(store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("one");
    story.agent_notes("two");
    story.agent_notes("three");
    story.visitor_says("four");
    story.visitor_says("five");
    desk.tell(&mut story).await;
    (desk, story)
}

fn numbers(records: &protocol::Records) -> Vec<u64> {
    records.records.iter().map(|record| record.number.0).collect()
}

async fn agents_read_full_numbers(store: Arc<dyn Store>) {
    let (desk, story) = told(&store).await;
    let page = desk.page(story.id(), START).await;
    assert_eq!(numbers(&page), [1, 2, 3, 4, 5]);
    assert_eq!(page.head.position, story.row.head);
    assert!(!page.resync);
    for (read, stored) in page.records.iter().zip(&story.records) {
        assert_eq!((read.id, read.tail, read.at, &read.what), (stored.id, stored.tail(), stored.at, &stored.what));
    }
}

async fn one_record_is_read_with_both_its_numbers(store: Arc<dyn Store>) {
    let (desk, story) = told(&store).await;
    for stored in &story.records {
        let read = store.record(desk.site, story.id(), stored.id).await.unwrap();
        assert_eq!(read.as_ref(), Some(stored));
    }
    let other = store.record(desk.site, conversation_id(9), story.records[0].id).await.unwrap();
    assert_eq!(other, None);
}

async fn visitors_read_public_numbers_and_nothing_hidden(store: Arc<dyn Store>) {
    let (desk, story) = told(&store).await;
    let reader = Principal::Visitor(story.row.visitor);
    let page = desk.query(story.id(), Audience::Public, START, 100, reader).await;
    assert_eq!(numbers(&page), [1, 2, 3]);
    assert_eq!(page.head.position, story.row.public_head);
    let ids: Vec<_> = page.records.iter().map(|record| record.id).collect();
    assert_eq!(ids, [story.records[0].id, story.records[3].id, story.records[4].id]);
}

async fn pages_continue_where_the_reader_stands(store: Arc<dyn Store>) {
    let (desk, story) = told(&store).await;
    for audience in [Audience::Full, Audience::Public] {
        let mut seen = Vec::new();
        let mut after = START;
        loop {
            let page = desk.query(story.id(), audience, after, 2, Principal::Agent(agent_id(1))).await;
            let Some(last) = page.records.last() else { break };
            assert!(page.records.len() <= 2);
            after = Position { number: last.number, tail: last.tail };
            seen.extend(numbers(&page));
        }
        let count = if audience == Audience::Full { 5 } else { 3 };
        assert_eq!(seen, (1..=count).collect::<Vec<_>>());
    }
}

async fn a_wrong_tail_means_resync(store: Arc<dyn Store>) {
    let (desk, story) = told(&store).await;
    let right = story.position(2);
    assert!(!desk.page(story.id(), right).await.resync);
    for wrong in [Position { tail: right.tail ^ 1, ..right }, Position { tail: 1, ..START }] {
        let page = desk.page(story.id(), wrong).await;
        assert!(page.resync && page.records.is_empty(), "{page:?}");
        assert_eq!(page.head.position, story.row.head);
    }
}

async fn a_number_above_the_head_means_resync(store: Arc<dyn Store>) {
    let (desk, story) = told(&store).await;
    for number in [6, Number::MAX, u64::MAX] {
        let page = desk.page(story.id(), Position { number: Number(number), tail: 0 }).await;
        assert!(page.resync && page.records.is_empty());
    }
    let at_head = desk.page(story.id(), story.row.head).await;
    assert!(!at_head.resync && at_head.records.is_empty());
}

async fn a_hidden_record_is_no_public_position(store: Arc<dyn Store>) {
    let (desk, story) = told(&store).await;
    let reader = Principal::Visitor(story.row.visitor);
    // Full number 2 is a note; public number 2 is the fourth record.
    let page = desk.query(story.id(), Audience::Public, story.position(2), 100, reader).await;
    assert!(page.resync);
    let fourth = Position { number: Number(2), ..story.position(4) };
    let page = desk.query(story.id(), Audience::Public, fourth, 100, reader).await;
    assert_eq!(numbers(&page), [3]);
}

async fn a_page_is_bounded_in_bytes(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    for _ in 0..9 {
        story.visitor_says(&"x".repeat(PAGE_BYTES_MAX / 4));
    }
    desk.tell(&mut story).await;
    assert_eq!(numbers(&desk.page(story.id(), START).await), [1, 2, 3, 4]);
    assert_eq!(numbers(&desk.page(story.id(), story.position(8)).await), [9]);
}

async fn a_long_record_comes_alone(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says(&"x".repeat(PAGE_BYTES_MAX + 1));
    story.visitor_says("short");
    desk.tell(&mut story).await;
    assert_eq!(numbers(&desk.page(story.id(), START).await), [1]);
}

async fn command_ids_are_told_to_their_author_only(store: Arc<dyn Store>) {
    let (desk, story) = told(&store).await;
    for reader in [Principal::Visitor(story.row.visitor), Principal::Agent(agent_id(1)), Principal::Agent(agent_id(2))]
    {
        let page = desk.query(story.id(), Audience::Full, START, 100, reader).await;
        for (read, stored) in page.records.iter().zip(&story.records) {
            assert_eq!(read.command, stored.command.filter(|_| stored.author == Some(reader)));
        }
    }
}

async fn a_conversation_that_is_not_there_has_no_pages(store: Arc<dyn Store>) {
    let (desk, story) = told(&store).await;
    let other = Desk::new(&store, "other").await;
    for (site, conversation) in [(desk.site, conversation_id(9)), (other.site, story.id())] {
        let query = RecordsQuery {
            site,
            conversation,
            audience: Audience::Full,
            after: START,
            limit: 10,
            reader: Principal::Agent(agent_id(1)),
        };
        assert!(matches!(store.records(query).await, Err(StoreError::NotFound)));
        assert_eq!(store.conversation(site, conversation).await.unwrap(), None);
    }
}

/// Five closed conversations of two visitors, two of them closed in the same millisecond, and one open.
async fn history(store: &Arc<dyn Store>) -> Desk {
    let desk = Desk::new(store, "demo").await;
    for number in 1..=6 {
        let mut story = Story::new(number);
        story.row.visitor = visitor_id(number % 2);
        story.row.opened_at = 100 - u64::try_from(number).unwrap();
        if number < 6 {
            story.row.since = u64::try_from(number / 2).unwrap();
            story.row.state = StoredState::Closed { reason: CloseReason::NoAnswer, at: StoreTime(1) };
        }
        desk.tell(&mut story).await;
    }
    desk
}

fn ids(numbers: &[u128]) -> Vec<ConversationId> {
    numbers.iter().copied().map(conversation_id).collect()
}

async fn closed_conversations_come_latest_first_and_continue(store: Arc<dyn Store>) {
    let desk = history(&store).await;
    let mut before = None;
    let mut seen = Vec::new();
    loop {
        let query = ClosedQuery { site: desk.site, visitor: None, before, limit: 2 };
        let page = store.closed(query).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(Cursor { at: last.since, id: last.id });
        seen.extend(page.iter().map(|row| row.id));
    }
    assert_eq!(seen, ids(&[5, 4, 3, 2, 1]));
}

async fn closed_conversations_of_a_visitor_are_theirs_alone(store: Arc<dyn Store>) {
    let desk = history(&store).await;
    let query = ClosedQuery { site: desk.site, visitor: Some(visitor_id(0)), before: None, limit: 9 };
    let rows = store.closed(query).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), ids(&[4, 2]));
}

async fn a_visitors_history_holds_open_and_closed_latest_first(store: Arc<dyn Store>) {
    let desk = history(&store).await;
    let rows = store.of_visitor(desk.site, visitor_id(0), 2).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), ids(&[2, 4]));
    let other = Desk::new(&store, "other").await;
    assert!(store.of_visitor(other.site, visitor_id(0), 9).await.unwrap().is_empty());
}
