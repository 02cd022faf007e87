//! The last command of every (lane, outbox), as rows.

use crate::adapters::fault::Fault;
use crate::adapters::names::json;
use crate::adapters::sqlite::columns::{json_column, uuid};
use gateway_core::ids::SiteId;
use gateway_core::now::StoreTime;
use gateway_core::stored::StoredOutbox;
use protocol::{ConversationId, OutboxId};
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

/// The columns that [`read`] takes, in its order.
pub(super) const COLUMNS: &str = "outbox.lane, outbox.outbox, outbox.ordinal, outbox.content, outbox.answer, \
     outbox.used_at";

/// Writes a row, replacing the one of the same lane and outbox.
pub(super) fn put(connection: &Connection, site: SiteId, row: &StoredOutbox) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO outbox (site, lane, outbox, ordinal, content, answer, used_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT DO UPDATE SET ordinal = ?4, content = ?5, answer = ?6, used_at = ?7",
    )?;
    statement.execute(params![
        site.0,
        lane(row.lane.as_ref()),
        row.outbox.0.as_bytes(),
        row.ordinal,
        row.content.cast_signed(),
        json(&row.answer)?,
        row.used_at.0.cast_signed(),
    ])?;
    Ok(())
}

/// Deletes the rows of lane none that were last used before a time.
pub(super) fn forget_unused(connection: &Connection, site: SiteId, since: StoreTime) -> Result<(), Fault> {
    let sql = "DELETE FROM outbox WHERE site = ?1 AND lane = ?2 AND used_at < ?3";
    connection.prepare_cached(sql)?.execute(params![site.0, lane(None), since.0.cast_signed()])?;
    Ok(())
}

/// The rows of one lane.
pub(super) fn of_lane(
    connection: &Connection,
    site: SiteId,
    of: Option<ConversationId>,
) -> rusqlite::Result<Vec<StoredOutbox>> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE site = ?1 AND lane = ?2 ORDER BY outbox");
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params![site.0, lane(of.as_ref())], read)?.collect()
}

/// Reads a row of [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<StoredOutbox> {
    let lane = match row.get_ref(0)?.as_blob()? {
        [] => None,
        bytes => {
            let bytes = <[u8; 16]>::try_from(bytes)
                .map_err(|_| FromSqlError::InvalidBlobSize { expected_size: 16, blob_size: bytes.len() })?;
            Some(ConversationId(Uuid::from_bytes(bytes)))
        }
    };
    Ok(StoredOutbox {
        lane,
        outbox: OutboxId(uuid(row, 1)?),
        ordinal: row.get(2)?,
        content: row.get::<_, i64>(3)?.cast_unsigned(),
        answer: json_column(row, 4)?,
        used_at: StoreTime(row.get(5)?),
    })
}

fn lane(lane: Option<&ConversationId>) -> &[u8] {
    lane.map_or(&[], |lane| lane.0.as_bytes())
}
