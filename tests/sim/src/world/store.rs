//! The store: one for all nodes. It takes time, stalls, goes away, and loses requests or answers.
//!
//! What it does to its tables is in `tables.rs`; here stands who owns a site, and how an answer may fail to come.

use crate::draw::Draw;
use crate::world::World;
use crate::world::clock::{EPOCH_MS, Time};
use crate::world::happening::{Happening, Life};
use crate::world::tables::Tables;
use gateway_core::desk::input::{Input, Load, NotLoaded};
use gateway_core::ids::{Principal, Socket};
use gateway_core::now::StoreTime;
use gateway_core::stored::{Append, Durable, Opening};
use protocol::{Fetch, Records};

/// A heartbeat that stood still for so long has lost its sites.
pub(crate) const LEASE_MS: u64 = 3_000;
/// An append without an answer for so long is given up, and its outcome unknown.
pub(crate) const APPEND_MS_MAX: u64 = 10_000;

/// What a node asks.
#[derive(Debug)]
pub(crate) struct Asked {
    pub by: Life,
    pub site: usize,
    pub what: Ask,
    /// The answer is lost on its way back.
    answer_lost: bool,
}

#[derive(Debug)]
pub(crate) enum Ask {
    Open { attempt: u64 },
    Append { attempt: u64, append: Box<Append> },
    Load(Load),
    Page { socket: Socket, fetch: Fetch, by: Principal },
    Beat { sent: Time },
    LetGo { epoch: i64 },
}

/// What a node hears.
#[derive(Debug)]
pub(crate) enum Replied {
    Opened { site: usize, attempt: u64, opening: Result<Box<Opening>, NotOpened> },
    Appended { site: usize, attempt: u64, appended: Result<Durable, NotAppended> },
    Loaded { site: usize, input: Box<Input> },
    Page { socket: Socket, fetch: Fetch, page: Option<Box<Records>> },
    /// A heartbeat is stored, and the lease of an earlier one was unbroken until then.
    Beaten { sent: Time },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotOpened {
    Away,
    /// Another node owns the site, and lives.
    Owned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotAppended {
    Fenced,
    Refused,
    Unknown,
}

/// A node's row.
#[derive(Clone, Copy, Debug)]
struct Beat {
    life: u32,
    at: Time,
    /// Since when it has not stood still for a lease.
    unbroken_since: Time,
}

#[derive(Debug)]
pub(crate) struct Store {
    pub sites: Vec<Tables>,
    pub owners: Vec<Option<Life>>,
    beats: Vec<Option<Beat>>,
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
            owners: vec![None; sites.len()],
            sites,
            beats: vec![None; nodes],
            stalled_until: 0,
            cut_until: vec![0; nodes],
            lossy_permille: 0,
        }
    }

    pub fn time(now: Time) -> StoreTime {
        StoreTime(EPOCH_MS + now)
    }

    fn beat(&mut self, by: Life, now: Time) {
        let Some(row) = self.beats.get_mut(by.node) else { return };
        let unbroken_since = match row {
            Some(beat) if beat.life == by.life && now - beat.at < LEASE_MS => beat.unbroken_since,
            Some(_) | None => now,
        };
        *row = Some(Beat { life: by.life, at: now, unbroken_since });
    }

    /// Whether a node lives, as far as its heartbeat tells.
    pub fn lives(&self, life: Life, now: Time) -> bool {
        let beat = self.beats.get(life.node).copied().flatten();
        beat.is_some_and(|beat| beat.life == life.life && now - beat.at < LEASE_MS)
    }

    /// Compare-and-set on the owner: the caller owns the site already, or nobody does, or the owner's heartbeat stood
    /// still for a lease during which the caller's did not.
    fn may_open(&self, site: usize, by: Life, now: Time) -> bool {
        match self.owners.get(site).copied().flatten() {
            None => true,
            Some(owner) if owner == by => true,
            Some(owner) => {
                let own = self.beats.get(by.node).copied().flatten();
                let unbroken = own.is_some_and(|beat| beat.life == by.life && now - beat.unbroken_since >= LEASE_MS);
                !self.lives(owner, now) && unbroken
            }
        }
    }
}

impl World {
    /// A node asks the store something.
    pub fn ask(&mut self, by: Life, site: usize, what: Ask) {
        let now = self.clock.now();
        let mut asked = Asked { by, site, what, answer_lost: false };
        if self.store.cut_until[by.node] > now {
            self.faults.took_effect("node cut from store");
            return self.fail(asked);
        }
        if self.chance.odds(self.store.lossy_permille) {
            self.faults.took_effect("store answers lost");
            if self.chance.odds(500) {
                return self.fail(asked);
            }
            asked.answer_lost = true;
        }
        let mut at = now + self.chance.between(0, self.plan.store_ms);
        if self.store.stalled_until > at {
            self.faults.took_effect("store stalls");
            at = self.store.stalled_until + self.chance.between(0, 20);
        }
        self.clock.at(at, Happening::AtStore(Box::new(asked)));
    }

    /// The request, or its answer, is lost: the node hears that nobody knows, sooner or later.
    fn fail(&mut self, asked: Asked) {
        let Asked { by, site, what, .. } = asked;
        let replied = match what {
            Ask::Open { attempt } => Replied::Opened { site, attempt, opening: Err(NotOpened::Away) },
            Ask::Append { attempt, .. } => Replied::Appended { site, attempt, appended: Err(NotAppended::Unknown) },
            Ask::Load(load) => Replied::Loaded { site, input: Box::new(not_loaded(load)) },
            Ask::Page { socket, fetch, .. } => Replied::Page { socket, fetch, page: None },
            Ask::Beat { .. } | Ask::LetGo { .. } => return,
        };
        let after_ms = if self.chance.odds(300) { APPEND_MS_MAX + 50 } else { self.chance.between(1, 800) };
        self.clock.after(after_ms, Happening::Answered(by, Box::new(replied)));
    }

    /// A request reaches the store and is carried out.
    pub fn at_store(&mut self, asked: Asked) {
        if asked.answer_lost {
            let lost = Asked { by: asked.by, site: asked.site, what: unanswered(&asked.what), answer_lost: true };
            self.carry_out_at_store(asked);
            return self.fail(lost);
        }
        let by = asked.by;
        if let Some(replied) = self.carry_out_at_store(asked) {
            let after_ms = self.chance.between(0, self.plan.store_ms);
            self.clock.after(after_ms, Happening::Answered(by, Box::new(replied)));
        }
    }

    fn carry_out_at_store(&mut self, asked: Asked) -> Option<Replied> {
        let (now, Asked { by, site, what, .. }) = (self.clock.now(), asked);
        match what {
            Ask::Open { attempt } => {
                let opening = self.open_at_store(by, site, now);
                Some(Replied::Opened { site, attempt, opening })
            }
            Ask::Append { attempt, append } => {
                let appended = self.append_at_store(site, *append);
                Some(Replied::Appended { site, attempt, appended })
            }
            Ask::Load(load) => {
                let input = Box::new(loaded(&self.store.sites[site], load));
                Some(Replied::Loaded { site, input })
            }
            Ask::Page { socket, fetch, by } => {
                let page = self.store.sites[site].page(&fetch, by).map(Box::new);
                Some(Replied::Page { socket, fetch, page })
            }
            Ask::Beat { sent } => {
                self.store.beat(by, now);
                Some(Replied::Beaten { sent })
            }
            Ask::LetGo { epoch } => {
                if self.store.sites[site].epoch == epoch && self.store.owners[site] == Some(by) {
                    self.store.owners[site] = None;
                }
                None
            }
        }
    }

    fn open_at_store(&mut self, by: Life, site: usize, now: Time) -> Result<Box<Opening>, NotOpened> {
        if !self.store.may_open(site, by, now) {
            self.reached.mark("open: owned by another node");
            return Err(NotOpened::Owned);
        }
        if self.store.owners[site].is_some_and(|owner| owner != by) {
            self.reached.mark("open: a dead node's site taken over");
        }
        self.store.owners[site] = Some(by);
        let opening = self.store.sites[site].open(Store::time(now));
        self.note_opening(site, opening.epoch.0);
        Ok(Box::new(opening))
    }

    fn append_at_store(&mut self, site: usize, append: Append) -> Result<Durable, NotAppended> {
        if self.store.sites[site].epoch != append.epoch.0 {
            self.reached.mark("append: fenced");
            return Err(NotAppended::Fenced);
        }
        if append.records.iter().any(|record| crate::client::poison::is_unstorable(&record.what)) {
            self.reached.mark("append: refused");
            return Err(NotAppended::Refused);
        }
        let receipt = append.stored();
        self.note_append(site, append);
        Ok(receipt)
    }
}

/// The same question, for naming the answer that is lost.
fn unanswered(what: &Ask) -> Ask {
    match what {
        Ask::Open { attempt } => Ask::Open { attempt: *attempt },
        Ask::Append { attempt, append } => Ask::Append { attempt: *attempt, append: append.clone() },
        Ask::Load(load) => Ask::Load(*load),
        Ask::Page { socket, fetch, by } => Ask::Page { socket: *socket, fetch: fetch.clone(), by: *by },
        Ask::Beat { sent } => Ask::Beat { sent: *sent },
        Ask::LetGo { epoch } => Ask::LetGo { epoch: *epoch },
    }
}

fn loaded(tables: &Tables, load: Load) -> Input {
    match load {
        Load::Conversation { epoch, conversation } => {
            Input::Loaded { epoch, conversation, loaded: Ok(tables.load(conversation)) }
        }
        Load::Message { epoch, conversation, message } => {
            Input::LoadedMessage { epoch, conversation, message, loaded: Ok(tables.message(conversation, message)) }
        }
        Load::Closed { epoch, socket, revision } => Input::Closed { epoch, socket, revision, rows: Ok(tables.closed()) },
    }
}

fn not_loaded(load: Load) -> Input {
    match load {
        Load::Conversation { epoch, conversation } => {
            Input::Loaded { epoch, conversation, loaded: Err(NotLoaded) }
        }
        Load::Message { epoch, conversation, message } => {
            Input::LoadedMessage { epoch, conversation, message, loaded: Err(NotLoaded) }
        }
        Load::Closed { epoch, socket, revision } => Input::Closed { epoch, socket, revision, rows: Err(NotLoaded) },
    }
}
