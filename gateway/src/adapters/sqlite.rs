//! The default store: one SQLite file in a data folder, for one process.
//!
//! One thread writes, with one commit for whatever waits (`writer`); readers, checkpoints and copies have
//! connections of their own. A lock file keeps a second process out.

mod accounts;
mod append;
mod backup;
mod checkpoint;
mod columns;
mod connection;
mod conversation;
mod directory;
mod fault;
mod follower;
mod lock;
mod migrate;
mod opening;
mod outbox;
mod places;
mod reader;
mod readers;
mod record;
mod restore;
mod search;
mod secrets;
mod settings;
mod writer;

#[cfg(test)]
mod tests;

pub use restore::restore;

use crate::adapters::limits::{OPENING_MS_MAX, READ_MS_MAX};
use crate::ports::{AppendError, Journal, StoreError};
use async_trait::async_trait;
use checkpoint::Checkpointer;
use gateway_core::ids::SiteId;
use gateway_core::stored::{Append, Durable, Found, Opening};
use lock::Lock;
use protocol::ConversationId;
use readers::Readers;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use writer::Writer;

/// The database's name in its folder.
const DATABASE: &str = "halloo.db";

/// Why a data folder could not be opened or restored.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the lock.
    #[error("{path} is in use by another process", path = .0.display())]
    InUse(PathBuf),
    /// The folder or a file in it cannot be made, renamed or read.
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Folder(PathBuf, #[source] std::io::Error),
    /// The file system gives no shared memory for the log, as network file systems do not.
    #[error("{path} is on a file system that SQLite cannot log on", path = .0.display())]
    NoLog(PathBuf),
    /// A newer version has changed the schema; that version is needed.
    #[error("the database has schema {0}, which this version does not know: start the newer version again")]
    Newer(i64),
    /// The schema was made by other steps than this version's.
    #[error("schema step {version} ({name}) is not the one that was applied to this database")]
    Changed { version: i64, name: &'static str },
    /// The backup's pages do not fit together.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// The backup is no database of this program.
    #[error("the file is not a backup of halloo")]
    Foreign,
    /// The backup could not be copied.
    #[error("the backup could not be copied: {0}")]
    Copy(String),
    /// The database cannot be opened or read.
    #[error("the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// The store in a data folder. Dropping it finishes what was handed in, then lets the folder go.
pub struct SqliteStore {
    // In this order: the writer closes after the readers, which takes the log away; then the lock goes.
    readers: Arc<Readers>,
    writer: Writer,
    file: PathBuf,
    _lock: Lock,
}

impl SqliteStore {
    /// Whether a folder holds a database.
    #[must_use]
    pub fn is_in(data_dir: &Path) -> bool {
        data_dir.join(DATABASE).exists()
    }

    /// Opens the database of a folder, creating both if need be.
    pub fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let lock = lock::take(data_dir)?;
        let file = data_dir.join(DATABASE);
        restore::finish(&file)?;
        let mut connection = connection::writer(&file)?;
        migrate::apply(&mut connection, migrate::MIGRATIONS)?;
        let thread = |error| OpenError::Folder(data_dir.to_owned(), error);
        let checkpointer = Checkpointer::start(connection::checkpointer(&file)?).map_err(thread)?;
        let writer = Writer::start(connection, checkpointer).map_err(thread)?;
        Ok(Self { writer, readers: Readers::new(&file), file, _lock: lock })
    }
}

#[async_trait]
impl Journal for SqliteStore {
    async fn open(&self, site: SiteId) -> Result<Opening, StoreError> {
        let (epoch, now) = self.writer.run(move |connection| opening::raise(connection, site)).await?;
        let read = move |connection: &rusqlite::Connection| opening::read(connection, site, epoch, now);
        Ok(self.readers.read(OPENING_MS_MAX, read).await?)
    }

    async fn append(&self, append: Append) -> Result<Durable, AppendError> {
        Ok(self.writer.run(move |connection| append::store(connection, &append)).await?)
    }

    async fn load(&self, site: SiteId, conversation: ConversationId) -> Result<Found, StoreError> {
        let read = move |connection: &rusqlite::Connection| opening::load(connection, site, conversation);
        Ok(self.readers.read(READ_MS_MAX, read).await?)
    }

    async fn due(&self, limit: usize) -> Result<Vec<SiteId>, StoreError> {
        let read = move |connection: &rusqlite::Connection| opening::due(connection, limit);
        Ok(self.readers.read(READ_MS_MAX, read).await?)
    }

    async fn with_open(&self) -> Result<Vec<SiteId>, StoreError> {
        Ok(self.readers.read(READ_MS_MAX, opening::with_open).await?)
    }
}
