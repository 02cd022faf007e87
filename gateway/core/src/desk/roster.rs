//! Roster: a site's agents, with what they chose, what they serve, and whether they are there.

use crate::ids::AgentSocket;
use crate::now::StoreTime;
use crate::settings::{Profile, Role, Settings};
use crate::stored::StoredAgent;
use protocol::{AgentId, AgentRow, AgentState, ConversationId, Status, TeamId, TeamName};
use std::collections::{BTreeMap, BTreeSet};

/// One agent.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    pub id: AgentId,
    pub profile: Profile,
    pub status: Status,
    pub accepting: bool,
    pub capacity: u32,
    pub lapsed: bool,
    pub lost_at: Option<StoreTime>,
    pub last_assigned: StoreTime,
    pub sockets: BTreeSet<AgentSocket>,
    /// Conversations offered or assigned: what capacity is spent on.
    pub serving: BTreeSet<ConversationId>,
}

impl Agent {
    fn new(id: AgentId, profile: Profile) -> Self {
        Self {
            id,
            status: Status::Online,
            accepting: true,
            capacity: profile.capacity,
            lapsed: false,
            lost_at: None,
            last_assigned: StoreTime(0),
            sockets: BTreeSet::new(),
            serving: BTreeSet::new(),
            profile,
        }
    }

    pub fn load(&self) -> u32 {
        u32::try_from(self.serving.len()).unwrap_or(u32::MAX)
    }

    /// Online: the chosen status and at least one live socket.
    pub fn is_online(&self) -> bool {
        self.profile.enabled && self.status == Status::Online && !self.sockets.is_empty()
    }

    /// Whether new conversations may come, as far as capacity goes.
    pub fn has_room(&self) -> bool {
        self.is_available() && self.load() < self.capacity
    }

    pub fn is_available(&self) -> bool {
        self.is_online() && self.accepting
    }

    pub fn leads(&self) -> bool {
        self.profile.role >= Role::Lead
    }

    pub fn stored(&self) -> StoredAgent {
        StoredAgent {
            id: self.id,
            status: self.status,
            accepting: self.accepting,
            capacity: self.capacity,
            lapsed: self.lapsed,
            lost_at: self.lost_at,
            last_assigned: self.last_assigned,
        }
    }

    pub fn state(&self) -> AgentState {
        AgentState {
            id: self.id,
            name: self.profile.name.clone(),
            status: self.status,
            accepting: self.accepting,
            capacity: self.capacity,
            load: self.load(),
            lapsed: self.lapsed,
        }
    }

    fn row(&self) -> AgentRow {
        AgentRow {
            id: self.id,
            name: self.profile.name.clone(),
            status: self.status,
            accepting: self.accepting,
            connected: !self.sockets.is_empty(),
            capacity: self.capacity,
            load: self.load(),
            teams: self.profile.teams.iter().copied().collect(),
        }
    }
}

/// All agents of the site.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    agents: BTreeMap<AgentId, Agent>,
}

impl Roster {
    pub fn open(settings: &Settings, stored: Vec<StoredAgent>) -> Self {
        let mut roster = Self::default();
        roster.set_profiles(settings);
        for row in stored {
            if let Some(agent) = roster.agents.get_mut(&row.id) {
                agent.status = row.status;
                agent.accepting = row.accepting;
                agent.capacity = row.capacity;
                agent.lapsed = row.lapsed;
                agent.lost_at = row.lost_at;
                agent.last_assigned = row.last_assigned;
            }
        }
        roster
    }

    /// Takes over new profiles, and a capacity that was set anew. An agent who is gone from the settings stays as
    /// disabled, so that what they serve can be given back.
    ///
    /// Gives the agents whose capacity is another now.
    pub fn set_profiles(&mut self, settings: &Settings) -> Vec<AgentId> {
        let mut resized = Vec::new();
        for agent in self.agents.values_mut() {
            if !settings.agents.contains_key(&agent.id) {
                agent.profile.enabled = false;
            }
        }
        for (id, profile) in &settings.agents {
            self.agents
                .entry(*id)
                .and_modify(|agent| {
                    if agent.profile.capacity != profile.capacity {
                        agent.capacity = profile.capacity;
                        resized.push(*id);
                    }
                    agent.profile = profile.clone();
                })
                .or_insert_with(|| Agent::new(*id, profile.clone()));
        }
        resized
    }

    pub fn get(&self, id: AgentId) -> Option<&Agent> {
        self.agents.get(&id)
    }

    pub fn get_mut(&mut self, id: AgentId) -> Option<&mut Agent> {
        self.agents.get_mut(&id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Agent> {
        self.agents.values()
    }

    pub fn is_enabled(&self, id: AgentId) -> bool {
        self.agents.get(&id).is_some_and(|agent| agent.profile.enabled)
    }

    /// The name visitors are shown.
    pub fn name(&self, id: AgentId) -> String {
        self.agents.get(&id).map_or_else(String::new, |agent| agent.profile.name.clone())
    }

    /// The teams of which some agent could take one more.
    pub fn teams_with_room(&self) -> BTreeSet<TeamId> {
        let roomy = self.agents.values().filter(|agent| agent.has_room());
        roomy.flat_map(|agent| agent.profile.teams.iter().copied()).collect()
    }

    pub fn anyone_available(&self) -> bool {
        self.agents.values().any(Agent::is_available)
    }

    pub fn rows(&self) -> Vec<AgentRow> {
        self.agents.values().filter(|agent| agent.profile.enabled).map(Agent::row).collect()
    }
}

pub(crate) fn team_names(teams: &BTreeMap<TeamId, crate::settings::Team>) -> Vec<TeamName> {
    teams.iter().map(|(id, team)| TeamName { id: *id, name: team.name.clone() }).collect()
}
