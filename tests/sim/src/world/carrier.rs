//! Carriers: what takes envelopes between nodes. They keep order on one way, but for what is held up;
//! what is broken drops, delays, doubles and reorders anything at any time.

use crate::draw::Draw;
use crate::faults::Fault;
use crate::world::World;
use crate::world::clock::Time;
use crate::world::happening::{Happening, Life};
use gateway_core::ids::NodeId;
use gateway_core::link::envelope::{Carrier, Envelope};
use std::collections::BTreeMap;

/// How many there are: one that is quick, and a table that is read now and then.
pub(crate) const CARRIERS: u8 = 2;
/// One way at least and at most, by carrier.
const DELAY_MS: [(u64, u64); CARRIERS as usize] = [(1, 6), (40, 260)];

/// How the carriers are.
#[derive(Debug, Default)]
pub(crate) struct Carriers {
    /// The quick one loses all until then.
    pub quick_down_until: Time,
    /// Of a thousand envelopes, so many are lost, and as many come twice or late.
    pub lossy_permille: u64,
    /// Nothing passes from one node to another until then, one way.
    pub cut: Vec<(usize, usize, Time)>,
    /// Nothing arrives before what was sent before it, on one way over one carrier.
    clear: BTreeMap<(usize, Life, u8), Time>,
}

impl Carriers {
    /// Everything works again; what is on its way stays in order.
    pub fn mend_all(&mut self) {
        *self = Self { clear: std::mem::take(&mut self.clear), ..Self::default() };
    }
}

impl World {
    pub fn carry(&mut self, from: usize, to: NodeId, carrier: Carrier, envelope: &Envelope) {
        let Some(to) = self.nodes.iter().position(|node| node.up && node.id() == to) else { return };
        self.carry_to(from, to, carrier, envelope);
    }

    /// A notice goes to everybody, on every carrier.
    pub fn announce(&mut self, from: usize, envelope: &Envelope) {
        for to in (0..self.nodes.len()).filter(|to| *to != from) {
            for carrier in 0..CARRIERS {
                if self.nodes[to].up {
                    self.carry_to(from, to, Carrier(carrier), envelope);
                }
            }
        }
    }

    fn carry_to(&mut self, from: usize, to: usize, carrier: Carrier, envelope: &Envelope) {
        let now = self.clock.now();
        if carrier == Carrier(0) && self.carriers.quick_down_until > now {
            return self.feel_between(Fault::BusDown, from, to);
        }
        let is_cut = |(a, b, until): &(usize, usize, Time)| (*a, *b) == (from, to) && *until > now;
        if self.carriers.cut.iter().any(is_cut) {
            return self.feel_between(Fault::Part, from, to);
        }
        let life = self.nodes[to].life();
        if self.chance.odds(self.carriers.lossy_permille) {
            self.feel_between(Fault::LoseEnvelopes, from, to);
            if self.chance.odds(500) {
                return;
            }
            let late_ms = self.chance.between(0, 3_000);
            self.fly_late(life, carrier, envelope.clone(), late_ms);
            if self.chance.odds(500) {
                return;
            }
        }
        let (least, most) = DELAY_MS[usize::from(carrier.0)];
        let at = now + self.chance.between(least, most);
        let clear = self.carriers.clear.entry((from, life, carrier.0)).or_default();
        *clear = at.max(*clear);
        let at = *clear;
        self.clock.at(at, Happening::Envelope(life, carrier, Box::new(envelope.clone())));
    }

    /// What passes between two nodes is of the sites at either.
    fn feel_between(&mut self, fault: Fault, from: usize, to: usize) {
        let (mut sites, now) = (self.sites_at(from), self.clock.now());
        sites.extend(self.sites_at(to));
        self.feel(fault, sites, now);
    }

    /// One that was held up comes behind others.
    fn fly_late(&mut self, to: Life, carrier: Carrier, envelope: Envelope, late_ms: u64) {
        let (least, most) = DELAY_MS[usize::from(carrier.0)];
        let after_ms = self.chance.between(least, most) + late_ms;
        self.clock.after(after_ms, Happening::Envelope(to, carrier, Box::new(envelope)));
    }
}
