//! Estimate: how long a place in line will take, as an honest range.
//!
//! With `slots` conversations served at once and service times of mean m and variation c, the k-th place is reached
//! when k of them have ended: about a gamma distribution of mean k·m/slots and shape k/c².
//! Its 5 % and 95 % points are the range (Wilson and Hilferty 1931, "The distribution of chi-square").

use crate::limits::{SERVICE_SAMPLES_MAX, SERVICE_SAMPLES_MIN};
use protocol::Wait;
use std::collections::VecDeque;

/// The upper end is at most this many times the lower one; a wider range helps nobody.
const SPREAD_MAX: f64 = 4.0;
/// Normal quantile of 95 %.
const Z: f64 = 1.645;

/// Service times, the latest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estimate {
    service_ms: VecDeque<u64>,
}

impl Estimate {
    /// Goes on from what earlier desks of the site have measured.
    pub fn open(service_ms: Vec<u64>) -> Self {
        Self { service_ms: service_ms.into() }
    }

    /// Learns how long one conversation was served.
    pub fn served(&mut self, ms: u64) {
        if self.service_ms.len() == SERVICE_SAMPLES_MAX {
            self.service_ms.pop_front();
        }
        self.service_ms.push_back(ms);
    }

    /// The wait at a place from 1, with so many conversations served at once; `None` when it cannot be told.
    pub fn wait(&self, place: u32, slots: u32) -> Option<Wait> {
        if slots == 0 || self.service_ms.len() < SERVICE_SAMPLES_MIN {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a chat are far below 2^52")]
        let samples: Vec<f64> = self.service_ms.iter().map(|ms| *ms as f64 / 1_000.0).collect();
        #[expect(clippy::cast_precision_loss, reason = "at most 200 samples")]
        let count = samples.len() as f64;
        let mean = samples.iter().sum::<f64>() / count;
        let variance = samples.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / count;
        if mean <= 0.0 {
            return None;
        }
        let variation = (variance / (mean * mean)).clamp(0.05, 1.0);
        let shape = f64::from(place) / variation;
        let middle = f64::from(place) * mean / f64::from(slots);
        let (low, high) = (middle * quantile(shape, -Z), middle * quantile(shape, Z));
        let (low, high) = narrowed(low.max(1.0), high.max(1.0));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds, clamped")]
        Some(Wait { low_s: low.clamp(1.0, 86_400.0) as u32, high_s: high.clamp(1.0, 86_400.0).ceil() as u32 })
    }
}

/// A quantile of a gamma distribution of mean 1.
fn quantile(shape: f64, z: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    (1.0 - ninth + z * ninth.sqrt()).max(0.0).powi(3)
}

/// Pulls both ends towards their geometric middle until the spread is allowed.
fn narrowed(low: f64, high: f64) -> (f64, f64) {
    if high <= low * SPREAD_MAX {
        return (low, high);
    }
    let middle = (low * high).sqrt();
    (middle / SPREAD_MAX.sqrt(), middle * SPREAD_MAX.sqrt())
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

    #[test]
    fn nothing_is_promised_before_enough_was_served() {
        assert_eq!(after(&[60, 60, 60, 60]).wait(1, 1), None);
        assert_eq!(after(&[60; 10]).wait(1, 0), None);
    }

    #[test]
    fn the_range_holds_the_mean_and_grows_with_the_place() {
        let estimate = after(&[100, 140, 60, 120, 80, 100]);
        let first = estimate.wait(1, 2).unwrap();
        let tenth = estimate.wait(10, 2).unwrap();
        assert!(first.low_s < 50 && 50 < first.high_s, "{first:?}");
        assert!(tenth.low_s < 500 && 500 < tenth.high_s, "{tenth:?}");
        assert!(tenth.high_s < tenth.low_s * 4);
    }

    #[test]
    fn the_spread_is_bounded() {
        let wild = after(&[1, 1, 1, 1, 1_000, 1, 1, 2_000]);
        let wait = wild.wait(1, 1).unwrap();
        assert!(wait.high_s <= wait.low_s * 5, "{wait:?}");
    }
}
