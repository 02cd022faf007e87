//! Faults: what is broken on purpose, and whether it met anything that could suffer.

use crate::draw::Draw;
use crate::world::World;
use crate::world::carrier::Carriers;
use crate::world::clock::Time;
use crate::world::happening::Happening;
use gateway_core::chance::Chance;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The process is gone; its sockets are torn, or fall silent when the machine went with it.
    Kill,
    /// The process stops, and wakes as it was.
    Freeze,
    /// One node cannot reach the store.
    CutFromStore,
    /// The store carries nothing out.
    StallStore,
    /// Requests and answers of the store get lost.
    LoseAtStore,
    /// Wires of clients are torn.
    Tear,
    /// Wires of clients fall silent.
    Silence,
    /// Clients stop reading.
    StallReaders,
    /// A wall clock jumps.
    StepClock,
    /// The quick carrier loses everything.
    BusDown,
    /// Carriers lose, delay and double envelopes.
    LoseEnvelopes,
    /// Nothing passes from one node to another, one way.
    Part,
}

impl Fault {
    pub const ALL: [Self; 12] = [
        Self::Kill,
        Self::Freeze,
        Self::CutFromStore,
        Self::StallStore,
        Self::LoseAtStore,
        Self::Tear,
        Self::Silence,
        Self::StallReaders,
        Self::StepClock,
        Self::BusDown,
        Self::LoseEnvelopes,
        Self::Part,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "node killed",
            Self::Freeze => "node frozen",
            Self::CutFromStore => "node cut from store",
            Self::StallStore => "store stalls",
            Self::LoseAtStore => "store answers lost",
            Self::Tear => "wires torn",
            Self::Silence => "wires silent",
            Self::StallReaders => "readers stall",
            Self::StepClock => "clock steps",
            Self::BusDown => "bus down",
            Self::LoseEnvelopes => "envelopes lost, late or twice",
            Self::Part => "nodes parted",
        }
    }
}

/// One fault at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strike {
    pub at: Time,
    pub fault: Fault,
    pub length_ms: u64,
    pub node: usize,
    pub seed: u64,
}

/// Which strikes took effect.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rounds: std::collections::BTreeMap<&'static str, u32>,
    effects: BTreeSet<(&'static str, u32)>,
}

impl Faults {
    fn strike(&mut self, name: &'static str) {
        *self.rounds.entry(name).or_default() += 1;
    }

    /// The last strike of this name met something.
    pub fn took_effect(&mut self, name: &'static str) {
        let round = self.rounds.get(name).copied().unwrap_or(0);
        self.effects.insert((name, round));
    }

    pub fn effects(&self) -> impl Iterator<Item = &'static str> {
        self.effects.iter().map(|(name, _)| *name)
    }
}

impl World {
    pub fn strike(&mut self, index: usize) {
        let strike = self.plan.strikes[index];
        let (now, node, name) = (self.clock.now(), strike.node, strike.fault.name());
        let until = now + strike.length_ms;
        self.faults.strike(name);
        self.tell(|| format!("fault: {name}, node {node}, for {} ms", strike.length_ms));
        let mut chance = Chance::new(strike.seed);
        let before = self.faults.effects.len();
        match strike.fault {
            Fault::Kill => self.kill(node, &mut chance),
            Fault::Freeze => self.freeze(node),
            Fault::CutFromStore => self.store.cut_until[node] = until,
            Fault::StallStore => self.store.stalled_until = until,
            Fault::LoseAtStore => self.store.lossy_permille = [50, 200, 500][chance.index(3)],
            Fault::Tear => self.each_wire(&mut chance, name, World::tear),
            Fault::Silence => self.each_wire(&mut chance, name, |world, wire| world.wires[wire].silent = true),
            Fault::StallReaders => self.each_wire(&mut chance, name, |world, wire| {
                world.wires[wire].stalled_since = now;
                world.wires[wire].stalled_until = until;
            }),
            Fault::BusDown => self.carriers.quick_down_until = until,
            Fault::LoseEnvelopes => self.carriers.lossy_permille = [20, 100, 400][chance.index(3)],
            Fault::Part => {
                let other = chance.index(self.nodes.len());
                self.carriers.cut.push((node, other, until));
            }
            Fault::StepClock => {
                self.nodes[node].wall_off_ms = [-7_200_000, 7_200_000, 60_000][chance.index(3)];
                self.faults.took_effect(name);
            }
        }
        let passive = [
            Fault::CutFromStore,
            Fault::StallStore,
            Fault::LoseAtStore,
            Fault::BusDown,
            Fault::LoseEnvelopes,
            Fault::Part,
        ];
        let took_effect = self.faults.effects.len() > before || passive.contains(&strike.fault);
        self.note_fault(index, name, took_effect);
        self.clock.at(until, Happening::Mend(index));
    }

    /// The fault ends.
    pub fn mend(&mut self, index: usize) {
        let strike = self.plan.strikes[index];
        match strike.fault {
            Fault::Kill => self.start_node(strike.node),
            Fault::Freeze => self.thaw(strike.node),
            Fault::LoseAtStore => self.store.lossy_permille = 0,
            Fault::LoseEnvelopes => self.carriers.lossy_permille = 0,
            Fault::BusDown
            | Fault::Part
            | Fault::CutFromStore
            | Fault::StallStore
            | Fault::Tear
            | Fault::Silence
            | Fault::StallReaders
            | Fault::StepClock => {}
        }
        self.note_heal(index, strike.fault.name());
    }

    fn kill(&mut self, node: usize, chance: &mut Chance) {
        if !self.nodes[node].up {
            return;
        }
        self.faults.took_effect(Fault::Kill.name());
        let (now, id, life) = (self.clock.now(), self.nodes[node].id(), self.nodes[node].life());
        let with_machine = chance.odds(300);
        self.nodes[node].die(now);
        self.note_desks_gone(id);
        for wire in 0..self.wires.len() {
            if self.wires[wire].to == life && self.wires[wire].node_open {
                if with_machine {
                    self.wires[wire].silent = true;
                } else {
                    self.close_wire(wire, None);
                }
                self.end_at_node(wire);
            }
        }
    }

    fn freeze(&mut self, node: usize) {
        if self.nodes[node].runs() {
            self.faults.took_effect(Fault::Freeze.name());
            self.nodes[node].frozen = Some(Vec::new());
        }
    }

    /// The process goes on where it stopped, with all that came meanwhile.
    fn thaw(&mut self, node: usize) {
        for late in self.nodes[node].frozen.take().unwrap_or_default() {
            self.clock.after(0, late);
        }
    }

    fn each_wire(&mut self, chance: &mut Chance, name: &'static str, mut broken: impl FnMut(&mut World, usize)) {
        let share = [100, 400, 1_000][chance.index(3)];
        let wires: Vec<usize> = self.wire_of_tab.values().copied().collect();
        for wire in wires {
            if self.wires[wire].node_open && chance.odds(share) {
                self.faults.took_effect(name);
                broken(self, wire);
            }
        }
    }

    /// Everything works again.
    pub fn heal(&mut self) {
        self.healing = true;
        self.store.stalled_until = 0;
        self.store.lossy_permille = 0;
        self.carriers = Carriers::default();
        self.store.cut_until.fill(0);
        for node in 0..self.nodes.len() {
            self.thaw(node);
            self.start_node(node);
        }
        for wire in &mut self.wires {
            wire.stalled_until = 0;
        }
        self.tell(|| "everything is healed".to_owned());
        self.calm();
    }
}
