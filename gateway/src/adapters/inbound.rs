//! Where a carrier puts what it brings: one bounded queue of the node, which no carrier waits for.

use crate::ports::{Heard, PACKET_BYTES_MAX};
use bytes::Bytes;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// One carrier's entry to that queue.
pub(crate) struct Inbound {
    carrier: u8,
    heard: mpsc::Sender<Heard>,
    missed: AtomicU64,
}

impl Inbound {
    pub fn new(carrier: u8, heard: mpsc::Sender<Heard>) -> Self {
        Self { carrier, heard, missed: AtomicU64::new(0) }
    }

    /// Brings a packet, or drops and counts it; the hole it leaves is seen by whoever counts.
    pub fn bring(&self, packet: Bytes) {
        let is_fitting = !packet.is_empty() && packet.len() <= PACKET_BYTES_MAX;
        if !is_fitting || self.heard.try_send(Heard { carrier: self.carrier, packet }).is_err() {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Packets dropped since this was last asked.
    pub fn take_missed(&self) -> u64 {
        self.missed.swap(0, Ordering::Relaxed)
    }
}
