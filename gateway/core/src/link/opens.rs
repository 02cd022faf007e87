//! Opens: which sites this node wants to open, not before when, and how many it is opening.

use crate::ids::SiteId;
use crate::limits::{OPENS_MAX, REOPEN_AFTER_MS};
use crate::now::Instant;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(crate) struct Opens {
    wanted: BTreeMap<SiteId, Instant>,
    running: BTreeSet<SiteId>,
    /// Failures in a row.
    failures: BTreeMap<SiteId, usize>,
}

impl Opens {
    /// Wants a site; a pause that it must keep stays.
    pub fn want(&mut self, site: SiteId, now: Instant) {
        if !self.running.contains(&site) {
            self.wanted.entry(site).or_insert(now);
        }
    }

    /// A site could not be opened, or its desk was lost: it is wanted after a pause.
    pub fn fail(&mut self, site: SiteId, now: Instant) {
        let failures = self.failures.entry(site).or_default();
        let pause = REOPEN_AFTER_MS[(*failures).min(REOPEN_AFTER_MS.len() - 1)];
        *failures += 1;
        self.running.remove(&site);
        self.wanted.insert(site, now.plus_ms(pause));
    }

    /// The site's desk works, or is another's.
    pub fn settle(&mut self, site: SiteId) {
        self.failures.remove(&site);
    }

    /// An open has ended, well or not.
    pub fn end(&mut self, site: SiteId) {
        self.running.remove(&site);
    }

    /// The store is there again: no pause is kept any longer.
    pub fn hurry(&mut self, now: Instant) {
        for due in self.wanted.values_mut() {
            *due = now.min(*due);
        }
    }

    /// The next site that is due, if there is room; it is opening until it [ends](Self::end) or [fails](Self::fail).
    pub fn next(&mut self, now: Instant) -> Option<SiteId> {
        if self.room() == 0 {
            return None;
        }
        let site = self.wanted.iter().find(|(_, due)| **due <= now).map(|(site, _)| *site)?;
        self.wanted.remove(&site);
        self.running.insert(site);
        Some(site)
    }

    /// How many more may be opened at once.
    pub fn room(&self) -> usize {
        OPENS_MAX - self.running.len()
    }

    pub fn wants(&self, site: SiteId) -> bool {
        self.wanted.contains_key(&site)
    }
}
