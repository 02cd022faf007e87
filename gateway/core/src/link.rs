//! Link: one node among its peers.
//!
//! It knows which node owns which site, takes what sockets say to the desk that owns their site and what desks say to
//! the nodes of the sockets, and sees to it that whatever a carrier loses is said again.
//! The shell hands in what sockets, desks, carriers and the store say, then takes [`Link::poll_effect`] until there is
//! none, and comes back at [`Link::poll_timeout`]. Answers of the store may come in any order and at any time.
//!
//! Instants are of the boot-time clock: a lease must not outlive the sleep of its machine.

pub mod beat;
pub mod effect;
pub mod envelope;
mod held;
mod joined;
mod nodes;
mod opens;
mod owning;
mod peer;
mod place;
mod receiving;
mod roll_call;
mod sending;
pub mod set;
mod timeouts;
mod unanswered;
mod way;

use crate::chance::Chance;
use crate::desk::input::Input;
use crate::effects::{Delivery, Lease};
use crate::ids::{Epoch, NodeId, SiteId, Socket};
use crate::limits::{BEAT_MS, CARRIERS_MAX, PEERS_MAX, SWEEP_MS};
use crate::now::{Instant, Now};
use crate::session::NotSubmitted;
use effect::{Effect, Heartbeat, NotOpened, Owner, StoreAway};
use envelope::{Carrier, Envelope, Mail};
use held::Held;
use joined::Joined;
use nodes::Nodes;
use opens::Opens;
use peer::Peer;
use place::{Desk, Places};
use protocol::Command;
use roll_call::RollCalls;
use std::collections::{BTreeMap, VecDeque};
use unanswered::Unanswered;

/// One node's state towards its peers.
#[derive(Debug)]
pub struct Link {
    node: NodeId,
    carriers: u8,
    nodes: Nodes,
    peers: BTreeMap<NodeId, Peer>,
    places: Places,
    opens: Opens,
    roll_calls: RollCalls,
    joined: Joined,
    held: Held,
    unanswered: Unanswered,
    drain: Drain,
    rhythm: Rhythm,
    /// Holes found so far in what peers sent.
    holes: u64,
    /// The sockets were sent away, and the store has not been reached since.
    sent_away: bool,
    effects: VecDeque<Effect>,
}

/// Whether the node stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drain {
    Stays,
    /// Not ready any more; the desks are let go then.
    Until(Instant),
    LetsGo,
}

/// When what is done regularly is done next.
#[derive(Debug)]
struct Rhythm {
    heartbeat: Instant,
    /// A heartbeat is on its way; there is one at a time.
    beating: bool,
    beats: Instant,
    sweep: Instant,
    sweeping: bool,
}

impl Link {
    /// The link of a node that has just started. It listens on `carriers` carriers; `seed` spreads what is done
    /// regularly, so that nodes that start together do not ask the store together.
    ///
    /// # Panics
    /// When there is no carrier, or more than [`CARRIERS_MAX`].
    #[must_use]
    pub fn new(node: NodeId, carriers: u8, seed: u64, now: Now) -> Self {
        assert!((1..=CARRIERS_MAX).contains(&usize::from(carriers)), "a node has a few carriers");
        let mut chance = Chance::new(seed);
        let mut first = |every_ms| now.instant.plus_ms(chance.between(0, every_ms));
        Self {
            node,
            carriers,
            nodes: Nodes::new(node, now.instant),
            peers: BTreeMap::new(),
            places: Places::default(),
            opens: Opens::default(),
            roll_calls: RollCalls::default(),
            joined: Joined::default(),
            held: Held::default(),
            unanswered: Unanswered::default(),
            drain: Drain::Stays,
            rhythm: Rhythm {
                // At once: nothing is opened before the first heartbeat got through.
                heartbeat: now.instant,
                beating: false,
                beats: first(BEAT_MS),
                sweep: first(SWEEP_MS),
                sweeping: false,
            },
            holes: 0,
            sent_away: false,
            effects: VecDeque::new(),
        }
    }

    // ---- what this node's sockets and desks say -------------------------------------------------------------

    /// A socket of this node says something to the desk of its site; or the shell says something to a desk here.
    ///
    /// A command that cannot be kept, or for which no desk can be reached because the store is away, is given back as
    /// [`Effect::Refuse`].
    pub fn handle_input(&mut self, site: SiteId, input: Input, now: Now) {
        let now = now.instant;
        match input {
            Input::Command { socket, principal, command } => match self.keep(site, socket, principal, &command, now) {
                Ok(()) => self.route(site, Mail::Command { socket, principal, command }, now),
                Err(why) => self.effects.push_back(Effect::Refuse { socket, command, why }),
            },
            Input::Typing { socket, typing } => self.route(site, Mail::Typing { socket, typing }, now),
            Input::Read { socket, read } => self.route(site, Mail::Read { socket, read }, now),
            Input::SendAway { socket } => self.route(site, Mail::SendAway { socket }, now),
            Input::SignedOut { agent } => self.route(site, Mail::SignedOut { agent }, now),
            Input::Join(_)
            | Input::Leave { .. }
            | Input::Follow { .. }
            | Input::Unfollow { .. }
            | Input::Lagged { .. }
            | Input::Page { .. }
            | Input::Availability { .. }
            | Input::Watch { .. }
            | Input::Unwatch { .. } => self.change_own_set(site, input, now),
            Input::Loaded { .. }
            | Input::LoadedMessage { .. }
            | Input::LoadedLastAgent { .. }
            | Input::Closed { .. }
            | Input::Settings(_)
            | Input::RollCalled => self.tell_desk(site, input),
        }
    }

    /// A desk of this node has said these words, and its gate is open.
    ///
    /// What a desk says that was fenced meanwhile is dropped, or that is being let go while another may own its site.
    pub fn handle_released(&mut self, site: SiteId, epoch: Epoch, deliveries: Vec<Delivery>, now: Now) {
        if self.speaks_for(site, epoch) && self.nodes.holds_lease(now.instant) {
            self.opens.settle(site);
            self.deliver(site, epoch, deliveries, now.instant);
        }
    }

    /// A command that was given to a desk of this node found its queue full, or could not be taken.
    pub fn handle_refused(&mut self, site: SiteId, socket: Socket, command: &Command, why: NotSubmitted, now: Now) {
        self.refuse(site, socket, command, why, now.instant);
    }

    // ---- what carriers bring --------------------------------------------------------------------------------

    /// An envelope came over a carrier, in whatever order, once or more often. The shell has checked its signature.
    pub fn handle_envelope(&mut self, carrier: Carrier, envelope: Envelope, now: Now) {
        if envelope.from != self.node {
            self.receive(carrier, envelope, now.instant);
        }
    }

    // ---- what the store answers -----------------------------------------------------------------------------

    /// The answer to [`Effect::Heartbeat`].
    pub fn handle_heartbeat(&mut self, heartbeat: Result<Heartbeat, StoreAway>, now: Now) {
        self.rhythm.beating = false;
        self.heed_lease(now.instant);
        if let Ok(heartbeat) = heartbeat {
            self.heartbeat_got_through(&heartbeat, now.instant);
        }
    }

    /// The answer to [`Effect::ReadOwner`]: the row, or that there is none.
    pub fn handle_owner(&mut self, site: SiteId, owner: Result<Option<Owner>, StoreAway>, now: Now) {
        self.owner_read(site, owner, now.instant);
    }

    /// The answer to [`Effect::Open`]: the new epoch. The shell has built the desk with `Desk::open_among_peers` and can
    /// hand it what [`Effect::Desk`] says from now on.
    ///
    /// When the node has lost its lease meanwhile, [`Effect::DropDesk`] follows.
    pub fn handle_opened(&mut self, site: SiteId, opened: Result<Epoch, NotOpened>, now: Now) {
        match opened {
            Ok(epoch) => self.desk_opened(site, epoch, now.instant),
            Err(why) => self.not_opened(site, why, now.instant),
        }
    }

    /// The answer to [`Effect::Sweep`].
    pub fn handle_swept(&mut self, swept: Result<Vec<(SiteId, Owner)>, StoreAway>, now: Now) {
        self.rhythm.sweeping = false;
        for (site, owner) in swept.unwrap_or_default() {
            self.learn(site, owner, now.instant);
            self.seek(site, now.instant);
        }
        self.open_wanted(now.instant);
    }

    /// The answer to [`Effect::LetGo`]: the row is written, or that is unknown.
    pub fn handle_let_go(&mut self, site: SiteId, epoch: Epoch, written: Result<(), StoreAway>, now: Now) {
        self.desk_let_go(site, epoch, written, now.instant);
    }

    // ---- what the shell decides -----------------------------------------------------------------------------

    /// A desk of this node was dropped: an append's outcome is unknown, it panicked, or its loop stood still.
    pub fn handle_desk_lost(&mut self, site: SiteId, epoch: Epoch, now: Now) {
        if self.places.desk(site) == Desk::Open(epoch) {
            self.close_desk(site);
            self.opens.fail(site, now.instant);
            self.open_wanted(now.instant);
        }
    }

    /// A desk of this node was fenced: the store says that another epoch is the site's.
    pub fn handle_desk_fenced(&mut self, site: SiteId, epoch: Epoch, now: Now) {
        if self.places.desk(site) == Desk::Open(epoch) {
            self.close_desk(site);
            self.read_owner(site, place::Reading::Wanted);
        }
        self.open_wanted(now.instant);
    }

    /// Nobody needs a desk of this node any more; the site is let go, to whoever needs it next.
    pub fn handle_desk_idle(&mut self, site: SiteId, epoch: Epoch) {
        if self.places.desk(site) == Desk::Open(epoch) {
            self.let_go(site, epoch, None);
        }
    }

    /// The node was asked to stop: it is not ready from now on, and lets its desks go after a grace; the shortest counts.
    pub fn handle_drain(&mut self, grace_ms: u64, now: Now) {
        let at = now.instant.plus_ms(grace_ms);
        self.drain = match self.drain {
            Drain::Stays => Drain::Until(at),
            Drain::Until(before) => Drain::Until(before.min(at)),
            Drain::LetsGo => Drain::LetsGo,
        };
    }

    /// Does what has fallen due.
    pub fn handle_timeout(&mut self, now: Now) {
        self.fall_due(now.instant);
    }

    // ---- what the shell asks --------------------------------------------------------------------------------

    /// What to do next, in order; what was said to one peer since the last time goes out as one envelope.
    pub fn poll_effect(&mut self, now: Now) -> Option<Effect> {
        if self.effects.is_empty() {
            self.end_roll_calls(now.instant);
            self.flush(now.instant);
        }
        self.effects.pop_front()
    }

    /// When `handle_timeout` must be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Instant {
        self.next_due()
    }

    /// Proof that a batch without records may pass: the last heartbeat that got through was sent under a lease ago.
    #[must_use]
    pub fn lease(&self, now: Now) -> Option<Lease> {
        self.nodes.lease(now.instant)
    }

    /// Whether a peer is reached over another carrier than the best.
    #[must_use]
    pub fn is_degraded(&self, now: Now) -> bool {
        self.spoken_with(now).any(|peer| peer.way.is_degraded())
    }

    /// Over which carrier each peer is reached that was spoken with of late.
    pub fn ways(&self, now: Now) -> impl Iterator<Item = Carrier> {
        self.spoken_with(now).map(|peer| peer.way.uses())
    }

    /// Holes found so far in what peers sent.
    #[must_use]
    pub fn holes(&self) -> u64 {
        self.holes
    }

    /// The site's owner and epoch, as far as this node knows.
    #[must_use]
    pub fn owner(&self, site: SiteId) -> Option<Owner> {
        self.places.get(site).and_then(place::Place::owner)
    }

    /// Sites whose desk is open here, with their epochs.
    #[must_use]
    pub fn desks(&self) -> Vec<(SiteId, Epoch)> {
        self.places.open()
    }

    /// Whether a drain has let all desks go.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.drain == Drain::LetsGo && self.places.has_no_desk()
    }

    /// Living peers that there was reason to speak with of late.
    fn spoken_with(&self, now: Now) -> impl Iterator<Item = &Peer> {
        let living = self.peers.iter().filter(|(node, _)| self.nodes.is_living(**node));
        living.map(|(_, peer)| peer).filter(move |peer| peer.is_active(now.instant))
    }

    fn peer(&mut self, node: NodeId) -> &mut Peer {
        if self.peers.len() >= PEERS_MAX && !self.peers.contains_key(&node) {
            let gone = self.peers.keys().find(|peer| !self.nodes.is_living(**peer)).copied();
            gone.and_then(|gone| self.peers.remove(&gone));
        }
        let carriers = self.carriers;
        self.peers.entry(node).or_insert_with(|| Peer::new(carriers))
    }
}
