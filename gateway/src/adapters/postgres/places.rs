//! Writes sites and what belongs to them: teams, agents, canned replies.

use super::columns::{get, signed};
use super::connection::{Connection, Values};
use super::settings::{self, SITE_COLUMNS, read_site};
use crate::adapters::check;
use crate::adapters::fault::Fault;
use crate::adapters::names::role_name;
use crate::ports::{AgentRecord, Canned, Site, TeamRow};
use gateway_core::ids::SiteId;
use protocol::TeamId;
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

/// All sites, by key.
pub(super) async fn sites(connection: &Connection) -> Result<Vec<Site>, Fault> {
    // In the order of bytes, whatever the database's language is.
    let sql = format!("SELECT {SITE_COLUMNS} FROM site ORDER BY key COLLATE \"C\"");
    connection.query(&sql, &[]).await?.iter().map(read_site).collect()
}

pub(super) async fn site_by_key(connection: &Connection, key: &str) -> Result<Option<Site>, Fault> {
    let sql = format!("SELECT {SITE_COLUMNS} FROM site WHERE key = $1");
    connection.first(&sql, &[&key]).await?.as_ref().map(read_site).transpose()
}

/// Creates a site with its first team.
pub(super) async fn create_site(connection: &Connection, site: Site) -> Result<Site, Fault> {
    check::site(&site)?;
    let sql = "INSERT INTO site (key, name, origins, enabled, greeting, grace_ms, absent_ms, reopen_ms, open_max, \
         relax_ms, preferred_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (key) DO NOTHING RETURNING id";
    let times = [site.grace_ms, site.absent_ms, site.reopen_ms, site.preferred_ms].map(signed);
    let values: Values<'_> = &[
        &site.key,
        &site.name,
        &Json(&site.origins),
        &site.enabled,
        &site.greeting,
        &times[0],
        &times[1],
        &times[2],
        &i64::from(site.open_max),
        &site.relax_ms.map(signed),
        &times[3],
    ];
    let created = connection.first(sql, values).await?;
    let id = SiteId(get(&created.ok_or(Fault::Taken("the site key"))?, 0)?);
    connection.execute("INSERT INTO desk (site) VALUES ($1)", &[&id.0]).await?;
    connection.execute("INSERT INTO search_cursor (site) VALUES ($1)", &[&id.0]).await?;
    put_team(connection, id, &check::first_team()).await?;
    Ok(Site { id, ..site })
}

/// Replaces all of a site but its key.
pub(super) async fn update_site(connection: &Connection, site: &Site) -> Result<(), Fault> {
    check::site(site)?;
    let sql = "UPDATE site SET name = $2, origins = $3, enabled = $4, greeting = $5, grace_ms = $6, absent_ms = $7, \
         reopen_ms = $8, open_max = $9, relax_ms = $10, preferred_ms = $11 WHERE id = $1";
    let times = [site.grace_ms, site.absent_ms, site.reopen_ms, site.preferred_ms].map(signed);
    let values: Values<'_> = &[
        &site.id.0,
        &site.name,
        &Json(&site.origins),
        &site.enabled,
        &site.greeting,
        &times[0],
        &times[1],
        &times[2],
        &i64::from(site.open_max),
        &site.relax_ms.map(signed),
        &times[3],
    ];
    found(connection.execute(sql, values).await?)
}

/// Creates or replaces a team.
pub(super) async fn put_team(connection: &Connection, site: SiteId, team: &TeamRow) -> Result<(), Fault> {
    check::team(team)?;
    settings::find(connection, site).await?.ok_or(Fault::NotFound)?;
    let sql = "INSERT INTO team (site, id, name, offer_ms, first_reply_ms, skills) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (site, id) DO UPDATE SET name = $3, offer_ms = $4, first_reply_ms = $5, skills = $6";
    let (offer_ms, first_reply_ms) = (team.offer_ms.map(signed), team.first_reply_ms.map(signed));
    connection
        .execute(sql, &[&site.0, &team.id.0, &team.name, &offer_ms, &first_reply_ms, &Json(&team.skills)])
        .await?;
    Ok(())
}

/// Deletes a team, and takes it from its agents.
pub(super) async fn delete_team(connection: &Connection, site: SiteId, team: TeamId) -> Result<(), Fault> {
    // Two that each delete one of the last two teams wait for one another here.
    connection.execute("SELECT FROM site WHERE id = $1 FOR UPDATE", &[&site.0]).await?;
    found(connection.execute("DELETE FROM team WHERE site = $1 AND id = $2", &[&site.0, &team.0]).await?)?;
    if settings::teams(connection, site).await?.is_empty() {
        return Err(Fault::Refused("a site keeps one team".to_owned()));
    }
    let sql = "UPDATE agent SET teams = teams - $2 WHERE site = $1 AND teams ? $2";
    connection.execute(sql, &[&site.0, &team.0.to_string()]).await?;
    Ok(())
}

/// Creates or replaces an agent; what the desk decided about them stays.
pub(super) async fn put_agent(connection: &Connection, site: SiteId, agent: &AgentRecord) -> Result<(), Fault> {
    check::agent(agent)?;
    settings::find(connection, site).await?.ok_or(Fault::NotFound)?;
    let teams = settings::teams(connection, site).await?;
    if let Some(team) = agent.teams.iter().find(|id| teams.iter().all(|team| team.id != **id)) {
        return Err(Fault::Refused(format!("no team {team}")));
    }
    if connection.first("SELECT FROM account WHERE id = $1", &[&agent.account]).await?.is_none() {
        return Err(Fault::NotFound);
    }
    let taken = "SELECT FROM agent WHERE site = $1 AND account = $2 AND id <> $3";
    if connection.first(taken, &[&site.0, &agent.account, &agent.id.0]).await?.is_some() {
        return Err(Fault::Taken("the account"));
    }
    let sql = "INSERT INTO agent (site, id, account, name, role, teams, skills, languages, capacity, enabled) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (site, id) DO UPDATE SET account = $3, name = $4, role = $5, teams = $6, skills = $7, \
         languages = $8, capacity = $9, enabled = $10";
    let values: Values<'_> = &[
        &site.0,
        &agent.id.0,
        &agent.account,
        &agent.name,
        &role_name(agent.role),
        &Json(&agent.teams),
        &Json(&agent.skills),
        &Json(&agent.languages),
        &i64::from(agent.capacity),
        &agent.enabled,
    ];
    connection.execute(sql, values).await?;
    Ok(())
}

/// The canned replies of a site, by shortcut.
pub(super) async fn canned(connection: &Connection, site: SiteId) -> Result<Vec<Canned>, Fault> {
    let sql = "SELECT id, shortcut, body FROM canned WHERE site = $1 ORDER BY shortcut COLLATE \"C\"";
    let read = |row: &Row| Ok(Canned { id: get(row, 0)?, shortcut: get(row, 1)?, body: get(row, 2)? });
    connection.query(sql, &[&site.0]).await?.iter().map(read).collect()
}

/// Creates or replaces a canned reply.
pub(super) async fn put_canned(connection: &Connection, site: SiteId, canned: &Canned) -> Result<(), Fault> {
    check::canned(canned)?;
    settings::find(connection, site).await?.ok_or(Fault::NotFound)?;
    let taken = "SELECT FROM canned WHERE site = $1 AND shortcut = $2 AND id <> $3";
    if connection.first(taken, &[&site.0, &canned.shortcut, &canned.id]).await?.is_some() {
        return Err(Fault::Taken("the shortcut"));
    }
    let sql = "INSERT INTO canned (site, id, shortcut, body) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (site, id) DO UPDATE SET shortcut = $3, body = $4";
    connection.execute(sql, &[&site.0, &canned.id, &canned.shortcut, &canned.body]).await?;
    Ok(())
}

pub(super) async fn delete_canned(connection: &Connection, site: SiteId, id: Uuid) -> Result<(), Fault> {
    found(connection.execute("DELETE FROM canned WHERE site = $1 AND id = $2", &[&site.0, &id]).await?)
}

fn found(changed: u64) -> Result<(), Fault> {
    if changed == 0 { Err(Fault::NotFound) } else { Ok(()) }
}
