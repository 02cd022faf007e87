//! Copies the database to a file while it is in use.

use crate::adapters::fault::Fault;
use crate::adapters::sqlite::connection;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Writes a copy of the database `from` to `to`, which appears whole or not at all.
pub(super) fn write(from: &Path, to: &Path) -> Result<(), Fault> {
    if is_same(from, to) {
        return Err(Fault::Refused("a backup cannot replace the database it is made of".to_owned()));
    }
    let source = connection::reader(from)?;
    let partial = beside(to, ".partial");
    copy(&source, &partial)?;
    std::fs::rename(&partial, to).and_then(|()| sync_folder(to)).map_err(|error| unwritable(to, &error))
}

/// Copies a whole database into a new file and syncs it.
pub(super) fn copy(source: &Connection, to: &Path) -> Result<(), Fault> {
    remove_if_there(to).and_then(|()| connection::create(to)).map_err(|error| unwritable(to, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut target = Connection::open_with_flags(to, flags)?;
    // All pages in one step: under one read transaction, so commits beside it neither show nor make it start over.
    let stopped = Backup::new(source, &mut target)?.step(-1)?;
    if stopped != StepResult::Done {
        return Err(Fault::broken(format!("the copy stopped: {stopped:?}")));
    }
    // One file, which can be read where it lies.
    target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    target.close().map_err(|(_, error)| error)?;
    File::open(to).and_then(|file| file.sync_all()).map_err(Fault::broken)
}

fn unwritable(to: &Path, error: &std::io::Error) -> Fault {
    Fault::Refused(format!("{} cannot be written: {error}", to.display()))
}

/// The path with an ending added to its name.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Makes the names in a file's folder survive a loss of power.
pub(super) fn sync_folder(of: &Path) -> std::io::Result<()> {
    let folder = match of.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

pub(super) fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Whether both name the same file, or would once it is there.
fn is_same(from: &Path, to: &Path) -> bool {
    matches!((from.canonicalize(), to.canonicalize()), (Ok(from), Ok(to)) if from == to)
}
