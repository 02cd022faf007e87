//! Past: what earlier waits came to, against what was expected of them.
//!
//! No formula knows who gives up waiting, whom an agent may not serve, or who passes by with a priority; the waits that
//! ended know all of it. The range of their ratios is the range of the next one (split conformal prediction: Lei,
//! G'Sell, Rinaldo, Tibshirani and Wasserman 2018, "Distribution-free predictive inference for regression"), each place
//! by itself, since near ones vary more.

use crate::limits::{WAITS_KEPT_MAX, WAITS_KEPT_MIN};
use std::collections::{BTreeMap, VecDeque};

/// The upper end is at most this many times the lower one; a wider range helps nobody.
pub(super) const SPREAD_MAX: u64 = 4;

/// Of a hundred earlier waits a range holds so many, for it to hold ninety of those to come.
const HELD_PERCENT: usize = 96;

/// A range of thousandths of what is expected.
pub(super) type Range = (u64, u64);

#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// Thousandths of what was expected, by the first place of a bucket; the latest last.
    ratios: BTreeMap<u32, VecDeque<u64>>,
}

impl Past {
    pub fn add(&mut self, place: u32, permille: u64) {
        let ratios = self.ratios.entry(bucket(place)).or_default();
        if ratios.len() == WAITS_KEPT_MAX {
            ratios.pop_front();
        }
        ratios.push_back(permille);
    }

    /// The range of the next wait at a place, once enough have ended there.
    pub fn range(&self, place: u32) -> Option<Range> {
        let ratios = self.ratios.get(&bucket(place)).filter(|ratios| ratios.len() >= WAITS_KEPT_MIN)?;
        let mut sorted: Vec<u64> = ratios.iter().map(|ratio| *ratio.max(&1)).collect();
        sorted.sort_unstable();
        Some(shortest(&sorted).unwrap_or_else(|| fullest(&sorted)))
    }
}

/// Far places are alike: each bucket is about two fifths wider than the one before.
fn bucket(place: u32) -> u32 {
    const FIRST: [u32; 11] = [1, 2, 3, 4, 5, 7, 10, 14, 20, 28, 40];
    FIRST.into_iter().rev().find(|first| *first <= place).unwrap_or(1)
}

/// The shortest range that holds nearly all.
fn shortest(sorted: &[u64]) -> Option<Range> {
    let held = (sorted.len() * HELD_PERCENT).div_ceil(100);
    let ranges = sorted.windows(held).filter_map(|held| Some((*held.first()?, *held.last()?)));
    ranges.filter(|(low, high)| *high <= low * SPREAD_MAX).min_by_key(|(low, high)| high - low)
}

/// Of the ranges that are as wide as is allowed the lowest that holds the most.
fn fullest(sorted: &[u64]) -> Range {
    let below = |limit: u64| sorted.partition_point(|ratio| *ratio < limit);
    let held = |low: u64| below(low * SPREAD_MAX + 1) - below(low);
    let low = sorted.iter().copied().rev().max_by_key(|low| held(*low)).unwrap_or(1);
    (low, low * SPREAD_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(ratios: impl IntoIterator<Item = u64>) -> Option<Range> {
        let mut past = Past::default();
        ratios.into_iter().for_each(|ratio| past.add(8, ratio));
        past.range(7)
    }

    #[test]
    fn few_waits_tell_nothing() {
        assert_eq!(after([1_000; WAITS_KEPT_MIN - 1]), None);
        assert_eq!(after([1_000; WAITS_KEPT_MIN]), Some((1_000, 1_000)));
    }

    #[test]
    fn a_range_is_the_shortest_that_holds_nearly_all() {
        let waits = (0..48).map(|nth| 500 + nth).chain([400, 1_000]);
        assert_eq!(after(waits), Some((500, 547)));
    }

    #[test]
    fn a_range_that_would_be_too_wide_lies_where_the_most_waits_are() {
        let waits = (0..10).map(|_| 10).chain((0..30).map(|nth| 1_000 + nth)).chain((0..10).map(|_| 9_000));
        let (low, high) = after(waits).unwrap();
        assert!(low <= 1_000 && 1_029 <= high && high == low * SPREAD_MAX, "{low} {high}");
    }

    #[test]
    fn the_oldest_waits_are_forgotten_and_other_places_tell_nothing() {
        let mut past = Past::default();
        (0..WAITS_KEPT_MAX).for_each(|_| past.add(1, 100));
        (0..WAITS_KEPT_MAX).for_each(|_| past.add(1, 2_000));
        assert_eq!(past.range(1), Some((2_000, 2_000)));
        assert_eq!(past.range(2), None);
    }
}
