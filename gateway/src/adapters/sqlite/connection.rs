//! Opens connections to the database file with the settings each role needs.

use crate::adapters::limits::{FOREIGN_LOCK_MS_MAX, STATEMENTS_MAX};
use crate::adapters::sqlite::OpenError;
use rusqlite::{Connection, OpenFlags};
use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

/// Each connection has one user at a time, which the types see to: SQLite need not lock.
const UNSHARED: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX;

/// The connection that writes; it creates the file.
///
/// A commit is on the disk when it returns (`synchronous=FULL` in WAL mode), and never checkpoints.
pub(super) fn writer(path: &Path) -> Result<Connection, OpenError> {
    create(path).map_err(|error| OpenError::Folder(path.to_owned(), error))?;
    let connection = Connection::open(path)?;
    prepare(&connection)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenError::NoLog(path.to_owned()));
    }
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}

/// Creates a database file that only its owner may read, for it holds what people said; SQLite gives the files beside
/// it the same mode. One that is there stays as its operator wants it.
pub(super) fn create(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// A connection that only moves pages from the log into the file.
pub(super) fn checkpointer(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | UNSHARED)?;
    prepare(&connection)?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")?;
    Ok(connection)
}

/// A connection that reads.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | UNSHARED)?;
    prepare(&connection)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.busy_timeout(Duration::from_millis(FOREIGN_LOCK_MS_MAX))?;
    connection.execute_batch("PRAGMA trusted_schema = OFF;")
}
