//! A desk that no other node can own: its driver opens it again by itself, whatever became of it.
//!
//! The next desk is told who has joined, and handed what the lost one had not answered (`core/desk/redo`): commands
//! carry ids, so what was stored is answered as before.

use crate::ports::StoreError;
use crate::switchboard::desk_loop::{DeskLoop, Lost, guarded};
use crate::switchboard::mailbox::Batch;
use gateway_core::desk::Desk;
use gateway_core::desk::input::Input;
use gateway_core::desk::redo::{Loss, Redo, Step};
use protocol::CloseCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

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
/// Drives the desk of one site.
pub struct Alone {
    pub desk_loop: DeskLoop,
    pub stopping: CancellationToken,
}

impl Alone {
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
            match self.desk_loop.turn(&mut desk, step, drained).await {
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
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => None,
            batch = self.desk_loop.next_batch(desk) => batch,
        }
    }

    /// Opens the desk again after a pause, and tells it who has joined. A socket that breaks the new desk too is
    /// closed: its client comes back with a join of its own.
    async fn succeed(&mut self, lost: &Desk, loss: Loss, failures: usize) -> Option<Desk> {
        self.desk_loop.courier.counts.desk_lost(loss);
        self.desk_loop.courier.counts.desk_closed();
        tokio::time::sleep(pause(loss, failures)).await;
        let mut calls = guarded(|| lost.roll_call()).unwrap_or_else(|| {
            // Nobody knows any more whose sockets these were; all come back, and join what is opened for them.
            self.desk_loop.courier.close_all(CloseCode::Internal);
            Vec::new()
        });
        loop {
            let mut desk = self.open().await?;
            let now = self.desk_loop.courier.clock.now();
            let breaks = |call: &Input| guarded(|| desk.handle(call.clone(), now)).is_none();
            let Some(culprit) = calls.iter().position(breaks) else { return Some(desk) };
            let culprit = calls.remove(culprit).socket();
            calls.retain(|call| call.socket() != culprit);
            if let Some(socket) = culprit {
                self.desk_loop.courier.close(socket, CloseCode::Internal);
            }
        }
    }

    /// Takes no more mail. When the node stops, what was taken is still answered, as far as the store allows;
    /// a desk that nobody needed gives back what came as it closed.
    async fn close(mut self, mut desk: Desk) -> Vec<Input> {
        self.desk_loop.courier.counts.desk_closed();
        let inputs = self.desk_loop.mailbox.close();
        if !self.stopping.is_cancelled() {
            self.desk_loop.note_wake(&mut desk).await;
            return inputs;
        }
        self.desk_loop.is_closing = true;
        if let Err(lost) = self.desk_loop.turn(&mut desk, Step::Batch(inputs), false).await {
            tracing::warn!(
                site = self.desk_loop.site.0,
                reason = lost.loss.name(),
                "desk closed with commands unanswered"
            );
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
                opened = self.desk_loop.store.open(self.desk_loop.site) => opened,
            };
            match opened {
                Ok(opening) => {
                    let (epoch, now) = (opening.epoch.0, self.desk_loop.courier.clock.now());
                    if let Some(desk) = guarded(|| Desk::open(opening, crate::chance::seed(), now)) {
                        tracing::info!(site = self.desk_loop.site.0, epoch, "desk opened");
                        self.desk_loop.courier.counts.desk_opened(desk.set_aside());
                        return Some(desk);
                    }
                    failures += 1;
                    tokio::time::sleep(pause(Loss::Panic, failures)).await;
                }
                Err(StoreError::NotFound) => {
                    self.desk_loop.mailbox.close();
                    return None;
                }
                Err(error) => {
                    tracing::warn!(site = self.desk_loop.site.0, %error, "desk cannot be opened");
                    failures += 1;
                    let pause = REOPEN_AFTER[failures.min(REOPEN_AFTER.len() - 1)];
                    self.desk_loop.mailbox.appending.begin(self.desk_loop.courier.clock.now().instant);
                    tokio::time::sleep(pause).await;
                    self.desk_loop.mailbox.appending.end();
                }
            }
        }
    }
}

/// How long to wait before the desk is opened again, after so many failures in a row.
fn pause(loss: Loss, failures: usize) -> Duration {
    let pauses: &[Duration] = match loss {
        Loss::Unknown | Loss::Fenced | Loss::Refused => &REOPEN_AFTER,
        Loss::Panic => &REOPEN_AFTER_PANIC,
    };
    pauses[(failures - 1).min(pauses.len() - 1)]
}
