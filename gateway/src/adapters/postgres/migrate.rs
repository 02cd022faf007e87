//! Brings a database to the schema of this version: under a lock, since several nodes may start at once.
//!
//! A step says from which version of the schema on a program must know it: one that older programs can live beside lets
//! them start and go on, so that nodes of two versions serve side by side.

use super::OpenError;
use super::columns::get;
use super::connection::Connection;
use crate::adapters::clock;
use crate::adapters::fault::Fault;
use crate::adapters::migration::{Migration, Mismatch, last_applied};

/// A step, and the oldest schema whose programs it leaves working.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub migration: Migration,
    pub works_with: i64,
}

/// All steps, ascending. A step that was released is never edited; a new one is added.
pub(super) const STEPS: &[Step] = &[
    Step {
        migration: Migration { version: 1, name: "first", sql: include_str!("migrations/0001_first.sql") },
        works_with: 1,
    },
    Step {
        migration: Migration { version: 2, name: "packets", sql: include_str!("migrations/0002_packets.sql") },
        works_with: 1,
    },
    Step {
        migration: Migration {
            version: 3,
            name: "settings_version",
            sql: include_str!("migrations/0003_settings_version.sql"),
        },
        works_with: 1,
    },
];

/// Two numbers that mean halloo's schema among the advisory locks of a database.
const LOCK: &str = "SELECT pg_advisory_xact_lock(1751215212, 1)";

/// Applies the steps that the database lacks, all in one transaction.
pub(super) async fn apply(connection: &Connection, steps: &[Step]) -> Result<(), OpenError> {
    // Whoever waits for the lock waits for another node's steps, and a large table takes its time.
    connection.batch("BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0").await?;
    connection.batch(LOCK).await?;
    connection
        .batch(
            "CREATE TABLE IF NOT EXISTS migration (
                version bigint PRIMARY KEY,
                name text NOT NULL,
                checksum bytea NOT NULL,
                works_with bigint NOT NULL,
                applied_at bigint NOT NULL
            )",
        )
        .await?;
    let applied = check(connection, steps).await?;
    for step in steps.iter().filter(|step| step.migration.version > applied) {
        let Step { migration, works_with } = step;
        connection.batch(migration.sql).await?;
        let sql = "INSERT INTO migration (version, name, checksum, works_with, applied_at) VALUES ($1, $2, $3, $4, $5)";
        let applied_at = clock::wall_ms().cast_signed();
        connection
            .execute(sql, &[&migration.version, &migration.name, &migration.checksum(), works_with, &applied_at])
            .await?;
        tracing::info!(version = migration.version, name = migration.name, "the schema was brought up to date");
    }
    Ok(connection.batch("COMMIT").await?)
}

/// Compares what was applied with the steps known here; answers the last version that was applied.
async fn check(connection: &Connection, steps: &[Step]) -> Result<i64, OpenError> {
    let known: Vec<Migration> = steps.iter().map(|step| step.migration).collect();
    let newest = known.last().map_or(0, |step| step.version);
    let rows = connection.query("SELECT version, checksum, works_with FROM migration ORDER BY version", &[]).await?;
    let rows = rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?, get(row, 2)?)));
    let rows: Vec<(i64, Vec<u8>, i64)> = rows.collect::<Result<_, Fault>>()?;
    if let Some((version, ..)) = rows.iter().find(|(_, _, works_with)| *works_with > newest) {
        return Err(OpenError::Newer(*version));
    }
    let last = rows.last().map_or(0, |(version, ..)| *version);
    let applied: Vec<_> = rows.into_iter().filter(|(version, ..)| *version <= newest).map(|(v, c, _)| (v, c)).collect();
    last_applied(&applied, &known).map(|_| last).map_err(|mismatch| match mismatch {
        Mismatch::Newer(version) => OpenError::Newer(version),
        Mismatch::Changed { version, name } => OpenError::Changed { version, name },
    })
}
