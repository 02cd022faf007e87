//! The carrier over Redis, against servers of its own that are killed, frozen, demoted and strict.

mod failing;
mod refusing;
mod talking;

use super::{RedisCarrier, RedisSettings};
use crate::adapters::Post;
use crate::ports::{Carrier, Heard};
use bytes::Bytes;
use gateway_core::ids::NodeId;
use servers::Redis;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// Whatever a busy machine is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Said until it is heard, to know that a way is there.
const HELLO: &[u8] = b"hello?";
/// Between two of them.
const HELLO_EVERY: Duration = Duration::from_millis(20);

const DEPLOYMENT: Uuid = Uuid::from_u128(7);

/// A node with one carrier.
struct Node {
    id: NodeId,
    carrier: Arc<RedisCarrier>,
    heard: mpsc::Receiver<Heard>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Node {
    fn start(number: u32, deployment: Uuid, settings: RedisSettings) -> Self {
        let (sender, heard) = mpsc::channel(10_000);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let id = NodeId::new(number);
        let post = Post { deployment, me: id, index: 0, heard: sender, tasks: tasks.clone(), stop: stop.clone() };
        let carrier = RedisCarrier::begin(settings, post).unwrap();
        Self { id, carrier, heard, tasks, stop }
    }

    /// A node that is heard by itself, so that its way is there.
    async fn at(server: &Redis, number: u32) -> Self {
        Self::with(number, DEPLOYMENT, url(server)).await
    }

    async fn with(number: u32, deployment: Uuid, settings: RedisSettings) -> Self {
        let mut node = Self::start(number, deployment, settings);
        node.is_there().await;
        node
    }

    /// How long it takes until what the node sends is heard by itself.
    async fn is_there(&mut self) -> Duration {
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < PATIENCE, "the way does not come back");
            self.carrier.send(self.id, Bytes::from_static(HELLO));
            let heard = timeout(HELLO_EVERY, self.heard.recv()).await;
            if heard.is_ok_and(|heard| heard.unwrap().packet == HELLO) {
                return start.elapsed();
            }
        }
    }

    /// How long it takes until the node drops what it is given.
    async fn is_away(&self) -> Duration {
        let start = Instant::now();
        while self.carrier.outbound.is_open() {
            assert!(start.elapsed() < PATIENCE, "nobody notices");
            tokio::time::sleep(HELLO_EVERY).await;
        }
        start.elapsed()
    }

    /// The next packet that is no greeting.
    async fn hears(&mut self) -> Bytes {
        loop {
            let heard = timeout(PATIENCE, self.heard.recv()).await.expect("a packet comes").unwrap();
            assert_eq!(heard.carrier, 0);
            if heard.packet != HELLO {
                return heard.packet;
            }
        }
    }

    fn send(&self, to: &Self, packet: &'static [u8]) {
        self.carrier.send(to.id, Bytes::from_static(packet));
    }
}

fn url(server: &Redis) -> RedisSettings {
    RedisSettings { url: server.url(), ..RedisSettings::default() }
}
