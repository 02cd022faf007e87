//! The key file: shows a command of the same data folder to the running server's admin port.

use super::{AdminKey, Secret};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const NAME: &str = "admin-key";

/// The file, for as long as the server runs.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    key: Secret,
}

impl KeyFile {
    /// Draws a key and writes it into the data folder, for its owner's eyes only. One left by a crash is replaced.
    pub fn create(data_dir: &Path) -> io::Result<Self> {
        let (path, key) = (data_dir.join(NAME), Secret::draw());
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(key.reveal().as_bytes())?;
        Ok(Self { path, key })
    }

    /// What the admin port asks for.
    #[must_use]
    pub fn key(&self) -> AdminKey {
        AdminKey(self.key.clone())
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        // A file that stays behind opens nothing.
        let _ = fs::remove_file(&self.path);
    }
}

/// The key of the server that runs on a data folder, if one does.
#[must_use]
pub fn read_key(data_dir: &Path) -> Option<String> {
    fs::read_to_string(data_dir.join(NAME)).ok()
}
