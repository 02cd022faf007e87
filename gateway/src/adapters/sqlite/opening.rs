//! What a desk opens with: the raised epoch from the writer, then the site's open rows in a few set queries.

use crate::adapters::clock;
use crate::adapters::fault::Fault;
use crate::adapters::limits::CLOSED_LOOKED_AT_MAX;
use crate::adapters::names::named;
use crate::adapters::sqlite::columns::uuid;
use crate::adapters::sqlite::{conversation, outbox, settings};
use gateway_core::ids::{Epoch, SiteId};
use gateway_core::limits::SERVICE_SAMPLES_MAX;
use gateway_core::now::StoreTime;
use gateway_core::stored::{Found, Loaded, Opening, StoredAgent, StoredState};
use protocol::{AgentId, ConversationId, Number, Status};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Raises a site's epoch; runs on the writer.
///
/// The store's clock follows the wall clock, but not backwards.
pub(super) fn raise(connection: &Connection, site: SiteId) -> Result<(Epoch, StoreTime), Fault> {
    let mut statement = connection.prepare_cached("UPDATE site SET epoch = epoch + 1 WHERE id = ?1 RETURNING epoch")?;
    let epoch = statement.query_row([site.0], |row| row.get(0)).optional()?.ok_or(Fault::NotFound)?;
    let mut statement =
        connection.prepare_cached("UPDATE meta SET value = max(value, ?1) WHERE name = 'clock' RETURNING value")?;
    let now = statement.query_row([clock::wall_ms()], |row| row.get(0))?;
    Ok((Epoch(epoch), StoreTime(now)))
}

/// Reads what a desk begins with, once its epoch is durable: nobody else can change it any more.
pub(super) fn read(connection: &Connection, site: SiteId, epoch: Epoch, now: StoreTime) -> Result<Opening, Fault> {
    let agents = agents(connection, site)?;
    let conversations = conversations(connection, site)?;
    Ok(clock::catch_up(Opening {
        site,
        epoch,
        now,
        settings: settings::read(connection, site)?,
        next_arrival: connection
            .prepare_cached("SELECT next_arrival FROM site WHERE id = ?1")?
            .query_row([site.0], |row| row.get(0))?,
        agents,
        conversations,
        outboxes: outbox::of_lane(connection, site, None)?,
        service_ms: service_ms(connection, site)?,
    }))
}

/// The sites that must be open, by the same clock that a desk opens with.
pub(super) fn due(connection: &Connection, limit: usize) -> Result<Vec<SiteId>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM site WHERE wakes_at <= max(?1, (SELECT value FROM meta WHERE name = 'clock')) \
         ORDER BY wakes_at, id LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).map_err(Fault::broken)?;
    let sites = statement.query_map(params![clock::wall_ms(), limit], |row| row.get(0).map(SiteId))?;
    Ok(sites.collect::<rusqlite::Result<_>>()?)
}

/// The sites that have open conversations.
pub(super) fn with_open(connection: &Connection) -> Result<Vec<SiteId>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM site WHERE EXISTS \
         (SELECT 1 FROM conversation WHERE conversation.site = site.id AND state <> 'closed') ORDER BY id",
    )?;
    let sites = statement.query_map([], |row| row.get(0).map(SiteId))?;
    Ok(sites.collect::<rusqlite::Result<_>>()?)
}

/// One conversation with what belongs to it, or what refused commands left in its lane.
pub(super) fn load(connection: &Connection, site: SiteId, id: ConversationId) -> Result<Found, Fault> {
    let outboxes = outbox::of_lane(connection, site, Some(id))?;
    let Some(conversation) = conversation::find(connection, site, id)? else { return Ok(Found::Nothing(outboxes)) };
    let mut statement = connection.prepare_cached(
        "SELECT number FROM record WHERE site = ?1 AND conversation = ?2 AND public_number IS NULL ORDER BY number",
    )?;
    let hidden = statement.query_map(params![site.0, id.0.as_bytes()], |row| row.get(0).map(Number))?;
    let hidden = hidden.collect::<rusqlite::Result<_>>()?;
    Ok(Found::Conversation(Box::new(Loaded { conversation, hidden, outboxes })))
}

/// All open conversations of a site, ascending by id, with the rows that belong to them.
fn conversations(connection: &Connection, site: SiteId) -> Result<Vec<Loaded>, Fault> {
    let sql =
        format!("SELECT {} FROM conversation WHERE site = ?1 AND state <> 'closed' ORDER BY id", conversation::COLUMNS);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut open = Vec::new();
    let mut rows = statement.query([site.0])?;
    while let Some(row) = rows.next()? {
        match conversation::read(row) {
            Ok(conversation) => open.push(Loaded { conversation, hidden: Vec::new(), outboxes: Vec::new() }),
            // The others open; whoever asks for this one is told that it is unavailable.
            Err(error) => tracing::error!(site = site.0, %error, "a conversation cannot be read and is left out"),
        }
    }
    let mut at = 0;
    for_each(connection, site, HIDDEN, |row| {
        let number = Number(row.get(1)?);
        if let Some(loaded) = advance(&mut open, &mut at, ConversationId(uuid(row, 0)?)) {
            loaded.hidden.push(number);
        }
        Ok(())
    })?;
    let mut at = 0;
    let sql = format!(
        "SELECT {} FROM conversation AS open CROSS JOIN outbox ON outbox.site = open.site AND outbox.lane = open.id \
         WHERE open.site = ?1 AND open.state <> 'closed' ORDER BY open.id, outbox.outbox",
        outbox::COLUMNS
    );
    for_each(connection, site, &sql, |row| {
        let Some(loaded) = advance(&mut open, &mut at, ConversationId(uuid(row, 0)?)) else { return Ok(()) };
        match outbox::read(row) {
            Ok(row) => loaded.outboxes.push(row),
            // Without the row a command could take effect twice: the conversation is set aside.
            Err(error) => {
                tracing::error!(site = site.0, conversation = %loaded.conversation.id, %error, "an outbox cannot be read");
                loaded.conversation.state = StoredState::Unknown("unreadable".to_owned());
            }
        }
        Ok(())
    })?;
    Ok(open)
}

/// How long the conversations that were closed last had been served, the latest last.
///
/// A site whose chats mostly end in the line gives fewer, for no more than these are looked at.
fn service_ms(connection: &Connection, site: SiteId) -> rusqlite::Result<Vec<u64>> {
    let mut statement = connection.prepare_cached(
        "SELECT max(closed_at - served_since, 0) FROM \
         (SELECT closed_at, served_since FROM conversation INDEXED BY conversation_closed \
          WHERE site = ?1 AND state = 'closed' ORDER BY since DESC, id DESC LIMIT ?2) \
         WHERE served_since IS NOT NULL LIMIT ?3",
    )?;
    let rows = statement.query_map(params![site.0, CLOSED_LOOKED_AT_MAX, SERVICE_SAMPLES_MAX], |row| row.get(0))?;
    let mut latest_first: Vec<u64> = rows.collect::<rusqlite::Result<_>>()?;
    latest_first.reverse();
    Ok(latest_first)
}

const HIDDEN: &str = "SELECT record.conversation, record.number \
     FROM conversation AS open CROSS JOIN record INDEXED BY record_hidden \
     ON record.site = open.site AND record.conversation = open.id AND record.public_number IS NULL \
     WHERE open.site = ?1 AND open.state <> 'closed' ORDER BY open.id, record.number";

fn for_each(
    connection: &Connection,
    site: SiteId,
    sql: &str,
    mut call: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([site.0])?;
    while let Some(row) = rows.next()? {
        call(row)?;
    }
    Ok(())
}

/// Goes on to a conversation; the rows that belong to conversations come in the same order as these do.
fn advance<'a>(open: &'a mut [Loaded], at: &mut usize, id: ConversationId) -> Option<&'a mut Loaded> {
    while open.get(*at).is_some_and(|loaded| loaded.conversation.id < id) {
        *at += 1;
    }
    open.get_mut(*at).filter(|loaded| loaded.conversation.id == id)
}

/// The agents about whom the desk has decided something.
fn agents(connection: &Connection, site: SiteId) -> rusqlite::Result<Vec<StoredAgent>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, status, accepting, chosen_capacity, lapsed, lost_at, last_assigned FROM agent \
         WHERE site = ?1 AND status IS NOT NULL ORDER BY id",
    )?;
    let rows = statement.query_map([site.0], |row| {
        let status: String = row.get(1)?;
        let status = named::<Status>(&status)
            .ok_or_else(|| rusqlite::Error::InvalidColumnType(1, "status".to_owned(), Type::Text))?;
        Ok(StoredAgent {
            id: AgentId(uuid(row, 0)?),
            status,
            accepting: row.get(2)?,
            capacity: row.get(3)?,
            lapsed: row.get(4)?,
            lost_at: row.get::<_, Option<u64>>(5)?.map(StoreTime),
            last_assigned: StoreTime(row.get(6)?),
        })
    })?;
    rows.collect()
}
