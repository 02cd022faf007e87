//! The only driver of a desk: drain, handle, append, release.
//!
//! Nothing a desk says leaves before its batch is durable. When the outcome of an append is unknown, the desk is
//! dropped and opened again from the store, told who has joined, and handed the batch again (`core/desk/redo`):
//! commands carry ids, so what was stored is answered as before.

use crate::ports::{AppendError, ClosedQuery, Store, StoreError};
use crate::switchboard::delivery::Carrier;
use crate::switchboard::mailbox::{Appending, Batch, Mailbox};
use gateway_core::desk::Desk;
use gateway_core::desk::input::{Input, Load, NotLoaded};
use gateway_core::desk::redo::{Loss, Redo, Step};
use gateway_core::effects::{Gate, Lease};
use gateway_core::ids::SiteId;
use gateway_core::stored::Append;
use protocol::CloseCode;
use protocol::limits::VIEW_ROWS_MAX;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::WeakSender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Pauses before a desk is opened again, one after another; the last one repeats.
const REOPEN_AFTER: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// The same after a panic, which is likely to come again.
const REOPEN_AFTER_PANIC: [Duration; 7] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
];
/// A desk that nobody needs is let go after this long without mail.
const IDLE: Duration = Duration::from_secs(60);
/// Conversations of a visitor, the latest first, in which the agent they last spoke with is looked for: one read of
/// a few rows, and whoever had no agent that often remembers none.
const RECENT_CONVERSATIONS_MAX: usize = 10;

/// One site's desk and what it is driven with.
pub struct DeskLoop {
    pub site: SiteId,
    pub store: Arc<dyn Store>,
    pub carrier: Carrier,
    pub mailbox: Mailbox,
    /// For answers to loads; weak, so that the loop does not keep its own mailbox open.
    pub control: WeakSender<Input>,
    pub appending: Arc<Appending>,
    /// Owns the reads that run beside the commits.
    pub tasks: TaskTracker,
    pub stopping: CancellationToken,
}

/// A turn that was not stored: the desk must be opened again.
struct Lost {
    step: Step,
    /// Commands of earlier steps that have no answer yet.
    unanswered: Vec<Input>,
    loss: Loss,
}

/// How long to wait before the desk is opened again, after so many failures in a row.
fn pause(loss: Loss, failures: usize) -> Duration {
    let pauses: &[Duration] = match loss {
        Loss::Unknown | Loss::Fenced | Loss::Refused => &REOPEN_AFTER,
        Loss::Panic => &REOPEN_AFTER_PANIC,
    };
    pauses[(failures - 1).min(pauses.len() - 1)]
}

impl DeskLoop {
    /// Drives the desk until nobody needs it or the node stops; gives the mail that came as it closed.
    pub async fn run(mut self) -> Vec<Input> {
        let Some(mut desk) = self.open().await else { return Vec::new() };
        let mut redo = Redo::default();
        let mut failures = 0;
        loop {
            let (step, drained) = match redo.take() {
                Some(step) => (step, false),
                None => match self.next_batch(&desk).await {
                    Some(Batch { inputs, drained }) => (Step::Batch(inputs), drained),
                    None => return self.close(desk).await,
                },
            };
            match self.turn(&mut desk, step, drained).await {
                Ok(()) => failures = 0,
                Err(Lost { step, unanswered, loss }) => {
                    failures += 1;
                    redo.lost(step, unanswered, loss);
                    let Some(successor) = self.succeed(&desk, loss, failures).await else { return Vec::new() };
                    desk = successor;
                }
            }
        }
    }

    /// Waits for mail; `None` when the desk should close.
    async fn next_batch(&mut self, desk: &Desk) -> Option<Batch> {
        let deadline = desk.poll_timeout().map(|at| self.carrier.clock.deadline(at));
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => None,
            batch = self.mailbox.next_batch(deadline) => Some(batch),
            () = tokio::time::sleep(IDLE), if desk.is_idle() => None,
        }
    }

    /// One turn: handle, append, release.
    async fn turn(&self, desk: &mut Desk, step: Step, drained: bool) -> Result<(), Lost> {
        // A desk that closes gets no more mail, not even what it asks for.
        let reads_at_once = step.is_alone() || self.stopping.is_cancelled();
        let handled = match self.handle(desk, step.clone(), drained) {
            Some(loads) if reads_at_once => self.handle_loads(desk, loads).await,
            Some(loads) => {
                self.load(loads);
                Some(())
            }
            None => None,
        };
        let commit = handled.and_then(|()| guarded(|| desk.poll_commit(self.carrier.clock.now())));
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
        let now = self.carrier.clock.now();
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
                let now = self.carrier.clock.now();
                guarded(|| desk.handle(answer, now))?;
            }
            loads = guarded(|| loads_of(desk))?;
        }
        Some(())
    }

    /// Stores the batch, then lets its words out. What could not be stored gives back the commands it carried.
    async fn commit(&self, append: Append, gate: Gate) -> Result<(), (Loss, Vec<Input>)> {
        let now = self.carrier.clock.now();
        if append.is_empty() {
            self.carrier.release(gate.open_unwritten(&Lease::unshared()));
            return Ok(());
        }
        let records = append.records.len();
        self.appending.begin(now.instant);
        let appended = self.store.append(append).await;
        self.appending.end();
        match appended {
            Ok(durable) => {
                let took = self.carrier.clock.now().instant.since_ms(now.instant);
                self.carrier.counts.appended(records, Duration::from_millis(took));
                self.carrier.release(gate.open(&durable));
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

    /// Opens the desk again after a pause, and tells it who has joined. A socket that breaks the new desk too is
    /// closed: its client comes back with a join of its own.
    async fn succeed(&mut self, lost: &Desk, loss: Loss, failures: usize) -> Option<Desk> {
        self.carrier.counts.desk_reopened(loss.name());
        tokio::time::sleep(pause(loss, failures)).await;
        let mut calls = guarded(|| lost.roll_call()).unwrap_or_else(|| {
            // Nobody knows any more whose sockets these were; all come back, and join what is opened for them.
            self.carrier.close_all(CloseCode::Internal);
            Vec::new()
        });
        loop {
            let mut desk = self.open().await?;
            let now = self.carrier.clock.now();
            let breaks = |call: &Input| guarded(|| desk.handle(call.clone(), now)).is_none();
            let Some(culprit) = calls.iter().position(breaks) else { return Some(desk) };
            let culprit = calls.remove(culprit).socket();
            calls.retain(|call| call.socket() != culprit);
            if let Some(socket) = culprit {
                self.carrier.close(socket, CloseCode::Internal);
            }
        }
    }

    /// Takes no more mail. When the node stops, what was taken is still answered, as far as the store allows;
    /// a desk that nobody needed gives back what came as it closed.
    async fn close(mut self, mut desk: Desk) -> Vec<Input> {
        let inputs = self.mailbox.close();
        if !self.stopping.is_cancelled() {
            return inputs;
        }
        if let Err(lost) = self.turn(&mut desk, Step::Batch(inputs), false).await {
            tracing::warn!(site = self.site.0, reason = lost.loss.name(), "desk closed with commands unanswered");
        }
        Vec::new()
    }

    /// Opens the site in the store, for as long as it takes. `None` when there is no such site, or the node stops.
    async fn open(&mut self) -> Option<Desk> {
        let mut failures = 0;
        loop {
            let opened = tokio::select! {
                biased;
                () = self.stopping.cancelled() => return None,
                opened = self.store.open(self.site) => opened,
            };
            match opened {
                Ok(opening) => {
                    let (epoch, now) = (opening.epoch.0, self.carrier.clock.now());
                    if let Some(desk) = guarded(|| Desk::open(opening, crate::chance::seed(), now)) {
                        tracing::info!(site = self.site.0, epoch, "desk opened");
                        return Some(desk);
                    }
                    failures += 1;
                    tokio::time::sleep(pause(Loss::Panic, failures)).await;
                }
                Err(StoreError::NotFound) => {
                    self.mailbox.close();
                    return None;
                }
                Err(error) => {
                    tracing::warn!(site = self.site.0, %error, "desk cannot be opened");
                    failures += 1;
                    let pause = REOPEN_AFTER[failures.min(REOPEN_AFTER.len() - 1)];
                    self.appending.begin(self.carrier.clock.now().instant);
                    tokio::time::sleep(pause).await;
                    self.appending.end();
                }
            }
        }
    }

    /// Starts the reads that the desk waits for, beside the commits; their answers come back as control mail.
    fn load(&self, loads: Vec<Load>) {
        for load in loads {
            let Some(control) = self.control.upgrade() else { return };
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
fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
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
