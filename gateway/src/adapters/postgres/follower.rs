//! Lets the search follow a site's log in slices, outside the appends; `search_cursor` says how far it is.
//!
//! Of every message the search holds the words of the latest body at or before the cursor, and nothing else.
//! Within a site records are committed in the order of their sequence, since one desk at a time appends.

use super::append::LOCK_SEARCH;
use super::columns::{get, number};
use super::connection::Connection;
use super::search;
use crate::adapters::fault::Fault;
use crate::adapters::limits::FOLLOW_ROWS_MAX;
use gateway_core::ids::SiteId;
use serde::Serialize;
use std::collections::BTreeMap;
use tokio_postgres::types::Json;
use uuid::Uuid;

/// How far a slice came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// The end of the log.
    Log,
    Part,
}

/// A message's latest text, by the names of the columns of its row.
#[derive(Debug, Serialize)]
struct SearchRow {
    message: Uuid,
    conversation: Uuid,
    number: u64,
    at: u64,
    sequence: i64,
    words: String,
    /// The row is that of an earlier slice, of which place and time stay.
    #[serde(skip)]
    is_edit: bool,
}

/// Follows the next slice of a site's log in a transaction of its own.
pub(super) async fn follow(connection: &Connection, site: SiteId) -> Result<Reached, Fault> {
    connection.batch("BEGIN").await?;
    let Some(cursor) = connection.first(LOCK_SEARCH, &[&site.0]).await? else {
        connection.batch("ROLLBACK").await?;
        return Ok(Reached::Log);
    };
    let cursor: i64 = get(&cursor, 0)?;
    let sql = "SELECT sequence, conversation, id, number, at, kind = 'edited', (detail ->> 'message')::uuid, body \
         FROM record WHERE site = $1 AND sequence > $2 AND body IS NOT NULL ORDER BY sequence LIMIT $3";
    let slice = connection.query(sql, &[&site.0, &cursor, &FOLLOW_ROWS_MAX]).await?;
    let Some(last) = slice.last() else {
        connection.batch("ROLLBACK").await?;
        return Ok(Reached::Log);
    };
    let end: i64 = get(last, 0)?;
    let is_full = i64::try_from(slice.len()).is_ok_and(|rows| rows == FOLLOW_ROWS_MAX);
    let mut latest: BTreeMap<Uuid, SearchRow> = BTreeMap::new();
    for row in &slice {
        let is_edit: bool = get(row, 5)?;
        let edited: Option<Uuid> = get(row, 6)?;
        let message = if is_edit { edited.unwrap_or_default() } else { get(row, 2)? };
        let words = search::vector(&get::<String>(row, 7)?, site);
        let (sequence, fresh) = (get(row, 0)?, !is_edit);
        match latest.get_mut(&message) {
            Some(known) => (known.sequence, known.words) = (sequence, words),
            None => {
                let (conversation, number, at) = (get(row, 1)?, number(row, 3)?, number(row, 4)?);
                latest
                    .insert(message, SearchRow { message, conversation, number, at, sequence, words, is_edit: !fresh });
            }
        }
    }
    let (edits, fresh): (Vec<_>, Vec<_>) = latest.into_values().partition(|row| row.is_edit);
    let sql = "INSERT INTO search (site, message, conversation, number, at, sequence, words) \
         SELECT $1, message, conversation, number, at, sequence, words \
         FROM json_populate_recordset(NULL::search, $2) AS row \
         ON CONFLICT (site, message) DO UPDATE SET sequence = excluded.sequence, words = excluded.words";
    connection.execute(sql, &[&site.0, &Json(fresh)]).await?;
    let sql = "UPDATE search SET sequence = row.sequence, words = row.words \
         FROM json_populate_recordset(NULL::search, $2) AS row WHERE search.site = $1 AND search.message = row.message";
    connection.execute(sql, &[&site.0, &Json(edits)]).await?;
    connection.execute("UPDATE search_cursor SET sequence = $2 WHERE site = $1", &[&site.0, &end]).await?;
    connection.batch("COMMIT").await?;
    Ok(if is_full { Reached::Part } else { Reached::Log })
}
