//! A record as a row: the text somebody wrote in its own column, the rest of its kind as JSON.

use crate::adapters::fault::Fault;
use crate::adapters::kinds;
use crate::adapters::sqlite::columns::{uuid, uuid_or_none};
use gateway_core::ids::{Principal, SiteId};
use gateway_core::stored::StoredRecord;
use protocol::{AgentId, CommandId, ConversationId, MessageId, Number, OutboxId, VisitorId};
use rusqlite::{Connection, Row, params};

/// The columns that [`read`] takes, in its order.
pub(super) const COLUMNS: &str = "conversation, number, public_number, id, at, author, author_id, \
     command_outbox, command_ordinal, kind, body, detail";

/// Adds a record to the log.
pub(super) fn insert(connection: &Connection, site: SiteId, record: &StoredRecord) -> Result<(), Fault> {
    let (author, author_id) = match &record.author {
        Some(Principal::Visitor(id)) => (Some("visitor"), Some(id.0.as_bytes())),
        Some(Principal::Agent(id)) => (Some("agent"), Some(id.0.as_bytes())),
        None => (None, None),
    };
    let (kind, body, detail) = kinds::columns(&record.what)?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO record (site, conversation, number, public_number, id, at, author, author_id, \
         command_outbox, command_ordinal, kind, body, detail) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    statement.execute(params![
        site.0,
        record.conversation.0.as_bytes(),
        record.number.0.cast_signed(),
        record.public.map(|number| number.0.cast_signed()),
        record.id.0.as_bytes(),
        record.at.cast_signed(),
        author,
        author_id,
        record.command.as_ref().map(|command| command.outbox.0.as_bytes()),
        record.command.map(|command| command.ordinal),
        kind,
        body,
        detail,
    ])?;
    Ok(())
}

/// Reads a row of [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<StoredRecord> {
    let author: Option<String> = row.get(5)?;
    let author_id = uuid_or_none(row, 6)?;
    let author = match (author.as_deref(), author_id) {
        (Some("visitor"), Some(id)) => Some(Principal::Visitor(VisitorId(id))),
        (Some("agent"), Some(id)) => Some(Principal::Agent(AgentId(id))),
        (Some(_) | None, _) => None,
    };
    let ordinal: Option<u32> = row.get(8)?;
    let command = uuid_or_none(row, 7)?.zip(ordinal);
    Ok(StoredRecord {
        conversation: ConversationId(uuid(row, 0)?),
        number: Number(row.get(1)?),
        public: row.get::<_, Option<u64>>(2)?.map(Number),
        id: MessageId(uuid(row, 3)?),
        at: row.get(4)?,
        author,
        command: command.map(|(outbox, ordinal)| CommandId { outbox: OutboxId(outbox), ordinal }),
        what: kinds::what(row.get(9)?, row.get(10)?, row.get_ref(11)?.as_str()?),
    })
}
