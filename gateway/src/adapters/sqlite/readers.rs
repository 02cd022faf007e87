//! A few connections that read beside the writer, each read bounded in time.

use crate::adapters::fault::Fault;
use crate::adapters::limits::{READERS_MAX, READS_WAITING_MAX, STEPS_PER_LOOK};
use crate::adapters::sqlite::connection;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::Semaphore;

/// The pool of readers.
pub(super) struct Readers {
    path: PathBuf,
    places: Semaphore,
    waiting: Semaphore,
    idle: Mutex<Vec<ReaderConnection>>,
}

/// A connection that gives up once its deadline has passed.
struct ReaderConnection {
    connection: Connection,
    start: Instant,
    /// Milliseconds after `start`.
    deadline: Arc<AtomicU64>,
}

impl Readers {
    /// Makes an empty pool; connections are opened when they are first needed.
    pub(super) fn new(path: &Path) -> Arc<Self> {
        Arc::new(Self {
            path: path.to_owned(),
            places: Semaphore::new(READERS_MAX),
            waiting: Semaphore::new(READERS_MAX + READS_WAITING_MAX),
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Runs a read in a transaction of its own: it sees one state of the whole store.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        ms_max: u64,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Fault::broken("too many reads are waiting"))?;
        let _place = self.places.acquire().await.map_err(Fault::broken)?;
        let pool = Arc::clone(self);
        tokio::task::spawn_blocking(move || pool.read_now(ms_max, work)).await.map_err(Fault::broken)?
    }

    fn read_now<T>(&self, ms_max: u64, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = idle.map_or_else(|| ReaderConnection::open(&self.path), Ok)?;
        reader.deadline.store(reader.elapsed_ms() + ms_max, Ordering::Relaxed);
        let transaction = reader.connection.unchecked_transaction()?;
        let result = work(&transaction);
        drop(transaction);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        result
    }
}

impl ReaderConnection {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let mut connection = connection::reader(path)?;
        let (start, deadline) = (Instant::now(), Arc::new(AtomicU64::new(u64::MAX)));
        let due = Arc::clone(&deadline);
        let is_late = move || millis(start) > due.load(Ordering::Relaxed);
        connection.progress_handler(STEPS_PER_LOOK, Some(is_late))?;
        Ok(Self { connection, start, deadline })
    }

    fn elapsed_ms(&self) -> u64 {
        millis(self.start)
    }
}

fn millis(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}
