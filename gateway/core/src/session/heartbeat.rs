//! Heartbeat: pings of our own, spread so that sockets do not beat together, and the time for the first word.

use crate::chance::Chance;
use crate::limits::TIMEOUT_LATE_MS_MAX;
use crate::now::Instant;
use protocol::limits::{HELLO_MS_MAX, PING_MS_MAX, PING_MS_MIN, PONG_MS_MAX};

/// What a timeout comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Wait,
    Ping,
    /// Nothing was heard since the ping.
    Dead,
}

#[derive(Clone, Copy, Debug)]
enum Next {
    Ping(Instant),
    Pong(Instant),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Heartbeat {
    opened: Instant,
    next: Next,
}

impl Heartbeat {
    /// The first ping goes out after random(0..25) s.
    pub fn new(now: Instant, chance: &mut Chance) -> Self {
        Self { opened: now, next: Next::Ping(now.plus_ms(chance.between(0, PING_MS_MAX))) }
    }

    pub fn hello_due(&self) -> Instant {
        self.opened.plus_ms(HELLO_MS_MAX)
    }

    pub fn due(&self) -> Instant {
        match self.next {
            Next::Ping(at) | Next::Pong(at) => at,
        }
    }

    /// Any frame counts as heard.
    pub fn heard(&mut self, now: Instant, chance: &mut Chance) {
        if let Next::Pong(_) = self.next {
            self.next = Next::Ping(now.plus_ms(chance.between(PING_MS_MIN, PING_MS_MAX)));
        }
    }

    pub fn handle_timeout(&mut self, now: Instant) -> Beat {
        match self.next {
            Next::Ping(at) if now >= at => {
                self.next = Next::Pong(now.plus_ms(PONG_MS_MAX));
                Beat::Ping
            }
            // Whoever stood still for so long has not looked yet whether the answer came meanwhile.
            Next::Pong(at) if now >= at.plus_ms(TIMEOUT_LATE_MS_MAX) => {
                self.next = Next::Pong(now.plus_ms(TIMEOUT_LATE_MS_MAX));
                Beat::Wait
            }
            Next::Pong(at) if now >= at => Beat::Dead,
            Next::Ping(_) | Next::Pong(_) => Beat::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_after_a_ping_is_death_and_any_word_is_life() {
        let mut chance = Chance::new(7);
        let mut beat = Heartbeat::new(Instant(0), &mut chance);
        let first = beat.due();
        assert!(first <= Instant(PING_MS_MAX));
        assert_eq!(beat.handle_timeout(first), Beat::Ping);
        beat.heard(first.plus_ms(9_999), &mut chance);
        assert_eq!(beat.handle_timeout(first.plus_ms(10_000)), Beat::Wait);
        let second = beat.due();
        assert!(second >= first.plus_ms(9_999 + PING_MS_MIN));
        assert_eq!(beat.handle_timeout(second), Beat::Ping);
        assert_eq!(beat.handle_timeout(second.plus_ms(PONG_MS_MAX)), Beat::Dead);
    }

    #[test]
    fn a_process_that_stood_still_listens_once_more_before_it_calls_anybody_dead() {
        let mut beat = Heartbeat::new(Instant(0), &mut Chance::new(7));
        let pinged = beat.due();
        assert_eq!(beat.handle_timeout(pinged), Beat::Ping);
        let thawed = pinged.plus_ms(PONG_MS_MAX + 60_000);
        assert_eq!(beat.handle_timeout(thawed), Beat::Wait);
        let mut silent = beat;
        beat.heard(thawed.plus_ms(1), &mut Chance::new(7));
        assert!(beat.due() >= thawed.plus_ms(PING_MS_MIN));
        assert_eq!(silent.handle_timeout(thawed.plus_ms(TIMEOUT_LATE_MS_MAX)), Beat::Dead);
    }
}
