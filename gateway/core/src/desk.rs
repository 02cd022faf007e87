//! Desk: the single writer of one site's live state.
//!
//! The shell drains its queue into [`Desk::handle`], calls [`Desk::handle_timeout`], takes the batch with
//! [`Desk::poll_commit`], stores it, and lets its words out through the gate.
//! Every handler ends in [`Desk::assign`], because any event may free or fill an agent.
//! When the outcome of an append is unknown the desk is dropped and opened again from the store: nobody saw the
//! lost state, so there is no undo code here.

mod actions;
mod authorize;
mod batch;
mod clock;
mod command;
mod conversation;
mod deadlines;
mod ephemeral;
mod estimate;
pub mod input;
mod invariants;
mod line;
mod loads;
mod opening;
mod outboxes;
mod presence;
mod recording;
pub mod redo;
mod roll_call;
mod roster;
mod routing;
mod settled;
mod shown;
mod sockets;
mod timeouts;
mod transitions;
mod views;
mod watching;

use crate::chance::Chance;
use crate::effects::Gate;
use crate::ids::{Epoch, SiteId, Socket};
use crate::limits::READ_STORED_MS;
use crate::now::{Instant, Now};
use crate::settings::Settings;
use crate::stored::{Append, Opening};
use batch::Batch;
use clock::{Clock, Moment};
use conversation::Conversation;
use deadlines::{Deadlines, Due};
use estimate::Estimate;
use input::{Input, Load};
use line::Line;
use loads::Loads;
use opening::Phase;
use outboxes::Outboxes;
use protocol::{CloseCode, Code, ConversationId, TeamId, VisitorId};
use roster::Roster;
use sockets::Sockets;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use views::Views;

/// The live state of one site.
#[derive(Debug)]
pub struct Desk {
    site: SiteId,
    epoch: Epoch,
    settings: Settings,
    clock: Clock,
    chance: Chance,
    conversations: BTreeMap<ConversationId, Conversation>,
    /// Conversations that are not closed, by visitor.
    open_of: BTreeMap<VisitorId, BTreeSet<ConversationId>>,
    line: Line,
    next_arrival: u64,
    roster: Roster,
    sockets: Sockets,
    /// Lane none: agents' own state.
    outboxes: Outboxes,
    deadlines: Deadlines,
    views: Views,
    loads: Loads,
    closed_lists: VecDeque<Load>,
    estimate: Estimate,
    /// What visitors who asked were last told: whether anyone is available.
    availability_told: bool,
    places_swept: crate::now::StoreTime,
    /// Conversations in a state this version does not know; they answer `unavailable`.
    set_aside: BTreeSet<ConversationId>,
    /// Conversations with read marks or pages that no append has taken along yet.
    unsaved: BTreeSet<ConversationId>,
    /// Sockets to be closed as soon as no command of theirs waits.
    leaving: BTreeSet<Socket>,
    batch: Batch,
    phase: Phase,
}

impl Desk {
    /// Builds the desk of a site from what the store holds. `seed` makes record ids and must differ per opening.
    fn build(opening: Opening, seed: u64, now: Now) -> Self {
        let mut desk = Self {
            site: opening.site,
            epoch: opening.epoch,
            roster: Roster::open(&opening.settings, opening.agents),
            settings: opening.settings,
            clock: Clock::new(now, opening.now),
            chance: Chance::new(seed),
            conversations: BTreeMap::new(),
            open_of: BTreeMap::new(),
            line: Line::default(),
            next_arrival: opening.next_arrival.max(1),
            sockets: Sockets::default(),
            outboxes: Outboxes::open(opening.outboxes),
            deadlines: Deadlines::default(),
            views: Views::default(),
            loads: Loads::default(),
            closed_lists: VecDeque::new(),
            estimate: Estimate::open(opening.service_ms),
            availability_told: false,
            places_swept: opening.now,
            set_aside: BTreeSet::new(),
            unsaved: BTreeSet::new(),
            leaving: BTreeSet::new(),
            batch: Batch::default(),
            phase: Phase::RollCall,
        };
        let moment = desk.clock.moment(now);
        for loaded in opening.conversations {
            desk.adopt(loaded, moment);
        }
        desk.sweep_outboxes(moment);
        desk
    }

    /// Takes one thing that happened.
    pub fn handle(&mut self, input: Input, now: Now) {
        let moment = self.clock.moment(now);
        self.dispatch(input, moment);
        self.assign(moment);
        self.check_invariants();
    }

    /// Refuses a command without acting on it: what it asks for cannot be stored, or broke a desk. Its outbox keeps
    /// the refusal, so that a late copy stays refused. A socket that said anything else of this kind is closed.
    pub fn handle_refused(&mut self, input: Input, code: Code, now: Now) {
        let moment = self.clock.moment(now);
        match (input.socket(), input) {
            (_, Input::Command { socket, principal, command }) => {
                self.give_up(socket, principal, command, code, moment);
            }
            (Some(socket), _) => self.close(socket, CloseCode::Internal),
            (None, _) => {}
        }
        self.assign(moment);
        self.check_invariants();
    }

    /// Carries out what has fallen due. Called once all that stood in the queue at `now` is handled.
    pub fn handle_timeout(&mut self, now: Now) {
        let moment = self.clock.moment(now);
        if self.phase == Phase::Called {
            self.end_roll_call(moment);
        }
        if self.is_opening() {
            return;
        }
        self.let_fall_due(moment);
        self.assign(moment);
        self.check_invariants();
    }

    /// When `handle_timeout` must be called next. Nothing falls due while the desk is opening.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let first = self.deadlines.first().filter(|_| !self.is_opening());
        first.map(|at| self.clock.instant(at))
    }

    /// What to read from the store, and to hand back as an input.
    ///
    /// Reads may run beside the append of the same batch, which does not touch what is asked for, but no read that
    /// was asked for before an append may be answered from before an earlier one.
    pub fn poll_load(&mut self) -> Option<Load> {
        self.loads.poll(self.epoch).or_else(|| self.closed_lists.pop_front())
    }

    /// What to store, and what waits for it.
    pub fn poll_commit(&mut self, now: Now) -> (Append, Gate) {
        self.show(self.clock.moment(now));
        self.close_leaving();
        if !self.batch.stores_nothing() {
            self.take_unsaved();
        }
        let batch = std::mem::take(&mut self.batch);
        let append = Append {
            site: self.site,
            epoch: self.epoch,
            records: batch.records,
            conversations: batch.conversations.iter().filter_map(|id| self.stored(*id)).collect(),
            outboxes: batch.outboxes.into_values().collect(),
            unused_since: batch.unused_since,
            agents: batch.agents.iter().filter_map(|id| self.roster.get(*id)).map(roster::Agent::stored).collect(),
            withdrawn: batch.withdrawn,
            next_arrival: self.next_arrival,
            wakes_at: self.deadlines.wakes_at(),
        };
        self.forget_closed(batch.listed.iter().chain(&batch.left).chain(&batch.conversations));
        self.loads.end_batch();
        let writes = !append.is_empty();
        let (deliveries, carried) = (batch.deliveries, batch.carried);
        let gate = Gate { site: self.site, epoch: self.epoch, deliveries, carried, writes };
        (append, gate)
    }

    /// Whether the desk may be let go: nobody has joined, waits or is served, and nothing is left to store.
    ///
    /// Parked conversations do not hold it: the store knows when they wake.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        !self.is_opening()
            && self.sockets.len() == 0
            && self.line.len() == 0
            && self.roster.iter().all(|agent| agent.serving.is_empty())
            && self.loads.is_empty()
            && self.closed_lists.is_empty()
            && self.unsaved.is_empty()
            && self.batch.is_empty()
    }

    /// Conversations the desk holds that are not closed.
    #[must_use]
    pub fn open_conversations(&self) -> usize {
        self.open_of.values().map(BTreeSet::len).sum()
    }

    /// Conversations waiting in line.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// Conversations set aside because this version does not know their state.
    #[must_use]
    pub fn set_aside(&self) -> usize {
        self.set_aside.len()
    }

    fn dispatch(&mut self, input: Input, now: Moment) {
        if input.answers().is_some_and(|epoch| epoch != self.epoch) {
            return;
        }
        let Some(input) = self.after_its_join(input) else { return };
        match input {
            Input::Join(join) => self.handle_join(join, now),
            Input::Leave { socket } => self.handle_leave(socket, now),
            Input::SendAway { socket } => {
                self.leaving.insert(socket);
            }
            Input::Follow { socket, follows } => self.handle_follow(socket, follows, now),
            Input::Unfollow { socket, conversation } => self.handle_unfollow(socket, conversation, now),
            Input::Lagged { socket } => self.tell_heads(socket),
            Input::Command { socket, principal, command } => self.handle_command(socket, principal, command, now),
            Input::Typing { socket, typing } => self.handle_typing(socket, &typing),
            Input::Read { socket, read } => self.handle_read(socket, &read, now),
            Input::Page { socket, page } => self.handle_page(socket, &page, now),
            Input::Availability { socket } => self.handle_availability(socket),
            Input::Watch { socket, view } => self.handle_watch(socket, view),
            Input::Unwatch { socket, view } => self.handle_unwatch(socket, view),
            Input::Loaded { conversation, loaded, .. } => self.handle_loaded(conversation, loaded, now),
            Input::LoadedMessage { conversation, message, loaded, .. } => {
                self.handle_loaded_message(conversation, message, loaded, now);
            }
            Input::LoadedLastAgent { visitor, loaded, .. } => self.handle_loaded_last_agent(visitor, loaded, now),
            Input::Closed { socket, revision, rows, .. } => self.handle_closed_list(socket, revision, rows),
            Input::RollCalled => self.handle_roll_called(),
            Input::Settings(settings) => self.handle_settings(*settings, now),
            Input::SignedOut { agent } => self.close_all_of(agent),
        }
    }

    fn stored(&self, id: ConversationId) -> Option<crate::stored::StoredConversation> {
        self.conversations.get(&id).map(Conversation::stored)
    }

    /// Closed conversations stay only while somebody looks at them.
    fn forget_closed<'a>(&mut self, touched: impl Iterator<Item = &'a ConversationId>) {
        for id in touched {
            let closed = self.conversations.get(id).is_some_and(|conversation| conversation.state.is_closed());
            let needed = self.sockets.is_followed(*id) || self.loads.needs(*id) || self.unsaved.contains(id);
            if closed && !needed {
                self.conversations.remove(id);
            }
        }
    }

    /// The team that takes what names none: the site's first.
    fn team_default(&self) -> TeamId {
        self.settings.teams.keys().next().copied().unwrap_or(TeamId(uuid::Uuid::nil()))
    }

    /// The team, if the site still has it; else its first.
    fn team_or_default(&self, team: TeamId) -> TeamId {
        if self.settings.teams.contains_key(&team) { team } else { self.team_default() }
    }

    /// The conversation's row is stored with the next append, or soon.
    fn touch_later(&mut self, id: ConversationId, now: Moment) {
        if self.unsaved.is_empty() {
            self.deadlines.set(now.at.plus_ms(READ_STORED_MS), Due::Unsaved);
        }
        self.unsaved.insert(id);
    }

    /// The batch takes along what was to be stored later.
    fn take_unsaved(&mut self) {
        self.batch.conversations.append(&mut self.unsaved);
        self.deadlines.cancel(Due::Unsaved);
    }

    fn remind(&mut self, at: crate::now::StoreTime, due: Due) {
        self.deadlines.remind(at, due);
    }
}
