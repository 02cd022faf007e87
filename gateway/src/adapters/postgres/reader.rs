//! Pages, lists and history.

use super::columns::signed;
use super::connection::{Connection, Values};
use super::{PostgresStore, conversation, record, search};
use crate::adapters::fault::Fault;
use crate::adapters::limits::LIST_ROWS_MAX;
use crate::adapters::page;
use crate::ports::{Audience, ClosedQuery, Hit, Reader, RecordsQuery, SearchQuery, StoreError};
use async_trait::async_trait;
use gateway_core::ids::SiteId;
use gateway_core::stored::{StoredConversation, StoredRecord};
use protocol::{ConversationId, MessageId, Number, Records, VisitorId};
use uuid::Uuid;

#[async_trait]
impl Reader for PostgresStore {
    async fn records(&self, query: RecordsQuery) -> Result<Records, StoreError> {
        self.read(|connection| Box::pin(async move { records(connection, &query).await })).await
    }

    async fn record(
        &self,
        site: SiteId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Option<StoredRecord>, StoreError> {
        self.read(|connection| {
            Box::pin(async move {
                let sql =
                    format!("SELECT {} FROM record WHERE site = $1 AND conversation = $2 AND id = $3", record::COLUMNS);
                let row = connection.first(&sql, &[&site.0, &conversation.0, &message.0]).await?;
                row.as_ref().map(record::read).transpose()
            })
        })
        .await
    }

    async fn closed(&self, query: ClosedQuery) -> Result<Vec<StoredConversation>, StoreError> {
        self.read(|connection| Box::pin(async move { closed(connection, &query).await })).await
    }

    async fn of_visitor(
        &self,
        site: SiteId,
        visitor: VisitorId,
        limit: usize,
    ) -> Result<Vec<StoredConversation>, StoreError> {
        self.read(|connection| {
            Box::pin(async move {
                let wanted = "visitor = $2 ORDER BY opened_at DESC, id DESC LIMIT $3";
                list(connection, wanted, &[&site.0, &visitor.0, &bounded(limit)]).await
            })
        })
        .await
    }

    async fn conversation(&self, site: SiteId, id: ConversationId) -> Result<Option<StoredConversation>, StoreError> {
        self.read(|connection| Box::pin(conversation::find(connection, site, id))).await
    }

    async fn search(&self, query: SearchQuery) -> Result<Vec<Hit>, StoreError> {
        let Some(asked) = search::Asked::of(&query.words, query.site) else { return Ok(Vec::new()) };
        self.followed(query.site).await?;
        self.read(|connection| Box::pin(async move { search::find(connection, &asked, &query).await })).await
    }
}

async fn records(connection: &Connection, query: &RecordsQuery) -> Result<Records, Fault> {
    let row = conversation::find(connection, query.site, query.conversation).await?.ok_or(Fault::NotFound)?;
    // A public number is at most the full one, so the index on full numbers serves both audiences.
    let (head, visible) = match query.audience {
        Audience::Full => (row.head, ""),
        Audience::Public => (row.public_head, "AND public_number >= $3"),
    };
    let sql = format!(
        "SELECT {} FROM record WHERE site = $1 AND conversation = $2 AND number >= $3 {visible} \
         ORDER BY number LIMIT $4",
        record::COLUMNS
    );
    let from = signed(query.after.number.0.min(Number::MAX));
    let values: Values<'_> = &[&query.site.0, &query.conversation.0, &from, &(bounded(query.limit) + 1)];
    let rows = connection.query(&sql, values).await?;
    page::cut(query, head, rows.iter().map(record::read))
}

async fn closed(connection: &Connection, query: &ClosedQuery) -> Result<Vec<StoredConversation>, Fault> {
    let limit = bounded(query.limit);
    let at = query.before.map_or(i64::MAX, |before| signed(before.at));
    let id = query.before.map_or(Uuid::max(), |before| before.id.0);
    match query.visitor {
        None => {
            let wanted = "state = 'closed' AND (since, id) < ($2, $3) ORDER BY since DESC, id DESC LIMIT $4";
            list(connection, wanted, &[&query.site.0, &at, &id, &limit]).await
        }
        Some(visitor) => {
            let wanted = "state = 'closed' AND (since, id) < ($2, $3) AND visitor = $4 \
                 ORDER BY since DESC, id DESC LIMIT $5";
            list(connection, wanted, &[&query.site.0, &at, &id, &visitor.0, &limit]).await
        }
    }
}

/// The conversations of a site (`$1`) for which `wanted` holds.
async fn list(connection: &Connection, wanted: &str, values: Values<'_>) -> Result<Vec<StoredConversation>, Fault> {
    let sql = format!("SELECT {} FROM conversation WHERE site = $1 AND {wanted}", conversation::COLUMNS);
    connection.query(&sql, values).await?.iter().map(conversation::read).collect()
}

pub(super) fn bounded(limit: usize) -> i64 {
    i64::try_from(limit.min(LIST_ROWS_MAX)).unwrap_or(i64::MAX)
}
