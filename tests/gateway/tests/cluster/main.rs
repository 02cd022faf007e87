//! Several real nodes on a real Postgres and Redis: whoever talks notices no more of a fault than that words take
//! longer, and what was acknowledged is there once, in one order for everybody.
#![cfg(test)]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks at the frames it is about and passes over the rest")]

mod database;
mod node;
mod redis;
mod settings;
mod talk;
mod twice;

use gateway_tests::{Crowd, Deployment, Rhythm};

const VISITORS: u32 = 12;

/// So many nodes and Redis servers, and a few people who talk behind the balancer.
async fn gather(nodes: usize, redis: usize) -> (Deployment, Crowd) {
    let mut deployment = Deployment::start(nodes, redis).await;
    let agent = deployment.sign_in(VISITORS + 4).await;
    let crowd = Crowd::gather(&deployment.place(), &[agent], VISITORS as usize, Rhythm::LIVELY).await;
    (deployment, crowd)
}
