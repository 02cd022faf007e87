//! The switchboard over a store whose appends fail as a test plans it, in paused time.

use super::*;
use crate::adapters::memory::MemoryStore;
use crate::adapters::memory::faults::{Corruption, Fault};
use crate::ports::{Audience, Directory, Journal, Reader, RecordsQuery, Site};
use gateway_core::desk::input::{Input, Join};
use gateway_core::ids::{Principal, SiteId, Socket};
use gateway_core::now::StoreTime;
use gateway_core::session::outbound::Item;
use gateway_core::stored::{Append, Opening};
use protocol::{
    Action, AgentId, Close, CloseCode, CloseReason, Code, Command, CommandId, ConversationId, Down, Open, OutboxId,
    Position, RecordKind, Refusal, Say, SessionId, VisitorId, decode_down,
};
use std::time::Duration;
use uuid::Uuid;

struct World {
    store: Arc<MemoryStore>,
    switchboard: Arc<Switchboard>,
    site: SiteId,
    inbox: Arc<Inbox>,
    socket: Socket,
    conversation: ConversationId,
    ordinal: u32,
}

/// Of paused time: longer than any pause before a desk is opened again.
const WAIT_MAX: Duration = Duration::from_secs(600);
const VISITOR: Principal = Principal::Visitor(VisitorId(Uuid::from_u128(1)));

impl World {
    /// A visitor whose socket has joined the desk of a new site.
    async fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let site = Site {
            id: SiteId(0),
            key: "shop".to_owned(),
            name: "Shop".to_owned(),
            origins: Vec::new(),
            enabled: true,
            greeting: None,
            grace_ms: 60_000,
            absent_ms: 600_000,
            reopen_ms: 600_000,
            open_max: 1,
            relax_ms: None,
            preferred_ms: 15_000,
        };
        let site = store.create_site(site).await.unwrap().id;
        let switchboard = Switchboard::alone(Arc::clone(&store) as Arc<dyn Store>, Clock::start(), Arc::new(NoCounts));
        let inbox = Arc::new(Inbox::new(VISITOR_BOUNDS));
        let socket = Socket::Visitor(switchboard.sockets.add_visitor(Arc::clone(&inbox)));
        let conversation = ConversationId(Uuid::from_u128(2));
        let world = Self { store, switchboard, site, inbox, socket, conversation, ordinal: 0 };
        world.join(1).await;
        world
    }

    /// The same visitor on another socket, as after a close.
    async fn joined_again(&self) -> Self {
        let inbox = Arc::new(Inbox::new(VISITOR_BOUNDS));
        let socket = Socket::Visitor(self.switchboard.sockets.add_visitor(Arc::clone(&inbox)));
        let (store, switchboard) = (Arc::clone(&self.store), Arc::clone(&self.switchboard));
        let (conversation, ordinal) = (self.conversation, self.ordinal);
        let world = Self { store, switchboard, site: self.site, inbox, socket, conversation, ordinal };
        world.join(2).await;
        world
    }

    async fn join(&self, generation: u32) {
        let join = Join {
            socket: self.socket,
            principal: VISITOR,
            session: SessionId(Uuid::from_u128(3)),
            generation,
            follows: Vec::new(),
            page: None,
            browser: None,
        };
        self.switchboard.submit(self.site, self.socket, Input::Join(Box::new(join))).unwrap();
        self.wait_for(|item| matches!(item, Item::Joined { .. })).await;
    }

    /// Submits the next command of the visitor's outbox.
    fn command(&mut self, action: Action) -> CommandId {
        self.ordinal += 1;
        let id = CommandId { outbox: OutboxId(Uuid::from_u128(4)), ordinal: self.ordinal };
        self.again(id, action);
        id
    }

    fn again(&self, id: CommandId, action: Action) {
        let command = Box::new(Command { id, conversation: Some(self.conversation), action });
        let input = Input::Command { socket: self.socket, principal: VISITOR, command };
        self.switchboard.submit(self.site, self.socket, input).unwrap();
    }

    /// Waits for an item that fits; the others are dropped.
    async fn wait_for(&self, fits: impl Fn(&Item<inbox::Text>) -> bool) -> Item<inbox::Text> {
        let found = async {
            loop {
                let found = self.inbox.drain().items.into_iter().find(|item| fits(item));
                match found {
                    Some(item) => return item,
                    None => self.inbox.rung().await,
                }
            }
        };
        tokio::time::timeout(WAIT_MAX, found).await.expect("the socket is told")
    }

    /// The answer to a command.
    async fn answer(&self, id: CommandId) -> Result<(), Refusal> {
        let answer = |item: &Item<inbox::Text>| {
            let Item::Frame { text, .. } = item else { return None };
            match decode_down(text.as_ref()) {
                Ok(Down::Ok(outcome)) if outcome.command == id => Some(Ok(())),
                Ok(Down::No(refusal)) if refusal.command == Some(id) => Some(Err(*refusal)),
                _ => None,
            }
        };
        let item = self.wait_for(|item| answer(item).is_some()).await;
        answer(&item).unwrap()
    }

    async fn bodies(&self) -> Vec<String> {
        let query = RecordsQuery {
            site: self.site,
            conversation: self.conversation,
            audience: Audience::Full,
            after: Position::default(),
            limit: 100,
            reader: VISITOR,
        };
        let said = |record: protocol::Record| {
            if let RecordKind::Said(said) = record.what { Some(said.body.0) } else { None }
        };
        self.store.records(query).await.unwrap().records.into_iter().filter_map(said).collect()
    }
}

fn open() -> Action {
    Action::Open(Box::new(Open { body: Some("hello".to_owned()), ..Open::default() }))
}

fn close() -> Action {
    Action::Close(Close { reason: CloseReason::Solved })
}

fn say(body: &str) -> Action {
    Action::Say(Say { body: body.to_owned() })
}

#[tokio::test(start_paused = true)]
async fn a_command_is_answered_once_it_is_stored() {
    let mut world = World::new().await;
    let id = world.command(open());
    world.answer(id).await.unwrap();
    assert_eq!(world.bodies().await, ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_was_lost_is_stored_once_and_answered() {
    for fault in [Fault::LostBefore, Fault::LostAfter, Fault::Fenced] {
        let mut world = World::new().await;
        let id = world.command(open());
        world.answer(id).await.unwrap();
        world.store.faults.plan([fault, fault, fault]);
        let id = world.command(say("only once"));
        world.answer(id).await.unwrap();
        world.again(id, say("only once"));
        world.answer(id).await.unwrap();
        assert_eq!(world.bodies().await, ["hello", "only once"], "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_batch_the_socket_still_hears_of_the_conversation() {
    let mut world = World::new().await;
    let id = world.command(open());
    world.answer(id).await.unwrap();
    world.store.faults.plan([Fault::LostBefore]);
    let id = world.command(say("lost at first"));
    world.answer(id).await.unwrap();
    let id = world.command(close());
    let closed =
        |item: &Item<inbox::Text>| matches!(item, Item::Frame { text, .. } if text.as_ref().contains("closed"));
    world.wait_for(closed).await;
    world.again(id, close());
    world.answer(id).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_command_that_cannot_be_stored_is_refused_for_good_and_the_others_are_not() {
    let mut world = World::new().await;
    let id = world.command(open());
    world.answer(id).await.unwrap();
    world.store.faults.refuse_body("poison");
    let poison = world.command(say("poison"));
    let refusal = world.answer(poison).await.unwrap_err();
    assert_eq!((refusal.code, refusal.retryable), (Code::Unstorable, false));
    let id = world.command(say("sound"));
    world.answer(id).await.unwrap();
    assert_eq!(world.bodies().await, ["hello", "sound"]);
    world.again(poison, say("poison"));
    assert_eq!(world.answer(poison).await.unwrap_err().code, Code::OutOfOrder, "its row has moved on");
}

/// A visitor who is back in a closed conversation, which the desk has to read before anything is said in it.
async fn back_in_a_closed_conversation() -> World {
    let mut world = World::new().await;
    let id = world.command(open());
    world.answer(id).await.unwrap();
    let id = world.command(close());
    world.answer(id).await.unwrap();
    world.switchboard.leave(world.site, world.socket).await;
    world.joined_again().await
}

#[tokio::test(start_paused = true)]
async fn of_those_that_waited_for_the_store_only_what_cannot_be_stored_is_refused() {
    let mut world = back_in_a_closed_conversation().await;
    world.store.faults.refuse_body("poison");
    let sound = CommandId { outbox: OutboxId(Uuid::from_u128(5)), ordinal: 1 };
    let poison = world.command(say("poison"));
    world.again(sound, say("sound"));
    let refusal = world.answer(poison).await.unwrap_err();
    assert_eq!((refusal.code, refusal.retryable), (Code::Unstorable, false));
    world.again(sound, say("sound"));
    world.answer(sound).await.unwrap();
    assert_eq!(world.bodies().await, ["hello", "sound"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_batch_takes_nothing_along_that_waited_for_the_store() {
    let mut world = back_in_a_closed_conversation().await;
    world.store.faults.plan([Fault::LostBefore, Fault::LostAfter]);
    let id = world.command(say("only once"));
    world.answer(id).await.unwrap();
    assert_eq!(world.bodies().await, ["hello", "only once"]);
}

#[tokio::test(start_paused = true)]
async fn a_desk_that_does_not_open_is_opened_again() {
    let mut world = World::new().await;
    let id = world.command(open());
    world.answer(id).await.unwrap();
    world.store.faults.plan([Fault::LostBefore]);
    world.store.faults.corrupt([Corruption::SharedPlace, Corruption::SharedPlace]);
    let id = world.command(say("only once"));
    world.answer(id).await.unwrap();
    assert_eq!(world.bodies().await, ["hello", "only once"]);
}

#[tokio::test(start_paused = true)]
async fn a_socket_whose_join_breaks_the_next_desk_is_closed_and_what_it_said_still_counts() {
    let mut world = World::new().await;
    let id = world.command(open());
    world.answer(id).await.unwrap();
    world.store.faults.plan([Fault::LostBefore]);
    world.store.faults.corrupt([Corruption::TwoPlaces]);
    world.command(say("only once"));
    world.wait_for(|item| matches!(item, Item::Close { code: CloseCode::Internal, .. })).await;
    let mut other = world.joined_again().await;
    let id = other.command(say("another"));
    other.answer(id).await.unwrap();
    assert_eq!(world.bodies().await, ["hello", "only once", "another"]);
}

#[tokio::test(start_paused = true)]
async fn a_new_conversation_prefers_the_agent_of_the_one_before() {
    let mut world = World::new().await;
    let agent = Some(AgentId(Uuid::from_u128(9)));
    let first = world.command(Action::Open(Box::new(Open { agent, ..Open::default() })));
    world.answer(first).await.unwrap();
    let closed = world.command(close());
    world.answer(closed).await.unwrap();
    world.conversation = ConversationId(Uuid::from_u128(5));
    world.ordinal = 0;
    let second = world.command(open());
    world.answer(second).await.unwrap();
    let row = world.store.conversation(world.site, world.conversation).await.unwrap().unwrap();
    assert_eq!(row.preferred, agent);
}

#[tokio::test(start_paused = true)]
async fn stopping_answers_what_was_taken() {
    let mut world = World::new().await;
    let id = world.command(open());
    world.switchboard.stop().await;
    world.answer(id).await.unwrap();
    assert_eq!(world.bodies().await, ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn a_desk_that_nobody_needs_is_let_go_and_opened_again() {
    let world = World::new().await;
    world.switchboard.leave(world.site, world.socket).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!(world.switchboard.desks_open(), 0);
    world.switchboard.submit(world.site, world.socket, Input::Availability { socket: world.socket }).unwrap();
    assert_eq!(world.switchboard.desks_open(), 1);
}

/// A site whose stored deadline was due long ago, and a node that nobody has come to.
async fn nobody_is_there(wakes_at: u64) -> (Arc<MemoryStore>, Arc<Switchboard>) {
    let World { store, switchboard, site, .. } = World::new().await;
    switchboard.stop().await;
    let Opening { epoch, next_arrival, .. } = store.open(site).await.unwrap();
    let append = Append {
        site,
        epoch,
        records: Vec::new(),
        conversations: Vec::new(),
        outboxes: Vec::new(),
        unused_since: None,
        agents: Vec::new(),
        withdrawn: Vec::new(),
        next_arrival,
        wakes_at: Some(StoreTime(wakes_at)),
    };
    store.append(append).await.unwrap();
    let switchboard = Switchboard::alone(Arc::clone(&store) as Arc<dyn Store>, Clock::start(), Arc::new(NoCounts));
    switchboard.watch_deadlines();
    (store, switchboard)
}

#[tokio::test(start_paused = true)]
async fn a_site_whose_deadline_is_due_is_opened_once_though_nobody_is_there() {
    let (store, switchboard) = nobody_is_there(1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(switchboard.desks_open(), 1);
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!((switchboard.desks_open(), store.due(1).await.unwrap()), (0, vec![]), "it has nothing left to do");
    switchboard.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_site_whose_deadline_is_yet_to_come_stays_shut() {
    let (_, switchboard) = nobody_is_there(1 << 50).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(switchboard.desks_open(), 0);
    switchboard.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_site_that_was_left_with_an_open_conversation_is_opened_though_nobody_is_there() {
    let mut world = World::new().await;
    let id = world.command(open());
    world.answer(id).await.unwrap();
    world.switchboard.stop().await;
    let store = Arc::clone(&world.store) as Arc<dyn Store>;
    let switchboard = Switchboard::alone(store, Clock::start(), Arc::new(NoCounts));
    switchboard.watch_deadlines();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(switchboard.desks_open(), 1);
    switchboard.stop().await;
}
