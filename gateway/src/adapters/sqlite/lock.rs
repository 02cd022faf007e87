//! Keeps a second process out of a data folder.

use crate::adapters::sqlite::OpenError;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::Path;

/// An exclusive lock on a data folder, held as long as this lives.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Takes the folder, creating it if need be; fails at once when another process has it.
pub(super) fn take(data_dir: &Path) -> Result<Lock, OpenError> {
    let fault = |error| OpenError::Folder(data_dir.to_owned(), error);
    create(data_dir).map_err(fault)?;
    let path = data_dir.join("halloo.lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(fault)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(data_dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(fault(error)),
    }
}

/// Creates the folder for its owner only: it holds what people said.
fn create(data_dir: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data_dir)
}
