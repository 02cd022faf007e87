//! What a desk opens with: the raised epoch, then the site's open rows in a few set queries.

use super::columns::{get, number, number_or_none};
use super::connection::{Connection, NOW};
use super::{conversation, outbox, settings};
use crate::adapters::clock;
use crate::adapters::fault::Fault;
use crate::adapters::limits::{CLOSED_LOOKED_AT_MAX, OPENING_MS_MAX};
use crate::adapters::names::named;
use gateway_core::ids::{Epoch, SiteId};
use gateway_core::limits::SERVICE_SAMPLES_MAX;
use gateway_core::now::StoreTime;
use gateway_core::stored::{Found, Loaded, Opening, StoredAgent, StoredState};
use protocol::{AgentId, ConversationId, Number, Status};
use tokio_postgres::Row;

/// Raises a site's epoch for a node that has the database to itself.
pub(super) async fn raise(connection: &Connection, site: SiteId) -> Result<(Epoch, StoreTime), Fault> {
    let sql = format!(
        "UPDATE desk SET epoch = epoch + 1, owner = NULL, successor = NULL, changed_at = {NOW}, \
         clock = greatest(clock, {NOW}) WHERE site = $1 RETURNING epoch, clock"
    );
    let row = connection.first(&sql, &[&site.0]).await?.ok_or(Fault::NotFound)?;
    raised(&row)
}

/// The epoch and the time of a desk that opens.
pub(super) fn raised(row: &Row) -> Result<(Epoch, StoreTime), Fault> {
    Ok((Epoch(get(row, 0)?), StoreTime(number(row, 1)?)))
}

/// Reads what a desk begins with, once its epoch is durable: nobody else can change it any more.
pub(super) async fn read(
    connection: &Connection,
    site: SiteId,
    epoch: Epoch,
    now: StoreTime,
) -> Result<Opening, Fault> {
    let begin = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {OPENING_MS_MAX}; \
         SET LOCAL idle_in_transaction_session_timeout = {OPENING_MS_MAX}"
    );
    connection.batch(&begin).await?;
    let next = connection.first("SELECT next_arrival FROM desk WHERE site = $1", &[&site.0]).await?;
    let opening = Opening {
        site,
        epoch,
        now,
        settings: settings::read(connection, site).await?,
        next_arrival: number(&next.ok_or(Fault::NotFound)?, 0)?,
        agents: agents(connection, site).await?,
        conversations: conversations(connection, site).await?,
        outboxes: outbox::of_lane(connection, site, None).await?,
        service_ms: service_ms(connection, site).await?,
    };
    connection.batch("COMMIT").await?;
    Ok(clock::catch_up(opening))
}

/// The sites that must be open, by the same clock that a desk opens with.
pub(super) async fn due(connection: &Connection, limit: usize) -> Result<Vec<SiteId>, Fault> {
    let sql =
        format!("SELECT site FROM desk WHERE wakes_at <= greatest(clock, {NOW}) ORDER BY wakes_at, site LIMIT $1");
    let rows = connection.query(&sql, &[&i64::try_from(limit).map_err(Fault::broken)?]).await?;
    rows.iter().map(|row| get(row, 0).map(SiteId)).collect()
}

/// The sites that have open conversations.
pub(super) async fn with_open(connection: &Connection) -> Result<Vec<SiteId>, Fault> {
    let sql = "SELECT site FROM desk WHERE EXISTS \
         (SELECT FROM conversation WHERE conversation.site = desk.site AND conversation.state <> 'closed') \
         ORDER BY site";
    connection.query(sql, &[]).await?.iter().map(|row| get(row, 0).map(SiteId)).collect()
}

/// One conversation with what belongs to it, or what refused commands left in its lane.
pub(super) async fn load(connection: &Connection, site: SiteId, id: ConversationId) -> Result<Found, Fault> {
    let outboxes = outbox::of_lane(connection, site, Some(id)).await?;
    let Some(conversation) = conversation::find(connection, site, id).await? else {
        return Ok(Found::Nothing(outboxes));
    };
    let hidden = "SELECT number FROM record WHERE site = $1 AND conversation = $2 AND public_number IS NULL \
         ORDER BY number";
    let hidden = connection.query(hidden, &[&site.0, &id.0]).await?;
    let hidden = hidden.iter().map(|row| Ok(Number(number(row, 0)?))).collect::<Result<_, Fault>>()?;
    Ok(Found::Conversation(Box::new(Loaded { conversation, hidden, outboxes })))
}

/// All open conversations of a site, ascending by id, with the rows that belong to them.
async fn conversations(connection: &Connection, site: SiteId) -> Result<Vec<Loaded>, Fault> {
    let sql =
        format!("SELECT {} FROM conversation WHERE site = $1 AND state <> 'closed' ORDER BY id", conversation::COLUMNS);
    let mut open = Vec::new();
    for row in connection.query(&sql, &[&site.0]).await? {
        match conversation::read(&row) {
            Ok(conversation) => open.push(Loaded { conversation, hidden: Vec::new(), outboxes: Vec::new() }),
            // The others open; whoever asks for this one is told that it is unavailable.
            Err(fault) => tracing::error!(site = site.0, ?fault, "a conversation cannot be read and is left out"),
        }
    }
    let mut at = 0;
    for row in connection.query(HIDDEN, &[&site.0]).await? {
        let hidden = Number(number(&row, 1)?);
        if let Some(loaded) = advance(&mut open, &mut at, ConversationId(get(&row, 0)?)) {
            loaded.hidden.push(hidden);
        }
    }
    let mut at = 0;
    let sql = format!(
        "SELECT {} FROM conversation AS open JOIN outbox ON outbox.site = open.site AND outbox.lane = open.id \
         WHERE open.site = $1 AND open.state <> 'closed' ORDER BY open.id, outbox.outbox",
        outbox::COLUMNS
    );
    for row in connection.query(&sql, &[&site.0]).await? {
        let Some(loaded) = advance(&mut open, &mut at, ConversationId(get(&row, 0)?)) else { continue };
        match outbox::read(&row) {
            Ok(row) => loaded.outboxes.push(row),
            // Without the row a command could take effect twice: the conversation is set aside.
            Err(fault) => {
                tracing::error!(site = site.0, conversation = %loaded.conversation.id, ?fault, "an outbox cannot be read");
                loaded.conversation.state = StoredState::Unknown("unreadable".to_owned());
            }
        }
    }
    Ok(open)
}

/// How long the conversations that were closed last had been served, the latest last.
///
/// A site whose chats mostly end in the line gives fewer, for no more than these are looked at.
async fn service_ms(connection: &Connection, site: SiteId) -> Result<Vec<u64>, Fault> {
    let sql = format!(
        "SELECT greatest(closed_at - served_since, 0) FROM \
         (SELECT closed_at, served_since FROM conversation WHERE site = $1 AND state = 'closed' \
          ORDER BY since DESC, id DESC LIMIT {CLOSED_LOOKED_AT_MAX}) AS latest \
         WHERE served_since IS NOT NULL LIMIT {SERVICE_SAMPLES_MAX}"
    );
    let rows = connection.query(&sql, &[&site.0]).await?;
    rows.iter().rev().map(|row| number(row, 0)).collect()
}

const HIDDEN: &str = "SELECT record.conversation, record.number \
     FROM conversation AS open JOIN record \
     ON record.site = open.site AND record.conversation = open.id AND record.public_number IS NULL \
     WHERE open.site = $1 AND open.state <> 'closed' ORDER BY open.id, record.number";

/// Goes on to a conversation; the rows that belong to conversations come in the same order as these do.
fn advance<'a>(open: &'a mut [Loaded], at: &mut usize, id: ConversationId) -> Option<&'a mut Loaded> {
    while open.get(*at).is_some_and(|loaded| loaded.conversation.id < id) {
        *at += 1;
    }
    open.get_mut(*at).filter(|loaded| loaded.conversation.id == id)
}

/// The agents about whom the desk has decided something.
async fn agents(connection: &Connection, site: SiteId) -> Result<Vec<StoredAgent>, Fault> {
    let sql = "SELECT agent, status, accepting, capacity, lapsed, lost_at, last_assigned FROM agent_live \
         WHERE site = $1 ORDER BY agent";
    connection.query(sql, &[&site.0]).await?.iter().map(agent).collect()
}

fn agent(row: &Row) -> Result<StoredAgent, Fault> {
    let status: String = get(row, 1)?;
    let status = named::<Status>(&status).ok_or_else(|| Fault::broken(format!("the status {status:?}")))?;
    Ok(StoredAgent {
        id: AgentId(get(row, 0)?),
        status,
        accepting: get(row, 2)?,
        capacity: number(row, 3)?,
        lapsed: get(row, 4)?,
        lost_at: number_or_none(row, 5)?.map(StoreTime),
        last_assigned: StoreTime(number(row, 6)?),
    })
}
