//! The settings a desk is given, out of the rows that administration writes.

use crate::ports::{AgentRecord, Site, TeamRow};
use gateway_core::settings::{Profile, Settings, Team};

/// What a desk must know of a site.
pub(crate) fn of(
    site: Site,
    teams: impl IntoIterator<Item = TeamRow>,
    agents: impl IntoIterator<Item = AgentRecord>,
) -> Settings {
    let team = |row: TeamRow| {
        let TeamRow { id, name, offer_ms, first_reply_ms, skills } = row;
        (id, Team { name, offer_ms, first_reply_ms, skills })
    };
    let profile = |row: AgentRecord| {
        let AgentRecord { id, account: _, email: _, name, role, teams, skills, languages, capacity, enabled } = row;
        (id, Profile { name, role, teams, skills, languages, capacity, enabled })
    };
    Settings {
        name: site.name,
        teams: teams.into_iter().map(team).collect(),
        agents: agents.into_iter().map(profile).collect(),
        grace_ms: site.grace_ms,
        absent_ms: site.absent_ms,
        reopen_ms: site.reopen_ms,
        open_max: site.open_max,
        relax_ms: site.relax_ms,
        preferred_ms: site.preferred_ms,
    }
}
