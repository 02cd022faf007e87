//! Admission: how many handshakes and sockets a node and an address may have. The excess is told to come back later.
//!
//! Tables are bounded: while the one of attempts is full, all share one entry until the next sweep.

use crate::edge::address::Neighbourhood;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Addresses counted apart; an entry is about 50 bytes, and sweeping takes a few milliseconds.
const NEIGHBOURHOODS_MAX: usize = 65_536;
const RETRY_AFTER_SECONDS_MIN: u64 = 1;
/// A burst of 10,000 that comes back over this many seconds is half of the node's rate.
const RETRY_AFTER_SECONDS_SPREAD: u64 = 10;

/// The figures of admission, all of them settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionLimits {
    pub handshakes_per_second: NonZeroU32,
    pub handshakes_burst: NonZeroU32,
    pub address_handshakes_per_second: NonZeroU32,
    pub address_handshakes_burst: NonZeroU32,
    pub address_sockets_max: u32,
    pub address_connections_max: u32,
    pub connections_max: u32,
}

/// Why somebody must come back later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// The node takes no more handshakes for the moment.
    Node,
    /// The address has had its handshakes.
    Address,
    /// The address has its sockets open.
    Sockets,
}

type NodeLimiter<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;
type AddressLimiter<C> =
    RateLimiter<Neighbourhood, DashMapStateStore<Neighbourhood>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The counts of this node.
pub struct Admission<C: Clock = DefaultClock> {
    node: NodeLimiter<C>,
    addresses: AddressLimiter<C>,
    sockets: Arc<Places>,
    connections: Arc<Places>,
}

impl Admission {
    #[must_use]
    pub fn new(limits: AdmissionLimits) -> Self {
        Self::with_clock(limits, DefaultClock::default())
    }
}

impl<C: Clock + Clone> Admission<C> {
    fn with_clock(limits: AdmissionLimits, clock: C) -> Self {
        let node = Quota::per_second(limits.handshakes_per_second).allow_burst(limits.handshakes_burst);
        let address =
            Quota::per_second(limits.address_handshakes_per_second).allow_burst(limits.address_handshakes_burst);
        Self {
            node: RateLimiter::direct_with_clock(node, clock.clone()),
            addresses: RateLimiter::dashmap_with_clock(address, clock),
            sockets: Places::new(limits.address_sockets_max, u32::MAX),
            connections: Places::new(limits.address_connections_max, limits.connections_max),
        }
    }
}

impl<C: Clock> Admission<C> {
    /// Counts an attempt to open a socket against its address; refused ones cost the node's budget nothing.
    ///
    /// # Errors
    /// The address is over its rate.
    pub fn attempt(&self, address: IpAddr) -> Result<(), Excess> {
        let is_full = self.addresses.len() >= NEIGHBOURHOODS_MAX;
        let key = if is_full { Neighbourhood::Others } else { address.into() };
        self.addresses.check_key(&key).map_err(|_| Excess::Address)
    }

    /// Counts a handshake that is otherwise sound against the node.
    ///
    /// # Errors
    /// The node is over its rate.
    pub fn handshake(&self) -> Result<(), Excess> {
        self.node.check().map_err(|_| Excess::Node)
    }

    /// Takes one of the address's visitor sockets; dropping the place gives it back.
    ///
    /// # Errors
    /// The address has as many as it may.
    pub fn open_socket(&self, address: IpAddr) -> Result<Place, Excess> {
        self.sockets.take(address.into()).ok_or(Excess::Sockets)
    }

    /// Takes one of the connections on which HTTP is spoken; none when the address or the node has no more.
    #[must_use]
    pub fn open_connection(&self, address: IpAddr) -> Option<Place> {
        self.connections.take(address.into())
    }

    /// Forgets addresses whose allowance is whole again; called once a second.
    pub fn sweep(&self) {
        self.addresses.retain_recent();
        self.addresses.shrink_to_fit();
    }
}

/// Places that addresses hold: so many each, so many together.
#[derive(Debug)]
struct Places {
    each_max: u32,
    together_max: u32,
    together: AtomicU32,
    held: DashMap<Neighbourhood, u32>,
}

impl Places {
    fn new(each_max: u32, together_max: u32) -> Arc<Self> {
        Arc::new(Self { each_max, together_max, together: AtomicU32::new(0), held: DashMap::new() })
    }

    fn take(self: &Arc<Self>, of: Neighbourhood) -> Option<Place> {
        let is_full = self.together.fetch_add(1, Ordering::Relaxed) >= self.together_max;
        if is_full || !self.hold(of) {
            self.together.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Place { places: Arc::clone(self), of })
    }

    fn hold(&self, of: Neighbourhood) -> bool {
        match self.held.entry(of) {
            Entry::Occupied(held) if *held.get() >= self.each_max => false,
            Entry::Occupied(mut held) => {
                *held.get_mut() += 1;
                true
            }
            Entry::Vacant(_) if self.each_max == 0 => false,
            Entry::Vacant(free) => {
                free.insert(1);
                true
            }
        }
    }

    fn give_back(&self, of: Neighbourhood) {
        self.together.fetch_sub(1, Ordering::Relaxed);
        let Entry::Occupied(mut held) = self.held.entry(of) else { return };
        *held.get_mut() -= 1;
        if *held.get() == 0 {
            held.remove();
        }
    }
}

/// One place; given back when dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    of: Neighbourhood,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.give_back(self.of);
    }
}

/// Seconds after which refused ones may come back: spread, so that they do not return together.
#[must_use]
pub fn retry_after_seconds() -> u64 {
    let chance = getrandom::u32().unwrap_or(0);
    RETRY_AFTER_SECONDS_MIN + u64::from(chance) % RETRY_AFTER_SECONDS_SPREAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use std::time::Duration;

    fn figure(figure: u32) -> NonZeroU32 {
        NonZeroU32::new(figure).unwrap()
    }

    fn limits() -> AdmissionLimits {
        AdmissionLimits {
            handshakes_per_second: figure(100),
            handshakes_burst: figure(3),
            address_handshakes_per_second: figure(10),
            address_handshakes_burst: figure(5),
            address_sockets_max: 2,
            address_connections_max: 2,
            connections_max: 3,
        }
    }

    fn admission() -> (Admission<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Admission::with_clock(limits(), clock.clone()), clock)
    }

    fn v4(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    #[test]
    fn an_address_has_its_burst_and_then_its_rate() {
        let (admission, clock) = admission();
        (0..5).for_each(|_| admission.attempt(v4(1)).unwrap());
        assert_eq!(admission.attempt(v4(1)), Err(Excess::Address));
        admission.attempt(v4(2)).unwrap();
        clock.advance(Duration::from_millis(100));
        admission.attempt(v4(1)).unwrap();
        assert_eq!(admission.attempt(v4(1)), Err(Excess::Address));
    }

    #[test]
    fn the_node_has_its_burst_and_then_its_rate() {
        let (admission, clock) = admission();
        (0..3).for_each(|_| admission.handshake().unwrap());
        assert_eq!(admission.handshake(), Err(Excess::Node));
        clock.advance(Duration::from_millis(10));
        admission.handshake().unwrap();
    }

    #[test]
    fn a_closed_socket_makes_room_for_another() {
        let (admission, _) = admission();
        let first = admission.open_socket(v4(1)).unwrap();
        let _second = admission.open_socket(v4(1)).unwrap();
        assert_eq!(admission.open_socket(v4(1)).unwrap_err(), Excess::Sockets);
        drop(first);
        let _third = admission.open_socket(v4(1)).unwrap();
    }

    #[test]
    fn places_that_are_given_back_leave_nothing_behind() {
        let (admission, _) = admission();
        drop((admission.open_socket(v4(1)), admission.open_socket(v4(1)), admission.open_socket(v4(1))));
        assert!(admission.sockets.held.is_empty());
        assert_eq!(admission.sockets.together.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn connections_are_bounded_for_the_address_and_for_the_node() {
        let (admission, _) = admission();
        let mut held = vec![admission.open_connection(v4(1)), admission.open_connection(v4(1))];
        assert!(admission.open_connection(v4(1)).is_none());
        held.push(admission.open_connection(v4(2)));
        assert!(held.iter().all(Option::is_some));
        assert!(admission.open_connection(v4(3)).is_none());
    }

    #[test]
    fn addresses_whose_allowance_is_whole_are_swept() {
        let (admission, clock) = admission();
        (0..200).for_each(|last| admission.attempt(v4(last)).unwrap());
        admission.sweep();
        assert_eq!(admission.addresses.len(), 200);
        clock.advance(Duration::from_secs(1));
        admission.sweep();
        assert_eq!(admission.addresses.len(), 0);
    }

    #[test]
    fn a_full_table_does_not_grow() {
        let (admission, _) = admission();
        let addresses = (0..NEIGHBOURHOODS_MAX as u32 + 1_000).map(|bits| IpAddr::from(bits.to_be_bytes()));
        let refused = addresses.filter(|address| admission.attempt(*address).is_err()).count();
        assert_eq!(refused, 995, "the rest share one burst of five");
        assert_eq!(admission.addresses.len(), NEIGHBOURHOODS_MAX + 1);
    }

    #[test]
    fn the_time_to_come_back_is_spread() {
        let seconds: std::collections::BTreeSet<u64> = (0..200).map(|_| retry_after_seconds()).collect();
        assert!(seconds.len() > 5);
        assert!(seconds.iter().all(|seconds| (1..=10).contains(seconds)));
    }
}
