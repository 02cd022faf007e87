//! Summary: many seeds on all cores, and what they came to together.
//!
//! Whatever the number of threads, it is made in the order of the seeds; only the time it took differs.

use crate::hash::Hash;
use crate::reached::{EXPECTED, SELDOM};
use crate::run::{Report, run};
use crate::waits::Calibration;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Findings that are kept in full.
const FOUND_MAX: usize = 100;
/// Reports on their way from the threads at once.
const REPORTS_MAX: usize = 64;

/// What many seeds came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// The first seed, and how many.
    pub from: u64,
    pub seeds: u64,
    pub commands: u64,
    pub happenings: u64,
    pub simulated_ms: u64,
    pub took: Duration,
    /// One number for all that happened in all of them.
    pub hash: u64,
    /// Strikes that took effect, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// In how many seeds each rule was reached.
    pub reached: BTreeMap<&'static str, u64>,
    /// Seeds that went wrong, with what; the first of them.
    pub found: Vec<(u64, String)>,
    /// How many went wrong.
    pub unclean: u64,
    nodes: Vec<u64>,
    clients: Vec<u64>,
    commands_each: Vec<u64>,
    faults_each: Vec<u64>,
}

/// The middle seed's size.
#[derive(Clone, Copy, Debug)]
pub struct Median {
    pub nodes: u64,
    pub clients: u64,
    pub commands: u64,
    pub faults: u64,
}

impl Summary {
    fn add(&mut self, report: Report) {
        self.seeds += 1;
        self.commands += report.commands;
        self.happenings += report.happenings;
        self.simulated_ms += report.simulated_ms;
        let mut hash = Hash(self.hash);
        hash.mix(report.hash);
        self.hash = hash.0;
        self.nodes.push(report.nodes as u64);
        self.clients.push(report.clients as u64);
        self.commands_each.push(report.commands);
        self.faults_each.push(report.faults.len() as u64);
        for name in report.faults {
            *self.faults.entry(name).or_default() += 1;
        }
        for name in report.reached {
            *self.reached.entry(name).or_default() += 1;
        }
        if let Some(found) = report.found {
            self.unclean += 1;
            if self.found.len() < FOUND_MAX {
                self.found.push((report.seed, found));
            }
        }
    }

    /// Simulated time over real time.
    #[must_use]
    pub fn speed(&self) -> f64 {
        Duration::from_millis(self.simulated_ms).as_secs_f64() / self.took.as_secs_f64().max(0.001)
    }

    /// Rules reached in fewer than one seed of a hundred, and in how many; of those that are seldom, in none.
    #[must_use]
    pub fn unreached(&self) -> Vec<(&'static str, u64)> {
        let counted = EXPECTED.iter().map(|name| (*name, self.reached.get(name).copied().unwrap_or(0)));
        let is_seldom = |(name, count): &(&str, u64)| {
            if SELDOM.contains(name) { *count == 0 } else { count * 100 < self.seeds }
        };
        counted.filter(is_seldom).collect()
    }

    #[must_use]
    pub fn median(&self) -> Median {
        Median {
            nodes: middle(&self.nodes),
            clients: middle(&self.clients),
            commands: middle(&self.commands_each),
            faults: middle(&self.faults_each),
        }
    }

    /// The summary as JSON, with how good the waits were that visitors were shown.
    #[must_use]
    pub fn json(&self, shown: &Calibration) -> String {
        let median = self.median();
        let found = self.found.iter().map(|(seed, found)| serde_json::json!({"seed": seed, "found": found}));
        let value = serde_json::json!({
            "from": self.from,
            "seeds": self.seeds,
            "hash": format!("{:016x}", self.hash),
            "commands": self.commands,
            "happenings": self.happenings,
            "simulated_s": self.simulated_ms / 1_000,
            "took_s": self.took.as_secs_f64(),
            "simulated_over_real": self.speed(),
            "median": {
                "nodes": median.nodes,
                "clients": median.clients,
                "commands": median.commands,
                "faults": median.faults,
            },
            "faults": self.faults,
            "reached": self.reached,
            "unreached": self.unreached().into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "waits": {
                "waits": shown.waits,
                "unknown": shown.unknown,
                "inside": shown.inside,
                "wide": shown.wide,
                "narrow": shown.narrow,
                "spread_percent": shown.spread_percent,
            },
            "unclean": self.unclean,
            "found": found.collect::<Vec<_>>(),
        });
        format!("{value:#}\n")
    }
}

fn middle(values: &[u64]) -> u64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

/// As many threads as the machine runs at once.
#[must_use]
pub fn all_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Runs the seeds from one on. `progress` is told after each, in their order, and may say that it is enough.
pub fn run_many(
    from: u64,
    seeds: u64,
    threads: usize,
    mut progress: impl FnMut(&Summary) -> ControlFlow<()>,
) -> Summary {
    let began = Instant::now();
    let next = AtomicU64::new(from);
    let mut summary = Summary { from, ..Summary::default() };
    std::thread::scope(|scope| {
        let (tx, rx) = mpsc::sync_channel(REPORTS_MAX);
        for _ in 0..threads {
            let (tx, next) = (tx.clone(), &next);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    // Nobody listens any more when the other end has failed.
                    if seed >= from + seeds || tx.send(run(seed)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tx);
        // What comes early waits for those before it.
        let mut early: BTreeMap<u64, Report> = BTreeMap::new();
        'reports: for report in rx {
            early.insert(report.seed, report);
            while let Some(report) = early.remove(&(from + summary.seeds)) {
                summary.add(report);
                summary.took = began.elapsed();
                if progress(&summary).is_break() {
                    break 'reports;
                }
            }
        }
    });
    summary
}
