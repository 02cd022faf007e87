//! Pages, lists and history, read beside the writer.

use crate::adapters::fault::Fault;
use crate::adapters::limits::{LIST_ROWS_MAX, READ_MS_MAX};
use crate::adapters::page;
use crate::adapters::sqlite::{SqliteStore, conversation, record, search};
use crate::ports::{Audience, ClosedQuery, Hit, Reader, RecordsQuery, SearchQuery, StoreError};
use async_trait::async_trait;
use gateway_core::ids::SiteId;
use gateway_core::stored::{StoredConversation, StoredRecord};
use protocol::{ConversationId, MessageId, Number, Records, VisitorId};
use rusqlite::{Connection, OptionalExtension, Params, params};

#[async_trait]
impl Reader for SqliteStore {
    async fn records(&self, query: RecordsQuery) -> Result<Records, StoreError> {
        Ok(self.readers.read(READ_MS_MAX, move |connection| records(connection, &query)).await?)
    }

    async fn record(
        &self,
        site: SiteId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Option<StoredRecord>, StoreError> {
        let read = move |connection: &Connection| {
            let sql =
                format!("SELECT {} FROM record WHERE site = ?1 AND conversation = ?2 AND id = ?3", record::COLUMNS);
            let mut statement = connection.prepare_cached(&sql)?;
            let named = params![site.0, conversation.0.as_bytes(), message.0.as_bytes()];
            Ok(statement.query_row(named, record::read).optional()?)
        };
        Ok(self.readers.read(READ_MS_MAX, read).await?)
    }

    async fn closed(&self, query: ClosedQuery) -> Result<Vec<StoredConversation>, StoreError> {
        Ok(self.readers.read(READ_MS_MAX, move |connection| Ok(closed(connection, &query)?)).await?)
    }

    async fn of_visitor(
        &self,
        site: SiteId,
        visitor: VisitorId,
        limit: usize,
    ) -> Result<Vec<StoredConversation>, StoreError> {
        let read = move |connection: &Connection| {
            let wanted = "visitor = ?2 ORDER BY opened_at DESC, id DESC LIMIT ?3";
            Ok(list(connection, wanted, params![site.0, visitor.0.as_bytes(), bounded(limit)])?)
        };
        Ok(self.readers.read(READ_MS_MAX, read).await?)
    }

    async fn conversation(&self, site: SiteId, id: ConversationId) -> Result<Option<StoredConversation>, StoreError> {
        let read = move |connection: &Connection| Ok(conversation::find(connection, site, id)?);
        Ok(self.readers.read(READ_MS_MAX, read).await?)
    }

    async fn search(&self, query: SearchQuery) -> Result<Vec<Hit>, StoreError> {
        let Some(asked) = search::expression(&query.words, query.site) else { return Ok(Vec::new()) };
        self.writer.catch_up().await?;
        let read = move |connection: &Connection| Ok(search::find(connection, &asked, &query)?);
        Ok(self.readers.read(READ_MS_MAX, read).await?)
    }
}

fn records(connection: &Connection, query: &RecordsQuery) -> Result<Records, Fault> {
    let row = conversation::find(connection, query.site, query.conversation)?.ok_or(Fault::NotFound)?;
    // A public number is at most the full one, so the index on full numbers serves both audiences.
    let (head, visible) = match query.audience {
        Audience::Full => (row.head, ""),
        Audience::Public => (row.public_head, "AND public_number >= ?3"),
    };
    let sql = format!(
        "SELECT {} FROM record WHERE site = ?1 AND conversation = ?2 AND number >= ?3 {visible} \
         ORDER BY number LIMIT ?4",
        record::COLUMNS
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let from = query.after.number.0.min(Number::MAX).cast_signed();
    let rows = statement.query_map(
        params![query.site.0, query.conversation.0.as_bytes(), from, bounded(query.limit) + 1],
        record::read,
    )?;
    Ok(page::cut(query, head, rows)?)
}

fn closed(connection: &Connection, query: &ClosedQuery) -> rusqlite::Result<Vec<StoredConversation>> {
    let limit = bounded(query.limit);
    let at = query.before.map_or(i64::MAX, |before| i64::try_from(before.at).unwrap_or(i64::MAX));
    let id = query.before.map_or([0xff; 16], |before| before.id.0.into_bytes());
    match query.visitor {
        None => {
            let wanted = "state = 'closed' AND (since, id) < (?2, ?3) ORDER BY since DESC, id DESC LIMIT ?4";
            list(connection, wanted, params![query.site.0, at, id, limit])
        }
        Some(visitor) => {
            let wanted = "state = 'closed' AND (since, id) < (?2, ?3) AND visitor = ?4 \
                 ORDER BY since DESC, id DESC LIMIT ?5";
            list(connection, wanted, params![query.site.0, at, id, visitor.0.as_bytes(), limit])
        }
    }
}

/// The conversations of a site (`?1`) for which `wanted` holds.
fn list(connection: &Connection, wanted: &str, values: impl Params) -> rusqlite::Result<Vec<StoredConversation>> {
    let sql = format!("SELECT {} FROM conversation WHERE site = ?1 AND {wanted}", conversation::COLUMNS);
    connection.prepare_cached(&sql)?.query_map(values, conversation::read)?.collect()
}

pub(super) fn bounded(limit: usize) -> i64 {
    i64::try_from(limit.min(LIST_ROWS_MAX)).unwrap_or(i64::MAX)
}
