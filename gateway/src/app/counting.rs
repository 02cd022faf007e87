//! The switchboard's work as figures.

use crate::switchboard::{Counts, PeerFigures, SocketKind, Stored};
use crate::telemetry::{Carrier, Kind, Label, Loss, Metrics, Outcome, Waiting};
use gateway_core::desk::redo;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Counts into the node's metrics.
pub struct Counting(pub Arc<Metrics>);

impl Counts for Counting {
    fn appended(&self, stored: Stored, took: Duration) {
        #[expect(clippy::cast_precision_loss, reason = "records of one batch are few")]
        self.0.append_records.observe(stored.records as f64);
        self.0.append_seconds.observe(took.as_secs_f64());
        self.0.messages[Kind::Visitor].inc_by(stored.visitors_messages);
        self.0.messages[Kind::Agent].inc_by(stored.agents_messages);
    }

    fn desk_opened(&self, set_aside: usize) {
        self.0.desks.inc();
        self.0.desk_openings.inc();
        self.0.conversations_set_aside.inc_by(set_aside as u64);
        if set_aside > 0 {
            tracing::error!(set_aside, "conversations of a newer version are left alone: start that version again");
        }
    }

    fn desk_closed(&self) {
        self.0.desks.dec();
    }

    fn desk_lost(&self, loss: redo::Loss) {
        tracing::warn!(reason = loss.name(), "desk is opened again");
        let reason = match loss {
            redo::Loss::Unknown => Loss::Unknown,
            redo::Loss::Fenced => Loss::Fenced,
            redo::Loss::Refused => Loss::Refused,
            redo::Loss::Panic => Loss::Panic,
        };
        self.0.desk_losses[reason].inc();
    }

    fn queued(&self, socket: SocketKind, change: i64) {
        let kind = match socket {
            SocketKind::Visitor => Kind::Visitor,
            SocketKind::Agent => Kind::Agent,
        };
        self.0.queued[kind].inc_by(change);
    }

    fn heartbeat(&self, got_through: bool) {
        self.0.heartbeats[if got_through { Outcome::Ok } else { Outcome::Failed }].inc();
    }

    fn packet_refused(&self) {
        self.0.packets_refused.inc();
    }

    fn peers(&self, peers: &PeerFigures) {
        self.0.holes.inner().store(peers.holes, Ordering::Relaxed);
        for figures in &peers.carriers {
            let Some(carrier) = Carrier::ALL.iter().copied().find(|carrier| carrier.value() == figures.name) else {
                continue;
            };
            self.0.peers[carrier].set(i64::try_from(figures.peers).unwrap_or(i64::MAX));
            self.0.packets_sent[carrier].inner().store(figures.sent, Ordering::Relaxed);
            self.0.packets_heard[carrier].inner().store(figures.heard, Ordering::Relaxed);
            self.0.packets_dropped[carrier].inner().store(figures.dropped, Ordering::Relaxed);
        }
        for (queue, waiting) in Waiting::ALL.iter().zip(peers.waiting) {
            self.0.link_waiting[*queue].set(i64::try_from(waiting).unwrap_or(i64::MAX));
        }
    }
}
