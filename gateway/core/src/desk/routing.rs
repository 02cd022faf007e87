//! Routing: which agent gets a conversation.
//!
//! Eligible agents are online, accepting, in the team, with its skills and the visitor's language, and have room.
//! Among them the preferred one comes first, then the lowest load for their capacity, then whoever was assigned
//! something longest ago.

use crate::desk::conversation::Conversation;
use crate::desk::roster::{Agent, Roster};
use crate::now::StoreTime;
use crate::settings::Settings;
use protocol::AgentId;
use std::cmp::Ordering;

/// What routing says about one conversation now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This agent takes it.
    Agent(AgentId),
    /// The agent the visitor prefers is there but full; wait for them until then.
    Prefer { until: StoreTime },
    /// Nobody fits. Skill and language are relaxed then, where the site relaxes them.
    Nobody { relaxes: Option<StoreTime> },
}

/// Chooses an agent for a waiting conversation.
pub(crate) fn choose(conversation: &Conversation, roster: &Roster, settings: &Settings, now: StoreTime) -> Choice {
    let relaxes = settings.relax_ms.map(|ms| conversation.waiting_since.plus_ms(ms));
    let relaxed = relaxes.is_some_and(|at| at <= now);
    let fits = |agent: &Agent| fits(agent, conversation, settings, relaxed, now);
    if let Some(preferred) = conversation.preferred.and_then(|id| roster.get(id)).filter(|agent| fits(agent)) {
        if preferred.has_room() {
            return Choice::Agent(preferred.id);
        }
        let until = conversation.waiting_since.plus_ms(settings.preferred_ms);
        if preferred.is_available() && now < until {
            return Choice::Prefer { until };
        }
    }
    let best = roster.iter().filter(|agent| agent.has_room() && fits(agent)).min_by(|a, b| by_turn(a, b));
    best.map_or(Choice::Nobody { relaxes: relaxes.filter(|at| *at > now) }, |agent| Choice::Agent(agent.id))
}

/// Whether an agent may serve a conversation at all, room and presence apart.
fn fits(agent: &Agent, conversation: &Conversation, settings: &Settings, relaxed: bool, now: StoreTime) -> bool {
    agent.profile.teams.contains(&conversation.team)
        && !conversation.declined_by(agent.id, now)
        && (relaxed || (has_skills(agent, conversation, settings) && speaks(agent, conversation)))
}

fn has_skills(agent: &Agent, conversation: &Conversation, settings: &Settings) -> bool {
    settings.teams.get(&conversation.team).is_none_or(|team| team.skills.is_subset(&agent.profile.skills))
}

/// Agents without languages speak any, and so does a visitor who named none.
fn speaks(agent: &Agent, conversation: &Conversation) -> bool {
    let Some(language) = &conversation.card.language else { return true };
    let primary = language.split('-').next().unwrap_or(language).to_ascii_lowercase();
    agent.profile.languages.is_empty() || agent.profile.languages.contains(&primary)
}

/// The lower load for its capacity first, then the longest without an assignment.
fn by_turn(a: &Agent, b: &Agent) -> Ordering {
    let a_load = u64::from(a.load()) * u64::from(b.capacity);
    let b_load = u64::from(b.load()) * u64::from(a.capacity);
    a_load.cmp(&b_load).then(a.last_assigned.cmp(&b.last_assigned)).then(a.id.cmp(&b.id))
}
