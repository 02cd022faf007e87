//! How long to wait before another try: twice as long each time, up to a limit, and never as long as the others wait.

use crate::adapters::limits::{RETRY_MS_MAX, RETRY_MS_MIN};
use crate::chance;
use std::time::Duration;

/// The wait between tries in a row.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// The wait before the next try.
    pub fn next(&mut self) -> Duration {
        let whole = RETRY_MS_MIN.saturating_mul(1 << self.tries.min(16)).min(RETRY_MS_MAX);
        self.tries = self.tries.saturating_add(1);
        // Between half of it and all.
        let part = u64::from(u32::from_le_bytes(chance::bytes()));
        Duration::from_millis(whole / 2 + ((whole / 2 * part) >> u32::BITS))
    }

    /// The last try held.
    pub fn reset(&mut self) {
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
