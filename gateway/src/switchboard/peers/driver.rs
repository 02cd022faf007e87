//! Drives a desk that another node may own tomorrow: its loss is told to the link, which has the next one opened here
//! or elsewhere, and says again who is there and what is unanswered.

use crate::switchboard::desk_loop::{DeskLoop, Lost};
use crate::switchboard::mailbox::Batch;
use crate::switchboard::peers::asks::Answer;
use futures_util::FutureExt;
use gateway_core::desk::Desk;
use gateway_core::desk::redo::{Loss, Redo, Step};
use gateway_core::ids::Epoch;
use std::panic::AssertUnwindSafe;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Drives one desk until it is lost, let go or dropped.
pub(super) struct Driver {
    pub desk_loop: DeskLoop,
    pub epoch: Epoch,
    /// What the last desk of the site left behind on this node.
    pub redo: Redo,
    pub orders: Orders,
    pub answers: mpsc::Sender<Answer>,
}

/// What the link wants of a desk's driver.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    /// Finish the batch in hand, and end.
    pub let_go: CancellationToken,
    /// End at once, whatever is in flight.
    pub dropped: CancellationToken,
}

/// How a desk came to its end, unless it was dropped.
#[derive(Debug)]
pub(super) enum Ended {
    LetGo,
    /// What the next desk here must do first to find who is to blame.
    Lost {
        loss: Loss,
        redo: Redo,
    },
}

impl Driver {
    pub async fn run(mut self, mut desk: Desk) {
        let dropped = self.orders.dropped.clone();
        // The store goes on with an append that is in flight, and fences it when the site was opened again.
        let driven = AssertUnwindSafe(self.drive(&mut desk)).catch_unwind();
        let Some(ended) = dropped.run_until_cancelled(driven).await else { return };
        let ended = ended.unwrap_or_else(|_| Ended::Lost { loss: Loss::Panic, redo: Redo::default() });
        let site = self.desk_loop.site;
        drop(self.answers.send(Answer::Ended { site, epoch: self.epoch, ended }).await);
    }

    async fn drive(&mut self, desk: &mut Desk) -> Ended {
        // What the opening itself changed is stored without waiting for mail.
        let mut turn = Some((Step::Batch(Vec::new()), false));
        while let Some((step, drained)) = turn {
            if let Err(Lost { step, unanswered, loss }) = self.desk_loop.turn(desk, step, drained).await {
                self.desk_loop.courier.counts.desk_lost(loss);
                self.redo.lost_among_peers(step, unanswered, loss);
                return Ended::Lost { loss, redo: std::mem::take(&mut self.redo) };
            }
            turn = match self.redo.take() {
                Some(step) => Some((step, false)),
                None => self.next_batch(desk).await.map(|Batch { inputs, drained }| (Step::Batch(inputs), drained)),
            };
        }
        self.desk_loop.note_wake(desk).await;
        Ended::LetGo
    }

    /// Waits for mail; `None` when the desk is let go. Its senders say again what still stands there.
    async fn next_batch(&mut self, desk: &Desk) -> Option<Batch> {
        loop {
            let batch = tokio::select! {
                biased;
                () = self.orders.let_go.cancelled() => return None,
                batch = self.desk_loop.next_batch(desk) => batch,
            };
            if batch.is_some() {
                return batch;
            }
            drop(self.answers.send(Answer::Idle { site: self.desk_loop.site, epoch: self.epoch }).await);
        }
    }
}
