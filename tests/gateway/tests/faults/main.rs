//! Faults around one process: a frozen or starved one, its disk, its clock, its descriptors, and the network between it
//! and its clients. What was acknowledged is there afterwards, once, in one order for everybody.
//!
//! A fault counts only when its effect was seen. The cases in `as_root` make namespaces, mounts and control groups:
//! they fail where that is not permitted, and say so.
#![cfg(test)]

mod as_root;
mod clock;
mod crowd;
mod descriptors;
mod freeze;
mod network;
mod silence;
mod sync;

use std::time::Duration;

/// Between two looks at a state that has no event.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until something is so that has no event.
async fn until(what: &str, time_max: Duration, mut is: impl FnMut() -> bool) {
    let until = tokio::time::Instant::now() + time_max;
    while !is() {
        assert!(tokio::time::Instant::now() < until, "in vain: {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
