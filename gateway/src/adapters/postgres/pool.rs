//! A few connections of one role, lent to one user at a time.

use super::connection::Connection;
use super::database::Database;
use crate::adapters::fault::Fault;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// What a pool's connections are for.
#[derive(Clone, Copy)]
pub(super) struct Role {
    pub size: usize,
    pub waiting_max: usize,
    /// The database ends any statement after this.
    pub statement_ms_max: u64,
    /// Prepared with each connection.
    pub statements: &'static [&'static str],
}

/// The connections of one role. They are opened when they are first needed.
pub(super) struct Pool {
    database: Arc<Database>,
    role: Role,
    places: Semaphore,
    /// As many as may have or wait for a place.
    waiting: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

/// A connection in somebody's hands. It goes back by [`Lent::give_back`] only: one that was dropped in the middle of
/// something is closed.
pub(super) struct Lent<'a> {
    connection: Option<Connection>,
    pool: &'a Pool,
    _place: SemaphorePermit<'a>,
    _waiting: SemaphorePermit<'a>,
}

impl Pool {
    pub fn new(database: &Arc<Database>, role: Role) -> Self {
        Self {
            database: Arc::clone(database),
            role,
            places: Semaphore::new(role.size),
            waiting: Semaphore::new(role.size + role.waiting_max),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Lends a connection to the database as it is now.
    pub async fn lend(&self) -> Result<Lent<'_>, Fault> {
        let waiting = self.waiting.try_acquire().map_err(|_| Fault::broken("too many wait for the database"))?;
        let place = self.places.acquire().await.map_err(Fault::broken)?;
        let connection = match self.take_idle() {
            Some(connection) => connection,
            None => self.open().await?,
        };
        Ok(Lent { connection: Some(connection), pool: self, _place: place, _waiting: waiting })
    }

    async fn open(&self) -> Result<Connection, Fault> {
        let connection = Connection::open(&self.database, self.role.statement_ms_max).await?;
        for statement in self.role.statements {
            connection.prepare(statement).await?;
        }
        Ok(connection)
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle();
        idle.retain(|connection| !connection.is_closed() && self.database.is_current(connection.incarnation));
        idle.pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent<'_> {
    /// The connection has nothing in flight and no transaction open.
    pub fn give_back(mut self) {
        self.pool.idle().extend(self.connection.take());
    }
}

impl Deref for Lent<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("taken by `give_back` only, which ends the loan")
    }
}
