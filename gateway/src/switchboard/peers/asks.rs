//! Asks: what the link wants of the store, asked beside everything else; the answers come back in any order.

use crate::ports::{Cluster, Store};
use crate::switchboard::peers::driver::Ended;
use futures_util::FutureExt;
use gateway_core::ids::{Epoch, NodeId, SiteId};
use gateway_core::link::effect::{Claim, Heartbeat, NotOpened, Owner, StoreAway};
use gateway_core::now::Instant;
use gateway_core::settings::Settings;
use gateway_core::stored::Opening;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// A database that has just taken over may not take writes yet.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// What comes back to the link's task.
#[derive(Debug)]
pub(super) enum Answer {
    Heartbeat(Result<Heartbeat, StoreAway>),
    Owner {
        site: SiteId,
        owner: Result<Option<Owner>, StoreAway>,
    },
    Opened {
        site: SiteId,
        opened: Result<Box<Opening>, NotOpened>,
    },
    Swept(Result<Vec<(SiteId, Owner)>, StoreAway>),
    LetGo {
        site: SiteId,
        epoch: Epoch,
        written: Result<(), StoreAway>,
    },
    /// Settings that have changed, with their versions.
    Settings(Vec<(SiteId, u64, Settings)>),
    /// Nobody has needed a desk for a while.
    Idle {
        site: SiteId,
        epoch: Epoch,
    },
    /// A desk's driver has ended.
    Ended {
        site: SiteId,
        epoch: Epoch,
        ended: Ended,
    },
    /// The store's address leads to another database now.
    Moved,
}

/// Asks the store.
pub(super) struct Asks {
    pub node: NodeId,
    pub cluster: Arc<dyn Cluster>,
    pub store: Arc<dyn Store>,
    pub answers: mpsc::Sender<Answer>,
    pub tasks: TaskTracker,
}

impl Asks {
    pub fn heartbeat(&self, sent: Instant, ready: bool, changed_within_ms: u64) {
        let (node, cluster) = (self.node, Arc::clone(&self.cluster));
        self.ask(async move { Answer::Heartbeat(cluster.beat(node, sent, ready, changed_within_ms).await) });
    }

    pub fn owner(&self, site: SiteId) {
        let cluster = Arc::clone(&self.cluster);
        self.ask(async move { Answer::Owner { site, owner: cluster.owner(site).await } });
    }

    pub fn open(&self, site: SiteId, claim: Claim) {
        let (node, cluster) = (self.node, Arc::clone(&self.cluster));
        self.ask(async move {
            let opened = cluster.claim(node, site, claim).await.map(Box::new);
            Answer::Opened { site, opened }
        });
    }

    pub fn sweep(&self, living: Vec<NodeId>, limit: usize) {
        let cluster = Arc::clone(&self.cluster);
        self.ask(async move { Answer::Swept(cluster.sweep(living, limit).await) });
    }

    pub fn let_go(&self, site: SiteId, epoch: Epoch, successor: Option<NodeId>) {
        let cluster = Arc::clone(&self.cluster);
        self.ask(async move { Answer::LetGo { site, epoch, written: cluster.let_go(site, epoch, successor).await } });
    }

    /// Reads the settings of those sites whose version is no longer the one that their desk was told.
    pub fn settings(&self, told: BTreeMap<SiteId, Option<u64>>) {
        let (cluster, store) = (Arc::clone(&self.cluster), Arc::clone(&self.store));
        self.ask(async move {
            let versions = cluster.settings_versions(told.keys().copied().collect()).await.unwrap_or_default();
            let mut changed = Vec::new();
            for (site, version) in versions.into_iter().filter(|(site, version)| told[site] != Some(*version)) {
                // What cannot be read now is asked for again with the next heartbeat.
                changed.extend(store.settings(site).await.map(|settings| (site, version, settings)));
            }
            Answer::Settings(changed)
        });
    }

    /// Tells whenever the store's address leads to another database.
    pub fn watch_store(&self) {
        let (cluster, answers) = (Arc::clone(&self.cluster), self.answers.clone());
        let mut incarnation = cluster.incarnation();
        tokio::spawn(async move {
            while incarnation.changed().await.is_ok() {
                while cluster.skip_epochs().await.is_err() {
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
                if answers.send(Answer::Moved).await.is_err() {
                    return;
                }
            }
        });
    }

    fn ask(&self, question: impl Future<Output = Answer> + Send + 'static) {
        let answers = self.answers.clone();
        self.tasks.spawn(async move {
            let Ok(answer) = AssertUnwindSafe(question).catch_unwind().await else {
                // The link would wait for ever, and with it whatever it wanted to know.
                tracing::error!("a question to the store has panicked: the node ends");
                std::process::abort();
            };
            // A link that has ended does not want to know.
            drop(answers.send(answer).await);
        });
    }
}
