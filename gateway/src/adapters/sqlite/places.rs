//! Writes sites and what belongs to them: teams, agents, canned replies.

use crate::adapters::check;
use crate::adapters::fault::Fault;
use crate::adapters::names::{json, role_name};
use crate::adapters::sqlite::columns::uuid;
use crate::adapters::sqlite::settings::{self, SITE_COLUMNS, read_site};
use crate::ports::{AgentRecord, Canned, Site, TeamRow};
use gateway_core::ids::SiteId;
use protocol::TeamId;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

/// All sites, by key.
pub(super) fn sites(connection: &Connection) -> rusqlite::Result<Vec<Site>> {
    let sql = format!("SELECT {SITE_COLUMNS} FROM site ORDER BY key");
    connection.prepare_cached(&sql)?.query_map([], read_site)?.collect()
}

pub(super) fn site_by_key(connection: &Connection, key: &str) -> rusqlite::Result<Option<Site>> {
    let sql = format!("SELECT {SITE_COLUMNS} FROM site WHERE key = ?1");
    connection.prepare_cached(&sql)?.query_row([key], read_site).optional()
}

/// Creates a site with its first team.
pub(super) fn create_site(connection: &Connection, site: Site) -> Result<Site, Fault> {
    check::site(&site)?;
    if site_by_key(connection, &site.key)?.is_some() {
        return Err(Fault::Taken("the site key"));
    }
    connection.execute(
        "INSERT INTO site (key, name, origins, enabled, greeting, grace_ms, absent_ms, reopen_ms, open_max, relax_ms, \
         preferred_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            site.key,
            site.name,
            json(&site.origins)?,
            site.enabled,
            site.greeting,
            site.grace_ms.cast_signed(),
            site.absent_ms.cast_signed(),
            site.reopen_ms.cast_signed(),
            site.open_max,
            site.relax_ms.map(u64::cast_signed),
            site.preferred_ms.cast_signed(),
        ],
    )?;
    let id = SiteId(connection.last_insert_rowid());
    put_team(connection, id, &check::first_team())?;
    Ok(Site { id, ..site })
}

/// Replaces all of a site but its key.
pub(super) fn update_site(connection: &Connection, site: &Site) -> Result<(), Fault> {
    check::site(site)?;
    let changed = connection.execute(
        "UPDATE site SET name = ?2, origins = ?3, enabled = ?4, greeting = ?5, grace_ms = ?6, absent_ms = ?7, \
         reopen_ms = ?8, open_max = ?9, relax_ms = ?10, preferred_ms = ?11 WHERE id = ?1",
        params![
            site.id.0,
            site.name,
            json(&site.origins)?,
            site.enabled,
            site.greeting,
            site.grace_ms.cast_signed(),
            site.absent_ms.cast_signed(),
            site.reopen_ms.cast_signed(),
            site.open_max,
            site.relax_ms.map(u64::cast_signed),
            site.preferred_ms.cast_signed(),
        ],
    )?;
    found(changed)
}

/// Creates or replaces a team.
pub(super) fn put_team(connection: &Connection, site: SiteId, team: &TeamRow) -> Result<(), Fault> {
    check::team(team)?;
    settings::find(connection, site)?.ok_or(Fault::NotFound)?;
    connection.execute(
        "INSERT INTO team (site, id, name, offer_ms, first_reply_ms, skills) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT DO UPDATE SET name = ?3, offer_ms = ?4, first_reply_ms = ?5, skills = ?6",
        params![
            site.0,
            team.id.0.as_bytes(),
            team.name,
            team.offer_ms.map(u64::cast_signed),
            team.first_reply_ms.map(u64::cast_signed),
            json(&team.skills)?,
        ],
    )?;
    Ok(())
}

/// Deletes a team, and takes it from its agents.
pub(super) fn delete_team(connection: &Connection, site: SiteId, team: TeamId) -> Result<(), Fault> {
    let deleted =
        connection.execute("DELETE FROM team WHERE site = ?1 AND id = ?2", params![site.0, team.0.as_bytes()])?;
    found(deleted)?;
    if settings::teams(connection, site)?.is_empty() {
        return Err(Fault::Refused("a site keeps one team".to_owned()));
    }
    connection.execute(
        "UPDATE agent SET teams = (SELECT json_group_array(value) FROM json_each(teams) WHERE value <> ?2) \
         WHERE site = ?1",
        params![site.0, team.0.to_string()],
    )?;
    Ok(())
}

/// Creates or replaces an agent; what the desk decided about them stays.
pub(super) fn put_agent(connection: &Connection, site: SiteId, agent: &AgentRecord) -> Result<(), Fault> {
    check::agent(agent)?;
    settings::find(connection, site)?.ok_or(Fault::NotFound)?;
    let teams = settings::teams(connection, site)?;
    if let Some(team) = agent.teams.iter().find(|id| teams.iter().all(|team| team.id != **id)) {
        return Err(Fault::Refused(format!("no team {team}")));
    }
    let account = agent.account.as_bytes();
    if !exists(connection, "SELECT 1 FROM account WHERE id = ?1", params![account])? {
        return Err(Fault::NotFound);
    }
    let taken = "SELECT 1 FROM agent WHERE site = ?1 AND account = ?2 AND id <> ?3";
    if exists(connection, taken, params![site.0, account, agent.id.0.as_bytes()])? {
        return Err(Fault::Taken("the account"));
    }
    connection.execute(
        "INSERT INTO agent (site, id, account, name, role, teams, skills, languages, capacity, enabled) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
         ON CONFLICT (site, id) DO UPDATE SET account = ?3, name = ?4, role = ?5, teams = ?6, skills = ?7, \
         languages = ?8, capacity = ?9, enabled = ?10",
        params![
            site.0,
            agent.id.0.as_bytes(),
            account,
            agent.name,
            role_name(agent.role),
            json(&agent.teams)?,
            json(&agent.skills)?,
            json(&agent.languages)?,
            agent.capacity,
            agent.enabled,
        ],
    )?;
    Ok(())
}

/// The canned replies of a site, by shortcut.
pub(super) fn canned(connection: &Connection, site: SiteId) -> rusqlite::Result<Vec<Canned>> {
    let mut statement =
        connection.prepare_cached("SELECT id, shortcut, body FROM canned WHERE site = ?1 ORDER BY shortcut")?;
    let rows = statement
        .query_map([site.0], |row| Ok(Canned { id: uuid(row, 0)?, shortcut: row.get(1)?, body: row.get(2)? }))?;
    rows.collect()
}

/// Creates or replaces a canned reply.
pub(super) fn put_canned(connection: &Connection, site: SiteId, canned: &Canned) -> Result<(), Fault> {
    check::canned(canned)?;
    settings::find(connection, site)?.ok_or(Fault::NotFound)?;
    let id = canned.id.as_bytes();
    let taken = "SELECT 1 FROM canned WHERE site = ?1 AND shortcut = ?2 AND id <> ?3";
    if exists(connection, taken, params![site.0, canned.shortcut, id])? {
        return Err(Fault::Taken("the shortcut"));
    }
    connection.execute(
        "INSERT INTO canned (site, id, shortcut, body) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (site, id) DO UPDATE SET shortcut = ?3, body = ?4",
        params![site.0, id, canned.shortcut, canned.body],
    )?;
    Ok(())
}

pub(super) fn delete_canned(connection: &Connection, site: SiteId, id: Uuid) -> Result<(), Fault> {
    let sql = "DELETE FROM canned WHERE site = ?1 AND id = ?2";
    found(connection.execute(sql, params![site.0, id.as_bytes()])?)
}

fn exists(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<bool> {
    connection.prepare_cached(sql)?.exists(values)
}

fn found(changed: usize) -> Result<(), Fault> {
    if changed == 0 { Err(Fault::NotFound) } else { Ok(()) }
}
