//! A desk's loop, as the gateway's switchboard drives it: drain, handle, append, release.

use crate::client::poison;
use crate::world::World;
use crate::world::clock::Time;
use crate::world::happening::{Happening, Life};
use crate::world::ownership::id_of;
use crate::world::store::{APPEND_MS_MAX, Ask, NotAppended};
use crate::world::tables::Tables;
use gateway_core::desk::Desk;
use gateway_core::desk::input::Input;
use gateway_core::effects::{Delivery, Gate};
use gateway_core::ids::{Epoch, Socket};
use gateway_core::session::NotSubmitted;
use gateway_core::stored::{Durable, Opening};
use history::Phase;
use protocol::Code;
use std::collections::VecDeque;

/// Inputs handled before one append.
const BATCH_MAX: usize = 512;
/// An append older than this means that the store is away, and new commands are told so.
const STUCK_MS: u64 = 2_000;

/// One site's desk on one node, and what waits for it.
#[derive(Debug)]
pub(crate) struct DeskLoop {
    desk: Desk,
    epoch: Epoch,
    /// What waits for the append in flight: the batch, should it be lost, and its words.
    appending: Option<(Vec<Input>, Gate)>,
    control: VecDeque<Input>,
    agents: VecDeque<Input>,
    visitors: VecDeque<Input>,
    /// A lost batch, handled again before any mail.
    again: VecDeque<Vec<Input>>,
    /// The culprit that this desk was told to refuse: a copy of it is answered, and not carried out.
    refused: Option<Input>,
    /// Names the append in flight; answers to others are stale.
    attempt: u64,
    appending_since: Option<Time>,
    turn_at: Option<Time>,
    mail_at: Time,
}

/// What a desk that was lost by the fault of one of its commands leaves to the next one on this node.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    /// The culprit, found, and what it is told.
    culprit: Option<(Input, Code)>,
    /// What is handled before any mail, one an append, to find it.
    again: VecDeque<Vec<Input>>,
}

impl Lost {
    fn of(mut inputs: Vec<Input>, code: Code, rest: VecDeque<Vec<Input>>) -> Self {
        let mut again: VecDeque<Vec<Input>> = VecDeque::new();
        let culprit = if inputs.len() > 1 { None } else { inputs.pop().map(|input| (input, code)) };
        if culprit.is_some() {
            // Its answer is stored by itself: what comes next may be the end of this desk too.
            again.push_back(Vec::new());
        }
        again.extend(inputs.into_iter().map(|input| vec![input]));
        again.extend(rest);
        Self { culprit, again }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Unknown,
    Fenced,
    Refused,
    Panic,
}

impl Reason {
    /// What the command is told that alone brings this about.
    fn blames(self) -> Option<Code> {
        match self {
            Self::Refused => Some(Code::Unstorable),
            Self::Panic => Some(Code::Internal),
            Self::Unknown | Self::Fenced => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Unknown => "desk: lost, outcome unknown",
            Self::Fenced => "desk: lost, fenced",
            Self::Refused => "desk: lost, batch refused",
            Self::Panic => "desk: lost, panic",
        }
    }
}

impl DeskLoop {
    pub fn epoch(&self) -> i64 {
        self.epoch.0
    }

    fn new(desk: Desk, epoch: Epoch, now: Time) -> Self {
        Self {
            desk,
            epoch,
            appending: None,
            control: VecDeque::new(),
            agents: VecDeque::new(),
            visitors: VecDeque::new(),
            again: VecDeque::new(),
            refused: None,
            attempt: 0,
            appending_since: None,
            turn_at: None,
            mail_at: now,
        }
    }

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

    /// Whether a desk that handles this comes to its end. One that knows the command, by its row or because it is
    /// still to refuse it, gives the answer and does not act.
    fn is_broken_by(&self, input: &Input, tables: &Tables) -> bool {
        let Input::Command { command, .. } = input else { return false };
        let names = |refused: &Input| {
            matches!(refused, Input::Command { command: refused, .. }
                if (refused.id, refused.conversation) == (command.id, command.conversation))
        };
        let row = tables.outbox(command.conversation, command.id.outbox);
        let is_known = row.is_some_and(|row| row.ordinal >= command.id.ordinal) || self.refused.iter().any(names);
        poison::breaks_desk(command) && !is_known
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
    /// The link gives the site's desk an input. A command that finds the queue full, or the store away, is refused.
    pub fn post(&mut self, node: usize, site: usize, input: Input) {
        let now = self.clock.now();
        let queue_max = self.plan.queue_max;
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        let stuck = desk_loop.appending_since.is_some_and(|since| now - since > STUCK_MS);
        let queue = desk_loop.queue(input.socket());
        let why = match (stuck, queue.len() >= queue_max) {
            (true, _) => Some(NotSubmitted::Unavailable),
            (false, true) => Some(NotSubmitted::Busy),
            (false, false) => None,
        };
        if let (Input::Command { socket, command, .. }, Some(why)) = (&input, why) {
            let at = self.nodes[node].now(now);
            return self.nodes[node].link.handle_refused(id_of(site), *socket, command, why, at);
        }
        queue.push_back(input);
        self.plan_turn(node, site, now + self.plan.turn_ms);
    }

    /// Tells an open desk something that its shell knows.
    pub fn post_control(&mut self, node: usize, site: usize, input: Input) {
        let now = self.clock.now();
        if let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) {
            desk_loop.control.push_back(input);
            self.plan_turn(node, site, now);
        }
    }

    /// The site was opened for this node: its desk is built, and the link told.
    pub fn start_desk(&mut self, node: usize, site: usize, opening: Opening) {
        let (now, epoch) = (self.clock.now(), opening.epoch);
        let is_stale = opening.settings != self.store.sites[site].settings;
        self.tell(|| format!("node {node} opens the desk of site {site}, epoch {}", epoch.0));
        let (at, seed) = (self.nodes[node].now(now), self.chance.bits());
        let mut desk_loop = DeskLoop::new(Desk::open_among_peers(opening, seed, at), epoch, now);
        let Lost { culprit, again } = self.nodes[node].lost.remove(&site).unwrap_or_default();
        if let Some((culprit, code)) = culprit {
            desk_loop.desk.handle_refused(culprit.clone(), code, at);
            desk_loop.refused = Some(culprit);
        }
        desk_loop.again = again;
        self.nodes[node].desks.insert(site, desk_loop);
        if is_stale {
            self.notice_settings(node, site);
        }
        // What the opening itself changed is stored without waiting for mail.
        self.plan_turn(node, site, now);
        self.link(node, |link, now| link.handle_opened(id_of(site), Ok(epoch), now));
    }

    fn plan_turn(&mut self, node: usize, site: usize, at: Time) {
        let life = self.nodes[node].life();
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        if desk_loop.appending.is_none() && desk_loop.turn_at.is_none_or(|planned| at < planned) {
            desk_loop.turn_at = Some(at);
            self.clock.at(at, Happening::Turn(life, site));
        }
    }

    /// One turn of the loop: handle, append, release.
    pub fn turn(&mut self, node: usize, site: usize) {
        let now = self.clock.now();
        let at = self.nodes[node].now(now);
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        if desk_loop.appending.is_some() || desk_loop.turn_at.is_none_or(|planned| planned > now) {
            return;
        }
        desk_loop.turn_at = None;
        let (inputs, drained) = desk_loop.next_batch();
        if !inputs.is_empty() {
            desk_loop.mail_at = now;
        }
        inputs.iter().for_each(|input| self.reached.mark_input(input));
        if let Some(story) = &mut self.story {
            let named = inputs.iter().map(|input| format!("{input:?}").chars().take(100).collect::<String>());
            story.extend(named.map(|input| format!("{now:>9} desk of {node}/{site} is told {input}")));
        }
        let is_called = inputs.iter().any(|input| matches!(input, Input::RollCalled));
        if inputs.iter().any(|input| desk_loop.is_broken_by(input, &self.store.sites[site])) {
            self.note_poison(site, poison::BREAKS);
            return self.lose_desk(node, site, inputs, Reason::Panic);
        }
        for input in inputs.iter().cloned() {
            desk_loop.desk.handle(input, at);
        }
        if drained {
            desk_loop.desk.handle_timeout(at);
        }
        let loads: Vec<_> = std::iter::from_fn(|| desk_loop.desk.poll_load()).collect();
        let (append, gate) = desk_loop.desk.poll_commit(at);
        let (life, epoch) = (Life { node, life: self.nodes[node].life }, append.epoch);
        for load in loads {
            self.reached.mark_load(load);
            self.ask(life, site, Ask::Load(load));
        }
        if is_called {
            self.note_desk(node, site, Phase::Serving);
        }
        if append.is_empty() {
            return self.pass_unwritten(node, site, epoch, gate);
        }
        let attempt = self.chance.bits();
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        desk_loop.appending = Some((inputs, gate));
        desk_loop.attempt = attempt;
        desk_loop.appending_since = Some(now);
        self.clock.after(APPEND_MS_MAX, Happening::GiveUp(life, site, attempt));
        self.ask(life, site, Ask::Append { attempt, append: Box::new(append) });
    }

    /// A batch without records passes while the node's lease on the store holds.
    fn pass_unwritten(&mut self, node: usize, site: usize, epoch: Epoch, gate: Gate) {
        let at = self.nodes[node].now(self.clock.now());
        match self.nodes[node].link.lease(at) {
            Some(lease) => {
                self.say_released(node, site, epoch, gate.open_unwritten(&lease));
                self.rest(node, site);
            }
            None => {
                self.reached.mark("lease: over, words held back");
                self.lose_desk(node, site, Vec::new(), Reason::Unknown);
            }
        }
    }

    fn say_released(&mut self, node: usize, site: usize, epoch: Epoch, deliveries: Vec<Delivery>) {
        self.link(node, |link, now| link.handle_released(id_of(site), epoch, deliveries, now));
    }

    /// The loop waits for mail, a deadline, or the time at which nobody needs the desk any more.
    fn rest(&mut self, node: usize, site: usize) {
        let (now, idle_ms) = (self.clock.now(), self.plan.idle_ms);
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        if desk_loop.has_mail() {
            return self.plan_turn(node, site, now);
        }
        let idle_at = desk_loop.desk.is_idle().then_some(desk_loop.mail_at + idle_ms);
        if idle_at.is_some_and(|at| at <= now) {
            self.reached.mark("desk: idle");
            desk_loop.mail_at = now;
            let epoch = desk_loop.epoch;
            return self.link(node, |link, _| link.handle_desk_idle(id_of(site), epoch));
        }
        let due = desk_loop.desk.poll_timeout();
        let due = due.map(|at| self.nodes[node].time(at));
        if let Some(at) = [due, idle_at].into_iter().flatten().min() {
            self.plan_turn(node, site, at.max(now));
        }
    }

    /// The append was answered, or given up.
    pub fn desk_appended(&mut self, node: usize, site: usize, attempt: u64, appended: Result<Durable, NotAppended>) {
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site).filter(|found| found.attempt == attempt) else {
            return;
        };
        let Some((inputs, gate)) = desk_loop.appending.take() else { return };
        desk_loop.appending_since = None;
        match appended {
            Ok(receipt) => {
                let epoch = desk_loop.epoch;
                self.say_released(node, site, epoch, gate.open(&receipt));
                self.rest(node, site);
            }
            Err(NotAppended::Refused) => self.lose_desk(node, site, inputs, Reason::Refused),
            Err(NotAppended::Fenced) => self.lose_desk(node, site, inputs, Reason::Fenced),
            Err(NotAppended::Unknown) => self.lose_desk(node, site, inputs, Reason::Unknown),
        }
    }

    pub fn give_up(&mut self, life: Life, site: usize, attempt: u64) {
        self.desk_appended(life.node, site, attempt, Err(NotAppended::Unknown));
    }

    /// The desk is dropped; the link has another opened, here or elsewhere, and says again what is unanswered. Only a
    /// batch with a culprit is kept, for that one to be found.
    fn lose_desk(&mut self, node: usize, site: usize, inputs: Vec<Input>, reason: Reason) {
        self.tell(|| format!("node {node} loses the desk of site {site}: {reason:?}"));
        self.reached.mark(reason.name());
        self.note_desk(node, site, Phase::Gone);
        let Some(desk_loop) = self.nodes[node].desks.remove(&site) else { return };
        if let Some(code) = reason.blames() {
            self.nodes[node].lost.insert(site, Lost::of(inputs, code, desk_loop.again));
        }
        let epoch = desk_loop.epoch;
        self.link(node, |link, now| match reason {
            Reason::Fenced => link.handle_desk_fenced(id_of(site), epoch, now),
            Reason::Unknown | Reason::Refused | Reason::Panic => link.handle_desk_lost(id_of(site), epoch, now),
        });
    }
}
