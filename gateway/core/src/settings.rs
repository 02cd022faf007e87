//! What a site has chosen, as far as its desk must know. Written beside the desk and handed to it whole.

use protocol::{AgentId, TeamId};
use std::collections::{BTreeMap, BTreeSet};

/// Settings of one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The site's name, as visitors see it.
    pub name: String,
    pub teams: BTreeMap<TeamId, Team>,
    pub agents: BTreeMap<AgentId, Profile>,
    /// How long a dropped agent keeps their conversations.
    pub grace_ms: u64,
    /// How long an absent visitor keeps the place in line.
    pub absent_ms: u64,
    /// How long after its close a visitor's word reopens a conversation.
    pub reopen_ms: u64,
    /// How many conversations a visitor may have open.
    pub open_max: u32,
    /// After this wait skill and language no longer bind; absent: they always do.
    pub relax_ms: Option<u64>,
    /// How long a visitor waits for the agent they chose or last spoke with.
    pub preferred_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: String::new(),
            teams: BTreeMap::new(),
            agents: BTreeMap::new(),
            grace_ms: 60_000,
            absent_ms: 10 * 60_000,
            reopen_ms: 7 * 24 * 3_600_000,
            open_max: 1,
            relax_ms: None,
            preferred_ms: 15_000,
        }
    }
}

/// A team and how it takes conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Team {
    pub name: String,
    /// Offers conversations for this long; absent: assigns at once.
    pub offer_ms: Option<u64>,
    /// An assigned conversation without an agent's word for this long goes back to the line; absent: never.
    pub first_reply_ms: Option<u64>,
    /// Skills a conversation of this team asks for.
    pub skills: BTreeSet<String>,
}

/// What an agent may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Agent,
    Lead,
    Admin,
}

/// An agent as the site set them up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name visitors are shown.
    pub name: String,
    pub role: Role,
    pub teams: BTreeSet<TeamId>,
    pub skills: BTreeSet<String>,
    /// RFC 5646 primary languages, in lower case; empty: any.
    pub languages: BTreeSet<String>,
    /// Capacity before the agent chose another.
    pub capacity: u32,
    pub enabled: bool,
}
