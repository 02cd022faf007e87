//! Whatever a desk may append comes back as it was: every kind, every state, any text.

use super::samples::{Desk, agent_id};
use crate::adapters::memory::MemoryStore;
use crate::adapters::postgres::PostgresStore;
use crate::adapters::sqlite::SqliteStore;
use crate::ports::{Audience, Store};
use gateway_core::ids::Principal;
use gateway_core::now::StoreTime;
use gateway_core::stored::{
    Answer, Append, Loaded, StoredCard, StoredConversation, StoredDeadline, StoredDecline, StoredOutbox, StoredRecord,
    StoredState,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use protocol::{
    AgentId, Assigned, Author, Body, ByAgent, Cause, CloseReason, Closed, Code, CommandId, ConversationId, Deleted,
    Edited, Made, MessageId, Number, Opened, OutboxId, Parked, Position, Rated, RecordKind, Refusal, Reopened, Said,
    Target, TeamId, Transferred, VisitorId, Waiting,
};
use std::sync::Arc;
use uuid::Uuid;

#[test]
fn whatever_is_appended_comes_back_from_memory() {
    check(async || MemoryStore::new());
}

#[test]
fn whatever_is_appended_comes_back_from_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    check(async || SqliteStore::open(folder.path()).unwrap());
}

#[test]
fn whatever_is_appended_comes_back_from_postgres() {
    let url = servers::Postgres::shared().database();
    check(async || PostgresStore::open(&url).await.unwrap());
}

fn check<S: Store + 'static>(store: impl AsyncFnOnce() -> S) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store: Arc<dyn Store> = Arc::new(runtime.block_on(store()));
    let desk = runtime.block_on(Desk::new(&store, "demo"));
    let config = ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() };
    let run = |(row, records, outboxes)| runtime.block_on(appended(&desk, row, records, outboxes));
    TestRunner::new(config).run(&batches(), run).unwrap();
    drop(runtime);
}

async fn appended(
    desk: &Desk,
    row: StoredConversation,
    records: Vec<StoredRecord>,
    outboxes: Vec<StoredOutbox>,
) -> Result<(), TestCaseError> {
    let append = Append {
        records: records.clone(),
        conversations: vec![row.clone()],
        outboxes: outboxes.clone(),
        ..desk.batch()
    };
    desk.append(append).await.unwrap();
    let hidden: Vec<Number> = records.iter().filter(|row| row.public.is_none()).map(|row| row.number).collect();
    let expected = Loaded { conversation: row.clone(), hidden, outboxes };
    prop_assert_eq!(desk.load(row.id).await, Some(expected));
    for record in &records {
        let at = record.number.0 - 1;
        let after = at.checked_sub(1).map_or(Position::default(), |at| {
            let before = &records[usize::try_from(at).unwrap()];
            Position { number: before.number, tail: before.tail() }
        });
        let reader = record.author.unwrap_or(Principal::Agent(agent_id(1)));
        let page = desk.query(row.id, Audience::Full, after, 1, reader).await;
        prop_assert!(!page.resync);
        let read = &page.records[0];
        prop_assert_eq!(&read.what, &record.what);
        prop_assert_eq!((read.number, read.id, read.at), (record.number, record.id, record.at));
        prop_assert_eq!(read.command, record.command.filter(|_| record.author.is_some()));
    }
    Ok(())
}

fn batches() -> impl Strategy<Value = (StoredConversation, Vec<StoredRecord>, Vec<StoredOutbox>)> {
    let records = prop::collection::vec((what(), uuids(), any::<bool>(), times(), author(), command()), 0..6);
    (
        conversation(),
        records,
        prop::collection::btree_map(uuids(), (any::<u32>(), any::<u64>(), answer(), times()), 0..3),
    )
        .prop_map(|(mut row, drafts, outboxes)| {
            let mut public = Number(0);
            let mut records = Vec::new();
            for (number, (what, id, is_public, at, author, command)) in (1..).zip(drafts) {
                if is_public {
                    public = public.next();
                }
                let record = StoredRecord {
                    conversation: row.id,
                    number: Number(number),
                    public: is_public.then_some(public),
                    id: MessageId(id),
                    at,
                    author,
                    command,
                    what,
                };
                row.head = Position { number: record.number, tail: record.tail() };
                records.push(record);
            }
            let outboxes = outboxes.into_iter().map(|(outbox, (ordinal, content, answer, used_at))| StoredOutbox {
                lane: Some(row.id),
                outbox: OutboxId(outbox),
                ordinal,
                content,
                answer,
                used_at: StoreTime(used_at),
            });
            let outboxes = outboxes.collect();
            (row, records, outboxes)
        })
}

fn texts() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[^\\x00]{0,24}").unwrap()
}

fn uuids() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn times() -> impl Strategy<Value = u64> {
    0..=i64::MAX.unsigned_abs()
}

fn numbers() -> impl Strategy<Value = Number> {
    (0..=Number::MAX).prop_map(Number)
}

fn agents() -> impl Strategy<Value = AgentId> {
    uuids().prop_map(AgentId)
}

fn teams() -> impl Strategy<Value = TeamId> {
    uuids().prop_map(TeamId)
}

fn deadlines() -> impl Strategy<Value = StoredDeadline> {
    (times(), times()).prop_map(|(start, length_ms)| StoredDeadline { start: StoreTime(start), length_ms })
}

fn author() -> impl Strategy<Value = Option<Principal>> {
    option::of(prop_oneof![
        uuids().prop_map(|id| Principal::Visitor(VisitorId(id))),
        agents().prop_map(Principal::Agent),
    ])
}

fn command() -> impl Strategy<Value = Option<CommandId>> {
    option::of((uuids(), any::<u32>()).prop_map(|(id, ordinal)| CommandId { outbox: OutboxId(id), ordinal }))
}

fn by() -> impl Strategy<Value = Author> {
    prop_oneof![
        Just(Author::Visitor),
        Just(Author::System),
        (agents(), texts()).prop_map(|(id, name)| Author::Agent { id, name }),
    ]
}

fn cause() -> impl Strategy<Value = Cause> {
    select(vec![
        Cause::Opened,
        Cause::Reopened,
        Cause::Routed,
        Cause::Accepted,
        Cause::Taken,
        Cause::Transferred,
        Cause::Unanswered,
        Cause::AgentLost,
        Cause::Woken,
        Cause::Returned,
        Cause::Unknown,
    ])
}

fn reason() -> impl Strategy<Value = CloseReason> {
    select(vec![
        CloseReason::Solved,
        CloseReason::NotSolved,
        CloseReason::NoAnswer,
        CloseReason::VisitorLeft,
        CloseReason::Spam,
        CloseReason::Unknown,
    ])
}

fn said() -> impl Strategy<Value = Said> {
    (by(), texts()).prop_map(|(by, body)| Said { by, body: Body(body) })
}

fn by_agent() -> impl Strategy<Value = ByAgent> {
    agents().prop_map(|agent| ByAgent { agent })
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![agents().prop_map(Target::Agent), teams().prop_map(Target::Team)]
}

fn what() -> impl Strategy<Value = RecordKind> {
    let messages = uuids().prop_map(MessageId);
    let edited = (uuids(), by(), texts()).prop_map(|(message, by, body)| Edited {
        message: MessageId(message),
        by,
        body: Body(body),
    });
    let line = prop_oneof![
        (option::of(teams()), any::<bool>()).prop_map(|(team, offline)| RecordKind::Opened(Opened { team, offline })),
        (option::of(teams()), cause()).prop_map(|(team, cause)| RecordKind::Waiting(Waiting { team, cause })),
        by_agent().prop_map(RecordKind::Offered),
        by_agent().prop_map(RecordKind::Declined),
        by_agent().prop_map(RecordKind::Lapsed),
        (agents(), texts(), cause()).prop_map(|(agent, name, cause)| RecordKind::Assigned(Assigned {
            agent,
            name,
            cause
        })),
        (by(), target(), option::of(texts())).prop_map(|(by, to, comment)| RecordKind::Transferred(Transferred {
            by,
            to,
            comment
        })),
        (by(), option::of(any::<u64>())).prop_map(|(by, for_ms)| RecordKind::Parked(Parked { by, for_ms })),
        (by(), reason()).prop_map(|(by, reason)| RecordKind::Closed(Closed { by, reason })),
        by().prop_map(|by| RecordKind::Reopened(Reopened { by })),
    ];
    prop_oneof![
        line,
        said().prop_map(RecordKind::Said),
        said().prop_map(RecordKind::Noted),
        edited.prop_map(RecordKind::Edited),
        (any::<u8>(), option::of(texts())).prop_map(|(score, comment)| RecordKind::Rated(Rated { score, comment })),
        (messages, by()).prop_map(|(message, by)| RecordKind::Deleted(Deleted { message, by })),
    ]
}

fn state() -> impl Strategy<Value = StoredState> {
    prop_oneof![
        Just(StoredState::Waiting),
        Just(StoredState::Offline),
        (agents(), deadlines()).prop_map(|(agent, lapses)| StoredState::Offered { agent, lapses }),
        (agents(), option::of(deadlines()))
            .prop_map(|(agent, first_reply)| StoredState::Assigned { agent, first_reply }),
        (agents(), option::of(deadlines())).prop_map(|(agent, wakes)| StoredState::Parked { agent, wakes }),
        (reason(), times()).prop_map(|(reason, at)| StoredState::Closed { reason, at: StoreTime(at) }),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    let made = (uuids(), numbers(), any::<u32>(), any::<u32>()).prop_map(|(message, number, tail, before)| Made {
        message: MessageId(message),
        number,
        tail,
        before,
    });
    prop_oneof![
        (any::<u64>(), option::of(made)).prop_map(|(at, made)| Answer::Ok { at, made }),
        (select(Code::ALL), option::of(uuids().prop_map(ConversationId)))
            .prop_map(|(code, conversation)| Answer::No(Box::new(Refusal::of(code).conversation(conversation)))),
    ]
}

fn conversation() -> impl Strategy<Value = StoredConversation> {
    let card = prop::array::uniform6(option::of(texts())).prop_map(|[name, email, url, title, language, browser]| {
        StoredCard { name, email, url, title, language, browser }
    });
    let people = (uuids(), uuids(), option::of(teams()), option::of(agents()));
    let declines = (agents(), deadlines()).prop_map(|(agent, kept)| StoredDecline { agent, kept });
    let declines = prop::collection::vec(declines, 0..3);
    let values = (any::<u8>(), option::of(any::<u8>()), option::of(texts()), declines);
    (people, state(), values, prop::array::uniform5(times()), numbers(), numbers(), card).prop_map(
        |(people, state, values, times, read_by_agents, read_by_visitor, card)| StoredConversation {
            id: ConversationId(people.0),
            visitor: VisitorId(people.1),
            state,
            team: people.2,
            priority: values.0,
            arrival: times[0],
            preferred: people.3,
            declines: values.3,
            head: Position::default(),
            public_head: Position::default(),
            opened_at: times[1],
            since: times[2],
            last_at: times[3],
            waiting_since: StoreTime(times[4]),
            preview: values.2,
            score: values.1,
            served_since: values.1.map(|_| StoreTime(times[3])),
            read_by_agents,
            read_by_visitor,
            card,
        },
    )
}
