//! One connection: its session's settings, its prepared statements, and the notices it has brought.

use super::address::Address;
use super::database::{Database, Identity, Incarnation};
use crate::adapters::fault::Fault;
use crate::adapters::limits::{CONNECT_MS_MAX, IDLE_IN_TRANSACTION_MS_MAX, LOCK_MS_MAX};
use futures_util::future;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, NoTls, Row, SimpleQueryMessage, Socket, Statement};

/// Milliseconds of the database's clock, as an expression. Only heartbeats, owners and openings ask for it.
pub(super) const NOW: &str = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// The values of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection to the database. Dropping it closes the socket at once, whatever is in flight.
pub(super) struct Connection {
    client: Client,
    task: JoinHandle<()>,
    notices: Arc<AtomicU64>,
    statements: Mutex<HashMap<String, Statement>>,
    pub incarnation: Incarnation,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Connects and prepares the session; every statement of it ends within `statement_ms_max`.
    pub async fn open(database: &Database, statement_ms_max: u64) -> Result<Self, Fault> {
        let opened =
            tokio::time::timeout(Duration::from_millis(CONNECT_MS_MAX), Self::begin(database, statement_ms_max));
        opened.await.map_err(|_| Fault::broken("the database does not answer"))?
    }

    async fn begin(database: &Database, statement_ms_max: u64) -> Result<Self, Fault> {
        let notices = Arc::new(AtomicU64::new(0));
        let (client, task) = connect(&database.address, &notices).await?;
        let mut connection = Self { client, task, notices, statements: Mutex::default(), incarnation: 0 };
        // On a standby the last question is an error: all reads and writes go to the primary.
        let settings = format!(
            "SET synchronous_commit = on; SET lock_timeout = {LOCK_MS_MAX}; \
             SET idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION_MS_MAX}; \
             SET statement_timeout = {statement_ms_max}; \
             SELECT (pg_control_system()).system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8)"
        );
        let answer = connection.client.simple_query(&settings).await?;
        let row = answer.iter().find_map(|message| {
            let SimpleQueryMessage::Row(row) = message else { return None };
            Some((row.get(0)?.to_owned(), row.get(1)?.to_owned()))
        });
        let (system, timeline) = row.ok_or_else(|| Fault::broken("the database does not say who it is"))?;
        connection.incarnation = database.recognise(Identity { system, timeline });
        Ok(connection)
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// How many notices have come; one during a commit says that something about it is not as it should be.
    pub fn notices(&self) -> u64 {
        self.notices.load(Ordering::Acquire)
    }

    /// Prepares a statement once for the life of the connection. Their number is that of the statements in the code.
    pub async fn prepare(&self, sql: &str) -> Result<Statement, Fault> {
        if let Some(statement) = self.prepared(sql) {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn prepared(&self, sql: &str) -> Option<Statement> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned()
    }

    pub async fn query(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Fault> {
        let statement = self.prepare(sql).await?;
        Ok(self.client.query(&statement, values).await?)
    }

    /// The first row, if there is one.
    pub async fn first(&self, sql: &str, values: Values<'_>) -> Result<Option<Row>, Fault> {
        Ok(self.query(sql, values).await?.into_iter().next())
    }

    /// Gives the number of rows that were changed.
    pub async fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64, Fault> {
        let statement = self.prepare(sql).await?;
        Ok(self.client.execute(&statement, values).await?)
    }

    /// Several statements without values, as one.
    pub async fn batch(&self, sql: &str) -> Result<(), Fault> {
        Ok(self.client.batch_execute(sql).await?)
    }

    /// Runs two prepared statements behind one that locks, and commits: five messages, one flush.
    ///
    /// They see what was committed while the lock was waited for. It gives the rows of the first.
    pub async fn query_locked(
        &self,
        lock: (&Statement, Values<'_>),
        first: (&Statement, Values<'_>),
        second: (&Statement, Values<'_>),
    ) -> Result<Vec<Row>, Fault> {
        let (begun, locked, answered, done, committed) = future::join5(
            self.client.batch_execute("BEGIN"),
            self.client.query(lock.0, lock.1),
            self.client.query(first.0, first.1),
            self.client.execute(second.0, second.1),
            self.client.batch_execute("COMMIT"),
        )
        .await;
        // The first failure is the reason of those behind it; a commit behind one rolls back, and says that it is well.
        begun?;
        locked?;
        let rows = answered?;
        done?;
        committed?;
        Ok(rows)
    }

    /// Runs one prepared statement: one message, one flush.
    pub async fn query_prepared(&self, statement: &Statement, values: Values<'_>) -> Result<Vec<Row>, Fault> {
        Ok(self.client.query(statement, values).await?)
    }
}

/// Makes a connection without settings of its own, and the task that drives it, to be aborted by whoever has it.
pub(super) async fn connect(
    address: &Address,
    notices: &Arc<AtomicU64>,
) -> Result<(Client, JoinHandle<()>), tokio_postgres::Error> {
    Ok(match &address.tls {
        None => {
            let (client, connection) = address.config.connect(NoTls).await?;
            (client, tokio::spawn(carry(connection, Arc::clone(notices))))
        }
        Some(tls) => {
            let (client, connection) = address.config.connect(tls.clone()).await?;
            (client, tokio::spawn(carry(connection, Arc::clone(notices))))
        }
    })
}

/// Drives the connection until it breaks or its client is gone, and counts what the server says unasked.
async fn carry<T>(mut connection: tokio_postgres::Connection<Socket, T>, notices: Arc<AtomicU64>)
where
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = future::poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) => {
                // Before the answer it belongs to is handed on: messages are taken in the order they come.
                notices.fetch_add(1, Ordering::Release);
                tracing::warn!(severity = notice.severity(), notice = notice.message(), "the database says");
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "a connection to the database broke");
                return;
            }
        }
    }
}
