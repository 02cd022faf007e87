//! Finds messages by the words in them. What a user types never becomes query syntax.

use crate::adapters::sqlite::columns::uuid;
use crate::adapters::sqlite::reader::bounded;
use crate::ports::{Hit, SearchQuery};
use gateway_core::ids::SiteId;
use protocol::{ConversationId, MessageId, Number};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::fmt::Write;

/// The full-text expression for a user's words; none when they hold nothing to look for.
///
/// Every word is quoted, which in FTS5 leaves no character a meaning but the quote itself.
pub(super) fn expression(words: &str, site: SiteId) -> Option<String> {
    let words = words.replace('\0', " ");
    let mut expression = format!("scope : \"site{}\" AND body : (", site.0);
    let mut words = words.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).peekable();
    words.peek()?;
    while let Some(word) = words.next() {
        let prefix = if words.peek().is_none() { " *" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(expression, "\"{}\"{prefix} ", word.replace('"', "\"\""));
    }
    expression.push(')');
    Some(expression)
}

/// The messages that match, the latest first.
pub(super) fn find(connection: &Connection, expression: &str, query: &SearchQuery) -> rusqlite::Result<Vec<Hit>> {
    let mut statement = connection.prepare_cached(
        "SELECT record.sequence, record.conversation, record.id, record.number, record.at, \
         snippet(search, 1, '', '', '…', 16), record.detail ->> '$.message' \
         FROM search CROSS JOIN record ON record.sequence = search.rowid \
         WHERE search MATCH ?1 AND search.rowid < ?2 AND record.site = ?3 ORDER BY search.rowid DESC LIMIT ?4",
    )?;
    let before = query.before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![expression, before, query.site.0, bounded(query.limit)])?;
    let mut hits = Vec::new();
    while let Some(row) = rows.next()? {
        let hit = read(row)?;
        let edited: Option<String> = row.get(6)?;
        match edited.and_then(|id| id.parse().ok()) {
            None => hits.push(hit),
            Some(message) => hits.extend(of_message(connection, query.site, hit, MessageId(message))?),
        }
    }
    Ok(hits)
}

/// The hit in an edit, told as one of the message that was edited.
fn of_message(connection: &Connection, site: SiteId, hit: Hit, message: MessageId) -> rusqlite::Result<Option<Hit>> {
    let mut statement =
        connection.prepare_cached("SELECT number, at FROM record WHERE site = ?1 AND conversation = ?2 AND id = ?3")?;
    let values = params![site.0, hit.conversation.0.as_bytes(), message.0.as_bytes()];
    let place = statement.query_row(values, |row| Ok((Number(row.get(0)?), row.get(1)?))).optional()?;
    Ok(place.map(|(number, at)| Hit { message, number, at, ..hit }))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Hit> {
    Ok(Hit {
        cursor: row.get(0)?,
        conversation: ConversationId(uuid(row, 1)?),
        message: MessageId(uuid(row, 2)?),
        number: Number(row.get(3)?),
        at: row.get(4)?,
        snippet: row.get(5)?,
    })
}
