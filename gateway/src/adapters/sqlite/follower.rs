//! Lets the search index follow the log, in slices beside the appends; `meta.search_cursor` says how far it is.
//!
//! Of every message the index holds the latest body at or before the cursor, and nothing else.

use crate::adapters::limits::FOLLOW_ROWS_MAX;
use crate::adapters::sqlite::columns::uuid;
use gateway_core::ids::SiteId;
use protocol::{ConversationId, MessageId};
use rusqlite::{Connection, OptionalExtension, params};

/// How far a slice came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// The end of the log.
    Log,
    Part,
}

/// A record whose text belongs into the index.
struct Text {
    sequence: i64,
    site: SiteId,
    conversation: ConversationId,
    message: MessageId,
    is_edit: bool,
}

/// Indexes the next slice of records in a transaction of its own.
pub(super) fn follow(connection: &mut Connection) -> rusqlite::Result<Reached> {
    let transaction = connection.transaction()?;
    let cursor = cursor(&transaction)?;
    let end: i64 =
        transaction.prepare_cached("SELECT coalesce(max(sequence), 0) FROM record")?.query_row([], |row| row.get(0))?;
    let slice_end = end.min(cursor + FOLLOW_ROWS_MAX);
    if slice_end <= cursor {
        return Ok(Reached::Log);
    }
    for text in texts(&transaction, cursor, slice_end)? {
        if text.is_edit {
            remove(&transaction, text.site, text.conversation, text.message, text.sequence - 1)?;
        }
        transaction
            .prepare_cached(
                "INSERT INTO search (rowid, scope, body) \
                 SELECT sequence, scope, body FROM searchable WHERE sequence = ?1",
            )?
            .execute([text.sequence])?;
    }
    transaction.prepare_cached("UPDATE meta SET value = ?1 WHERE name = 'search_cursor'")?.execute([slice_end])?;
    transaction.commit()?;
    Ok(if slice_end == end { Reached::Log } else { Reached::Part })
}

/// Takes a message out of the index; what lies behind the cursor is not in it.
pub(super) fn forget(
    connection: &Connection,
    site: SiteId,
    conversation: ConversationId,
    message: MessageId,
) -> rusqlite::Result<()> {
    remove(connection, site, conversation, message, cursor(connection)?)
}

fn cursor(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("SELECT value FROM meta WHERE name = 'search_cursor'")?.query_row([], |row| row.get(0))
}

fn texts(connection: &Connection, after: i64, end: i64) -> rusqlite::Result<Vec<Text>> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, site, conversation, id, kind = 'edited', detail ->> '$.message' FROM record \
         WHERE sequence > ?1 AND sequence <= ?2 AND body IS NOT NULL ORDER BY sequence",
    )?;
    let rows = statement.query_map(params![after, end], |row| {
        let is_edit = row.get(4)?;
        let edited: Option<String> = row.get(5)?;
        let edited = edited.and_then(|id| id.parse().ok());
        Ok(Text {
            sequence: row.get(0)?,
            site: SiteId(row.get(1)?),
            conversation: ConversationId(uuid(row, 2)?),
            message: MessageId(edited.map_or_else(|| uuid(row, 3), Ok)?),
            is_edit,
        })
    })?;
    rows.collect()
}

/// Removes the latest body of a message up to `end`: the one that the index holds.
fn remove(
    connection: &Connection,
    site: SiteId,
    conversation: ConversationId,
    message: MessageId,
    end: i64,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence FROM record WHERE site = ?1 AND conversation = ?2 AND sequence <= ?3 AND body IS NOT NULL \
         AND (id = ?4 OR kind = 'edited' AND detail ->> '$.message' = ?5) ORDER BY sequence DESC LIMIT 1",
    )?;
    let values = params![site.0, conversation.0.as_bytes(), end, message.0.as_bytes(), message.0.to_string()];
    let indexed: Option<i64> = statement.query_row(values, |row| row.get(0)).optional()?;
    let Some(indexed) = indexed else { return Ok(()) };
    let mut statement = connection.prepare_cached(
        "INSERT INTO search (search, rowid, scope, body) \
         SELECT 'delete', sequence, scope, body FROM searchable WHERE sequence = ?1",
    )?;
    statement.execute([indexed])?;
    Ok(())
}
