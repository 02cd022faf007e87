//! The shell's clocks: the only place that reads them for the rules.

use gateway_core::now::{Instant, Now};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Reads the monotonic and the wall clock together.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: tokio::time::Instant,
}

impl Clock {
    #[must_use]
    pub fn start() -> Self {
        Self { started: tokio::time::Instant::now() }
    }

    #[must_use]
    pub fn now(&self) -> Now {
        let wall_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis);
        Now { instant: Instant(millis(self.started.elapsed())), wall_ms }
    }

    /// The runtime's instant of a rule's deadline.
    #[must_use]
    pub fn deadline(&self, at: Instant) -> tokio::time::Instant {
        self.started + Duration::from_millis(at.0)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
