//! World: one desk, its store, the pages that talk to it, and a clock that moves only when told.

use super::client::Client;
use super::names::{self, Names};
use super::referee::{Referee, Scene};
use super::script::{self, Words};
use super::site::Site;
use super::store::Store;
use super::{expect, shown};
use gateway_core::desk::Desk;
use gateway_core::desk::input::{Input, Join, Load, NotLoaded};
use gateway_core::effects::{Delivery, Lease};
use gateway_core::ids::{AgentSocket, Principal, Socket, VisitorSocket};
use gateway_core::now::{Instant, Now, StoreTime};
use gateway_core::stored::{Answer, Append};
use protocol::{AgentId, Command, CommandId, ConversationId, Down};
use std::collections::{BTreeMap, BTreeSet};

/// The store's clock runs beside the desk's, this far ahead: rows may be a year old.
const STORE_AHEAD_MS: u64 = 365 * 24 * 3_600_000;
/// The wall clock, for display.
const WALL_MS: u64 = 1_700_000_000_000;
/// A desk at rest needs few turns; more is a loop.
const TURNS_MAX: usize = 1_000;

/// What becomes of the next append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stored,
    /// It never reached the store; the desk is opened again.
    Lost,
    /// It was stored, and nobody heard of it; the desk is opened again.
    Unheard,
}

/// A command that was sent, and what it was answered.
#[derive(Clone, Debug)]
pub struct Sent {
    pub label: String,
    pub command: Command,
    pub message: Option<String>,
    pub answer: Option<Down>,
}

pub struct World {
    pub desk: Option<Desk>,
    pub store: Store,
    pub names: Names,
    pub clients: BTreeMap<String, Client>,
    pub sent: Vec<Sent>,
    site: Site,
    labels: BTreeMap<Socket, String>,
    told: BTreeMap<String, Vec<String>>,
    now_ms: u64,
    opened_at: StoreTime,
    sockets: u64,
    referee: Referee,
    fate: Fate,
    /// The desk waits for other nodes to say who has joined there.
    opening: bool,
    /// Whether reads of the store are answered, fail or wait.
    loads: Loads,
    /// Answers of the store that the desk does not have yet.
    held: Vec<Input>,
    /// Kinds of the records stored by the last action.
    stored: Vec<&'static str>,
    appends: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Loads {
    Answered,
    Failing,
    Held,
}

impl Default for World {
    fn default() -> Self {
        let mut names = Names::default();
        names.team("sales");
        Self {
            desk: None,
            store: Store { next_arrival: 1, ..Store::default() },
            names,
            clients: BTreeMap::new(),
            sent: Vec::new(),
            site: Site::default(),
            labels: BTreeMap::new(),
            told: BTreeMap::new(),
            now_ms: 0,
            opened_at: StoreTime(0),
            sockets: 0,
            referee: Referee::default(),
            fate: Fate::Stored,
            opening: false,
            loads: Loads::Answered,
            held: Vec::new(),
            stored: Vec::new(),
            appends: 0,
        }
    }
}

impl World {
    fn now(&self) -> Now {
        Now { instant: Instant(self.now_ms), wall_ms: WALL_MS + self.now_ms }
    }

    pub fn store_now(&self) -> StoreTime {
        StoreTime(STORE_AHEAD_MS + self.now_ms)
    }

    // ---- the desk's only driver -----------------------------------------------------------------------------

    /// Hands inputs to the desk, then commits, answers its loads and delivers until it rests.
    fn turn(&mut self, mut inputs: Vec<Input>) {
        for _ in 0..TURNS_MAX {
            let now = self.now();
            let desk = self.desk.as_mut().expect("the desk is open");
            for input in inputs {
                desk.handle(input, now);
            }
            desk.handle_timeout(now);
            self.read_loads();
            let desk = self.desk.as_mut().expect("the desk is open");
            let (append, gate) = desk.poll_commit(now);
            let deliveries = if append.is_empty() {
                gate.open_unwritten(&Lease::unshared())
            } else {
                match std::mem::replace(&mut self.fate, Fate::Stored) {
                    Fate::Stored => match self.store.append(&append) {
                        Some(durable) => gate.open(&durable),
                        // Another desk has opened since: this one is dropped, and nobody hears of it.
                        None => return self.reopen(),
                    },
                    Fate::Lost => return self.reopen(),
                    Fate::Unheard => {
                        self.store.append(&append);
                        return self.reopen();
                    }
                }
            };
            inputs = self.release(deliveries);
            self.digest(&append);
            inputs.extend(self.answer_loads());
            if inputs.is_empty() && append.is_empty() {
                return self.check_rest();
            }
        }
        panic!("the desk does not come to rest");
    }

    fn digest(&mut self, append: &Append) {
        self.stored.extend(append.records.iter().map(|record| shown::kind_name(&record.what)));
        self.appends += usize::from(!append.is_empty());
        let mut referee = std::mem::take(&mut self.referee);
        self.scene(|scene| referee.digest(append, scene));
        self.referee = referee;
    }

    fn check_rest(&mut self) {
        for client in self.clients.values() {
            client.check_complete(&self.store);
        }
        if self.held.is_empty() && !self.opening {
            self.scene(|scene| self.referee.check_nobody_waits_in_vain(scene));
        }
    }

    fn scene(&self, look: impl FnOnce(&Scene<'_>)) {
        let settings = self.site.settings(&mut self.names.clone());
        let connected = self.clients.values().filter(|client| client.connected);
        let agents: BTreeSet<AgentId> = connected
            .clone()
            .filter_map(|client| match client.principal {
                Principal::Agent(id) => Some(id),
                Principal::Visitor(_) => None,
            })
            .collect();
        let visitors = connected.filter(|client| client.is_visitor());
        let present = visitors.flat_map(|client| client.follows.keys().copied()).collect();
        look(&Scene {
            settings: &settings,
            store: &self.store,
            connected: &agents,
            present: &present,
            now: self.store_now(),
            opened_at: self.opened_at,
        });
    }

    /// Reads what the desk asks for, as of now.
    fn read_loads(&mut self) {
        let failing = self.loads == Loads::Failing;
        while let Some(load) = self.desk.as_mut().and_then(Desk::poll_load) {
            self.held.push(self.loaded(load, failing));
        }
    }

    fn answer_loads(&mut self) -> Vec<Input> {
        if self.loads == Loads::Held { Vec::new() } else { std::mem::take(&mut self.held) }
    }

    fn loaded(&self, load: Load, failing: bool) -> Input {
        match load {
            Load::Conversation { epoch, conversation } => {
                let loaded = if failing { Err(NotLoaded) } else { Ok(self.store.load(conversation)) };
                Input::Loaded { epoch, conversation, loaded }
            }
            Load::Message { epoch, conversation, message } => {
                let loaded = if failing { Err(NotLoaded) } else { Ok(self.store.message(conversation, message)) };
                Input::LoadedMessage { epoch, conversation, message, loaded }
            }
            Load::LastAgent { epoch, visitor } => {
                let loaded = if failing { Err(NotLoaded) } else { Ok(self.store.last_agent(visitor)) };
                Input::LoadedLastAgent { epoch, visitor, loaded }
            }
            Load::Closed { epoch, socket, revision } => {
                let rows = if failing { Err(NotLoaded) } else { Ok(self.store.closed()) };
                Input::Closed { epoch, socket, revision, rows }
            }
        }
    }

    /// Gives deliveries to the pages; what the shell says back when a socket is closed.
    fn release(&mut self, deliveries: Vec<Delivery>) -> Vec<Input> {
        let mut inputs = Vec::new();
        for delivery in deliveries {
            let words = shown::delivery(&delivery, &self.names);
            let to: Vec<Socket> = match &delivery {
                Delivery::Visitors { to, .. } => to.iter().copied().map(Socket::Visitor).collect(),
                Delivery::Agents { to, .. } => to.iter().copied().map(Socket::Agent).collect(),
                Delivery::Joined { to, .. }
                | Delivery::Heads { to, .. }
                | Delivery::NotFollowed { to, .. }
                | Delivery::Unfollowed { to, .. }
                | Delivery::Close { to, .. } => vec![*to],
            };
            for socket in to {
                let Some(label) = self.labels.get(&socket).cloned() else { continue };
                self.told.entry(label.clone()).or_default().push(words.clone());
                self.hear(&label, &delivery);
                if let Delivery::Close { .. } = delivery {
                    self.answer_none(&label);
                    self.labels.remove(&socket);
                    inputs.push(Input::Leave { socket });
                }
            }
        }
        inputs
    }

    fn hear(&mut self, label: &str, delivery: &Delivery) {
        let client = self.clients.get_mut(label).expect("a label is a client");
        match delivery {
            Delivery::Visitors { frame, .. } => {
                self.check_public(frame.frame());
                self.hear_frame(label, frame.frame());
            }
            Delivery::Agents { frame, .. } => self.hear_frame(label, frame.frame()),
            Delivery::Joined { heads, .. } => {
                client.connected = true;
                client.follows.retain(|id, _| heads.iter().any(|head| head.conversation == *id));
                client.heads(heads, &self.store);
            }
            Delivery::Heads { heads, .. } => client.heads(heads, &self.store),
            Delivery::NotFollowed { .. } => {}
            Delivery::Unfollowed { conversation, .. } => {
                client.follows.remove(conversation);
            }
            Delivery::Close { .. } => client.connected = false,
        }
    }

    fn hear_frame(&mut self, label: &str, frame: &Down) {
        let client = self.clients.get_mut(label).expect("a label is a client");
        match frame {
            Down::Event(event) => client.event(event),
            Down::Rows(rows) => client.rows(rows),
            Down::Change(change) => client.change(change),
            Down::Ok(outcome) => {
                client.ok(outcome);
                self.answered(label, outcome.command, frame);
            }
            Down::No(refusal) => self.answered(label, refusal.command.expect("it names the command"), frame),
            _ => {}
        }
    }

    /// No notes, no lists, no colleagues, no full numbers to visitors.
    fn check_public(&self, frame: &Down) {
        let find = |conversation, id| self.store.message(conversation, id).expect("told once stored");
        match frame {
            Down::Event(event) => {
                let record = find(event.conversation, event.record.id);
                assert_eq!(record.public, Some(event.record.number), "visitors are told public numbers");
                let about = match &event.record.what {
                    protocol::RecordKind::Edited(edited) => Some(edited.message),
                    protocol::RecordKind::Deleted(deleted) => Some(deleted.message),
                    protocol::RecordKind::Noted(_)
                    | protocol::RecordKind::Offered(_)
                    | protocol::RecordKind::Declined(_)
                    | protocol::RecordKind::Lapsed(_)
                    | protocol::RecordKind::Transferred(_)
                    | protocol::RecordKind::Parked(_) => panic!("agents only: {frame:?}"),
                    _ => None,
                };
                let hidden = about.is_some_and(|about| find(event.conversation, about).public.is_none());
                assert!(!hidden, "changes of a note are notes");
            }
            Down::Ok(outcome) => {
                if let (Some(conversation), Some(made)) = (outcome.conversation, outcome.made) {
                    assert_eq!(find(conversation, made.message).public, Some(made.number));
                }
            }
            Down::Typing(typing) => assert_eq!(typing.stream, protocol::Stream::Public),
            Down::No(_) | Down::Read(_) | Down::Place(_) | Down::Availability(_) => {}
            _ => panic!("agents only: {frame:?}"),
        }
    }

    /// An answer must be the one that the outbox's row keeps; unless the next command of the batch replaced it.
    fn answered(&mut self, label: &str, id: CommandId, frame: &Down) {
        let open = |sent: &&mut Sent| {
            sent.label == label && sent.command.id == id && sent.answer.is_none() && is_lane_of(frame, &sent.command)
        };
        let Some(sent) = self.sent.iter_mut().find(open) else { panic!("{label} is answered twice: {frame:?}") };
        sent.answer = Some(frame.clone());
        let sent = sent.clone();
        let row = self.store.outboxes.get(&(sent.command.conversation, id.outbox));
        if row.is_some_and(|row| row.ordinal > id.ordinal && matches!(frame, Down::Ok(_))) {
            return self.name_message(&sent, frame);
        }
        let row = row.filter(|row| row.ordinal == id.ordinal);
        let kept = match (frame, row.map(|row| &row.answer)) {
            (Down::Ok(outcome), Some(Answer::Ok { at, made })) => (outcome.at, outcome.made) == (*at, *made),
            (Down::No(refusal), Some(Answer::No(kept))) if refusal == kept => true,
            (Down::No(refusal), _) => {
                use protocol::Code;
                let leaves_none = !refusal.code.uses_ordinal();
                leaves_none
                    || refusal.retryable
                    || refusal.code == Code::UnknownType
                    || sent.command.conversation.is_none()
            }
            _ => false,
        };
        assert!(kept, "{frame:?} is not what the outbox keeps: {row:?}");
        self.name_message(&sent, frame);
    }

    fn name_message(&mut self, sent: &Sent, frame: &Down) {
        if let (Down::Ok(outcome), Some(name)) = (frame, &sent.message) {
            self.names.name_message(name, outcome.made.expect("words make a message").message);
        }
    }
}

/// An answer names its lane, or the conversation that stands in the way.
fn is_lane_of(frame: &Down, command: &Command) -> bool {
    match frame {
        Down::Ok(outcome) => outcome.conversation == command.conversation,
        Down::No(refusal) if refusal.code == protocol::Code::AlreadyOpen => command.conversation.is_some(),
        Down::No(refusal) => refusal.conversation == command.conversation,
        _ => false,
    }
}

mod acting;
mod checking;
