//! Accounts as rows, and the sites they are agents of.

use crate::adapters::check;
use crate::adapters::fault::Fault;
use crate::adapters::sqlite::columns::uuid;
use crate::adapters::sqlite::settings::{AGENT_COLUMNS, SITE_COLUMNS, SITE_WIDTH, read_agent, read_site};
use crate::ports::{Account, AgentRecord, Site};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use uuid::Uuid;

/// All accounts, by email.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Account>> {
    select(connection, "true ORDER BY email", [])
}

pub(super) fn find(connection: &Connection, id: Uuid) -> rusqlite::Result<Option<Account>> {
    select(connection, "id = ?1", params![id.as_bytes()]).map(|rows| rows.into_iter().next())
}

/// The account of an email in lower case.
pub(super) fn by_email(connection: &Connection, email: &str) -> rusqlite::Result<Option<Account>> {
    select(connection, "email = ?1", [email]).map(|rows| rows.into_iter().next())
}

/// Creates or replaces an account.
pub(super) fn put(connection: &Connection, account: Account) -> Result<(), Fault> {
    let account = check::account(account)?;
    let id = account.id.as_bytes();
    let mut taken = connection.prepare_cached("SELECT 1 FROM account WHERE email = ?1 AND id <> ?2")?;
    if taken.query_row(params![account.email, id], |_| Ok(())).optional()?.is_some() {
        return Err(Fault::Taken("the email"));
    }
    connection.execute(
        "INSERT INTO account (id, email, name, password, operator) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (id) DO UPDATE SET email = ?2, name = ?3, password = ?4, operator = ?5",
        params![id, account.email, account.name, account.password, account.operator],
    )?;
    Ok(())
}

/// The sites an account is an agent of, by key.
pub(super) fn agents_of(connection: &Connection, account: Uuid) -> rusqlite::Result<Vec<(Site, AgentRecord)>> {
    let sql = format!(
        "SELECT {SITE_COLUMNS}, {AGENT_COLUMNS} FROM agent JOIN site ON site.id = agent.site \
         JOIN account ON account.id = agent.account WHERE agent.account = ?1 ORDER BY site.key"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([account.as_bytes()], |row| Ok((read_site(row)?, read_agent(row, SITE_WIDTH)?)))?;
    rows.collect()
}

fn select(connection: &Connection, wanted: &str, values: impl Params) -> rusqlite::Result<Vec<Account>> {
    let sql = format!("SELECT id, email, name, password, operator FROM account WHERE {wanted}");
    connection.prepare_cached(&sql)?.query_map(values, read)?.collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        id: uuid(row, 0)?,
        email: row.get(1)?,
        name: row.get(2)?,
        password: row.get(3)?,
        operator: row.get(4)?,
    })
}
