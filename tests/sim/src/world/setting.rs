//! The setting: sites, teams, agents and visitors of a seed, and how sites change their settings on the way.

use crate::client::person::Person;
use crate::draw::Draw;
use crate::swarm::{Habit, Plan};
use crate::world::World;
use crate::world::clock::Clock;
use crate::world::node::Node;
use crate::world::ownership::id_of;
use crate::world::store::Store;
use crate::world::tables::Tables;
use gateway_core::chance::Chance;
use gateway_core::desk::input::Input;
use gateway_core::ids::Principal;
use gateway_core::settings::{Profile, Role, Settings, Team};
use protocol::{AgentId, TeamId, VisitorId};
use std::collections::{BTreeMap, BTreeSet};

impl World {
    pub fn new(seed: u64, plan: Plan, is_told: bool) -> Self {
        let mut chance = Chance::new(seed);
        let mut people = Vec::new();
        let mut sites = Vec::new();
        for site in 0..plan.sites {
            let agents = plan.agents / plan.sites;
            let (settings, principals) = settings(&plan, site, agents, &mut chance);
            people.extend(principals.into_iter().map(|id| person(site, Principal::Agent(id))));
            sites.push(Tables::new(id_of(site), settings));
        }
        for visitor in 0..plan.visitors {
            people.push(person(visitor % plan.sites, Principal::Visitor(VisitorId(chance.id()))));
        }
        Self {
            store: Store::new(sites, plan.nodes),
            nodes: (0..plan.nodes).map(Node::new).collect(),
            carriers: crate::world::carrier::Carriers::default(),
            plan,
            clock: Clock::default(),
            chance,
            wires: Vec::new(),
            wire_of_tab: BTreeMap::new(),
            tabs: Vec::new(),
            manners: BTreeMap::new(),
            people,
            faults: crate::faults::Faults::default(),
            reached: crate::reached::Reached::default(),
            history: history::History::default(),
            shown: crate::waits::Shown::default(),
            nanos: 0,
            hash: crate::hash::Hash::default(),
            commands: 0,
            happenings: 0,
            overloaded: false,
            healing: false,
            found: None,
            story: is_told.then(Vec::new),
        }
    }

    /// A site changes its settings, or an agent is signed out.
    pub fn change_settings(&mut self, site: usize) {
        if self.store.stalled_until > self.clock.now() {
            // Nothing can be changed that could not be stored.
            return;
        }
        let agents: Vec<AgentId> = self.store.sites[site].settings.agents.keys().copied().collect();
        let Some(agent) = self.chance.pick(&agents).copied() else { return };
        let (what, capacity) = (self.chance.index(4), self.chance.between(1, 4));
        self.tell(|| format!("site {site} changes setting {what} of {agent} to {capacity}"));
        let settings = &mut self.store.sites[site].settings;
        let Some(profile) = settings.agents.get_mut(&agent) else { return };
        match what {
            0 => profile.enabled = !profile.enabled,
            1 => profile.capacity = u32::try_from(capacity).unwrap_or(1),
            2 => settings.grace_ms = 1_000 * capacity,
            _ => return self.sign_out(site, agent),
        }
        self.note_agent(site, agent);
        self.tell_settings(site);
    }

    /// Whoever was shut out is let in again.
    pub fn welcome_everybody(&mut self, site: usize) {
        let settings = &mut self.store.sites[site].settings;
        settings.agents.values_mut().for_each(|profile| profile.enabled = true);
        let agents: Vec<AgentId> = settings.agents.keys().copied().collect();
        for agent in agents {
            self.note_agent(site, agent);
        }
        self.tell_settings(site);
    }

    fn tell_settings(&mut self, site: usize) {
        let settings = self.store.sites[site].settings.clone();
        for node in 0..self.nodes.len() {
            if self.nodes[node].runs() {
                self.post_control(node, site, Input::Settings(Box::new(settings.clone())));
            }
        }
    }

    /// A desk that is built of what was read before a change, or on a node that stood still, notices the change.
    pub fn notice_settings(&mut self, node: usize, site: usize) {
        let settings = self.store.sites[site].settings.clone();
        self.post_control(node, site, Input::Settings(Box::new(settings)));
    }

    /// Whichever node hears of it passes it on.
    fn sign_out(&mut self, site: usize, agent: AgentId) {
        let running: Vec<usize> = (0..self.nodes.len()).filter(|node| self.nodes[*node].runs()).collect();
        if let Some(node) = self.chance.pick(&running).copied() {
            let input = Input::SignedOut { agent };
            self.link(node, |link, now| link.handle_input(id_of(site), input, now));
        }
    }
}

fn person(site: usize, principal: Principal) -> Person {
    Person { site, principal, tabs: Vec::new(), kept: Vec::new(), shown: BTreeSet::new(), words: 0 }
}

fn settings(plan: &Plan, site: usize, agents: usize, chance: &mut Chance) -> (Settings, Vec<AgentId>) {
    let teams: Vec<TeamId> = (0..chance.between(1, 3)).map(|_| TeamId(chance.id())).collect();
    let mut settings = Settings {
        name: format!("site {site}"),
        grace_ms: [3_000, 10_000, 60_000][chance.index(3)],
        absent_ms: [5_000, 20_000, 600_000][chance.index(3)],
        reopen_ms: [10_000, 600_000][chance.index(2)],
        open_max: if chance.odds(200) { 2 } else { 1 },
        relax_ms: [None, Some(10_000)][chance.index(2)],
        preferred_ms: 5_000,
        ..Settings::default()
    };
    let offers = plan.has(Habit::Declines) || plan.has(Habit::Lapses);
    for (index, id) in teams.iter().enumerate() {
        let team = Team {
            name: format!("team {index}"),
            offer_ms: (offers && chance.odds(600)).then_some([4_000, 20_000][chance.index(2)]),
            first_reply_ms: chance.odds(400).then_some([5_000, 20_000][chance.index(2)]),
            skills: if chance.odds(150) { BTreeSet::from(["tax".to_owned()]) } else { BTreeSet::new() },
        };
        settings.teams.insert(*id, team);
    }
    if plan.is_plain {
        settings.teams = settings.teams.into_iter().take(1).collect();
        settings.teams.values_mut().for_each(|team| (team.skills, team.first_reply_ms) = (BTreeSet::new(), None));
    }
    let ids: Vec<AgentId> = (0..agents).map(|_| AgentId(chance.id())).collect();
    for (index, id) in ids.iter().enumerate() {
        let own = teams.iter().enumerate().filter(|(at, _)| at % agents.max(1) == index || chance.odds(600));
        let profile = Profile {
            name: format!("agent {index}"),
            role: if index == 0 { Role::Lead } else { Role::Agent },
            teams: own.map(|(_, team)| *team).collect(),
            skills: if chance.odds(700) { BTreeSet::from(["tax".to_owned()]) } else { BTreeSet::new() },
            languages: if chance.odds(200) { BTreeSet::from(["en".to_owned()]) } else { BTreeSet::new() },
            capacity: u32::try_from(chance.between(1, 4)).unwrap_or(1),
            enabled: true,
        };
        settings.agents.insert(*id, if plan.is_plain { plain(profile, &settings) } else { profile });
    }
    (settings, ids)
}

/// An agent who may serve everybody.
fn plain(profile: Profile, settings: &Settings) -> Profile {
    Profile { teams: settings.teams.keys().copied().collect(), languages: BTreeSet::new(), ..profile }
}
