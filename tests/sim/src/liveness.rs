//! Liveness: once everything is healed, everything must come to rest as it should.

use crate::client::tab::{Phase, Tab};
use crate::world::World;
use crate::world::tables::Tables;
use gateway_core::ids::Principal;
use gateway_core::settings::Profile;
use gateway_core::stored::{StoredConversation, StoredDeadline, StoredState};
use protocol::limits::VIEW_ROWS_MAX;
use protocol::{AgentId, ConversationId, Status, View};
use std::collections::BTreeSet;

/// A stored deadline may be overdue by so much: a desk may just be opening.
const OVERDUE_MS_MAX: u64 = 5_000;

impl World {
    /// What is not yet as it should be at rest.
    pub fn unrest(&self) -> Option<String> {
        (0..self.tabs.len()).find_map(|tab| self.unrest_of_tab(tab)).or_else(|| {
            (0..self.store.sites.len()).find_map(|site| {
                let tables = &self.store.sites[site];
                let rows = tables.kept.values().filter_map(|kept| kept.row.as_ref());
                rows.into_iter().find_map(|row| self.unrest_of_conversation(site, tables, row))
            })
        })
    }

    fn unrest_of_tab(&self, index: usize) -> Option<String> {
        let tab = &self.tabs[index];
        if let Phase::Gone = tab.phase {
            return None;
        }
        if !tab.is_ready() {
            return Some(format!("tab {index} is not connected: {:?}", tab.phase));
        }
        if let Some((lane, id)) = tab.outbox.waiting().first() {
            return Some(format!("tab {index} has no answer to {id:?} of lane {lane:?}"));
        }
        let tables = &self.store.sites[tab.site];
        let behind =
            tab.transcripts.iter().find(|(id, transcript)| transcript.position() != tables.head(**id, tab.principal));
        if let Some((id, transcript)) = behind {
            let (held, head) = (transcript.position(), tables.head(*id, tab.principal));
            return Some(format!("tab {index} stands at {held:?} of {id}, the store at {head:?}"));
        }
        self.wrong_list(index, tab, tables)
    }

    /// The lists of a console are what the store holds.
    fn wrong_list(&self, index: usize, tab: &Tab, tables: &Tables) -> Option<String> {
        let Principal::Agent(me) = tab.principal else { return None };
        for view in [View::Mine, View::Line, View::All].into_iter().filter(|view| tab.lists.is_watched(*view)) {
            let Some(rows) = tab.lists.rows(view) else {
                return Some(format!("tab {index} has no rows of {view:?}"));
            };
            let shown: BTreeSet<ConversationId> = rows.keys().copied().collect();
            let stored = tables.kept.values().filter_map(|kept| kept.row.as_ref());
            let stored: BTreeSet<_> = stored.filter(|row| belongs(row, view, me)).map(|row| row.id).collect();
            if stored.len() < VIEW_ROWS_MAX && shown != stored {
                let (lacks, extra) = (stored.difference(&shown).next(), shown.difference(&stored).next());
                return Some(format!("tab {index} has a wrong list {view:?}: it lacks {lacks:?} and shows {extra:?}"));
            }
        }
        None
    }

    fn unrest_of_conversation(&self, site: usize, tables: &Tables, row: &StoredConversation) -> Option<String> {
        let deadline = match &row.state {
            StoredState::Waiting => return self.could_be_served(site, tables, row),
            StoredState::Offered { lapses, .. } => Some(*lapses),
            StoredState::Assigned { agent, first_reply } => {
                if self.has_left(site, *agent, tables.settings.grace_ms) {
                    return Some(format!("{} is still with {agent}, who has left", row.id));
                }
                *first_reply
            }
            StoredState::Parked { wakes, .. } => *wakes,
            StoredState::Closed { .. } | StoredState::Offline | StoredState::Unknown(_) => None,
        };
        if matches!(row.state, StoredState::Offered { .. }) && deadline.is_some_and(|deadline| !self.is_over(deadline))
        {
            return Some(format!("{} is still offered", row.id));
        }
        let overdue = deadline.is_some_and(|deadline| self.is_over(deadline));
        overdue.then(|| format!("{} is overdue: {:?}", row.id, row.state))
    }

    fn is_over(&self, deadline: StoredDeadline) -> bool {
        let now = crate::world::store::Store::time(self.clock.now());
        deadline.end().plus_ms(OVERDUE_MS_MAX) < now
    }

    /// Whether somebody waits while an agent who fits is free.
    fn could_be_served(&self, site: usize, tables: &Tables, row: &StoredConversation) -> Option<String> {
        let shows = |tab: &&Tab| tab.is_ready() && tab.transcripts.contains_key(&row.id);
        let here = self.tabs.iter().filter(shows).any(|tab| tab.principal == Principal::Visitor(row.visitor));
        if !here {
            return None;
        }
        let fits = |(id, profile): &(&AgentId, &Profile)| {
            self.is_free(site, tables, **id, profile) && suits(tables, profile, row)
        };
        let agent = tables.settings.agents.iter().find(fits);
        agent.map(|(agent, _)| format!("{} waits while {agent} is free", row.id))
    }

    fn is_free(&self, site: usize, tables: &Tables, agent: AgentId, profile: &Profile) -> bool {
        let row = tables.agents.get(&agent);
        let willing = row.is_none_or(|row| row.status == Status::Online && row.accepting);
        let capacity = row.map_or(profile.capacity, |row| row.capacity);
        profile.enabled && willing && self.is_connected(site, agent) && tables.load_of(agent) < capacity
    }

    fn is_connected(&self, site: usize, agent: AgentId) -> bool {
        let own = |tab: &&Tab| tab.site == site && tab.principal == Principal::Agent(agent);
        self.tabs.iter().filter(own).any(Tab::is_ready)
    }

    fn has_left(&self, site: usize, agent: AgentId, grace_ms: u64) -> bool {
        let person =
            self.people.iter().find(|person| person.site == site && person.principal == Principal::Agent(agent));
        let left = person.is_some_and(|person| person.tabs.is_empty());
        left && self.clock.now() > self.plan.active_ms + grace_ms + 2 * OVERDUE_MS_MAX
    }
}

fn suits(tables: &Tables, profile: &Profile, row: &StoredConversation) -> bool {
    let team = row.team.and_then(|team| Some((team, tables.settings.teams.get(&team)?)));
    let Some((id, team)) = team else { return false };
    let language = row.card.language.as_deref().map(|tag| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase());
    let speaks = profile.languages.is_empty() || language.is_none_or(|language| profile.languages.contains(&language));
    profile.teams.contains(&id) && team.skills.is_subset(&profile.skills) && speaks
}

fn belongs(row: &StoredConversation, view: View, me: AgentId) -> bool {
    let holder = match row.state {
        StoredState::Offered { agent, .. }
        | StoredState::Assigned { agent, .. }
        | StoredState::Parked { agent, .. } => Some(agent),
        StoredState::Waiting | StoredState::Closed { .. } | StoredState::Offline | StoredState::Unknown(_) => None,
    };
    match view {
        View::Mine => holder == Some(me),
        View::Line => matches!(row.state, StoredState::Waiting | StoredState::Offline),
        View::All => row.state.is_open(),
        View::Closed | View::Roster => false,
    }
}
