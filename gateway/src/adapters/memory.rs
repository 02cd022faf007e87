//! A store in memory: plain sorted maps behind one lock. For tests, trials and measurements; nothing outlives it.

mod directory;
#[cfg(test)]
pub(crate) mod faults;
mod reader;

use crate::adapters::{check, clock, settings};
use crate::ports::{Account, AgentRecord, AppendError, Canned, Grant, Journal, Site, StoreError, TeamRow};
use async_trait::async_trait;
use gateway_core::ids::{Epoch, SiteId};
use gateway_core::now::StoreTime;
use gateway_core::settings::Settings;
use gateway_core::stored::{
    Append, Durable, Found, Loaded, Opening, StoredAgent, StoredConversation, StoredOutbox, StoredRecord,
};
use protocol::{AgentId, ConversationId, MessageId, Number, OutboxId, TeamId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// The store in memory.
#[derive(Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    #[cfg(test)]
    pub(crate) faults: faults::Faults,
}

impl MemoryStore {
    /// Makes an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct Tables {
    sites: BTreeMap<SiteId, SiteTables>,
    accounts: BTreeMap<Uuid, Account>,
    secrets: BTreeMap<[u8; 32], (Grant, u64)>,
    token_key: Option<[u8; 32]>,
    /// Rows stored so far; the next one's place in the order of commits.
    sequence: u64,
    /// The latest time told; a wall clock that is set back does not take the store's clock with it.
    clock: u64,
}

impl Tables {
    fn site(&self, site: SiteId) -> Result<&SiteTables, StoreError> {
        self.sites.get(&site).ok_or(StoreError::NotFound)
    }

    fn site_mut(&mut self, site: SiteId) -> Result<&mut SiteTables, StoreError> {
        self.sites.get_mut(&site).ok_or(StoreError::NotFound)
    }

    fn now(&mut self) -> StoreTime {
        self.clock = self.clock.max(clock::wall_ms());
        StoreTime(self.clock)
    }
}

struct SiteTables {
    site: Site,
    epoch: i64,
    next_arrival: u64,
    wakes_at: Option<StoreTime>,
    teams: BTreeMap<TeamId, TeamRow>,
    agents: BTreeMap<AgentId, AgentRecord>,
    live: BTreeMap<AgentId, StoredAgent>,
    canned: BTreeMap<Uuid, Canned>,
    conversations: BTreeMap<ConversationId, StoredConversation>,
    /// By full number, with the place in the order of commits.
    records: BTreeMap<ConversationId, BTreeMap<Number, (u64, StoredRecord)>>,
    outboxes: BTreeMap<(Option<ConversationId>, OutboxId), StoredOutbox>,
}

impl SiteTables {
    fn settings(&self) -> Settings {
        settings::of(self.site.clone(), self.teams.values().cloned(), self.agents.values().cloned())
    }

    fn loaded(&self, conversation: &StoredConversation) -> Loaded {
        let id = conversation.id;
        let records = self.records.get(&id).into_iter().flat_map(BTreeMap::values);
        Loaded {
            conversation: conversation.clone(),
            hidden: records.filter(|(_, row)| row.public.is_none()).map(|(_, row)| row.number).collect(),
            outboxes: self.outboxes_of(Some(id)),
        }
    }

    fn outboxes_of(&self, lane: Option<ConversationId>) -> Vec<StoredOutbox> {
        let first = (lane, OutboxId(Uuid::nil()));
        self.outboxes.range(first..).take_while(|((at, _), _)| *at == lane).map(|(_, row)| row.clone()).collect()
    }

    /// What would make half a batch fail: checked before the first row is written.
    fn check(&self, append: &Append) -> Result<(), AppendError> {
        if self.epoch != append.epoch.0 {
            return Err(AppendError::Fenced);
        }
        check::append(append).map_err(AppendError::Refused)?;
        let mut numbers = BTreeSet::new();
        for record in &append.records {
            let taken = self.records.get(&record.conversation).is_some_and(|rows| rows.contains_key(&record.number));
            if taken || !numbers.insert((record.conversation, record.number)) {
                return Err(AppendError::Refused(format!("the record number {} is taken", record.number.0)));
            }
        }
        match append.agents.iter().find(|agent| !self.agents.contains_key(&agent.id)) {
            Some(agent) => Err(AppendError::Refused(format!("no agent {}", agent.id))),
            None => Ok(()),
        }
    }

    fn store(&mut self, append: Append, sequence: &mut u64) {
        for record in append.records {
            *sequence += 1;
            let rows = self.records.entry(record.conversation).or_default();
            rows.insert(record.number, (*sequence, record));
        }
        self.conversations.extend(append.conversations.into_iter().map(|row| (row.id, row)));
        if let Some(since) = append.unused_since {
            self.outboxes.retain(|(lane, _), row| lane.is_some() || row.used_at >= since);
        }
        self.outboxes.extend(append.outboxes.into_iter().map(|row| ((row.lane, row.outbox), row)));
        self.live.extend(append.agents.into_iter().map(|row| (row.id, row)));
        for (conversation, message) in append.withdrawn {
            self.withdraw(conversation, message);
        }
        self.next_arrival = append.next_arrival;
        self.wakes_at = append.wakes_at;
    }

    /// Empties a message and every edit of it.
    fn withdraw(&mut self, conversation: ConversationId, message: MessageId) {
        let rows = self.records.get_mut(&conversation).into_iter().flat_map(BTreeMap::values_mut);
        rows.for_each(|(_, row)| row.withdraw(message));
    }
}

#[async_trait]
impl Journal for MemoryStore {
    async fn open(&self, site: SiteId) -> Result<Opening, StoreError> {
        let mut tables = self.tables();
        let now = tables.now();
        let rows = tables.site_mut(site)?;
        rows.epoch += 1;
        let open = rows.conversations.values().filter(|row| row.state.is_open());
        let opening = Opening {
            site,
            epoch: Epoch(rows.epoch),
            now,
            settings: rows.settings(),
            next_arrival: rows.next_arrival,
            agents: rows.live.values().copied().collect(),
            conversations: open.map(|row| rows.loaded(row)).collect(),
            outboxes: rows.outboxes_of(None),
            service_ms: Opening::service_ms_of(rows.conversations.values()),
        };
        #[cfg(test)]
        let opening = self.faults.befall(opening);
        Ok(clock::catch_up(opening))
    }

    async fn append(&self, append: Append) -> Result<Durable, AppendError> {
        let receipt = append.stored();
        #[cfg(test)]
        let fault = self.faults.next(&append)?;
        let mut tables = self.tables();
        let Tables { sites, sequence, .. } = &mut *tables;
        let rows = sites.get_mut(&append.site).ok_or(AppendError::Fenced)?;
        rows.check(&append)?;
        rows.store(append, sequence);
        #[cfg(test)]
        fault.after()?;
        Ok(receipt)
    }

    async fn load(&self, site: SiteId, conversation: ConversationId) -> Result<Found, StoreError> {
        let tables = self.tables();
        let rows = tables.site(site)?;
        Ok(match rows.conversations.get(&conversation) {
            Some(row) => Found::Conversation(Box::new(rows.loaded(row))),
            None => Found::Nothing(rows.outboxes_of(Some(conversation))),
        })
    }

    async fn due(&self, limit: usize) -> Result<Vec<SiteId>, StoreError> {
        let mut tables = self.tables();
        let now = tables.now();
        let wakes = tables.sites.iter().filter_map(|(site, rows)| Some((rows.wakes_at?, *site)));
        let due: BTreeSet<_> = wakes.filter(|(at, _)| *at <= now).collect();
        Ok(due.into_iter().take(limit).map(|(_, site)| site).collect())
    }

    async fn with_open(&self) -> Result<Vec<SiteId>, StoreError> {
        let tables = self.tables();
        let has_open = |rows: &SiteTables| rows.conversations.values().any(|row| row.state.is_open());
        Ok(tables.sites.iter().filter(|(_, rows)| has_open(rows)).map(|(site, _)| *site).collect())
    }
}
