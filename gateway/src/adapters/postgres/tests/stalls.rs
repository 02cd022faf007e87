//! A database that stands still makes every node stand still, and lets none take what is another's.

use super::open;
use crate::adapters::postgres::PostgresStore;
use crate::clock::Clock;
use crate::ports::Cluster;
use gateway_core::ids::{NodeId, SiteId};
use gateway_core::limits::{HEARTBEAT_MS, LEASE_MS};
use gateway_core::link::Link;
use gateway_core::link::effect::Effect;
use servers::Postgres;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A node as far as its heart goes: its link, and what the link asked for.
struct Node {
    link: Link,
    id: NodeId,
    store: Arc<PostgresStore>,
    clock: Clock,
    /// Sites it found to need a desk that it may open.
    claims: Vec<SiteId>,
}

impl Node {
    fn new(number: u32, url: &Arc<PostgresStore>, clock: Clock) -> Self {
        let id = NodeId::new(number);
        let link = Link::new(id, 1, u64::from(number), clock.now());
        Self { link, id, store: Arc::clone(url), clock, claims: Vec::new() }
    }

    /// Lives for a time; heartbeats and sweeps reach the store, and what it would open is noted.
    async fn live(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.link.handle_timeout(self.clock.now());
            while let Some(effect) = self.link.poll_effect(self.clock.now()) {
                self.carry_out(effect).await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Heartbeat { sent, ready, changed_within_ms } => {
                let beaten = self.store.beat(self.id, sent, ready, changed_within_ms).await;
                self.link.handle_heartbeat(beaten, self.clock.now());
            }
            Effect::Sweep { living, limit } => {
                let swept = self.store.sweep(living, limit).await;
                self.link.handle_swept(swept, self.clock.now());
            }
            Effect::Open { site, claim } => {
                self.claims.push(site);
                let opened = self.store.claim(self.id, site, claim).await;
                self.link.handle_opened(site, opened.map(|opening| opening.epoch), self.clock.now());
            }
            Effect::Send { .. }
            | Effect::Announce(_)
            | Effect::Desk { .. }
            | Effect::Deliver(_)
            | Effect::Refuse { .. }
            | Effect::ReadOwner { .. }
            | Effect::DropDesk { .. }
            | Effect::LetGo { .. }
            | Effect::SendSocketsAway { .. } => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stall_of_the_database_steals_nothing_and_a_death_is_noticed() {
    let server = Postgres::start();
    let url = server.database();
    let (store, clock) = (open(&url).await, Clock::start());
    let desk = super::new_desk(&store, "demo").await;
    super::told(&desk, 1, "an open conversation").await;
    let (mut one, mut two) = (Node::new(1, &store, clock), Node::new(2, &open(&url).await, clock));
    let claim = gateway_core::link::effect::Claim::LetGo { epoch: desk.epoch };
    for node in [&one, &two] {
        assert!(store.join(node.id).await.unwrap());
    }
    store.claim(one.id, desk.site, claim).await.unwrap();
    let beats = Duration::from_millis(2 * HEARTBEAT_MS + 500);
    tokio::join!(one.live(beats), two.live(beats));

    server.freeze();
    let lease = Duration::from_millis(LEASE_MS + 1_500);
    tokio::join!(one.live(lease), two.live(lease));
    server.thaw();
    tokio::join!(one.live(beats), two.live(beats));
    assert_eq!(store.owner(desk.site).await.unwrap().unwrap().node, Some(one.id));
    assert_eq!(two.claims, [], "the stall said nothing about the other node");

    // One is dead from here on.
    two.live(Duration::from_millis(LEASE_MS + 3 * HEARTBEAT_MS)).await;
    assert_eq!(two.claims, [desk.site]);
    assert_eq!(store.owner(desk.site).await.unwrap().unwrap().node, Some(two.id));
}
