//! Somebody who talks all the time, comes back by themselves, and remembers what they were told.

use crate::chance::Chance;
use crate::client::{Client, Done};
use crate::diary::now;
use crate::outbox::Settled;
use crate::socket::Ended;
use protocol::{Action, ConversationId, Down, Say};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Who comes back waits up to this: a test wants everybody back soon.
const BACK_OFF_MS_MAX: u64 = 100;
/// Commands of one client that are not settled; more would only be answered later.
const UNSETTLED_MAX: usize = 2;
/// From the wish to stop until everything is settled; an outbox tries again every 5 s.
const SETTLED_IN: Duration = Duration::from_secs(60);

/// Figures of a talker, while it talks.
#[derive(Debug, Default)]
pub struct Figures {
    acknowledged: AtomicUsize,
    put_off: AtomicUsize,
    ended: AtomicUsize,
    slowest: AtomicU64,
}

impl Figures {
    /// Commands that were answered `ok`.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// Refusals that ask to try again.
    #[must_use]
    pub fn put_off(&self) -> usize {
        self.put_off.load(Ordering::SeqCst)
    }

    /// The longest that an answer has taken since this was last asked, from the first time its command was sent.
    pub fn take_slowest(&self) -> Duration {
        Duration::from_nanos(self.slowest.swap(0, Ordering::SeqCst))
    }

    /// Sockets that have ended, or could not be opened.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.ended.load(Ordering::SeqCst)
    }
}

/// A client, and what it was told.
#[derive(Debug)]
pub struct Talker {
    pub client: Client,
    pub name: String,
    pub told: Vec<Settled>,
    said: usize,
    figures: Arc<Figures>,
}

/// A talker at work.
#[derive(Debug)]
pub struct Talking {
    pub figures: Arc<Figures>,
    stop: watch::Sender<bool>,
    task: JoinHandle<Talker>,
}

impl Talker {
    /// Somebody whose words begin with `name`; they speak in the conversations that the client shows, in turn.
    #[must_use]
    pub fn new(client: Client, name: &str) -> Self {
        Self { client, name: name.to_owned(), told: Vec::new(), said: 0, figures: Arc::default() }
    }

    /// Talks this often from now on.
    #[must_use]
    pub fn talk(self, every: Duration) -> Talking {
        let (stop, stopped) = watch::channel(false);
        let figures = Arc::clone(&self.figures);
        Talking { figures, stop, task: tokio::spawn(self.live(every, stopped)) }
    }

    async fn live(mut self, every: Duration, mut stop: watch::Receiver<bool>) -> Self {
        let mut chance = Chance::new(Chance::seed());
        // A client that has just said hello goes on with its socket.
        let mut is_connected = self.client.ready.is_some();
        loop {
            if !is_connected && self.client.connect().await.is_err() {
                self.note_end();
                sleep(Duration::from_millis(chance.below(BACK_OFF_MS_MAX))).await;
                continue;
            }
            match self.live_once(every, &mut stop).await {
                Ok(()) => return self,
                Err(_) => self.note_end(),
            }
            is_connected = false;
        }
    }

    /// Lives on one socket, until all is settled.
    async fn live_once(&mut self, every: Duration, stop: &mut watch::Receiver<bool>) -> Result<(), Ended> {
        let mut next = Instant::now() + every;
        while !(*stop.borrow() && self.client.unsettled() == 0) {
            let is_stopping = *stop.borrow();
            tokio::select! {
                heard = self.client.wait() => {
                    if matches!(heard.frame(), Some(Down::No(refusal)) if refusal.retryable) {
                        self.figures.put_off.fetch_add(1, Ordering::SeqCst);
                    }
                    let done = self.client.handle(heard).await?;
                    self.note(done);
                }
                () = sleep_until(next), if !is_stopping => {
                    next = Instant::now() + every;
                    self.speak().await?;
                }
                // An error says that nobody is left to stop it: then it has been.
                _ = stop.changed(), if !is_stopping => {}
            }
        }
        Ok(())
    }

    async fn speak(&mut self) -> Result<(), Ended> {
        let shown = self.client.transcripts.len().max(1);
        let Some(id) = self.client.transcripts.keys().nth(self.said % shown).copied() else { return Ok(()) };
        if self.client.lanes.get(&Some(id)).is_some_and(|lane| lane.len() >= UNSETTLED_MAX) {
            return Ok(());
        }
        self.said += 1;
        let body = format!("{} says {}", self.name, self.said);
        self.client.put(Some(id), Action::Say(Say { body })).await
    }

    fn note(&mut self, done: Done) {
        let Done::Settled(settled) = done else { return };
        self.figures.slowest.fetch_max(now().saturating_sub(settled.first_sent), Ordering::SeqCst);
        if settled.answer.is_ok() {
            self.figures.acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        self.told.push(*settled);
    }

    fn note_end(&mut self) {
        self.client.drop_socket();
        self.figures.ended.fetch_add(1, Ordering::SeqCst);
    }

    /// The conversations it was answered in.
    #[must_use]
    pub fn conversations(&self) -> Vec<ConversationId> {
        self.client.transcripts.keys().copied().collect()
    }
}

impl Talking {
    /// Says nothing more, and gives the talker once all that was said is settled.
    ///
    /// # Panics
    /// When that does not come about.
    pub async fn stop(self) -> Talker {
        self.stop.send_replace(true);
        let settled = timeout(SETTLED_IN, self.task).await.expect("all commands are settled in the end");
        settled.expect("a talker does not panic")
    }
}
