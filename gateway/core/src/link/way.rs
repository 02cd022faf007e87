//! Way: which carrier takes what is sent to one peer. The sender alone chooses; everyone listens on all of them.
//!
//! Beats go over the carrier in use and over every better one, so that a better one is seen to heal.

use crate::limits::{BEATS_TO_RETURN, BEATS_UNCONFIRMED_MAX};
use crate::link::envelope::Carrier;
use std::collections::VecDeque;

#[derive(Debug)]
pub(crate) struct Way {
    uses: usize,
    /// The number of the last beat sent.
    number: u64,
    /// For each carrier, the best first.
    lanes: Vec<Lane>,
    /// The last of the peer's beats heard on each carrier.
    heard: Vec<u64>,
}

#[derive(Clone, Debug, Default)]
struct Lane {
    /// Beats sent that the peer has not said it heard; no more than are judged.
    unconfirmed: VecDeque<u64>,
    /// Beats confirmed in a row.
    streak: u32,
    /// Beats sent since the lane was last forgotten.
    sent: u32,
}

impl Lane {
    fn is_broken(&self) -> bool {
        self.unconfirmed.len() >= BEATS_UNCONFIRMED_MAX
    }

    /// The last beat but one was confirmed, or was not; the last one may be on its way.
    fn judge(&mut self) {
        if self.is_broken() {
            self.streak = 0;
        } else if self.sent >= 2 {
            self.streak += 1;
        }
    }

    fn send(&mut self, number: u64) {
        self.sent = self.sent.saturating_add(1);
        self.unconfirmed.push_back(number);
        if self.unconfirmed.len() > BEATS_UNCONFIRMED_MAX {
            self.unconfirmed.pop_front();
        }
    }
}

impl Way {
    pub fn new(carriers: u8) -> Self {
        let carriers = usize::from(carriers);
        Self { uses: 0, number: 0, lanes: vec![Lane::default(); carriers], heard: vec![0; carriers] }
    }

    /// The carrier in use.
    pub fn uses(&self) -> Carrier {
        carrier(self.uses)
    }

    /// Whether the best carrier is not the one in use.
    pub fn is_degraded(&self) -> bool {
        self.uses > 0
    }

    pub fn heard(&self) -> &[u64] {
        &self.heard
    }

    /// Judges the beats so far, and gives the number of the next one with the carriers that take it.
    pub fn beat(&mut self) -> (u64, Vec<Carrier>) {
        for lane in &mut self.lanes[..=self.uses] {
            lane.judge();
        }
        let healed = self.lanes[..self.uses].iter().position(|lane| lane.streak >= BEATS_TO_RETURN);
        if let Some(better) = healed {
            self.lanes[better + 1..].fill(Lane::default());
            self.uses = better;
        } else if self.lanes[self.uses].is_broken() && self.uses + 1 < self.lanes.len() {
            self.uses += 1;
        }
        self.number += 1;
        for lane in &mut self.lanes[..=self.uses] {
            lane.send(self.number);
        }
        (self.number, (0..=self.uses).map(carrier).collect())
    }

    /// The peer's beat was heard on a carrier.
    pub fn hear(&mut self, on: Carrier, number: u64) {
        if let Some(heard) = self.heard.get_mut(usize::from(on.0)) {
            *heard = number.max(*heard);
        }
    }

    /// The peer says which of our beats it last heard on each carrier.
    pub fn confirm(&mut self, heard: &[u64]) {
        for (lane, heard) in self.lanes.iter_mut().zip(heard) {
            lane.unconfirmed.retain(|number| number > heard);
        }
    }

    /// The beats pause: what was not confirmed by then says nothing.
    pub fn pause(&mut self) {
        self.lanes.fill(Lane::default());
    }
}

fn carrier(index: usize) -> Carrier {
    Carrier(u8::try_from(index).expect("carriers are counted in eight bits"))
}
