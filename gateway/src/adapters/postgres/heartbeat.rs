//! The heartbeats of all nodes: rows that are counted up and compared, never timed by a node's own clock.

use super::columns::{get, number, signed};
use super::connection::{Connection, NOW};
use super::ownership;
use crate::adapters::fault::Fault;
use crate::adapters::limits::NODE_KEPT_MS;
use futures_util::future;
use gateway_core::ids::NodeId;
use gateway_core::link::effect::{Heartbeat, NodeRow};
use gateway_core::now::{Instant, StoreTime};
use tokio_postgres::Row;

/// A node without a row is one that was away for longer than rows are kept; it begins anew.
const BEAT: &str = "INSERT INTO node (id, beats, started_at, beaten_at, ready) \
     SELECT $1, 1, now, now, $2 \
     FROM (SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now) AS clock \
     ON CONFLICT (id) DO UPDATE SET beats = node.beats + 1, beaten_at = excluded.beaten_at, ready = $2";
const NODES: &str = "SELECT id, beats, started_at, ready FROM node ORDER BY id";
const CHANGED: &str = "SELECT site, owner, epoch, successor FROM desk WHERE epoch > 0 \
     AND changed_at >= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1 ORDER BY site";

/// What a heartbeat says; prepared with its connection.
pub(super) const STATEMENTS: &[&str] = &[BEAT, NODES, CHANGED];

/// Makes a node's row; `false` when there is one of this id. Rows of nodes that are long gone are deleted.
pub(super) async fn join(connection: &Connection, node: NodeId) -> Result<bool, Fault> {
    let gone = format!(
        "DELETE FROM node WHERE beaten_at < {NOW} - $1 AND NOT EXISTS (SELECT FROM desk WHERE desk.owner = node.id)"
    );
    connection.execute(&gone, &[&NODE_KEPT_MS]).await?;
    let sql = format!(
        "INSERT INTO node (id, beats, started_at, beaten_at, ready) VALUES ($1, 0, {NOW}, {NOW}, false) \
         ON CONFLICT (id) DO NOTHING"
    );
    Ok(connection.execute(&sql, &[&named(node)]).await? == 1)
}

/// Counts a node's row up, then reads: three statements and as many transactions, one flush.
pub(super) async fn beat(
    connection: &Connection,
    node: NodeId,
    sent: Instant,
    ready: bool,
    changed_within_ms: u64,
) -> Result<Heartbeat, Fault> {
    let (node, within_ms) = (named(node), signed(changed_within_ms));
    let (beaten, nodes, changed) = future::join3(
        connection.execute(BEAT, &[&node, &ready]),
        connection.query(NODES, &[]),
        connection.query(CHANGED, &[&within_ms]),
    )
    .await;
    beaten?;
    Ok(Heartbeat {
        sent,
        nodes: nodes?.iter().map(read).collect::<Result<_, _>>()?,
        changed: changed?.iter().map(ownership::read_with_site).collect::<Result<_, _>>()?,
    })
}

/// A node in its column.
pub(super) fn named(node: NodeId) -> i64 {
    i64::from(node.number())
}

fn read(row: &Row) -> Result<NodeRow, Fault> {
    Ok(NodeRow {
        node: NodeId::new(number(row, 0)?),
        beats: number(row, 1)?,
        started: StoreTime(number(row, 2)?),
        ready: get(row, 3)?,
    })
}
