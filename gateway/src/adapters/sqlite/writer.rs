//! The one thread that writes: it drains its queue, runs the jobs in one transaction with a savepoint each,
//! commits once, and only then answers.
//!
//! Between commits it lets the search index follow the log.

use crate::adapters::fault::Fault;
use crate::adapters::limits::{CHECKPOINT_PAGES, FOLLOW_AFTER_MS, GROUP_JOBS_MAX, WRITER_QUEUE_MAX};
use crate::adapters::sqlite::checkpoint::Checkpointer;
use crate::adapters::sqlite::follower;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Hands jobs to the writing thread.
pub(super) struct Writer {
    /// As many as the queue has places, so that a send never waits.
    places: Arc<Semaphore>,
    queue: Option<SyncSender<Entry>>,
    thread: Option<JoinHandle<()>>,
}

/// A job with its place in the queue.
struct Entry {
    work: Work,
    _place: OwnedSemaphorePermit,
}

enum Work {
    Job(Job),
    /// Answer once the search index has followed every record.
    CatchUp(oneshot::Sender<()>),
}

type Job = Box<dyn FnOnce(&Connection) -> (Outcome, Tell) + Send>;

/// Tells a job's caller once the group's fate is known.
type Tell = Box<dyn FnOnce(&Committed) + Send>;

/// What is to become of a job's rows.
enum Outcome {
    /// Its rows stay.
    Keep,
    /// Its rows are taken back; its neighbours' stay.
    Undo,
    /// The database failed: the whole group is taken back.
    Broken(String),
}

/// Whether the group's transaction was committed; else why nobody can say so.
type Committed = Result<(), String>;

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(mut connection: Connection, checkpointer: Checkpointer) -> Result<Self, std::io::Error> {
        let (queue, jobs) = sync_channel(WRITER_QUEUE_MAX);
        let log_pages = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&log_pages);
        let hooked = connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            seen.store(pages.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        }));
        hooked.map_err(std::io::Error::other)?;
        let thread = std::thread::Builder::new().name("sqlite-writer".to_owned()).spawn(move || {
            Loop { connection, checkpointer, log_pages, asked_at: 0, unfollowed_since: None }.run(&jobs);
        })?;
        Ok(Self { places: Arc::new(Semaphore::new(WRITER_QUEUE_MAX)), queue: Some(queue), thread: Some(thread) })
    }

    /// Runs `work` in the next group; answers once it is durable, or was refused.
    ///
    /// Once handed over it runs even if the caller goes away.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let job = move |connection: &Connection| {
            let result = work(connection);
            let outcome = match &result {
                Ok(_) => Outcome::Keep,
                Err(Fault::Broken(reason)) => Outcome::Broken(reason.clone()),
                Err(Fault::Refused(_) | Fault::Fenced | Fault::NotFound | Fault::Taken(_)) => Outcome::Undo,
            };
            let tell: Tell = Box::new(move |committed: &Committed| {
                let told = committed.clone().map_err(Fault::Broken).and(result);
                // A caller that went away does not want to know.
                let _ = reply.send(told);
            });
            (outcome, tell)
        };
        self.send(Work::Job(Box::new(job))).await?;
        answer.await.unwrap_or_else(|_| Err(Fault::broken("the writer gave no answer")))
    }

    /// Waits until every record stored before this call can be found.
    pub(super) async fn catch_up(&self) -> Result<(), Fault> {
        let (reply, answer) = oneshot::channel();
        self.send(Work::CatchUp(reply)).await?;
        answer.await.map_err(|_| stopped())
    }

    async fn send(&self, work: Work) -> Result<(), Fault> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| stopped())?;
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(Entry { work, _place: place }).map_err(|_| stopped())
    }
}

impl Drop for Writer {
    /// Lets the thread finish what was handed over, and waits for it.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has told its callers by dropping their replies.
            let _ = thread.join();
        }
    }
}

fn stopped() -> Fault {
    Fault::broken("the writer has stopped")
}

struct Loop {
    connection: Connection,
    checkpointer: Checkpointer,
    /// Pages in the log after the last commit.
    log_pages: Arc<AtomicU32>,
    /// Pages in the log when a checkpoint was last asked for.
    asked_at: u32,
    /// When the oldest record was stored that the search index has not followed.
    unfollowed_since: Option<Instant>,
}

impl Loop {
    fn run(mut self, jobs: &Receiver<Entry>) {
        // A crash may have left records that the index does not hold.
        self.unfollowed_since = Some(Instant::now());
        while let Some(first) = self.next(jobs) {
            let entries = first.into_iter().chain(jobs.try_iter()).take(GROUP_JOBS_MAX).map(|entry| entry.work);
            let work: Vec<Work> = entries.collect();
            let (mut group, mut waiting) = (Vec::with_capacity(work.len()), Vec::new());
            for work in work {
                match work {
                    Work::Job(job) => group.push(job),
                    Work::CatchUp(reply) => waiting.push(reply),
                }
            }
            if !group.is_empty() {
                self.commit(group);
                self.unfollowed_since.get_or_insert_with(Instant::now);
            }
            self.follow(!waiting.is_empty());
            for reply in waiting {
                let _ = reply.send(());
            }
            self.ask_for_checkpoint();
        }
    }

    /// Waits for work, or for the time to follow; none when the store is closed.
    fn next(&self, jobs: &Receiver<Entry>) -> Option<Option<Entry>> {
        let Some(since) = self.unfollowed_since else { return jobs.recv().ok().map(Some) };
        let left = Duration::from_millis(FOLLOW_AFTER_MS).saturating_sub(since.elapsed());
        match jobs.recv_timeout(left) {
            Ok(entry) => Some(Some(entry)),
            Err(RecvTimeoutError::Timeout) => Some(None),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    /// Runs a group and answers it.
    fn commit(&self, group: Vec<Job>) {
        let _turn = self.checkpointer.turn();
        let mut ran = Vec::with_capacity(group.len());
        // A job that panics must not take the thread with it: its caller and its neighbours learn nothing for sure.
        let result = catch_unwind(AssertUnwindSafe(|| transact(&self.connection, group, &mut ran)));
        let committed = result.unwrap_or_else(|_| Err("a job panicked".to_owned()));
        if let Err(reason) = &committed {
            tracing::warn!(reason, jobs = ran.len(), "a commit failed");
            if !self.connection.is_autocommit() {
                // Where even this fails, the next BEGIN does, and says so.
                let _ = self.connection.execute_batch("ROLLBACK");
            }
        }
        for tell in ran {
            tell(&committed);
        }
    }

    /// Lets the index follow: one slice when it is due, all of it when somebody waits.
    fn follow(&mut self, all: bool) {
        let is_due = |since: &Instant| since.elapsed() >= Duration::from_millis(FOLLOW_AFTER_MS);
        if !all && !self.unfollowed_since.as_ref().is_some_and(is_due) {
            return;
        }
        loop {
            let _turn = self.checkpointer.turn();
            match follower::follow(&mut self.connection) {
                Ok(follower::Reached::Log) => self.unfollowed_since = None,
                Ok(follower::Reached::Part) if all => continue,
                Ok(follower::Reached::Part) => {}
                Err(error) => {
                    tracing::warn!(%error, "the search index cannot follow");
                    // Tried again after the usual time.
                    self.unfollowed_since = Some(Instant::now());
                }
            }
            return;
        }
    }

    fn ask_for_checkpoint(&mut self) {
        let pages = self.log_pages.load(Ordering::Relaxed);
        if pages < self.asked_at {
            self.asked_at = 0;
        }
        if pages - self.asked_at >= CHECKPOINT_PAGES {
            self.asked_at = pages;
            self.checkpointer.ask();
        }
    }
}

fn transact(connection: &Connection, group: Vec<Job>, ran: &mut Vec<Tell>) -> Committed {
    let execute = |sql| connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
    let step = |sql| execute(sql).map_err(|error| error.to_string());
    step("BEGIN IMMEDIATE")?;
    for job in group {
        step("SAVEPOINT job")?;
        let (outcome, tell) = job(connection);
        ran.push(tell);
        match outcome {
            Outcome::Keep => {}
            Outcome::Undo => {
                step("ROLLBACK TO job")?;
            }
            // The jobs behind it are dropped unrun, which tells their callers that nothing is known.
            Outcome::Broken(reason) => return Err(reason),
        }
        step("RELEASE job")?;
    }
    step("COMMIT").map(|_| ())
}
