//! Drives the link: hands it what sockets, desks, carriers and the store say, and carries out what it asks for.
//!
//! The task waits for nothing but news: whatever takes time is asked beside it, and whatever is full drops or refuses.

use crate::ports::{Carrier, Heard, PACKET_BYTES_MAX, Store};
use crate::switchboard::counts::{CarrierFigures, PeerFigures};
use crate::switchboard::delivery::Courier;
use crate::switchboard::outlet::{Heart, Released};
use crate::switchboard::peers::asks::{Answer, Asks};
use crate::switchboard::peers::driver::Ended;
use crate::switchboard::peers::own_desks::{NotHanded, OwnDesks};
use crate::switchboard::peers::seal::Seal;
use crate::switchboard::peers::{Membership, Said, State};
use bytes::Bytes;
use futures_util::FutureExt;
use gateway_core::desk::input::Input;
use gateway_core::desk::redo::Loss;
use gateway_core::ids::{Epoch, SiteId};
use gateway_core::link::Link;
use gateway_core::link::effect::{Effect, NotOpened};
use gateway_core::link::envelope::{Carrier as Way, Envelope};
use gateway_core::now::{Instant, Now};
use gateway_core::stored::Opening;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What desks have said and the link has not taken on: a desk waits then.
const RELEASES_MAX: usize = 1_024;
/// Answers of the store, and ends of desks; whoever brings one waits.
const ANSWERS_MAX: usize = 1_024;
/// Of each queue, as much is taken before effects are carried out: what goes to one node goes as one envelope.
const BATCH_MAX: usize = 256;
const FIGURES_EVERY_MS: u64 = 1_000;

pub(super) struct LinkLoop {
    link: Link,
    desks: OwnDesks,
    asks: Asks,
    carriers: Vec<Arc<dyn Carrier>>,
    /// Of each carrier.
    tallies: Vec<Tally>,
    seal: Seal,
    answers: mpsc::Receiver<Answer>,
    heard: mpsc::Receiver<Heard>,
    releases: mpsc::Receiver<Released>,
    heart: Heart,
    asking_settings: Asking,
    courier: Courier,
    state: watch::Sender<State>,
    figures_due: Instant,
}

/// Whether settings are being asked for: one such question at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asking {
    #[default]
    Not,
    Once,
    Again,
}

/// Packets of one carrier so far.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    sent: u64,
    heard: u64,
}

impl LinkLoop {
    pub fn new(
        membership: Membership,
        store: Arc<dyn Store>,
        courier: Courier,
        state: watch::Sender<State>,
        desks_open: Arc<AtomicUsize>,
        tasks: TaskTracker,
    ) -> Self {
        let Membership { node, cluster, carriers, heard, secret } = membership;
        let (to_answers, answers) = mpsc::channel(ANSWERS_MAX);
        let (to_releases, releases) = mpsc::channel(RELEASES_MAX);
        let heart = Heart::default();
        let ways = u8::try_from(carriers.len()).unwrap_or(u8::MAX);
        let (answers_to, tasks_of) = (to_answers.clone(), tasks.clone());
        let asks = Asks { node, cluster, store: Arc::clone(&store), answers: answers_to, tasks: tasks_of };
        asks.watch_store();
        let desks = OwnDesks {
            open: BTreeMap::new(),
            redo: BTreeMap::new(),
            store,
            courier: courier.clone(),
            releases: to_releases,
            heart: heart.clone(),
            answers: to_answers,
            tasks,
            count: desks_open,
        };
        Self {
            link: Link::new(node, ways, crate::chance::seed(), courier.clock.now()),
            desks,
            asks,
            tallies: vec![Tally::default(); carriers.len()],
            carriers,
            seal: Seal::of(&secret),
            answers,
            heard,
            releases,
            heart,
            asking_settings: Asking::Not,
            courier,
            state,
            figures_due: Instant(0),
        }
    }

    /// Runs until the node ends.
    pub async fn run(mut self, mut said: mpsc::Receiver<Said>, stopping: CancellationToken) {
        let served = AssertUnwindSafe(self.serve(&mut said, &stopping)).catch_unwind().await;
        if served.is_err() {
            // What it knows of its peers cannot be believed, and its desks are nothing without it.
            tracing::error!("the link has panicked: the node ends");
            std::process::abort();
        }
    }

    async fn serve(&mut self, said: &mut mpsc::Receiver<Said>, stopping: &CancellationToken) {
        loop {
            let due = self.courier.clock.deadline(self.link.poll_timeout());
            tokio::select! {
                biased;
                () = stopping.cancelled() => return,
                () = tokio::time::sleep_until(due) => self.fall_due(),
                Some(answer) = self.answers.recv() => self.take_answer(answer),
                Some(heard) = self.heard.recv() => self.hear(&heard),
                Some(released) = self.releases.recv() => self.take_released(released),
                Some(said) = said.recv() => self.take_said(said),
            }
            self.take_waiting(said);
            self.carry_out();
            self.tell_state(said);
        }
    }

    /// Takes what else waits, of every queue a share.
    fn take_waiting(&mut self, said: &mut mpsc::Receiver<Said>) {
        for _ in 0..BATCH_MAX {
            let Ok(answer) = self.answers.try_recv() else { break };
            self.take_answer(answer);
        }
        for _ in 0..BATCH_MAX {
            let Ok(heard) = self.heard.try_recv() else { break };
            self.hear(&heard);
        }
        for _ in 0..BATCH_MAX {
            let Ok(released) = self.releases.try_recv() else { break };
            self.take_released(released);
        }
        for _ in 0..BATCH_MAX {
            let Ok(said) = said.try_recv() else { break };
            self.take_said(said);
        }
    }

    /// What is due comes before any news: a process that stood still has lost its lease before it hears why.
    fn now(&mut self) -> Now {
        let now = self.courier.clock.now();
        if self.link.poll_timeout() <= now.instant {
            self.link.handle_timeout(now);
        }
        now
    }

    fn fall_due(&mut self) {
        let _ = self.now();
    }

    fn take_said(&mut self, said: Said) {
        let now = self.now();
        match said {
            Said::Input(site, input) => self.link.handle_input(site, *input, now),
            Said::Settings => self.ask_for_settings(),
            Said::Drain { grace_ms } => self.link.handle_drain(grace_ms, now),
        }
    }

    fn take_released(&mut self, released: Released) {
        let now = self.now();
        self.link.handle_released(released.site, released.epoch, released.deliveries, now);
    }

    fn hear(&mut self, heard: &Heard) {
        let now = self.now();
        self.tallies[usize::from(heard.carrier)].heard += 1;
        match self.seal.open(&heard.packet) {
            Some(envelope) => self.link.handle_envelope(Way(heard.carrier), envelope, now),
            None => self.courier.counts.packet_refused(),
        }
    }

    fn take_answer(&mut self, answer: Answer) {
        let now = self.now();
        match answer {
            Answer::Heartbeat(heartbeat) => {
                let sent = heartbeat.as_ref().ok().map(|heartbeat| heartbeat.sent);
                self.courier.counts.heartbeat(sent.is_some());
                self.link.handle_heartbeat(heartbeat, now);
                // A desk that was fenced meanwhile is dropped before the lease lets it speak.
                self.carry_out();
                if let Some(sent) = sent {
                    self.heart.confirm(sent);
                    self.ask_for_settings();
                }
            }
            Answer::Owner { site, owner } => self.link.handle_owner(site, owner, now),
            Answer::Opened { site, opened } => self.open(site, opened, now),
            Answer::Swept(swept) => self.link.handle_swept(swept, now),
            Answer::LetGo { site, epoch, written } => self.link.handle_let_go(site, epoch, written, now),
            Answer::Settings(changed) => {
                let again = std::mem::take(&mut self.asking_settings) == Asking::Again;
                for (site, version, settings) in changed {
                    self.desks.tell_settings(site, version, settings);
                }
                if again {
                    self.ask_for_settings();
                }
            }
            Answer::Idle { site, epoch } => self.link.handle_desk_idle(site, epoch),
            Answer::Ended { site, epoch, ended } => self.desk_ended(site, epoch, ended, now),
            Answer::Moved => self.drop_all(now),
        }
    }

    /// Settings are written beside the desk, by whichever node or command.
    fn ask_for_settings(&mut self) {
        let told = self.desks.settings();
        if self.asking_settings != Asking::Not {
            // What is being read may be older.
            self.asking_settings = Asking::Again;
        } else if !told.is_empty() {
            self.asking_settings = Asking::Once;
            self.asks.settings(told);
        }
    }

    fn open(&mut self, site: SiteId, opened: Result<Box<Opening>, NotOpened>, now: Now) {
        // A desk that cannot be built is tried again like a store that is away: another version may have to.
        let opened = opened.and_then(|opening| self.desks.start(*opening).ok_or(NotOpened::Away));
        self.link.handle_opened(site, opened, now);
    }

    fn desk_ended(&mut self, site: SiteId, epoch: Epoch, ended: Ended, now: Now) {
        let Some(desk) = self.desks.ended(site, epoch) else { return };
        match (desk.let_go, ended) {
            (Some(let_go), _) => self.asks.let_go(site, epoch, let_go.successor),
            (None, Ended::Lost { loss: Loss::Fenced, redo }) => {
                self.desks.redo.insert(site, redo);
                self.link.handle_desk_fenced(site, epoch, now);
            }
            (None, Ended::Lost { redo, .. }) => {
                self.desks.redo.insert(site, redo);
                self.link.handle_desk_lost(site, epoch, now);
            }
            (None, Ended::LetGo) => self.link.handle_desk_lost(site, epoch, now),
        }
    }

    /// The store is another now, and may lack what the old one had acknowledged: nothing that is open can be believed.
    fn drop_all(&mut self, now: Now) {
        tracing::warn!("the store's address leads to another database: all desks are opened anew");
        for (site, epoch) in self.link.desks() {
            self.desks.drop_desk(site);
            self.link.handle_desk_lost(site, epoch, now);
        }
    }

    fn carry_out(&mut self) {
        let now = self.courier.clock.now();
        while let Some(effect) = self.link.poll_effect(now) {
            self.carry_out_one(effect, now);
        }
    }

    fn carry_out_one(&mut self, effect: Effect, now: Now) {
        match effect {
            Effect::Send { carrier, to, envelope } => {
                if let Some(packet) = self.packet(&envelope) {
                    self.send(carrier, |way| way.send(to, packet));
                }
            }
            Effect::Announce(envelope) => {
                if let Some(packet) = self.packet(&envelope) {
                    for carrier in (0..).map(Way).take(self.carriers.len()) {
                        self.send(carrier, |way| way.announce(packet.clone()));
                    }
                }
            }
            Effect::Desk { site, input } => {
                if let Err(why) = self.desks.hand(site, input) {
                    self.take_back(site, why, now);
                }
            }
            Effect::Deliver(deliveries) => self.courier.release(deliveries),
            Effect::Refuse { socket, command, why } => self.courier.refuse(socket, command, why),
            Effect::Heartbeat { sent, ready, changed_within_ms } => self.asks.heartbeat(sent, ready, changed_within_ms),
            Effect::ReadOwner { site } => self.asks.owner(site),
            Effect::Open { site, claim } => self.asks.open(site, claim),
            Effect::Sweep { living, limit } => self.asks.sweep(living, limit),
            Effect::DropDesk { site } => self.desks.drop_desk(site),
            Effect::LetGo { site, epoch, successor } => {
                if !self.desks.let_go(site, epoch, successor) {
                    self.asks.let_go(site, epoch, successor);
                }
            }
            Effect::SendSocketsAway { within_ms } => self.courier.send_away(within_ms),
        }
    }

    /// A desk was not given what the link had for it.
    fn take_back(&mut self, site: SiteId, why: NotHanded, now: Now) {
        match why {
            NotHanded::Refused(input, why) => {
                if let Input::Command { socket, command, .. } = *input {
                    self.link.handle_refused(site, socket, &command, why, now);
                }
            }
            NotHanded::Overrun(epoch) => {
                tracing::error!(site = site.0, "the desk cannot keep up with its sockets, and is opened anew");
                self.desks.drop_desk(site);
                self.link.handle_desk_lost(site, epoch, now);
            }
        }
    }

    fn send(&mut self, carrier: Way, send: impl FnOnce(&dyn Carrier)) {
        let place = usize::from(carrier.0);
        self.tallies[place].sent += 1;
        send(&*self.carriers[place]);
    }

    /// A packet that is too long leaves a hole in the counter, as any that a carrier drops.
    fn packet(&self, envelope: &Envelope) -> Option<Bytes> {
        let packet = self.seal.close(envelope);
        if packet.len() > PACKET_BYTES_MAX {
            tracing::error!(bytes = packet.len(), "an envelope is too long for any carrier");
            return None;
        }
        Some(packet)
    }

    /// Tells the operator how this node stands to its peers.
    fn tell_figures(&self, said: &mpsc::Receiver<Said>, now: Now) {
        let reached = |place: usize| self.link.ways(now).filter(|way| usize::from(way.0) == place).count();
        let carriers = self.carriers.iter().zip(&self.tallies).enumerate();
        let carriers = carriers.map(|(place, (carrier, tally))| CarrierFigures {
            name: carrier.name(),
            peers: reached(place),
            sent: tally.sent,
            heard: tally.heard,
            dropped: carrier.dropped(),
        });
        self.courier.counts.peers(&PeerFigures {
            carriers: carriers.collect(),
            holes: self.link.holes(),
            waiting: [said.len(), self.releases.len(), self.heard.len()],
        });
    }

    fn tell_state(&mut self, said: &mpsc::Receiver<Said>) {
        let now = self.courier.clock.now();
        if self.figures_due <= now.instant {
            self.figures_due = now.instant.plus_ms(FIGURES_EVERY_MS);
            self.tell_figures(said, now);
        }
        let state = State { is_degraded: self.link.is_degraded(now), is_drained: self.link.is_drained() };
        self.state.send_if_modified(|told| std::mem::replace(told, state) != state);
    }
}
