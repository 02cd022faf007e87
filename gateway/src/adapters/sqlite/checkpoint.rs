//! Moves pages from the log into the database file, on a thread and a connection of its own, so that no ack waits.
//!
//! The log is never truncated: once all of it has been moved, the writer starts over at its beginning.
//!
//! After a sync has failed nothing more is moved until the next start, which moves the whole log anew. SQLite counts
//! pages as moved that no sync has covered yet, and the kernel may drop those at a failed sync and report success at
//! the next one: the writer would then start over in a log that alone still held them.

use crate::adapters::limits::{CHECKPOINT_EVERY_MS, LOG_PAGES_MAX};
use rusqlite::config::DbConfig;
use rusqlite::ffi::SQLITE_IOERR_FSYNC;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, MAIN_DB};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Asks the checkpointing thread for its work.
pub(super) struct Checkpointer {
    wishes: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Held by the writer while it commits, and by the checkpointer while it moves the log's last pages:
    /// under a steady stream of commits a passive checkpoint never reaches the end, and the log would grow for ever.
    turn: Arc<Mutex<()>>,
}

impl Checkpointer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> Result<Self, std::io::Error> {
        let turn = Arc::new(Mutex::new(()));
        let writer = Arc::clone(&turn);
        // One wish says as much as many.
        let (wishes, asked) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("sqlite-checkpoint".to_owned())
            .spawn(move || run(&connection, &asked, &writer))?;
        Ok(Self { wishes: Some(wishes), thread: Some(thread), turn })
    }

    /// Wakes the thread; it is enough if it is awake already.
    pub(super) fn ask(&self) {
        if let Some(wishes) = &self.wishes {
            let _ = wishes.try_send(());
        }
    }

    /// Keeps the checkpointer from its last step while the writer commits.
    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wishes = None;
        if let Some(thread) = self.thread.take() {
            // A checkpoint that panicked has lost nothing: the log still holds its pages.
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, asked: &Receiver<()>, turn: &Mutex<()>) {
    loop {
        match asked.recv_timeout(Duration::from_millis(CHECKPOINT_EVERY_MS)) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        match checkpoint(connection, turn) {
            Ok(()) => {}
            Err(error) if is_failed_sync(&error) => {
                tracing::error!(%error, "the disk failed to sync: the log keeps all and grows until the next start");
                return rest(connection, asked);
            }
            Err(error) => tracing::warn!(%error, "a checkpoint failed"),
        }
    }
}

fn is_failed_sync(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == SQLITE_IOERR_FSYNC)
}

/// Moves nothing more until the store is closed, and not then either: this connection is the last to close.
fn rest(connection: &Connection, asked: &Receiver<()>) {
    if let Err(error) = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true) {
        tracing::error!(%error, "the log would be moved when the store is closed: do not stop the gateway, kill it");
    }
    while asked.recv().is_ok() {}
}

fn checkpoint(connection: &Connection, turn: &Mutex<()>) -> rusqlite::Result<()> {
    let (pages, _) = connection.wal_checkpoint_v2(Some(MAIN_DB), CheckpointMode::PASSIVE)?;
    if pages.unsigned_abs() >= LOG_PAGES_MAX && pages > 0 {
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        connection.wal_checkpoint_v2(Some(MAIN_DB), CheckpointMode::PASSIVE)?;
    }
    Ok(())
}
