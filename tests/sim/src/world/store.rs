//! The store: one for all nodes. It takes time, stalls, goes away, and loses requests or answers.
//!
//! What it does to its tables is in `tables.rs`, and who owns what in `ownership.rs`; here stands how an answer may
//! fail to come.

use crate::client::poison;
use crate::draw::Draw;
use crate::faults::Fault;
use crate::world::World;
use crate::world::clock::{EPOCH_MS, Time};
use crate::world::happening::{Happening, Life};
use crate::world::ownership::Ownership;
use crate::world::tables::Tables;
use gateway_core::desk::input::{Input, Load, NotLoaded};
use gateway_core::ids::{Epoch, NodeId, Principal, Socket};
use gateway_core::link::effect::{Claim, Heartbeat, NotOpened, Owner, StoreAway};
use gateway_core::now::{Instant, StoreTime};
use gateway_core::stored::{Append, Durable, Opening};
use protocol::{Fetch, Records};
use std::collections::BTreeSet;

/// An append without an answer for so long is given up, and its outcome unknown.
pub(crate) const APPEND_MS_MAX: u64 = 10_000;
/// Anything else without an answer for so long has failed.
const ANSWER_MS_MAX: u64 = 2_000;

/// What a node asks.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub by: Life,
    pub node: NodeId,
    pub site: usize,
    pub what: Ask,
    /// Nobody waits for the answer any more.
    unheard: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Open { claim: Claim },
    Append { attempt: u64, append: Box<Append> },
    Load(Load),
    Page { socket: Socket, fetch: Fetch, by: Principal },
    Heartbeat { sent: Instant, ready: bool, within_ms: u64 },
    Owner,
    Sweep { living: Vec<NodeId>, limit: usize },
    LetGo { epoch: Epoch, successor: Option<NodeId> },
}

/// What a node hears.
#[derive(Debug)]
pub(crate) enum Replied {
    Opened { site: usize, opening: Result<Box<Opening>, NotOpened> },
    Appended { site: usize, attempt: u64, appended: Result<Durable, NotAppended> },
    Loaded { site: usize, input: Box<Input> },
    Page { socket: Socket, fetch: Fetch, page: Option<Box<Records>> },
    Heartbeat(Result<Heartbeat, StoreAway>),
    Owner { site: usize, owner: Result<Option<Owner>, StoreAway> },
    Swept(Result<Vec<(usize, Owner)>, StoreAway>),
    LetGo { site: usize, epoch: Epoch, written: Result<(), StoreAway> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAppended {
    Fenced,
    Refused,
    Unknown,
}

#[derive(Debug)]
pub(crate) struct Store {
    pub sites: Vec<Tables>,
    pub ownership: Ownership,
    /// Nothing is carried out until then.
    pub stalled_until: Time,
    /// Nodes that cannot reach it until then.
    pub cut_until: Vec<Time>,
    /// Of a thousand requests, so many lose their way there or back.
    pub lossy_permille: u64,
}

impl Store {
    pub fn new(sites: Vec<Tables>, nodes: usize) -> Self {
        Self {
            ownership: Ownership::new(sites.len()),
            sites,
            stalled_until: 0,
            cut_until: vec![0; nodes],
            lossy_permille: 0,
        }
    }

    pub fn time(now: Time) -> StoreTime {
        StoreTime(EPOCH_MS + now)
    }
}

impl World {
    /// A node asks the store something.
    pub fn ask(&mut self, by: Life, site: usize, what: Ask) {
        let now = self.clock.now();
        let node = self.nodes[by.node].id();
        let mut asked = Asked { by, node, site, what, unheard: false };
        if self.store.cut_until[by.node] > now {
            return self.fail(asked, Fault::CutFromStore);
        }
        let mut at = now + self.chance.between(0, self.plan.store_ms);
        if self.store.stalled_until > at {
            self.suffer(&asked, Fault::StallStore, self.store.stalled_until);
            at = self.store.stalled_until + self.chance.between(0, 20);
        }
        let is_append = matches!(asked.what, Ask::Append { .. });
        if self.chance.odds(self.store.lossy_permille) {
            self.fail(asked.clone(), Fault::LoseAtStore);
            if self.chance.odds(500) {
                return;
            }
            asked.unheard = true;
        } else if !is_append && at > now + ANSWER_MS_MAX {
            self.fail(asked.clone(), Fault::StallStore);
            asked.unheard = true;
        }
        self.clock.at(at, Happening::AtStore(Box::new(asked)));
    }

    /// A request meets a fault: that of a site is felt there, that of a node wherever the node is needed.
    fn suffer(&mut self, asked: &Asked, fault: Fault, until: Time) {
        if let Ask::Heartbeat { .. } = &asked.what {
            self.nodes[asked.by.node].away = Some((fault, until));
        }
        let sites = match &asked.what {
            Ask::Heartbeat { .. } | Ask::Sweep { .. } => self.sites_at(asked.by.node),
            Ask::Open { .. }
            | Ask::Append { .. }
            | Ask::Load(_)
            | Ask::Page { .. }
            | Ask::Owner
            | Ask::LetGo { .. } => BTreeSet::from([asked.site]),
        };
        self.feel(fault, sites, until);
    }

    /// The request, or its answer, is lost: the node hears that nobody knows, sooner or later.
    fn fail(&mut self, asked: Asked, fault: Fault) {
        let late = self.chance.odds(300);
        let late_ms = if matches!(asked.what, Ask::Append { .. }) { APPEND_MS_MAX } else { ANSWER_MS_MAX };
        let after_ms = if late { late_ms } else { self.chance.between(1, 800) };
        self.suffer(&asked, fault, self.clock.now() + after_ms);
        let Asked { by, site, what, .. } = asked;
        let replied = match what {
            Ask::Open { .. } => Replied::Opened { site, opening: Err(NotOpened::Away) },
            Ask::Append { attempt, .. } => Replied::Appended { site, attempt, appended: Err(NotAppended::Unknown) },
            Ask::Load(load) => Replied::Loaded { site, input: Box::new(not_loaded(load)) },
            Ask::Page { socket, fetch, .. } => Replied::Page { socket, fetch, page: None },
            Ask::Heartbeat { .. } => Replied::Heartbeat(Err(StoreAway)),
            Ask::Owner => Replied::Owner { site, owner: Err(StoreAway) },
            Ask::Sweep { .. } => Replied::Swept(Err(StoreAway)),
            Ask::LetGo { epoch, .. } => Replied::LetGo { site, epoch, written: Err(StoreAway) },
        };
        self.clock.after(after_ms, Happening::Answered(by, Box::new(replied)));
    }

    /// A process that was stopped may not have sent yet what it was about to; then it sends it when it wakes.
    pub fn holds_back(&mut self, asked: &Asked) -> bool {
        let node = &self.nodes[asked.by.node];
        let is_stopped = node.frozen.is_some() && node.life() == asked.by;
        let is_append = matches!(asked.what, Ask::Append { .. });
        is_stopped && is_append && self.chance.odds(500)
    }

    /// A request reaches the store and is carried out.
    pub fn at_store(&mut self, asked: Asked) {
        let (by, unheard) = (asked.by, asked.unheard);
        let replied = self.carry_out_at_store(asked);
        if !unheard {
            let after_ms = self.chance.between(0, self.plan.store_ms);
            self.clock.after(after_ms, Happening::Answered(by, Box::new(replied)));
        }
    }

    fn carry_out_at_store(&mut self, asked: Asked) -> Replied {
        let (now, Asked { node, site, what, .. }) = (self.clock.now(), asked);
        match what {
            Ask::Open { claim } => Replied::Opened { site, opening: self.open_at_store(node, site, claim) },
            Ask::Append { attempt, append } => {
                let appended = self.append_at_store(site, *append);
                Replied::Appended { site, attempt, appended }
            }
            Ask::Load(load) => Replied::Loaded { site, input: Box::new(loaded(&self.store.sites[site], load)) },
            Ask::Page { socket, fetch, by } => {
                let page = self.store.sites[site].page(&fetch, by).map(Box::new);
                Replied::Page { socket, fetch, page }
            }
            Ask::Heartbeat { sent, ready, within_ms } => {
                Replied::Heartbeat(Ok(self.store.ownership.heartbeat(node, ready, sent, within_ms, now)))
            }
            Ask::Owner => Replied::Owner { site, owner: Ok(self.store.ownership.owner(site)) },
            Ask::Sweep { living, limit } => Replied::Swept(Ok(self.sweep_at_store(&living, limit))),
            Ask::LetGo { epoch, successor } => {
                self.store.ownership.let_go(site, epoch, successor, now);
                Replied::LetGo { site, epoch, written: Ok(()) }
            }
        }
    }

    /// Sites that need a desk and have no owner among the living.
    fn sweep_at_store(&self, living: &[NodeId], limit: usize) -> Vec<(usize, Owner)> {
        let now = Store::time(self.clock.now());
        let needed = |site: &usize| {
            let (tables, owner) = (&self.store.sites[*site], self.store.ownership.owner(*site)?);
            let due = tables.wakes_at.is_some_and(|at| at <= now);
            let needed = match owner.node {
                None => due,
                Some(node) => !living.contains(&node) && (due || tables.has_open()),
            };
            needed.then_some((*site, owner))
        };
        (0..self.store.sites.len()).filter_map(|site| needed(&site)).take(limit).collect()
    }

    fn open_at_store(&mut self, by: NodeId, site: usize, claim: Claim) -> Result<Box<Opening>, NotOpened> {
        let now = self.clock.now();
        let heir = self.store.ownership.owner(site).and_then(|owner| owner.successor);
        let epoch = match self.store.ownership.open(site, by, claim, now) {
            Ok(epoch) => epoch,
            Err(lost) => {
                self.reached.mark("open: the claim no longer holds");
                return Err(lost);
            }
        };
        self.reached.mark(match claim {
            Claim::Unowned => "open: a site without a row",
            Claim::Own { .. } => "open: its own site",
            Claim::LetGo { .. } if heir == Some(by) => "open: a site let go to it by name",
            Claim::LetGo { .. } => "open: a site let go",
            Claim::Dead { .. } => "open: a dead node's site",
        });
        let opening = self.store.sites[site].open(epoch, Store::time(now));
        self.note_opening(site, epoch.0);
        Ok(Box::new(opening))
    }

    fn append_at_store(&mut self, site: usize, append: Append) -> Result<Durable, NotAppended> {
        if self.store.sites[site].epoch != append.epoch.0 {
            self.reached.mark("append: fenced");
            return Err(NotAppended::Fenced);
        }
        if append.records.iter().any(|record| poison::is_unstorable(&record.what)) {
            self.reached.mark("append: refused");
            self.note_poison(site, poison::UNSTORABLE);
            return Err(NotAppended::Refused);
        }
        let receipt = append.stored();
        self.note_append(site, append);
        Ok(receipt)
    }
}

pub(crate) fn loaded(tables: &Tables, load: Load) -> Input {
    match load {
        Load::Conversation { epoch, conversation } => {
            Input::Loaded { epoch, conversation, loaded: Ok(tables.load(conversation)) }
        }
        Load::Message { epoch, conversation, message } => {
            Input::LoadedMessage { epoch, conversation, message, loaded: Ok(tables.message(conversation, message)) }
        }
        Load::LastAgent { epoch, visitor } => {
            Input::LoadedLastAgent { epoch, visitor, loaded: Ok(tables.last_agent(visitor)) }
        }
        Load::Closed { epoch, socket, revision } => {
            Input::Closed { epoch, socket, revision, rows: Ok(tables.closed()) }
        }
    }
}

fn not_loaded(load: Load) -> Input {
    match load {
        Load::Conversation { epoch, conversation } => Input::Loaded { epoch, conversation, loaded: Err(NotLoaded) },
        Load::Message { epoch, conversation, message } => {
            Input::LoadedMessage { epoch, conversation, message, loaded: Err(NotLoaded) }
        }
        Load::LastAgent { epoch, visitor } => Input::LoadedLastAgent { epoch, visitor, loaded: Err(NotLoaded) },
        Load::Closed { epoch, socket, revision } => Input::Closed { epoch, socket, revision, rows: Err(NotLoaded) },
    }
}
