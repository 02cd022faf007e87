//! Stores one batch of a desk: one statement, so one message there and one back, and all of it or nothing.
//!
//! Only a batch that withdraws something says more: it waits for whoever writes the site's search rows, and takes out
//! what it withdraws in the same transaction.

use super::columns::signed;
use super::connection::{Connection, Values};
use super::conversation::ConversationRow;
use super::outbox::OutboxRow;
use super::record::RecordRow;
use crate::adapters::check;
use crate::adapters::fault::Fault;
use crate::adapters::names::name;
use gateway_core::stored::{Append, Durable, StoredAgent};
use serde::Serialize;
use std::collections::BTreeMap;
use tokio_postgres::types::Json;
use uuid::Uuid;

const APPEND: &str = include_str!("append.sql");

/// Taken by whoever changes a site's search rows.
pub(super) const LOCK_SEARCH: &str = "SELECT sequence FROM search_cursor WHERE site = $1 FOR UPDATE";

/// Takes the text out of messages and of every edit of them, and out of the search.
const WITHDRAW: &str = "WITH mine AS MATERIALIZED (SELECT site FROM desk WHERE site = $1 AND epoch = $2), \
     unfound AS (DELETE FROM search USING mine WHERE search.site = mine.site AND search.message = ANY($4)) \
     UPDATE record SET body = NULL FROM mine \
     WHERE record.site = mine.site AND record.conversation = ANY($3) AND record.body IS NOT NULL \
     AND (record.id = ANY($4) OR record.kind = 'edited' AND (record.detail ->> 'message')::uuid = ANY($4))";

/// What the desk decides of an agent, by the names of its columns.
#[derive(Debug, Serialize)]
struct AgentRow {
    agent: Uuid,
    status: String,
    accepting: bool,
    capacity: u32,
    lapsed: bool,
    lost_at: Option<u64>,
    last_assigned: u64,
}

impl AgentRow {
    fn of(agent: &StoredAgent) -> Result<Self, Fault> {
        Ok(Self {
            agent: agent.id.0,
            status: name(&agent.status)?,
            accepting: agent.accepting,
            capacity: agent.capacity,
            lapsed: agent.lapsed,
            lost_at: agent.lost_at.map(|at| at.0),
            last_assigned: agent.last_assigned.0,
        })
    }
}

/// What an append says; prepared with the connection, so that the first one is as quick as the others.
pub(super) const STATEMENTS: &[&str] = &[APPEND, LOCK_SEARCH, WITHDRAW];

/// Stores the batch whole; an error means that nothing is stored, unless it is [`Fault::Broken`].
pub(super) async fn store(connection: &Connection, append: &Append) -> Result<Durable, Fault> {
    check::append(append).map_err(Fault::Refused)?;
    let records = append.records.iter().map(RecordRow::of).collect::<Result<Vec<_>, _>>()?;
    // Of rows of the same name the last one stands.
    let conversations: BTreeMap<_, _> = append.conversations.iter().map(|row| (row.id, row)).collect();
    let conversations = conversations.into_values().map(ConversationRow::of).collect::<Result<Vec<_>, _>>()?;
    let outboxes: BTreeMap<_, _> = append.outboxes.iter().map(|row| ((row.lane, row.outbox), row)).collect();
    let outboxes: Vec<_> = outboxes.into_values().map(OutboxRow::of).collect();
    let agents: BTreeMap<_, _> = append.agents.iter().map(|agent| (agent.id, agent)).collect();
    let agents = agents.into_values().map(AgentRow::of).collect::<Result<Vec<_>, _>>()?;
    let (withdrawn_from, withdrawn): (Vec<Uuid>, Vec<Uuid>) =
        append.withdrawn.iter().map(|(conversation, message)| (conversation.0, message.0)).unzip();
    let (next_arrival, wakes_at) = (signed(append.next_arrival), append.wakes_at.map(|at| signed(at.0)));
    let unused_since = append.unused_since.map(|at| signed(at.0));
    let (records, conversations, outboxes, agents) = (Json(records), Json(conversations), Json(outboxes), Json(agents));
    let values: Values<'_> = &[
        &append.site.0,
        &append.epoch.0,
        &next_arrival,
        &wakes_at,
        &records,
        &conversations,
        &outboxes,
        &agents,
        &unused_since,
    ];
    let notices = connection.notices();
    let statement = connection.prepare(APPEND).await?;
    let rows = if append.withdrawn.is_empty() {
        connection.query_prepared(&statement, values).await?
    } else {
        let (lock, withdraw) = (connection.prepare(LOCK_SEARCH).await?, connection.prepare(WITHDRAW).await?);
        let withdraw_values: Values<'_> = &[&append.site.0, &append.epoch.0, &withdrawn_from, &withdrawn];
        connection.query_locked((&lock, &[&append.site.0]), (&statement, values), (&withdraw, withdraw_values)).await?
    };
    if connection.notices() != notices {
        return Err(Fault::broken("the database said something about the commit"));
    }
    let found = rows.first().ok_or_else(|| Fault::broken("an append without an answer"))?;
    if found.try_get(0)? { Ok(append.stored()) } else { Err(Fault::Fenced) }
}
