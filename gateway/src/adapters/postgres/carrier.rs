//! The carrier over a table of the database: for when there is no better way, or never was.
//!
//! It polls. Every statement stands alone and is sent without a name, so that a pooler may give each to another
//! session. One task owns its one connection.

mod table;

#[cfg(test)]
mod tests;

use super::OpenError;
use super::address::Address;
use crate::adapters::Post;
use crate::adapters::backoff::Backoff;
use crate::adapters::fault::Fault;
use crate::adapters::inbound::Inbound;
use crate::adapters::limits::{
    POLL_BUSY_EVERY_MS, POLL_BUSY_FOR_MS, POLL_EVERY_MS, WRITTEN_BYTES_MAX, WRITTEN_PACKETS_MAX,
};
use crate::adapters::outbound::{Outbound, To};
use crate::chance;
use crate::ports::Carrier;
use bytes::Bytes;
use gateway_core::ids::NodeId;
use std::sync::Arc;
use std::time::Duration;
use table::{Polled, Table};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// The carrier over a table.
pub struct TableCarrier {
    address: Address,
    me: NodeId,
    outbound: Outbound,
    inbound: Inbound,
}

impl TableCarrier {
    /// Makes a carrier and starts its task, which connects, and does so again whenever the way is lost.
    ///
    /// The store that was opened before has made the table.
    ///
    /// # Errors
    /// When the URL cannot be understood; a database that is away is no error.
    pub fn start(url: &str, post: Post) -> Result<Arc<dyn Carrier>, OpenError> {
        Ok(Self::begin(url, post)?)
    }

    fn begin(url: &str, post: Post) -> Result<Arc<Self>, OpenError> {
        let carrier = Arc::new(Self {
            address: Address::parse(url)?,
            me: post.me,
            outbound: Outbound::default(),
            inbound: Inbound::new(post.index, post.heard),
        });
        post.tasks.spawn(Arc::clone(&carrier).carry(post.stop));
        Ok(carrier)
    }

    async fn carry(self: Arc<Self>, stop: CancellationToken) {
        // Each statement is whole by itself, so all of it can be dropped at any await.
        stop.run_until_cancelled(self.carry_on()).await;
        self.outbound.close();
    }

    async fn carry_on(&self) {
        let mut backoff = Backoff::default();
        loop {
            let start = Instant::now();
            let fault = match Table::open(&self.address, self.me).await {
                Ok(table) => {
                    let reason = self.serve(table, &mut backoff).await;
                    self.outbound.close();
                    reason
                }
                Err(fault) => fault,
            };
            let wait = backoff.wait_after(self.name(), format_args!("{fault:?}"), start);
            tokio::time::sleep(wait).await;
        }
    }

    /// Carries until a statement fails.
    async fn serve(&self, mut table: Table, backoff: &mut Backoff) -> Fault {
        let mut busy_until = Instant::now();
        let mut poll_at = Instant::now();
        loop {
            tokio::select! {
                biased;
                () = sleep_until(poll_at) => {
                    let polled = match table.poll(&self.inbound).await {
                        Ok(polled) => polled,
                        Err(fault) => return fault,
                    };
                    let now = Instant::now();
                    if polled != Polled::Nothing {
                        busy_until = now + Duration::from_millis(POLL_BUSY_FOR_MS);
                    }
                    poll_at = if polled == Polled::Part { now } else { now + pause(now < busy_until) };
                    if backoff.came_back() {
                        tracing::info!(carrier = self.name(), "the way is there");
                    }
                    self.outbound.open();
                    self.tell_missed();
                }
                batch = self.outbound.take(WRITTEN_PACKETS_MAX, WRITTEN_BYTES_MAX) => {
                    if let Err(fault) = table.write(&batch).await {
                        return fault;
                    }
                    // Whoever says something is answered soon.
                    busy_until = Instant::now() + Duration::from_millis(POLL_BUSY_FOR_MS);
                    poll_at = poll_at.min(Instant::now() + Duration::from_millis(POLL_BUSY_EVERY_MS));
                }
            }
        }
    }

    fn tell_missed(&self) {
        let missed = self.inbound.take_missed();
        if missed > 0 {
            tracing::warn!(carrier = self.name(), missed, "packets that came were dropped");
        }
    }
}

/// The wait until the next poll, longer or shorter by an eighth at most so that nodes do not poll in step.
fn pause(is_busy: bool) -> Duration {
    let ms = if is_busy { POLL_BUSY_EVERY_MS } else { POLL_EVERY_MS };
    let [part] = chance::bytes();
    Duration::from_millis(ms - ms / 8 + ((ms / 4 * u64::from(part)) >> u8::BITS))
}

impl Carrier for TableCarrier {
    fn name(&self) -> &'static str {
        "table"
    }

    fn send(&self, to: NodeId, packet: Bytes) {
        self.outbound.push(To::Node(to), packet);
    }

    fn announce(&self, packet: Bytes) {
        self.outbound.push(To::All, packet);
    }

    fn dropped(&self) -> u64 {
        self.outbound.dropped()
    }
}
