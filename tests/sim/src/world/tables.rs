//! Tables: one site as the store holds it, and what must hold of it after every append.
//!
//! It takes what a desk appends, answers openings and reads, and notes everything that could not be true.

use gateway_core::ids::{Epoch, Principal, SiteId};
use gateway_core::now::StoreTime;
use gateway_core::settings::Settings;
use gateway_core::stored::{
    Append, Found, Loaded, Opening, StoredAgent, StoredConversation, StoredOutbox, StoredRecord, StoredState,
};
use protocol::limits::{PAGE_RECORDS_MAX, VIEW_ROWS_MAX};
use protocol::{
    AgentId, Cause, CommandId, ConversationId, Fetch, Head, MessageId, Number, OutboxId, Position, Record, RecordKind,
    Records, VisitorId,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// No agent of a world has more.
const CAPACITY_MAX: u32 = 4;

/// One conversation with what belongs to it. A lane of which only refusals are known has no row.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub row: Option<StoredConversation>,
    pub records: Vec<StoredRecord>,
    /// Where the public records stand among all.
    public: Vec<usize>,
    pub outboxes: BTreeMap<OutboxId, StoredOutbox>,
}

#[derive(Debug)]
pub(crate) struct Tables {
    pub site: SiteId,
    pub settings: Settings,
    pub epoch: i64,
    pub kept: BTreeMap<ConversationId, Kept>,
    pub agents: BTreeMap<AgentId, StoredAgent>,
    lane_none: BTreeMap<OutboxId, StoredOutbox>,
    next_arrival: u64,
    pub wakes_at: Option<StoreTime>,
    /// Who is served or asked by whom, as the records tell it in their order.
    serving: BTreeMap<ConversationId, AgentId>,
    load: BTreeMap<AgentId, u32>,
    waiting: BTreeMap<u64, ConversationId>,
    open_of: BTreeMap<VisitorId, BTreeSet<ConversationId>>,
    words: BTreeMap<(ConversationId, CommandId), Number>,
    pub withdrawn: BTreeSet<MessageId>,
    /// What could not be true, in sentences.
    pub faults: Vec<String>,
}

impl Tables {
    pub fn new(site: SiteId, settings: Settings) -> Self {
        Self {
            site,
            settings,
            epoch: 0,
            kept: BTreeMap::new(),
            agents: BTreeMap::new(),
            lane_none: BTreeMap::new(),
            next_arrival: 1,
            wakes_at: None,
            serving: BTreeMap::new(),
            load: BTreeMap::new(),
            waiting: BTreeMap::new(),
            open_of: BTreeMap::new(),
            words: BTreeMap::new(),
            withdrawn: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    /// Takes the new epoch, which fences all before it, and hands out what is open.
    pub fn open(&mut self, epoch: Epoch, now: StoreTime) -> Opening {
        self.epoch = epoch.0;
        let open = self.kept.values().filter(|kept| kept.is_open());
        Opening {
            site: self.site,
            epoch,
            now,
            settings: self.settings.clone(),
            next_arrival: self.next_arrival,
            agents: self.agents.values().copied().collect(),
            conversations: open.filter_map(Kept::loaded).collect(),
            outboxes: self.lane_none.values().cloned().collect(),
            service_ms: Opening::service_ms_of(self.kept.values().filter_map(|kept| kept.row.as_ref())),
        }
    }

    /// Whether a desk has something to do without being asked.
    pub fn has_open(&self) -> bool {
        self.kept.values().any(Kept::is_open)
    }

    pub fn load(&self, id: ConversationId) -> Found {
        let Some(kept) = self.kept.get(&id) else { return Found::Nothing(Vec::new()) };
        match kept.loaded() {
            Some(loaded) => Found::Conversation(Box::new(loaded)),
            None => Found::Nothing(kept.outboxes.values().cloned().collect()),
        }
    }

    pub fn message(&self, conversation: ConversationId, message: MessageId) -> Option<StoredRecord> {
        self.of(conversation).iter().find(|record| record.id == message).cloned()
    }

    pub fn closed(&self) -> Vec<StoredConversation> {
        let rows = self.kept.values().filter_map(|kept| kept.row.as_ref()).filter(|row| !row.state.is_open());
        let mut rows: Vec<_> = rows.cloned().collect();
        rows.sort_by_key(|row| Reverse((row.since, row.id)));
        rows.truncate(VIEW_ROWS_MAX);
        rows
    }

    /// The agent a visitor last spoke with.
    pub fn last_agent(&self, visitor: VisitorId) -> Option<AgentId> {
        let rows = self.kept.values().filter_map(|kept| kept.row.as_ref());
        let served = rows.filter(|row| row.visitor == visitor && row.preferred.is_some());
        served.max_by_key(|row| (row.opened_at, row.id)).and_then(|row| row.preferred)
    }

    pub fn of(&self, conversation: ConversationId) -> &[StoredRecord] {
        self.kept.get(&conversation).map_or(&[], |kept| kept.records.as_slice())
    }

    /// A record by a reader's own number.
    pub fn record(&self, conversation: ConversationId, number: Number, by: Principal) -> Option<&StoredRecord> {
        let kept = self.kept.get(&conversation)?;
        let index = usize::try_from(number.0.checked_sub(1)?).ok()?;
        match by {
            Principal::Agent(_) => kept.records.get(index),
            Principal::Visitor(_) => kept.records.get(*kept.public.get(index)?),
        }
    }

    /// Where the conversation stands for a reader.
    pub fn head(&self, conversation: ConversationId, by: Principal) -> Position {
        let row = self.kept.get(&conversation).and_then(|kept| kept.row.as_ref());
        row.map_or_else(Position::default, |row| match by {
            Principal::Agent(_) => row.head,
            Principal::Visitor(_) => row.public_head,
        })
    }

    /// A page for a reader, as the adapters cut it; none where there is no such conversation.
    pub fn page(&self, fetch: &Fetch, by: Principal) -> Option<Records> {
        let kept = self.kept.get(&fetch.conversation).filter(|kept| kept.row.is_some())?;
        let head = Head { conversation: fetch.conversation, position: self.head(fetch.conversation, by) };
        let after = fetch.after;
        let stands = match after.number {
            Number(0) => after.tail == 0,
            number => self.record(fetch.conversation, number, by).is_some_and(|record| record.tail() == after.tail),
        };
        if !stands {
            return Some(Records { head, resync: true, records: Vec::new() });
        }
        let skip = usize::try_from(after.number.0).unwrap_or(usize::MAX);
        let limit = fetch.limit.map_or(PAGE_RECORDS_MAX, |limit| limit as usize);
        let told = |record: &StoredRecord| told(record, by);
        let records = match by {
            Principal::Agent(_) => kept.records.iter().skip(skip).take(limit).filter_map(told).collect(),
            Principal::Visitor(_) => kept
                .public
                .iter()
                .skip(skip)
                .take(limit)
                .filter_map(|at| kept.records.get(*at))
                .filter_map(told)
                .collect(),
        };
        Some(Records { head, resync: false, records })
    }

    /// The number that words of a command were given.
    pub fn number_of(&self, conversation: ConversationId, command: CommandId) -> Option<Number> {
        self.words.get(&(conversation, command)).copied()
    }

    /// The row of an outbox.
    pub fn outbox(&self, lane: Option<ConversationId>, outbox: OutboxId) -> Option<&StoredOutbox> {
        match lane {
            None => self.lane_none.get(&outbox),
            Some(id) => self.kept.get(&id)?.outboxes.get(&outbox),
        }
    }

    /// Stores a batch whose epoch is the present one.
    pub fn append(&mut self, append: Append) {
        let capacity = self.capacities(&append);
        for record in append.records {
            self.add(record, &capacity);
        }
        let visitors: BTreeSet<VisitorId> = append.conversations.iter().map(|row| row.visitor).collect();
        for row in append.conversations {
            self.put(row);
        }
        visitors.into_iter().for_each(|visitor| self.count_open(visitor));
        if let Some(since) = append.unused_since {
            self.lane_none.retain(|_, row| row.used_at >= since);
        }
        for row in append.outboxes {
            self.put_outbox(row);
        }
        self.agents.extend(append.agents.into_iter().map(|row| (row.id, row)));
        for (conversation, message) in append.withdrawn {
            self.withdraw(conversation, message);
        }
        if append.next_arrival < self.next_arrival {
            self.fault(format!("arrival numbers went back to {}", append.next_arrival));
        }
        self.next_arrival = append.next_arrival;
        self.wakes_at = append.wakes_at;
    }

    /// The greatest capacity an agent had while the batch was made.
    fn capacities(&self, append: &Append) -> BTreeMap<AgentId, u32> {
        let mut capacities: BTreeMap<AgentId, u32> =
            self.settings.agents.iter().map(|(id, profile)| (*id, profile.capacity)).collect();
        capacities.extend(self.agents.values().map(|row| (row.id, row.capacity)));
        for row in &append.agents {
            let capacity = capacities.entry(row.id).or_default();
            *capacity = capacity_within(append, row).max(*capacity);
        }
        capacities
    }

    fn add(&mut self, record: StoredRecord, capacity: &BTreeMap<AgentId, u32>) {
        let id = record.conversation;
        let kept = self.kept.entry(id).or_default();
        let dense = record.number.0 == kept.records.len() as u64 + 1;
        let public_dense = record.public.is_none_or(|public| public.0 == kept.public.len() as u64 + 1);
        if record.public.is_some() {
            kept.public.push(kept.records.len());
        }
        if !dense || !public_dense {
            self.fault(format!("the numbers of {id} are not dense at {:?}", record.number));
        }
        if let (Some(command), RecordKind::Said(_) | RecordKind::Noted(_)) = (record.command, &record.what)
            && self.words.insert((id, command), record.number).is_some()
        {
            self.fault(format!("the words of {command:?} stand twice in {id}"));
        }
        self.follow_service(&record, capacity);
        self.kept.entry(id).or_default().records.push(record);
    }

    /// Keeps who serves what, record by record, and how much each agent had when something was added.
    fn follow_service(&mut self, record: &StoredRecord, capacity: &BTreeMap<AgentId, u32>) {
        let id = record.conversation;
        let (agent, automatic) = match &record.what {
            RecordKind::Offered(offered) => (offered.agent, true),
            RecordKind::Assigned(assigned) => (assigned.agent, assigned.cause == Cause::Routed),
            RecordKind::Waiting(_)
            | RecordKind::Declined(_)
            | RecordKind::Lapsed(_)
            | RecordKind::Parked(_)
            | RecordKind::Closed(_) => return self.release(id),
            RecordKind::Opened(_)
            | RecordKind::Said(_)
            | RecordKind::Noted(_)
            | RecordKind::Transferred(_)
            | RecordKind::Reopened(_)
            | RecordKind::Rated(_)
            | RecordKind::Edited(_)
            | RecordKind::Deleted(_)
            | RecordKind::Unknown(_) => return,
        };
        self.release(id);
        let load = self.load.entry(agent).or_default();
        let (load_before, capacity) = (*load, capacity.get(&agent).copied().unwrap_or(0));
        *load += 1;
        self.serving.insert(id, agent);
        if automatic && load_before >= capacity {
            self.fault(format!("{agent} was given {id} at load {load_before} of {capacity}"));
        }
    }

    fn release(&mut self, id: ConversationId) {
        if let Some(agent) = self.serving.remove(&id) {
            let load = self.load.entry(agent).or_default();
            *load = load.saturating_sub(1);
        }
    }

    /// How much an agent serves.
    pub fn load_of(&self, agent: AgentId) -> u32 {
        self.load.get(&agent).copied().unwrap_or(0)
    }

    fn put(&mut self, row: StoredConversation) {
        let id = row.id;
        let kept = self.kept.entry(id).or_default();
        let head = kept.records.last().map(|last| Position { number: last.number, tail: last.tail() });
        let last_public = kept.public.last().and_then(|at| kept.records.get(*at));
        let public = last_public.and_then(|last| Some(Position { number: last.public?, tail: last.tail() }));
        if (head, public) != (Some(row.head), Some(row.public_head)) {
            self.faults.push(format!("the head of {id} is {:?}, its last record {head:?}", row.head));
        }
        if let Some(before) = kept.row.replace(row.clone())
            && before.state == StoredState::Waiting
        {
            self.waiting.remove(&before.arrival);
        }
        let served = match row.state {
            StoredState::Offered { agent, .. } | StoredState::Assigned { agent, .. } => Some(agent),
            StoredState::Waiting
            | StoredState::Parked { .. }
            | StoredState::Closed { .. }
            | StoredState::Offline
            | StoredState::Unknown(_) => None,
        };
        if self.serving.get(&id).copied() != served {
            self.fault(format!("{id} is served by {served:?}, its records tell of {:?}", self.serving.get(&id)));
        }
        self.index(&row);
    }

    /// The line has each arrival once.
    fn index(&mut self, row: &StoredConversation) {
        if row.state == StoredState::Waiting
            && self.waiting.insert(row.arrival, row.id).is_some_and(|other| other != row.id)
        {
            self.fault(format!("two who wait have arrival {}", row.arrival));
        }
        let open = self.open_of.entry(row.visitor).or_default();
        if row.state.is_open() {
            open.insert(row.id);
        } else {
            open.remove(&row.id);
        }
    }

    /// A visitor has no more open conversations than the site allows, once the whole batch stands.
    fn count_open(&mut self, visitor: VisitorId) {
        let open_max = self.settings.open_max as usize;
        if self.open_of.get(&visitor).is_some_and(|open| open.len() > open_max) {
            self.fault(format!("{visitor} has more open conversations than {open_max}"));
        }
    }

    fn put_outbox(&mut self, row: StoredOutbox) {
        let rows = match row.lane {
            None => &mut self.lane_none,
            Some(id) => &mut self.kept.entry(id).or_default().outboxes,
        };
        let (outbox, ordinal) = (row.outbox, row.ordinal);
        let before = rows.insert(outbox, row).map_or(0, |row| row.ordinal);
        // Several commands of one outbox may be answered in one batch; their row stands once, with the last.
        if ordinal <= before {
            self.fault(format!("the row of outbox {outbox} went from {before} to {ordinal}"));
        }
    }

    fn withdraw(&mut self, conversation: ConversationId, message: MessageId) {
        self.withdrawn.insert(message);
        let records = self.kept.get_mut(&conversation).into_iter().flat_map(|kept| &mut kept.records);
        records.for_each(|record| record.withdraw(message));
    }

    fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }
}

impl Kept {
    fn is_open(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.state.is_open())
    }

    fn loaded(&self) -> Option<Loaded> {
        let hidden = self.records.iter().filter(|record| record.public.is_none()).map(|record| record.number);
        Some(Loaded {
            conversation: self.row.clone()?,
            hidden: hidden.collect(),
            outboxes: self.outboxes.values().cloned().collect(),
        })
    }
}

/// The greatest capacity an agent may have had within a batch that ends with this row. Of several commands of agents'
/// own state only the last is told.
pub(crate) fn capacity_within(append: &Append, row: &StoredAgent) -> u32 {
    let own_states = append.outboxes.iter().filter(|row| row.lane.is_none()).count();
    if own_states > 1 { row.capacity.max(CAPACITY_MAX) } else { row.capacity }
}

fn told(record: &StoredRecord, by: Principal) -> Option<Record> {
    let number = match by {
        Principal::Agent(_) => record.number,
        Principal::Visitor(_) => record.public?,
    };
    let command = record.command.filter(|_| record.author == Some(by));
    Some(Record { number, tail: record.tail(), id: record.id, at: record.at, command, what: record.what.clone() })
}
