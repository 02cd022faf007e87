//! Accounts as rows, and the sites they are agents of.

use super::columns::get;
use super::connection::{Connection, Values};
use super::settings::{AGENT_COLUMNS, SITE_COLUMNS, SITE_WIDTH, read_agent, read_site};
use crate::adapters::check;
use crate::adapters::fault::Fault;
use crate::ports::{Account, AgentRecord, Site};
use tokio_postgres::Row;
use uuid::Uuid;

/// All accounts, by email.
pub(super) async fn all(connection: &Connection) -> Result<Vec<Account>, Fault> {
    select(connection, "true ORDER BY email COLLATE \"C\"", &[]).await
}

pub(super) async fn find(connection: &Connection, id: Uuid) -> Result<Option<Account>, Fault> {
    Ok(select(connection, "id = $1", &[&id]).await?.into_iter().next())
}

/// The account of an email in lower case.
pub(super) async fn by_email(connection: &Connection, email: &str) -> Result<Option<Account>, Fault> {
    Ok(select(connection, "email = $1", &[&email]).await?.into_iter().next())
}

/// Creates or replaces an account.
pub(super) async fn put(connection: &Connection, account: Account) -> Result<(), Fault> {
    let account = check::account(account)?;
    let taken = "SELECT FROM account WHERE email = $1 AND id <> $2";
    if connection.first(taken, &[&account.email, &account.id]).await?.is_some() {
        return Err(Fault::Taken("the email"));
    }
    let sql = "INSERT INTO account (id, email, name, password, operator) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id) DO UPDATE SET email = $2, name = $3, password = $4, operator = $5";
    let values: Values<'_> = &[&account.id, &account.email, &account.name, &account.password, &account.operator];
    connection.execute(sql, values).await?;
    Ok(())
}

/// The sites an account is an agent of, by key.
pub(super) async fn agents_of(connection: &Connection, account: Uuid) -> Result<Vec<(Site, AgentRecord)>, Fault> {
    let sql = format!(
        "SELECT {SITE_COLUMNS}, {AGENT_COLUMNS} FROM agent JOIN site ON site.id = agent.site \
         JOIN account ON account.id = agent.account WHERE agent.account = $1 ORDER BY site.key COLLATE \"C\""
    );
    let rows = connection.query(&sql, &[&account]).await?;
    rows.iter().map(|row| Ok((read_site(row)?, read_agent(row, SITE_WIDTH)?))).collect()
}

async fn select(connection: &Connection, wanted: &str, values: Values<'_>) -> Result<Vec<Account>, Fault> {
    let sql = format!("SELECT id, email, name, password, operator FROM account WHERE {wanted}");
    connection.query(&sql, values).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Account, Fault> {
    Ok(Account {
        id: get(row, 0)?,
        email: get(row, 1)?,
        name: get(row, 2)?,
        password: get(row, 3)?,
        operator: get(row, 4)?,
    })
}
