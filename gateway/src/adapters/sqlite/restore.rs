//! Puts a backup in the place of a data folder's database.
//!
//! The copy is complete and synced under its own name before the old database is touched;
//! from then on every opening finishes the exchange, so a crash in between loses nothing.

use crate::adapters::limits::RESTORED_EPOCHS;
use crate::adapters::sqlite::migrate::{self, MIGRATIONS};
use crate::adapters::sqlite::{DATABASE, OpenError, backup, lock};
use rusqlite::{Connection, OpenFlags};
use std::io;
use std::path::Path;

/// Restores the backup `from` into a data folder that no server uses.
///
/// The database that was there stays beside it as `halloo.db.replaced`.
pub fn restore(from: &Path, data_dir: &Path) -> Result<(), OpenError> {
    let _lock = lock::take(data_dir)?;
    let database = data_dir.join(DATABASE);
    finish(&database)?;
    // SQLite says no more of a file than that it cannot be opened.
    std::fs::File::open(from).map_err(|error| OpenError::Folder(from.to_owned(), error))?;
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    validate(&source)?;
    let partial = backup::beside(&database, ".partial");
    backup::copy(&source, &partial).map_err(|fault| OpenError::Copy(format!("{fault:?}")))?;
    raise_epochs(&partial)?;
    let folder = |error| OpenError::Folder(data_dir.to_owned(), error);
    let exchange = || {
        std::fs::File::open(&partial)?.sync_all()?;
        std::fs::rename(&partial, backup::beside(&database, ".restored"))?;
        backup::sync_folder(&database)
    };
    exchange().map_err(folder)?;
    finish(&database)
}

/// Finishes a restore that was interrupted after its copy was complete.
pub(super) fn finish(database: &Path) -> Result<(), OpenError> {
    let restored = backup::beside(database, ".restored");
    let exchange = || {
        if !restored.try_exists()? {
            return Ok(());
        }
        for ending in ["-wal", "-shm", ""] {
            put_aside(database, ending)?;
        }
        std::fs::rename(&restored, database)?;
        backup::sync_folder(database)
    };
    exchange().map_err(|error| OpenError::Folder(database.to_owned(), error))
}

/// Keeps a file of the old database, with its log under the name that fits.
fn put_aside(database: &Path, ending: &str) -> io::Result<()> {
    let replaced = backup::beside(&backup::beside(database, ".replaced"), ending);
    match std::fs::rename(backup::beside(database, ending), replaced) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Whether the file is a whole database of this program, of a schema known here.
fn validate(source: &Connection) -> Result<(), OpenError> {
    let verdict: String = source.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(OpenError::Damaged(verdict));
    }
    match migrate::check(source, MIGRATIONS) {
        Ok(0) | Err(OpenError::Sqlite(_)) => Err(OpenError::Foreign),
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// What was handed out after the backup was made must not be taken for what the restored desks hand out.
fn raise_epochs(path: &Path) -> Result<(), OpenError> {
    let connection = Connection::open(path)?;
    connection.execute("UPDATE site SET epoch = epoch + ?1", [RESTORED_EPOCHS])?;
    connection.close().map_err(|(_, error)| OpenError::Sqlite(error))
}
