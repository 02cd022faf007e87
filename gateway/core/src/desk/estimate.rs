//! Estimate: how long a place in line will take, as an honest range.
//!
//! With `slots` conversations served at once, each for m on average, the k-th place is expected to be reached after
//! k·m/slots. What earlier waits at such a place came to against that gives the range. Until enough have ended it is
//! that of a gamma distribution of shape k/c², c the variation of the service times: its 5 % and 95 % points (Wilson and
//! Hilferty 1931, "The distribution of chi-square"), and where those are too far apart the fullest range of the width
//! allowed.

mod past;

use crate::limits::{SERVICE_SAMPLES_MAX, SERVICE_SAMPLES_MIN};
use crate::now::StoreTime;
use past::{Past, Range, SPREAD_MAX};
use protocol::Wait;
use std::collections::VecDeque;

/// Normal quantile of 95 %.
const Z: f64 = 1.645;
/// Where a gamma distribution has the most between a low end and four times that, whatever its shape: ln 4 / 3 of its
/// mean. There the density, which falls as a power times an exponential, is four times as high as at the other end.
const FULLEST_PERMILLE: Range = (462, 1_848);
/// Longest wait that is told: a day.
const WAIT_S_MAX: u64 = 86_400;

/// What was expected of a wait when its place was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub place: u32,
    pub wait_ms: u64,
    pub at: StoreTime,
}

/// Service times, the latest last, and what waits came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estimate {
    service_ms: VecDeque<u64>,
    past: Past,
}

impl Estimate {
    /// Goes on from what earlier desks of the site have measured.
    pub fn open(service_ms: Vec<u64>) -> Self {
        Self { service_ms: service_ms.into(), past: Past::default() }
    }

    /// Learns how long one conversation was served.
    pub fn served(&mut self, ms: u64) {
        if self.service_ms.len() == SERVICE_SAMPLES_MAX {
            self.service_ms.pop_front();
        }
        self.service_ms.push_back(ms);
    }

    /// Learns how long a wait was of which something else had been expected.
    pub fn waited(&mut self, expected: Expected, now: StoreTime) {
        let waited_ms = now.since_ms(expected.at);
        self.past.add(expected.place, waited_ms.saturating_mul(1_000) / expected.wait_ms.max(1));
    }

    /// How long a place from 1 is expected to take, with so many conversations served at once; `None` when it cannot be
    /// told.
    pub fn expected_ms(&self, place: u32, slots: u32) -> Option<u64> {
        if slots == 0 || self.service_ms.len() < SERVICE_SAMPLES_MIN {
            return None;
        }
        let mean_ms = self.service_ms.iter().sum::<u64>() / self.service_ms.len() as u64;
        Some(mean_ms.saturating_mul(u64::from(place)) / u64::from(slots)).filter(|ms| *ms > 0)
    }

    /// The range of a wait of which so much is expected.
    pub fn wait(&self, place: u32, expected_ms: u64) -> Wait {
        let (low, high) = self.past.range(place).unwrap_or_else(|| self.range_of_service(place));
        let seconds = |permille: u64| expected_ms.saturating_mul(permille) / 1_000;
        let low_s = (seconds(low) + 500) / 1_000;
        let low_s = low_s.clamp(1, WAIT_S_MAX);
        let high_s = seconds(high).div_ceil(1_000).clamp(low_s, low_s * SPREAD_MAX);
        let told = |seconds: u64| u32::try_from(seconds).unwrap_or(u32::MAX);
        Wait { low_s: told(low_s), high_s: told(high_s) }
    }

    /// The range that the service times alone allow.
    fn range_of_service(&self, place: u32) -> Range {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a chat are far below 2^52")]
        let samples: Vec<f64> = self.service_ms.iter().map(|ms| *ms as f64).collect();
        #[expect(clippy::cast_precision_loss, reason = "at most 200 samples")]
        let count = samples.len() as f64;
        let mean = samples.iter().sum::<f64>() / count;
        let variance = samples.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / count;
        let variation = (variance / (mean * mean)).clamp(0.05, 1.0);
        let shape = f64::from(place) / variation;
        let tails = (permille(quantile(shape, -Z)), permille(quantile(shape, Z)));
        if tails.1 <= tails.0 * SPREAD_MAX { tails } else { FULLEST_PERMILLE }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few times the mean at most")]
fn permille(ratio: f64) -> u64 {
    (ratio * 1_000.0) as u64
}

/// A quantile of a gamma distribution of mean 1.
fn quantile(shape: f64, z: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    (1.0 - ninth + z * ninth.sqrt()).max(0.0).powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(service_s: &[u64]) -> Estimate {
        let mut estimate = Estimate::default();
        for seconds in service_s {
            estimate.served(seconds * 1_000);
        }
        estimate
    }

    fn told(estimate: &Estimate, place: u32, slots: u32) -> Wait {
        estimate.wait(place, estimate.expected_ms(place, slots).unwrap())
    }

    #[test]
    fn nothing_is_promised_before_enough_was_served() {
        assert_eq!(after(&[60, 60, 60, 60]).expected_ms(1, 1), None);
        assert_eq!(after(&[60; 10]).expected_ms(1, 0), None);
        assert_eq!(after(&[60; 10]).expected_ms(3, 2), Some(90_000));
    }

    #[test]
    fn the_range_holds_the_mean_and_grows_with_the_place() {
        let estimate = after(&[100, 140, 60, 120, 80, 100]);
        let (first, tenth) = (told(&estimate, 1, 2), told(&estimate, 10, 2));
        assert!(first.low_s < 50 && 50 < first.high_s, "{first:?}");
        assert!(tenth.low_s < 500 && 500 < tenth.high_s, "{tenth:?}");
        assert!(tenth.high_s < tenth.low_s * 3);
    }

    #[test]
    fn the_upper_end_is_at_most_four_times_the_lower_one() {
        let wild = after(&[1, 1, 1, 1, 1_000, 1, 1, 2_000]);
        for place in 1..40 {
            let wait = told(&wild, place, 7);
            assert!(wait.low_s <= wait.high_s && wait.high_s <= wait.low_s * 4, "{wait:?}");
        }
    }

    #[test]
    fn what_waits_came_to_corrects_what_was_expected() {
        let mut estimate = after(&[60; 10]);
        for _ in 0..30 {
            estimate.waited(Expected { place: 2, wait_ms: 60_000, at: StoreTime(0) }, StoreTime(150_000));
        }
        assert_eq!(told(&estimate, 2, 2), Wait { low_s: 150, high_s: 150 });
        assert!(told(&estimate, 3, 2).high_s < 150);
    }
}
