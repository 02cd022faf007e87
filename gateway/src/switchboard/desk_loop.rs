//! The only driver of a desk: drain, handle, append, release.
//!
//! Nothing a desk says leaves before its batch is durable. When the outcome of an append is unknown, the desk is
//! dropped and opened again from the store, told who has joined, and handed the batch again: commands carry ids,
//! so what was stored is answered as before.

use crate::ports::{AppendError, ClosedQuery, Store, StoreError};
use crate::switchboard::delivery::Carrier;
use crate::switchboard::mailbox::{Appending, Batch, Mailbox};
use gateway_core::desk::Desk;
use gateway_core::desk::input::{Input, Load, NotLoaded};
use gateway_core::effects::Lease;
use gateway_core::ids::SiteId;
use protocol::Code;
use protocol::limits::VIEW_ROWS_MAX;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::WeakSender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Pauses before a desk is opened again, one after another; the last one repeats.
const REOPEN_AFTER: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// A desk that nobody needs is let go after this long without mail.
const IDLE: Duration = Duration::from_secs(60);

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

/// How a turn ended.
enum Turn {
    Stored,
    /// The desk must be opened again, and told these inputs again.
    Lost {
        inputs: Vec<Input>,
        reason: Reason,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// Whether the batch was stored is unknown, or another desk owns the site.
    Unknown,
    Fenced,
    /// The store refuses the batch; one of its commands is to blame.
    Refused,
    /// The desk broke a rule of its own; one of the inputs is to blame.
    Panic,
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Fenced => "fenced",
            Self::Refused => "refused",
            Self::Panic => "panic",
        }
    }

    /// What the command is told that alone brings this about; none when it is not the command's fault.
    fn blames(self) -> Option<Code> {
        match self {
            Self::Refused => Some(Code::Unstorable),
            Self::Panic => Some(Code::Internal),
            Self::Unknown | Self::Fenced => None,
        }
    }
}

impl DeskLoop {
    /// Drives the desk until nobody needs it or the node stops; gives the mail that came as it closed.
    pub async fn run(mut self) -> Vec<Input> {
        let Some(mut desk) = self.open().await else { return Vec::new() };
        // Batches of a lost desk, to be handled before any mail.
        let mut again: VecDeque<Vec<Input>> = VecDeque::new();
        let mut failures = 0;
        loop {
            let batch = match again.pop_front() {
                Some(inputs) => Batch { inputs, drained: false },
                None => match self.next_batch(&desk).await {
                    Some(batch) => batch,
                    None => return self.close(desk).await,
                },
            };
            match self.turn(&mut desk, batch.inputs, batch.drained).await {
                Turn::Stored => failures = 0,
                Turn::Lost { inputs, reason } => {
                    failures += 1;
                    let Some(successor) = self.succeed(&desk, reason, failures).await else { return Vec::new() };
                    desk = successor;
                    self.hand_over(&mut desk, inputs, reason, &mut again);
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
    async fn turn(&self, desk: &mut Desk, inputs: Vec<Input>, drained: bool) -> Turn {
        let again = inputs.clone();
        let now = self.carrier.clock.now();
        let handled = std::panic::catch_unwind(AssertUnwindSafe(|| {
            for input in inputs {
                desk.handle(input, now);
            }
            if drained {
                desk.handle_timeout(now);
            }
        }));
        if handled.is_err() {
            return Turn::Lost { inputs: again, reason: Reason::Panic };
        }
        if !self.stopping.is_cancelled() {
            self.load_what_is_missing(desk);
        }
        match self.commit(desk).await {
            Ok(()) => Turn::Stored,
            Err(reason) => Turn::Lost { inputs: again, reason },
        }
    }

    /// Stores the batch, then lets its words out.
    async fn commit(&self, desk: &mut Desk) -> Result<(), Reason> {
        let now = self.carrier.clock.now();
        let (append, gate) = desk.poll_commit(now);
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
                Err(match error {
                    AppendError::Fenced => Reason::Fenced,
                    AppendError::Refused(_) => Reason::Refused,
                    AppendError::Unknown(_) => Reason::Unknown,
                })
            }
        }
    }

    /// Opens the desk again after a pause, and tells it who has joined.
    async fn succeed(&mut self, lost: &Desk, reason: Reason, failures: usize) -> Option<Desk> {
        self.carrier.counts.desk_reopened(reason.name());
        tokio::time::sleep(REOPEN_AFTER[(failures - 1).min(REOPEN_AFTER.len() - 1)]).await;
        let roll_call = lost.roll_call();
        let mut desk = self.open().await?;
        for call in roll_call {
            desk.handle(call, self.carrier.clock.now());
        }
        Some(desk)
    }

    /// Plans how a lost batch is handled: whole, or one input an append until the one to blame stands alone.
    fn hand_over(&self, desk: &mut Desk, inputs: Vec<Input>, reason: Reason, again: &mut VecDeque<Vec<Input>>) {
        match (reason.blames(), inputs.len()) {
            (None, _) => again.push_front(inputs),
            (Some(code), 0 | 1) => {
                for input in inputs {
                    desk.handle_refused(input, code, self.carrier.clock.now());
                }
                again.push_front(Vec::new());
            }
            (Some(_), _) => {
                for input in inputs.into_iter().rev() {
                    again.push_front(vec![input]);
                }
            }
        }
    }

    /// Takes no more mail. When the node stops, what was taken is still answered, as far as the store allows;
    /// a desk that nobody needed gives back what came as it closed.
    async fn close(mut self, mut desk: Desk) -> Vec<Input> {
        let mut inputs = self.mailbox.close();
        if !self.stopping.is_cancelled() {
            return inputs;
        }
        while !inputs.is_empty() {
            if let Turn::Lost { .. } = self.turn(&mut desk, inputs, false).await {
                break;
            }
            inputs = Vec::new();
            while let Some(load) = desk.poll_load() {
                inputs.push(read(self.store.as_ref(), self.site, load).await);
            }
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
                    tracing::info!(site = self.site.0, epoch = opening.epoch.0, "desk opened");
                    return Some(Desk::open(opening, crate::chance::seed(), self.carrier.clock.now()));
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
    fn load_what_is_missing(&self, desk: &mut Desk) {
        while let Some(load) = desk.poll_load() {
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
        Load::Closed { epoch, socket, revision } => {
            let query = ClosedQuery { site, visitor: None, before: None, limit: VIEW_ROWS_MAX };
            let rows = store.closed(query).await.map_err(|_| NotLoaded);
            Input::Closed { epoch, socket, revision, rows }
        }
    }
}
