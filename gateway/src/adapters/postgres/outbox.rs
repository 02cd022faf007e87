//! The last command of every (lane, outbox), as rows.

use super::columns::{get, json, number};
use super::connection::Connection;
use crate::adapters::fault::Fault;
use gateway_core::ids::SiteId;
use gateway_core::now::StoreTime;
use gateway_core::stored::{Answer, StoredOutbox};
use protocol::{ConversationId, OutboxId};
use serde::Serialize;
use tokio_postgres::Row;
use uuid::Uuid;

/// The columns that [`read`] takes, in its order.
pub(super) const COLUMNS: &str = "outbox.lane, outbox.outbox, outbox.ordinal, outbox.content, outbox.answer, \
     outbox.used_at";

/// A row to be put, by the names of its columns.
#[derive(Debug, Serialize)]
pub(super) struct OutboxRow<'a> {
    lane: Option<Uuid>,
    outbox: Uuid,
    ordinal: u32,
    content: i64,
    answer: &'a Answer,
    used_at: u64,
}

impl<'a> OutboxRow<'a> {
    pub fn of(row: &'a StoredOutbox) -> Self {
        Self {
            lane: row.lane.map(|lane| lane.0),
            outbox: row.outbox.0,
            ordinal: row.ordinal,
            content: row.content.cast_signed(),
            answer: &row.answer,
            used_at: row.used_at.0,
        }
    }
}

/// The rows of one lane.
pub(super) async fn of_lane(
    connection: &Connection,
    site: SiteId,
    lane: Option<ConversationId>,
) -> Result<Vec<StoredOutbox>, Fault> {
    let rows = match lane {
        Some(lane) => {
            let sql = format!("SELECT {COLUMNS} FROM outbox WHERE site = $1 AND lane = $2 ORDER BY outbox");
            connection.query(&sql, &[&site.0, &lane.0]).await?
        }
        None => {
            let sql = format!("SELECT {COLUMNS} FROM outbox WHERE site = $1 AND lane IS NULL ORDER BY outbox");
            connection.query(&sql, &[&site.0]).await?
        }
    };
    rows.iter().map(read).collect()
}

/// Reads a row of [`COLUMNS`].
pub(super) fn read(row: &Row) -> Result<StoredOutbox, Fault> {
    Ok(StoredOutbox {
        lane: get::<Option<Uuid>>(row, 0)?.map(ConversationId),
        outbox: OutboxId(get(row, 1)?),
        ordinal: number(row, 2)?,
        content: get::<i64>(row, 3)?.cast_unsigned(),
        answer: json(row, 4)?,
        used_at: StoreTime(number(row, 5)?),
    })
}
