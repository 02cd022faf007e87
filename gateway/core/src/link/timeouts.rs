//! Timeouts: heartbeats, beats, sweeps, and the ends of leases, roll calls and graces.

use crate::desk::input::Input;
use crate::ids::NodeId;
use crate::limits::{
    AWAY_MS_MAX, BEAT_MS, HEARTBEAT_MS, LEASE_MS, OWNERS_CHANGED_WITHIN_MS, SOCKETS_LEAVE_WITHIN_MS, SWEEP_MS,
};
use crate::link::effect::Effect;
use crate::link::envelope::{Content, Envelope};
use crate::link::held::digest;
use crate::link::peer::Peer;
use crate::link::{Drain, Link};
use crate::now::Instant;

impl Link {
    pub(super) fn fall_due(&mut self, now: Instant) {
        self.heed_lease(now);
        if self.rhythm.heartbeat <= now && !self.rhythm.beating {
            self.write_heartbeat(now);
        }
        if self.rhythm.beats <= now {
            self.rhythm.beats = next(self.rhythm.beats, BEAT_MS, now);
            self.beat_to_peers(now);
        }
        if self.rhythm.sweep <= now {
            self.rhythm.sweep = next(self.rhythm.sweep, SWEEP_MS, now);
            self.sweep(now);
        }
        let torn: Vec<NodeId> =
            self.peers.iter().filter(|(_, peer)| peer.mend_due().is_some()).map(|(id, _)| *id).collect();
        for peer in torn {
            self.mend(peer, now);
        }
        if matches!(self.drain, Drain::Until(at) if at <= now) {
            self.let_all_go();
        }
        if self.is_stranded(now) {
            self.sent_away = true;
            self.effects.push_back(Effect::SendSocketsAway { within_ms: SOCKETS_LEAVE_WITHIN_MS });
        }
        self.open_wanted(now);
    }

    pub(super) fn next_due(&self) -> Instant {
        let heartbeat = (!self.rhythm.beating).then_some(self.rhythm.heartbeat);
        let lease = self.nodes.lease_ends().filter(|_| !self.places.open().is_empty());
        let drain = match self.drain {
            Drain::Until(at) => Some(at),
            Drain::Stays | Drain::LetsGo => None,
        };
        let mend = self.peers.values().filter_map(Peer::mend_due).min();
        let others = [heartbeat, lease, drain, mend, self.roll_calls.due()];
        let regular = self.rhythm.beats.min(self.rhythm.sweep);
        others.into_iter().flatten().fold(regular, Instant::min)
    }

    fn write_heartbeat(&mut self, now: Instant) {
        self.rhythm.heartbeat = next(self.rhythm.heartbeat, HEARTBEAT_MS, now);
        self.rhythm.beating = true;
        self.effects.push_back(Effect::Heartbeat {
            sent: now,
            ready: self.drain == Drain::Stays,
            // What changed while this node could not read is read too.
            changed_within_ms: self.nodes.away_ms(now).saturating_add(OWNERS_CHANGED_WITHIN_MS),
        });
    }

    fn beat_to_peers(&mut self, now: Instant) {
        let (from, well) = (self.node, self.nodes.holds_lease(now));
        for (to, peer) in &mut self.peers {
            let waits = peer.owes_confirmation() && self.nodes.is_living(*to);
            if !peer.is_active(now) && !waits {
                peer.way.pause();
                continue;
            }
            let (beat, carriers) = peer.beat(digest(&self.joined.told_to(*to)), well);
            for carrier in carriers {
                let envelope = Envelope { from, content: Content::Beat(Box::new(beat.clone())) };
                self.effects.push_back(Effect::Send { carrier, to: *to, envelope: Box::new(envelope) });
            }
        }
    }

    fn sweep(&mut self, now: Instant) {
        let limit = self.opens.room();
        if self.rhythm.sweeping || limit == 0 || self.drain != Drain::Stays || !self.nodes.holds_lease(now) {
            return;
        }
        self.rhythm.sweeping = true;
        let living = self.nodes.living().chain([self.node]).collect();
        self.effects.push_back(Effect::Sweep { living, limit });
    }

    fn let_all_go(&mut self) {
        self.drain = Drain::LetsGo;
        let successor = self.nodes.successor();
        for (site, epoch) in self.places.open() {
            self.let_go(site, epoch, successor);
        }
    }

    /// Whether this node cannot reach the store, and others can.
    fn is_stranded(&self, now: Instant) -> bool {
        let peers_are_well = || self.peers.values().any(|peer| peer.is_well(LEASE_MS, now));
        !self.sent_away && self.nodes.away_ms(now) >= AWAY_MS_MAX && peers_are_well()
    }

    pub(super) fn end_roll_calls(&mut self, now: Instant) {
        while let Some(site) = self.roll_calls.take_ended(now) {
            self.effects.push_back(Effect::Desk { site, input: Input::RollCalled });
        }
    }
}

/// The next turn of something regular; turns that were missed are not made up for.
fn next(due: Instant, every_ms: u64, now: Instant) -> Instant {
    let next = due.plus_ms(every_ms);
    if next <= now { now.plus_ms(every_ms) } else { next }
}
