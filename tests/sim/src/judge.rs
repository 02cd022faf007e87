//! Judge: what the world writes down of itself for the history's checks.

use crate::client::outbox::{Item, Queue};
use crate::client::tab::Answered;
use crate::swarm::Habit;
use crate::world::World;
use crate::world::clock::Time;
use crate::world::desk_loop::DeskLoop;
use crate::world::tables::capacity_within;
use gateway_core::ids::{NodeId, Principal};
use gateway_core::settings::Settings;
use gateway_core::stored::{Append, StoredAgent, StoredConversation, StoredRecord};
use history::{
    AgentRow, AgentRules, Answer, Audience, Call, ConversationRow, DeskRow, Operation, Phase, Stored, TeamRules,
};
use protocol::{AgentId, Code, Command, ConversationId, Down, Fetch, Position, Record};

/// A word of each site that may never be read at another one.
pub(crate) fn canary(site: usize) -> String {
    format!("canary-of-site-{site}")
}

impl World {
    /// The one clock of the history: the world's, with what happens in one millisecond told apart.
    pub fn nanos(&mut self) -> u64 {
        let base = self.clock.now() * 1_000_000;
        self.nanos = base.max(self.nanos + 1);
        self.nanos
    }

    fn note(&mut self, process: usize, site: usize, call: Call, invoked: u64) {
        let completed = Some(self.nanos());
        let operation = Operation { process: number(process), site: number(site), call, invoked, completed };
        self.history.operations.push(operation);
    }

    fn note_now(&mut self, process: usize, site: usize, call: Call) {
        let invoked = self.nanos();
        self.note(process, site, call, invoked);
    }

    /// What checks must know of the sites.
    pub fn note_sites(&mut self) {
        for site in 0..self.store.sites.len() {
            let settings = self.store.sites[site].settings.clone();
            self.history.sites.push(rules_of(site, &settings));
            for agent in settings.agents.keys() {
                self.note_agent(site, *agent);
            }
        }
    }

    pub fn note_opening(&mut self, site: usize, epoch: i64) {
        let from = self.nanos();
        self.history.truth.desks.push(DeskRow { site: number(site), from, epoch, phase: Phase::Opening });
    }

    /// A node's desk of a site begins to serve, or is no more.
    pub fn note_desk(&mut self, node: usize, site: usize, phase: Phase) {
        let from = self.nanos();
        if let Some(epoch) = self.nodes[node].desks.get(&site).map(DeskLoop::epoch) {
            self.history.truth.desks.push(DeskRow { site: number(site), from, epoch, phase });
        }
    }

    /// A node is gone, and with it the desks it had.
    pub fn note_desks_gone(&mut self, node: NodeId) {
        for site in 0..self.store.sites.len() {
            if self.store.ownership.owner(site).is_some_and(|owner| owner.node == Some(node)) {
                let (from, epoch) = (self.nanos(), self.store.sites[site].epoch);
                self.history.truth.desks.push(DeskRow { site: number(site), from, epoch, phase: Phase::Gone });
            }
        }
    }

    /// A batch becomes durable.
    pub fn note_append(&mut self, site: usize, append: Append) {
        for row in &append.agents {
            self.note_raised(site, row.id, capacity_within(&append, row));
        }
        let (committed, epoch) = (self.nanos(), append.epoch.0);
        for record in &append.records {
            self.reached.mark_record(&record.what);
            self.hash.mix(u64::from(record.tail()));
            self.hash.mix(record.number.0);
            self.tell(|| format!("stored: {} {:?} {:?}", record.conversation, record.number.0, record.what));
            self.history.truth.records.push(stored(site, record, epoch, committed));
        }
        for row in &append.conversations {
            self.history.truth.conversations.push(conversation_row(site, row, committed));
        }
        let agents: Vec<AgentId> = append.agents.iter().map(|row: &StoredAgent| row.id).collect();
        self.store.sites[site].append(append);
        for agent in agents {
            self.note_agent(site, agent);
        }
    }

    /// An agent whose capacity was raised in a batch may have been given more in the same batch.
    fn note_raised(&mut self, site: usize, agent: AgentId, capacity: u32) {
        self.note_agent(site, agent);
        if let Some(noted) = self.history.truth.agents.last_mut() {
            noted.capacity = noted.capacity.max(capacity);
        }
    }

    /// An agent's row, as the store and the settings tell it.
    pub fn note_agent(&mut self, site: usize, agent: AgentId) {
        let from = self.nanos();
        let tables = &self.store.sites[site];
        let Some(profile) = tables.settings.agents.get(&agent) else { return };
        let row = tables.agents.get(&agent);
        self.history.truth.agents.push(AgentRow {
            site: number(site),
            from,
            agent,
            enabled: profile.enabled,
            status: row.map_or(protocol::Status::Online, |row| row.status),
            accepting: row.is_none_or(|row| row.accepting),
            capacity: row.map_or(profile.capacity, |row| row.capacity),
        });
    }

    pub fn note_connect(&mut self, tab: usize) {
        let (site, principal) = (self.tabs[tab].site, self.tabs[tab].principal);
        self.note_now(tab, site, Call::Connect { principal: told(principal) });
    }

    pub fn note_disconnect(&mut self, tab: usize) {
        self.note_now(tab, self.tabs[tab].site, Call::Disconnect);
    }

    pub fn note_gap(&mut self, tab: usize, conversation: ConversationId) {
        self.note_now(tab, self.tabs[tab].site, Call::Gap { conversation });
    }

    pub fn note_resync(&mut self, tab: usize, conversation: ConversationId) {
        self.note_now(tab, self.tabs[tab].site, Call::Resync { conversation });
    }

    pub fn note_read(&mut self, tab: usize, conversation: ConversationId, records: Vec<Record>) {
        let audience = audience(self.tabs[tab].principal);
        self.note_now(tab, self.tabs[tab].site, Call::Read { conversation, audience, records, last: false });
    }

    pub fn note_answer(&mut self, tab: usize, answered: &Answered) {
        let answer = match &answered.outcome {
            Ok(outcome) => Answer::Ok { at: outcome.at, made: outcome.made },
            Err(refusal) => Answer::No { code: refusal.code },
        };
        self.commands += 1;
        self.note_command(tab, answered.command(), &answered.item, answer);
    }

    /// Nobody knows what became of it.
    pub fn note_unknown(&mut self, tab: usize, lane: Option<ConversationId>, item: &Item) {
        if item.sends > 0 {
            let command = Command { id: item.id, conversation: lane, action: item.action.clone() };
            self.note_command(tab, command, item, Answer::Unknown);
        }
    }

    fn note_command(&mut self, tab: usize, command: Command, item: &Item, answer: Answer) {
        let invoked = item.invoked.unwrap_or(0) * 1_000_000;
        let call = Call::Command { command, sends: item.sends, answer };
        self.note(tab, self.tabs[tab].site, call, invoked);
    }

    /// Poison took effect: a fault that is over at once.
    pub fn note_poison(&mut self, site: usize, word: &str) {
        let now = self.clock.now();
        self.note_felt(word.to_owned(), site, now, now);
    }

    /// Queues that were made short, and people who say too much, have their commands sent twice without anything broken.
    pub fn note_own_overload(&mut self, tab: usize, frame: &Down) {
        let Down::No(refusal) = frame else { return };
        let is_own = (refusal.code == Code::Busy && self.plan.has_short_queues())
            || (refusal.code == Code::RateLimited && self.plan.has(Habit::Rudeness));
        // Once, at the very beginning: it breaks nothing, and excuses nothing that comes late.
        if is_own && !std::mem::replace(&mut self.overloaded, true) {
            self.note_felt("overload".to_owned(), self.tabs[tab].site, 0, 0);
        }
    }

    /// A fault that a site felt, from when to when.
    fn note_felt(&mut self, name: String, site: usize, from: Time, until: Time) {
        let felt = Call::Fault { name: name.clone(), took_effect: true, felt_by: Some(number(site)) };
        for (call, at) in [(felt, from), (Call::Heal { name }, until)] {
            // To the end of its millisecond.
            let nanos = (at + 1) * 1_000_000;
            let operation = Operation { process: 0, site: number(site), call, invoked: nanos, completed: Some(nanos) };
            self.history.operations.push(operation);
        }
    }

    /// The history is whole now, and is judged.
    pub fn judge(&mut self) {
        self.note_last_reads();
        let felt: Vec<_> = self.faults.felt().collect();
        for (name, site, from, until) in felt {
            self.note_felt(name, site, from.saturating_sub(1), until);
        }
        for person in 0..self.people.len() {
            let process = self.tabs.iter().rposition(|tab| tab.person == person);
            let Some(process) = process else { continue };
            let kept: Vec<_> = self.people[person].kept.iter().flat_map(Queue::items).collect();
            let kept: Vec<_> = kept.into_iter().map(|(lane, item)| (lane, item.clone())).collect();
            for (lane, item) in kept {
                self.note_unknown(process, lane, &item);
            }
        }
        if let Some(found) = history::check(&self.history).first() {
            self.find(format!("history: {found}"));
        }
    }

    /// The final quiet read of everything, by pages that showed nothing before.
    fn note_last_reads(&mut self) {
        let mut process = self.tabs.len();
        for site in 0..self.store.sites.len() {
            let agent = self.store.sites[site].settings.agents.keys().next().copied();
            let rows: Vec<_> = self.store.sites[site].kept.values().filter_map(|kept| kept.row.as_ref()).collect();
            let ids: Vec<_> = rows.into_iter().map(|row| (row.id, row.visitor)).collect();
            for (conversation, visitor) in ids {
                for by in agent.map(Principal::Agent).into_iter().chain([Principal::Visitor(visitor)]) {
                    process += 1;
                    self.note_now(process, site, Call::Connect { principal: told(by) });
                    let records = self.read_all(site, conversation, by);
                    let audience = audience(by);
                    self.note_now(process, site, Call::Read { conversation, audience, records, last: true });
                }
            }
        }
    }

    fn read_all(&self, site: usize, conversation: ConversationId, by: Principal) -> Vec<Record> {
        let mut records: Vec<Record> = Vec::new();
        loop {
            let last = records.last();
            let after = last.map_or_else(Position::default, |last| Position { number: last.number, tail: last.tail });
            let page = self.store.sites[site].page(&Fetch { conversation, after, limit: None }, by);
            match page {
                Some(page) if !page.records.is_empty() => records.extend(page.records),
                Some(_) | None => return records,
            }
        }
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn told(principal: Principal) -> history::Principal {
    match principal {
        Principal::Visitor(id) => history::Principal::Visitor(id),
        Principal::Agent(id) => history::Principal::Agent(id),
    }
}

fn audience(principal: Principal) -> Audience {
    match principal {
        Principal::Visitor(_) => Audience::Visitor,
        Principal::Agent(_) => Audience::Agent,
    }
}

fn stored(site: usize, record: &StoredRecord, epoch: i64, committed: u64) -> Stored {
    Stored {
        site: number(site),
        conversation: record.conversation,
        record: Record {
            number: record.number,
            tail: record.tail(),
            id: record.id,
            at: record.at,
            command: record.command,
            what: record.what.clone(),
        },
        public: record.public,
        author: record.author.map(told),
        epoch: Some(epoch),
        committed,
    }
}

fn conversation_row(site: usize, row: &StoredConversation, from: u64) -> ConversationRow {
    ConversationRow {
        site: number(site),
        from,
        conversation: row.id,
        visitor: row.visitor,
        team: row.team,
        priority: row.priority,
        arrival: row.arrival,
        prefers: row.preferred,
        language: row.card.language.clone(),
    }
}

fn rules_of(site: usize, settings: &Settings) -> history::Site {
    history::Site {
        site: number(site),
        canary: Some(canary(site)),
        teams: settings
            .teams
            .iter()
            .map(|(id, team)| (*id, TeamRules { offer_ms: team.offer_ms, skills: team.skills.clone() }))
            .collect(),
        agents: settings
            .agents
            .iter()
            .map(|(id, profile)| {
                let (teams, skills) = (profile.teams.clone(), profile.skills.clone());
                (*id, AgentRules { teams, skills, languages: profile.languages.clone() })
            })
            .collect(),
        open_max: settings.open_max,
        preferred_ms: settings.preferred_ms,
        relax_ms: settings.relax_ms,
    }
}
