//! Transcript: what a tab shows of one conversation, and where it stands.

use protocol::{AgentId, CommandId, ConversationId, Event, Outcome, Position, Record, RecordKind, Records, Tail};

/// Where a conversation stands, as far as the tab has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stands {
    #[default]
    Waiting,
    Offered(AgentId),
    Assigned(AgentId),
    Parked(AgentId),
    Closed,
}

/// The records a tab holds of one conversation, in its own numbering, without a hole.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    pub records: Vec<Record>,
    /// The farthest that the gateway has said there is.
    pub head: Position,
    pub stands: Stands,
}

/// What an event comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Shown,
    Known,
    /// It is within, or the next after, what the gateway said there is and what is being fetched.
    Awaited,
    /// It does not follow: the rest has to be fetched.
    Gap,
}

impl Transcript {
    pub fn position(&self) -> Position {
        self.records.last().map_or_else(Position::default, |last| Position { number: last.number, tail: last.tail })
    }

    pub fn is_behind(&self) -> bool {
        self.position().number < self.head.number
    }

    pub fn hear_event(&mut self, event: &Event) -> Told {
        self.add(event.before, &event.record)
    }

    /// For words, `ok` stands in place of the event.
    pub fn hear_ok(&mut self, command: CommandId, outcome: &Outcome, what: RecordKind) -> Told {
        let Some(made) = outcome.made else { return Told::Known };
        let record = Record {
            number: made.number,
            tail: made.tail,
            id: made.message,
            at: outcome.at,
            command: Some(command),
            what,
        };
        self.add(made.before, &record)
    }

    fn add(&mut self, before: Tail, record: &Record) -> Told {
        let (position, head) = (self.position(), self.head);
        let awaited = self.is_behind()
            && (record.number <= head.number || (record.number == head.number.next() && before == head.tail));
        if record.number > head.number {
            self.head = Position { number: record.number, tail: record.tail };
        }
        if record.number == position.number.next() && before == position.tail {
            self.show(record.clone());
            return Told::Shown;
        }
        let known =
            record.number < position.number || (record.number == position.number && record.tail == position.tail);
        match (known, awaited) {
            (true, _) => Told::Known,
            (false, true) => Told::Awaited,
            (false, false) => Told::Gap,
        }
    }

    pub fn hear_head(&mut self, head: Position) {
        if head.number > self.head.number {
            self.head = head;
        }
    }

    /// A fetched page; records that came another way meanwhile are passed over. Gives how many are new.
    pub fn hear_page(&mut self, page: &Records) -> usize {
        self.hear_head(page.head.position);
        let held = self.records.len();
        for record in &page.records {
            if record.number == self.position().number.next() {
                self.show(record.clone());
            }
        }
        self.records.len() - held
    }

    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn show(&mut self, record: Record) {
        match &record.what {
            RecordKind::Opened(_)
            | RecordKind::Waiting(_)
            | RecordKind::Declined(_)
            | RecordKind::Lapsed(_)
            | RecordKind::Reopened(_) => self.stands = Stands::Waiting,
            RecordKind::Offered(offered) => self.stands = Stands::Offered(offered.agent),
            RecordKind::Assigned(assigned) => self.stands = Stands::Assigned(assigned.agent),
            RecordKind::Closed(_) => self.stands = Stands::Closed,
            RecordKind::Parked(_) => {
                if let Stands::Assigned(agent) = self.stands {
                    self.stands = Stands::Parked(agent);
                }
            }
            RecordKind::Said(_)
            | RecordKind::Noted(_)
            | RecordKind::Transferred(_)
            | RecordKind::Rated(_)
            | RecordKind::Edited(_)
            | RecordKind::Deleted(_)
            | RecordKind::Unknown(_) => {}
        }
        self.records.push(record);
    }
}

/// A conversation and how many of its records are new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct News {
    pub conversation: ConversationId,
    pub count: usize,
}
