//! Moves pages from the log into the database file, on a thread and a connection of its own, so that no ack waits.
//!
//! The log is never truncated: once all of it has been moved, the writer starts over at its beginning.

use crate::adapters::limits::{CHECKPOINT_EVERY_MS, LOG_PAGES_MAX};
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
        if let Err(error) = checkpoint(connection, turn) {
            tracing::warn!(%error, "a checkpoint failed");
        }
    }
}

fn checkpoint(connection: &Connection, turn: &Mutex<()>) -> rusqlite::Result<()> {
    let (pages, _) = connection.wal_checkpoint_v2(Some(MAIN_DB), CheckpointMode::PASSIVE)?;
    if pages.unsigned_abs() >= LOG_PAGES_MAX && pages > 0 {
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        connection.wal_checkpoint_v2(Some(MAIN_DB), CheckpointMode::PASSIVE)?;
    }
    Ok(())
}
