//! Carriers: what takes envelopes between nodes. They may drop, delay, double and reorder anything at any time.

use crate::draw::Draw;
use crate::world::World;
use crate::world::clock::Time;
use crate::world::happening::{Happening, Life};
use gateway_core::ids::NodeId;
use gateway_core::link::envelope::{Carrier, Envelope};

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
            return self.faults.took_effect("bus down");
        }
        let is_cut = |(a, b, until): &(usize, usize, Time)| (*a, *b) == (from, to) && *until > now;
        if self.carriers.cut.iter().any(is_cut) {
            return self.faults.took_effect("nodes parted");
        }
        let life = self.nodes[to].life();
        if self.chance.odds(self.carriers.lossy_permille) {
            self.faults.took_effect("envelopes lost, late or twice");
            if self.chance.odds(500) {
                return;
            }
            let late_ms = self.chance.between(0, 3_000);
            self.fly(life, carrier, envelope.clone(), late_ms);
            if self.chance.odds(500) {
                return;
            }
        }
        self.fly(life, carrier, envelope.clone(), 0);
    }

    fn fly(&mut self, to: Life, carrier: Carrier, envelope: Envelope, late_ms: u64) {
        let (least, most) = DELAY_MS[usize::from(carrier.0)];
        let after_ms = self.chance.between(least, most) + late_ms;
        self.clock.after(after_ms, Happening::Envelope(to, carrier, Box::new(envelope)));
    }
}
