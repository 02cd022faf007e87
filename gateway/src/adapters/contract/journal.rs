//! Opening and appending: receipts, fences, and all or nothing.

use super::samples::{Desk, Story, agent_id, conversation_id, new_site, visitor_id};
use crate::adapters::contract::on_every_store;
use crate::ports::{Account, AgentRecord, AppendError, Store, StoreError};
use gateway_core::ids::SiteId;
use gateway_core::limits::SERVICE_SAMPLES_MAX;
use gateway_core::now::StoreTime;
use gateway_core::settings::Role;
use gateway_core::stored::{
    Answer, Append, Found, Loaded, StoredAgent, StoredConversation, StoredDeadline, StoredDecline, StoredOutbox,
    StoredState,
};
use protocol::{Body, CloseReason, Number, OutboxId, Position, RecordKind, Refusal, Status};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

on_every_store! {
    an_appended_batch_is_there_for_the_next_desk
    every_opening_raises_the_epoch
    an_earlier_desk_is_fenced_and_stores_nothing
    a_desk_of_no_site_is_fenced
    a_taken_number_refuses_the_whole_batch
    nul_in_text_is_refused_whole
    a_lane_without_a_conversation_keeps_its_refusals
    a_batch_too_large_is_refused
    an_agent_nobody_set_up_is_refused
    rows_of_the_same_name_are_replaced
    any_column_of_a_conversation_can_change_alone
    closed_conversations_are_not_opened_but_can_be_loaded
    hidden_numbers_are_told
    how_long_the_last_ones_were_served_is_told
    what_the_desk_decided_of_agents_survives
    the_next_arrival_survives
    rows_of_lane_none_are_told_apart
    rows_of_lane_none_that_were_not_used_for_long_go
    a_withdrawn_message_and_its_edits_lose_their_body
    a_site_that_is_not_there_cannot_be_opened
    the_store_clock_does_not_fall_behind_what_was_stored
    one_sites_batch_does_not_show_in_another
    sites_whose_deadline_is_due_are_told_the_longest_due_first
    sites_with_open_conversations_are_told
}

fn outbox(lane: Option<u128>, number: u128, ordinal: u32) -> StoredOutbox {
    StoredOutbox {
        lane: lane.map(conversation_id),
        outbox: OutboxId(Uuid::from_u128(number)),
        ordinal,
        content: u64::MAX - 1,
        answer: Answer::Ok { at: 5, made: None },
        used_at: StoreTime(5),
    }
}

async fn an_appended_batch_is_there_for_the_next_desk(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("hello");
    let outboxes = vec![outbox(Some(1), 9, 1)];
    desk.append(Append { outboxes: outboxes.clone(), ..desk.told(&mut story) }).await.unwrap();
    let opening = store.open(desk.site).await.unwrap();
    let expected = Loaded { conversation: story.row.clone(), hidden: Vec::new(), outboxes };
    assert_eq!(opening.conversations, std::slice::from_ref(&expected));
    assert_eq!(desk.load(story.id()).await, Some(expected));
}

async fn every_opening_raises_the_epoch(store: Arc<dyn Store>) {
    let site = new_site(&store, "demo").await;
    let first = store.open(site).await.unwrap();
    let second = store.open(site).await.unwrap();
    assert!(second.epoch > first.epoch);
    assert!(second.now >= first.now);
}

async fn an_earlier_desk_is_fenced_and_stores_nothing(store: Arc<dyn Store>) {
    let earlier = Desk::new(&store, "demo").await;
    let later = Desk::of(&store, earlier.site).await;
    let mut story = Story::new(1);
    story.visitor_says("too late");
    let refused = earlier.append(earlier.told(&mut story)).await;
    assert!(matches!(refused, Err(AppendError::Fenced)), "{refused:?}");
    assert_eq!(later.load(story.id()).await, None);
    later.tell(&mut Story::new(2)).await;
}

async fn a_desk_of_no_site_is_fenced(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let refused = desk.append(Append { site: SiteId(99), ..desk.batch() }).await;
    assert!(matches!(refused, Err(AppendError::Fenced)), "{refused:?}");
}

async fn a_taken_number_refuses_the_whole_batch(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("one");
    desk.tell(&mut story).await;
    let told = story.row.clone();
    let taken = story.records[0].clone();
    let mut other = Story::new(2);
    other.visitor_says("a neighbour in the same batch");
    story.visitor_says("two");
    let mut append = desk.told(&mut story);
    append.records.push(taken);
    append.conversations.push(other.row.clone());
    let refused = desk.append(append).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    assert_eq!(desk.load(story.id()).await.unwrap().conversation, told);
    assert_eq!(desk.load(other.id()).await, None);
    assert_eq!(desk.page(story.id(), Position::default()).await.records.len(), 1);
}

async fn a_lane_without_a_conversation_keeps_its_refusals(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let refused = StoredOutbox {
        answer: Answer::No(Box::new(Refusal::of(protocol::Code::AlreadyOpen))),
        ..outbox(Some(5), 9, 1)
    };
    desk.append(Append { outboxes: vec![refused.clone()], ..desk.batch() }).await.unwrap();
    let found = store.load(desk.site, conversation_id(5)).await.unwrap();
    assert!(matches!(found, Found::Nothing(rows) if rows == [refused]));
}

async fn nul_in_text_is_refused_whole(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says("fine");
    story.visitor_says("a\0b");
    let refused = desk.append(desk.told(&mut story)).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    let mut story = Story::new(1);
    story.row.preview = Some("\0".to_owned());
    let refused = desk.append(desk.told(&mut story)).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    assert_eq!(desk.load(story.id()).await, None);
}

async fn a_batch_too_large_is_refused(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    story.visitor_says(&"x".repeat(crate::adapters::limits::APPEND_BYTES_MAX + 1));
    let refused = desk.append(desk.told(&mut story)).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    assert_eq!(desk.load(story.id()).await, None);
}

async fn an_agent_nobody_set_up_is_refused(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let refused = desk.append(Append { agents: vec![live(3)], ..desk.batch() }).await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
}

async fn rows_of_the_same_name_are_replaced(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    desk.append(Append { outboxes: vec![outbox(Some(1), 9, 1)], ..desk.told(&mut story) }).await.unwrap();
    story.row.state = StoredState::Assigned { agent: agent_id(1), first_reply: None };
    story.row.since = 2_000;
    story.row.card.name = Some("Grace".to_owned());
    let refusal = Refusal::of(protocol::Code::AlreadyOpen).conversation(Some(conversation_id(4)));
    let no = StoredOutbox { answer: Answer::No(Box::new(refusal)), ..outbox(Some(1), 9, 2) };
    desk.append(Append { outboxes: vec![no.clone()], ..desk.told(&mut story) }).await.unwrap();
    let expected = Loaded { conversation: story.row.clone(), hidden: Vec::new(), outboxes: vec![no] };
    assert_eq!(store.open(desk.site).await.unwrap().conversations, [expected]);
}

async fn any_column_of_a_conversation_can_change_alone(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    desk.tell(&mut story).await;
    let changes: [fn(&mut StoredConversation); 10] = [
        |row| row.since += 1,
        |row| row.opened_at += 1,
        |row| row.visitor = visitor_id(9),
        |row| row.state = StoredState::Offline,
        |row| row.last_at += 1,
        |row| row.priority = 1,
        |row| row.served_since = Some(StoreTime(9)),
        |row| row.preferred = Some(agent_id(3)),
        |row| row.declines = vec![decline(3, StoreTime(2_000))],
        |row| row.read_by_visitor = Number(1),
    ];
    for change in changes {
        change(&mut story.row);
        desk.tell(&mut story).await;
        assert_eq!(desk.load(story.id()).await.unwrap().conversation, story.row);
    }
    assert_eq!(store.of_visitor(desk.site, visitor_id(9), 5).await.unwrap().len(), 1);
    assert!(store.of_visitor(desk.site, visitor_id(1), 5).await.unwrap().is_empty());
}

fn decline(agent: u128, start: StoreTime) -> StoredDecline {
    StoredDecline { agent: agent_id(agent), kept: StoredDeadline { start, length_ms: 60_000 } }
}

async fn closed_conversations_are_not_opened_but_can_be_loaded(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let (mut open, mut closed) = (Story::new(1), Story::new(2));
    desk.tell(&mut closed).await;
    closed.row.state = StoredState::Closed { reason: CloseReason::Solved, at: StoreTime(7) };
    desk.tell(&mut open).await;
    desk.tell(&mut closed).await;
    let opening = store.open(desk.site).await.unwrap();
    assert_eq!(opening.conversations.iter().map(|row| row.conversation.id).collect::<Vec<_>>(), [open.id()]);
    assert_eq!(desk.load(closed.id()).await.unwrap().conversation, closed.row);
}

async fn hidden_numbers_are_told(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let (mut story, mut other) = (Story::new(1), Story::new(2));
    story.visitor_says("one");
    story.agent_notes("two");
    story.visitor_says("three");
    story.agent_notes("four");
    other.agent_notes("one");
    desk.tell(&mut story).await;
    desk.tell(&mut other).await;
    let opening = store.open(desk.site).await.unwrap();
    let hidden: Vec<_> = opening.conversations.into_iter().map(|row| row.hidden).collect();
    assert_eq!(hidden, [vec![Number(2), Number(4)], vec![Number(1)]]);
    assert_eq!(desk.load(story.id()).await.unwrap().hidden, [Number(2), Number(4)]);
}

async fn how_long_the_last_ones_were_served_is_told(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let count = u64::try_from(SERVICE_SAMPLES_MAX).unwrap() + 2;
    for number in 1..=count {
        let mut story = Story::new(number.into());
        story.row.since = number;
        // The third of all was closed without an agent.
        story.row.served_since = (number != 3).then_some(StoreTime(1_000));
        story.row.state = StoredState::Closed { reason: CloseReason::Solved, at: StoreTime(1_000 + number) };
        desk.tell(&mut story).await;
    }
    let mut served = Story::new(u128::from(count) + 1);
    served.row.served_since = Some(StoreTime(1_000));
    desk.tell(&mut served).await;
    let expected: Vec<u64> = (2..=count).filter(|number| *number != 3).collect();
    assert_eq!(store.open(desk.site).await.unwrap().service_ms, expected);
}

fn live(number: u128) -> StoredAgent {
    StoredAgent {
        id: agent_id(number),
        status: Status::Online,
        accepting: true,
        capacity: 3,
        lapsed: false,
        lost_at: None,
        last_assigned: StoreTime(4),
    }
}

async fn set_up_agent(store: &Arc<dyn Store>, site: SiteId, number: u128) {
    let account = Account {
        id: Uuid::from_u128(number),
        email: format!("a{number}@example.org"),
        name: "Ada".to_owned(),
        password: None,
        operator: false,
    };
    store.put_account(account.clone()).await.unwrap();
    let agent = AgentRecord {
        id: agent_id(number),
        account: account.id,
        email: account.email,
        name: "Ada".to_owned(),
        role: Role::Agent,
        teams: BTreeSet::new(),
        skills: BTreeSet::new(),
        languages: BTreeSet::new(),
        capacity: 5,
        enabled: true,
    };
    store.put_agent(site, agent).await.unwrap();
}

async fn what_the_desk_decided_of_agents_survives(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    set_up_agent(&store, desk.site, 1).await;
    set_up_agent(&store, desk.site, 2).await;
    assert!(store.open(desk.site).await.unwrap().agents.is_empty());
    let desk = Desk::of(&store, desk.site).await;
    let lost = StoredAgent { status: Status::Away, lapsed: true, lost_at: Some(StoreTime(8)), ..live(2) };
    desk.append(Append { agents: vec![live(2), live(1)], ..desk.batch() }).await.unwrap();
    desk.append(Append { agents: vec![lost], ..desk.batch() }).await.unwrap();
    set_up_agent(&store, desk.site, 2).await;
    let opening = store.open(desk.site).await.unwrap();
    assert_eq!(opening.agents, [live(1), lost]);
    assert_eq!(opening.settings.agents[&agent_id(1)].capacity, 5);
}

async fn the_next_arrival_survives(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let before = store.open(desk.site).await.unwrap().next_arrival;
    let desk = Desk::of(&store, desk.site).await;
    let append = Append { next_arrival: before + 5, wakes_at: Some(StoreTime(3)), ..desk.batch() };
    desk.append(append).await.unwrap();
    assert_eq!(store.open(desk.site).await.unwrap().next_arrival, before + 5);
}

async fn rows_of_lane_none_are_told_apart(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    let rows = vec![outbox(None, 9, 1), outbox(Some(1), 9, 2), outbox(None, 8, 3)];
    desk.append(Append { outboxes: rows.clone(), ..desk.told(&mut story) }).await.unwrap();
    let opening = store.open(desk.site).await.unwrap();
    assert_eq!(opening.outboxes, [rows[2].clone(), rows[0].clone()]);
    assert_eq!(opening.conversations[0].outboxes, [rows[1].clone()]);
}

async fn rows_of_lane_none_that_were_not_used_for_long_go(store: Arc<dyn Store>) {
    let (desk, other) = (Desk::new(&store, "demo").await, Desk::new(&store, "other").await);
    other.append(Append { outboxes: vec![outbox(None, 9, 1)], ..other.batch() }).await.unwrap();
    let mut story = Story::new(1);
    let used = |number, at| StoredOutbox { used_at: StoreTime(at), ..outbox(None, number, 1) };
    let outboxes = vec![used(7, 9), used(8, 10), used(9, 11), outbox(Some(1), 9, 2)];
    desk.append(Append { outboxes, ..desk.told(&mut story) }).await.unwrap();
    let outboxes = vec![used(9, 5)];
    desk.append(Append { unused_since: Some(StoreTime(10)), outboxes, ..desk.batch() }).await.unwrap();
    let opening = store.open(desk.site).await.unwrap();
    assert_eq!(opening.outboxes, [used(8, 10), used(9, 5)], "what the batch itself uses is kept");
    assert_eq!(opening.conversations[0].outboxes, [outbox(Some(1), 9, 2)]);
    assert_eq!(store.open(other.site).await.unwrap().outboxes, [outbox(None, 9, 1)]);
}

async fn a_withdrawn_message_and_its_edits_lose_their_body(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let mut story = Story::new(1);
    let message = story.visitor_says("secret one");
    story.visitor_says("kept");
    story.visitor_edits(message, "secret two");
    desk.tell(&mut story).await;
    let withdrawn = vec![(story.id(), message)];
    desk.append(Append { withdrawn, ..desk.told(&mut story) }).await.unwrap();
    let page = desk.page(story.id(), Position::default()).await;
    let bodies: Vec<_> = page.records.iter().map(|record| body(&record.what)).collect();
    assert_eq!(bodies, ["", "kept", ""]);
}

fn body(what: &RecordKind) -> &str {
    if let RecordKind::Said(said) = what {
        return &said.body.0;
    }
    let RecordKind::Edited(edited) = what else { panic!("no body in {what:?}") };
    &edited.body.0
}

async fn a_site_that_is_not_there_cannot_be_opened(store: Arc<dyn Store>) {
    assert!(matches!(store.open(SiteId(99)).await, Err(StoreError::NotFound)));
}

async fn the_store_clock_does_not_fall_behind_what_was_stored(store: Arc<dyn Store>) {
    let desk = Desk::new(&store, "demo").await;
    let far = StoreTime(1 << 50);
    let farther = far.plus_ms(1);
    let mut story = Story::new(1);
    story.row.waiting_since = far;
    desk.tell(&mut story).await;
    assert_eq!(store.open(desk.site).await.unwrap().now, far);
    let desk = Desk::of(&store, desk.site).await;
    story.row.declines = vec![decline(1, farther)];
    desk.tell(&mut story).await;
    assert_eq!(store.open(desk.site).await.unwrap().now, farther);
    let desk = Desk::of(&store, desk.site).await;
    let farthest = farther.plus_ms(1);
    let outboxes = vec![StoredOutbox { used_at: farthest, ..outbox(None, 9, 1) }];
    desk.append(Append { outboxes, ..desk.batch() }).await.unwrap();
    assert_eq!(store.open(desk.site).await.unwrap().now, farthest);
}

async fn one_sites_batch_does_not_show_in_another(store: Arc<dyn Store>) {
    let (one, two) = (Desk::new(&store, "one").await, Desk::new(&store, "two").await);
    let (mut first, mut second) = (Story::new(1), Story::new(1));
    first.visitor_says("in one");
    second.visitor_says("in two");
    one.tell(&mut first).await;
    assert_eq!(two.load(first.id()).await, None);
    assert!(store.open(two.site).await.unwrap().conversations.is_empty());
    let two = Desk::of(&store, two.site).await;
    two.tell(&mut second).await;
    let page = two.page(second.id(), Position::default()).await;
    assert_eq!(body(&page.records[0].what), Body("in two".to_owned()).0);
}

async fn sites_whose_deadline_is_due_are_told_the_longest_due_first(store: Arc<dyn Store>) {
    let desks = [
        Desk::new(&store, "second").await,
        Desk::new(&store, "first").await,
        Desk::new(&store, "later").await,
        Desk::new(&store, "never").await,
    ];
    assert_eq!(store.due(10).await.unwrap(), []);
    let later = store.open(desks[2].site).await.unwrap().now.plus_ms(3_600_000);
    let desks = [&desks[0], &desks[1], &Desk::of(&store, desks[2].site).await, &desks[3]];
    for (desk, wakes_at) in desks.into_iter().zip([Some(StoreTime(9)), Some(StoreTime(5)), Some(later), None]) {
        // A batch with nothing else in it is stored too: so does a desk that is let go.
        desk.append(Append { wakes_at, ..desk.batch() }).await.unwrap();
    }
    assert_eq!(store.due(10).await.unwrap(), [desks[1].site, desks[0].site]);
    assert_eq!(store.due(1).await.unwrap(), [desks[1].site]);
    desks[1].append(desks[1].batch()).await.unwrap();
    assert_eq!(store.due(10).await.unwrap(), [desks[0].site]);
}

async fn sites_with_open_conversations_are_told(store: Arc<dyn Store>) {
    let (open, over) = (Desk::new(&store, "open").await, Desk::new(&store, "over").await);
    Desk::new(&store, "new").await;
    for desk in [&open, &over] {
        let mut story = Story::new(1);
        story.visitor_says("hello");
        desk.tell(&mut story).await;
    }
    assert_eq!(store.with_open().await.unwrap(), [open.site, over.site]);
    let mut story = Story::new(1);
    story.row.state = StoredState::Closed { at: StoreTime(1), reason: CloseReason::Solved };
    over.append(Append { conversations: vec![story.row], ..over.batch() }).await.unwrap();
    assert_eq!(store.with_open().await.unwrap(), [open.site]);
}
