//! Where the faults are brought about: the deployment, and who talks over it.

use crate::CALM;
use crate::fault::Kind;
use gateway_tests::{Crowd, Deployment, Rhythm, Verdict};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Conversations of one agent.
const CAPACITY: u32 = 100;
/// A fault without effect in this time has none.
const EFFECT_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Slow enough for two cores to carry all nodes and everybody who talks.
const RHYTHM: Rhythm = Rhythm { visitor: Duration::from_secs(5), agent: Duration::from_millis(500) };

pub struct Scene {
    pub deployment: Deployment,
    pub crowd: Crowd,
    /// The binary of the version before.
    pub previous: PathBuf,
}

/// What came of one fault.
#[derive(Clone, Copy, Debug)]
pub struct Struck {
    pub kind: Kind,
    /// It did something, as seen from outside.
    pub is_seen: bool,
    /// From its beginning to its end.
    pub lasted: Duration,
    /// The longest that anybody waited for an answer, from its beginning until all were answered anew.
    pub slowest: Duration,
}

impl fmt::Display for Struck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = if self.is_seen { "" } else { " (no effect was seen)" };
        let Self { kind, lasted, slowest, .. } = self;
        write!(f, "{}{seen}: {lasted:.1?}; the slowest answer took {slowest:.1?}", kind.name())
    }
}

impl Scene {
    pub async fn open(mut deployment: Deployment, visitors: u32, previous: PathBuf) -> Self {
        let mut agents = Vec::new();
        for _ in 0..visitors.div_ceil(CAPACITY) + 1 {
            agents.push(deployment.sign_in(CAPACITY).await);
        }
        let crowd = Crowd::gather(&deployment.place(), &agents, visitors as usize, RHYTHM).await;
        Self { deployment, crowd, previous }
    }

    /// One fault, from calm to calm.
    pub async fn strike(&mut self, kind: Kind) -> Struck {
        let _before = self.crowd.take_slowest();
        let start = Instant::now();
        let is_seen = self.bring_about(kind).await;
        let lasted = start.elapsed();
        self.crowd.flows().await;
        sleep(CALM).await;
        Struck { kind, is_seen, lasted, slowest: self.crowd.take_slowest() }
    }

    /// The node with the most sockets.
    pub async fn busiest_node(&self) -> usize {
        let mut busiest = (0, 0.0);
        for node in 0..self.deployment.nodes.len() {
            let sockets = self.deployment.figure(node, "halloo_sockets{kind=\"visitor\"}").await;
            if sockets > busiest.1 {
                busiest = (node, sockets);
            }
        }
        busiest.0
    }

    /// Waits for an effect.
    pub async fn see(&self, is: impl Fn(&Self) -> bool) -> bool {
        let start = Instant::now();
        while !is(self) {
            if start.elapsed() > EFFECT_WITHIN {
                return false;
            }
            sleep(LOOK_EVERY).await;
        }
        true
    }

    /// Waits until some node says that it is degraded, or until none does.
    pub async fn see_degraded(&self, is: bool) -> bool {
        let start = Instant::now();
        while self.is_degraded().await != is {
            if start.elapsed() > EFFECT_WITHIN {
                return false;
            }
            sleep(LOOK_EVERY).await;
        }
        true
    }

    async fn is_degraded(&self) -> bool {
        for node in 0..self.deployment.nodes.len() {
            if self.deployment.is_degraded(node).await {
                return true;
            }
        }
        false
    }

    /// Waits until a figure, over all nodes, is more than it was.
    pub async fn see_figure(&self, name: &str, before: f64) -> bool {
        let start = Instant::now();
        while self.figure_of_all(name).await <= before {
            if start.elapsed() > EFFECT_WITHIN {
                return false;
            }
            sleep(LOOK_EVERY).await;
        }
        true
    }

    pub async fn figure_of_all(&self, name: &str) -> f64 {
        let mut sum = 0.0;
        for node in 0..self.deployment.nodes.len() {
            sum += self.deployment.figure(node, name).await;
        }
        sum
    }

    pub async fn judge(self) -> Verdict {
        self.crowd.judge(&self.deployment.place()).await
    }
}
