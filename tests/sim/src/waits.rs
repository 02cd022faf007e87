//! Waits: what visitors were shown of their wait, held against how long they then waited.
//!
//! The traffic is stated in `Plan::busy`. Each wait that ended with an agent counts once, by the first that its visitor
//! was shown of it; who left before that tells nothing.

use crate::swarm::Plan;
use crate::world::World;
use protocol::{ConversationId, Down, RecordKind};
use std::collections::BTreeMap;

const NANOS_PER_MS: u64 = 1_000_000;
/// So many have to be served before a site knows how long that takes.
const SERVED_MIN: usize = 50;
/// Seeds of the stated traffic that the figures rest on.
const SEEDS: u64 = 12;

/// What a visitor was shown, and what came of it.
#[derive(Clone, Copy, Debug)]
struct Wait {
    place: u32,
    /// In milliseconds; none where it could not be told.
    shown: Option<(u64, u64)>,
    true_ms: u64,
}

/// How good the ranges were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calibration {
    pub waits: u64,
    pub unknown: u64,
    /// True ones.
    pub inside: u64,
    /// Those whose upper end is more than four times the lower one.
    pub wide: u64,
    /// Those no wider than one and a half times what is usual at their place.
    pub narrow: u64,
    /// Upper over lower end of the middle one, in hundredths.
    pub spread_percent: u64,
}

/// What a page was told first of a wait, by conversation: when, the place, and the range.
#[derive(Debug, Default)]
pub(crate) struct Shown(BTreeMap<ConversationId, Vec<Told>>);

#[derive(Clone, Copy, Debug)]
struct Told {
    at: u64,
    place: u32,
    shown: Option<(u64, u64)>,
}

impl World {
    /// A visitor's page hears of a wait.
    pub fn note_wait(&mut self, frame: &Down) {
        let Down::Place(place) = frame else { return };
        let at = self.clock.now() * NANOS_PER_MS;
        let shown = place.wait.map(|wait| (u64::from(wait.low_s) * 1_000, u64::from(wait.high_s) * 1_000));
        self.shown.0.entry(place.conversation).or_default().push(Told { at, place: place.place, shown });
    }

    fn waits(&self) -> Vec<Wait> {
        let mut waits = Vec::new();
        let mut since: BTreeMap<ConversationId, u64> = BTreeMap::new();
        for stored in &self.history.truth.records {
            let (id, at) = (stored.conversation, stored.committed);
            match stored.record.what {
                RecordKind::Opened(_) | RecordKind::Waiting(_) => {
                    since.insert(id, at);
                }
                RecordKind::Assigned(_) | RecordKind::Offered(_) => {
                    let from = since.remove(&id);
                    waits.extend(from.and_then(|from| self.shown.wait(id, from, at)));
                }
                RecordKind::Closed(_) => {
                    since.remove(&id);
                }
                RecordKind::Declined(_)
                | RecordKind::Lapsed(_)
                | RecordKind::Said(_)
                | RecordKind::Noted(_)
                | RecordKind::Transferred(_)
                | RecordKind::Parked(_)
                | RecordKind::Reopened(_)
                | RecordKind::Rated(_)
                | RecordKind::Edited(_)
                | RecordKind::Deleted(_)
                | RecordKind::Unknown(_) => {}
            }
        }
        waits
    }
}

impl Shown {
    /// The wait of a conversation from when to when, if its visitor was shown something of it.
    fn wait(&self, id: ConversationId, from: u64, until: u64) -> Option<Wait> {
        let first = self.0.get(&id)?.iter().find(|told| (from..until).contains(&told.at))?;
        Some(Wait { place: first.place, shown: first.shown, true_ms: (until - first.at) / NANOS_PER_MS })
    }
}

/// Lives through the stated traffic, and says how good the ranges were.
#[must_use]
pub fn calibrate() -> Calibration {
    let mut waits = Vec::new();
    for seed in 0..SEEDS {
        let mut world = World::new(seed, Plan::busy(seed), false);
        world.run();
        waits.extend(world.waits().into_iter().skip(SERVED_MIN));
    }
    calibration(&waits)
}

fn calibration(waits: &[Wait]) -> Calibration {
    let mut usual: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for wait in waits {
        usual.entry(wait.place).or_default().push(wait.true_ms);
    }
    let usual: BTreeMap<u32, u64> = usual.into_iter().map(|(place, waits)| (place, middle(waits))).collect();
    let mut spreads = Vec::new();
    let mut found = Calibration { waits: waits.len() as u64, ..Calibration::default() };
    for wait in waits {
        let Some((low, high)) = wait.shown else {
            found.unknown += 1;
            continue;
        };
        found.inside += u64::from((low..=high).contains(&wait.true_ms));
        found.wide += u64::from(high > 4 * low);
        found.narrow += u64::from((high - low) * 2 <= usual.get(&wait.place).copied().unwrap_or(0) * 3);
        spreads.push(high * 100 / low.max(1));
    }
    found.spread_percent = middle(spreads);
    found
}

fn middle(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}
