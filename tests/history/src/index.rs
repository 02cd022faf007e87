//! Index: a history arranged for the checks, once, in linear time.

use crate::history::History;
use crate::map::{Map, Set};
use crate::operation::{Answer, Audience, Call, Nanos, Operation, Principal, SiteNumber};
use crate::reconstruction;
use crate::truth::Stored;
use protocol::{CommandId, ConversationId, MessageId, Number, RecordKind, VisitorId};
use std::borrow::Cow;

/// A conversation as its site knows it.
pub(crate) type Key = (SiteNumber, ConversationId);

/// A conversation that has records.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub key: Key,
    /// Indices of its records, in the order the store took them.
    pub records: Vec<usize>,
    /// Indices of its public records, by public number less one.
    pub public: Vec<usize>,
}

/// A history, arranged.
#[derive(Debug)]
pub(crate) struct Index<'h> {
    pub history: &'h History,
    pub stored: Cow<'h, [Stored]>,
    /// Whether records name the commands of all authors; what was put together from reads names only some.
    pub is_exact: bool,
    pub conversations: Vec<Conversation>,
    /// The time of the last thing that happened.
    pub end: Nanos,
    by_key: Map<Key, usize>,
    by_message: Map<MessageId, usize>,
    by_command: Map<(Key, CommandId), usize>,
    visitors: Map<Key, VisitorId>,
    /// The last resync of each reader; what it read before, it shows no more.
    resyncs: Map<(u32, Key), usize>,
    audiences: Map<u32, Audience>,
    restores: Vec<(Nanos, Nanos)>,
    withdrawn: Set<MessageId>,
}

impl<'h> Index<'h> {
    pub fn of(history: &'h History) -> Self {
        let is_exact = !history.truth.records.is_empty();
        let stored =
            if is_exact { Cow::Borrowed(&history.truth.records[..]) } else { Cow::Owned(reconstruction::of(history)) };
        let rows = history.truth.conversations.iter();
        let mut index = Self {
            history,
            stored,
            is_exact,
            conversations: Vec::new(),
            end: 0,
            by_key: Map::default(),
            by_message: Map::default(),
            by_command: Map::default(),
            visitors: rows.map(|row| ((row.site, row.conversation), row.visitor)).collect(),
            resyncs: Map::default(),
            audiences: Map::default(),
            restores: Vec::new(),
            withdrawn: Set::default(),
        };
        for at in 0..index.stored.len() {
            index.add_record(at);
        }
        for (at, operation) in history.operations.iter().enumerate() {
            index.add_operation(at, operation);
        }
        index
    }

    fn add_record(&mut self, at: usize) {
        let stored = &self.stored[at];
        let (key, id) = ((stored.site, stored.conversation), stored.record.id);
        let command = stored.record.command;
        self.end = self.end.max(stored.committed);
        if let RecordKind::Deleted(deleted) = &stored.record.what {
            self.withdrawn.insert(deleted.message);
        }
        let is_public = stored.public.is_some();
        self.by_message.entry(id).or_insert(at);
        if let Some(command) = command {
            self.by_command.insert((key, command), at);
        }
        let slot = *self.by_key.entry(key).or_insert(self.conversations.len());
        if slot == self.conversations.len() {
            self.conversations.push(Conversation { key, records: Vec::new(), public: Vec::new() });
        }
        self.conversations[slot].records.push(at);
        if is_public {
            self.conversations[slot].public.push(at);
        }
    }

    fn add_operation(&mut self, at: usize, operation: &Operation) {
        self.end = self.end.max(operation.completed.unwrap_or(operation.invoked));
        match &operation.call {
            Call::Connect { principal } => {
                let audience = match principal {
                    Principal::Visitor(_) => Audience::Visitor,
                    Principal::Agent(_) => Audience::Agent,
                };
                self.audiences.insert(operation.process, audience);
            }
            Call::Resync { conversation } => {
                self.resyncs.insert((operation.process, (operation.site, *conversation)), at);
            }
            Call::Restore { to } => self.restores.push((*to, operation.invoked)),
            Call::Command { .. }
            | Call::Read { .. }
            | Call::Gap { .. }
            | Call::Disconnect
            | Call::Fault { .. }
            | Call::Heal { .. } => {}
        }
    }

    pub fn operations(&self) -> impl Iterator<Item = (usize, &'h Operation)> {
        self.history.operations.iter().enumerate()
    }

    pub fn conversation(&self, key: Key) -> Option<&Conversation> {
        self.by_key.get(&key).map(|slot| &self.conversations[*slot])
    }

    pub fn message(&self, id: MessageId) -> Option<&Stored> {
        self.by_message.get(&id).map(|at| &self.stored[*at])
    }

    /// The last record that a command made.
    pub fn made_by(&self, key: Key, command: CommandId) -> Option<&Stored> {
        self.by_command.get(&(key, command)).map(|at| &self.stored[*at])
    }

    /// What stands at a number, in an audience's numbering.
    pub fn at(&self, key: Key, audience: Audience, number: Number) -> Option<&Stored> {
        let conversation = self.conversation(key)?;
        let records = match audience {
            Audience::Visitor => &conversation.public,
            Audience::Agent => &conversation.records,
        };
        let slot = usize::try_from(number.0.checked_sub(1)?).ok()?;
        records.get(slot).map(|at| &self.stored[*at])
    }

    pub fn visitor(&self, key: Key) -> Option<VisitorId> {
        self.visitors.get(&key).copied()
    }

    /// Whose numbers a process is told; none where it never connected.
    pub fn audience(&self, process: u32) -> Option<Audience> {
        self.audiences.get(&process).copied()
    }

    /// Whether a process still shows what it read in this operation.
    pub fn is_shown(&self, at: usize, operation: &Operation, conversation: ConversationId) -> bool {
        let resync = self.resyncs.get(&(operation.process, (operation.site, conversation)));
        resync.is_none_or(|resync| *resync < at)
    }

    /// Whether a message was withdrawn: its body was there once, and is gone.
    pub fn is_withdrawn(&self, message: MessageId) -> bool {
        self.withdrawn.contains(&message)
    }

    /// Whether the store was put back, at any time.
    pub fn was_restored(&self) -> bool {
        !self.restores.is_empty()
    }

    /// Whether what was told at this time is owed in the end: no restore took it back.
    pub fn is_owed(&self, told: Nanos) -> bool {
        !self.restores.iter().any(|(to, at)| *to < told && told <= *at)
    }

    /// Commands of a lane with an acknowledgement that is owed: index, operation, lane, id.
    pub fn acknowledged(&self) -> impl Iterator<Item = Acknowledged<'h>> {
        self.operations().filter_map(|(at, operation)| {
            let Call::Command { command, answer: Answer::Ok { at: time, made }, .. } = &operation.call else {
                return None;
            };
            let key = (operation.site, command.conversation?);
            let told = operation.completed.unwrap_or(Nanos::MAX);
            self.is_owed(told).then_some(Acknowledged { at, operation, key, command, time: *time, made: made.as_ref() })
        })
    }
}

/// An acknowledged command of a conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledged<'h> {
    pub at: usize,
    pub operation: &'h Operation,
    pub key: Key,
    pub command: &'h protocol::Command,
    /// Store time of the commit, as it was told.
    pub time: u64,
    pub made: Option<&'h protocol::Made>,
}

impl Acknowledged<'_> {
    /// The record that stands for it.
    pub fn stored<'i>(&self, index: &'i Index) -> Option<&'i Stored> {
        match self.made {
            Some(made) => index.message(made.message).filter(|stored| (stored.site, stored.conversation) == self.key),
            None => index.made_by(self.key, self.command.id),
        }
    }
}
