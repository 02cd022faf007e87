//! Site: what the checks must know of a site's settings.

use crate::operation::SiteNumber;
use protocol::{AgentId, TeamId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A site and the settings that routing follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    pub site: SiteNumber,
    /// A word of letters, digits, `-` and `_` that people of this site say now and then, and that may never be read at
    /// another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub teams: BTreeMap<TeamId, TeamRules>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub agents: BTreeMap<AgentId, AgentRules>,
    /// How many conversations a visitor may have open.
    pub open_max: u32,
    /// How long a visitor waits for the agent they prefer.
    pub preferred_ms: u64,
    /// After this wait skill and language no longer bind; absent: they always do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relax_ms: Option<u64>,
}

/// A team and how it takes conversations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRules {
    /// Offers conversations for this long; absent: assigns at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub skills: BTreeSet<String>,
}

/// What an agent may be given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRules {
    pub teams: BTreeSet<TeamId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub skills: BTreeSet<String>,
    /// RFC 5646 primary languages, in lower case; empty: any.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub languages: BTreeSet<String>,
}
