//! Brings a database to the schema of this version: numbered SQL files, each applied once, in one transaction.
//!
//! A runner of our own: it is shorter than the glue refinery would need for its two error types.

use crate::adapters::clock;
use crate::adapters::sqlite::OpenError;
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

/// One step of the schema.
#[derive(Clone, Copy)]
pub(super) struct Migration {
    pub(super) version: i64,
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// All steps, ascending. A step that was released is never edited; a new one is added.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "first", sql: include_str!("migrations/0001_first.sql") },
    Migration { version: 2, name: "rules", sql: include_str!("migrations/0002_rules.sql") },
    Migration { version: 3, name: "service", sql: include_str!("migrations/0003_service.sql") },
];

/// Applies the steps that the database lacks.
pub(super) fn apply(connection: &mut Connection, steps: &[Migration]) -> Result<(), OpenError> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS migration (
            version INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            checksum BLOB NOT NULL,
            applied_at INTEGER NOT NULL
        ) STRICT;",
    )?;
    let applied = check(connection, steps)?;
    for step in steps.iter().filter(|step| step.version > applied) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step.sql)?;
        transaction.execute(
            "INSERT INTO migration (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
            params![step.version, step.name, checksum(step), clock::wall_ms()],
        )?;
        transaction.commit()?;
    }
    Ok(())
}

/// Compares what was applied with the steps known here; answers the last applied version.
pub(super) fn check(connection: &Connection, steps: &[Migration]) -> Result<i64, OpenError> {
    let mut statement = connection.prepare("SELECT version, checksum FROM migration ORDER BY version")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let mut last = 0;
    for row in rows {
        let (version, applied) = row?;
        let Some(step) = steps.iter().find(|step| step.version == version) else {
            return Err(OpenError::Newer(version));
        };
        if applied != checksum(step) {
            return Err(OpenError::Changed { version, name: step.name });
        }
        last = version;
    }
    Ok(last)
}

fn checksum(step: &Migration) -> Vec<u8> {
    Sha256::digest(step.sql.as_bytes()).to_vec()
}
