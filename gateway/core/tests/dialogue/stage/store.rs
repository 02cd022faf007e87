//! A store in memory: it applies what a desk appends, refuses what no store could take, and opens the next desk.

use gateway_core::ids::{Epoch, SiteId};
use gateway_core::now::StoreTime;
use gateway_core::settings::Settings;
use gateway_core::stored::{
    Append, Durable, Found, Loaded, Opening, StoredAgent, StoredConversation, StoredOutbox, StoredRecord, StoredState,
};
use protocol::limits::VIEW_ROWS_MAX;
use protocol::{AgentId, ConversationId, MessageId, Number, OutboxId, Position, VisitorId};
use std::collections::{BTreeMap, BTreeSet};

pub const SITE: SiteId = SiteId(1);

#[derive(Clone, Debug, Default)]
pub struct Store {
    pub epoch: i64,
    pub records: BTreeMap<ConversationId, Vec<StoredRecord>>,
    pub conversations: BTreeMap<ConversationId, StoredConversation>,
    pub outboxes: BTreeMap<(Option<ConversationId>, OutboxId), StoredOutbox>,
    pub agents: BTreeMap<AgentId, StoredAgent>,
    pub next_arrival: u64,
    pub wakes_at: Option<StoreTime>,
}

impl Store {
    pub fn open(&mut self, settings: Settings, now: StoreTime) -> Opening {
        self.epoch += 1;
        let open = self.conversations.values().filter(|row| row.state.is_open());
        Opening {
            site: SITE,
            epoch: Epoch(self.epoch),
            now,
            settings,
            next_arrival: self.next_arrival,
            agents: self.agents.values().copied().collect(),
            conversations: open.map(|row| self.loaded(row)).collect(),
            outboxes: self.lane(None),
            service_ms: Opening::service_ms_of(self.conversations.values()),
        }
    }

    pub fn load(&self, id: ConversationId) -> Found {
        match self.conversations.get(&id) {
            Some(row) => Found::Conversation(Box::new(self.loaded(row))),
            None => Found::Nothing(self.lane(Some(id))),
        }
    }

    pub fn closed(&self) -> Vec<StoredConversation> {
        let mut rows: Vec<_> = self.conversations.values().filter(|row| !row.state.is_open()).cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.since, row.id)));
        rows.truncate(VIEW_ROWS_MAX);
        rows
    }

    pub fn message(&self, conversation: ConversationId, message: MessageId) -> Option<StoredRecord> {
        self.of(conversation).iter().find(|record| record.id == message).cloned()
    }

    pub fn last_agent(&self, visitor: VisitorId) -> Option<AgentId> {
        let of_visitor = self.conversations.values().filter(|row| row.visitor == visitor && row.preferred.is_some());
        of_visitor.max_by_key(|row| row.opened_at).and_then(|row| row.preferred)
    }

    pub fn of(&self, conversation: ConversationId) -> &[StoredRecord] {
        self.records.get(&conversation).map_or(&[], Vec::as_slice)
    }

    fn loaded(&self, row: &StoredConversation) -> Loaded {
        let hidden = self.of(row.id).iter().filter(|record| record.public.is_none()).map(|record| record.number);
        Loaded { conversation: row.clone(), hidden: hidden.collect(), outboxes: self.lane(Some(row.id)) }
    }

    fn lane(&self, lane: Option<ConversationId>) -> Vec<StoredOutbox> {
        self.outboxes.values().filter(|row| row.lane == lane).cloned().collect()
    }

    /// Stores a batch; `None` when another desk has opened since.
    pub fn append(&mut self, append: &Append) -> Option<Durable> {
        assert_eq!(append.site, SITE);
        if append.epoch.0 != self.epoch {
            return None;
        }
        for record in &append.records {
            self.add(record);
            let has_row = append.conversations.iter().any(|row| row.id == record.conversation);
            assert!(has_row, "a record comes with its conversation's row");
        }
        for row in &append.conversations {
            self.put(row);
        }
        if let Some(since) = append.unused_since {
            self.outboxes.retain(|(lane, _), row| lane.is_some() || row.used_at >= since);
        }
        for row in &append.outboxes {
            self.put_outbox(row);
        }
        self.agents.extend(append.agents.iter().map(|row| (row.id, *row)));
        for (conversation, message) in &append.withdrawn {
            self.withdraw(*conversation, *message);
        }
        assert!(append.next_arrival >= self.next_arrival, "arrival numbers only grow");
        self.next_arrival = append.next_arrival;
        self.wakes_at = append.wakes_at;
        self.check_arrivals();
        Some(append.stored())
    }

    fn add(&mut self, record: &StoredRecord) {
        let all = self.records.entry(record.conversation).or_default();
        assert_eq!(record.number, Number(all.len() as u64 + 1), "full numbers are dense from 1");
        if let Some(public) = record.public {
            let before = all.iter().filter(|record| record.public.is_some()).count() as u64;
            assert_eq!(public, Number(before + 1), "public numbers are dense from 1");
        }
        all.push(record.clone());
    }

    fn put(&mut self, row: &StoredConversation) {
        let all = self.of(row.id);
        let last = all.last().expect("a conversation begins with a record");
        assert_eq!(row.head, Position { number: last.number, tail: last.tail() }, "the head is the last record");
        let public =
            all.iter().rev().find_map(|record| record.public.map(|number| Position { number, tail: record.tail() }));
        assert_eq!(row.public_head, public.unwrap_or_default(), "the public head is the last public record");
        assert!(row.read_by_agents <= row.head.number && row.read_by_visitor <= row.head.number);
        self.conversations.insert(row.id, row.clone());
    }

    fn put_outbox(&mut self, row: &StoredOutbox) {
        let before = self.outboxes.insert((row.lane, row.outbox), row.clone());
        let before = before.map_or(0, |row| row.ordinal);
        assert!(row.ordinal > before, "ordinals of an outbox only grow");
    }

    fn withdraw(&mut self, conversation: ConversationId, message: MessageId) {
        let records = self.records.get_mut(&conversation).into_iter().flatten();
        records.for_each(|record| record.withdraw(message));
    }

    fn check_arrivals(&self) {
        let mut seen = BTreeSet::new();
        for row in self.conversations.values().filter(|row| row.state == StoredState::Waiting) {
            assert!(row.arrival < self.next_arrival, "an arrival number is given once");
            assert!(seen.insert(row.arrival), "two who wait have one arrival number");
        }
    }

    /// Those who wait, in the order they are served.
    pub fn line(&self) -> Vec<&StoredConversation> {
        let mut line: Vec<_> = self.conversations.values().filter(|row| row.state == StoredState::Waiting).collect();
        line.sort_by_key(|row| (row.priority, row.arrival));
        line
    }
}
