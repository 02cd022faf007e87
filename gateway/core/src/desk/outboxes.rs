//! Outboxes: the last command of each tab or device in one lane, so that a retry has no second effect.

use crate::ids::Principal;
use crate::now::StoreTime;
use crate::stored::{Answer, StoredOutbox};
use protocol::{Action, Code, CommandId, ConversationId, OutboxId};
use std::collections::BTreeMap;

/// What a command id means to a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The next ordinal: a new command.
    New,
    /// The same command again; this was its answer.
    Again(Answer),
    /// The same id with other content, or an ordinal that is not the next.
    Refused(Code),
}

/// The rows of one lane.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outboxes {
    rows: BTreeMap<OutboxId, Row>,
}

#[derive(Clone, Debug)]
struct Row {
    ordinal: u32,
    content: u64,
    answer: Answer,
    used_at: StoreTime,
}

impl Outboxes {
    pub fn open(rows: Vec<StoredOutbox>) -> Self {
        let row = |row: StoredOutbox| {
            let StoredOutbox { lane: _, outbox, ordinal, content, answer, used_at } = row;
            (outbox, Row { ordinal, content, answer, used_at })
        };
        Self { rows: rows.into_iter().map(row).collect() }
    }

    pub fn look(&self, id: CommandId, content: u64) -> Seen {
        let (last, row) = self.rows.get(&id.outbox).map_or((0, None), |row| (row.ordinal, Some(row)));
        match row {
            Some(row) if id.ordinal == last && row.content == content => Seen::Again(row.answer.clone()),
            Some(_) if id.ordinal == last => Seen::Refused(Code::Conflict),
            Some(_) | None if last.checked_add(1) == Some(id.ordinal) => Seen::New,
            Some(_) | None => Seen::Refused(Code::OutOfOrder),
        }
    }

    /// Whether one more outbox may be remembered, or this one is known.
    pub fn has_room(&self, id: CommandId, rows_max: usize) -> bool {
        self.rows.len() < rows_max || self.rows.contains_key(&id.outbox)
    }

    /// Remembers an answer, and gives the row to store.
    pub fn settle(
        &mut self,
        lane: Option<ConversationId>,
        id: CommandId,
        content: u64,
        answer: Answer,
        used_at: StoreTime,
    ) -> StoredOutbox {
        self.rows.insert(id.outbox, Row { ordinal: id.ordinal, content, answer: answer.clone(), used_at });
        StoredOutbox { lane, outbox: id.outbox, ordinal: id.ordinal, content, answer, used_at }
    }

    /// Forgets the rows that were last used before a time; says whether there were any.
    pub fn forget_unused(&mut self, since: StoreTime) -> bool {
        let before = self.rows.len();
        self.rows.retain(|_, row| row.used_at >= since);
        self.rows.len() < before
    }
}

/// Hash of a command's content (FNV-1a, 64 bit, over its JSON): the same content gives the same hash on every node.
///
/// It tells a retry from a client's mistake; it is no defence, and a client can only mislead itself.
pub(crate) fn content_of(action: &Action, by: Principal) -> u64 {
    struct Fnv(u64);
    impl std::io::Write for Fnv {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325 ^ u64::from(matches!(by, Principal::Visitor(_))));
    serde_json::to_writer(&mut hash, action).expect("an action is plain data, and the hash takes every byte");
    hash.0
}
