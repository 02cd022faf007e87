//! How long to wait before another try: twice as long each time, up to a limit, and never as long as the others wait.

use crate::adapters::limits::{RETRY_MS_MAX, RETRY_MS_MIN};
use crate::chance;
use std::fmt::Display;
use std::time::Duration;
use tokio::time::Instant;

/// The wait between tries in a row.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    tries: u32,
    is_away: bool,
}

impl Backoff {
    /// The way is there; whether it was away before.
    pub fn came_back(&mut self) -> bool {
        std::mem::take(&mut self.is_away)
    }

    /// Says that a way is away, loudly once; the wait before the next try, which is short when the last one held.
    pub fn wait_after(&mut self, carrier: &str, fault: impl Display, tried: Instant) -> Duration {
        if self.is_away {
            tracing::debug!(carrier, %fault, "the way is still away");
        } else {
            tracing::warn!(carrier, %fault, "the way is away");
            self.is_away = true;
        }
        if tried.elapsed() > Duration::from_millis(2 * RETRY_MS_MAX) {
            self.reset();
        }
        self.next()
    }

    /// The wait before the next try.
    fn next(&mut self) -> Duration {
        let whole = RETRY_MS_MIN.saturating_mul(1 << self.tries.min(16)).min(RETRY_MS_MAX);
        self.tries = self.tries.saturating_add(1);
        // Between half of it and all.
        let part = u64::from(u32::from_le_bytes(chance::bytes()));
        Duration::from_millis(whole / 2 + ((whole / 2 * part) >> u32::BITS))
    }

    fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..100).map(|_| backoff.next().as_millis()).collect();
        assert!(waits[0] <= u128::from(RETRY_MS_MIN));
        assert!(waits[50..].iter().all(|ms| *ms >= u128::from(RETRY_MS_MAX / 2) && *ms <= u128::from(RETRY_MS_MAX)));
    }
}
