//! The kinds of faults, and how each is brought about and taken back. The names are those of the fault list that
//! operators read.

use crate::scene::Scene;
use gateway_tests::{Flow, Proxy};
use servers::Redis;
use std::time::Duration;
use tokio::time::sleep;

/// For a process to end that was asked to.
const STOPPED_WITHIN: Duration = Duration::from_secs(60);
/// Longer than two leases.
const STALL: Duration = Duration::from_secs(7);
/// A database that restarts by itself.
const CRASH: Duration = Duration::from_secs(3);
/// A lunch break of everybody's network.
const OFFLINE: Duration = Duration::from_secs(10);
/// A few bytes a second are as good as none.
const TRICKLE: std::num::NonZeroUsize = std::num::NonZeroUsize::MIN;

const FAILED: &str = "halloo_heartbeats_total{outcome=\"failed\"}";

macro_rules! kinds {
    ($($kind:ident $name:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind { $($kind),* }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            pub fn name(self) -> &'static str { match self { $(Self::$kind => $name),* } }
        }
    };
}

kinds! {
    OwnerKilled "the owner is killed",
    BusiestKilled "the busiest node is killed",
    OwnerFrozen "the owner stands still, and wakes",
    BusiestRestarted "the busiest node is restarted in good order",
    VersionBefore "the busiest node is replaced by the version before, and back",
    RedisKilled "both Redis die, and come back empty",
    RedisFrozen "both Redis hang",
    FirstRedisKilled "the first Redis dies: the second carries",
    FirstRedisFrozen "the first Redis hangs, and wakes",
    SubscriberCut "a subscriber is too slow for Redis",
    RedisDeaf "Redis hears nothing of the busiest node",
    DatabaseParted "the owner cannot reach the database",
    DatabaseStalled "the database stands still",
    DatabaseKilled "the database crashes",
    ConnectionsCut "all connections to the busiest node are cut",
    Storm "everybody is cut off at once",
    Offline "everybody is offline for a while",
}

impl Scene {
    /// Brings a fault about, waits for its effect, and takes it back. False when no effect was seen.
    pub async fn bring_about(&mut self, kind: Kind) -> bool {
        let owner = self.deployment.owner();
        let busiest = self.busiest_node().await;
        match kind {
            Kind::OwnerKilled => self.kill(owner).await,
            Kind::BusiestKilled => self.kill(busiest).await,
            Kind::OwnerFrozen => self.freeze(owner).await,
            Kind::BusiestRestarted => self.restart(busiest).await,
            Kind::VersionBefore => self.mix_versions(busiest).await,
            Kind::RedisKilled => self.kill_redis(2).await,
            Kind::FirstRedisKilled => self.kill_redis(1).await,
            Kind::RedisFrozen => self.freeze_redis(2).await,
            Kind::FirstRedisFrozen => self.freeze_redis(1).await,
            Kind::SubscriberCut => self.slow_subscriber(busiest).await,
            Kind::RedisDeaf => self.deafen_redis(busiest).await,
            Kind::DatabaseParted => self.part_database(owner).await,
            Kind::DatabaseStalled => self.stall_database().await,
            Kind::DatabaseKilled => self.kill_database().await,
            Kind::ConnectionsCut => self.cut(&[busiest]).await,
            Kind::Storm => self.cut(&[0, 1, 2]).await,
            Kind::Offline => self.go_offline().await,
        }
    }

    async fn kill(&mut self, node: usize) -> bool {
        let (ended, epoch, owned) = (self.crowd.ended(), self.deployment.epoch(), self.deployment.owner() == node);
        self.deployment.nodes[node].kill();
        let is = |scene: &Self| scene.crowd.ended() > ended && (!owned || scene.deployment.epoch() > epoch);
        let seen = self.see(is).await;
        self.deployment.start_again(node);
        seen
    }

    async fn freeze(&mut self, node: usize) -> bool {
        let epoch = self.deployment.epoch();
        self.deployment.nodes[node].signal("STOP");
        self.deployment.balancer.leave_out(node);
        let seen = self.see(|scene| scene.deployment.epoch() > epoch).await;
        // What it says when it wakes is not believed: the judge would see it.
        self.deployment.nodes[node].signal("CONT");
        self.deployment.take_in(node);
        seen
    }

    async fn restart(&mut self, node: usize) -> bool {
        let ended = self.crowd.ended();
        self.deployment.nodes[node].terminate();
        let status = self.deployment.nodes[node].wait(STOPPED_WITHIN).await;
        self.deployment.start_again(node);
        status.code() == Some(0) && self.crowd.ended() > ended
    }

    async fn mix_versions(&mut self, node: usize) -> bool {
        let previous = self.previous.clone();
        self.deployment.nodes[node].become_binary(Some(&previous));
        let before = self.restart(node).await;
        self.crowd.flows().await;
        self.deployment.nodes[node].become_binary(None);
        before & self.restart(node).await
    }

    async fn kill_redis(&mut self, count: usize) -> bool {
        self.deployment.redis[..count].iter_mut().for_each(Redis::kill);
        let seen = self.see_degraded(true).await;
        self.deployment.redis[..count].iter_mut().for_each(Redis::restart);
        seen & self.see_degraded(false).await
    }

    async fn freeze_redis(&mut self, count: usize) -> bool {
        self.deployment.redis[..count].iter().for_each(Redis::freeze);
        let seen = self.see_degraded(true).await;
        self.deployment.redis[..count].iter().for_each(Redis::thaw);
        seen & self.see_degraded(false).await
    }

    /// Redis cuts a subscriber off that lets too much wait.
    async fn slow_subscriber(&mut self, node: usize) -> bool {
        let holes = self.figure_of_all("halloo_holes_total").await;
        for redis in &self.deployment.redis {
            redis.ask(&["CONFIG", "SET", "client-output-buffer-limit", "pubsub 32kb 0 0"]);
        }
        for way in &self.deployment.ways[node].redis {
            way.down.set(Flow::throttled(TRICKLE));
        }
        let seen = self.see_figure("halloo_holes_total", holes).await;
        for redis in &self.deployment.redis {
            redis.ask(&["CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60"]);
        }
        self.deployment.ways[node].redis.iter().for_each(Proxy::join);
        seen & self.see_degraded(false).await
    }

    async fn deafen_redis(&mut self, node: usize) -> bool {
        for way in &self.deployment.ways[node].redis {
            way.up.set(Flow::swallowing());
        }
        let seen = self.see_degraded(true).await;
        self.deployment.ways[node].redis.iter().for_each(Proxy::join);
        seen & self.see_degraded(false).await
    }

    async fn part_database(&mut self, owner: usize) -> bool {
        let epoch = self.deployment.epoch();
        self.deployment.ways[owner].postgres.part();
        let seen = self.see(|scene| scene.deployment.epoch() > epoch).await;
        self.deployment.ways[owner].postgres.join();
        seen
    }

    /// No site moves, and nothing is acknowledged.
    async fn stall_database(&mut self) -> bool {
        let (owner, failed) = (self.deployment.owner(), self.figure_of_all(FAILED).await);
        self.deployment.postgres.freeze();
        sleep(STALL).await;
        self.deployment.postgres.thaw();
        let seen = self.see_figure(FAILED, failed).await;
        self.crowd.flows().await;
        seen && self.deployment.owner() == owner
    }

    async fn kill_database(&mut self) -> bool {
        let failed = self.figure_of_all(FAILED).await;
        self.deployment.postgres.kill();
        let seen = self.see_figure(FAILED, failed).await;
        sleep(CRASH).await;
        self.deployment.postgres.restart();
        seen
    }

    async fn cut(&mut self, nodes: &[usize]) -> bool {
        let ended = self.crowd.ended();
        for node in nodes {
            self.deployment.balancer.leave_out(*node);
            self.deployment.take_in(*node);
        }
        self.see(|scene| scene.crowd.ended() > ended).await
    }

    async fn go_offline(&mut self) -> bool {
        let ended = self.crowd.ended();
        for node in 0..self.deployment.nodes.len() {
            self.deployment.balancer.leave_out(node);
        }
        sleep(OFFLINE).await;
        for node in 0..self.deployment.nodes.len() {
            self.deployment.take_in(node);
        }
        self.crowd.ended() > ended
    }
}
