//! A record as a row of the log.

use super::columns::{get, number, number_or_none};
use crate::adapters::fault::Fault;
use crate::adapters::kinds;
use gateway_core::ids::Principal;
use gateway_core::stored::StoredRecord;
use protocol::{AgentId, CommandId, ConversationId, MessageId, Number, OutboxId, VisitorId};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::Row;
use uuid::Uuid;

/// The columns that [`read`] takes, in its order.
pub(super) const COLUMNS: &str = "conversation, number, public_number, id, at, author, author_id, \
     command_outbox, command_ordinal, kind, body, detail::text";

/// A row to be added, by the names of its columns.
#[derive(Debug, Serialize)]
pub(super) struct RecordRow<'a> {
    conversation: Uuid,
    number: u64,
    public_number: Option<u64>,
    id: Uuid,
    at: u64,
    author: Option<&'static str>,
    author_id: Option<Uuid>,
    command_outbox: Option<Uuid>,
    command_ordinal: Option<u32>,
    kind: &'static str,
    body: Option<&'a str>,
    detail: Box<RawValue>,
}

impl<'a> RecordRow<'a> {
    pub fn of(record: &'a StoredRecord) -> Result<Self, Fault> {
        let (author, author_id) = match record.author {
            Some(Principal::Visitor(id)) => (Some("visitor"), Some(id.0)),
            Some(Principal::Agent(id)) => (Some("agent"), Some(id.0)),
            None => (None, None),
        };
        let (kind, body, detail) = kinds::columns(&record.what)?;
        Ok(Self {
            conversation: record.conversation.0,
            number: record.number.0,
            public_number: record.public.map(|number| number.0),
            id: record.id.0,
            at: record.at,
            author,
            author_id,
            command_outbox: record.command.map(|command| command.outbox.0),
            command_ordinal: record.command.map(|command| command.ordinal),
            kind,
            body,
            detail: RawValue::from_string(detail).map_err(|error| Fault::Refused(error.to_string()))?,
        })
    }
}

/// Reads a row of [`COLUMNS`].
pub(super) fn read(row: &Row) -> Result<StoredRecord, Fault> {
    let author: Option<String> = get(row, 5)?;
    let author = match (author.as_deref(), get::<Option<Uuid>>(row, 6)?) {
        (Some("visitor"), Some(id)) => Some(Principal::Visitor(VisitorId(id))),
        (Some("agent"), Some(id)) => Some(Principal::Agent(AgentId(id))),
        (Some(_) | None, _) => None,
    };
    let command = get::<Option<Uuid>>(row, 7)?.zip(number_or_none(row, 8)?);
    Ok(StoredRecord {
        conversation: ConversationId(get(row, 0)?),
        number: Number(number(row, 1)?),
        public: number_or_none(row, 2)?.map(Number),
        id: MessageId(get(row, 3)?),
        at: number(row, 4)?,
        author,
        command: command.map(|(outbox, ordinal)| CommandId { outbox: OutboxId(outbox), ordinal }),
        what: kinds::what(get(row, 9)?, get(row, 10)?, &get::<String>(row, 11)?),
    })
}
