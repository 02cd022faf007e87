//! Opening: a desk among several nodes does not know at first who has joined.
//!
//! Until the roll call has ended it takes commands, but assigns nothing, lets nothing expire and tells nobody that all
//! are offline.

use crate::desk::Desk;
use crate::desk::clock::Moment;
use crate::effects::Public;
use crate::now::Now;
use crate::stored::Opening;
use protocol::Down;

/// How far an opening is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not all nodes have said yet who has joined there.
    RollCall,
    /// All have; what they said may not have been handled yet.
    Called,
    Serving,
}

impl Desk {
    /// Builds the desk of a site whose sockets are this node's alone: whoever is missing is missing from now on.
    #[must_use]
    pub fn open(opening: Opening, seed: u64, now: Now) -> Self {
        let mut desk = Self::build(opening, seed, now);
        let moment = desk.clock.moment(now);
        desk.end_opening(moment);
        desk.assign(moment);
        desk
    }

    /// Builds the desk of a site whose sockets may be on any node. It is opening until it is told
    /// [`RollCalled`](crate::desk::input::Input::RollCalled), which comes within `OPENING_MS_MAX`.
    #[must_use]
    pub fn open_among_peers(opening: Opening, seed: u64, now: Now) -> Self {
        Self::build(opening, seed, now)
    }

    /// Whether somebody may have joined whom the desk does not know yet.
    pub(crate) fn is_opening(&self) -> bool {
        self.phase != Phase::Serving
    }

    /// All who are there have been named. Their joins may stand behind this in other queues, and nobody must be taken
    /// for missing before they are heard: the opening ends with the next [`handle_timeout`](Desk::handle_timeout).
    pub(crate) fn handle_roll_called(&mut self) {
        if self.phase == Phase::RollCall {
            self.phase = Phase::Called;
        }
    }

    pub(crate) fn end_roll_call(&mut self, now: Moment) {
        self.end_opening(now);
        // Before anybody is assigned: an agent whose offer has lapsed meanwhile takes no other.
        self.let_fall_due(now);
        let (to, availability) = (self.sockets.wanting_availability(), self.availability());
        self.availability_told = availability.online;
        self.say_to_visitors(to, || Public(Down::Availability(availability)));
    }

    fn end_opening(&mut self, now: Moment) {
        self.phase = Phase::Serving;
        self.await_return_of_agents(now);
        self.await_return_of_visitors(now);
    }
}
