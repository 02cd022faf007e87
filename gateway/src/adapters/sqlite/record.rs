//! A record as a row: the text somebody wrote in its own column, the rest of its kind as JSON.

use crate::adapters::sqlite::columns::{json, json_of, uuid, uuid_or_none};
use crate::adapters::sqlite::fault::Fault;
use gateway_core::ids::{Principal, SiteId};
use gateway_core::stored::StoredRecord;
use protocol::{
    AgentId, Author, Body, CommandId, ConversationId, Edited, MessageId, Number, OutboxId, RecordKind, Said, VisitorId,
};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

/// The columns that [`read`] takes, in its order.
pub(super) const COLUMNS: &str = "conversation, number, public_number, id, at, author, author_id, \
     command_outbox, command_ordinal, kind, body, detail";

/// What a message holds beside its body.
#[derive(Serialize, Deserialize)]
struct SaidDetail {
    by: Author,
}

/// What an edit holds beside the new body.
#[derive(Serialize, Deserialize)]
struct EditedDetail {
    message: MessageId,
    by: Author,
}

/// Adds a record to the log.
pub(super) fn insert(connection: &Connection, site: SiteId, record: &StoredRecord) -> Result<(), Fault> {
    let (author, author_id) = match &record.author {
        Some(Principal::Visitor(id)) => (Some("visitor"), Some(id.0.as_bytes())),
        Some(Principal::Agent(id)) => (Some("agent"), Some(id.0.as_bytes())),
        None => (None, None),
    };
    let (kind, body, detail) = columns(&record.what)?;
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
        what: what(row.get(9)?, row.get(10)?, row.get_ref(11)?.as_str()?),
    })
}

/// The kind's name, what was written, and the rest as JSON.
fn columns(what: &RecordKind) -> Result<(&'static str, Option<&str>, String), Fault> {
    let (kind, detail) = match what {
        RecordKind::Opened(opened) => ("opened", json(opened)),
        RecordKind::Waiting(waiting) => ("waiting", json(waiting)),
        RecordKind::Offered(by) => ("offered", json(by)),
        RecordKind::Declined(by) => ("declined", json(by)),
        RecordKind::Lapsed(by) => ("lapsed", json(by)),
        RecordKind::Assigned(assigned) => ("assigned", json(assigned)),
        RecordKind::Said(said) => return with_body("said", said),
        RecordKind::Noted(said) => return with_body("noted", said),
        RecordKind::Transferred(transferred) => ("transferred", json(transferred)),
        RecordKind::Parked(parked) => ("parked", json(parked)),
        RecordKind::Closed(closed) => ("closed", json(closed)),
        RecordKind::Reopened(reopened) => ("reopened", json(reopened)),
        RecordKind::Rated(rated) => ("rated", json(rated)),
        RecordKind::Edited(edited) => {
            let detail = json(&EditedDetail { message: edited.message, by: edited.by.clone() })?;
            return Ok(("edited", Some(&edited.body.0), detail));
        }
        RecordKind::Deleted(deleted) => ("deleted", json(deleted)),
        RecordKind::Unknown(kind) => return Err(Fault::Refused(format!("a record of kind {kind:?}"))),
    };
    Ok((kind, None, detail?))
}

fn with_body<'a>(kind: &'static str, said: &'a Said) -> Result<(&'static str, Option<&'a str>, String), Fault> {
    Ok((kind, Some(&said.body.0), json(&SaidDetail { by: said.by.clone() })?))
}

/// Puts a kind together again; one that this version cannot read is passed on by its name.
fn what(kind: String, body: Option<String>, detail: &str) -> RecordKind {
    let body = Body(body.unwrap_or_default());
    let known = match kind.as_str() {
        "opened" => json_of(detail).map(RecordKind::Opened),
        "waiting" => json_of(detail).map(RecordKind::Waiting),
        "offered" => json_of(detail).map(RecordKind::Offered),
        "declined" => json_of(detail).map(RecordKind::Declined),
        "lapsed" => json_of(detail).map(RecordKind::Lapsed),
        "assigned" => json_of(detail).map(RecordKind::Assigned),
        "said" => json_of(detail).map(|SaidDetail { by }| RecordKind::Said(Said { by, body })),
        "noted" => json_of(detail).map(|SaidDetail { by }| RecordKind::Noted(Said { by, body })),
        "transferred" => json_of(detail).map(RecordKind::Transferred),
        "parked" => json_of(detail).map(RecordKind::Parked),
        "closed" => json_of(detail).map(RecordKind::Closed),
        "reopened" => json_of(detail).map(RecordKind::Reopened),
        "rated" => json_of(detail).map(RecordKind::Rated),
        "edited" => {
            json_of(detail).map(|EditedDetail { message, by }| RecordKind::Edited(Edited { message, by, body }))
        }
        "deleted" => json_of(detail).map(RecordKind::Deleted),
        _ => None,
    };
    known.unwrap_or(RecordKind::Unknown(kind))
}
