//! Makes a node one of several: its row in the store, and its ways to the others.

use crate::adapters::Post;
use crate::adapters::postgres::TableCarrier;
use crate::adapters::redis::{RedisCarrier, RedisSettings};
use crate::config::{Config, RedisUrl};
use crate::ports::{Carrier, Cluster};
use crate::switchboard::{Membership, Secret};
use anyhow::Context;
use gateway_core::ids::NodeId;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Packets that may wait for the link.
const HEARD_MAX: usize = 4_096;

/// Joins the nodes that share a store.
///
/// # Errors
/// The store does not answer, or a carrier's settings cannot be followed.
pub async fn join(
    config: &Config,
    cluster: Arc<dyn Cluster>,
    secret: Secret,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> anyhow::Result<Membership> {
    let node = draw_node(&*cluster).await?;
    let (to_heard, heard) = mpsc::channel(HEARD_MAX);
    let mut carriers: Vec<Arc<dyn Carrier>> = Vec::new();
    let post = |index: usize| Post {
        deployment: secret.deployment(),
        me: node,
        index: u8::try_from(index).unwrap_or(u8::MAX),
        heard: to_heard.clone(),
        tasks: tasks.clone(),
        stop: stop.clone(),
    };
    for url in [&config.redis, &config.redis_2].into_iter().flatten() {
        carriers.push(RedisCarrier::start(redis_settings(config, url), post(carriers.len()))?);
    }
    if let Some(url) = &config.postgres {
        carriers.push(TableCarrier::start(url.reveal(), post(carriers.len())).context("cannot carry over the store")?);
    }
    let ways: Vec<_> = carriers.iter().map(|carrier| carrier.name()).collect();
    tracing::info!(node = node.number(), carriers = ways.join(" "), "joined");
    Ok(Membership { node, cluster, carriers, heard, secret })
}

/// Draws an id that no other process has.
async fn draw_node(cluster: &dyn Cluster) -> anyhow::Result<NodeId> {
    loop {
        let node = NodeId::new(u32::from_le_bytes(crate::chance::bytes()));
        let joined = cluster.join(node).await;
        if joined.map_err(|_| anyhow::anyhow!("the store does not answer"))? {
            return Ok(node);
        }
    }
}

fn redis_settings(config: &Config, url: &RedisUrl) -> RedisSettings {
    RedisSettings {
        url: url.reveal().to_owned(),
        password_file: config.redis_password_file.clone(),
        ca_file: config.redis_ca_file.clone(),
    }
}
