//! Mailbox: what waits for one desk. Agents and visitors stand in queues of their own, so that visitors cannot
//! crowd out agents; what the desk itself asked for comes first.

use crate::switchboard::counts::{Counts, SocketKind};
use gateway_core::desk::input::Input;
use gateway_core::ids::Socket;
use gateway_core::limits::SOCKETS_PER_DESK_MAX;
use gateway_core::session::NotSubmitted;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;

/// Inputs waiting from agents' sockets: every agent of a large site at once.
pub const AGENTS_QUEUE_MAX: usize = 4_096;
/// Inputs waiting from visitors' sockets: about a second of a desk's work.
pub const VISITORS_QUEUE_MAX: usize = 8_192;
/// Room behind a full queue for what is never refused: that each socket of a site has left, at the least.
pub const RESERVE_MAX: usize = SOCKETS_PER_DESK_MAX;
/// What no socket says: answers to loads, which the desk bounds, settings, ends of sign-ins and roll calls.
pub const CONTROL_QUEUE_MAX: usize = 256;
/// Inputs handled before one append: enough to share its cost, few enough to keep it short.
pub const BATCH_MAX: usize = 512;
/// An append older than this means that the store is away, and new commands are told so.
pub const APPEND_MS_MAX: u64 = 2_000;

/// The sending side, shared by all who have something for the desk.
#[derive(Clone)]
pub struct Mail {
    agents: Queue,
    visitors: Queue,
    pub control: mpsc::Sender<Input>,
    appending: Arc<Appending>,
}

/// The receiving side, owned by the desk's loop.
pub struct Mailbox {
    agents: Received,
    visitors: Received,
    control: mpsc::Receiver<Input>,
    /// For what the loop itself asks for; weak, so that it does not keep its own mailbox open.
    pub to_control: mpsc::WeakSender<Input>,
    pub appending: Arc<Appending>,
}

/// A queue that may be full, and has a reserve behind it for what must be heard.
#[derive(Clone)]
struct Queue {
    sender: mpsc::Sender<Input>,
    waiting: Arc<Waiting>,
    max: usize,
}

struct Received {
    receiver: mpsc::Receiver<Input>,
    waiting: Arc<Waiting>,
}

/// How many stand in a queue.
struct Waiting {
    kind: SocketKind,
    inputs: AtomicUsize,
    counts: Arc<dyn Counts>,
}

impl Waiting {
    fn count(&self) -> usize {
        self.inputs.load(Ordering::Relaxed)
    }

    fn came(&self) {
        self.inputs.fetch_add(1, Ordering::Relaxed);
        self.counts.queued(self.kind, 1);
    }

    fn went(&self) {
        self.inputs.fetch_sub(1, Ordering::Relaxed);
        self.counts.queued(self.kind, -1);
    }
}

impl Drop for Waiting {
    /// What waited for a desk that was dropped waits no more.
    fn drop(&mut self) {
        self.counts.queued(self.kind, -i64::try_from(self.count()).unwrap_or(i64::MAX));
    }
}

/// Since when an append has been running; 0 when none is.
#[derive(Debug, Default)]
pub struct Appending(AtomicU64);

impl Appending {
    pub fn begin(&self, now: gateway_core::now::Instant) {
        self.0.store(now.0.max(1), Ordering::Relaxed);
    }

    pub fn end(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    pub fn is_stuck(&self, now: gateway_core::now::Instant) -> bool {
        let since = self.0.load(Ordering::Relaxed);
        since != 0 && now.0.saturating_sub(since) > APPEND_MS_MAX
    }
}

/// What came of waiting for mail.
#[derive(Debug)]
pub struct Batch {
    pub inputs: Vec<Input>,
    /// Nothing more stood in the queues, so deadlines may be handled.
    pub drained: bool,
}

#[must_use]
pub fn mailbox(counts: &Arc<dyn Counts>) -> (Mail, Mailbox) {
    let (agents, received_of_agents) = queue(SocketKind::Agent, AGENTS_QUEUE_MAX, counts);
    let (visitors, received_of_visitors) = queue(SocketKind::Visitor, VISITORS_QUEUE_MAX, counts);
    let (control, answers) = mpsc::channel(CONTROL_QUEUE_MAX);
    let appending = Arc::new(Appending::default());
    let mailbox = Mailbox {
        agents: received_of_agents,
        visitors: received_of_visitors,
        control: answers,
        to_control: control.downgrade(),
        appending: Arc::clone(&appending),
    };
    (Mail { agents, visitors, control, appending }, mailbox)
}

fn queue(kind: SocketKind, max: usize, counts: &Arc<dyn Counts>) -> (Queue, Received) {
    let (sender, receiver) = mpsc::channel(max + RESERVE_MAX);
    let waiting = Arc::new(Waiting { kind, inputs: AtomicUsize::new(0), counts: Arc::clone(counts) });
    (Queue { sender, waiting: Arc::clone(&waiting), max }, Received { receiver, waiting })
}

/// Why mail was not taken.
#[derive(Debug)]
pub enum Undelivered {
    /// The desk has closed; open another.
    Closed(Box<Input>),
    Refused(Box<Input>, NotSubmitted),
}

/// Not even the reserve had room: what the desk knows of its sockets is no longer true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrun;

impl Mail {
    /// Puts an input into the queue of its socket's kind; a full queue refuses it.
    pub fn post(&self, socket: Socket, input: Input, now: gateway_core::now::Instant) -> Result<(), Undelivered> {
        if self.appending.is_stuck(now) && input.is_command() {
            return Err(Undelivered::Refused(Box::new(input), NotSubmitted::Unavailable));
        }
        let queue = self.queue(socket);
        if queue.waiting.count() >= queue.max {
            return Err(Undelivered::Refused(Box::new(input), NotSubmitted::Busy));
        }
        queue.put(input)
    }

    /// The same for what must be heard: it stands behind all that its socket said, in the reserve if need be. Nobody to
    /// tell is fine.
    pub fn put(&self, input: Input) -> Result<(), Overrun> {
        let put = match input.socket() {
            Some(socket) => self.queue(socket).put(input),
            None => put(&self.control, input),
        };
        match put {
            Ok(()) | Err(Undelivered::Closed(_)) => Ok(()),
            Err(Undelivered::Refused(..)) => Err(Overrun),
        }
    }

    pub fn is_closed(&self) -> bool {
        self.control.is_closed()
    }

    fn queue(&self, socket: Socket) -> &Queue {
        match socket {
            Socket::Visitor(_) => &self.visitors,
            Socket::Agent(_) => &self.agents,
        }
    }
}

fn put(sender: &mpsc::Sender<Input>, input: Input) -> Result<(), Undelivered> {
    sender.try_send(input).map_err(|error| match error {
        TrySendError::Full(input) => Undelivered::Refused(Box::new(input), NotSubmitted::Busy),
        TrySendError::Closed(input) => Undelivered::Closed(Box::new(input)),
    })
}

impl Queue {
    fn put(&self, input: Input) -> Result<(), Undelivered> {
        self.waiting.came();
        put(&self.sender, input).inspect_err(|_| self.waiting.went())
    }
}

impl Received {
    /// Cancel safe.
    async fn recv(&mut self) -> Option<Input> {
        let input = self.receiver.recv().await?;
        self.waiting.went();
        Some(input)
    }

    fn try_recv(&mut self) -> Option<Input> {
        let input = self.receiver.try_recv().ok()?;
        self.waiting.went();
        Some(input)
    }
}

impl Mailbox {
    /// Waits for mail or the deadline, then takes what stands there: control, agents, visitors.
    pub async fn next_batch(&mut self, deadline: Option<Instant>) -> Batch {
        let mut inputs = Vec::new();
        let timeout = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            Some(input) = self.control.recv() => inputs.push(input),
            Some(input) = self.agents.recv() => inputs.push(input),
            Some(input) = self.visitors.recv() => inputs.push(input),
            () = timeout => {}
        }
        self.fill(&mut inputs, BATCH_MAX);
        Batch { drained: self.is_empty(), inputs }
    }

    /// Takes no more mail, and gives what still stood there.
    pub fn close(&mut self) -> Vec<Input> {
        self.agents.receiver.close();
        self.visitors.receiver.close();
        self.control.close();
        let mut inputs = Vec::new();
        self.fill(&mut inputs, usize::MAX);
        inputs
    }

    fn fill(&mut self, inputs: &mut Vec<Input>, max: usize) {
        while inputs.len() < max {
            let control = self.control.try_recv().ok();
            let Some(input) = control.or_else(|| self.agents.try_recv()).or_else(|| self.visitors.try_recv()) else {
                break;
            };
            inputs.push(input);
        }
    }

    fn is_empty(&self) -> bool {
        self.control.is_empty() && self.agents.receiver.is_empty() && self.visitors.receiver.is_empty()
    }
}
