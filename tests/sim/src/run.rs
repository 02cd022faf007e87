//! Runs one seed.

use crate::swarm::Plan;
use crate::world::World;
use std::panic::AssertUnwindSafe;

/// What one seed came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub seed: u64,
    /// One number for everything that happened.
    pub hash: u64,
    pub nodes: usize,
    pub clients: usize,
    /// Commands that were answered for good.
    pub commands: u64,
    /// Things that happened.
    pub happenings: u64,
    /// Simulated milliseconds.
    pub simulated_ms: u64,
    /// Faults that met something, by name, once for each strike.
    pub faults: Vec<&'static str>,
    /// Rules of the core it came through.
    pub reached: Vec<&'static str>,
    /// What went wrong first.
    pub found: Option<String>,
}

/// Runs a seed to its end.
#[must_use]
pub fn run(seed: u64) -> Report {
    live(seed, false).0
}

/// Runs a seed and tells its story, line by line.
#[must_use]
pub fn tell(seed: u64) -> (Report, Vec<String>) {
    live(seed, true)
}

fn live(seed: u64, is_told: bool) -> (Report, Vec<String>) {
    let plan = Plan::draw(seed);
    let mut world = World::new(seed, plan, is_told);
    // A rule that does not hold stops its desk with a panic; here it is a finding.
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| world.run()));
    if let Err(panic) = ended {
        world.find(format!("panic: {}", message(panic.as_ref())));
    }
    let report = Report {
        seed,
        hash: world.hash.0,
        nodes: world.nodes.len(),
        clients: world.people.len(),
        commands: world.commands,
        happenings: world.happenings,
        simulated_ms: world.clock.now(),
        faults: world.faults.effects().collect(),
        reached: world.reached.names().collect(),
        found: world.found.take().map(|(at, found)| format!("at {at} ms: {found}")),
    };
    (report, world.story.take().unwrap_or_default())
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word")
}
