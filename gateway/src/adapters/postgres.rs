//! The store of a cluster: a Postgres database, 15 to 18, that any number of processes reach.
//!
//! Appends, reads and heartbeats have connections apart, so that none waits for another's kind. An append is one
//! statement (`append.sql`), joined to the desk's row by its epoch: a desk that is fenced stores nothing.

mod accounts;
mod address;
mod append;
mod carrier;
mod columns;
mod connection;
mod conversation;
mod database;
mod directory;
mod fault;
mod follower;
mod heartbeat;
mod migrate;
mod opening;
mod outbox;
mod ownership;
mod places;
mod pool;
mod reader;
mod record;
mod search;
mod secrets;
mod settings;

#[cfg(test)]
mod tests;

pub use carrier::TableCarrier;

use crate::adapters::fault::Fault;
use crate::adapters::limits::{
    ANSWER_LATE_MS_MAX, APPEND_MS_MAX, APPENDERS_MAX, APPENDS_WAITING_MAX, FOLLOW_AFTER_MS, FOLLOWED_SITES_MAX,
    HEARTBEAT_MS_MAX, OPENING_MS_MAX, POSTGRES_READERS_MAX, READ_MS_MAX, READS_WAITING_MAX,
};
use crate::ports::{AppendError, Journal, StoreError};
use address::Address;
use async_trait::async_trait;
use connection::Connection;
use database::Database;
use follower::Reached;
use futures_util::future::BoxFuture;
use gateway_core::ids::{Epoch, SiteId};
use gateway_core::now::StoreTime;
use gateway_core::stored::{Append, Durable, Found, Opening};
use pool::{Lent, Pool, Role};
use protocol::ConversationId;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

/// What somebody is told who wants this program to copy the database.
pub const BACKUP_HINT: &str = "the store is Postgres: use pg_dump, pg_restore or the backups of your database service";

const APPENDERS: Role = Role {
    size: APPENDERS_MAX,
    waiting_max: APPENDS_WAITING_MAX,
    statement_ms_max: APPEND_MS_MAX,
    statements: append::STATEMENTS,
};
const READERS: Role =
    Role { size: POSTGRES_READERS_MAX, waiting_max: READS_WAITING_MAX, statement_ms_max: READ_MS_MAX, statements: &[] };

const HEART: Role =
    Role { size: 1, waiting_max: 1, statement_ms_max: HEARTBEAT_MS_MAX, statements: heartbeat::STATEMENTS };

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL cannot be understood, or not followed safely.
    #[error("the database's URL: {0}")]
    Address(String),
    /// A newer version has changed the schema; that version is needed.
    #[error("the database has schema {0}, which this version does not know: start the newer version again")]
    Newer(i64),
    /// The schema was made by other steps than this version's.
    #[error("schema step {version} ({name}) is not the one that was applied to this database")]
    Changed { version: i64, name: &'static str },
    /// The database cannot be reached, or does not do as it is asked.
    #[error("the database: {0}")]
    Away(String),
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        Self::Away(StoreError::from(fault).to_string())
    }
}

/// The store in a Postgres database.
pub struct PostgresStore {
    shared: Arc<Shared>,
    follower: JoinHandle<()>,
}

struct Shared {
    database: Arc<Database>,
    appenders: Pool,
    readers: Pool,
    /// One connection, so that no heartbeat waits behind anything else.
    heart: Pool,
    /// Sites whose log has gained what the search has not followed.
    unfollowed: Mutex<BTreeSet<SiteId>>,
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

/// The epoch of a desk that opens, and the store's time.
type Raised = (Epoch, StoreTime);

/// What is done over a connection.
type Work<'a, T> = BoxFuture<'a, Result<T, Fault>>;

impl PostgresStore {
    /// Connects to a database, and brings its tables to those of this version.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let database = Arc::new(Database::new(Address::parse(url)?));
        let connection = Connection::open(&database, 0).await?;
        migrate::apply(&connection, migrate::STEPS).await?;
        let shared = Arc::new(Shared {
            appenders: Pool::new(&database, APPENDERS),
            readers: Pool::new(&database, READERS),
            heart: Pool::new(&database, HEART),
            database,
            unfollowed: Mutex::default(),
        });
        let follower = tokio::spawn(follow(Arc::clone(&shared)));
        Ok(Self { shared, follower })
    }

    /// Reads over a connection of the readers.
    async fn read<T: Send>(
        &self,
        work: impl for<'a> FnOnce(&'a Connection) -> Work<'a, T> + Send,
    ) -> Result<T, StoreError> {
        let lent = self.shared.readers.lend().await?;
        let answer = within(READ_MS_MAX, work(&lent)).await;
        Ok(given_back(lent, answer)?)
    }

    /// Writes in a transaction over a connection of the readers.
    async fn write<T: Send>(
        &self,
        work: impl for<'a> FnOnce(&'a Connection) -> Work<'a, T> + Send,
    ) -> Result<T, StoreError> {
        let lent = self.shared.readers.lend().await?;
        let transaction = async {
            lent.batch("BEGIN").await?;
            let done = work(&lent).await;
            // What is broken closes the connection, which undoes as well.
            lent.batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
            done
        };
        let answer = within(READ_MS_MAX, transaction).await;
        Ok(given_back(lent, answer)?)
    }

    /// Waits until every record of the site that was stored before this call can be found.
    async fn followed(&self, site: SiteId) -> Result<(), StoreError> {
        Ok(self.shared.follow(site).await?)
    }
}

/// Gives up on what takes longer than the database itself may take.
async fn within<T>(ms_max: u64, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let limit = Duration::from_millis(ms_max + ANSWER_LATE_MS_MAX);
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(Fault::broken("the database took too long")))
}

/// Keeps a connection whose answer was understood.
fn given_back<T>(lent: Lent<'_>, answer: Result<T, Fault>) -> Result<T, Fault> {
    match answer {
        Err(Fault::Broken(_)) => drop(lent),
        Ok(_) | Err(Fault::Refused(_) | Fault::Fenced | Fault::NotFound | Fault::Taken(_)) => lent.give_back(),
    }
    answer
}

impl Shared {
    async fn append(&self, append: &Append) -> Result<Durable, Fault> {
        let lent = self.appenders.lend().await?;
        self.database.check(append.site, append.epoch, lent.incarnation)?;
        let limit = Duration::from_millis(APPEND_MS_MAX);
        let answer = tokio::time::timeout(limit, append::store(&lent, append)).await;
        let answer = answer.unwrap_or_else(|_| Err(Fault::broken("the append was not answered")));
        let receipt = given_back(lent, answer)?;
        let mut unfollowed = self.unfollowed.lock().unwrap_or_else(PoisonError::into_inner);
        if unfollowed.len() < FOLLOWED_SITES_MAX {
            unfollowed.insert(append.site);
        }
        Ok(receipt)
    }

    /// Opens a site as `raise` allows, and reads what its desk begins with.
    async fn open(
        &self,
        site: SiteId,
        raise: impl for<'a> FnOnce(&'a Connection) -> Work<'a, Raised>,
    ) -> Result<Opening, Fault> {
        let lent = self.readers.lend().await?;
        let raised = within(READ_MS_MAX, raise(&lent)).await;
        let (lent, (epoch, now)) = match raised {
            Ok(raised) => (lent, raised),
            Err(fault) => return given_back(lent, Err(fault)),
        };
        self.database.opened(site, epoch, lent.incarnation);
        // In whatever goes wrong here a transaction is open: the connection is closed with it.
        let opening = within(OPENING_MS_MAX, opening::read(&lent, site, epoch, now)).await?;
        lent.give_back();
        Ok(opening)
    }

    /// Lets the search follow all of a site's log.
    async fn follow(&self, site: SiteId) -> Result<(), Fault> {
        loop {
            let lent = self.readers.lend().await?;
            let answer = within(READ_MS_MAX, follower::follow(&lent, site)).await;
            // In whatever goes wrong here a transaction is open.
            let reached = answer?;
            lent.give_back();
            if reached == Reached::Log {
                return Ok(());
            }
        }
    }
}

/// Lets the search follow the sites that this process appends to.
async fn follow(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(Duration::from_millis(FOLLOW_AFTER_MS)).await;
        let sites = std::mem::take(&mut *shared.unfollowed.lock().unwrap_or_else(PoisonError::into_inner));
        for site in sites {
            if let Err(fault) = shared.follow(site).await {
                tracing::warn!(site = site.0, ?fault, "the search cannot follow");
                shared.unfollowed.lock().unwrap_or_else(PoisonError::into_inner).insert(site);
            }
        }
    }
}

#[async_trait]
impl Journal for PostgresStore {
    async fn open(&self, site: SiteId) -> Result<Opening, StoreError> {
        Ok(self.shared.open(site, |connection| Box::pin(opening::raise(connection, site))).await?)
    }

    async fn append(&self, append: Append) -> Result<Durable, AppendError> {
        let shared = Arc::clone(&self.shared);
        // In a task of its own: a caller that goes away does not cancel it.
        let appended = tokio::spawn(async move { shared.append(&append).await });
        Ok(appended.await.map_err(Fault::broken).and_then(std::convert::identity)?)
    }

    async fn load(&self, site: SiteId, conversation: ConversationId) -> Result<Found, StoreError> {
        self.read(|connection| Box::pin(opening::load(connection, site, conversation))).await
    }

    async fn due(&self, limit: usize) -> Result<Vec<SiteId>, StoreError> {
        self.read(|connection| Box::pin(opening::due(connection, limit))).await
    }

    async fn with_open(&self) -> Result<Vec<SiteId>, StoreError> {
        self.read(|connection| Box::pin(opening::with_open(connection))).await
    }
}
