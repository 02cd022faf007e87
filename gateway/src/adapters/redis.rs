//! The carrier over Redis or Valkey, from version 6 on: plain publish and subscribe, nothing is stored there.
//!
//! A node subscribes to its own channel and to the one that all share. A user with the commands PUBLISH, SUBSCRIBE and
//! PING and the deployment's channels is enough (AUTH and HELLO are always allowed).
//! One task owns both connections: what publishes, and what is subscribed. They live and die together, so that a way is
//! either seen to carry what is sent, or away.

mod address;
mod channels;
mod ear;
mod session;

#[cfg(test)]
mod tests;

pub use address::{RedisError, RedisSettings};

use crate::adapters::Post;
use crate::adapters::backoff::Backoff;
use crate::adapters::inbound::Inbound;
use crate::adapters::outbound::{Outbound, To};
use crate::ports::Carrier;
use address::Address;
use bytes::Bytes;
use channels::Channels;
use gateway_core::ids::NodeId;
use session::Session;
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The carrier over one Redis server.
pub struct RedisCarrier {
    name: &'static str,
    address: Address,
    channels: Channels,
    outbound: Outbound,
    inbound: Arc<Inbound>,
}

impl RedisCarrier {
    /// Makes a carrier and starts its task, which connects, and does so again whenever the way is lost.
    ///
    /// # Errors
    /// When the settings cannot be understood; a server that is away is no error.
    pub fn start(settings: RedisSettings, post: Post) -> Result<Arc<dyn Carrier>, RedisError> {
        Ok(Self::begin(settings, post)?)
    }

    fn begin(settings: RedisSettings, post: Post) -> Result<Arc<Self>, RedisError> {
        let carrier = Arc::new(Self {
            name: if post.index == 0 { "redis" } else { "redis-2" },
            address: Address::read(settings)?,
            channels: Channels::new(post.deployment, post.me),
            outbound: Outbound::default(),
            inbound: Arc::new(Inbound::new(post.index, post.heard)),
        });
        post.tasks.spawn(Arc::clone(&carrier).carry(post.stop));
        Ok(carrier)
    }

    async fn carry(self: Arc<Self>, stop: CancellationToken) {
        // Nothing is half done that another node could see, so the whole of it can be dropped at any await.
        stop.run_until_cancelled(self.carry_on()).await;
        self.outbound.close();
    }

    async fn carry_on(&self) {
        let mut backoff = Backoff::default();
        loop {
            let start = Instant::now();
            let fault = match Session::open(self).await {
                Ok(session) => {
                    tracing::info!(carrier = self.name, "the way is there");
                    backoff.came_back();
                    self.outbound.open();
                    let fault = session.run().await;
                    self.outbound.close();
                    fault
                }
                Err(fault) => fault,
            };
            tokio::time::sleep(backoff.wait_after(self.name, fault, start)).await;
        }
    }
}

impl Carrier for RedisCarrier {
    fn name(&self) -> &'static str {
        self.name
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
