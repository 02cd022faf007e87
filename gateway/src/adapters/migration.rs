//! Numbered steps of a schema, each applied once and known again by its checksum.
//!
//! A runner of our own in each SQL store: it is shorter than the glue refinery would need.

use sha2::{Digest, Sha256};

/// One step of the schema.
#[derive(Clone, Copy)]
pub(crate) struct Migration {
    pub version: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

impl Migration {
    pub fn checksum(&self) -> Vec<u8> {
        Sha256::digest(self.sql.as_bytes()).to_vec()
    }
}

/// How a database's steps differ from those known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// A newer version has taken this step.
    Newer(i64),
    /// The step was another one when it was taken.
    Changed { version: i64, name: &'static str },
}

/// Compares what was applied, ascending, with the steps known here; answers the last applied version.
pub(crate) fn last_applied(applied: &[(i64, Vec<u8>)], steps: &[Migration]) -> Result<i64, Mismatch> {
    for (version, checksum) in applied {
        let Some(step) = steps.iter().find(|step| step.version == *version) else {
            return Err(Mismatch::Newer(*version));
        };
        if *checksum != step.checksum() {
            return Err(Mismatch::Changed { version: *version, name: step.name });
        }
    }
    Ok(applied.last().map_or(0, |(version, _)| *version))
}
