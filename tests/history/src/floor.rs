//! Floor: who waits, who serves and who is there, on every site, from one instant to the next.
//!
//! Sockets are known from the clients' side. An agent counts as there while one of their sockets is, a visitor while one
//! of their sockets is whose page shows the conversation: a page that was opened beside it and knows nothing of it waits
//! for nobody. The gateway may learn of it a little later; who asks gives that time.

use crate::index::{Index, Key};
use crate::map::Map;
use crate::operation::{Call, Nanos, Operation, Principal, SiteNumber};
use crate::site::Site;
use crate::standing::Standing;
use crate::truth::{AgentRow, ConversationRow, Stored};
use protocol::{AgentId, ConversationId, RecordKind, Status, TeamId};
use std::collections::{BTreeMap, BTreeSet};

/// After a decline, a lapse or a silence the agent is not asked for the same conversation for this long.
const DECLINED_NANOS: Nanos = 60_000_000_000;
const NANOS_PER_MS: Nanos = 1_000_000;

/// What changes the floor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event<'h> {
    Agent(&'h AgentRow),
    Conversation(&'h ConversationRow),
    Arrived(SiteNumber, Principal),
    Left(SiteNumber, Principal),
    /// A visitor's page shows a conversation, and its socket is there; or one of both is over.
    Shows(Key),
    Hides(Key),
    Stored(&'h Stored),
    /// Nothing happens after it.
    End,
}

impl Event<'_> {
    /// The site it is about; none where it is about all.
    pub fn site(&self) -> Option<SiteNumber> {
        match self {
            Self::Agent(row) => Some(row.site),
            Self::Conversation(row) => Some(row.site),
            Self::Arrived(site, _) | Self::Left(site, _) | Self::Shows((site, _)) | Self::Hides((site, _)) => {
                Some(*site)
            }
            Self::Stored(stored) => Some(stored.site),
            Self::End => None,
        }
    }
}

/// A place in line: lower priority first, then the earlier arrival.
type Turn = (u8, u64);

/// A conversation on the floor.
#[derive(Debug)]
pub(crate) struct Chat<'h> {
    pub row: &'h ConversationRow,
    pub standing: Standing,
    /// When it came into its team's line, and when it came to its turn there.
    pub since: Nanos,
    pub placed: Nanos,
    refused: Vec<(AgentId, Nanos)>,
}

impl Chat<'_> {
    fn turn(&self) -> Turn {
        (self.row.priority, self.row.arrival)
    }

    /// Until when an agent is not asked for it.
    pub fn refused_until(&self, agent: AgentId) -> Nanos {
        self.refused.iter().filter(|(other, _)| *other == agent).map(|(_, until)| *until).max().unwrap_or_default()
    }
}

/// An agent on the floor.
#[derive(Debug)]
pub(crate) struct Desk<'h> {
    pub row: &'h AgentRow,
    /// Capacity before the row, which may have been decided on in the same instant.
    capacity_before: u32,
    pub load: u32,
}

impl Desk<'_> {
    /// The most the agent could be given at this instant.
    pub fn capacity(&self, now: Nanos) -> u32 {
        if self.row.from == now { self.row.capacity.max(self.capacity_before) } else { self.row.capacity }
    }
}

/// All sites at one instant.
#[derive(Debug)]
pub(crate) struct Floor<'h> {
    pub now: Nanos,
    sites: Map<SiteNumber, &'h Site>,
    chats: Map<Key, Chat<'h>>,
    /// Waiting conversations of each team, by turn.
    lines: Map<(SiteNumber, Option<TeamId>), BTreeMap<Turn, ConversationId>>,
    desks: BTreeMap<SiteNumber, BTreeMap<AgentId, Desk<'h>>>,
    /// Those with room, so that a full house costs nothing to look at.
    roomy: BTreeMap<SiteNumber, BTreeSet<AgentId>>,
    /// How many sockets they have, and since when there has been one.
    here: Map<(SiteNumber, Principal), (u32, Nanos)>,
    /// How many of its visitor's pages show a conversation, and since when one has.
    shown: Map<Key, (u32, Nanos)>,
}

/// Shows the floor as it stands before each event, in order of time.
pub(crate) fn walk<'h>(index: &'h Index<'h>, mut see: impl FnMut(&Floor<'h>, Event<'h>)) {
    let mut floor = Floor {
        now: 0,
        sites: index.history.sites.iter().map(|site| (site.site, site)).collect(),
        chats: Map::default(),
        lines: Map::default(),
        desks: BTreeMap::new(),
        roomy: BTreeMap::new(),
        here: Map::default(),
        shown: Map::default(),
    };
    for (time, event) in events(index) {
        floor.now = time;
        see(&floor, event);
        floor.apply(event);
    }
}

/// In order of time; at one instant rows come before the records that were stored with them.
fn events<'h>(index: &'h Index<'h>) -> Vec<(Nanos, Event<'h>)> {
    let truth = &index.history.truth;
    let mut events: Vec<(Nanos, Event)> = Vec::new();
    events.extend(truth.agents.iter().map(|row| (row.from, Event::Agent(row))));
    events.extend(truth.conversations.iter().map(|row| (row.from, Event::Conversation(row))));
    let mut pages = Pages::default();
    for (_, operation) in index.operations() {
        let time = operation.completed.unwrap_or(operation.invoked);
        match &operation.call {
            Call::Connect { principal } => pages.connect(operation, *principal, time, &mut events),
            Call::Disconnect => pages.disconnect(operation, operation.invoked, &mut events),
            Call::Read { conversation, .. } => pages.read(operation, *conversation, time, &mut events),
            Call::Command { .. }
            | Call::Gap { .. }
            | Call::Resync { .. }
            | Call::Fault { .. }
            | Call::Heal { .. }
            | Call::Restore { .. } => {}
        }
    }
    events.extend(index.stored.iter().map(|stored| (stored.committed, Event::Stored(stored))));
    events.sort_by_key(|(time, event)| (*time, matches!(event, Event::Stored(_))));
    events.push((index.end, Event::End));
    events
}

/// Page loads: who has a socket, and what visitors' pages show.
#[derive(Debug, Default)]
struct Pages {
    sockets: Map<u32, Principal>,
    shows: Map<u32, BTreeSet<ConversationId>>,
}

impl Pages {
    fn connect<'h>(
        &mut self,
        operation: &Operation,
        principal: Principal,
        time: Nanos,
        events: &mut Vec<(Nanos, Event<'h>)>,
    ) {
        self.disconnect(operation, time, events);
        self.sockets.insert(operation.process, principal);
        events.push((time, Event::Arrived(operation.site, principal)));
        let shown = self.shows.get(&operation.process).into_iter().flatten();
        events.extend(shown.map(|shown| (time, Event::Shows((operation.site, *shown)))));
    }

    fn disconnect<'h>(&mut self, operation: &Operation, time: Nanos, events: &mut Vec<(Nanos, Event<'h>)>) {
        let Some(left) = self.sockets.remove(&operation.process) else { return };
        events.push((time, Event::Left(operation.site, left)));
        let hidden = self.shows.get(&operation.process).into_iter().flatten();
        events.extend(hidden.map(|hidden| (time, Event::Hides((operation.site, *hidden)))));
    }

    fn read<'h>(
        &mut self,
        operation: &Operation,
        conversation: ConversationId,
        time: Nanos,
        events: &mut Vec<(Nanos, Event<'h>)>,
    ) {
        let Some(Principal::Visitor(_)) = self.sockets.get(&operation.process) else { return };
        if self.shows.entry(operation.process).or_default().insert(conversation) {
            events.push((time, Event::Shows((operation.site, conversation))));
        }
    }
}

impl<'h> Floor<'h> {
    pub fn chat(&self, key: Key) -> Option<&Chat<'h>> {
        self.chats.get(&key)
    }

    pub fn desk(&self, site: SiteNumber, agent: AgentId) -> Option<&Desk<'h>> {
        self.desks.get(&site)?.get(&agent)
    }

    /// Who waits before a conversation in its team's line, the first of them first.
    pub fn before(&self, chat: &Chat<'h>) -> impl Iterator<Item = &Chat<'h>> {
        let site = chat.row.site;
        let line = self.lines.get(&(site, chat.row.team));
        let turn = chat.turn();
        let ids = line.into_iter().flat_map(move |line| line.range(..turn));
        ids.filter_map(move |(_, id)| self.chats.get(&(site, *id)))
    }

    /// Who waits for a team.
    pub fn waiting(&self, site: SiteNumber, team: TeamId) -> impl Iterator<Item = &Chat<'h>> {
        let ids = self.lines.get(&(site, Some(team))).into_iter().flatten();
        ids.filter_map(move |(_, id)| self.chats.get(&(site, *id)))
    }

    /// The teams of agents.
    pub fn teams(&self, site: SiteNumber, agents: impl Iterator<Item = AgentId>) -> BTreeSet<TeamId> {
        let Some(site) = self.sites.get(&site) else { return BTreeSet::new() };
        agents.filter_map(|agent| site.agents.get(&agent)).flat_map(|rules| rules.teams.iter().copied()).collect()
    }

    /// Agents who could take one more now, and since when they have been there.
    pub fn free(&self, site: SiteNumber) -> impl Iterator<Item = (AgentId, Nanos)> {
        let roomy = self.roomy.get(&site).into_iter().flatten().copied();
        roomy.filter_map(move |agent| Some((agent, self.here_since(site, Principal::Agent(agent))?)))
    }

    /// Since when the principal has had a socket; none where they have none.
    pub fn here_since(&self, site: SiteNumber, principal: Principal) -> Option<Nanos> {
        self.here.get(&(site, principal)).filter(|(sockets, _)| *sockets > 0).map(|(_, since)| *since)
    }

    /// Since when a conversation's turn could have come, presence and preference considered; none while its visitor is
    /// away.
    pub fn ready_since(&self, chat: &Chat<'h>) -> Option<Nanos> {
        let site = chat.row.site;
        let (_, here) = self.shown.get(&(site, chat.row.conversation)).filter(|(pages, _)| *pages > 0)?;
        let preferred_ms = self.sites.get(&site).map_or(0, |rules| rules.preferred_ms);
        let prefers = chat.row.prefers.map_or(0, |_| preferred_ms * NANOS_PER_MS);
        Some((*here).max(chat.since + prefers).max(chat.placed))
    }

    /// Whether an agent could serve a conversation, room and presence apart.
    pub fn fits(&self, agent: AgentId, chat: &Chat<'h>) -> bool {
        let Some(site) = self.sites.get(&chat.row.site) else { return false };
        let (Some(rules), Some(team)) = (site.agents.get(&agent), chat.row.team) else { return false };
        let skills = site.teams.get(&team).map(|team| &team.skills);
        let primary = chat.row.language.as_deref().and_then(|tag| tag.split('-').next()).map(str::to_ascii_lowercase);
        rules.teams.contains(&team)
            && skills.is_none_or(|skills| skills.is_subset(&rules.skills))
            && (rules.languages.is_empty() || primary.is_none_or(|primary| rules.languages.contains(&primary)))
            && chat.refused_until(agent) <= self.now
    }

    fn apply(&mut self, event: Event<'h>) {
        match event {
            Event::Agent(row) => self.set_agent(row),
            Event::Conversation(row) => self.set_row(row),
            Event::Arrived(site, principal) => {
                let (sockets, since) = self.here.entry((site, principal)).or_insert((0, self.now));
                if *sockets == 0 {
                    *since = self.now;
                }
                *sockets += 1;
            }
            Event::Left(site, principal) => {
                if let Some((sockets, _)) = self.here.get_mut(&(site, principal)) {
                    *sockets -= 1;
                }
            }
            Event::Shows(key) => {
                let (pages, since) = self.shown.entry(key).or_insert((0, self.now));
                if *pages == 0 {
                    *since = self.now;
                }
                *pages += 1;
            }
            Event::Hides(key) => {
                if let Some((pages, _)) = self.shown.get_mut(&key) {
                    *pages -= 1;
                }
            }
            Event::Stored(stored) => self.follow(stored),
            Event::End => {}
        }
    }

    fn set_agent(&mut self, row: &'h AgentRow) {
        let desks = self.desks.entry(row.site).or_default();
        let desk = desks.entry(row.agent).or_insert(Desk { row, capacity_before: row.capacity, load: 0 });
        if desk.row.from < row.from {
            desk.capacity_before = desk.row.capacity;
        }
        desk.row = row;
        self.note_room(row.site, row.agent);
    }

    fn set_row(&mut self, row: &'h ConversationRow) {
        let key = (row.site, row.conversation);
        let chat = self.chats.entry(key).or_insert_with(|| Chat {
            row,
            standing: Standing::default(),
            since: self.now,
            placed: self.now,
            refused: Vec::new(),
        });
        let place = |row: &ConversationRow| (row.team, row.priority, row.arrival);
        if place(chat.row) == place(row) {
            chat.row = row;
            return;
        }
        let waits = chat.standing == Standing::Waiting;
        let old = std::mem::replace(&mut chat.row, row);
        chat.placed = self.now;
        if waits {
            self.leave(old);
            self.join(row);
        }
    }

    fn join(&mut self, row: &ConversationRow) {
        self.lines.entry((row.site, row.team)).or_default().insert((row.priority, row.arrival), row.conversation);
    }

    fn leave(&mut self, row: &ConversationRow) {
        if let Some(line) = self.lines.get_mut(&(row.site, row.team)) {
            line.remove(&(row.priority, row.arrival));
        }
    }

    fn follow(&mut self, stored: &'h Stored) {
        let Some(chat) = self.chats.get_mut(&(stored.site, stored.conversation)) else { return };
        let before = chat.standing;
        let after = before.after(&stored.record.what);
        if let (Some(agent), Standing::Waiting) = (before.holder(), after) {
            chat.refused.retain(|(other, _)| *other != agent);
            chat.refused.push((agent, self.now + DECLINED_NANOS));
        }
        if before == after {
            return;
        }
        (chat.standing, chat.since) = (after, self.now);
        let row = chat.row;
        if before == Standing::Waiting {
            self.leave(row);
        }
        if after == Standing::Waiting {
            self.join(row);
        }
        self.add_load(stored.site, before, -1);
        self.add_load(stored.site, after, 1);
    }

    fn add_load(&mut self, site: SiteNumber, standing: Standing, change: i32) {
        let Some(agent) = standing.serving() else { return };
        if let Some(desk) = self.desks.get_mut(&site).and_then(|desks| desks.get_mut(&agent)) {
            desk.load = desk.load.saturating_add_signed(change);
        }
        self.note_room(site, agent);
    }

    fn note_room(&mut self, site: SiteNumber, agent: AgentId) {
        let Some(desk) = self.desks.get(&site).and_then(|desks| desks.get(&agent)) else { return };
        let row = desk.row;
        let has_room = row.enabled && row.status == Status::Online && row.accepting && desk.load < row.capacity;
        let roomy = self.roomy.entry(site).or_default();
        if has_room {
            roomy.insert(agent);
        } else {
            roomy.remove(&agent);
        }
    }
}

/// The agent to whom the rules give or offer a conversation with this record.
pub(crate) fn given(what: &RecordKind) -> Option<AgentId> {
    match what {
        RecordKind::Offered(offered) => Some(offered.agent),
        RecordKind::Assigned(assigned) if assigned.cause == protocol::Cause::Routed => Some(assigned.agent),
        RecordKind::Opened(_)
        | RecordKind::Waiting(_)
        | RecordKind::Declined(_)
        | RecordKind::Lapsed(_)
        | RecordKind::Assigned(_)
        | RecordKind::Said(_)
        | RecordKind::Noted(_)
        | RecordKind::Transferred(_)
        | RecordKind::Parked(_)
        | RecordKind::Closed(_)
        | RecordKind::Reopened(_)
        | RecordKind::Rated(_)
        | RecordKind::Edited(_)
        | RecordKind::Deleted(_)
        | RecordKind::Unknown(_) => None,
    }
}
