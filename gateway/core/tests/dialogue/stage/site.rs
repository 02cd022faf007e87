//! The settings of a dialogue's site, from lines like `team sales offers 20 s` and `agent a1 cap 2 in sales`.

use super::names::{self, Names};
use super::script::Words;
use gateway_core::settings::{Profile, Role, Settings, Team};
use std::collections::{BTreeMap, BTreeSet};

/// What a dialogue has said of its site. By default: one team `sales`, agents `a1` to `a3` with room for one, and
/// `boss`, an admin in no team.
#[derive(Clone, Debug)]
pub struct Site {
    teams: BTreeMap<String, Team>,
    teams_are_default: bool,
    agents: BTreeMap<String, Agent>,
    rest: Settings,
}

#[derive(Clone, Debug)]
struct Agent {
    /// Absent: all teams.
    teams: Option<BTreeSet<String>>,
    profile: Profile,
}

impl Default for Site {
    fn default() -> Self {
        let mut agents = BTreeMap::new();
        for name in ["a1", "a2", "a3"] {
            agents.insert(name.to_owned(), Agent { teams: None, profile: profile(name, Role::Agent) });
        }
        agents.insert("boss".into(), Agent { teams: Some(BTreeSet::new()), profile: profile("boss", Role::Admin) });
        let teams = BTreeMap::from([("sales".to_owned(), Team { name: "sales".into(), ..Team::default() })]);
        Self { teams, teams_are_default: true, agents, rest: Settings::default() }
    }
}

fn profile(name: &str, role: Role) -> Profile {
    Profile {
        name: name.to_owned(),
        role,
        teams: BTreeSet::new(),
        skills: BTreeSet::new(),
        languages: BTreeSet::new(),
        capacity: 1,
        enabled: true,
    }
}

impl Site {
    /// Takes a line over, if it is about the site.
    pub fn line(&mut self, line: &str, names: &mut Names) -> bool {
        let mut words = Words::of(line);
        match words.next() {
            "team" => self.team(words, names),
            "agent" => self.agent(words),
            "site" => self.site(words),
            "no" if words.peek() == "team" => self.no_team(words),
            "no" if words.peek() == "agent" => self.no_agent(words),
            _ => return false,
        }
        true
    }

    fn team(&mut self, mut words: Words<'_>, names: &mut Names) {
        if std::mem::take(&mut self.teams_are_default) {
            self.teams.clear();
        }
        let name = words.next().to_owned();
        names.team(&name);
        let team = self.teams.entry(name.clone()).or_default();
        *team = Team { name, ..Team::default() };
        while !words.is_empty() {
            match words.next() {
                "offers" => team.offer_ms = Some(words.duration()),
                "reply" => team.first_reply_ms = Some(words.duration()),
                "skills" => team.skills = words.rest_as_set(),
                other => panic!("a team has no {other}"),
            }
        }
    }

    fn no_team(&mut self, mut words: Words<'_>) {
        words.next();
        self.teams.remove(words.next());
    }

    fn no_agent(&mut self, mut words: Words<'_>) {
        words.next();
        self.agents.remove(words.next());
    }

    fn agent(&mut self, mut words: Words<'_>) {
        let name = words.next();
        let agent = self
            .agents
            .entry(name.to_owned())
            .or_insert_with(|| Agent { teams: None, profile: profile(name, Role::Agent) });
        while !words.is_empty() {
            match words.next() {
                "cap" => agent.profile.capacity = words.number(),
                "in" => agent.teams = Some(words.list()),
                "speaks" => agent.profile.languages = words.list(),
                "knows" => agent.profile.skills = words.list(),
                "lead" => agent.profile.role = Role::Lead,
                "disabled" => agent.profile.enabled = false,
                "enabled" => agent.profile.enabled = true,
                other => panic!("an agent has no {other}"),
            }
        }
    }

    fn site(&mut self, mut words: Words<'_>) {
        while !words.is_empty() {
            match words.next() {
                "open" => self.rest.open_max = words.number(),
                "relax" => self.rest.relax_ms = Some(words.duration()),
                "preferred" => self.rest.preferred_ms = words.duration(),
                "grace" => self.rest.grace_ms = words.duration(),
                "absent" => self.rest.absent_ms = words.duration(),
                "reopen" => self.rest.reopen_ms = words.duration(),
                other => panic!("a site has no {other}"),
            }
        }
    }

    pub fn settings(&self, names: &mut Names) -> Settings {
        let mut settings = self.rest.clone();
        settings.teams = self.teams.iter().map(|(name, team)| (names.team(name), team.clone())).collect();
        for (name, agent) in &self.agents {
            let teams = agent.teams.clone().unwrap_or_else(|| self.teams.keys().cloned().collect());
            let teams = teams.iter().map(|team| names.team(team)).collect();
            settings.agents.insert(names::agent(name), Profile { teams, ..agent.profile.clone() });
        }
        settings
    }
}
