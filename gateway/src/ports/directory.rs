//! The administrator's side of a store: sites, teams, agents, canned replies, and who is signed in.
//!
//! These are written beside the desk; a desk that is open is handed the new settings.

use crate::ports::StoreError;
use async_trait::async_trait;
use gateway_core::ids::SiteId;
use gateway_core::settings::{Role, Settings};
use protocol::{AgentId, TeamId};
use std::collections::BTreeSet;
use std::path::Path;
use uuid::Uuid;

/// A site as its administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub id: SiteId,
    /// Public key in the snippet: 1 to 64 of `a-z 0-9 _ -`.
    pub key: String,
    pub name: String,
    /// Origins (RFC 6454) whose pages may embed the widget; the gateway's own always may.
    pub origins: Vec<String>,
    pub enabled: bool,
    /// First words in the panel, where the site wants any.
    pub greeting: Option<String>,
    pub grace_ms: u64,
    pub absent_ms: u64,
    pub reopen_ms: u64,
    /// At least 1.
    pub open_max: u32,
    pub relax_ms: Option<u64>,
    pub preferred_ms: u64,
}

/// A team of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamRow {
    pub id: TeamId,
    pub name: String,
    pub offer_ms: Option<u64>,
    pub first_reply_ms: Option<u64>,
    pub skills: BTreeSet<String>,
}

/// A person who can sign in. Operators run the deployment; others act through the sites they are agents of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: Uuid,
    /// In lower case; unique.
    pub email: String,
    pub name: String,
    /// PHC string (argon2id); absent until the account chose a password.
    pub password: Option<String>,
    pub operator: bool,
}

/// An account's place in a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRecord {
    pub id: AgentId,
    pub account: Uuid,
    pub email: String,
    /// The name visitors are shown.
    pub name: String,
    pub role: Role,
    pub teams: BTreeSet<TeamId>,
    pub skills: BTreeSet<String>,
    pub languages: BTreeSet<String>,
    pub capacity: u32,
    pub enabled: bool,
}

/// A canned reply of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canned {
    pub id: Uuid,
    /// What an agent types after `/`; unique within the site.
    pub shortcut: String,
    pub body: String,
}

/// What a secret that was handed out is good for. Only its SHA-256 is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// A browser's session cookie.
    Session { account: Uuid },
    /// A single use: signs the account in.
    SignInCode { account: Uuid },
    /// A single use: creates the first operator.
    Setup,
    /// A single use: an agent's socket.
    Ticket { site: SiteId, agent: AgentId },
}

/// What administration and sign-in ask of a store.
#[async_trait]
pub trait Directory: Send + Sync {
    /// All sites, by key.
    async fn sites(&self) -> Result<Vec<Site>, StoreError>;
    async fn site(&self, key: &str) -> Result<Option<Site>, StoreError>;
    /// Creates a site with one team; `site.id` is ignored.
    async fn create_site(&self, site: Site) -> Result<Site, StoreError>;
    /// Replaces the site of this id; its key stays.
    async fn update_site(&self, site: Site) -> Result<(), StoreError>;
    /// What a desk must know of the site now.
    async fn settings(&self, site: SiteId) -> Result<Settings, StoreError>;

    async fn teams(&self, site: SiteId) -> Result<Vec<TeamRow>, StoreError>;
    /// Creates or replaces a team.
    async fn put_team(&self, site: SiteId, team: TeamRow) -> Result<(), StoreError>;
    /// Deletes a team; the last one of a site is refused.
    async fn delete_team(&self, site: SiteId, team: TeamId) -> Result<(), StoreError>;

    async fn agents(&self, site: SiteId) -> Result<Vec<AgentRecord>, StoreError>;
    /// Creates or replaces an agent; its account must exist.
    async fn put_agent(&self, site: SiteId, agent: AgentRecord) -> Result<(), StoreError>;

    async fn canned(&self, site: SiteId) -> Result<Vec<Canned>, StoreError>;
    /// Creates or replaces a canned reply.
    async fn put_canned(&self, site: SiteId, canned: Canned) -> Result<(), StoreError>;
    async fn delete_canned(&self, site: SiteId, id: Uuid) -> Result<(), StoreError>;

    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;
    async fn account(&self, id: Uuid) -> Result<Option<Account>, StoreError>;
    async fn account_by_email(&self, email: &str) -> Result<Option<Account>, StoreError>;
    /// Creates or replaces an account.
    async fn put_account(&self, account: Account) -> Result<(), StoreError>;
    /// The sites an account is an agent of, with the agent.
    async fn agents_of(&self, account: Uuid) -> Result<Vec<(Site, AgentRecord)>, StoreError>;

    /// Remembers what the secret with this hash is good for, until `expires_at` (Unix milliseconds).
    async fn grant(&self, hash: [u8; 32], grant: Grant, expires_at: u64) -> Result<(), StoreError>;
    /// What the secret is good for, if it has not expired.
    async fn granted(&self, hash: [u8; 32], now: u64) -> Result<Option<Grant>, StoreError>;
    /// The same, and the secret is spent: a second call answers none.
    async fn redeem(&self, hash: [u8; 32], now: u64) -> Result<Option<Grant>, StoreError>;
    /// Forgets one secret.
    async fn revoke(&self, hash: [u8; 32]) -> Result<(), StoreError>;
    /// Forgets every session, code and ticket of an account.
    async fn revoke_account(&self, account: Uuid) -> Result<(), StoreError>;
    /// The deployment's secret key for visitor tokens: 32 random bytes, made by the first call.
    async fn token_key(&self) -> Result<[u8; 32], StoreError>;

    /// Writes a copy of the whole store, consistent and complete, while it is in use.
    async fn backup(&self, to: &Path) -> Result<(), StoreError>;
}
