//! Reading from memory: pages, lists, and a search that looks at every message.

use crate::adapters::fold::words;
use crate::adapters::limits::SNIPPET_CHARS_MAX;
use crate::adapters::memory::{MemoryStore, SiteTables};
use crate::adapters::page;
use crate::ports::{Audience, ClosedQuery, Hit, Reader, RecordsQuery, SearchQuery, StoreError};
use async_trait::async_trait;
use gateway_core::ids::SiteId;
use gateway_core::stored::{StoredConversation, StoredRecord, StoredState};
use protocol::{ConversationId, MessageId, RecordKind, Records, VisitorId};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::convert::Infallible;

#[async_trait]
impl Reader for MemoryStore {
    async fn records(&self, query: RecordsQuery) -> Result<Records, StoreError> {
        let tables = self.tables();
        let site = tables.site(query.site)?;
        let row = site.conversations.get(&query.conversation).ok_or(StoreError::NotFound)?;
        let head = match query.audience {
            Audience::Full => row.head,
            Audience::Public => row.public_head,
        };
        let records = site.records.get(&query.conversation).into_iter().flat_map(BTreeMap::values);
        let visible = records
            .filter(|(_, row)| page::number_for(row, query.audience).is_some_and(|number| number >= query.after.number))
            .map(|(_, row)| Ok::<_, Infallible>(row.clone()));
        let Ok(page) = page::cut(&query, head, visible);
        Ok(page)
    }

    async fn record(
        &self,
        site: SiteId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Option<StoredRecord>, StoreError> {
        let tables = self.tables();
        let mut records = tables.site(site)?.records.get(&conversation).into_iter().flat_map(BTreeMap::values);
        Ok(records.find(|(_, row)| row.id == message).map(|(_, row)| row.clone()))
    }

    async fn closed(&self, query: ClosedQuery) -> Result<Vec<StoredConversation>, StoreError> {
        let tables = self.tables();
        let mut rows: Vec<&StoredConversation> = tables
            .site(query.site)?
            .conversations
            .values()
            .filter(|row| matches!(row.state, StoredState::Closed { .. }))
            .filter(|row| query.visitor.is_none_or(|visitor| row.visitor == visitor))
            .filter(|row| query.before.is_none_or(|before| (row.since, row.id) < (before.at, before.id)))
            .collect();
        rows.sort_by_key(|row| Reverse((row.since, row.id)));
        Ok(rows.into_iter().take(query.limit).cloned().collect())
    }

    async fn of_visitor(
        &self,
        site: SiteId,
        visitor: VisitorId,
        limit: usize,
    ) -> Result<Vec<StoredConversation>, StoreError> {
        let tables = self.tables();
        let conversations = tables.site(site)?.conversations.values();
        let mut rows: Vec<&StoredConversation> = conversations.filter(|row| row.visitor == visitor).collect();
        rows.sort_by_key(|row| Reverse((row.opened_at, row.id)));
        Ok(rows.into_iter().take(limit).cloned().collect())
    }

    async fn conversation(
        &self,
        site: SiteId,
        conversation: ConversationId,
    ) -> Result<Option<StoredConversation>, StoreError> {
        Ok(self.tables().site(site)?.conversations.get(&conversation).cloned())
    }

    async fn search(&self, query: SearchQuery) -> Result<Vec<Hit>, StoreError> {
        let phrases: Vec<Vec<String>> = query.words.split_whitespace().map(words).collect();
        let phrases: Vec<&[String]> = phrases.iter().map(Vec::as_slice).filter(|phrase| !phrase.is_empty()).collect();
        let Some((beginning, whole)) = phrases.split_last() else { return Ok(Vec::new()) };
        let tables = self.tables();
        let mut hits: Vec<Hit> = messages(tables.site(query.site)?)
            .filter(|hit| query.before.is_none_or(|before| hit.cursor < before))
            .filter(|hit| {
                let written = words(&hit.snippet);
                whole.iter().all(|phrase| written.windows(phrase.len()).any(|words| words == *phrase))
                    && written.windows(beginning.len()).any(|words| begins(words, beginning))
            })
            .collect();
        hits.sort_by_key(|hit| Reverse(hit.cursor));
        hits.truncate(query.limit);
        for hit in &mut hits {
            hit.snippet = hit.snippet.chars().take(SNIPPET_CHARS_MAX).collect();
        }
        Ok(hits)
    }
}

/// Whether words are those of a phrase, the last of which may be a beginning.
fn begins(words: &[String], phrase: &[String]) -> bool {
    let pairs = words.iter().zip(phrase).rev().enumerate();
    pairs.fold(true, |fits, (from_end, (word, asked))| {
        fits && if from_end == 0 { word.starts_with(asked.as_str()) } else { word == asked }
    })
}

/// Every message of a site with its latest body as the snippet.
fn messages(site: &SiteTables) -> impl Iterator<Item = Hit> {
    site.records.values().flat_map(|rows| {
        let mut latest: BTreeMap<MessageId, Hit> = BTreeMap::new();
        for (cursor, row) in rows.values() {
            match &row.what {
                RecordKind::Said(said) | RecordKind::Noted(said) => {
                    latest.insert(row.id, hit(*cursor, row, &said.body.0));
                }
                RecordKind::Edited(edited) => {
                    if let Some(hit) = latest.get_mut(&edited.message) {
                        hit.cursor = *cursor;
                        hit.snippet.clone_from(&edited.body.0);
                    }
                }
                RecordKind::Opened(_)
                | RecordKind::Waiting(_)
                | RecordKind::Offered(_)
                | RecordKind::Declined(_)
                | RecordKind::Lapsed(_)
                | RecordKind::Assigned(_)
                | RecordKind::Transferred(_)
                | RecordKind::Parked(_)
                | RecordKind::Closed(_)
                | RecordKind::Reopened(_)
                | RecordKind::Rated(_)
                | RecordKind::Deleted(_)
                | RecordKind::Unknown(_) => {}
            }
        }
        latest.into_values()
    })
}

fn hit(cursor: u64, row: &StoredRecord, body: &str) -> Hit {
    Hit {
        cursor,
        conversation: row.conversation,
        message: row.id,
        number: row.number,
        at: row.at,
        snippet: body.to_owned(),
    }
}
