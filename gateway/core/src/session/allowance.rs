//! Allowance: how much one socket may send, by the generic cell rate algorithm (ITU-T I.371).

use crate::now::Instant;

/// A rate and the burst above it. Eight bytes of state.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Theoretical arrival time, in microseconds of the session's clock.
    arrival_us: u64,
}

/// What an allowance grants.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub per_second: u32,
    pub burst: u32,
}

impl Allowance {
    #[must_use]
    pub fn new() -> Self {
        Self { arrival_us: 0 }
    }

    /// Spends `units`; false when they are more than is left, and then nothing is spent.
    pub fn spend(&mut self, units: u32, rate: Rate, now: Instant) -> bool {
        let now_us = now.0.saturating_mul(1_000);
        let cost_us = u64::from(units) * 1_000_000 / u64::from(rate.per_second);
        let burst_us = u64::from(rate.burst) * 1_000_000 / u64::from(rate.per_second);
        let arrival_us = self.arrival_us.max(now_us) + cost_us;
        if arrival_us > now_us + burst_us {
            return false;
        }
        self.arrival_us = arrival_us;
        true
    }
}

impl Default for Allowance {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 5, burst: 20 };

    #[test]
    fn a_burst_passes_and_then_the_rate_binds() {
        let mut allowance = Allowance::new();
        let passed = (0..30).filter(|_| allowance.spend(1, RATE, Instant(1_000))).count();
        assert_eq!(passed, 20);
        assert!(!allowance.spend(1, RATE, Instant(1_199)));
        assert!(allowance.spend(1, RATE, Instant(1_200)));
    }

    #[test]
    fn what_does_not_fit_is_not_spent() {
        let mut allowance = Allowance::new();
        assert!(!allowance.spend(21, RATE, Instant(0)));
        assert!(allowance.spend(20, RATE, Instant(0)));
    }
}
