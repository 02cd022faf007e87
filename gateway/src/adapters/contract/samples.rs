//! Sites, desks and stories that the cases are told with.

use crate::ports::{AppendError, Audience, RecordsQuery, Site, Store};
use gateway_core::ids::{Epoch, Principal, SiteId};
use gateway_core::now::StoreTime;
use gateway_core::stored::{Append, Durable, Found, Loaded, StoredConversation, StoredRecord, StoredState};
use protocol::{
    AgentId, Author, Body, CommandId, ConversationId, Edited, MessageId, Number, OutboxId, Position, RecordKind,
    Records, Said, VisitorId,
};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) fn conversation_id(number: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(number))
}

pub(crate) fn visitor_id(number: u128) -> VisitorId {
    VisitorId(Uuid::from_u128(number))
}

pub(crate) fn agent_id(number: u128) -> AgentId {
    AgentId(Uuid::from_u128(number))
}

pub(crate) fn plain_site(key: &str) -> Site {
    Site {
        id: SiteId(0),
        key: key.to_owned(),
        name: format!("The {key} shop"),
        origins: vec!["https://example.org".to_owned()],
        enabled: true,
        greeting: None,
        grace_ms: 60_000,
        absent_ms: 600_000,
        reopen_ms: 86_400_000,
        open_max: 2,
        relax_ms: None,
        preferred_ms: 20_000,
    }
}

pub(crate) async fn new_site(store: &Arc<dyn Store>, key: &str) -> SiteId {
    store.create_site(plain_site(key)).await.unwrap().id
}

/// The single writer of a site, as far as a store sees one.
pub(crate) struct Desk {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) site: SiteId,
    pub(crate) epoch: Epoch,
    next_arrival: u64,
}

impl Desk {
    /// A desk of a new site.
    pub(crate) async fn new(store: &Arc<dyn Store>, key: &str) -> Self {
        let site = new_site(store, key).await;
        Self::of(store, site).await
    }

    pub(crate) async fn of(store: &Arc<dyn Store>, site: SiteId) -> Self {
        let opening = store.open(site).await.unwrap();
        Self { store: Arc::clone(store), site, epoch: opening.epoch, next_arrival: opening.next_arrival }
    }

    pub(crate) fn batch(&self) -> Append {
        Append {
            site: self.site,
            epoch: self.epoch,
            records: Vec::new(),
            conversations: Vec::new(),
            outboxes: Vec::new(),
            unused_since: None,
            agents: Vec::new(),
            withdrawn: Vec::new(),
            next_arrival: self.next_arrival,
            wakes_at: None,
        }
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Durable, AppendError> {
        self.store.append(append).await
    }

    /// Stores what a story has gained.
    pub(crate) async fn tell(&self, story: &mut Story) {
        self.append(self.told(story)).await.unwrap();
    }

    /// The batch of what a story has gained.
    pub(crate) fn told(&self, story: &mut Story) -> Append {
        let records = std::mem::take(&mut story.untold);
        Append { records, conversations: vec![story.row.clone()], ..self.batch() }
    }

    pub(crate) async fn load(&self, conversation: ConversationId) -> Option<Loaded> {
        match self.store.load(self.site, conversation).await.unwrap() {
            Found::Conversation(loaded) => Some(*loaded),
            Found::Nothing(_) => None,
        }
    }

    /// A page as an agent reads it.
    pub(crate) async fn page(&self, conversation: ConversationId, after: Position) -> Records {
        self.query(conversation, Audience::Full, after, 100, Principal::Agent(agent_id(1))).await
    }

    pub(crate) async fn query(
        &self,
        conversation: ConversationId,
        audience: Audience,
        after: Position,
        limit: usize,
        reader: Principal,
    ) -> Records {
        let query = RecordsQuery { site: self.site, conversation, audience, after, limit, reader };
        self.store.records(query).await.unwrap()
    }
}

/// A conversation that grows, with its heads kept right.
pub(crate) struct Story {
    pub(crate) row: StoredConversation,
    pub(crate) records: Vec<StoredRecord>,
    untold: Vec<StoredRecord>,
}

impl Story {
    pub(crate) fn new(number: u128) -> Self {
        Self { row: waiting(number), records: Vec::new(), untold: Vec::new() }
    }

    pub(crate) fn id(&self) -> ConversationId {
        self.row.id
    }

    pub(crate) fn visitor_says(&mut self, text: &str) -> MessageId {
        let author = Principal::Visitor(self.row.visitor);
        self.public(Some(author), RecordKind::Said(Said { by: Author::Visitor, body: Body(text.to_owned()) }))
    }

    pub(crate) fn agent_notes(&mut self, text: &str) -> MessageId {
        let by = Author::Agent { id: agent_id(1), name: "Ada".to_owned() };
        let what = RecordKind::Noted(Said { by, body: Body(text.to_owned()) });
        self.push(Some(Principal::Agent(agent_id(1))), false, what)
    }

    pub(crate) fn visitor_edits(&mut self, message: MessageId, text: &str) -> MessageId {
        let author = Principal::Visitor(self.row.visitor);
        let what = RecordKind::Edited(Edited { message, by: Author::Visitor, body: Body(text.to_owned()) });
        self.public(Some(author), what)
    }

    fn public(&mut self, author: Option<Principal>, what: RecordKind) -> MessageId {
        self.push(author, true, what)
    }

    pub(crate) fn push(&mut self, author: Option<Principal>, is_public: bool, what: RecordKind) -> MessageId {
        let number = self.row.head.number.next();
        // Spread over all 128 bits, so that tails differ too.
        let id =
            MessageId(Uuid::from_u128((self.row.id.0.as_u128() << 64) ^ (u128::from(number.0) * 0x9e37_79b9_7f4a)));
        let record = StoredRecord {
            conversation: self.row.id,
            number,
            public: is_public.then(|| self.row.public_head.number.next()),
            id,
            at: 1_000 + number.0,
            author,
            command: author
                .map(|_| CommandId { outbox: OutboxId(Uuid::from_u128(7)), ordinal: u32::try_from(number.0).unwrap() }),
            what,
        };
        self.row.head = Position { number, tail: record.tail() };
        if let Some(number) = record.public {
            self.row.public_head = Position { number, tail: record.tail() };
        }
        self.records.push(record.clone());
        self.untold.push(record);
        id
    }

    /// Where a reader of everything stands after a record.
    pub(crate) fn position(&self, number: u64) -> Position {
        let record = self.records.iter().find(|record| record.number == Number(number)).unwrap();
        Position { number: record.number, tail: record.tail() }
    }
}

fn waiting(number: u128) -> StoredConversation {
    StoredConversation {
        id: conversation_id(number),
        visitor: visitor_id(number),
        state: StoredState::Waiting,
        team: None,
        priority: 5,
        arrival: 1,
        preferred: None,
        declines: Vec::new(),
        head: Position::default(),
        public_head: Position::default(),
        opened_at: 1_000,
        since: 1_000,
        last_at: 1_000,
        waiting_since: StoreTime(1_000),
        preview: None,
        score: None,
        served_since: None,
        read_by_agents: Number(0),
        read_by_visitor: Number(0),
        card: gateway_core::stored::StoredCard::default(),
    }
}
