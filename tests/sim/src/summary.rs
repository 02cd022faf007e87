//! Summary: many seeds on all cores, and what they came to together.

use crate::reached::EXPECTED;
use crate::run::{Report, run};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Findings that are kept in full.
const FOUND_MAX: usize = 100;

/// What many seeds came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub seeds: u64,
    pub commands: u64,
    pub simulated_ms: u64,
    pub took: Duration,
    /// Strikes that took effect, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// In how many seeds each rule was reached.
    pub reached: BTreeMap<&'static str, u64>,
    /// Seeds that went wrong, with what.
    pub found: Vec<(u64, String)>,
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
        self.simulated_ms += report.simulated_ms;
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
        if let Some(found) = report.found
            && self.found.len() < FOUND_MAX
        {
            self.found.push((report.seed, found));
        }
    }

    /// Simulated time over real time.
    #[must_use]
    pub fn speed(&self) -> f64 {
        Duration::from_millis(self.simulated_ms).as_secs_f64() / self.took.as_secs_f64().max(0.001)
    }

    /// Rules reached in fewer than one seed of a hundred.
    #[must_use]
    pub fn unreached(&self) -> Vec<&'static str> {
        let seldom = |name: &&&str| self.reached.get(**name).copied().unwrap_or(0) * 100 < self.seeds;
        EXPECTED.iter().filter(seldom).copied().collect()
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

    /// The summary as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let median = self.median();
        let value = serde_json::json!({
            "seeds": self.seeds,
            "commands": self.commands,
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
            "unreached": self.unreached(),
            "found": self.found.iter().map(|(seed, found)| serde_json::json!({"seed": seed, "found": found})).collect::<Vec<_>>(),
        });
        format!("{value:#}\n")
    }
}

fn middle(values: &[u64]) -> u64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

/// Runs the seeds from one on, on all cores. `progress` is told after each.
pub fn run_many(from: u64, seeds: u64, progress: impl Fn(&Summary) + Sync) -> Summary {
    let began = Instant::now();
    let next = AtomicU64::new(from);
    let summary = Mutex::new(Summary::default());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        return;
                    }
                    let report = run(seed);
                    let mut summary = summary.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    summary.add(report);
                    summary.took = began.elapsed();
                    progress(&summary);
                }
            });
        }
    });
    let mut summary = summary.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    summary.found.sort_unstable();
    summary
}
