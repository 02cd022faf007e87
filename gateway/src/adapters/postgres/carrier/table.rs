//! The table of packets: written in batches, read by who can see what, emptied by whoever comes first.
//!
//! A row with a lower id may be committed later than one with a higher one, by seconds. So a reader does not go by ids:
//! it asks for the rows whose transaction its last look could not see, by the snapshot of that look. Such a row is read
//! once, whenever it is committed, as long as that is before it is deleted.

use super::super::address::Address;
use super::super::columns::get;
use super::super::connection::connect;
use crate::adapters::fault::Fault;
use crate::adapters::inbound::Inbound;
use crate::adapters::limits::{
    DELETED_ROWS_MAX, PACKET_KEPT_MS, PACKET_MARK_EVERY_MS, POLLED_BYTES_MAX, POLLED_ROWS_MAX, TABLE_REPLY_MS_MAX,
};
use crate::adapters::outbound::To;
use bytes::Bytes;
use gateway_core::ids::NodeId;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

/// The column `node` of a packet for all.
const ALL: i64 = -1;

const WRITE: &str = "INSERT INTO packet (node, packet) SELECT node, packet FROM unnest($1, $2) AS new (node, packet)";

/// One row at least, which says what this look can see. $2 is the last look, or empty; $3 the id where a page ended, and
/// $6 what its look could see when it began.
const READ: &str = "
SELECT look.snapshot, look.top, due.id, due.packet
FROM (SELECT pg_current_snapshot()::text AS snapshot, (SELECT coalesce(max(id), 0) FROM packet) AS top) AS look
LEFT JOIN (
    SELECT id, packet, sum(octet_length(packet)) OVER (ORDER BY id) - octet_length(packet) AS bytes_before
    FROM packet
    WHERE node IN ($1, -1) AND id > $3
      AND ($2 = '' OR NOT pg_visible_in_snapshot(transaction, nullif($2, '')::pg_snapshot))
      AND ($6 = '' OR pg_visible_in_snapshot(transaction, nullif($6, '')::pg_snapshot))
    ORDER BY id LIMIT $4
) AS due ON due.bytes_before < $5
ORDER BY due.id";

/// What another node deletes at this moment is left to it.
const DELETE: &str = "
DELETE FROM packet WHERE id IN (SELECT id FROM packet WHERE id <= $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// A statement's value with its type: nothing is prepared.
type Typed<'a> = (&'a (dyn ToSql + Sync), Type);

/// The table, over a connection of its own.
pub(super) struct Table {
    client: Client,
    task: JoinHandle<()>,
    me: i64,
    /// What the last look could see; empty before the first, which sees all there is.
    snapshot: String,
    /// What this look could see when it began, and the id up to which its pages were read; 0 between two looks.
    begun: String,
    read_up_to: i64,
    /// The highest id at some times ago, the oldest first.
    marks: VecDeque<(Instant, i64)>,
    /// Rows up to this id have been there for long enough.
    expired: i64,
}

impl Drop for Table {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a poll has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Polled {
    Nothing,
    /// More than one page holds.
    Part,
    All,
}

/// What one page of a look brought.
struct Page {
    snapshot: String,
    top: i64,
    last: i64,
    rows: usize,
    is_full: bool,
}

impl Table {
    pub async fn open(address: &Address, me: NodeId) -> Result<Self, Fault> {
        let (client, task) = answered(Box::pin(connect(address, &Arc::default()))).await?;
        let me = i64::from(me.number());
        Ok(Self {
            client,
            task,
            me,
            snapshot: String::new(),
            begun: String::new(),
            read_up_to: 0,
            marks: VecDeque::new(),
            expired: 0,
        })
    }

    /// Writes packets in one statement.
    pub async fn write(&self, batch: &[(To, Bytes)]) -> Result<(), Fault> {
        let nodes: Vec<i64> = batch.iter().map(|(to, _)| column(*to)).collect();
        let packets: Vec<&[u8]> = batch.iter().map(|(_, packet)| packet.as_ref()).collect();
        self.execute(WRITE, &[(&nodes, Type::INT8_ARRAY), (&packets, Type::BYTEA_ARRAY)]).await?;
        Ok(())
    }

    /// Brings a page of what has come since the last look, and deletes what is too old.
    pub async fn poll(&mut self, inbound: &Inbound) -> Result<Polled, Fault> {
        let page = self.read(inbound).await?;
        if self.read_up_to == 0 {
            self.begun = page.snapshot;
        }
        if page.is_full {
            self.read_up_to = page.last;
        } else {
            let is_same_server = end(&self.begun) >= end(&self.snapshot);
            self.snapshot = std::mem::take(&mut self.begun);
            if !is_same_server {
                self.snapshot.clear();
            }
            self.read_up_to = 0;
        }
        self.mark(page.top);
        self.delete().await?;
        Ok(match (page.is_full, page.rows) {
            (true, _) => Polled::Part,
            (false, 0) => Polled::Nothing,
            (false, _) => Polled::All,
        })
    }

    async fn delete(&mut self) -> Result<(), Fault> {
        if self.expired == 0 {
            return Ok(());
        }
        let deleted = self.execute(DELETE, &[(&self.expired, Type::INT8), (&DELETED_ROWS_MAX, Type::INT8)]).await?;
        if deleted < DELETED_ROWS_MAX.unsigned_abs() {
            self.expired = 0;
        }
        Ok(())
    }

    async fn read(&self, inbound: &Inbound) -> Result<Page, Fault> {
        let values: [Typed<'_>; 6] = [
            (&self.me, Type::INT8),
            (&self.snapshot, Type::TEXT),
            (&self.read_up_to, Type::INT8),
            (&POLLED_ROWS_MAX, Type::INT8),
            (&POLLED_BYTES_MAX, Type::INT8),
            (&self.begun, Type::TEXT),
        ];
        let rows = answered(self.client.query_typed(READ, &values)).await?;
        let look = rows.first().ok_or_else(|| Fault::broken("a look has no row"))?;
        let mut page =
            Page { snapshot: get(look, 0)?, top: get(look, 1)?, last: self.read_up_to, rows: 0, is_full: false };
        let mut bytes = 0;
        for row in &rows {
            let Some((id, packet)) = packet(row)? else { break };
            bytes += packet.len() as i64;
            page.last = id;
            page.rows += 1;
            inbound.bring(packet);
        }
        page.is_full = page.rows as i64 >= POLLED_ROWS_MAX || bytes >= POLLED_BYTES_MAX;
        Ok(page)
    }

    /// Remembers how high ids are now, so that rows grow old without anybody's clock.
    fn mark(&mut self, top: i64) {
        let now = Instant::now();
        if self.marks.back().is_some_and(|(_, id)| *id > top) {
            // The table was emptied, and after a crash ids begin anew.
            self.marks.clear();
            self.expired = 0;
        }
        if self.marks.back().is_none_or(|(at, _)| at.elapsed() >= Duration::from_millis(PACKET_MARK_EVERY_MS)) {
            self.marks.push_back((now, top));
        }
        while let Some((at, id)) = self.marks.front()
            && at.elapsed() >= Duration::from_millis(PACKET_KEPT_MS)
        {
            self.expired = *id;
            self.marks.pop_front();
        }
    }

    /// Statements that the session has prepared under a name.
    #[cfg(test)]
    pub async fn prepared(&self) -> Result<i64, Fault> {
        let rows = answered(self.client.query_typed("SELECT count(*) FROM pg_prepared_statements", &[])).await?;
        get(&rows[0], 0)
    }

    async fn execute(&self, sql: &str, values: &[Typed<'_>]) -> Result<u64, Fault> {
        answered(self.client.execute_typed(sql, values)).await
    }
}

fn column(to: To) -> i64 {
    match to {
        To::Node(node) => i64::from(node.number()),
        To::All => ALL,
    }
}

/// The packet of a row, if the look has found one.
fn packet(row: &Row) -> Result<Option<(i64, Bytes)>, Fault> {
    let Some(id) = get::<Option<i64>>(row, 2)? else { return Ok(None) };
    Ok(Some((id, Bytes::from(get::<Vec<u8>>(row, 3)?))))
}

/// The first transaction that had not begun when a snapshot was taken: less than before only on another server.
fn end(snapshot: &str) -> u64 {
    snapshot.split(':').nth(1).and_then(|end| end.parse().ok()).unwrap_or(0)
}

/// Gives up on a database that does not answer.
async fn answered<T>(work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, Fault> {
    let limit = Duration::from_millis(TABLE_REPLY_MS_MAX);
    Ok(timeout(limit, work).await.map_err(|_| Fault::broken("the database does not answer"))??)
}
