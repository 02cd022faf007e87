//! Mailbox: what waits for one desk. Agents and visitors stand in queues of their own, so that visitors cannot
//! crowd out agents; what the desk itself asked for is never refused.

use gateway_core::desk::input::Input;
use gateway_core::ids::Socket;
use gateway_core::session::NotSubmitted;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Inputs waiting from agents' sockets: every agent of a large site at once.
pub const AGENTS_QUEUE_MAX: usize = 4_096;
/// Inputs waiting from visitors' sockets: about a second of a desk's work.
pub const VISITORS_QUEUE_MAX: usize = 8_192;
/// Answers to loads, and settings; loads are bounded by the desk.
pub const CONTROL_QUEUE_MAX: usize = 256;
/// Inputs handled before one append: enough to share its cost, few enough to keep it short.
pub const BATCH_MAX: usize = 512;
/// An append older than this means that the store is away, and new commands are told so.
pub const APPEND_MS_MAX: u64 = 2_000;

/// The sending side, shared by all who have something for the desk.
#[derive(Clone, Debug)]
pub struct Mail {
    agents: mpsc::Sender<Input>,
    visitors: mpsc::Sender<Input>,
    pub control: mpsc::Sender<Input>,
    pub appending: Arc<Appending>,
}

/// The receiving side, owned by the desk's loop; it outlives a desk that is opened again.
#[derive(Debug)]
pub struct Mailbox {
    agents: mpsc::Receiver<Input>,
    visitors: mpsc::Receiver<Input>,
    control: mpsc::Receiver<Input>,
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
pub fn mailbox() -> (Mail, Mailbox) {
    let (agents_tx, agents) = mpsc::channel(AGENTS_QUEUE_MAX);
    let (visitors_tx, visitors) = mpsc::channel(VISITORS_QUEUE_MAX);
    let (control_tx, control) = mpsc::channel(CONTROL_QUEUE_MAX);
    let mail = Mail {
        agents: agents_tx,
        visitors: visitors_tx,
        control: control_tx,
        appending: Arc::new(Appending::default()),
    };
    (mail, Mailbox { agents, visitors, control })
}

/// Why mail was not taken.
#[derive(Debug)]
pub enum Undelivered {
    /// The desk has closed; open another.
    Closed(Box<Input>),
    Refused(Box<Input>, NotSubmitted),
}

impl Mail {
    /// Puts an input into the queue of its socket's kind; a full queue refuses it.
    pub fn post(&self, socket: Socket, input: Input, now: gateway_core::now::Instant) -> Result<(), Undelivered> {
        if self.appending.is_stuck(now) && matches!(input, Input::Command { .. }) {
            return Err(Undelivered::Refused(Box::new(input), NotSubmitted::Unavailable));
        }
        self.queue(socket).try_send(input).map_err(|error| match error {
            mpsc::error::TrySendError::Full(input) => Undelivered::Refused(Box::new(input), NotSubmitted::Busy),
            mpsc::error::TrySendError::Closed(input) => Undelivered::Closed(Box::new(input)),
        })
    }

    /// Puts the end of a socket behind all it said, however long the queue is. Nobody to tell is fine.
    pub async fn post_leave(&self, socket: Socket) {
        drop(self.queue(socket).send(Input::Leave { socket }).await);
    }

    fn queue(&self, socket: Socket) -> &mpsc::Sender<Input> {
        match socket {
            Socket::Visitor(_) => &self.visitors,
            Socket::Agent(_) => &self.agents,
        }
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
        self.fill(&mut inputs);
        Batch { drained: self.is_empty(), inputs }
    }

    /// Takes no more mail, and gives what still stood there.
    pub fn close(&mut self) -> Vec<Input> {
        self.agents.close();
        self.visitors.close();
        self.control.close();
        let mut inputs = Vec::new();
        while let Ok(input) = self.control.try_recv() {
            inputs.push(input);
        }
        while let Ok(input) = self.agents.try_recv() {
            inputs.push(input);
        }
        while let Ok(input) = self.visitors.try_recv() {
            inputs.push(input);
        }
        inputs
    }

    fn fill(&mut self, inputs: &mut Vec<Input>) {
        for queue in [&mut self.control, &mut self.agents, &mut self.visitors] {
            while inputs.len() < BATCH_MAX {
                let Ok(input) = queue.try_recv() else { break };
                inputs.push(input);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.control.is_empty() && self.agents.is_empty() && self.visitors.is_empty()
    }
}
