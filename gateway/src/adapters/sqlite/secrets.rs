//! What secrets that were handed out are good for, and the deployment's own key.

use crate::adapters::fault::Fault;
use crate::adapters::sqlite::columns::uuid_or_none;
use crate::ports::Grant;
use gateway_core::ids::SiteId;
use protocol::AgentId;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

/// Remembers a secret by its hash.
pub(super) fn grant(connection: &Connection, hash: [u8; 32], grant: &Grant, expires_at: u64) -> Result<(), Fault> {
    let (purpose, account, site, agent) = match grant {
        Grant::Session { account } => ("session", Some(account), None, None),
        Grant::SignInCode { account } => ("sign_in_code", Some(account), None, None),
        Grant::Setup => ("setup", None, None, None),
        Grant::Ticket { site, agent } => ("ticket", None, Some(site.0), Some(agent.0.as_bytes())),
    };
    let mut statement = connection.prepare_cached(
        "REPLACE INTO secret (hash, purpose, account, site, agent, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    statement.execute(params![hash, purpose, account.map(Uuid::as_bytes), site, agent, bounded(expires_at)])?;
    Ok(())
}

/// What a secret is good for.
pub(super) fn granted(connection: &Connection, hash: [u8; 32], now: u64) -> rusqlite::Result<Option<Grant>> {
    let mut statement = connection
        .prepare_cached("SELECT purpose, account, site, agent FROM secret WHERE hash = ?1 AND expires_at > ?2")?;
    Ok(statement.query_row(params![hash, bounded(now)], read).optional()?.flatten())
}

/// The same, and the secret is spent; expired ones go too.
pub(super) fn redeem(connection: &Connection, hash: [u8; 32], now: u64) -> rusqlite::Result<Option<Grant>> {
    connection.prepare_cached("DELETE FROM secret WHERE expires_at <= ?1")?.execute([bounded(now)])?;
    let granted = granted(connection, hash, now)?;
    revoke(connection, hash)?;
    Ok(granted)
}

/// Forgets a secret.
pub(super) fn revoke(connection: &Connection, hash: [u8; 32]) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM secret WHERE hash = ?1")?.execute([hash])?;
    Ok(())
}

/// Forgets all secrets of an account, its agents' tickets among them.
pub(super) fn revoke_account(connection: &Connection, account: Uuid) -> rusqlite::Result<()> {
    let sql = "DELETE FROM secret WHERE account = ?1 \
         OR purpose = 'ticket' AND (site, agent) IN (SELECT site, id FROM agent WHERE account = ?1)";
    connection.prepare_cached(sql)?.execute([account.as_bytes()])?;
    Ok(())
}

/// The key of visitor tokens, made by the first call.
pub(super) fn token_key(connection: &Connection) -> Result<[u8; 32], Fault> {
    let sql = "SELECT value FROM meta WHERE name = 'token_key'";
    if let Some(key) = connection.query_row(sql, [], |row| row.get(0)).optional()? {
        return Ok(key);
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(Fault::broken)?;
    connection.execute("INSERT INTO meta (name, value) VALUES ('token_key', ?1)", [key])?;
    Ok(key)
}

/// A purpose of a newer version is good for nothing here.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Grant>> {
    let account = uuid_or_none(row, 1)?;
    let (site, agent) = (row.get::<_, Option<i64>>(2)?, uuid_or_none(row, 3)?);
    Ok(match row.get_ref(0)?.as_str()? {
        "session" => account.map(|account| Grant::Session { account }),
        "sign_in_code" => account.map(|account| Grant::SignInCode { account }),
        "setup" => Some(Grant::Setup),
        "ticket" => site.zip(agent).map(|(site, agent)| Grant::Ticket { site: SiteId(site), agent: AgentId(agent) }),
        _ => None,
    })
}

fn bounded(at: u64) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
