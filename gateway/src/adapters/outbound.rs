//! What waits to be carried to other nodes: bounded in packets and bytes, and closed while the way is away.
//!
//! The newest packet is dropped when there is no room: those before it are its sender's past, and count too.

use crate::adapters::limits::{OUTBOUND_BYTES_MAX, OUTBOUND_PACKETS_MAX};
use crate::ports::PACKET_BYTES_MAX;
use bytes::Bytes;
use gateway_core::ids::NodeId;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Whom a packet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    Node(NodeId),
    All,
}

/// A queue of packets that never makes its sender wait. It is closed at first.
#[derive(Default)]
pub(crate) struct Outbound {
    waiting: Mutex<Waiting>,
    /// Wakes whoever takes.
    more: Notify,
    dropped: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    is_open: bool,
    packets: VecDeque<(To, Bytes)>,
    bytes: usize,
}

impl Outbound {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a packet, or drops and counts it. An empty one says nothing, and one too long would stop the way.
    pub fn push(&self, to: To, packet: Bytes) {
        let mut waiting = self.waiting();
        let has_room = waiting.packets.len() < OUTBOUND_PACKETS_MAX
            && waiting.bytes.saturating_add(packet.len()) <= OUTBOUND_BYTES_MAX;
        if !waiting.is_open || !has_room || packet.is_empty() || packet.len() > PACKET_BYTES_MAX {
            drop(waiting);
            self.count(1);
            return;
        }
        waiting.bytes += packet.len();
        waiting.packets.push_back((to, packet));
        drop(waiting);
        self.more.notify_one();
    }

    /// Waits for packets, and takes those that fit into `bytes_max` and `packets_max`, one at least. Cancel safe.
    pub async fn take(&self, packets_max: usize, bytes_max: usize) -> Vec<(To, Bytes)> {
        loop {
            let taken = self.waiting().take(packets_max, bytes_max);
            if !taken.is_empty() {
                return taken;
            }
            self.more.notified().await;
        }
    }

    /// The way is there.
    pub fn open(&self) {
        self.waiting().is_open = true;
    }

    /// The way is away: what waits for it is dropped, and what comes.
    pub fn close(&self) {
        let mut waiting = self.waiting();
        let rest = std::mem::take(&mut *waiting).packets.len();
        drop(waiting);
        self.count(rest);
    }

    /// Packets dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn count(&self, packets: usize) {
        self.dropped.fetch_add(packets as u64, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub fn is_open(&self) -> bool {
        self.waiting().is_open
    }
}

impl Waiting {
    fn take(&mut self, packets_max: usize, bytes_max: usize) -> Vec<(To, Bytes)> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while taken.len() < packets_max
            && let Some((_, packet)) = self.packets.front()
            && (taken.is_empty() || bytes + packet.len() <= bytes_max)
        {
            bytes += packet.len();
            taken.extend(self.packets.pop_front());
        }
        self.bytes -= bytes;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(count: usize, bytes: usize) -> Outbound {
        let outbound = Outbound::default();
        outbound.open();
        (0..count).for_each(|_| outbound.push(To::All, Bytes::from(vec![1; bytes])));
        outbound
    }

    #[tokio::test]
    async fn a_full_queue_drops_the_newest_and_counts_it() {
        let outbound = packets(OUTBOUND_PACKETS_MAX + 3, 1);
        assert_eq!(outbound.dropped(), 3);
        assert_eq!(outbound.take(usize::MAX, usize::MAX).await.len(), OUTBOUND_PACKETS_MAX);
        assert_eq!(outbound.waiting().bytes, 0);
    }

    #[test]
    fn bytes_fill_it_too() {
        let fitting = OUTBOUND_BYTES_MAX / PACKET_BYTES_MAX;
        assert_eq!(packets(fitting + 1, PACKET_BYTES_MAX).dropped(), 1);
    }

    #[test]
    fn a_packet_of_no_or_too_many_bytes_is_dropped() {
        assert_eq!(packets(1, 0).dropped(), 1);
        assert_eq!(packets(1, PACKET_BYTES_MAX).dropped(), 0);
        assert_eq!(packets(1, PACKET_BYTES_MAX + 1).dropped(), 1);
    }

    #[test]
    fn nothing_waits_for_a_way_that_is_away() {
        let outbound = packets(2, 1);
        outbound.close();
        outbound.push(To::All, Bytes::from_static(b"late"));
        assert_eq!(outbound.dropped(), 3);
        assert!(outbound.waiting().packets.is_empty());
    }

    #[tokio::test]
    async fn a_batch_holds_what_fits_and_one_at_least() {
        let outbound = packets(3, 10);
        assert_eq!(outbound.take(9, 25).await.len(), 2);
        assert_eq!(outbound.take(9, 5).await.len(), 1);
    }
}
