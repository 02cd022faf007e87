//! The turns of a desk: drain, handle, append, release. Nothing a desk says leaves before its batch is durable.
//!
//! What follows when a turn is lost is decided by who drives the desk: `alone`, or `peers/driver`.

use crate::ports::{AppendError, ClosedQuery, Store};
use crate::switchboard::counts::Stored;
use crate::switchboard::delivery::Courier;
use crate::switchboard::mailbox::{Batch, Mailbox};
use crate::switchboard::outlet::Outlet;
use gateway_core::desk::Desk;
use gateway_core::desk::input::{Input, Load, NotLoaded};
use gateway_core::desk::redo::{Loss, Step};
use gateway_core::effects::{Delivery, Gate};
use gateway_core::ids::SiteId;
use gateway_core::stored::Append;
use protocol::limits::VIEW_ROWS_MAX;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// A desk that nobody needs is let go after this long without mail.
const IDLE: Duration = Duration::from_secs(60);
/// Conversations of a visitor, the latest first, in which the agent they last spoke with is looked for: one read of
/// a few rows, and whoever had no agent that often remembers none.
const RECENT_CONVERSATIONS_MAX: usize = 10;

/// What one site's desk is driven with.
pub struct DeskLoop {
    pub site: SiteId,
    pub store: Arc<dyn Store>,
    pub courier: Courier,
    pub outlet: Outlet,
    pub mailbox: Mailbox,
    /// Owns the reads that run beside the commits.
    pub tasks: TaskTracker,
    /// The desk gets no more mail, so that what it asks for is read before the append.
    pub is_closing: bool,
}

/// A turn that was not stored: the desk must be opened again.
pub struct Lost {
    pub step: Step,
    /// Commands of earlier steps that have no answer yet.
    pub unanswered: Vec<Input>,
    pub loss: Loss,
}

impl DeskLoop {
    /// Waits for mail; `None` when nobody has needed the desk for a while. Cancel safe.
    pub async fn next_batch(&mut self, desk: &Desk) -> Option<Batch> {
        let deadline = desk.poll_timeout().map(|at| self.courier.clock.deadline(at));
        tokio::select! {
            biased;
            batch = self.mailbox.next_batch(deadline) => Some(batch),
            () = tokio::time::sleep(IDLE), if desk.is_idle() => None,
        }
    }

    /// One turn: handle, append, release.
    pub async fn turn(&self, desk: &mut Desk, step: Step, drained: bool) -> Result<(), Lost> {
        let handled = match self.handle(desk, step.clone(), drained) {
            Some(loads) if step.is_alone() || self.is_closing => self.handle_loads(desk, loads).await,
            Some(loads) => {
                self.load(loads);
                Some(())
            }
            None => None,
        };
        let commit = handled.and_then(|()| guarded(|| desk.poll_commit(self.courier.clock.now())));
        let Some((append, gate)) = commit else {
            let unanswered = guarded(|| desk.unanswered()).unwrap_or_default();
            return Err(Lost { step, unanswered, loss: Loss::Panic });
        };
        self.commit(append, gate).await.map_err(|(loss, mut unanswered)| {
            unanswered.extend(guarded(|| desk.unanswered()).unwrap_or_default());
            Lost { step, unanswered, loss }
        })
    }

    /// Tells the desk a step; gives what it wants read. `None` when it panicked, here and below.
    fn handle(&self, desk: &mut Desk, step: Step, drained: bool) -> Option<Vec<Load>> {
        let now = self.courier.clock.now();
        guarded(|| {
            match step {
                Step::Batch(inputs) => inputs.into_iter().for_each(|input| desk.handle(input, now)),
                Step::Suspect(input) => desk.handle(input, now),
                Step::Refusal(input, code) => desk.handle_refused(input, code, now),
            }
            if drained {
                desk.handle_timeout(now);
            }
            loads_of(desk)
        })
    }

    /// Reads what the desk wants, and what it wants after that, until it wants nothing.
    async fn handle_loads(&self, desk: &mut Desk, mut loads: Vec<Load>) -> Option<()> {
        while !loads.is_empty() {
            for load in std::mem::take(&mut loads) {
                let answer = read(self.store.as_ref(), self.site, load).await;
                let now = self.courier.clock.now();
                guarded(|| desk.handle(answer, now))?;
            }
            loads = guarded(|| loads_of(desk))?;
        }
        Some(())
    }

    /// Stores the batch, then lets its words out. What could not be stored gives back the commands it carried.
    async fn commit(&self, append: Append, gate: Gate) -> Result<(), (Loss, Vec<Input>)> {
        let now = self.courier.clock.now();
        if append.is_empty() {
            let Some(lease) = self.outlet.lease(now.instant) else { return Err((Loss::Unknown, gate.give_up())) };
            self.release(gate.open_unwritten(&lease)).await;
            return Ok(());
        }
        let stored = Stored::of(&append);
        self.mailbox.appending.begin(now.instant);
        let appended = self.store.append(append).await;
        self.mailbox.appending.end();
        match appended {
            Ok(durable) => {
                let took = self.courier.clock.now().instant.since_ms(now.instant);
                self.courier.counts.appended(stored, Duration::from_millis(took));
                self.release(gate.open(&durable)).await;
                Ok(())
            }
            Err(error) => {
                tracing::warn!(site = self.site.0, %error, "append gave no receipt");
                let loss = match error {
                    AppendError::Fenced => Loss::Fenced,
                    AppendError::Refused(_) => Loss::Refused,
                    AppendError::Unknown(_) => Loss::Unknown,
                };
                Err((loss, gate.give_up()))
            }
        }
    }

    async fn release(&self, deliveries: Vec<Delivery>) {
        if !deliveries.is_empty() {
            self.outlet.release(&self.courier, self.site, deliveries).await;
        }
    }

    /// Stores when a desk that is let go must be open again. Nothing else of it changed, so no turn does that; what an
    /// earlier batch said may be over, and would open the site for nothing.
    pub async fn note_wake(&self, desk: &mut Desk) {
        let Some((append, gate)) = guarded(|| desk.poll_commit(self.courier.clock.now())) else { return };
        match self.store.append(append).await {
            Ok(durable) => self.release(gate.open(&durable)).await,
            // Somebody needed the site meanwhile: the next desk has its own say.
            Err(AppendError::Fenced) => {}
            Err(error) => tracing::debug!(site = self.site.0, %error, "when the site must be open is not up to date"),
        }
    }

    /// Starts the reads that the desk waits for, beside the commits; their answers come back as control mail.
    fn load(&self, loads: Vec<Load>) {
        for load in loads {
            let Some(control) = self.mailbox.to_control.upgrade() else { return };
            let (store, site) = (Arc::clone(&self.store), self.site);
            self.tasks.spawn(async move {
                let answer = read(store.as_ref(), site, load).await;
                // A desk that has closed needs no answer.
                drop(control.send(answer).await);
            });
        }
    }
}

/// What the desk wants read, until it waits for answers.
fn loads_of(desk: &mut Desk) -> Vec<Load> {
    std::iter::from_fn(|| desk.poll_load()).collect()
}

/// Calls a desk; `None` when it panicked. Its state cannot be believed then, and it is opened again.
pub fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(AssertUnwindSafe(call)).ok()
}

/// Reads what a desk asked for.
async fn read(store: &dyn Store, site: SiteId, load: Load) -> Input {
    match load {
        Load::Conversation { epoch, conversation } => {
            let loaded = store.load(site, conversation).await.map_err(|error| {
                tracing::warn!(site = site.0, %error, "conversation cannot be loaded");
                NotLoaded
            });
            Input::Loaded { epoch, conversation, loaded }
        }
        Load::Message { epoch, conversation, message } => {
            let loaded = store.record(site, conversation, message).await.map_err(|_| NotLoaded);
            Input::LoadedMessage { epoch, conversation, message, loaded }
        }
        Load::LastAgent { epoch, visitor } => {
            let recent = store.of_visitor(site, visitor, RECENT_CONVERSATIONS_MAX).await;
            let loaded = recent.map(|rows| rows.iter().find_map(|row| row.preferred)).map_err(|_| NotLoaded);
            Input::LoadedLastAgent { epoch, visitor, loaded }
        }
        Load::Closed { epoch, socket, revision } => {
            let query = ClosedQuery { site, visitor: None, before: None, limit: VIEW_ROWS_MAX };
            let rows = store.closed(query).await.map_err(|_| NotLoaded);
            Input::Closed { epoch, socket, revision, rows }
        }
    }
}
