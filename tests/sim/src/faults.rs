//! Faults: what is broken on purpose, and whether it met anything that could suffer.

use crate::draw::Draw;
use crate::world::World;
use crate::world::clock::Time;
use crate::world::drain::DRAIN_MS;
use crate::world::happening::Happening;
use crate::world::store::Replied;
use gateway_core::chance::Chance;
use std::collections::{BTreeMap, BTreeSet};

/// A process that went on has all its tasks running after this.
const WAKES_WITHIN_MS: u64 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The process is gone; its sockets are torn, or fall silent when the machine went with it.
    Kill,
    /// The process stops, and wakes as it was.
    Freeze,
    /// A node is asked to stop, and exits when it owes nothing more.
    Drain,
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
    /// Those that any seed may draw. Drains are drawn apart.
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
            Self::Drain => "node drained",
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
    /// The last strike of each kind.
    last: BTreeMap<Fault, usize>,
    effects: BTreeSet<(Fault, usize)>,
    /// Which sites felt what, from when to when.
    felt: BTreeMap<(Fault, usize, usize), (Time, Time)>,
}

impl Faults {
    /// The last strike of this kind met something.
    fn took_effect(&mut self, fault: Fault) {
        let strike = self.last.get(&fault).copied().unwrap_or(0);
        self.effects.insert((fault, strike));
    }

    pub fn effects(&self) -> impl Iterator<Item = &'static str> {
        self.effects.iter().map(|(fault, _)| fault.name())
    }

    /// What each site felt: the fault's name with its strike, the site, from when to when.
    pub fn felt(&self) -> impl Iterator<Item = (String, usize, Time, Time)> {
        self.felt.iter().map(|((fault, strike, site), (from, until))| {
            (format!("{} {strike} at site {site}", fault.name()), *site, *from, *until)
        })
    }

    /// A strike is over; what it did may last longer.
    fn end(&mut self, strike: Option<usize>, now: Time) {
        for ((_, of, _), (_, until)) in &mut self.felt {
            if strike.is_none_or(|strike| strike == *of) {
                *until = now.max(*until);
            }
        }
    }
}

impl World {
    /// The last strike of this kind met something, and sites felt it, until then at least.
    pub fn feel(&mut self, fault: Fault, sites: impl IntoIterator<Item = usize>, until: Time) {
        let now = self.clock.now();
        self.faults.took_effect(fault);
        let strike = self.faults.last.get(&fault).copied().unwrap_or(0);
        for site in sites {
            let (_, felt_until) = self.faults.felt.entry((fault, strike, site)).or_insert((now, until));
            *felt_until = until.max(*felt_until);
        }
    }

    /// Sites with a desk or a socket at a node.
    pub fn sites_at(&self, node: usize) -> BTreeSet<usize> {
        let node = &self.nodes[node];
        let served = node.sockets.values().filter_map(|served| served.site);
        node.desks.keys().copied().chain(served).collect()
    }
}

impl World {
    pub fn strike(&mut self, index: usize) {
        let strike = self.plan.strikes[index];
        let (now, node, fault) = (self.clock.now(), strike.node, strike.fault);
        let until = now + if fault == Fault::Drain { DRAIN_MS } else { strike.length_ms };
        self.faults.last.insert(fault, index);
        self.tell(|| format!("fault: {}, node {node}, for {} ms", fault.name(), strike.length_ms));
        let mut chance = Chance::new(strike.seed);
        match fault {
            Fault::Kill => self.kill(node, &mut chance),
            Fault::Freeze => self.freeze(node),
            Fault::Drain => self.drain(node),
            Fault::CutFromStore => self.store.cut_until[node] = until,
            Fault::StallStore => self.store.stalled_until = until,
            Fault::LoseAtStore => self.store.lossy_permille = [50, 200, 500][chance.index(3)],
            Fault::Tear => self.each_wire(&mut chance, fault, World::tear),
            Fault::Silence => self.each_wire(&mut chance, fault, |world, wire| world.wires[wire].silent = true),
            Fault::StallReaders => self.each_wire(&mut chance, fault, |world, wire| {
                world.wires[wire].stalled_since = now;
                world.wires[wire].stalled_until = until;
            }),
            Fault::BusDown => self.carriers.quick_down_until = until,
            Fault::LoseEnvelopes => self.carriers.lossy_permille = [20, 100, 400][chance.index(3)],
            Fault::Part => {
                let other = chance.index(self.nodes.len());
                self.carriers.cut.push((node, other, until));
            }
            // Nobody may notice.
            Fault::StepClock => {
                self.nodes[node].wall_off_ms = [-7_200_000, 7_200_000, 60_000][chance.index(3)];
                self.faults.took_effect(fault);
            }
        }
        self.clock.at(until, Happening::Mend(index));
    }

    /// The fault ends.
    pub fn mend(&mut self, index: usize) {
        let strike = self.plan.strikes[index];
        match strike.fault {
            Fault::Kill => self.start_node(strike.node),
            Fault::Freeze => self.thaw(strike.node),
            Fault::Drain => self.end_drain(strike.node),
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
        self.faults.end(Some(index), self.clock.now());
    }

    fn kill(&mut self, node: usize, chance: &mut Chance) {
        if !self.nodes[node].up {
            return;
        }
        self.feel(Fault::Kill, self.sites_at(node), self.clock.now());
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
            self.feel(Fault::Freeze, self.sites_at(node), self.clock.now());
            self.nodes[node].frozen = Some(Vec::new());
        }
    }

    /// The process goes on where it stopped, with all that came meanwhile.
    fn thaw(&mut self, node: usize) {
        // Its tasks wake one after another: desks may speak before the link looks at the clock.
        let link_ms = self.chance.between(0, WAKES_WITHIN_MS);
        for late in self.nodes[node].frozen.take().unwrap_or_default() {
            let is_heartbeat =
                matches!(&late, Happening::Answered(_, replied) if matches!(**replied, Replied::Heartbeat(_)));
            let is_of_link = is_heartbeat || matches!(&late, Happening::LinkDue(_));
            self.clock.after(if is_of_link { link_ms } else { 0 }, late);
        }
        for site in self.sites_at(node) {
            self.notice_settings(node, site);
        }
    }

    fn each_wire(&mut self, chance: &mut Chance, fault: Fault, mut broken: impl FnMut(&mut World, usize)) {
        let share = [100, 400, 1_000][chance.index(3)];
        let wires: Vec<usize> = self.wire_of_tab.values().copied().collect();
        for wire in wires {
            if self.wires[wire].node_open && chance.odds(share) {
                let site = self.tabs[self.wires[wire].tab].site;
                self.feel(fault, [site], self.clock.now());
                broken(self, wire);
            }
        }
    }

    /// Everything works again.
    pub fn heal(&mut self) {
        self.healing = true;
        self.faults.end(None, self.clock.now());
        self.store.stalled_until = 0;
        self.store.lossy_permille = 0;
        self.carriers.mend_all();
        self.store.cut_until.fill(0);
        for node in 0..self.nodes.len() {
            self.thaw(node);
            self.end_drain(node);
            self.start_node(node);
        }
        for wire in &mut self.wires {
            wire.stalled_until = 0;
        }
        self.tell(|| "everything is healed".to_owned());
        self.calm();
    }
}
