//! The desk's side of a store: opening, appending, loading.

use async_trait::async_trait;
use gateway_core::ids::SiteId;
use gateway_core::stored::{Append, Durable, Found, Opening};
use protocol::ConversationId;

/// Why an append did not give a receipt.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Another desk of the site has opened since. Nothing was stored.
    #[error("another desk owns the site")]
    Fenced,
    /// The store will never take this batch: a bad value, or too large. Nothing was stored.
    #[error("the store refuses the batch: {0}")]
    Refused(String),
    /// Nobody can say whether it was stored. The desk must be reopened from the store.
    #[error("the outcome is unknown: {0}")]
    Unknown(String),
}

/// Why a read or an opening failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row, for this site.
    #[error("not found")]
    NotFound,
    /// A unique value (an email, a site key) is taken.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// The value is outside what the store takes.
    #[error("refused: {0}")]
    Refused(String),
    /// The store cannot be reached or answers with a fault; try again later.
    #[error("the store is away: {0}")]
    Away(String),
}

/// What a desk needs of a store.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Opens a site for a new desk: raises its epoch, which fences every earlier desk, and hands out its open state.
    async fn open(&self, site: SiteId) -> Result<Opening, StoreError>;

    /// Stores a batch whole or not at all, and answers once it survives a crash of the process and a loss of power.
    ///
    /// Batches of one site are stored in the order they are handed in, and one is in flight at a time.
    /// It refuses with [`AppendError::Fenced`] when the site's epoch is no longer the batch's.
    async fn append(&self, append: Append) -> Result<Durable, AppendError>;

    /// Loads one conversation, open or closed, with its outbox rows. Where there is none, the rows of its lane that
    /// refused commands left.
    async fn load(&self, site: SiteId, conversation: ConversationId) -> Result<Found, StoreError>;

    /// At most `limit` sites of which a stored deadline is due, the longest due first: their desks must be open, even
    /// if nobody has a socket there.
    async fn due(&self, limit: usize) -> Result<Vec<SiteId>, StoreError>;

    /// All sites with conversations that are not closed. When the desk they had is gone without a word, as after a
    /// crash, their agents' grace and their visitors' places begin to run out once there is another.
    async fn with_open(&self) -> Result<Vec<SiteId>, StoreError>;
}
