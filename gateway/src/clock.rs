//! The shell's clocks: the only place that reads them for the rules.

use gateway_core::now::{Instant, Now};
use rustix::time::{ClockId, Timespec, clock_gettime};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Two clocks read within this time count as read together.
const TOGETHER: Duration = Duration::from_millis(1);
/// A machine sleeps for longer than this, or not at all.
const SLEEP_STEP_MS: u64 = 10;

/// Reads the boot-time and the wall clock together: boot time goes on while the machine sleeps, so that no lease
/// outlives a sleep.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: tokio::time::Instant,
    /// How long the machine had slept by then.
    slept: Duration,
}

impl Clock {
    #[must_use]
    pub fn start() -> Self {
        Self { started: tokio::time::Instant::now(), slept: slept() }
    }

    #[must_use]
    pub fn now(&self) -> Now {
        let wall_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis);
        Now { instant: Instant(millis(self.started.elapsed() + self.slept_since())), wall_ms }
    }

    /// The runtime's instant of a rule's deadline. The runtime's timers stand still while the machine sleeps, so that a
    /// deadline may be handled late, and must be asked for again.
    #[must_use]
    pub fn deadline(&self, at: Instant) -> tokio::time::Instant {
        self.started + Duration::from_millis(at.0).saturating_sub(self.slept_since())
    }

    fn slept_since(&self) -> Duration {
        let ms = millis(slept().saturating_sub(self.slept) + Duration::from_millis(SLEEP_STEP_MS / 2));
        Duration::from_millis(ms - ms % SLEEP_STEP_MS)
    }
}

/// How long the machine has slept since it was started.
fn slept() -> Duration {
    loop {
        let (before, boot, after) = (read(ClockId::Monotonic), read(ClockId::Boottime), read(ClockId::Monotonic));
        if after.saturating_sub(before) < TOGETHER {
            return boot.saturating_sub(before);
        }
    }
}

fn read(clock: ClockId) -> Duration {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(clock);
    Duration::new(tv_sec.unsigned_abs(), u32::try_from(tv_nsec).unwrap_or(0))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
