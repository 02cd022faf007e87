//! Tab: one page load: a connection, an outbox and transcripts, kept as the contract says.
//!
//! It knows nothing of wires; what it wants done stands in [`Wish`]es. What people do with it is in `visitor.rs` and
//! `agent.rs`.

use crate::client::lists::Lists;
use crate::client::outbox::{Item, Outbox, Refused};
use crate::client::transcript::{News, Told, Transcript};
use crate::draw::Draw;
use crate::world::clock::Time;
use gateway_core::chance::Chance;
use gateway_core::ids::Principal;
use protocol::limits::{CLIENT_SILENCE_MS_MAX, FOLLOWS_MAX, RECONNECT_BASE_MS, RECONNECT_MS_MAX, RECONNECT_STABLE_MS};
use protocol::{
    Action, Author, Body, CloseCode, Code, Command, ConversationId, Down, Fetch, Follow, FollowFrom, Head, Hello,
    Nothing, Outcome, PROTOCOL, Ready, RecordKind, Records, Refusal, Return, Said, SessionId, Up, View, Watch,
};
use std::collections::{BTreeMap, BTreeSet};

/// A fetch that was refused is tried again after at least this long.
const FETCH_AGAIN_MS: u64 = 200;
/// A fetch without an answer is tried again.
const FETCH_LOST_MS: u64 = 10_000;

/// How a tab stands with the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It connects then.
    Away(Time),
    /// It has no network, or its machine sleeps.
    Asleep,
    Dialing,
    Greeting,
    /// Signed in since.
    Ready(Time),
    /// It waits for its user.
    Stopped,
    Gone,
}

/// What a tab wants done, or tells.
#[derive(Debug)]
pub(crate) enum Wish {
    Dial,
    HangUp,
    Send(Box<Up>),
    /// Records are shown that were not before.
    Shown(News),
    /// A command has a final answer.
    Answered(Box<Answered>),
    /// Commands that were given up, or found to stand.
    Dropped(Vec<(Option<ConversationId>, Item)>),
    Gap(ConversationId),
    Resync(ConversationId),
    /// The gateway said where a conversation stands.
    Head(Head),
    LetIn,
}

/// A command and what it was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub lane: Option<ConversationId>,
    pub item: Item,
    pub outcome: Result<Outcome, Refusal>,
}

#[derive(Debug)]
pub(crate) struct Tab {
    pub person: usize,
    pub site: usize,
    pub principal: Principal,
    pub session: SessionId,
    /// The name visitors are shown, for agents.
    name: String,
    pub generation: u32,
    pub phase: Phase,
    pub outbox: Outbox,
    pub transcripts: BTreeMap<ConversationId, Transcript>,
    pub lists: Lists,
    /// Answers are as if the page had been told: what is left to fetch, and what is being fetched since when.
    wanted: BTreeSet<ConversationId>,
    fetching: Option<(ConversationId, Time)>,
    fetch_after: Time,
    /// What is still said of these was said before the gateway heard that the tab turned away.
    unfollowed: BTreeSet<ConversationId>,
    /// Something without a name was refused for now: what the tab follows and watches is said again then.
    again_at: Option<Time>,
    tries: u32,
    heard_at: Time,
    /// When the world will call `tick` next.
    pub due: Option<Time>,
    pub wishes: Vec<Wish>,
}

impl Tab {
    pub fn new(person: usize, site: usize, principal: Principal, outbox: Outbox, chance: &mut Chance) -> Self {
        Self {
            person,
            site,
            principal,
            session: SessionId(chance.id()),
            name: String::new(),
            generation: 0,
            phase: Phase::Away(0),
            outbox,
            transcripts: BTreeMap::new(),
            lists: Lists::default(),
            wanted: BTreeSet::new(),
            fetching: None,
            fetch_after: 0,
            unfollowed: BTreeSet::new(),
            again_at: None,
            tries: 0,
            heard_at: 0,
            due: None,
            wishes: Vec::new(),
        }
    }

    pub fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready(_))
    }

    /// A socket is there.
    pub fn connected(&mut self, ticket: Option<String>, token: Option<String>, site: String, now: Time) {
        self.phase = Phase::Greeting;
        self.heard_at = now;
        let hello = Hello {
            protocol: PROTOCOL,
            site,
            token,
            ticket,
            session: self.session,
            generation: self.generation,
            follows: self.follows(),
            page: None,
        };
        self.send(Up::Hello(Box::new(hello)));
    }

    fn follows(&self) -> Vec<FollowFrom> {
        let follow = |(id, transcript): (&ConversationId, &Transcript)| FollowFrom {
            conversation: *id,
            position: transcript.position(),
        };
        self.transcripts.iter().take(FOLLOWS_MAX).map(follow).collect()
    }

    /// The socket is gone; a close may say why, and when to return.
    pub fn lost(&mut self, close: Option<(CloseCode, Option<u64>)>, now: Time, chance: &mut Chance) {
        if let Phase::Ready(since) = self.phase
            && now - since >= RECONNECT_STABLE_MS
        {
            self.tries = 0;
        }
        self.unsend();
        self.phase = match close {
            None => self.back_off(None, now, chance),
            Some((code, retry_after_ms)) => match code.then() {
                Return::Resume | Return::Renew => self.back_off(retry_after_ms, now, chance),
                Return::Reload | Return::Wipe | Return::Stop => Phase::Stopped,
            },
        };
    }

    fn back_off(&mut self, retry_after_ms: Option<u64>, now: Time, chance: &mut Chance) -> Phase {
        let most = RECONNECT_MS_MAX.min(RECONNECT_BASE_MS << self.tries.min(5));
        self.tries += 1;
        Phase::Away(now + retry_after_ms.unwrap_or_else(|| chance.between(0, most)))
    }

    fn unsend(&mut self) {
        self.outbox.unsend();
        if let Some((conversation, _)) = self.fetching.take() {
            self.wanted.insert(conversation);
        }
        self.lists.forget();
        self.unfollowed.clear();
        self.again_at = None;
    }

    /// The network went, and the page knows.
    pub fn fall_asleep(&mut self) {
        if matches!(self.phase, Phase::Dialing | Phase::Greeting | Phase::Ready(_)) {
            self.wishes.push(Wish::HangUp);
        }
        self.unsend();
        self.phase = Phase::Asleep;
    }

    pub fn wake_up(&mut self, now: Time) {
        if matches!(self.phase, Phase::Asleep) {
            self.phase = Phase::Away(now);
        }
    }

    /// What has fallen due.
    pub fn tick(&mut self, now: Time, chance: &mut Chance) {
        match self.phase {
            Phase::Away(at) if at <= now => {
                self.phase = Phase::Dialing;
                self.heard_at = now;
                self.generation += 1;
                self.wishes.push(Wish::Dial);
            }
            Phase::Dialing | Phase::Greeting | Phase::Ready(_) if now >= self.heard_at + CLIENT_SILENCE_MS_MAX => {
                self.wishes.push(Wish::HangUp);
                self.lost(None, now, chance);
            }
            Phase::Away(_)
            | Phase::Asleep
            | Phase::Dialing
            | Phase::Greeting
            | Phase::Ready(_)
            | Phase::Stopped
            | Phase::Gone => {}
        }
        self.pump(now);
    }

    /// When `tick` has something to do.
    pub fn next_due(&self) -> Option<Time> {
        match self.phase {
            Phase::Away(at) => Some(at),
            Phase::Dialing | Phase::Greeting => Some(self.heard_at + CLIENT_SILENCE_MS_MAX),
            Phase::Ready(_) => {
                let silence = self.heard_at + CLIENT_SILENCE_MS_MAX;
                let fetch = match self.fetching {
                    Some((_, since)) => Some(since + FETCH_LOST_MS),
                    None => (!self.wanted.is_empty()).then_some(self.fetch_after),
                };
                [Some(silence), self.outbox.due(), fetch, self.again_at].into_iter().flatten().min()
            }
            Phase::Asleep | Phase::Stopped | Phase::Gone => None,
        }
    }

    /// Sends what may go out now.
    pub fn pump(&mut self, now: Time) {
        if !self.is_ready() {
            return;
        }
        if self.again_at.is_some_and(|at| at <= now) {
            self.again_at = None;
            self.ask_again();
        }
        for command in self.outbox.pump(now) {
            self.send(Up::Command(Box::new(command)));
        }
        if let Some((conversation, since)) = self.fetching
            && now >= since + FETCH_LOST_MS
        {
            self.fetching = None;
            self.wanted.insert(conversation);
        }
        if self.fetching.is_none()
            && now >= self.fetch_after
            && let Some(conversation) = self.wanted.pop_first()
        {
            let after = self.transcripts.get(&conversation).map(Transcript::position).unwrap_or_default();
            self.fetching = Some((conversation, now));
            self.send(Up::Fetch(Fetch { conversation, after, limit: None }));
        }
    }

    pub fn send(&mut self, frame: Up) {
        self.wishes.push(Wish::Send(Box::new(frame)));
    }

    pub fn command(&mut self, lane: Option<ConversationId>, action: Action, now: Time, chance: &mut Chance) {
        self.outbox.enqueue(lane, action, chance);
        self.pump(now);
    }

    /// A frame came.
    pub fn hear(&mut self, frame: &Down, now: Time, chance: &mut Chance) {
        self.heard_at = now;
        match frame {
            Down::Ping(_) => self.send(Up::Pong(Nothing {})),
            Down::Ready(ready) => self.hear_ready(ready, now),
            Down::Ok(outcome) => self.hear_ok(outcome, now),
            Down::No(refusal) => self.hear_no(refusal, now, chance),
            Down::Event(event) if self.unfollowed.contains(&event.conversation) => {}
            Down::Event(event) => {
                let told = self.transcripts.entry(event.conversation).or_default().hear_event(event);
                self.hear_told(event.conversation, told, chance);
            }
            Down::Heads(heads) => heads.heads.iter().for_each(|head| self.hear_head(*head)),
            Down::Records(page) => self.hear_page(page, chance),
            Down::Rows(rows) => self.lists.hear_rows(rows),
            Down::Change(change) => {
                if self.lists.hear_change(change) {
                    self.send(Up::Watch(Watch { view: change.view }));
                }
            }
            Down::Typing(_)
            | Down::Read(_)
            | Down::Place(_)
            | Down::Availability(_)
            | Down::Roster(_)
            | Down::Agent(_)
            | Down::Unknown(_) => {}
        }
        self.pump(now);
    }

    fn hear_ready(&mut self, ready: &Ready, now: Time) {
        self.phase = Phase::Ready(now);
        if let Some(agent) = &ready.agent {
            self.name.clone_from(&agent.name);
        }
        self.wishes.push(Wish::LetIn);
        let named: BTreeSet<_> = ready.heads.iter().map(|head| head.conversation).collect();
        let gone: Vec<_> = self.transcripts.keys().copied().filter(|id| !named.contains(id)).collect();
        for conversation in gone {
            self.gone(conversation);
        }
        ready.heads.iter().for_each(|head| self.hear_head(*head));
        for view in self.lists.watched() {
            self.send(Up::Watch(Watch { view }));
        }
    }

    pub fn watch(&mut self, view: View) {
        self.lists.watch(view);
        if self.is_ready() {
            self.send(Up::Watch(Watch { view }));
        }
    }

    pub fn unwatch(&mut self, view: View) {
        self.lists.unwatch(view);
        if self.is_ready() {
            self.send(Up::Unwatch(Watch { view }));
        }
    }

    pub fn follow(&mut self, conversation: ConversationId) {
        let position = self.transcripts.get(&conversation).map(Transcript::position).unwrap_or_default();
        if self.is_ready() {
            self.send(Up::Follow(Follow { follows: vec![FollowFrom { conversation, position }] }));
        }
    }

    fn ask_again(&mut self) {
        let follows = self.follows();
        if !follows.is_empty() {
            self.send(Up::Follow(Follow { follows }));
        }
        for view in self.lists.watched() {
            self.send(Up::Watch(Watch { view }));
        }
    }

    fn hear_head(&mut self, head: Head) {
        if self.unfollowed.remove(&head.conversation) {
            // Whether the gateway said so before or after it heard of that is not known.
            self.follow(head.conversation);
        }
        self.wishes.push(Wish::Head(head));
        let transcript = self.transcripts.entry(head.conversation).or_default();
        transcript.hear_head(head.position);
        let (position, told) = (transcript.position(), head.position);
        // A tail that differs at the same number is another history; the fetch will say so.
        if transcript.is_behind() || (position.number == told.number && position.tail != told.tail) {
            self.want(head.conversation);
        }
    }

    fn hear_told(&mut self, conversation: ConversationId, told: Told, chance: &mut Chance) {
        match told {
            Told::Shown => {
                self.wishes.push(Wish::Shown(News { conversation, count: 1 }));
                self.complete(conversation, chance);
            }
            Told::Known => {}
            Told::Awaited => self.want(conversation),
            Told::Gap => {
                self.wishes.push(Wish::Gap(conversation));
                self.want(conversation);
            }
        }
    }

    fn want(&mut self, conversation: ConversationId) {
        self.wanted.insert(conversation);
    }

    fn hear_page(&mut self, page: &Records, chance: &mut Chance) {
        let conversation = page.head.conversation;
        if self.fetching.is_some_and(|(fetching, _)| fetching == conversation) {
            self.fetching = None;
        }
        let Some(transcript) = self.transcripts.get_mut(&conversation) else { return };
        if page.resync {
            transcript.forget();
            transcript.hear_head(page.head.position);
            self.wishes.push(Wish::Resync(conversation));
            return self.want(conversation);
        }
        let count = transcript.hear_page(page);
        let behind = transcript.is_behind();
        if count > 0 {
            self.wishes.push(Wish::Shown(News { conversation, count }));
        }
        if behind {
            self.want(conversation);
        }
        self.complete(conversation, chance);
    }

    /// A transcript that has all there is tells a healing lane what stands.
    fn complete(&mut self, conversation: ConversationId, chance: &mut Chance) {
        let Some(transcript) = self.transcripts.get(&conversation).filter(|transcript| !transcript.is_behind()) else {
            return;
        };
        let fetches = self.fetching.is_some_and(|(fetching, _)| fetching == conversation);
        if !self.outbox.is_healing(conversation) || self.wanted.contains(&conversation) || fetches {
            return;
        }
        let stands = |item: &Item| {
            let own = transcript.records.iter().filter(|record| record.command == Some(item.id));
            own.into_iter().any(|record| is_same(&item.action, &record.what))
        };
        let done = self.outbox.heal(conversation, stands, chance);
        self.wishes.push(Wish::Dropped(done.into_iter().map(|item| (Some(conversation), item)).collect()));
    }

    fn hear_ok(&mut self, outcome: &Outcome, now: Time) {
        let lane = outcome.conversation;
        let Some(item) = self.outbox.settle(lane, outcome.command) else { return };
        if let Some(conversation) = lane {
            let said = |body: &str| Said { by: self.author(), body: Body(body.to_owned()) };
            let what = match &item.action {
                Action::Say(say) => Some(RecordKind::Said(said(&say.body))),
                Action::Note(note) => Some(RecordKind::Noted(said(&note.body))),
                Action::Open(_)
                | Action::Accept(_)
                | Action::Decline(_)
                | Action::Take(_)
                | Action::Transfer(_)
                | Action::Park(_)
                | Action::Close(_)
                | Action::Reopen(_)
                | Action::Rate(_)
                | Action::Edit(_)
                | Action::Delete(_)
                | Action::Status(_)
                | Action::Accepting(_)
                | Action::Capacity(_)
                | Action::Unknown(_) => None,
            };
            if let (Some(what), true) = (what, self.holds_or_follows(conversation)) {
                let transcript = self.transcripts.entry(conversation).or_default();
                match transcript.hear_ok(outcome.command, outcome, what) {
                    Told::Shown => self.wishes.push(Wish::Shown(News { conversation, count: 1 })),
                    Told::Known => {}
                    Told::Awaited => self.want(conversation),
                    Told::Gap => {
                        self.wishes.push(Wish::Gap(conversation));
                        self.want(conversation);
                    }
                }
            }
            if let Action::Open(_) = item.action {
                self.follow(conversation);
            }
        }
        self.wishes.push(Wish::Answered(Box::new(Answered { lane, item, outcome: Ok(outcome.clone()) })));
        self.pump(now);
    }

    /// What an earlier page load said is answered to one that shows nothing of the conversation yet: it looks it up.
    fn holds_or_follows(&mut self, conversation: ConversationId) -> bool {
        let holds = self.transcripts.contains_key(&conversation);
        if !holds {
            self.follow(conversation);
        }
        holds
    }

    fn author(&self) -> Author {
        match self.principal {
            Principal::Visitor(_) => Author::Visitor,
            Principal::Agent(id) => Author::Agent { id, name: self.name.clone() },
        }
    }

    fn hear_no(&mut self, refusal: &Refusal, now: Time, chance: &mut Chance) {
        if refusal.command.is_some() {
            return self.hear_refusal(refusal, now, chance);
        }
        let Some(conversation) = refusal.conversation else {
            if refusal.retryable {
                self.again_at = Some(now + refusal.retry_after_ms.unwrap_or(0).max(FETCH_AGAIN_MS));
            }
            return;
        };
        if matches!(refusal.code, Code::NotFound | Code::Forbidden) {
            return self.gone(conversation);
        }
        if self.fetching.is_some_and(|(fetching, _)| fetching == conversation) {
            self.fetching = None;
            self.wanted.insert(conversation);
            self.fetch_after = now + refusal.retry_after_ms.unwrap_or(0).max(FETCH_AGAIN_MS);
        }
    }

    fn hear_refusal(&mut self, refusal: &Refusal, now: Time, chance: &mut Chance) {
        let answered = |lane, item| Wish::Answered(Box::new(Answered { lane, item, outcome: Err(refusal.clone()) }));
        match self.outbox.refuse(refusal, now, chance) {
            Refused::Stranger | Refused::Later => {}
            Refused::Final(item) => self.wishes.push(answered(refusal.conversation, item)),
            Refused::Moved { from, to, item } => {
                self.wishes.push(answered(Some(from), item));
                self.transcripts.entry(to).or_default();
                self.follow(to);
            }
            Refused::Renumbered(item) => self.wishes.push(Wish::Dropped(vec![(None, item)])),
            Refused::Heal(conversation, item) => {
                self.wishes.push(Wish::Dropped(vec![(Some(conversation), item)]));
                // The two histories may differ: read on to the end, then look. A fetch tells whether they do.
                self.transcripts.entry(conversation).or_default();
                self.want(conversation);
                self.follow(conversation);
            }
        }
    }

    /// The conversation cannot be followed.
    fn gone(&mut self, conversation: ConversationId) {
        self.wanted.remove(&conversation);
        if self.fetching.is_some_and(|(fetching, _)| fetching == conversation) {
            self.fetching = None;
        }
        if self.transcripts.remove(&conversation).is_some() {
            let items = self.outbox.drop_lane(conversation);
            self.wishes.push(Wish::Dropped(items.into_iter().map(|item| (Some(conversation), item)).collect()));
        }
    }

    pub fn unfollow(&mut self, conversation: ConversationId) {
        self.wanted.remove(&conversation);
        self.transcripts.remove(&conversation);
        if self.is_ready() {
            self.unfollowed.insert(conversation);
            self.send(Up::Unfollow(protocol::Unfollow { conversation }));
        }
    }
}

/// Whether a record is what this action makes, as far as its words tell.
fn is_same(action: &Action, what: &RecordKind) -> bool {
    match (action, what) {
        (Action::Say(say), RecordKind::Said(said)) | (Action::Note(say), RecordKind::Noted(said)) => {
            said.body.0 == say.body
        }
        (Action::Say(_) | Action::Note(_), _) => false,
        _ => true,
    }
}

/// A command as it goes out, named for a history.
impl Answered {
    pub fn command(&self) -> Command {
        Command { id: self.item.id, conversation: self.lane, action: self.item.action.clone() }
    }
}
