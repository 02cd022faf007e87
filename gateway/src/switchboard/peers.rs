//! Peers: this node as one of several. Its link knows who owns which site; here it is driven.
//!
//! One task owns the link (`link_loop`). Sockets hand it what they say, desks what they say, carriers what they bring
//! and the store its answers; it carries out what the link asks for, and waits for none of them.

mod asks;
mod driver;
mod link_loop;
mod own_desks;
mod seal;

pub use seal::Secret;

use crate::ports::{Carrier, Cluster, Heard, Store};
use crate::switchboard::delivery::Courier;
use gateway_core::desk::input::Input;
use gateway_core::ids::{NodeId, SiteId};
use gateway_core::session::NotSubmitted;
use link_loop::LinkLoop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Inputs of sockets that may wait for the link: about a tenth of a second of its work.
const INPUTS_MAX: usize = 16_384;

/// What makes a node one of several.
pub struct Membership {
    /// The node's row is in the store already.
    pub node: NodeId,
    pub cluster: Arc<dyn Cluster>,
    /// The best first; between 1 and `CARRIERS_MAX`.
    pub carriers: Vec<Arc<dyn Carrier>>,
    /// What the carriers bring.
    pub heard: mpsc::Receiver<Heard>,
    /// What all nodes of the deployment know, and nobody else.
    pub secret: Secret,
}

/// The way to the link of this node.
pub struct Peers {
    inputs: mpsc::Sender<Said>,
    state: watch::Receiver<State>,
    desks_open: Arc<AtomicUsize>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

/// What this node tells its link.
#[derive(Debug)]
enum Said {
    Input(SiteId, Box<Input>),
    /// Settings were written on this node.
    Settings,
    /// The node was asked to stop, after a grace.
    Drain {
        grace_ms: u64,
    },
}

/// What others may want to know of the link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// A peer is reached over another carrier than the best.
    pub is_degraded: bool,
    /// A drain has let all desks go.
    pub is_drained: bool,
}

impl Peers {
    /// Starts the link's task.
    pub fn start(membership: Membership, store: Arc<dyn Store>, courier: Courier) -> Self {
        let (inputs, said) = mpsc::channel(INPUTS_MAX);
        let (state, seen) = watch::channel(State::default());
        let (stopping, tasks, desks_open) = (CancellationToken::new(), TaskTracker::new(), Arc::default());
        let link_loop = LinkLoop::new(membership, store, courier, state, Arc::clone(&desks_open), tasks.clone());
        tasks.spawn(link_loop.run(said, stopping.clone()));
        Self { inputs, state: seen, desks_open, stopping, tasks }
    }

    /// Hands an input to the link; gives it back when too much waits.
    pub fn submit(&self, site: SiteId, input: Input) -> Result<(), (Box<Input>, NotSubmitted)> {
        let back = |said, why| match said {
            Said::Input(_, input) => Err((input, why)),
            Said::Settings | Said::Drain { .. } => Ok(()),
        };
        match self.inputs.try_send(Said::Input(site, Box::new(input))) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Full(said)) => back(said, NotSubmitted::Busy),
            Err(mpsc::error::TrySendError::Closed(said)) => back(said, NotSubmitted::Unavailable),
        }
    }

    /// The same for what must be heard, however much waits.
    pub async fn tell(&self, site: SiteId, input: Input) {
        // A link that has ended has nobody to tell.
        drop(self.inputs.send(Said::Input(site, Box::new(input))).await);
    }

    /// Settings were written: the desks of this node are told theirs at once, those of others within a second.
    pub async fn settings_changed(&self) {
        drop(self.inputs.send(Said::Settings).await);
    }

    pub fn desks_open(&self) -> usize {
        self.desks_open.load(Ordering::Relaxed)
    }

    pub fn state(&self) -> State {
        *self.state.borrow()
    }

    /// The node will stop: peers learn that it takes nothing new, and after a grace its desks are let go.
    pub async fn drain(&self, grace_ms: u64) {
        drop(self.inputs.send(Said::Drain { grace_ms }).await);
    }

    /// Ends the grace, and waits until all desks are let go.
    pub async fn let_go(&self) {
        self.drain(0).await;
        // A link that has ended has none.
        drop(self.state.clone().wait_for(|state| state.is_drained).await);
    }

    /// Ends the link. Desks that were not let go are dropped.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
