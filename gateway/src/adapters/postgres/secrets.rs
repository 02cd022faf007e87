//! What secrets that were handed out are good for, and the deployment's own key.

use super::columns::{get, signed};
use super::connection::{Connection, Values};
use crate::adapters::fault::Fault;
use crate::ports::Grant;
use gateway_core::ids::SiteId;
use protocol::AgentId;
use tokio_postgres::Row;
use uuid::Uuid;

/// Remembers a secret by its hash.
pub(super) async fn grant(
    connection: &Connection,
    hash: [u8; 32],
    grant: &Grant,
    expires_at: u64,
) -> Result<(), Fault> {
    let (purpose, account, site, agent) = match grant {
        Grant::Session { account } => ("session", Some(*account), None, None),
        Grant::SignInCode { account } => ("sign_in_code", Some(*account), None, None),
        Grant::Setup => ("setup", None, None, None),
        Grant::Ticket { site, agent } => ("ticket", None, Some(site.0), Some(agent.0)),
    };
    let sql = "INSERT INTO secret (hash, purpose, account, site, agent, expires_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (hash) DO UPDATE SET purpose = $2, account = $3, site = $4, agent = $5, expires_at = $6";
    let values: Values<'_> = &[&hash.as_slice(), &purpose, &account, &site, &agent, &signed(expires_at)];
    connection.execute(sql, values).await?;
    Ok(())
}

/// What a secret is good for.
pub(super) async fn granted(connection: &Connection, hash: [u8; 32], now: u64) -> Result<Option<Grant>, Fault> {
    let sql = "SELECT purpose, account, site, agent FROM secret WHERE hash = $1 AND expires_at > $2";
    let row = connection.first(sql, &[&hash.as_slice(), &signed(now)]).await?;
    Ok(row.as_ref().map(read).transpose()?.flatten())
}

/// The same, and the secret is spent; expired ones go too.
pub(super) async fn redeem(connection: &Connection, hash: [u8; 32], now: u64) -> Result<Option<Grant>, Fault> {
    // Whoever deletes the row has it; of two, one finds it gone.
    let sql = "DELETE FROM secret WHERE hash = $1 AND expires_at > $2 RETURNING purpose, account, site, agent";
    let row = connection.first(sql, &[&hash.as_slice(), &signed(now)]).await?;
    let expired = "DELETE FROM secret WHERE hash IN \
         (SELECT hash FROM secret WHERE expires_at <= $1 FOR UPDATE SKIP LOCKED)";
    connection.execute(expired, &[&signed(now)]).await?;
    Ok(row.as_ref().map(read).transpose()?.flatten())
}

/// Forgets a secret.
pub(super) async fn revoke(connection: &Connection, hash: [u8; 32]) -> Result<(), Fault> {
    connection.execute("DELETE FROM secret WHERE hash = $1", &[&hash.as_slice()]).await?;
    Ok(())
}

/// Forgets all secrets of an account, its agents' tickets among them.
pub(super) async fn revoke_account(connection: &Connection, account: Uuid) -> Result<(), Fault> {
    let sql = "DELETE FROM secret WHERE account = $1 \
         OR purpose = 'ticket' AND (site, agent) IN (SELECT site, id FROM agent WHERE account = $1)";
    connection.execute(sql, &[&account]).await?;
    Ok(())
}

/// The key of visitor tokens, made by the first call.
pub(super) async fn token_key(connection: &Connection) -> Result<[u8; 32], Fault> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(Fault::broken)?;
    let sql = "INSERT INTO meta (name, value) VALUES ('token_key', $1) ON CONFLICT (name) DO NOTHING";
    connection.execute(sql, &[&key.as_slice()]).await?;
    let row = connection.first("SELECT value FROM meta WHERE name = 'token_key'", &[]).await?;
    let key: Vec<u8> = get(&row.ok_or(Fault::NotFound)?, 0)?;
    <[u8; 32]>::try_from(key).map_err(|_| Fault::broken("the token key is not of 32 bytes"))
}

/// A purpose of a newer version is good for nothing here.
fn read(row: &Row) -> Result<Option<Grant>, Fault> {
    let account: Option<Uuid> = get(row, 1)?;
    let (site, agent): (Option<i64>, Option<Uuid>) = (get(row, 2)?, get(row, 3)?);
    Ok(match get::<String>(row, 0)?.as_str() {
        "session" => account.map(|account| Grant::Session { account }),
        "sign_in_code" => account.map(|account| Grant::SignInCode { account }),
        "setup" => Some(Grant::Setup),
        "ticket" => site.zip(agent).map(|(site, agent)| Grant::Ticket { site: SiteId(site), agent: AgentId(agent) }),
        _ => None,
    })
}
