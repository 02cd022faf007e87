//! Swarm: what a seed's world is made of: how many, how fast, which habits and which faults.
//!
//! Each seed leaves things out: what is always on hides what only shows without it.

use crate::draw::Draw;
use crate::faults::{Fault, Strike};
use gateway_core::chance::Chance;

/// What people of a world do beyond opening, saying and serving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Habit {
    Edits,
    Notes,
    Transfers,
    Parks,
    Declines,
    Lapses,
    Takes,
    Tabs,
    Reloads,
    Sleeps,
    Rudeness,
    Twins,
    OfflineMessages,
    Poison,
    Settings,
    Reopens,
    Wanders,
    OwnState,
}

impl Habit {
    pub const ALL: [Self; 18] = [
        Self::Edits,
        Self::Notes,
        Self::Transfers,
        Self::Parks,
        Self::Declines,
        Self::Lapses,
        Self::Takes,
        Self::Tabs,
        Self::Reloads,
        Self::Sleeps,
        Self::Rudeness,
        Self::Twins,
        Self::OfflineMessages,
        Self::Poison,
        Self::Settings,
        Self::Reopens,
        Self::Wanders,
        Self::OwnState,
    ];
}

/// A queue that is soon full.
const SHORT_QUEUE: usize = 3;

/// Everybody of a site is away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Night {
    pub site: usize,
    pub from: u64,
    pub until: u64,
}

/// The world of one seed.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub nodes: usize,
    pub sites: usize,
    pub visitors: usize,
    pub agents: usize,
    /// People act for so long; then everything is healed.
    pub active_ms: u64,
    /// Between two acts of one person at most.
    pub think_ms: u64,
    /// One way over the network at most.
    pub delay_ms: u64,
    /// One way to the store at most. Two appends, one after another, fit into the second in which a free agent must be
    /// given whoever waits; a store that is slower than that is a fault.
    pub store_ms: u64,
    /// A desk waits so long for more mail.
    pub turn_ms: u64,
    /// A desk that nobody needs is let go after so long.
    pub idle_ms: u64,
    /// At one site everybody is away for a while.
    pub night: Option<Night>,
    pub queue_max: usize,
    /// Queues of sockets are shorter by this factor.
    pub queue_shrink: usize,
    /// Sites have one team whose agents may serve everybody, and nobody asks for one of them.
    pub is_plain: bool,
    pub habits: Vec<Habit>,
    pub strikes: Vec<Strike>,
}

impl Plan {
    pub fn draw(seed: u64) -> Self {
        let mut chance = Chance::new(seed ^ 0x5eed_0000_5eed_0000);
        let chance = &mut chance;
        let nodes = [1, 2, 3, 3, 3, 4, 5][chance.index(7)];
        let sites = [1, 1, 2, 2, 3][chance.index(5)];
        let active_ms = chance.between(60_000, 150_000);
        let mut plan = Self {
            nodes,
            sites,
            visitors: index_between(chance, 12, 30),
            agents: index_between(chance, sites * 2, sites * 2 + 6),
            active_ms,
            think_ms: chance.between(2_500, 6_500),
            delay_ms: [5, 40, 40, 150, 400][chance.index(5)],
            store_ms: [1, 5, 5, 20, 120][chance.index(5)],
            turn_ms: chance.between(0, 2),
            idle_ms: [2_000, 60_000][chance.index(2)],
            night: chance.odds(250).then(|| Night {
                site: chance.index(sites),
                from: active_ms / 4,
                until: active_ms / 4 * 3,
            }),
            queue_max: if chance.odds(100) { SHORT_QUEUE } else { 8_192 },
            queue_shrink: if chance.odds(250) { 32 } else { 1 },
            habits: Habit::ALL.into_iter().filter(|_| chance.odds(600)).collect(),
            is_plain: false,
            strikes: Vec::new(),
        };
        if chance.odds(970) {
            plan.strikes = strikes(chance, nodes, active_ms);
            plan.strikes.extend(drains(seed, nodes, active_ms));
        }
        plan
    }

    /// The traffic on which the wait shown is measured. Three agents of one team serve one to four chats each, for some
    /// twenty seconds; 24 visitors come back as soon as they are done, so that about ten wait, and some of them give
    /// up. Nothing breaks, for a quarter of an hour.
    pub fn busy(seed: u64) -> Self {
        let mut plan = Self::draw(seed);
        plan.nodes = 1;
        plan.sites = 1;
        plan.visitors = 24;
        plan.agents = 3;
        plan.active_ms = 900_000;
        plan.queue_max = 8_192;
        plan.queue_shrink = 1;
        plan.night = None;
        plan.is_plain = true;
        plan.habits = Vec::new();
        plan.strikes = Vec::new();
        plan
    }

    pub fn is_night(&self, site: usize, now: u64) -> bool {
        self.night.is_some_and(|night| night.site == site && (night.from..night.until).contains(&now))
    }

    pub fn has_short_queues(&self) -> bool {
        self.queue_max == SHORT_QUEUE
    }

    pub fn has(&self, habit: Habit) -> bool {
        self.habits.contains(&habit)
    }
}

fn index_between(chance: &mut Chance, low: usize, high: usize) -> usize {
    low + chance.index(high - low + 1)
}

/// Nodes that are asked to stop. Drawn apart from all else, so that the other seeds stay the worlds they are.
fn drains(seed: u64, nodes: usize, active_ms: u64) -> Vec<Strike> {
    let chance = &mut Chance::new(seed ^ 0x6472_6169_6e00_0000);
    let count = if chance.odds(300) { chance.between(1, 3) } else { 0 };
    let mut drains = Vec::new();
    for _ in 0..count {
        let at = chance.between(5_000, active_ms - 5_000);
        drains.push(Strike { at, fault: Fault::Drain, length_ms: 0, node: chance.index(nodes), seed: 0 });
    }
    drains
}

fn strikes(chance: &mut Chance, nodes: usize, active_ms: u64) -> Vec<Strike> {
    let kinds: Vec<Fault> = Fault::ALL.into_iter().filter(|_| chance.odds(600)).collect();
    let count = chance.between(6, 16);
    let mut strikes = Vec::new();
    for _ in 0..count {
        let Some(fault) = chance.pick(&kinds).copied() else { break };
        let at = chance.between(5_000, active_ms - 5_000);
        let length_ms = [500, 2_000, 5_000, 8_000, 15_000, 30_000][chance.index(6)];
        strikes.push(Strike { at, fault, length_ms, node: chance.index(nodes), seed: chance.bits() });
    }
    strikes
}
