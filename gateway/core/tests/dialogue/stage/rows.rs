//! Rows that stand in the store before the desk opens: `row c1 of v1 waiting arrival 3 priority 1`,
//! `row outboxes 10 of lane none unused for 31 days`.

use super::names::{self, Names};
use super::script::Words;
use super::store::Store;
use gateway_core::chance::Chance;
use gateway_core::now::StoreTime;
use gateway_core::stored::{
    Answer, StoredCard, StoredConversation, StoredDeadline, StoredOutbox, StoredRecord, StoredState,
};
use protocol::{CloseReason, Number, Opened, Position, RecordKind};

pub fn put(line: &str, now: StoreTime, store: &mut Store, known: &mut Names) {
    let mut words = Words::of(line.strip_prefix("row ").expect("a row"));
    if words.take("outboxes") { outboxes(&mut words, now, store) } else { conversation(words, now, store, known) }
}

/// So many tabs of agents that each sent one command.
fn outboxes(words: &mut Words<'_>, now: StoreTime, store: &mut Store) {
    let count: usize = words.number();
    assert_eq!([(); 5].map(|()| words.next()), ["of", "lane", "none", "unused", "for"]);
    let used_at = now.minus_ms(words.duration());
    for number in 0..count {
        let outbox = names::outbox(&format!("o{number}"));
        let answer = Answer::Ok { at: 0, made: None };
        let row = StoredOutbox { lane: None, outbox, ordinal: 1, content: 0, answer, used_at };
        store.outboxes.insert((None, outbox), row);
    }
}

/// Stores a conversation with its first record.
fn conversation(mut words: Words<'_>, now: StoreTime, store: &mut Store, known: &mut Names) {
    let id = names::conversation(words.next());
    assert!(words.take("of"));
    let visitor = names::visitor(words.next());
    let state = state(&mut words, now);
    let mut row = StoredConversation {
        id,
        visitor,
        state,
        team: Some(known.team("sales")),
        priority: 0,
        arrival: store.next_arrival,
        preferred: None,
        declines: Vec::new(),
        head: Position::default(),
        public_head: Position::default(),
        opened_at: 0,
        since: 0,
        last_at: 0,
        waiting_since: now,
        preview: None,
        score: None,
        served_since: None,
        read_by_agents: Number(0),
        read_by_visitor: Number(0),
        card: StoredCard::default(),
    };
    while !words.is_empty() {
        match words.next() {
            "arrival" => row.arrival = words.number(),
            "priority" => row.priority = words.number(),
            "in" => row.team = Some(known.team(words.next())),
            "prefers" => row.preferred = Some(names::agent(words.next())),
            other => panic!("a row has no {other}"),
        }
    }
    store.next_arrival = store.next_arrival.max(row.arrival + 1);
    let record = StoredRecord {
        conversation: id,
        number: Number(1),
        public: Some(Number(1)),
        id: Chance::new(store.next_arrival).message_id(0),
        at: 0,
        author: None,
        command: None,
        what: RecordKind::Opened(Opened { team: row.team, offline: false }),
    };
    row.head = Position { number: Number(1), tail: record.tail() };
    row.public_head = row.head;
    store.records.insert(id, vec![record]);
    store.conversations.insert(id, row);
}

/// `offered a1 for 5 s`: that long is left.
fn state(words: &mut Words<'_>, now: StoreTime) -> StoredState {
    let deadline =
        |words: &mut Words<'_>| words.take("for").then(|| StoredDeadline { start: now, length_ms: words.duration() });
    match words.next() {
        "waiting" => StoredState::Waiting,
        "offered" => {
            let agent = names::agent(words.next());
            let lapses = deadline(words).unwrap_or(StoredDeadline { start: now, length_ms: 20_000 });
            StoredState::Offered { agent, lapses }
        }
        "assigned" => StoredState::Assigned { agent: names::agent(words.next()), first_reply: deadline(words) },
        "parked" => StoredState::Parked { agent: names::agent(words.next()), wakes: deadline(words) },
        "closed" => StoredState::Closed { reason: CloseReason::Solved, at: now },
        "offline" => StoredState::Offline,
        other => StoredState::Unknown(other.to_owned()),
    }
}
