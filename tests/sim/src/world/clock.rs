//! The world's clock: simulated milliseconds, and what happens when.

use crate::world::happening::Happening;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Milliseconds since the world began.
pub(crate) type Time = u64;

/// Wall clock and store clock of the first moment, in Unix milliseconds.
pub(crate) const EPOCH_MS: u64 = 1_700_000_000_000;

/// What will happen, in order. Two things of one moment happen in the order they were planned.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    now: Time,
    queue: BinaryHeap<Entry>,
    planned: u64,
}

#[derive(Debug)]
struct Entry {
    at: Time,
    order: u64,
    what: Happening,
}

impl Clock {
    pub fn now(&self) -> Time {
        self.now
    }

    /// Plans something; what lies in the past happens now.
    pub fn at(&mut self, at: Time, what: Happening) {
        self.planned += 1;
        self.queue.push(Entry { at: at.max(self.now), order: self.planned, what });
    }

    pub fn after(&mut self, ms: u64, what: Happening) {
        self.at(self.now + ms, what);
    }

    /// When the next thing happens.
    pub fn peek(&self) -> Option<Time> {
        self.queue.peek().map(|entry| entry.at)
    }

    /// Moves to the next thing that happens.
    pub fn next(&mut self) -> Option<Happening> {
        let entry = self.queue.pop()?;
        self.now = entry.at;
        Some(entry.what)
    }
}

// The heap gives its greatest first, so the earliest is the greatest.
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Entry {}
