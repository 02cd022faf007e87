//! Commands: read permission, dedupe, permission to act, action, answer. In this order.

use crate::desk::Desk;
use crate::desk::authorize::authorize;
use crate::desk::clock::Moment;
use crate::desk::input::{Input, NotLoaded};
use crate::desk::loads::Missing;
use crate::desk::outboxes::{Outboxes, Seen, content_of};
use crate::desk::recording::Actor;
use crate::ids::{Principal, Socket};
use crate::limits::{
    BUSY_RETRY_AFTER_MS, OUTBOXES_FOR_AGENTS_MAX, OUTBOXES_OF_NO_LANE_MAX, OUTBOXES_PER_CONVERSATION_MAX,
};
use crate::stored::{Answer, Found, StoredRecord};
use protocol::{Action, AgentId, Code, Command, ConversationId, Down, Made, MessageId, Outcome, Refusal, VisitorId};
use std::collections::BTreeSet;

/// What an action came to: the words it made, or why not.
pub(crate) type Acted = Result<Option<Made>, Refusal>;

/// A refusal of an action, to be completed with the command's id.
pub(crate) fn no(code: Code) -> Acted {
    Err(Refusal::of(code))
}

impl Desk {
    pub(crate) fn handle_command(&mut self, socket: Socket, principal: Principal, command: Box<Command>, now: Moment) {
        let by = Actor { socket, principal, command: command.id };
        if let Action::Unknown(_) = command.action {
            // Its content is lost, so the ordinal stays free for a desk that knows the kind.
            return self.refuse(by, command.conversation, Refusal::of(Code::UnknownType));
        }
        let Some(id) = command.conversation else {
            return self.act_in_no_lane(by, &command.action, now);
        };
        if matches!(principal, Principal::Agent(agent) if !self.roster.is_enabled(agent)) {
            return self.refuse(by, Some(id), Refusal::of(Code::NotFound));
        }
        if self.set_aside.contains(&id) {
            return self.refuse(by, Some(id), Refusal::of(Code::Unavailable).retry_after_ms(BUSY_RETRY_AFTER_MS));
        }
        let missing = self.missing_for(by, id, &command.action);
        if !missing.is_empty() {
            let needs = needs_of(by, id, &command.action);
            let input = Input::Command { socket, principal, command };
            if self.loads.wait_to_act(input, missing, needs).is_err() {
                self.refuse(by, Some(id), Refusal::of(Code::Busy).retry_after_ms(BUSY_RETRY_AFTER_MS));
            }
            return;
        }
        if self.conversations.contains_key(&id) {
            self.act_in_lane(by, id, &command.action, now);
        } else {
            self.act_in_empty_lane(by, id, &command.action, now);
        }
    }

    /// Gives a command that cannot be carried out its final answer, once its lane is there.
    pub(crate) fn give_up(
        &mut self,
        socket: Socket,
        principal: Principal,
        command: Box<Command>,
        code: Code,
        now: Moment,
    ) {
        let by = Actor { socket, principal, command: command.id };
        let lane = command.conversation;
        if lane.is_some_and(|id| self.set_aside.contains(&id)) {
            return self.refuse(by, lane, Refusal::of(Code::Unavailable).retry_after_ms(BUSY_RETRY_AFTER_MS));
        }
        if let Some(id) = lane.filter(|id| !self.conversations.contains_key(id) && self.loads.absent(*id).is_none()) {
            let input = Input::Command { socket, principal, command };
            if self.loads.wait_to_refuse(input, code, Missing::Conversation(id)).is_err() {
                self.refuse(by, lane, Refusal::of(Code::Busy).retry_after_ms(BUSY_RETRY_AFTER_MS));
            }
            return;
        }
        let readable = lane.and_then(|id| self.conversations.get(&id)).is_none_or(|found| found.is_of(principal));
        if matches!(command.action, Action::Unknown(_)) || !readable {
            return self.refuse(by, lane, Refusal::of(Code::NotFound));
        }
        let content = content_of(&command.action, principal);
        match self.look(by, lane, content) {
            Seen::Again(answer) => self.answer(by, lane, answer),
            Seen::Refused(code) => self.refuse(by, lane, Refusal::of(code)),
            Seen::New => self.settle(by, lane, content, Err(Refusal::of(code)), now),
        }
    }

    /// What a command's id means to its lane, which is there.
    fn look(&self, by: Actor, lane: Option<ConversationId>, content: u64) -> Seen {
        let outboxes = match lane {
            None => Some(&self.outboxes),
            Some(id) => self.conversations.get(&id).map(|found| &found.outboxes).or_else(|| self.loads.absent(id)),
        };
        outboxes.map_or(Seen::New, |outboxes| outboxes.look(by.command, content))
    }

    /// What the desk must read before it can act: the conversation and whom its visitor last spoke with, or the
    /// message that a new command changes.
    fn missing_for(&self, by: Actor, id: ConversationId, action: &Action) -> BTreeSet<Missing> {
        let Some(conversation) = self.conversations.get(&id) else {
            let unread = self.loads.absent(id).is_none().then_some(Missing::Conversation(id));
            let visitor = opens_for_anyone(by, action).filter(|visitor| !self.loads.knows_last_agent(*visitor));
            return unread.into_iter().chain(visitor.map(Missing::LastAgent)).collect();
        };
        let Some(message) = changed_message(action) else { return BTreeSet::new() };
        let content = content_of(action, by.principal);
        let is_new = conversation.is_of(by.principal) && conversation.outboxes.look(by.command, content) == Seen::New;
        let unread = self.loads.message(id, message).is_none();
        (is_new && unread).then_some(Missing::Message(id, message)).into_iter().collect()
    }

    /// The store answered; whoever waited goes on, in order.
    pub(crate) fn handle_loaded(&mut self, id: ConversationId, loaded: Result<Found, NotLoaded>, now: Moment) {
        if !self.loads.expects(Missing::Conversation(id)) {
            return;
        }
        match loaded {
            Ok(Found::Conversation(loaded)) => {
                if !self.conversations.contains_key(&id) {
                    self.adopt(*loaded, now);
                    self.batch.left.insert(id);
                }
            }
            Ok(Found::Nothing(lane)) => self.loads.set_absent(id, Outboxes::open(lane)),
            Err(NotLoaded) => return self.give_up_on(Missing::Conversation(id)),
        }
        self.go_on_with(Missing::Conversation(id), now);
    }

    /// The store answered with a message that somebody wants to change.
    pub(crate) fn handle_loaded_message(
        &mut self,
        conversation: ConversationId,
        message: MessageId,
        loaded: Result<Option<StoredRecord>, NotLoaded>,
        now: Moment,
    ) {
        let key = Missing::Message(conversation, message);
        if !self.loads.expects(key) {
            return;
        }
        let Ok(record) = loaded else { return self.give_up_on(key) };
        self.loads.set_message(conversation, message, record);
        self.go_on_with(key, now);
    }

    /// The store answered whom a visitor last spoke with.
    pub(crate) fn handle_loaded_last_agent(
        &mut self,
        visitor: VisitorId,
        loaded: Result<Option<AgentId>, NotLoaded>,
        now: Moment,
    ) {
        let key = Missing::LastAgent(visitor);
        if !self.loads.expects(key) {
            return;
        }
        let Ok(agent) = loaded else { return self.give_up_on(key) };
        self.loads.set_last_agent(visitor, agent);
        self.go_on_with(key, now);
    }

    fn go_on_with(&mut self, key: Missing, now: Moment) {
        let (inputs, held) = self.loads.answered(key);
        // They may be forgotten again.
        self.batch.left.extend(held);
        for (input, refused) in inputs {
            if input.is_command() {
                self.batch.carried.push(input.clone());
            }
            match (input, refused) {
                (Input::Command { socket, principal, command }, Some(code)) => {
                    self.give_up(socket, principal, command, code, now);
                }
                (input, _) => self.dispatch(input, now),
            }
        }
    }

    fn give_up_on(&mut self, key: Missing) {
        let (inputs, held) = self.loads.failed(key);
        // They may be forgotten again.
        self.batch.left.extend(held);
        for input in inputs {
            match input {
                Input::Command { socket, principal, command } => {
                    let by = Actor { socket, principal, command: command.id };
                    let refusal = Refusal::of(Code::Unavailable).retry_after_ms(BUSY_RETRY_AFTER_MS);
                    self.refuse(by, command.conversation, refusal);
                }
                Input::Join(join) => self.close(join.socket, protocol::CloseCode::StoreAway),
                Input::Follow { socket, .. } => self.close(socket, protocol::CloseCode::StoreAway),
                Input::Leave { .. }
                | Input::SendAway { .. }
                | Input::Unfollow { .. }
                | Input::Lagged { .. }
                | Input::Typing { .. }
                | Input::Read { .. }
                | Input::Page { .. }
                | Input::Availability { .. }
                | Input::Watch { .. }
                | Input::Unwatch { .. }
                | Input::Loaded { .. }
                | Input::LoadedMessage { .. }
                | Input::LoadedLastAgent { .. }
                | Input::Closed { .. }
                | Input::Settings(_)
                | Input::RollCalled
                | Input::SignedOut { .. } => {}
            }
        }
    }

    /// A lane whose conversation the desk holds.
    fn act_in_lane(&mut self, by: Actor, id: ConversationId, action: &Action, now: Moment) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        if !conversation.is_of(by.principal) {
            return self.refuse(by, Some(id), Refusal::of(Code::NotFound));
        }
        let content = content_of(action, by.principal);
        match conversation.outboxes.look(by.command, content) {
            Seen::Again(answer) => self.answer(by, Some(id), answer),
            Seen::Refused(code) => self.refuse(by, Some(id), Refusal::of(code)),
            Seen::New if !conversation.outboxes.has_room(by.command, outboxes_max(by.principal)) => {
                self.refuse(by, Some(id), Refusal::of(Code::Busy).retry_after_ms(BUSY_RETRY_AFTER_MS));
            }
            Seen::New => {
                let acted = authorize(by.principal, action).and_then(|()| self.act(by, id, action, now));
                self.settle(by, Some(id), content, acted, now);
            }
        }
    }

    /// A lane whose conversation does not exist: it can be opened, and nothing else.
    fn act_in_empty_lane(&mut self, by: Actor, id: ConversationId, action: &Action, now: Moment) {
        let Action::Open(open) = action else {
            return self.refuse(by, Some(id), Refusal::of(Code::NotFound));
        };
        if by.command.ordinal != 1 {
            return self.refuse(by, Some(id), Refusal::of(Code::OutOfOrder));
        }
        let content = content_of(action, by.principal);
        match self.look(by, Some(id), content) {
            Seen::Again(answer) => self.answer(by, Some(id), answer),
            Seen::Refused(code) => self.refuse(by, Some(id), Refusal::of(code)),
            Seen::New => {
                let acted = authorize(by.principal, action).and_then(|()| self.open_conversation(by, id, open, now));
                self.settle(by, Some(id), content, acted, now);
            }
        }
    }

    /// The lane of an agent's own state. Whoever is no agent leaves no row in it.
    fn act_in_no_lane(&mut self, by: Actor, action: &Action, now: Moment) {
        if !matches!(by.principal, Principal::Agent(agent) if self.roster.is_enabled(agent)) {
            return self.refuse(by, None, Refusal::of(Code::Forbidden));
        }
        let content = content_of(action, by.principal);
        match self.outboxes.look(by.command, content) {
            Seen::Again(answer) => self.answer(by, None, answer),
            Seen::Refused(code) => self.refuse(by, None, Refusal::of(code)),
            Seen::New if !self.outboxes.has_room(by.command, OUTBOXES_OF_NO_LANE_MAX) => {
                self.refuse(by, None, Refusal::of(Code::Busy).retry_after_ms(BUSY_RETRY_AFTER_MS));
            }
            Seen::New => {
                let acted = authorize(by.principal, action).and_then(|()| self.act_on_self(by, action, now));
                self.settle(by, None, content, acted, now);
            }
        }
    }

    /// Remembers an answer with its batch, and gives it. A refusal that settles nothing leaves no row.
    fn settle(&mut self, by: Actor, lane: Option<ConversationId>, content: u64, acted: Acted, now: Moment) {
        let answer = match acted {
            Ok(made) => Answer::Ok { at: now.wall_ms, made },
            Err(refusal) if leaves_no_row(&refusal) => return self.refuse(by, lane, refusal),
            Err(refusal) => Answer::No(Box::new(named(refusal, by, lane))),
        };
        let outboxes = match lane {
            None => Some(&mut self.outboxes),
            Some(id) => match self.conversations.get_mut(&id) {
                Some(conversation) => Some(&mut conversation.outboxes),
                None => self.loads.absent_mut(id),
            },
        };
        let row = outboxes.map(|outboxes| outboxes.settle(lane, by.command, content, answer.clone(), now.at));
        if let Some(row) = row {
            self.batch.outbox(row);
        }
        self.answer(by, lane, answer);
    }

    fn answer(&mut self, by: Actor, lane: Option<ConversationId>, answer: Answer) {
        let frame = match answer {
            Answer::Ok { at, made } => Down::Ok(Outcome { command: by.command, conversation: lane, at, made }),
            Answer::No(refusal) => Down::No(refusal),
        };
        self.batch.tell(by.socket, frame);
    }

    /// Refuses without a trace.
    fn refuse(&mut self, by: Actor, lane: Option<ConversationId>, refusal: Refusal) {
        self.batch.tell(by.socket, Down::No(Box::new(named(refusal, by, lane))));
    }
}

/// Names the command; `already_open` keeps the conversation it names.
fn named(refusal: Refusal, by: Actor, lane: Option<ConversationId>) -> Refusal {
    let conversation = refusal.conversation.or(lane);
    refusal.command(by.command).conversation(conversation)
}

/// The message that an action changes.
fn changed_message(action: &Action) -> Option<MessageId> {
    match action {
        Action::Edit(edit) => Some(edit.message),
        Action::Delete(delete) => Some(delete.message),
        Action::Open(_)
        | Action::Say(_)
        | Action::Note(_)
        | Action::Accept(_)
        | Action::Decline(_)
        | Action::Take(_)
        | Action::Transfer(_)
        | Action::Park(_)
        | Action::Close(_)
        | Action::Reopen(_)
        | Action::Rate(_)
        | Action::Status(_)
        | Action::Accepting(_)
        | Action::Capacity(_)
        | Action::Unknown(_) => None,
    }
}

/// Rows a lane may have before one more outbox of this principal is refused.
fn outboxes_max(by: Principal) -> usize {
    match by {
        Principal::Visitor(_) => OUTBOXES_PER_CONVERSATION_MAX,
        Principal::Agent(_) => OUTBOXES_PER_CONVERSATION_MAX + OUTBOXES_FOR_AGENTS_MAX,
    }
}

/// The visitor who opens a conversation without choosing an agent.
fn opens_for_anyone(by: Actor, action: &Action) -> Option<VisitorId> {
    let (Principal::Visitor(visitor), Action::Open(open)) = (by.principal, action) else { return None };
    open.agent.is_none().then_some(visitor)
}

/// What must be there at once for a command of a lane.
fn needs_of(by: Actor, id: ConversationId, action: &Action) -> BTreeSet<Missing> {
    let visitor = opens_for_anyone(by, action).map(Missing::LastAgent);
    [Missing::Conversation(id)].into_iter().chain(visitor).collect()
}

fn leaves_no_row(refusal: &Refusal) -> bool {
    refusal.retryable || !refusal.code.uses_ordinal()
}
