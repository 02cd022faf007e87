//! Sites, teams and agents as rows, and the settings a desk is given of them.

use crate::adapters::fault::Fault;
use crate::adapters::names::role;
use crate::adapters::settings;
use crate::adapters::sqlite::columns::{json_column, uuid};
use crate::ports::{AgentRecord, Site, TeamRow};
use gateway_core::ids::SiteId;
use gateway_core::settings::Settings;
use protocol::{AgentId, TeamId};
use rusqlite::{Connection, OptionalExtension, Row};

/// The columns that [`read_site`] takes, in its order.
pub(super) const SITE_COLUMNS: &str = "site.id, site.key, site.name, site.origins, site.enabled, site.greeting, \
     site.grace_ms, site.absent_ms, site.reopen_ms, site.open_max, site.relax_ms, site.preferred_ms";

/// The columns that [`read_agent`] takes, in its order.
pub(super) const AGENT_COLUMNS: &str = "agent.id, agent.account, account.email, agent.name, agent.role, agent.teams, \
     agent.skills, agent.languages, agent.capacity, agent.enabled";

/// How many columns stand before the agent's where a query asks for both.
pub(super) const SITE_WIDTH: usize = 12;

/// What a desk must know of a site now.
pub(super) fn read(connection: &Connection, site: SiteId) -> Result<Settings, Fault> {
    let row = find(connection, site)?.ok_or(Fault::NotFound)?;
    Ok(settings::of(row, teams(connection, site)?, agents(connection, site)?))
}

/// One site.
pub(super) fn find(connection: &Connection, site: SiteId) -> rusqlite::Result<Option<Site>> {
    let sql = format!("SELECT {SITE_COLUMNS} FROM site WHERE id = ?1");
    connection.prepare_cached(&sql)?.query_row([site.0], read_site).optional()
}

/// The teams of a site, by name.
pub(super) fn teams(connection: &Connection, site: SiteId) -> rusqlite::Result<Vec<TeamRow>> {
    let sql = "SELECT id, name, offer_ms, first_reply_ms, skills FROM team WHERE site = ?1 ORDER BY name, id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([site.0], |row| {
        Ok(TeamRow {
            id: TeamId(uuid(row, 0)?),
            name: row.get(1)?,
            offer_ms: row.get(2)?,
            first_reply_ms: row.get(3)?,
            skills: json_column(row, 4)?,
        })
    })?;
    rows.collect()
}

/// The agents of a site, by name.
pub(super) fn agents(connection: &Connection, site: SiteId) -> rusqlite::Result<Vec<AgentRecord>> {
    let sql = format!(
        "SELECT {AGENT_COLUMNS} FROM agent JOIN account ON account.id = agent.account \
         WHERE agent.site = ?1 ORDER BY agent.name, agent.id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map([site.0], |row| read_agent(row, 0))?.collect()
}

/// Reads a row of [`SITE_COLUMNS`].
pub(super) fn read_site(row: &Row<'_>) -> rusqlite::Result<Site> {
    Ok(Site {
        id: SiteId(row.get(0)?),
        key: row.get(1)?,
        name: row.get(2)?,
        origins: json_column(row, 3)?,
        enabled: row.get(4)?,
        greeting: row.get(5)?,
        grace_ms: row.get(6)?,
        absent_ms: row.get(7)?,
        reopen_ms: row.get(8)?,
        open_max: row.get(9)?,
        relax_ms: row.get(10)?,
        preferred_ms: row.get(11)?,
    })
}

/// Reads a row of [`AGENT_COLUMNS`] that begin at a column.
pub(super) fn read_agent(row: &Row<'_>, first: usize) -> rusqlite::Result<AgentRecord> {
    Ok(AgentRecord {
        id: AgentId(uuid(row, first)?),
        account: uuid(row, first + 1)?,
        email: row.get(first + 2)?,
        name: row.get(first + 3)?,
        role: role(row.get_ref(first + 4)?.as_str()?),
        teams: json_column(row, first + 5)?,
        skills: json_column(row, first + 6)?,
        languages: json_column(row, first + 7)?,
        capacity: row.get(first + 8)?,
        enabled: row.get(first + 9)?,
    })
}
