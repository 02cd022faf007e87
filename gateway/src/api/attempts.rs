//! Slows down whoever guesses: a growing delay for an account, a bucket for an address.
//!
//! Counters live in tables of fixed size, found by a keyed hash: no flood of names can grow them, and nobody can
//! aim at another's counter. An email without an account is counted like any other.

use super::limits::{
    ACCOUNT_SLOTS, ADDRESS_BURST, ADDRESS_INTERVAL_MS, ADDRESS_SLOTS, FAILURE_DELAY_MS, FAILURE_DELAY_MS_MAX,
    FAILURES_FORGOTTEN_MS, FAILURES_FREE,
};
use gateway_core::now::Instant;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts tries at signing in.
pub(crate) struct Attempts {
    accounts: Mutex<Vec<Failures>>,
    addresses: Mutex<Vec<Bucket>>,
    key: RandomState,
}

#[derive(Clone, Copy, Default)]
struct Failures {
    count: u32,
    last: Instant,
    blocked_until: Instant,
}

/// When the next try would be due if tries came evenly (GCRA).
#[derive(Clone, Copy, Default)]
struct Bucket {
    due: Instant,
}

/// A try that counts as a failure unless it is settled otherwise: tries side by side cannot all be the first.
#[must_use]
pub(crate) struct Attempt<'a> {
    attempts: &'a Attempts,
    slot: usize,
}

/// How long to wait before the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) ms: u64,
}

impl Attempts {
    pub(crate) fn new() -> Self {
        Self {
            accounts: Mutex::new(vec![Failures::default(); ACCOUNT_SLOTS]),
            addresses: Mutex::new(vec![Bucket::default(); ADDRESS_SLOTS]),
            key: RandomState::new(),
        }
    }

    /// Takes one try from an address's bucket.
    pub(crate) fn by_address(&self, address: IpAddr, now: Instant) -> Result<(), Wait> {
        let slot = self.slot(network_of(address), ADDRESS_SLOTS);
        let bucket = &mut lock(&self.addresses)[slot];
        let due = bucket.due.max(now).plus_ms(ADDRESS_INTERVAL_MS);
        let ahead_ms = due.since_ms(now);
        let allowed_ms = ADDRESS_BURST * ADDRESS_INTERVAL_MS;
        if ahead_ms > allowed_ms {
            return Err(Wait { ms: ahead_ms - allowed_ms });
        }
        bucket.due = due;
        Ok(())
    }

    /// Begins a try at an account, by its email in lower case.
    pub(crate) fn at_account(&self, email: &str, now: Instant) -> Result<Attempt<'_>, Wait> {
        let slot = self.slot(email, ACCOUNT_SLOTS);
        let failures = &mut lock(&self.accounts)[slot];
        if now < failures.blocked_until {
            return Err(Wait { ms: failures.blocked_until.since_ms(now) });
        }
        if now.since_ms(failures.last) >= FAILURES_FORGOTTEN_MS {
            *failures = Failures::default();
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
        failures.blocked_until = now.plus_ms(delay_ms(failures.count));
        Ok(Attempt { attempts: self, slot })
    }

    fn slot(&self, name: impl Hash, slots: usize) -> usize {
        let slots = slots as u64;
        usize::try_from(self.key.hash_one(name) % slots).expect("less than the number of slots")
    }
}

impl Attempt<'_> {
    /// The password was right: all is forgotten.
    pub(crate) fn succeeded(self) {
        lock(&self.attempts.accounts)[self.slot] = Failures::default();
    }

    /// Nobody looked at the password: this try does not count.
    pub(crate) fn withdrawn(self, now: Instant) {
        let failures = &mut lock(&self.attempts.accounts)[self.slot];
        failures.count = failures.count.saturating_sub(1);
        failures.blocked_until = now.plus_ms(delay_ms(failures.count).saturating_sub(now.since_ms(failures.last)));
    }
}

impl Wait {
    /// For `Retry-After`: whole seconds, rounded up.
    pub(crate) fn seconds(self) -> u64 {
        self.ms.div_ceil(1_000)
    }
}

fn delay_ms(failures: u32) -> u64 {
    let Some(doublings) = failures.checked_sub(FAILURES_FREE) else { return 0 };
    FAILURE_DELAY_MS.saturating_mul(1u64.checked_shl(doublings).unwrap_or(u64::MAX)).min(FAILURE_DELAY_MS_MAX)
}

/// What one client can choose addresses from: an IPv6 host is given a /64.
fn network_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(_) => address.to_bits(),
            None => address.to_bits() >> 64 << 64,
        },
    }
}

/// A counter that a panic left half-written is still a counter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "ada@example.org";
    const START: Instant = Instant(1_000_000);

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn five_failures_are_free_and_then_each_wait_doubles_up_to_a_minute() {
        let attempts = Attempts::new();
        let mut now = START;
        let mut waits = Vec::new();
        for _ in 0..14 {
            assert!(attempts.at_account(ADA, now).is_ok());
            let wait_ms = lock(&attempts.accounts)[attempts.slot(ADA, ACCOUNT_SLOTS)].blocked_until.since_ms(now);
            waits.push(wait_ms / 1_000);
            now = now.plus_ms(wait_ms);
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn tries_side_by_side_cannot_all_be_the_first() {
        let attempts = Attempts::new();
        let begun: Vec<_> = (0..100).map(|_| attempts.at_account(ADA, START)).collect();
        assert_eq!(begun.iter().filter(|attempt| attempt.is_ok()).count(), 5);
    }

    #[test]
    fn the_right_password_forgets_failures_and_so_does_an_hour() {
        let attempts = Attempts::new();
        for _ in 0..4 {
            let _failed = attempts.at_account(ADA, START);
        }
        attempts.at_account(ADA, START).map(Attempt::succeeded).expect("the fifth may try");
        for _ in 0..5 {
            assert!(attempts.at_account(ADA, START).is_ok());
        }
        assert!(attempts.at_account(ADA, START.plus_ms(999)).is_err());
        let later = START.plus_ms(FAILURES_FORGOTTEN_MS);
        assert_eq!((0..9).filter(|_| attempts.at_account(ADA, later).is_ok()).count(), 5);
    }

    #[test]
    fn a_try_that_nobody_looked_at_does_not_count() {
        let attempts = Attempts::new();
        for _ in 0..20 {
            attempts.at_account(ADA, START).map(|attempt| attempt.withdrawn(START)).expect("may try");
        }
    }

    #[test]
    fn an_address_has_a_burst_and_then_a_pace() {
        let attempts = Attempts::new();
        let office = address("192.0.2.7");
        assert_eq!((0..1_000).filter(|_| attempts.by_address(office, START).is_ok()).count(), 30);
        assert_eq!(attempts.by_address(office, START), Err(Wait { ms: 2_000 }));
        assert!(attempts.by_address(office, START.plus_ms(2_000)).is_ok());
        assert!(attempts.by_address(address("192.0.2.8"), START).is_ok());
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_share_a_bucket() {
        let attempts = Attempts::new();
        let tried = (0..100).filter(|n| attempts.by_address(address(&format!("2001:db8::{n:x}")), START).is_ok());
        assert_eq!(tried.count(), 30);
        assert!(attempts.by_address(address("2001:db8:0:1::1"), START).is_ok());
    }
}
