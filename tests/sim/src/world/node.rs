//! A node: its sockets, its desks, its clocks, and whether it runs.

use crate::world::World;
use crate::world::clock::{EPOCH_MS, Time};
use crate::world::desk_loop::DeskLoop;
use crate::world::happening::{Happening, Life};
use crate::world::socket::Served;
use crate::world::store::{Ask, LEASE_MS, Replied};
use gateway_core::ids::Socket;
use gateway_core::now::{Instant, Now};
use protocol::CloseCode;
use std::collections::BTreeMap;

/// Between two heartbeats.
const BEAT_MS: u64 = 1_000;
/// Between two sweeps for sites that nobody serves.
const SWEEP_MS: u64 = 500;

#[derive(Debug)]
pub(crate) struct Node {
    pub index: usize,
    pub life: u32,
    pub up: bool,
    /// What came while the process was stopped; none while it runs.
    pub frozen: Option<Vec<Happening>>,
    /// Its boot clock is ahead of the world's.
    boot_ms: u64,
    /// Its wall clock is off by so much.
    pub wall_off_ms: i64,
    pub sockets: BTreeMap<Socket, Served>,
    pub desks: BTreeMap<usize, DeskLoop>,
    next_socket: u64,
    /// When the last heartbeat that is known to be stored was sent.
    beaten: Option<Time>,
    beat_at: Time,
}

impl Node {
    pub fn new(index: usize) -> Self {
        Self {
            index,
            life: 0,
            up: true,
            frozen: None,
            boot_ms: 10_000 + 77_777 * index as u64,
            wall_off_ms: 0,
            sockets: BTreeMap::new(),
            desks: BTreeMap::new(),
            next_socket: 1,
            beaten: None,
            beat_at: 0,
        }
    }

    pub fn life(&self) -> Life {
        Life { node: self.index, life: self.life }
    }

    pub fn runs(&self) -> bool {
        self.up && self.frozen.is_none()
    }

    pub fn instant(&self, now: Time) -> Instant {
        Instant(now + self.boot_ms)
    }

    pub fn now(&self, now: Time) -> Now {
        let wall_ms = (EPOCH_MS + now).saturating_add_signed(self.wall_off_ms);
        Now { instant: self.instant(now), wall_ms }
    }

    /// The world's time of an instant of this node.
    pub fn time(&self, instant: Instant) -> Time {
        instant.0.saturating_sub(self.boot_ms)
    }

    /// A number no other socket of any node has.
    pub fn next_socket(&mut self) -> u64 {
        self.next_socket += 1;
        ((self.index as u64) << 48) | (u64::from(self.life) << 32) | self.next_socket
    }

    /// Whether its lease on the store holds: the last heartbeat that is known to be stored is young.
    pub fn holds_lease(&self, now: Time) -> bool {
        self.beaten.is_some_and(|sent| now - sent < LEASE_MS)
    }

    /// Whether it held a lease that is over now.
    pub fn has_lost_lease(&self, now: Time) -> bool {
        self.beaten.is_some() && !self.holds_lease(now)
    }

    /// The process is gone with all it held.
    pub fn die(&mut self) {
        self.up = false;
        self.frozen = None;
        self.life += 1;
        self.sockets.clear();
        self.desks.clear();
        self.beaten = None;
    }
}

/// The node a socket belongs to.
pub(crate) fn node_of(socket: Socket) -> usize {
    let number = match socket {
        Socket::Visitor(socket) => socket.0,
        Socket::Agent(socket) => socket.0,
    };
    usize::try_from(number >> 48).unwrap_or(usize::MAX)
}

impl World {
    /// A node's own work, every half second: heartbeat, lease, and sites that nobody serves.
    pub fn node_tick(&mut self, life: Life) {
        let now = self.clock.now();
        let node = &mut self.nodes[life.node];
        let beats = now >= node.beat_at;
        if beats {
            node.beat_at = now + BEAT_MS;
        }
        let lost_lease = node.has_lost_lease(now);
        if beats {
            self.ask(life, 0, Ask::Beat { sent: now });
        }
        if lost_lease && !self.nodes[life.node].desks.is_empty() {
            self.reached.mark("lease: lost, desks dropped");
            self.drop_desks(life.node);
        }
        self.sweep(life);
        self.clock.after(SWEEP_MS, Happening::NodeTick(life));
    }

    /// Opens sites whose owner is dead and that have somebody open, or that must wake.
    fn sweep(&mut self, life: Life) {
        let now = self.clock.now();
        if !self.nodes[life.node].holds_lease(now) || self.store.cut_until[life.node] > now {
            return;
        }
        for site in 0..self.store.sites.len() {
            let owner = self.store.owners[site];
            let tables = &self.store.sites[site];
            let due = tables.wakes_at.is_some_and(|at| at <= crate::world::store::Store::time(now));
            let orphaned = owner.is_some_and(|owner| !self.store.lives(owner, now)) && tables.has_open();
            if (orphaned || (owner.is_none() && due)) && !self.nodes[life.node].desks.contains_key(&site) {
                self.open_desk(life.node, site);
            }
        }
    }

    fn drop_desks(&mut self, node: usize) {
        let sites: Vec<usize> = self.nodes[node].desks.keys().copied().collect();
        for site in sites {
            self.lose_site(node, site);
        }
    }

    /// The node does not serve a site any more; its sockets go where it is served.
    pub fn lose_site(&mut self, node: usize, site: usize) {
        self.nodes[node].desks.remove(&site);
        let here = self.nodes[node].sockets.iter().filter(|(_, served)| served.site == Some(site));
        let sockets: Vec<Socket> = here.map(|(socket, _)| *socket).collect();
        for socket in sockets {
            let retry_after_ms = self.chance.between(100, 1_500);
            self.end_socket(node, socket, Some((CloseCode::Overload, Some(retry_after_ms))));
        }
    }

    /// The store's answer reaches a node.
    pub fn hear_store(&mut self, life: Life, replied: Replied) {
        match replied {
            Replied::Opened { site, attempt, opening } => self.desk_opened(life, site, attempt, opening),
            Replied::Appended { site, attempt, appended } => self.desk_appended(life, site, attempt, appended),
            Replied::Loaded { site, input } => self.post_control(life.node, site, *input),
            Replied::Page { socket, fetch, page } => self.page_read(life.node, socket, &fetch, page),
            Replied::Beaten { sent } => {
                let node = &mut self.nodes[life.node];
                node.beaten = Some(node.beaten.map_or(sent, |beaten| beaten.max(sent)));
            }
        }
    }

    /// A dead node starts again, as another.
    pub fn start_node(&mut self, node: usize) {
        if !self.nodes[node].up {
            self.nodes[node].up = true;
            self.nodes[node].beat_at = 0;
            let life = self.nodes[node].life();
            self.clock.after(1, Happening::NodeTick(life));
        }
    }
}
