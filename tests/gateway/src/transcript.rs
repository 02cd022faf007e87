//! The records of one conversation as one reader holds them, and the position check of the wire's page.

use protocol::{CommandId, Number, Position, Record, RecordKind, Records, Tail};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Applied,
    /// It was there already.
    Dropped,
    /// Something is missing before it: fetch.
    Gap,
}

/// A conversation in its reader's numbering.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    pub records: Vec<Record>,
    /// The highest number heard of.
    pub known: Number,
    /// How often the gateway said that the history is another one.
    pub resyncs: u32,
}

impl Transcript {
    #[must_use]
    pub fn position(&self) -> Position {
        self.records.last().map_or_else(Position::default, |last| Position { number: last.number, tail: last.tail })
    }

    /// Applies a live record, drops it, or finds a gap.
    pub fn take(&mut self, before: Tail, record: Record) -> Taken {
        let mine = self.position();
        self.known = self.known.max(record.number);
        if record.number == mine.number.next() && before == mine.tail {
            self.records.push(record);
            Taken::Applied
        } else if record.number < mine.number || (record.number == mine.number && record.tail == mine.tail) {
            Taken::Dropped
        } else {
            Taken::Gap
        }
    }

    /// Applies a page, and gives what it added.
    pub fn take_page(&mut self, page: Records) -> &[Record] {
        if page.resync {
            self.records.clear();
            self.resyncs += 1;
            self.known = page.head.position.number;
        }
        let held = self.records.len();
        for record in page.records {
            if record.number == self.position().number.next() {
                self.records.push(record);
            }
        }
        self.known = self.known.max(page.head.position.number);
        &self.records[held..]
    }

    /// Whether it lacks something it has heard of.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.position().number < self.known
    }

    /// What was said, in order.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        self.words().filter(|(record, _)| matches!(record.what, RecordKind::Said(_))).map(|(_, body)| body).collect()
    }

    /// Every record that carries words, with them.
    pub fn words(&self) -> impl Iterator<Item = (&Record, String)> {
        self.records.iter().filter_map(|record| match &record.what {
            RecordKind::Said(said) | RecordKind::Noted(said) => Some((record, said.body.0.clone())),
            _ => None,
        })
    }

    /// The record that a command of the reader made.
    #[must_use]
    pub fn of_command(&self, command: CommandId) -> Option<&Record> {
        self.records.iter().find(|record| record.command == Some(command))
    }

    /// Whether numbers run from 1 without a hole.
    #[must_use]
    pub fn is_dense(&self) -> bool {
        self.records.iter().zip(1..).all(|(record, number)| record.number == Number(number))
    }
}
