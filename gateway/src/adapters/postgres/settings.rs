//! Sites, teams and agents as rows, and the settings a desk is given of them.

use super::columns::{get, json, number, number_or_none};
use super::connection::Connection;
use crate::adapters::fault::Fault;
use crate::adapters::{names, settings};
use crate::ports::{AgentRecord, Site, TeamRow};
use gateway_core::ids::SiteId;
use gateway_core::settings::Settings;
use protocol::{AgentId, TeamId};
use tokio_postgres::Row;

/// The columns that [`read_site`] takes, in its order.
pub(super) const SITE_COLUMNS: &str = "site.id, site.key, site.name, site.origins, site.enabled, site.greeting, \
     site.grace_ms, site.absent_ms, site.reopen_ms, site.open_max, site.relax_ms, site.preferred_ms";

/// The columns that [`read_agent`] takes, in its order.
pub(super) const AGENT_COLUMNS: &str = "agent.id, agent.account, account.email, agent.name, agent.role, agent.teams, \
     agent.skills, agent.languages, agent.capacity, agent.enabled";

/// How many columns stand before the agent's where a query asks for both.
pub(super) const SITE_WIDTH: usize = 12;

/// What a desk must know of a site now.
pub(super) async fn read(connection: &Connection, site: SiteId) -> Result<Settings, Fault> {
    let row = find(connection, site).await?.ok_or(Fault::NotFound)?;
    Ok(settings::of(row, teams(connection, site).await?, agents(connection, site).await?))
}

/// One site.
pub(super) async fn find(connection: &Connection, site: SiteId) -> Result<Option<Site>, Fault> {
    let sql = format!("SELECT {SITE_COLUMNS} FROM site WHERE id = $1");
    connection.first(&sql, &[&site.0]).await?.as_ref().map(read_site).transpose()
}

/// The teams of a site, by name.
pub(super) async fn teams(connection: &Connection, site: SiteId) -> Result<Vec<TeamRow>, Fault> {
    let sql =
        "SELECT id, name, offer_ms, first_reply_ms, skills FROM team WHERE site = $1 ORDER BY name COLLATE \"C\", id";
    let read = |row: &Row| {
        Ok(TeamRow {
            id: TeamId(get(row, 0)?),
            name: get(row, 1)?,
            offer_ms: number_or_none(row, 2)?,
            first_reply_ms: number_or_none(row, 3)?,
            skills: json(row, 4)?,
        })
    };
    connection.query(sql, &[&site.0]).await?.iter().map(read).collect()
}

/// The agents of a site, by name.
pub(super) async fn agents(connection: &Connection, site: SiteId) -> Result<Vec<AgentRecord>, Fault> {
    let sql = format!(
        "SELECT {AGENT_COLUMNS} FROM agent JOIN account ON account.id = agent.account \
         WHERE agent.site = $1 ORDER BY agent.name COLLATE \"C\", agent.id"
    );
    connection.query(&sql, &[&site.0]).await?.iter().map(|row| read_agent(row, 0)).collect()
}

/// Reads a row of [`SITE_COLUMNS`].
pub(super) fn read_site(row: &Row) -> Result<Site, Fault> {
    Ok(Site {
        id: SiteId(get(row, 0)?),
        key: get(row, 1)?,
        name: get(row, 2)?,
        origins: json(row, 3)?,
        enabled: get(row, 4)?,
        greeting: get(row, 5)?,
        grace_ms: number(row, 6)?,
        absent_ms: number(row, 7)?,
        reopen_ms: number(row, 8)?,
        open_max: number(row, 9)?,
        relax_ms: number_or_none(row, 10)?,
        preferred_ms: number(row, 11)?,
    })
}

/// Reads a row of [`AGENT_COLUMNS`] that begin at a column.
pub(super) fn read_agent(row: &Row, first: usize) -> Result<AgentRecord, Fault> {
    Ok(AgentRecord {
        id: AgentId(get(row, first)?),
        account: get(row, first + 1)?,
        email: get(row, first + 2)?,
        name: get(row, first + 3)?,
        role: names::role(&get::<String>(row, first + 4)?),
        teams: json(row, first + 5)?,
        skills: json(row, first + 6)?,
        languages: json(row, first + 7)?,
        capacity: number(row, first + 8)?,
        enabled: get(row, first + 9)?,
    })
}
