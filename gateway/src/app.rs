//! Puts a node together and takes it apart: it and its parts are all that names concrete adapters.

mod cluster;
mod counting;
mod demo;
mod settings_hook;

use crate::adapters::postgres::{self, PostgresStore};
use crate::adapters::sqlite::{self, SqliteStore};
use crate::admin::{self, Admin};
use crate::api::{self, ApiState, KeyFile};
use crate::clock::Clock;
use crate::config::Config;
use crate::edge::admission::{Admission, AdmissionLimits};
use crate::edge::assets::Assets;
use crate::edge::drain::Drain;
use crate::edge::sites::Sites;
use crate::edge::visitor_token::VisitorTokens;
use crate::edge::{Edge, listener};
use crate::ports::{Cluster, Readiness, Store};
use crate::switchboard::{Secret, Switchboard};
use crate::telemetry::{LogLevel, Metrics};
use anyhow::Context;
use axum::Router;
use counting::Counting;
use settings_hook::SettingsHook;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
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
    let kept = open(&config).await?;
    let node = Node::start(&config, kept, log_level).await?;
    node.welcome(&config).await?;
    tracing::info!(address = %node.address, admin = %node.admin_address, "serving");
    asked_to_stop().await?;
    tracing::info!("draining");
    node.stop(asked_to_stop()).await
}

/// What a node keeps everything in.
pub struct Kept {
    pub store: Arc<dyn Store>,
    /// What nodes share beside it; none for a store that one node has to itself.
    pub cluster: Option<Arc<dyn Cluster>>,
}

/// Opens the store that the settings name.
///
/// # Errors
/// It is in use, cannot be reached, or what it holds cannot be read by this version.
pub async fn open(config: &Config) -> anyhow::Result<Kept> {
    let Some(url) = &config.postgres else { return Ok(Kept { store: open_folder(&config.data)?, cluster: None }) };
    std::fs::create_dir_all(&config.data).with_context(|| format!("cannot make {}", config.data.display()))?;
    let opened = PostgresStore::open(url.reveal()).await;
    let store = Arc::new(opened.with_context(|| format!("cannot open the store at {url}"))?);
    Ok(Kept { store: Arc::clone(&store) as Arc<dyn Store>, cluster: Some(store) })
}

fn open_folder(data: &Path) -> anyhow::Result<Arc<dyn Store>> {
    let store = SqliteStore::open(data).with_context(|| format!("cannot open the store in {}", data.display()))?;
    Ok(Arc::new(store))
}

/// Whether the store that the settings name is there; a database is told by asking it.
#[must_use]
pub fn has_store(config: &Config) -> bool {
    config.postgres.is_some() || SqliteStore::is_in(&config.data)
}

/// The settings in force: the demo keeps what is its own apart, whoever asks for it.
#[must_use]
pub fn in_force(config: Config) -> Config {
    if config.demo { demo::settings(config) } else { config }
}

/// Puts a backup in the place of the store.
///
/// # Errors
/// A server uses the folder, the file is no sound backup, or the store is a database, which has tools of its own.
pub fn restore(config: &Config, backup: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(config.postgres.is_none(), postgres::BACKUP_HINT);
    Ok(sqlite::restore(backup, &config.data)?)
}

/// The address browsers use, where none is configured: this machine's.
#[must_use]
pub fn public_url(config: &Config) -> String {
    match &config.public_url {
        Some(url) => url.0.to_string(),
        None => format!("{}://localhost:{}", config.scheme.as_str(), config.listen.port()),
    }
}

/// A node that serves.
pub struct Node {
    pub address: SocketAddr,
    pub admin_address: SocketAddr,
    edge: Arc<Edge>,
    api: ApiState,
    /// Opens the admin port to commands of the same data folder, as long as this node runs.
    _key: KeyFile,
    health: Arc<Health>,
    tasks: TaskTracker,
    /// Ends what must live as long as a socket does.
    end: CancellationToken,
    handshakes_per_second: u32,
    grace: Duration,
    deadline: Duration,
}

impl Node {
    /// Listens and serves.
    ///
    /// # Errors
    /// An address is taken, or the store does not answer.
    pub async fn start(config: &Config, kept: Kept, log_level: LogLevel) -> anyhow::Result<Self> {
        let Kept { store, cluster } = kept;
        let (tasks, end) = (TaskTracker::new(), CancellationToken::new());
        let sites = Arc::new(Sites::default());
        sites.refresh(&*store).await.context("the store does not answer")?;
        let token_key = store.token_key().await.context("the store does not answer")?;
        let tokens = VisitorTokens::new(token_key);
        let listener = listener::bind(config.listen).with_context(|| format!("cannot listen at {}", config.listen))?;
        let admin_listener =
            listener::bind(config.admin_listen).with_context(|| format!("cannot listen at {}", config.admin_listen))?;
        let key = KeyFile::create(&config.data).context("cannot write to the data folder")?;
        let metrics = Arc::new(Metrics::default());
        let counts = Arc::new(Counting(Arc::clone(&metrics)));
        let clock = Clock::start();
        let switchboard = match cluster {
            Some(cluster) => {
                let membership = cluster::join(config, cluster, Secret(token_key), &tasks, &end).await?;
                Switchboard::among_peers(membership, Arc::clone(&store), clock, counts)
            }
            None => Switchboard::alone(Arc::clone(&store), clock, counts),
        };
        let api = api_state(config, &switchboard, &sites);
        let commands = Router::new().nest("/command", api::admin_router(api.clone(), key.key()));
        let edge = Arc::new(Edge {
            public_origin: config.public_url.as_ref().map(|url| url.0.clone()),
            scheme: config.scheme,
            trusted_proxies: config.trusted_proxies.clone(),
            sites: Arc::clone(&sites),
            assets: Assets::load(),
            admission: Admission::new(admission_limits(config)),
            metrics,
            api: api::router(api.clone()),
            drain: Drain::default(),
            switchboard,
            visitor_tokens: tokens,
        });
        let health = Arc::new(Health {
            sites: Arc::clone(&sites),
            switchboard: Arc::clone(&edge.switchboard),
            is_draining: AtomicBool::new(false),
        });
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
            api,
            _key: key,
            health,
            tasks,
            end,
            handshakes_per_second: config.handshakes_per_second.get(),
            grace: Duration::from_millis(config.drain_grace_ms),
            deadline: Duration::from_millis(config.drain_deadline_ms),
        };
        let end = node.end.clone();
        node.edge.switchboard.watch_deadlines();
        node.tasks.spawn(async move { sites.keep_fresh(&*store, &end).await });
        node.tasks.spawn(admin::serve(admin_listener, admin::router(admin, commands), node.end.clone()));
        node.tasks.spawn(listener::serve(listener, Arc::clone(&node.edge)));
        Ok(node)
    }

    /// Says where to go: the demo's links, or the one link that creates the operator.
    ///
    /// # Errors
    /// The store does not answer, or the demo page's port is taken.
    async fn welcome(&self, config: &Config) -> anyhow::Result<()> {
        if config.demo {
            let page = demo::bind_page(self.address).await?;
            demo::begin(&self.api).await?;
            let (listen, end) = (self.address, self.end.clone());
            self.tasks.spawn(async move {
                tokio::select! {
                    () = end.cancelled() => {}
                    served = demo::serve_page(page, listen) => if let Err(error) = served {
                        tracing::error!("the demo page is not served: {error:#}");
                    },
                }
            });
        } else if let Some(link) = api::setup_link(&self.api).await? {
            writeln!(std::io::stdout(), "Create the operator of this deployment: {link}")?;
        }
        Ok(())
    }

    /// Stops: ready off, grace, desks let go to another node where there is one, sockets told once they are answered, and out
    /// at the deadline at the latest.
    ///
    /// `hurried` ends the grace: a second signal, as from an impatient person at a terminal.
    ///
    /// # Errors
    /// Something was still open at the deadline.
    pub async fn stop(self, hurried: impl Future) -> anyhow::Result<()> {
        self.health.is_draining.store(true, Ordering::Relaxed);
        self.edge.switchboard.drain(self.grace).await;
        tokio::select! {
            () = tokio::time::sleep(self.grace) => {}
            _ = hurried => {}
        }
        let drain = &self.edge.drain;
        drain.stop_accepting.cancel();
        let parting = async {
            // First, so that whoever owns the sites next answers what the sockets are still owed.
            self.edge.switchboard.let_go().await;
            drain.send_sockets_away(self.handshakes_per_second);
            drain.finished().await;
            self.edge.switchboard.stop().await;
            self.end.cancel();
            self.tasks.close();
            self.tasks.wait().await;
        };
        let left = self.deadline.saturating_sub(self.grace);
        tokio::time::timeout(left, parting).await.context("connections were still open at the deadline")
    }
}

/// The figures of admission.
fn admission_limits(config: &Config) -> AdmissionLimits {
    AdmissionLimits {
        handshakes_per_second: config.handshakes_per_second,
        handshakes_burst: config.handshakes_burst,
        address_handshakes_per_second: config.address_handshakes_per_second,
        address_handshakes_burst: config.address_handshakes_burst,
        address_sockets_max: config.address_sockets_max,
        address_connections_max: config.address_connections_max,
        connections_max: config.connections_max,
    }
}

fn api_state(config: &Config, switchboard: &Arc<Switchboard>, sites: &Arc<Sites>) -> ApiState {
    let clock = switchboard.clock;
    ApiState {
        store: Arc::clone(&switchboard.store),
        public_url: public_url(config),
        settings_changed: Arc::new(SettingsHook { switchboard: Arc::clone(switchboard), sites: Arc::clone(sites) }),
        clock: Arc::new(move || clock.now()),
    }
}

/// What the admin port is asked about the node.
struct Health {
    sites: Arc<Sites>,
    switchboard: Arc<Switchboard>,
    is_draining: AtomicBool,
}

impl Readiness for Health {
    fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    fn store_answers(&self) -> bool {
        self.sites.is_fresh()
    }

    fn is_degraded(&self) -> bool {
        self.switchboard.is_degraded()
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
