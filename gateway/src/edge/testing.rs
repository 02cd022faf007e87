//! What the edge's tests share: an edge in memory, and a store that knows sites and nothing else.

use crate::clock::Clock;
use crate::edge::Edge;
use crate::edge::admission::{Admission, AdmissionLimits};
use crate::edge::assets::Assets;
use crate::edge::drain::Drain;
use crate::edge::sites::Sites;
use crate::edge::visitor_token::VisitorTokens;
use crate::origin::Scheme;
use crate::ports::*;
use crate::switchboard::{NoCounts, Switchboard};
use async_trait::async_trait;
use gateway_core::ids::SiteId;
use gateway_core::settings::Settings;
use gateway_core::stored::{Append, Durable, Found, Opening, StoredConversation, StoredRecord};
use protocol::{ConversationId, MessageId, Records, TeamId, VisitorId};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// An enabled site that lists these origins.
pub(crate) fn site(key: &str, origins: &[&str]) -> Site {
    Site {
        id: SiteId(1),
        key: key.to_owned(),
        name: "Shop".to_owned(),
        origins: origins.iter().map(ToString::to_string).collect(),
        enabled: true,
        greeting: None,
        grace_ms: 60_000,
        absent_ms: 600_000,
        reopen_ms: 0,
        open_max: 1,
        relax_ms: None,
        preferred_ms: 15_000,
    }
}

/// Limits that no test reaches by chance.
pub(crate) fn wide_limits() -> AdmissionLimits {
    AdmissionLimits {
        handshakes_per_second: NonZeroU32::MAX,
        handshakes_burst: NonZeroU32::MAX,
        address_handshakes_per_second: NonZeroU32::MAX,
        address_handshakes_burst: NonZeroU32::MAX,
        address_sockets_max: 1_000,
        address_connections_max: 1_000,
        connections_max: 1_000,
    }
}

/// An edge with the enabled site `shop`, which lists `https://shop.example`, and the disabled site `closed`.
pub(crate) async fn edge_with(limits: AdmissionLimits) -> Edge {
    let store = FakeStore::with(vec![
        site("shop", &["https://shop.example"]),
        Site { enabled: false, ..site("closed", &["https://closed.example"]) },
    ]);
    let sites = Arc::new(Sites::default());
    sites.refresh(&store).await.unwrap();
    Edge {
        public_origin: None,
        scheme: Scheme::Http,
        trusted_proxies: Vec::new(),
        sites,
        assets: Assets::load(),
        admission: Admission::new(limits),
        metrics: Arc::default(),
        api: axum::Router::new(),
        drain: Drain::default(),
        switchboard: Switchboard::alone(Arc::new(store), Clock::start(), Arc::new(NoCounts)),
        visitor_tokens: VisitorTokens::new([0; 32]),
    }
}

/// A store of sites; none: it is away.
pub(crate) struct FakeStore(Mutex<Option<Vec<Site>>>);

impl FakeStore {
    pub(crate) fn with(sites: Vec<Site>) -> Self {
        Self(Mutex::new(Some(sites)))
    }

    pub(crate) fn set(&self, sites: Vec<Site>) {
        *self.0.lock().unwrap() = Some(sites);
    }

    pub(crate) fn fail(&self) {
        *self.0.lock().unwrap() = None;
    }
}

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError::Away("a fake".to_owned()))
}

#[async_trait]
impl Journal for FakeStore {
    async fn open(&self, _: SiteId) -> Result<Opening, StoreError> {
        away()
    }
    async fn append(&self, _: Append) -> Result<Durable, AppendError> {
        Err(AppendError::Fenced)
    }
    async fn load(&self, _: SiteId, _: ConversationId) -> Result<Found, StoreError> {
        away()
    }
    async fn due(&self, _: usize) -> Result<Vec<SiteId>, StoreError> {
        away()
    }
    async fn with_open(&self) -> Result<Vec<SiteId>, StoreError> {
        away()
    }
}

#[async_trait]
impl Reader for FakeStore {
    async fn records(&self, _: RecordsQuery) -> Result<Records, StoreError> {
        away()
    }
    async fn record(&self, _: SiteId, _: ConversationId, _: MessageId) -> Result<Option<StoredRecord>, StoreError> {
        away()
    }
    async fn closed(&self, _: ClosedQuery) -> Result<Vec<StoredConversation>, StoreError> {
        away()
    }
    async fn of_visitor(&self, _: SiteId, _: VisitorId, _: usize) -> Result<Vec<StoredConversation>, StoreError> {
        away()
    }
    async fn conversation(&self, _: SiteId, _: ConversationId) -> Result<Option<StoredConversation>, StoreError> {
        away()
    }
    async fn search(&self, _: SearchQuery) -> Result<Vec<Hit>, StoreError> {
        away()
    }
}

#[async_trait]
impl Directory for FakeStore {
    async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        self.0.lock().unwrap().clone().map_or_else(away, Ok)
    }
    async fn site(&self, _: &str) -> Result<Option<Site>, StoreError> {
        away()
    }
    async fn create_site(&self, _: Site) -> Result<Site, StoreError> {
        away()
    }
    async fn update_site(&self, _: Site) -> Result<(), StoreError> {
        away()
    }
    async fn settings(&self, _: SiteId) -> Result<Settings, StoreError> {
        away()
    }
    async fn teams(&self, _: SiteId) -> Result<Vec<TeamRow>, StoreError> {
        away()
    }
    async fn put_team(&self, _: SiteId, _: TeamRow) -> Result<(), StoreError> {
        away()
    }
    async fn delete_team(&self, _: SiteId, _: TeamId) -> Result<(), StoreError> {
        away()
    }
    async fn agents(&self, _: SiteId) -> Result<Vec<AgentRecord>, StoreError> {
        away()
    }
    async fn put_agent(&self, _: SiteId, _: AgentRecord) -> Result<(), StoreError> {
        away()
    }
    async fn canned(&self, _: SiteId) -> Result<Vec<Canned>, StoreError> {
        away()
    }
    async fn put_canned(&self, _: SiteId, _: Canned) -> Result<(), StoreError> {
        away()
    }
    async fn delete_canned(&self, _: SiteId, _: Uuid) -> Result<(), StoreError> {
        away()
    }
    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        away()
    }
    async fn account(&self, _: Uuid) -> Result<Option<Account>, StoreError> {
        away()
    }
    async fn account_by_email(&self, _: &str) -> Result<Option<Account>, StoreError> {
        away()
    }
    async fn put_account(&self, _: Account) -> Result<(), StoreError> {
        away()
    }
    async fn agents_of(&self, _: Uuid) -> Result<Vec<(Site, AgentRecord)>, StoreError> {
        away()
    }
    async fn grant(&self, _: [u8; 32], _: Grant, _: u64) -> Result<(), StoreError> {
        away()
    }
    async fn granted(&self, _: [u8; 32], _: u64) -> Result<Option<Grant>, StoreError> {
        away()
    }
    async fn redeem(&self, _: [u8; 32], _: u64) -> Result<Option<Grant>, StoreError> {
        away()
    }
    async fn revoke(&self, _: [u8; 32]) -> Result<(), StoreError> {
        away()
    }
    async fn revoke_account(&self, _: Uuid) -> Result<(), StoreError> {
        away()
    }
    async fn token_key(&self) -> Result<[u8; 32], StoreError> {
        Ok([0; 32])
    }
    async fn backup(&self, _: &Path) -> Result<(), StoreError> {
        away()
    }
}
