//! A desk's loop, as the gateway's switchboard drives it: drain, handle, append, release.

use crate::client::poison;
use crate::world::World;
use crate::world::clock::Time;
use crate::world::happening::{Happening, Life};
use crate::world::ownership::id_of;
use crate::world::store::{APPEND_MS_MAX, Ask, NotAppended, loaded};
use crate::world::tables::Tables;
use gateway_core::desk::Desk;
use gateway_core::desk::input::{Input, Load};
use gateway_core::desk::redo::{Loss, Redo, Step};
use gateway_core::effects::{Delivery, Gate};
use gateway_core::ids::{Epoch, Socket};
use gateway_core::now::Now;
use gateway_core::session::NotSubmitted;
use gateway_core::stored::{Durable, Opening};
use history::Phase;
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
    appending: Option<(Step, Gate)>,
    control: VecDeque<Input>,
    agents: VecDeque<Input>,
    visitors: VecDeque<Input>,
    /// Handled before any mail.
    redo: Redo,
    /// Names the append in flight; answers to others are stale.
    attempt: u64,
    appending_since: Option<Time>,
    turn_at: Option<Time>,
    mail_at: Time,
}

/// The rule of a lost desk, as it is reported.
fn rule_of(loss: Loss) -> &'static str {
    match loss {
        Loss::Unknown => "desk: lost, outcome unknown",
        Loss::Fenced => "desk: lost, fenced",
        Loss::Refused => "desk: lost, batch refused",
        Loss::Panic => "desk: lost, panic",
    }
}

impl DeskLoop {
    pub fn epoch(&self) -> i64 {
        self.epoch.0
    }

    fn new(desk: Desk, epoch: Epoch, redo: Redo, now: Time) -> Self {
        Self {
            desk,
            epoch,
            appending: None,
            control: VecDeque::new(),
            agents: VecDeque::new(),
            visitors: VecDeque::new(),
            redo,
            attempt: 0,
            appending_since: None,
            turn_at: None,
            mail_at: now,
        }
    }

    fn has_mail(&self) -> bool {
        !(self.redo.is_empty() && self.control.is_empty() && self.agents.is_empty() && self.visitors.is_empty())
    }

    /// What is handled next, and whether nothing more stands in the queues.
    fn next_step(&mut self) -> (Step, bool) {
        if let Some(step) = self.redo.take() {
            return (step, false);
        }
        let mut inputs = Vec::new();
        for queue in [&mut self.control, &mut self.agents, &mut self.visitors] {
            let taken = queue.len().min(BATCH_MAX - inputs.len());
            inputs.extend(queue.drain(..taken));
        }
        (Step::Batch(inputs), !self.has_mail())
    }

    /// Tells the desk a step; gives what it wants read.
    fn handle(&mut self, step: Step, drained: bool, at: Now) -> Vec<Load> {
        match step {
            Step::Batch(inputs) => inputs.into_iter().for_each(|input| self.desk.handle(input, at)),
            Step::Suspect(input) => self.desk.handle(input, at),
            Step::Refusal(input, code) => self.desk.handle_refused(input, code, at),
        }
        if drained {
            self.desk.handle_timeout(at);
        }
        self.loads()
    }

    fn loads(&mut self) -> Vec<Load> {
        std::iter::from_fn(|| self.desk.poll_load()).collect()
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
        let redo = self.nodes[node].redo.remove(&site).unwrap_or_default();
        let desk_loop = DeskLoop::new(Desk::open_among_peers(opening, seed, at), epoch, redo, now);
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
        let (step, drained) = desk_loop.next_step();
        if !step.inputs().is_empty() {
            desk_loop.mail_at = now;
        }
        step.inputs().iter().for_each(|input| self.reached.mark_input(input));
        if let Some(story) = &mut self.story {
            let named = step.inputs().iter().map(|input| format!("{input:?}").chars().take(100).collect::<String>());
            story.extend(named.map(|input| format!("{now:>9} desk of {node}/{site} is told {input}")));
        }
        let is_called = step.inputs().iter().any(|input| matches!(input, Input::RollCalled));
        if is_broken_by(&step, &self.store.sites[site]) {
            let unanswered = desk_loop.desk.unanswered();
            self.note_poison(site, poison::BREAKS);
            return self.lose_desk(node, site, step, unanswered, Loss::Panic);
        }
        let mut loads = desk_loop.handle(step.clone(), drained, at);
        while step.is_alone() && !loads.is_empty() {
            for load in std::mem::take(&mut loads) {
                desk_loop.desk.handle(loaded(&self.store.sites[site], load), at);
            }
            loads = desk_loop.loads();
        }
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
            return self.pass_unwritten(node, site, epoch, step, gate);
        }
        let attempt = self.chance.bits();
        let Some(desk_loop) = self.nodes[node].desks.get_mut(&site) else { return };
        desk_loop.appending = Some((step, gate));
        desk_loop.attempt = attempt;
        desk_loop.appending_since = Some(now);
        self.clock.after(APPEND_MS_MAX, Happening::GiveUp(life, site, attempt));
        self.ask(life, site, Ask::Append { attempt, append: Box::new(append) });
    }

    /// A batch without records passes while the node's lease on the store holds.
    fn pass_unwritten(&mut self, node: usize, site: usize, epoch: Epoch, step: Step, gate: Gate) {
        let at = self.nodes[node].now(self.clock.now());
        match self.nodes[node].link.lease(at) {
            Some(lease) => {
                self.say_released(node, site, epoch, gate.open_unwritten(&lease));
                self.rest(node, site);
            }
            None => {
                self.reached.mark("lease: over, words held back");
                self.lose_desk(node, site, step, gate.give_up(), Loss::Unknown);
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
        let Some((step, gate)) = desk_loop.appending.take() else { return };
        desk_loop.appending_since = None;
        let loss = match appended {
            Ok(receipt) => {
                let epoch = desk_loop.epoch;
                self.say_released(node, site, epoch, gate.open(&receipt));
                return self.rest(node, site);
            }
            Err(NotAppended::Refused) => Loss::Refused,
            Err(NotAppended::Fenced) => Loss::Fenced,
            Err(NotAppended::Unknown) => Loss::Unknown,
        };
        let mut unanswered = gate.give_up();
        unanswered.extend(desk_loop.desk.unanswered());
        self.lose_desk(node, site, step, unanswered, loss);
    }

    pub fn give_up(&mut self, life: Life, site: usize, attempt: u64) {
        self.desk_appended(life.node, site, attempt, Err(NotAppended::Unknown));
    }

    /// The desk is dropped; the link has another opened, here or elsewhere, and says again who is there and what is
    /// unanswered.
    fn lose_desk(&mut self, node: usize, site: usize, step: Step, unanswered: Vec<Input>, loss: Loss) {
        self.tell(|| format!("node {node} loses the desk of site {site}: {loss:?}"));
        self.reached.mark(rule_of(loss));
        self.note_desk(node, site, Phase::Gone);
        let Some(DeskLoop { mut redo, epoch, .. }) = self.nodes[node].desks.remove(&site) else { return };
        redo.lost_among_peers(step, unanswered, loss);
        self.nodes[node].redo.insert(site, redo);
        self.link(node, |link, now| match loss {
            Loss::Fenced => link.handle_desk_fenced(id_of(site), epoch, now),
            Loss::Unknown | Loss::Refused | Loss::Panic => link.handle_desk_lost(id_of(site), epoch, now),
        });
    }
}

/// Whether a desk that handles this comes to its end. One that knows the command by its row gives the answer and does
/// not act; one that is to refuse it does neither.
fn is_broken_by(step: &Step, tables: &Tables) -> bool {
    let breaks = |input: &Input| {
        let Input::Command { command, .. } = input else { return false };
        let row = tables.outbox(command.conversation, command.id.outbox);
        poison::breaks_desk(command) && row.is_none_or(|row| row.ordinal < command.id.ordinal)
    };
    !matches!(step, Step::Refusal(..)) && step.inputs().iter().any(breaks)
}
