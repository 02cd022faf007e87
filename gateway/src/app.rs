//! Puts a node together and takes it apart: the only file that names concrete adapters.

use crate::admin::{self, Admin};
use crate::config::Config;
use crate::edge::admission::Admission;
use crate::edge::assets::Assets;
use crate::edge::drain::Drain;
use crate::edge::sites::Sites;
use crate::edge::{Edge, listener};
use crate::ports::{Readiness, Store};
use crate::telemetry::{LogLevel, Metrics};
use anyhow::Context;
use axum::Router;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Serves until the process is asked to stop, and then until nothing is owed.
///
/// # Errors
/// The node cannot start, or was cut at its deadline.
pub async fn serve(config: Config, log_level: LogLevel) -> anyhow::Result<()> {
    let store = open_store(&config)?;
    let node = Node::start(&config, store, Router::new(), Router::new(), log_level).await?;
    tracing::info!(address = %node.address, admin = %node.admin_address, "serving");
    asked_to_stop().await?;
    tracing::info!("draining");
    node.stop(asked_to_stop()).await
}

/// Opens the store the configuration names.
///
/// # Errors
/// No adapter is wired in yet.
fn open_store(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    anyhow::bail!("no store is wired in for {}", config.data.display())
}

/// Lets the desks go, between the last accepted connection and the first socket sent away.
///
/// The switchboard is wired in here.
async fn let_desks_go() {}

/// A node that serves.
pub struct Node {
    pub address: SocketAddr,
    pub admin_address: SocketAddr,
    edge: Arc<Edge>,
    health: Arc<Health>,
    tasks: TaskTracker,
    /// Ends what must live as long as a socket does.
    end: CancellationToken,
    grace: Duration,
    deadline: Duration,
}

impl Node {
    /// Listens and serves.
    ///
    /// # Errors
    /// An address is taken, or the store does not answer.
    pub async fn start(
        config: &Config,
        store: Arc<dyn Store>,
        api: Router,
        commands: Router,
        log_level: LogLevel,
    ) -> anyhow::Result<Self> {
        let sites = Arc::new(Sites::default());
        sites.refresh(&*store).await.context("the store does not answer")?;
        let listener = listener::bind(config.listen).with_context(|| format!("cannot listen at {}", config.listen))?;
        let admin_listener =
            listener::bind(config.admin_listen).with_context(|| format!("cannot listen at {}", config.admin_listen))?;
        let edge = Arc::new(edge(config, Arc::clone(&sites), api));
        let health = Arc::new(Health { sites: Arc::clone(&sites), is_draining: AtomicBool::new(false) });
        let admin = Admin {
            metrics: Arc::clone(&edge.metrics),
            readiness: Arc::clone(&health) as Arc<dyn Readiness>,
            log_level,
            token: config.admin_token.clone(),
        };
        let node = Self {
            address: listener.local_addr()?,
            admin_address: admin_listener.local_addr()?,
            edge,
            health,
            tasks: TaskTracker::new(),
            end: CancellationToken::new(),
            grace: Duration::from_millis(config.drain_grace_ms),
            deadline: Duration::from_millis(config.drain_deadline_ms),
        };
        let end = node.end.clone();
        node.tasks.spawn(async move { sites.keep_fresh(&*store, &end).await });
        node.tasks.spawn(admin::serve(admin_listener, admin::router(admin, commands), node.end.clone()));
        node.tasks.spawn(listener::serve(listener, Arc::clone(&node.edge)));
        Ok(node)
    }

    /// Stops: ready off, grace, no more connections, desks let go, sockets told, and out at the deadline at the latest.
    ///
    /// `hurried` ends the grace: a second signal, as from an impatient person at a terminal.
    ///
    /// # Errors
    /// Something was still open at the deadline.
    pub async fn stop(self, hurried: impl Future) -> anyhow::Result<()> {
        self.health.is_draining.store(true, Ordering::Relaxed);
        tokio::select! {
            () = tokio::time::sleep(self.grace) => {}
            _ = hurried => {}
        }
        let drain = &self.edge.drain;
        drain.stop_accepting.cancel();
        let parting = async {
            let_desks_go().await;
            drain.sockets_away.cancel();
            drain.finished().await;
            self.end.cancel();
            self.tasks.close();
            self.tasks.wait().await;
        };
        let left = self.deadline.saturating_sub(self.grace);
        tokio::time::timeout(left, parting).await.context("connections were still open at the deadline")
    }
}

fn edge(config: &Config, sites: Arc<Sites>, api: Router) -> Edge {
    Edge {
        public_origin: config.public_url.as_ref().map(|url| url.0.clone()),
        scheme: config.scheme,
        trusted_proxies: config.trusted_proxies.clone(),
        sites,
        assets: Assets::load(),
        admission: Admission::new(config.admission_limits()),
        metrics: Arc::new(Metrics::default()),
        api,
        drain: Drain::default(),
    }
}

/// What the admin port is asked about the node.
struct Health {
    sites: Arc<Sites>,
    is_draining: AtomicBool,
}

impl Readiness for Health {
    fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    fn store_answers(&self) -> bool {
        self.sites.is_fresh()
    }
}

/// Resolves at SIGTERM or SIGINT.
async fn asked_to_stop() -> anyhow::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
