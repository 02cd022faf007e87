//! Positions: as text on the wire, and as the place a reader's page begins.
//!
//! The first byte chooses the audience and the length of the page; two positions follow, divided by a line break.

use gateway::adapters::memory::MemoryStore;
use gateway::ports::{Audience, Directory, Journal, Reader, RecordsQuery, Site};
use gateway_core::chance::Chance;
use gateway_core::ids::{Principal, SiteId};
use gateway_core::now::StoreTime;
use gateway_core::stored::{Append, StoredCard, StoredConversation, StoredRecord, StoredState};
use protocol::{Author, Body, CloseReason, ConversationId, Number, Position, RecordKind, Records, Said, VisitorId};
use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};
use uuid::Uuid;

/// Records of the conversation that is read; every third is not for visitors.
const RECORDS: u64 = 12;

/// Reads both positions, compares them, and reads on from the first.
pub(crate) fn run(bytes: &[u8]) {
    let Some((how, text)) = bytes.split_first() else { return };
    let mut positions = text.splitn(2, |byte| *byte == b'\n').map(read);
    let (first, second) = (positions.next().flatten(), positions.next().flatten());
    if let (Some(first), Some(second)) = (first, second) {
        judge_order(first, second);
    }
    // Two bytes beside the text name a place in the conversation itself, which few texts would hit.
    let first = first.or_else(|| Some(place(*text.first()?, *text.get(1)?)));
    if let Some(after) = first {
        let audience = if how & 1 == 0 { Audience::Public } else { Audience::Full };
        judge_page(after, audience, usize::from(how >> 1).max(1));
    }
}

/// A position that reads is written and read again as the same, and JavaScript holds its number exactly.
fn read(text: &[u8]) -> Option<Position> {
    let position: Position = serde_json::from_slice(text).ok()?;
    let written = serde_json::to_string(&position).expect("a position can be written");
    let again: Position = serde_json::from_str(&written).expect("what was written reads");
    assert_eq!(again, position);
    assert!(position.number.0 <= Number::MAX);
    assert_eq!(position.number.0 as f64 as u64, position.number.0, "JavaScript reads another number");
    assert!(position.number < position.number.next());
    Some(position)
}

/// Numbers stand in the order in which a page in JavaScript sees them.
fn judge_order(first: Position, second: Position) {
    let (a, b) = (first.number, second.number);
    assert_eq!(a.cmp(&b), (a.0 as f64).total_cmp(&(b.0 as f64)));
    assert_eq!(a == b && first.tail == second.tail, first == second);
}

fn place(number: u8, tail: u8) -> Position {
    let records = records();
    let number = u64::from(number) % (RECORDS + 2);
    let exact = records.iter().find(|record| record.number.0 == number).map_or(0, StoredRecord::tail);
    Position { number: Number(number), tail: exact.wrapping_add(u32::from(tail % 2)) }
}

fn judge_page(after: Position, audience: Audience, limit: usize) {
    let all: Vec<(Number, u32)> = records().iter().filter_map(|record| shown(record, audience)).collect();
    let query = RecordsQuery {
        site: SiteId(1),
        conversation: conversation(),
        audience,
        after,
        limit,
        reader: Principal::Visitor(visitor()),
    };
    let page = now(store().records(query)).expect("the conversation is there");
    let head = all.last().expect("there are records");
    assert_eq!((page.head.position.number, page.head.position.tail), *head);
    let stands = after == Position::default() || all.contains(&(after.number, after.tail));
    assert_eq!(page.resync, !stands, "another history is taken for this one, or this one for another");
    judge_records(&page, &all, after, limit);
}

fn judge_records(page: &Records, all: &[(Number, u32)], after: Position, limit: usize) {
    let got: Vec<(Number, u32)> = page.records.iter().map(|record| (record.number, record.tail)).collect();
    if page.resync {
        assert!(got.is_empty());
        return;
    }
    let wanted = all.iter().filter(|(number, _)| *number > after.number).take(limit);
    assert!(got.iter().eq(wanted), "a page lacks a record, or has one too many");
}

fn shown(record: &StoredRecord, audience: Audience) -> Option<(Number, u32)> {
    let number = match audience {
        Audience::Public => record.public?,
        Audience::Full => record.number,
    };
    Some((number, record.tail()))
}

fn conversation() -> ConversationId {
    ConversationId(Uuid::from_u128(1))
}

fn visitor() -> VisitorId {
    VisitorId(Uuid::from_u128(2))
}

fn records() -> Vec<StoredRecord> {
    let mut chance = Chance::new(7);
    let mut public = 0;
    let record = |number: u64| {
        let is_public = !number.is_multiple_of(3);
        public += u64::from(is_public);
        let said = Said { by: Author::Visitor, body: Body(number.to_string()) };
        StoredRecord {
            conversation: conversation(),
            number: Number(number),
            public: is_public.then_some(Number(public)),
            id: chance.message_id(number),
            at: number,
            author: None,
            command: None,
            what: if is_public { RecordKind::Said(said) } else { RecordKind::Noted(said) },
        }
    };
    (1..=RECORDS).map(record).collect()
}

fn head(audience: Audience) -> Position {
    let last = records().iter().rev().find_map(|record| shown(record, audience));
    let (number, tail) = last.expect("there are records");
    Position { number, tail }
}

/// A store that holds the conversation, closed.
fn store() -> &'static MemoryStore {
    static STORE: OnceLock<MemoryStore> = OnceLock::new();
    STORE.get_or_init(|| {
        let store = MemoryStore::new();
        let site = now(store.create_site(crate::handshake::site())).expect("an empty store takes a site");
        now(fill(&store, site)).expect("an empty store takes a conversation");
        store
    })
}

async fn fill(store: &MemoryStore, site: Site) -> Option<()> {
    let opening = store.open(site.id).await.ok()?;
    let append = Append {
        site: site.id,
        epoch: opening.epoch,
        records: records(),
        conversations: vec![closed()],
        outboxes: Vec::new(),
        unused_since: None,
        agents: Vec::new(),
        withdrawn: Vec::new(),
        next_arrival: 2,
        wakes_at: None,
    };
    store.append(append).await.ok().map(drop)
}

fn closed() -> StoredConversation {
    StoredConversation {
        id: conversation(),
        visitor: visitor(),
        state: StoredState::Closed { reason: CloseReason::Solved, at: StoreTime(RECORDS) },
        team: None,
        priority: 5,
        arrival: 1,
        preferred: None,
        declines: Vec::new(),
        head: head(Audience::Full),
        public_head: head(Audience::Public),
        opened_at: 1,
        since: 1,
        last_at: RECORDS,
        waiting_since: StoreTime(1),
        preview: None,
        score: None,
        served_since: None,
        read_by_agents: Number(0),
        read_by_visitor: Number(0),
        card: StoredCard::default(),
    }
}

/// Drives what a store in memory answers at once.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a store in memory made somebody wait"),
    }
}
