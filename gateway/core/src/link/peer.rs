//! Peer: what is counted towards one other node, and when there was last reason to beat to it.

use crate::limits::{BEATS_FOR_MS, MEND_EVERY_MS};
use crate::link::beat::Beat;
use crate::link::envelope::{Carrier, Letter};
use crate::link::way::Way;
use crate::now::Instant;

/// How an envelope of letters stands to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    InOrder,
    /// Others before it are lost, or will come late and be dropped.
    AfterHole,
    /// Below what was expected: it is dropped.
    Late,
}

#[derive(Debug)]
pub(crate) struct Peer {
    /// Letters that wait for the next envelope.
    pub letters: Vec<Letter>,
    pub way: Way,
    sent: u64,
    confirmed: u64,
    received: u64,
    /// Holes seen in what came from the peer, and those the peer says it has seen.
    holes: u64,
    holes_there: u64,
    /// The last of the peer's beats that was judged.
    judged: u64,
    active: Option<Instant>,
    well: Option<Instant>,
    /// When what was lost was last asked for again, and whether more was lost since.
    mended: Option<Instant>,
    torn: bool,
}

/// What a beat says that calls for something to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// What came from the peer has a hole at its tail.
    pub hole_from: bool,
    /// The peer has seen a hole in what it was sent.
    pub hole_to: bool,
    /// The beat stands behind all that was sent before it, so that digests can be compared.
    pub judged: bool,
}

impl Peer {
    pub fn new(carriers: u8) -> Self {
        Self {
            letters: Vec::new(),
            way: Way::new(carriers),
            sent: 0,
            confirmed: 0,
            received: 0,
            holes: 0,
            holes_there: 0,
            judged: 0,
            active: None,
            well: None,
            mended: None,
            torn: false,
        }
    }

    /// The counter of the next envelope. It counts whether or not the envelope ever leaves.
    pub fn count(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }

    /// An envelope of letters came from the peer.
    pub fn arrive(&mut self, counter: u64, now: Instant) -> Arrival {
        self.touch(now);
        if counter <= self.received {
            return Arrival::Late;
        }
        let missing = counter - self.received - 1;
        self.received = counter;
        if missing == 0 {
            return Arrival::InOrder;
        }
        self.holes += 1;
        Arrival::AfterHole
    }

    /// There was an envelope, or there is something to be confirmed: the beats go on.
    pub fn touch(&mut self, now: Instant) {
        self.active = Some(now);
    }

    /// Whether there was an envelope of late.
    pub fn is_active(&self, now: Instant) -> bool {
        self.active.is_some_and(|at| now.since_ms(at) < BEATS_FOR_MS)
    }

    /// Whether the peer has yet to say that it received all.
    pub fn owes_confirmation(&self) -> bool {
        self.confirmed < self.sent
    }

    /// The peer told, less than this long ago, that it reaches the store.
    pub fn is_well(&self, within_ms: u64, now: Instant) -> bool {
        self.well.is_some_and(|at| now.since_ms(at) < within_ms)
    }

    /// Something the peer said was lost.
    pub fn tear(&mut self) {
        self.torn = true;
    }

    /// When what was lost may be asked for again; none when nothing was.
    pub fn mend_due(&self) -> Option<Instant> {
        self.torn.then(|| self.mended.map_or(Instant(0), |at| at.plus_ms(MEND_EVERY_MS)))
    }

    /// Whether something was lost that is asked for again now.
    pub fn takes_mending(&mut self, now: Instant) -> bool {
        let due = self.mend_due().is_some_and(|due| due <= now);
        if due {
            self.torn = false;
            self.mended = Some(now);
        }
        due
    }

    /// The next beat to the peer, and the carriers that take it.
    pub fn beat(&mut self, digest: u64, well: bool) -> (Beat, Vec<Carrier>) {
        let (number, carriers) = self.way.beat();
        let beat = Beat {
            number,
            sent: self.sent,
            uses: self.way.uses(),
            received: self.received,
            holes: self.holes,
            confirmed: self.confirmed,
            heard: self.way.heard().to_vec(),
            digest,
            well,
        };
        (beat, carriers)
    }

    /// A beat came from the peer.
    pub fn hear(&mut self, carrier: Carrier, beat: &Beat, now: Instant) -> Heard {
        self.way.hear(carrier, beat.number);
        self.way.confirm(&beat.heard);
        self.confirmed = self.confirmed.max(beat.received);
        if beat.well {
            self.well = Some(now);
        }
        if beat.confirmed < beat.sent {
            self.touch(now);
        }
        let hole_to = beat.holes > self.holes_there;
        self.holes_there = self.holes_there.max(beat.holes);
        let judged = carrier == beat.uses && beat.number > self.judged;
        let hole_from = judged && beat.sent > self.received;
        if judged {
            self.judged = beat.number;
        }
        if hole_from {
            self.received = beat.sent;
            self.holes += 1;
            self.touch(now);
        }
        Heard { hole_from, hole_to, judged }
    }
}
