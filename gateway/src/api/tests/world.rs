//! A deployment with two sites and everyone who may knock: what the tests of the API arrange.

use crate::adapters::memory::MemoryStore;
use crate::api::cookie::SessionCookie;
use crate::api::limits::SESSION_LIFE;
use crate::api::passwords::Cost;
use crate::api::{Api, ApiState, Secret, SettingsChanged, routes};
use crate::ports::{Account, AgentRecord, Canned, Directory, Grant, Journal, Site, TeamRow};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use gateway_core::ids::{Principal, SiteId};
use gateway_core::now::{Instant, Now, StoreTime};
use gateway_core::settings::Role;
use gateway_core::stored::{Append, StoredCard, StoredConversation, StoredRecord, StoredState};
use http_body_util::BodyExt;
use protocol::{
    AgentId, Author, Body as Words, CloseReason, ConversationId, MessageId, Number, Opened, Position, RecordKind, Said,
    TeamId, VisitorId,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;
use uuid::Uuid;

pub(in crate::api) const PUBLIC_URL: &str = "https://chat.example.org";
pub(in crate::api) const PASSWORD: &str = "correct horse";
pub(in crate::api) const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };
const START_MS: u64 = 1_800_000_000_000;

/// Everything a test can reach.
pub(in crate::api) struct World {
    pub(in crate::api) store: Arc<MemoryStore>,
    pub(in crate::api) state: ApiState,
    pub(in crate::api) api: Arc<Api>,
    pub(in crate::api) router: Router,
    pub(in crate::api) told: Arc<Told>,
    now_ms: Arc<AtomicU64>,
    /// Accounts by name.
    pub(in crate::api) accounts: BTreeMap<&'static str, Account>,
    /// Agents by name.
    pub(in crate::api) agents: BTreeMap<&'static str, AgentRecord>,
    pub(in crate::api) a: Site,
    pub(in crate::api) b: Site,
    pub(in crate::api) team: TeamId,
    pub(in crate::api) canned: Uuid,
    pub(in crate::api) conversation: ConversationId,
    pub(in crate::api) visitor: VisitorId,
}

/// Remembers what the desks were told.
#[derive(Default)]
pub(in crate::api) struct Told(Mutex<Vec<String>>);

#[async_trait]
impl SettingsChanged for Told {
    async fn changed(&self, site: SiteId) {
        self.0.lock().expect("no test panics here").push(format!("changed {}", site.0));
    }

    async fn signed_out(&self, site: SiteId, agent: AgentId) {
        self.0.lock().expect("no test panics here").push(format!("signed out {} {agent}", site.0));
    }
}

impl Told {
    pub(in crate::api) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("no test panics here"))
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub(in crate::api) struct Answer {
    pub(in crate::api) status: StatusCode,
    pub(in crate::api) headers: HeaderMap,
    pub(in crate::api) json: Value,
}

impl Answer {
    pub(in crate::api) fn cookie(&self) -> Option<String> {
        let value = self.headers.get("set-cookie")?.to_str().expect("ASCII");
        Some(value.split(';').next().expect("a first part").to_owned())
    }

    pub(in crate::api) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }
}

/// A request being put together.
pub(in crate::api) struct Call {
    request: Builder,
    body: Body,
    address: Option<[u8; 4]>,
}

impl Call {
    pub(in crate::api) fn new(method: &str, path: &str) -> Self {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let request = Request::builder().method(method).uri(path).header("host", "chat.example.org");
        Self { request, body: Body::empty(), address: Some([192, 0, 2, 1]) }
    }

    pub(in crate::api) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub(in crate::api) fn post(path: &str, body: &Value) -> Self {
        Self::new("POST", path).json(body)
    }

    pub(in crate::api) fn patch(path: &str, body: &Value) -> Self {
        Self::new("PATCH", path).json(body)
    }

    pub(in crate::api) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    pub(in crate::api) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub(in crate::api) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(in crate::api) fn from(mut self, address: [u8; 4]) -> Self {
        self.address = Some(address);
        self
    }

    /// As if the edge had not said who calls.
    pub(in crate::api) fn without_address(mut self) -> Self {
        self.address = None;
        self
    }

    /// With the cookie of a session.
    pub(in crate::api) fn with(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }
}

impl World {
    pub(in crate::api) async fn new() -> Self {
        Self::with_cost(CHEAP).await
    }

    pub(in crate::api) async fn with_cost(cost: Cost) -> Self {
        let store = Arc::new(MemoryStore::new());
        let told = Arc::new(Told::default());
        let now_ms = Arc::new(AtomicU64::new(START_MS));
        let state = ApiState {
            store: store.clone(),
            public_url: PUBLIC_URL.to_owned(),
            settings_changed: told.clone(),
            clock: clock(&now_ms),
        };
        let api = Arc::new(Api::new(state.clone(), cost));
        let password = api.passwords.hash(PASSWORD.to_owned()).await.expect("hashed");
        let a = store.create_site(site("a")).await.expect("created");
        let b = store.create_site(site("b")).await.expect("created");
        let mut world = Self {
            router: routes::router(Arc::clone(&api)).0,
            api,
            accounts: BTreeMap::new(),
            agents: BTreeMap::new(),
            team: TeamId(Uuid::now_v7()),
            canned: Uuid::now_v7(),
            conversation: ConversationId(Uuid::now_v7()),
            visitor: VisitorId(Uuid::now_v7()),
            store,
            state,
            told,
            now_ms,
            a,
            b,
        };
        world.fill(&password).await;
        world
    }

    async fn fill(&mut self, password: &str) {
        let (a, b) = (self.a.id, self.b.id);
        let places = [
            ("agent", Some((a, Role::Agent))),
            ("lead", Some((a, Role::Lead))),
            ("admin", Some((a, Role::Admin))),
            ("colleague", Some((a, Role::Agent))),
            ("stranger", Some((b, Role::Agent))),
            ("operator", None),
        ];
        for (name, place) in places {
            let account = Account {
                id: Uuid::now_v7(),
                email: format!("{name}@example.org"),
                name: name.to_owned(),
                password: Some(password.to_owned()),
                operator: name == "operator",
            };
            self.store.put_account(account.clone()).await.expect("stored");
            if let Some((site, role)) = place {
                let agent = agent(&account, role);
                self.store.put_agent(site, agent.clone()).await.expect("stored");
                self.agents.insert(name, agent);
            }
            self.accounts.insert(name, account);
        }
        self.store.put_team(a, second_team(self.team)).await.expect("stored");
        let canned = Canned { id: self.canned, shortcut: "hello".to_owned(), body: "Hello!".to_owned() };
        self.store.put_canned(a, canned).await.expect("stored");
        self.store_conversation(a, self.conversation, 1).await;
    }

    /// Stores a closed conversation with a word of the visitor and a note.
    pub(in crate::api) async fn store_conversation(&self, site: SiteId, id: ConversationId, at: u64) {
        let epoch = self.store.open(site).await.expect("opened").epoch;
        let records = records(id, at, self.agents["agent"].id);
        let append = Append {
            site,
            epoch,
            conversations: vec![closed(id, self.visitor, at, records.last().expect("three records"))],
            records,
            outboxes: Vec::new(),
            unused_since: None,
            agents: Vec::new(),
            withdrawn: Vec::new(),
            next_arrival: 2,
            wakes_at: None,
        };
        self.store.append(append).await.expect("stored");
    }

    /// A cookie of a new session of the named account.
    pub(in crate::api) async fn session(&self, name: &str) -> String {
        let secret = Secret::draw();
        let grant = Grant::Session { account: self.accounts[name].id };
        let life_ms = u64::try_from(SESSION_LIFE.as_millis()).expect("fits");
        self.store.grant(secret.hash(), grant, self.wall_ms() + life_ms).await.expect("granted");
        let set = SessionCookie::Secure.set(&secret);
        set.to_str().expect("ASCII").split(';').next().expect("a first part").to_owned()
    }

    pub(in crate::api) fn wall_ms(&self) -> u64 {
        self.now_ms.load(Ordering::Relaxed)
    }

    pub(in crate::api) fn pass_ms(&self, ms: u64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    pub(in crate::api) async fn send(&self, call: Call) -> Answer {
        send(self.router.clone(), call).await
    }

    pub(in crate::api) async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.send(Call::post("/api/v1/sign-in", &json!({"email": email, "password": password}))).await
    }
}

/// Sends one request through a router.
pub(in crate::api) async fn send(router: Router, call: Call) -> Answer {
    let mut request = call.request.body(call.body).expect("a request");
    if let Some(address) = call.address {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((address, 0))));
    }
    let (parts, body) = router.oneshot(request).await.expect("the router answers").into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let json = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("every body is JSON") };
    Answer { status: parts.status, headers: parts.headers, json }
}

fn clock(now_ms: &Arc<AtomicU64>) -> Arc<dyn Fn() -> Now + Send + Sync> {
    let now_ms = Arc::clone(now_ms);
    Arc::new(move || {
        let wall_ms = now_ms.load(Ordering::Relaxed);
        Now { instant: Instant(wall_ms - START_MS + 10_000_000), wall_ms }
    })
}

fn site(key: &str) -> Site {
    Site {
        id: SiteId(0),
        key: key.to_owned(),
        name: format!("Site {key}"),
        origins: vec!["https://shop.example.org".to_owned()],
        enabled: true,
        greeting: None,
        grace_ms: 60_000,
        absent_ms: 600_000,
        reopen_ms: 7 * 24 * 3_600_000,
        open_max: 1,
        relax_ms: None,
        preferred_ms: 15_000,
    }
}

fn agent(account: &Account, role: Role) -> AgentRecord {
    AgentRecord {
        id: AgentId(Uuid::now_v7()),
        account: account.id,
        email: account.email.clone(),
        name: account.name.clone(),
        role,
        teams: BTreeSet::new(),
        skills: BTreeSet::new(),
        languages: BTreeSet::new(),
        capacity: 4,
        enabled: true,
    }
}

fn second_team(id: TeamId) -> TeamRow {
    TeamRow { id, name: "Sales".to_owned(), offer_ms: None, first_reply_ms: None, skills: BTreeSet::new() }
}

fn records(conversation: ConversationId, at: u64, agent: AgentId) -> Vec<StoredRecord> {
    let by_agent = Author::Agent { id: agent, name: "agent".to_owned() };
    let said = |by: Author, words: &str| Said { by, body: Words(words.to_owned()) };
    let kinds = [
        (Some(1), RecordKind::Opened(Opened { team: None, offline: false })),
        (Some(2), RecordKind::Said(said(Author::Visitor, "is 100% wool _soft_? it's 5\\10"))),
        (None, RecordKind::Noted(said(by_agent, "asks about wool"))),
    ];
    kinds
        .into_iter()
        .zip(1..)
        .map(|((public, what), number)| StoredRecord {
            conversation,
            number: Number(number),
            public: public.map(Number),
            id: MessageId(Uuid::now_v7()),
            at,
            author: Some(Principal::Agent(agent)),
            command: None,
            what,
        })
        .collect()
}

fn closed(id: ConversationId, visitor: VisitorId, at: u64, last: &StoredRecord) -> StoredConversation {
    StoredConversation {
        id,
        visitor,
        state: StoredState::Closed { reason: CloseReason::Solved, at: StoreTime(at) },
        team: None,
        priority: 5,
        arrival: 1,
        preferred: None,
        declines: Vec::new(),
        head: Position { number: last.number, tail: last.tail() },
        public_head: Position::default(),
        opened_at: at,
        since: at,
        last_at: at,
        waiting_since: StoreTime(at),
        preview: Some("is 100% wool".to_owned()),
        score: Some(5),
        served_since: None,
        read_by_agents: Number(2),
        read_by_visitor: Number(1),
        card: StoredCard { name: Some("Vera".to_owned()), ..StoredCard::default() },
    }
}
