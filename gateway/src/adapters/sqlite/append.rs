//! Stores one batch of a desk inside the writer's savepoint.

use crate::adapters::check;
use crate::adapters::fault::Fault;
use crate::adapters::names::name;
use crate::adapters::sqlite::{conversation, follower, outbox, record};
use gateway_core::ids::SiteId;
use gateway_core::stored::{Append, Durable, StoredAgent};
use protocol::{ConversationId, MessageId};
use rusqlite::{Connection, OptionalExtension, params};

/// Stores the batch whole; an error takes all of it back.
pub(super) fn store(connection: &Connection, append: &Append) -> Result<Durable, Fault> {
    let site = append.site;
    fence(connection, append)?;
    check::append(append).map_err(Fault::Refused)?;
    for row in &append.records {
        record::insert(connection, site, row)?;
    }
    for row in &append.conversations {
        conversation::put(connection, site, row)?;
    }
    if let Some(since) = append.unused_since {
        outbox::forget_unused(connection, site, since)?;
    }
    for row in &append.outboxes {
        outbox::put(connection, site, row)?;
    }
    for row in &append.agents {
        put_agent(connection, site, row)?;
    }
    for (conversation, message) in &append.withdrawn {
        withdraw(connection, site, *conversation, *message)?;
    }
    Ok(append.stored())
}

/// Checks the epoch, and keeps the site's row up to date where the batch changes it.
fn fence(connection: &Connection, append: &Append) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached("SELECT epoch, next_arrival, wakes_at FROM site WHERE id = ?1")?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?));
    let Some((epoch, arrival, wakes_at)) = statement.query_row([append.site.0], read).optional()? else {
        return Err(Fault::Fenced);
    };
    if epoch != append.epoch.0 {
        return Err(Fault::Fenced);
    }
    let now = (append.next_arrival.cast_signed(), append.wakes_at.map(|at| at.0.cast_signed()));
    if now != (arrival, wakes_at) {
        let mut statement =
            connection.prepare_cached("UPDATE site SET next_arrival = ?2, wakes_at = ?3 WHERE id = ?1")?;
        statement.execute(params![append.site.0, now.0, now.1])?;
    }
    Ok(())
}

fn put_agent(connection: &Connection, site: SiteId, agent: &StoredAgent) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(
        "UPDATE agent SET status = ?3, accepting = ?4, chosen_capacity = ?5, lapsed = ?6, lost_at = ?7, \
         last_assigned = ?8 WHERE site = ?1 AND id = ?2",
    )?;
    let changed = statement.execute(params![
        site.0,
        agent.id.0.as_bytes(),
        name(&agent.status)?,
        agent.accepting,
        agent.capacity,
        agent.lapsed,
        agent.lost_at.map(|at| at.0.cast_signed()),
        agent.last_assigned.0.cast_signed(),
    ])?;
    if changed == 0 {
        return Err(Fault::Refused(format!("no agent {}", agent.id)));
    }
    Ok(())
}

/// Takes what was written out of a message and of every edit of it, and out of the search index.
fn withdraw(
    connection: &Connection,
    site: SiteId,
    conversation: ConversationId,
    message: MessageId,
) -> Result<(), Fault> {
    follower::forget(connection, site, conversation, message)?;
    let mut statement = connection.prepare_cached(
        "UPDATE record SET body = NULL WHERE site = ?1 AND conversation = ?2 \
         AND (id = ?3 OR kind = 'edited' AND detail ->> '$.message' = ?4)",
    )?;
    statement.execute(params![site.0, conversation.0.as_bytes(), message.0.as_bytes(), message.0.to_string()])?;
    Ok(())
}
