//! The reader's side of a store: pages of records, lists, history and search. Reads never wait for a desk.

use crate::ports::StoreError;
use async_trait::async_trait;
use gateway_core::ids::{Principal, SiteId};
use gateway_core::stored::{StoredConversation, StoredRecord};
use protocol::{ConversationId, MessageId, Number, Position, Records, VisitorId};

/// In whose numbering, and of whose records, a reader is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Public numbers and public records.
    Public,
    /// All of them.
    Full,
}

/// A page of a conversation.
#[derive(Clone, Debug)]
pub struct RecordsQuery {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub audience: Audience,
    pub after: Position,
    /// At most this many records; the bytes of their bodies are bounded by `protocol::limits::PAGE_BYTES_MAX`.
    pub limit: usize,
    /// Whoever asks: records carry their command id for their author only.
    pub reader: Principal,
}

/// A page of closed conversations, the latest first.
#[derive(Clone, Debug)]
pub struct ClosedQuery {
    pub site: SiteId,
    /// Only this visitor's.
    pub visitor: Option<VisitorId>,
    /// Continue behind this conversation.
    pub before: Option<Cursor>,
    pub limit: usize,
}

/// Where a list continues: the `since` (for closed conversations, when they were closed) and id of its last row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub at: u64,
    pub id: ConversationId,
}

/// Words to look for in the messages and notes of a site.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    pub site: SiteId,
    /// Plain words, all of which must occur; the last one may be a beginning. Never query syntax.
    pub words: String,
    /// Continue behind this row of an earlier answer.
    pub before: Option<u64>,
    pub limit: usize,
}

/// A message that holds the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Names this row for `SearchQuery::before`; later messages have higher ones.
    pub cursor: u64,
    pub conversation: ConversationId,
    pub message: MessageId,
    pub number: Number,
    pub at: u64,
    /// The text around the first match, plain.
    pub snippet: String,
}

/// What readers ask of a store.
#[async_trait]
pub trait Reader: Send + Sync {
    /// Reads a page of records after a position.
    ///
    /// A position whose tail is not that record's, or that lies above the head, gets `resync` and no records.
    async fn records(&self, query: RecordsQuery) -> Result<Records, StoreError>;

    /// One record with both its numbers, as the desk stored it.
    async fn record(
        &self,
        site: SiteId,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Option<StoredRecord>, StoreError>;

    /// Lists conversations that are closed.
    async fn closed(&self, query: ClosedQuery) -> Result<Vec<StoredConversation>, StoreError>;

    /// Lists all conversations of a visitor, the latest first, at most `limit`.
    async fn of_visitor(
        &self,
        site: SiteId,
        visitor: VisitorId,
        limit: usize,
    ) -> Result<Vec<StoredConversation>, StoreError>;

    /// One conversation, open or closed.
    async fn conversation(
        &self,
        site: SiteId,
        conversation: ConversationId,
    ) -> Result<Option<StoredConversation>, StoreError>;

    /// Finds messages and notes, the latest first. A message is found at most 2 s after it was stored.
    async fn search(&self, query: SearchQuery) -> Result<Vec<Hit>, StoreError>;
}
