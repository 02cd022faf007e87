//! A desk's loop, as the gateway's switchboard drives it: drain, handle, append, release.

use crate::client::poison;
use crate::world::World;
use crate::world::clock::Time;
use crate::world::happening::{Happening, Life};
use crate::world::store::{APPEND_MS_MAX, Ask, NotAppended, NotOpened};
use gateway_core::desk::Desk;
use gateway_core::desk::input::Input;
use gateway_core::effects::{Gate, Lease};
use gateway_core::ids::Socket;
use gateway_core::session::NotSubmitted;
use gateway_core::stored::{Durable, Opening};
use protocol::Code;
use std::collections::VecDeque;

/// Inputs handled before one append.
const BATCH_MAX: usize = 512;
/// An append older than this means that the store is away, and new commands are told so.
const STUCK_MS: u64 = 2_000;
/// Pauses before a desk is opened again, one after another; the last one repeats.
const REOPEN_AFTER_MS: [u64; 4] = [0, 1_000, 2_000, 4_000];

/// One site's desk on one node, and what waits for it.
#[derive(Debug, Default)]
pub(crate) struct DeskLoop {
    desk: Option<Desk>,
    state: State,
    control: VecDeque<Input>,
    agents: VecDeque<Input>,
    visitors: VecDeque<Input>,
    /// Batches of a lost desk, to be handled before any mail.
    again: VecDeque<Vec<Input>>,
    /// What a successor must be told: who has joined, and the batch that was lost.
    inheritance: Option<Inheritance>,
    failures: usize,
    /// Names the request in flight; answers to others are stale.
    attempt: u64,
    stuck_since: Option<Time>,
    turn_at: Option<Time>,
    mail_at: Time,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Opening,
    Idle,
    Appending {
        inputs: Vec<Input>,
        gate: Gate,
    },
}

#[derive(Debug)]
struct Inheritance {
    roll_call: Vec<Input>,
    inputs: Vec<Input>,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Unknown,
    Refused,
    Panic,
}

impl Reason {
    /// What the command is told that alone brings this about.
    fn blames(self) -> Option<Code> {
        match self {
            Self::Refused => Some(Code::Unstorable),
            Self::Panic => Some(Code::Internal),
            Self::Unknown => None,
        }
    }
}

impl DeskLoop {
    fn has_mail(&self) -> bool {
        !(self.again.is_empty() && self.control.is_empty() && self.agents.is_empty() && self.visitors.is_empty())
    }

    /// A batch, and whether nothing more stands in the queues.
    fn next_batch(&mut self) -> (Vec<Input>, bool) {
        if let Some(inputs) = self.again.pop_front() {
            return (inputs, false);
        }
        let mut inputs = Vec::new();
        for queue in [&mut self.control, &mut self.agents, &mut self.visitors] {
            let taken = queue.len().min(BATCH_MAX - inputs.len());
            inputs.extend(queue.drain(..taken));
        }
        (inputs, !self.has_mail())
    }

    fn queue(&mut self, socket: Option<Socket>) -> &mut VecDeque<Input> {
        match socket {
            Some(Socket::Visitor(_)) => &mut self.visitors,
            Some(Socket::Agent(_)) => &mut self.agents,
            None => &mut self.control,
        }
    }
}

impl World {
    /// Hands an input to the site's desk on this node, opening it when need be.
    pub fn post(&mut self, node: usize, site: usize, input: Input) -> Result<(), (Input, NotSubmitted)> {
        let now = self.clock.now();
        self.open_desk(node, site);
        let queue_max = self.plan.queue_max;
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else {
            return Err((input, NotSubmitted::Unavailable));
        };
        let stuck = desk_loop.stuck_since.is_some_and(|since| now - since > STUCK_MS);
        if stuck && matches!(input, Input::Command { .. }) {
            return Err((input, NotSubmitted::Unavailable));
        }
        let queue = desk_loop.queue(input.socket());
        if queue.len() >= queue_max {
            return Err((input, NotSubmitted::Busy));
        }
        queue.push_back(input);
        self.plan_turn(node, site, now + self.plan.turn_ms);
        Ok(())
    }

    /// The end of a socket goes behind all it said, however long the queue is.
    pub fn post_leave(&mut self, node: usize, site: usize, socket: Socket) {
        let now = self.clock.now();
        if let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) {
            desk_loop.queue(Some(socket)).push_back(Input::Leave { socket });
            self.plan_turn(node, site, now + self.plan.turn_ms);
        }
    }

    /// Tells an open desk something that is never refused.
    pub fn post_control(&mut self, node: usize, site: usize, input: Input) {
        let now = self.clock.now();
        if let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) {
            desk_loop.control.push_back(input);
            self.plan_turn(node, site, now);
        }
    }

    /// Starts the loop of a site's desk on a node, unless there is one.
    pub fn open_desk(&mut self, node: usize, site: usize) {
        if !self.nodes[node].desks.contains_key(&site) {
            self.nodes[node].desks.insert(site, DeskLoop::default());
            self.ask_to_open(node, site);
        }
    }

    fn ask_to_open(&mut self, node: usize, site: usize) {
        let (now, life) = (self.clock.now(), self.nodes[node].life());
        let attempt = self.chance.next();
        if let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) {
            desk_loop.state = State::Opening;
            desk_loop.attempt = attempt;
            desk_loop.stuck_since.get_or_insert(now);
            self.ask(life, site, Ask::Open { attempt });
        }
    }

    /// The store has answered an opening.
    pub fn desk_opened(
        &mut self,
        life: Life,
        site: usize,
        attempt: u64,
        opening: Result<Box<Opening>, NotOpened>,
    ) {
        let node = life.node;
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site).filter(|found| found.attempt == attempt) else {
            return;
        };
        match opening {
            Ok(opening) => {
                desk_loop.stuck_since = None;
                self.start_desk(node, site, *opening);
            }
            Err(NotOpened::Owned) => self.lose_site(node, site),
            Err(NotOpened::Away) => {
                desk_loop.failures += 1;
                self.pause_and_open(node, site);
            }
        }
    }

    /// Builds the desk, and tells it what its predecessor knew and lost.
    fn start_desk(&mut self, node: usize, site: usize, opening: Opening) {
        let now = self.clock.now();
        self.tell(|| format!("node {node} opens the desk of site {site}, epoch {}", opening.epoch.0));
        let (at, seed) = (self.nodes[node].now(now), self.chance.next());
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        let mut desk = Desk::open(opening, seed, at);
        if let Some(Inheritance { roll_call, inputs, reason }) = desk_loop.inheritance.take() {
            for call in roll_call {
                desk.handle(call, at);
            }
            match (reason.blames(), inputs.len()) {
                (None, _) => desk_loop.again.push_front(inputs),
                (Some(code), 0 | 1) => {
                    for input in inputs {
                        desk.handle_refused(input, code, at);
                    }
                    desk_loop.again.push_front(Vec::new());
                }
                (Some(_), _) => {
                    for input in inputs.into_iter().rev() {
                        desk_loop.again.push_front(vec![input]);
                    }
                }
            }
        }
        desk_loop.desk = Some(desk);
        desk_loop.state = State::Idle;
        desk_loop.mail_at = now;
        // What the opening itself changed is stored without waiting for mail.
        desk_loop.turn_at = None;
        self.plan_turn(node, site, now);
    }

    fn pause_and_open(&mut self, node: usize, site: usize) {
        let (now, life) = (self.clock.now(), self.nodes[node].life());
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        let pause_ms = REOPEN_AFTER_MS[(desk_loop.failures.max(1) - 1).min(REOPEN_AFTER_MS.len() - 1)];
        desk_loop.state = State::Opening;
        desk_loop.attempt = 0;
        desk_loop.turn_at = None;
        self.clock.at(now + pause_ms, Happening::Turn(life, site));
    }

    fn plan_turn(&mut self, node: usize, site: usize, at: Time) {
        let life = self.nodes[node].life();
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        if matches!(desk_loop.state, State::Idle) && desk_loop.turn_at.is_none_or(|planned| at < planned) {
            desk_loop.turn_at = Some(at);
            self.clock.at(at, Happening::Turn(life, site));
        }
    }

    /// One turn of the loop: handle, append, release.
    pub fn turn(&mut self, node: usize, site: usize) {
        let now = self.clock.now();
        let at = self.nodes[node].now(now);
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        match desk_loop.state {
            State::Opening if desk_loop.attempt == 0 => return self.ask_to_open(node, site),
            State::Idle if desk_loop.turn_at.is_some_and(|planned| planned <= now) => desk_loop.turn_at = None,
            State::Idle | State::Opening | State::Appending { .. } => return,
        }
        let (inputs, drained) = desk_loop.next_batch();
        if !inputs.is_empty() {
            desk_loop.mail_at = now;
        } else if desk_loop.desk.as_ref().is_some_and(Desk::is_idle) && now - desk_loop.mail_at >= self.plan.idle_ms {
            return self.let_go(node, site);
        }
        inputs.iter().for_each(|input| self.reached.mark_input(input));
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        let Some(desk) = desk_loop.desk.as_mut() else { return };
        if inputs.iter().any(poison::breaks_desk) {
            return self.lose_desk(node, site, inputs, Reason::Panic);
        }
        for input in inputs.iter().cloned() {
            desk.handle(input, at);
        }
        if drained {
            desk.handle_timeout(at);
        }
        let loads: Vec<_> = std::iter::from_fn(|| desk.poll_load()).collect();
        let (append, gate) = desk.poll_commit(at);
        let life = self.nodes[node].life();
        for load in loads {
            self.reached.mark_load(load);
            self.ask(life, site, Ask::Load(load));
        }
        if append.is_empty() {
            if self.nodes[node].has_lost_lease(now) {
                return self.lose_site(node, site);
            }
            self.rest(node, site);
            return self.release(node, gate.open_unwritten(&Lease::unshared()));
        }
        let attempt = self.chance.next();
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        desk_loop.state = State::Appending { inputs, gate };
        desk_loop.attempt = attempt;
        desk_loop.stuck_since = Some(now);
        self.clock.after(APPEND_MS_MAX, Happening::GiveUp(life, site, attempt));
        self.ask(life, site, Ask::Append { attempt, append: Box::new(append) });
    }

    /// The loop waits for mail, a deadline, or the time at which nobody needs the desk any more.
    fn rest(&mut self, node: usize, site: usize) {
        let now = self.clock.now();
        let Some(desk_loop) = self.nodes[node].desks.get(&site) else { return };
        if desk_loop.has_mail() {
            return self.plan_turn(node, site, now);
        }
        let Some(desk) = &desk_loop.desk else { return };
        let due = desk.poll_timeout().map(|at| self.nodes[node].time(at));
        let idle = desk.is_idle().then_some(desk_loop.mail_at + self.plan.idle_ms);
        if let Some(at) = [due, idle].into_iter().flatten().min() {
            self.plan_turn(node, site, at.max(now));
        }
    }

    /// The append was answered, or given up.
    pub fn desk_appended(
        &mut self,
        life: Life,
        site: usize,
        attempt: u64,
        appended: Result<Durable, NotAppended>,
    ) {
        let node = life.node;
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site).filter(|found| found.attempt == attempt) else {
            return;
        };
        if !matches!(desk_loop.state, State::Appending { .. }) {
            return;
        }
        let State::Appending { inputs, gate } = std::mem::take(&mut desk_loop.state) else { return };
        desk_loop.stuck_since = None;
        match appended {
            Ok(receipt) => {
                desk_loop.failures = 0;
                desk_loop.state = State::Idle;
                self.rest(node, site);
                self.release(node, gate.open(&receipt));
            }
            Err(NotAppended::Refused) => self.lose_desk(node, site, inputs, Reason::Refused),
            Err(NotAppended::Fenced | NotAppended::Unknown) => self.lose_desk(node, site, inputs, Reason::Unknown),
        }
    }

    pub fn give_up(&mut self, life: Life, site: usize, attempt: u64) {
        self.desk_appended(life, site, attempt, Err(NotAppended::Unknown));
    }

    /// The desk is dropped, and another opened from the store after a pause.
    fn lose_desk(&mut self, node: usize, site: usize, inputs: Vec<Input>, reason: Reason) {
        self.tell(|| format!("node {node} loses the desk of site {site}: {reason:?}"));
        self.reached.mark(match reason {
            Reason::Unknown => "desk: reopened, outcome unknown",
            Reason::Refused => "desk: reopened, batch refused",
            Reason::Panic => "desk: reopened, panic",
        });
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        let roll_call = desk_loop.desk.take().map_or_else(Vec::new, |desk| desk.roll_call());
        desk_loop.inheritance = Some(Inheritance { roll_call, inputs, reason });
        desk_loop.failures += 1;
        self.pause_and_open(node, site);
    }

    /// Nobody needs the desk: the next one who does opens it again.
    fn let_go(&mut self, node: usize, site: usize) {
        self.reached.mark("desk: let go");
        let life = self.nodes[node].life();
        self.nodes[node].desks.remove(&site);
        let epoch = self.store.sites[site].epoch;
        self.ask(life, site, Ask::LetGo { epoch });
    }
}
