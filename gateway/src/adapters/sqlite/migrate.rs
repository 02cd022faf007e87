//! Brings a database file to the schema of this version: each step in a transaction of its own.

use crate::adapters::clock;
use crate::adapters::migration::{Migration, Mismatch, last_applied};
use crate::adapters::sqlite::OpenError;
use rusqlite::{Connection, params};

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
            params![step.version, step.name, step.checksum(), clock::wall_ms()],
        )?;
        transaction.commit()?;
    }
    Ok(())
}

/// Compares what was applied with the steps known here; answers the last applied version.
pub(super) fn check(connection: &Connection, steps: &[Migration]) -> Result<i64, OpenError> {
    let mut statement = connection.prepare("SELECT version, checksum FROM migration ORDER BY version")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let applied = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    last_applied(&applied, steps).map_err(|mismatch| match mismatch {
        Mismatch::Newer(version) => OpenError::Newer(version),
        Mismatch::Changed { version, name } => OpenError::Changed { version, name },
    })
}
