//! The desk's clock: store time when it opened, carried on by the monotonic clock.

use crate::now::{Instant, Now, StoreTime};

/// The present, as rules inside a desk see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub at: StoreTime,
    /// Unix milliseconds, for display.
    pub wall_ms: u64,
}

/// Converts between the process's instants and the store's time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    opened: Instant,
    opened_store: StoreTime,
}

impl Clock {
    pub fn new(opened: Now, opened_store: StoreTime) -> Self {
        Self { opened: opened.instant, opened_store }
    }

    pub fn moment(&self, now: Now) -> Moment {
        Moment { at: self.opened_store.plus_ms(now.instant.since_ms(self.opened)), wall_ms: now.wall_ms }
    }

    /// When a store time falls due; what lies before the opening is due at once.
    pub fn instant(&self, time: StoreTime) -> Instant {
        self.opened.plus_ms(time.since_ms(self.opened_store))
    }

    pub fn opened_at(&self) -> StoreTime {
        self.opened_store
    }
}
