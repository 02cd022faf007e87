//! The simulator: the real session and desk of halloo in a seeded world of nodes, wires, a store, people and faults.
//!
//! One seed is one history: time, chance and order all come from it. While the world lives, what must always hold is
//! checked where something changes; then everything is healed and must come to rest; then the history is judged.

mod client;
mod draw;
mod faults;
mod hash;
mod judge;
mod liveness;
mod reached;
mod run;
mod safety;
mod summary;
mod swarm;
mod waits;
mod world;

pub use run::{Report, run, tell};
pub use summary::{Median, Summary, all_threads, run_many};
pub use waits::{Calibration, calibrate};
