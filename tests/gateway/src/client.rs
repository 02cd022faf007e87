//! A client that follows the wire's page: hello, outbox, positions, fetch, resume. Visitors and agents alike.
//!
//! [`Client::wait`] is cancel safe; what it gives goes to [`Client::handle`]. The rest is made of these two.

use crate::PATIENCE;
use crate::diary::Diary;
use crate::http::{Place, SignedIn};
use crate::ids::{conversation_id, session_id};
use crate::outbox::{Lane, Settled};
use crate::socket::{Ended, Socket};
use crate::transcript::{Taken, Transcript};
use history::Audience;
use protocol::{
    Action, AgentId, Author, Body, Code, ConversationId, Down, Event, Fetch, FollowFrom, Head, Hello, Nothing, Number,
    Open, Outcome, PROTOCOL, Ready, Record, RecordKind, Refusal, Said, Say, SessionId, Up,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// Wait before a retry where the refusal names none.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Who signs in.
#[derive(Clone, Debug)]
pub enum Who {
    /// With the token of an earlier `ready`; without one, a new visitor.
    Visitor {
        token: Option<String>,
    },
    Agent(Arc<SignedIn>),
}

/// Commands of many clients that were sent and not answered.
#[derive(Debug, Default)]
pub struct InFlight {
    now: AtomicUsize,
    unknown: AtomicUsize,
}

impl InFlight {
    #[must_use]
    pub fn now(&self) -> usize {
        self.now.load(Ordering::SeqCst)
    }

    /// Commands whose socket ended before their answer came.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.unknown.load(Ordering::SeqCst)
    }
}

/// What there is to handle.
#[derive(Debug)]
pub struct Heard(Option<Result<Down, Ended>>);

impl Heard {
    /// The frame that came.
    #[must_use]
    pub fn frame(&self) -> Option<&Down> {
        self.0.as_ref()?.as_ref().ok()
    }
}

/// What came of it.
#[derive(Debug)]
pub enum Done {
    /// A command of this client is settled for good.
    Settled(Box<Settled>),
    Frame(Box<Down>),
    Nothing,
}

/// One page load of a visitor or an agent.
#[derive(Debug)]
pub struct Client {
    pub place: Place,
    pub who: Who,
    pub session: SessionId,
    pub generation: u32,
    pub transcripts: BTreeMap<ConversationId, Transcript>,
    pub lanes: BTreeMap<Option<ConversationId>, Lane>,
    pub ready: Option<Ready>,
    pub diary: Diary,
    socket: Option<Socket>,
    /// Heads as the last `ready` told them: what is numbered up to there was stored before.
    stood: BTreeMap<ConversationId, Number>,
    wanted: BTreeSet<ConversationId>,
    fetching: Option<ConversationId>,
    /// Pages that have come.
    pages: usize,
    fetch_due: Instant,
    in_flight: Arc<InFlight>,
}

impl Client {
    #[must_use]
    pub fn new(place: &Place, who: Who) -> Self {
        let audience = match who {
            Who::Visitor { .. } => Audience::Visitor,
            Who::Agent(_) => Audience::Agent,
        };
        Self {
            place: place.clone(),
            who,
            session: session_id(),
            generation: 0,
            transcripts: BTreeMap::new(),
            lanes: BTreeMap::new(),
            ready: None,
            diary: Diary::new(audience),
            socket: None,
            stood: BTreeMap::new(),
            wanted: BTreeSet::new(),
            fetching: None,
            pages: 0,
            fetch_due: Instant::now(),
            in_flight: Arc::default(),
        }
    }

    /// A new visitor, connected.
    pub async fn visitor(place: &Place) -> Self {
        Self::connected(place, Who::Visitor { token: None }).await
    }

    /// An agent, connected.
    pub async fn agent(signed_in: &Arc<SignedIn>) -> Self {
        Self::connected(&signed_in.place, Who::Agent(Arc::clone(signed_in))).await
    }

    /// A client that has had its `ready`.
    ///
    /// # Panics
    /// When the gateway does not let it in.
    pub async fn connected(place: &Place, who: Who) -> Self {
        let mut client = Self::new(place, who);
        client.connect().await.unwrap_or_else(|ended| panic!("not let in: {ended:?}"));
        client
    }

    /// A new page load that has read these conversations from their beginning.
    ///
    /// # Panics
    /// When the gateway does not let it in, or not read one of them.
    pub async fn reader(place: &Place, who: Who, conversations: &[ConversationId]) -> Self {
        let mut client = Self::new(place, who);
        client.transcripts = conversations.iter().map(|id| (*id, Transcript::default())).collect();
        client.connect().await.unwrap_or_else(|ended| panic!("not let in: {ended:?}"));
        client.catch_up().await;
        let unread = client.transcripts.iter().find(|(_, shown)| shown.records.is_empty());
        assert!(unread.is_none(), "cannot be read: {unread:?}");
        client
    }

    /// Counts its commands together with those of others.
    #[must_use]
    pub fn counted(mut self, in_flight: &Arc<InFlight>) -> Self {
        self.in_flight = Arc::clone(in_flight);
        self
    }

    /// Connects, says hello, and goes on where it stood.
    ///
    /// # Errors
    /// The gateway is away or refuses.
    pub async fn connect(&mut self) -> Result<(), Ended> {
        self.drop_socket();
        self.generation += 1;
        let opening = timeout(PATIENCE, self.open_socket()).await.map_err(|_| Ended::default())?;
        let (socket, ready) = opening?;
        if let (Who::Visitor { token }, Some(visitor)) = (&mut self.who, &ready.visitor)
            && visitor.token.is_some()
        {
            token.clone_from(&visitor.token);
        }
        self.socket = Some(socket);
        self.diary.connected(&ready);
        self.stood = ready.heads.iter().map(|head| (head.conversation, head.position.number)).collect();
        self.note_heads(&ready.heads);
        self.ready = Some(*ready);
        for lane in self.lanes.values_mut() {
            lane.again_after(Duration::ZERO);
        }
        self.send_due().await
    }

    async fn open_socket(&self) -> Result<(Socket, Box<Ready>), Ended> {
        let (mut socket, token, ticket) = match &self.who {
            Who::Visitor { token } => (Socket::of_visitor(&self.place).await?, token.clone(), None),
            Who::Agent(signed_in) => {
                let ticket = signed_in.ticket().await.ok_or_else(Ended::default)?;
                (Socket::of_agent(&self.place).await?, None, Some(ticket))
            }
        };
        let hello = Hello {
            protocol: PROTOCOL,
            site: self.place.site.clone(),
            token,
            ticket,
            session: self.session,
            generation: self.generation,
            follows: self.follows(),
            page: None,
        };
        socket.send(&Up::Hello(Box::new(hello))).await?;
        loop {
            match socket.next().await? {
                Down::Ready(ready) => return Ok((socket, ready)),
                Down::Ping(_) => socket.send(&Up::Pong(Nothing {})).await?,
                other => panic!("before ready: {other:?}"),
            }
        }
    }

    /// The conversations it shows, and its position in each.
    #[must_use]
    pub fn follows(&self) -> Vec<FollowFrom> {
        let follows = self.transcripts.iter();
        follows.map(|(id, shown)| FollowFrom { conversation: *id, position: shown.position() }).collect()
    }

    /// Loses the connection, as a network does.
    pub fn drop_socket(&mut self) {
        if self.socket.take().is_some() {
            self.diary.disconnected();
        }
        self.fetching = None;
        for lane in self.lanes.values_mut().filter(|lane| lane.is_in_flight) {
            lane.is_in_flight = false;
            self.in_flight.now.fetch_sub(1, Ordering::SeqCst);
            self.in_flight.unknown.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Waits for a frame, or until something is due. Cancel safe.
    pub async fn wait(&mut self) -> Heard {
        let due = self.next_due();
        let Some(socket) = &mut self.socket else { return Heard(Some(Err(Ended::default()))) };
        let timer = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            frame = socket.next() => Heard(Some(frame)),
            () = timer => Heard(None),
        }
    }

    /// Takes in what was heard, and sends what is due.
    ///
    /// # Errors
    /// The socket has ended.
    pub async fn handle(&mut self, heard: Heard) -> Result<Done, Ended> {
        let done = match heard.0 {
            None => Ok(Done::Nothing),
            Some(Ok(frame)) => self.hear(frame).await,
            Some(Err(ended)) => Err(ended),
        };
        // What was heard counts, also when nothing more can be sent: the next wait tells that.
        if done.is_err() || self.send_due().await.is_err() {
            self.drop_socket();
        }
        done
    }

    /// Waits and handles once.
    ///
    /// # Errors
    /// The socket has ended.
    ///
    /// # Panics
    /// When nothing comes for long.
    pub async fn step(&mut self) -> Result<Done, Ended> {
        let heard = timeout(PATIENCE, self.wait()).await.expect("the gateway says something");
        self.handle(heard).await
    }

    /// Queues a command behind those of its lane, and sends it when it is the first.
    ///
    /// # Errors
    /// The socket has ended; the command is kept.
    pub async fn put(&mut self, conversation: Option<ConversationId>, action: Action) -> Result<(), Ended> {
        self.lanes.entry(conversation).or_insert_with(|| Lane::new(conversation)).push(action);
        self.send_due().await
    }

    /// Commands that are not settled.
    #[must_use]
    pub fn unsettled(&self) -> usize {
        self.lanes.values().map(Lane::len).sum()
    }

    /// Sends a command and waits for what settles it.
    ///
    /// # Errors
    /// It was refused for good.
    ///
    /// # Panics
    /// When the socket ends before.
    pub async fn command(&mut self, conversation: Option<ConversationId>, action: Action) -> Result<Outcome, Refusal> {
        self.put(conversation, action).await.unwrap_or_else(|ended| panic!("ended: {ended:?}"));
        loop {
            match self.step().await {
                Ok(Done::Settled(settled)) if settled.command.conversation == conversation => return settled.answer,
                Ok(Done::Settled(_) | Done::Frame(_) | Done::Nothing) => {}
                Err(ended) => panic!("ended before an answer came: {ended:?}"),
            }
        }
    }

    /// Opens a conversation with a first word.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn open(&mut self, body: &str) -> ConversationId {
        let open = Open { body: Some(body.to_owned()), ..Open::default() };
        let id = conversation_id();
        self.command(Some(id), Action::Open(Box::new(open))).await.expect("a visitor may open a conversation");
        id
    }

    /// Says something.
    ///
    /// # Errors
    /// It was refused for good.
    pub async fn say(&mut self, conversation: ConversationId, body: &str) -> Result<Outcome, Refusal> {
        self.command(Some(conversation), Action::Say(Say { body: body.to_owned() })).await
    }

    /// Sends a frame that is no command.
    ///
    /// # Panics
    /// When the socket has ended.
    pub async fn send(&mut self, frame: &Up) {
        self.send_text(&serde_json::to_string(frame).expect("a frame is plain data")).await;
    }

    /// Sends a text as it is.
    ///
    /// # Panics
    /// When the socket has ended.
    pub async fn send_text(&mut self, text: &str) {
        let socket = self.socket.as_mut().expect("connected");
        socket.send_text(text).await.unwrap_or_else(|ended| panic!("ended: {ended:?}"));
    }

    /// Waits for a frame that `find` makes something of.
    ///
    /// # Panics
    /// When the socket ends, or none comes for long.
    pub async fn next<T>(&mut self, mut find: impl FnMut(&Down) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < until, "the frame does not come");
            let heard = timeout(PATIENCE, self.wait()).await.expect("the gateway says something");
            let found = match &heard.0 {
                Some(Ok(frame)) => find(frame),
                Some(Err(_)) | None => None,
            };
            let done = self.handle(heard).await;
            if let Some(found) = found {
                return found;
            }
            done.unwrap_or_else(|ended| panic!("ended: {ended:?}"));
        }
    }

    /// Waits for the next refusal.
    pub async fn refusal(&mut self) -> Refusal {
        self.next(|frame| match frame {
            Down::No(refusal) => Some((**refusal).clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the client is as `is` says.
    ///
    /// # Panics
    /// When the socket ends, or it does not come about for long.
    pub async fn until(&mut self, what: &str, is: impl Fn(&Self) -> bool) {
        let coming = async {
            while !is(self) {
                self.step().await.unwrap_or_else(|ended| panic!("ended before {what}: {ended:?}"));
            }
        };
        assert!(timeout(PATIENCE, coming).await.is_ok(), "in vain: {what}");
    }

    /// Fetches until every conversation is at its head, however many pages that takes.
    pub async fn catch_up(&mut self) {
        let is_done = |client: &Self| client.fetching.is_none() && client.wanted.is_empty();
        while !is_done(self) {
            let before = self.pages;
            self.until("a page is fetched", |client| is_done(client) || client.pages > before).await;
        }
    }

    /// Reads a conversation from its beginning.
    ///
    /// # Panics
    /// When the socket ends.
    pub async fn read_all(&mut self, conversation: ConversationId) -> Transcript {
        self.transcripts.insert(conversation, Transcript::default());
        self.wanted.insert(conversation);
        self.send_due().await.unwrap_or_else(|ended| panic!("ended: {ended:?}"));
        self.catch_up().await;
        self.transcripts.get(&conversation).cloned().unwrap_or_default()
    }

    /// What it shows now is the final quiet read of these conversations.
    pub fn end_reading(&mut self) {
        for (conversation, transcript) in &self.transcripts {
            self.diary.read_to_the_end(*conversation, &transcript.records);
        }
    }

    /// Waits until the gateway closes the socket.
    ///
    /// # Panics
    /// When it does not.
    pub async fn ended(&mut self) -> Ended {
        let ending = async {
            loop {
                if let Err(ended) = self.step().await {
                    return ended;
                }
            }
        };
        timeout(PATIENCE, ending).await.expect("the gateway closes the socket")
    }

    /// The conversation's records as this client shows them.
    ///
    /// # Panics
    /// When it does not show the conversation.
    #[must_use]
    pub fn transcript(&self, conversation: ConversationId) -> &Transcript {
        self.transcripts.get(&conversation).expect("a conversation that is shown")
    }

    #[must_use]
    pub fn is_visitors(&self) -> bool {
        matches!(self.who, Who::Visitor { .. })
    }

    /// An agent's session.
    #[must_use]
    pub fn signed_in(&self) -> Option<&Arc<SignedIn>> {
        match &self.who {
            Who::Visitor { .. } => None,
            Who::Agent(signed_in) => Some(signed_in),
        }
    }

    /// Who an agent is.
    #[must_use]
    pub fn agent_id(&self) -> Option<AgentId> {
        Some(self.ready.as_ref()?.agent.as_ref()?.id)
    }

    fn next_due(&self) -> Option<Instant> {
        let lanes = self.lanes.values().filter_map(Lane::due).min();
        let fetch = (self.fetching.is_none() && !self.wanted.is_empty()).then_some(self.fetch_due);
        lanes.into_iter().chain(fetch).min()
    }

    async fn send_due(&mut self) -> Result<(), Ended> {
        let Some(socket) = &mut self.socket else { return Err(Ended::default()) };
        let now = Instant::now();
        for lane in self.lanes.values_mut().filter(|lane| lane.due().is_some_and(|due| due <= now)) {
            let Some(command) = lane.front() else { continue };
            if !lane.is_in_flight {
                self.in_flight.now.fetch_add(1, Ordering::SeqCst);
            }
            lane.sent(now);
            socket.send(&Up::Command(Box::new(command))).await?;
        }
        if self.fetching.is_none()
            && self.fetch_due <= now
            && let Some(conversation) = self.wanted.pop_first()
        {
            let after = self.transcripts.entry(conversation).or_default().position();
            self.fetching = Some(conversation);
            socket.send(&Up::Fetch(Fetch { conversation, after, limit: None })).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, frame: Down) -> Result<Done, Ended> {
        match frame {
            Down::Ping(_) => {
                let Some(socket) = &mut self.socket else { return Err(Ended::default()) };
                socket.send(&Up::Pong(Nothing {})).await?;
                return Ok(Done::Nothing);
            }
            Down::Ok(outcome) => return Ok(self.hear_ok(outcome)),
            Down::No(refusal) => return Ok(self.hear_no(*refusal)),
            Down::Event(event) => {
                self.take((*event).clone());
                return Ok(Done::Frame(Box::new(Down::Event(event))));
            }
            Down::Heads(ref heads) => self.note_heads(&heads.heads),
            Down::Agent(ref state) => self.diary.stands(state),
            Down::Records(ref page) => {
                let conversation = page.head.conversation;
                self.fetching = None;
                self.pages += 1;
                if page.resync {
                    self.diary.began_anew(conversation);
                }
                let transcript = self.transcripts.entry(conversation).or_default();
                self.diary.read(conversation, transcript.take_page(page.clone()));
                if transcript.is_behind() {
                    self.wanted.insert(conversation);
                } else {
                    self.end_dispute(conversation);
                }
            }
            _ => {}
        }
        Ok(Done::Frame(Box::new(frame)))
    }

    fn hear_ok(&mut self, outcome: Outcome) -> Done {
        let Some(lane) = self.lanes.get_mut(&outcome.conversation) else { return Done::Nothing };
        if lane.is_empty() || lane.id() != outcome.command {
            return Done::Nothing;
        }
        self.answered(outcome.conversation);
        let lane = self.lanes.get_mut(&outcome.conversation).expect("it was there");
        let stood = outcome.conversation.and_then(|id| self.stood.get(&id)).copied();
        let was_stored = match outcome.made {
            Some(made) => stood.is_some_and(|stood| made.number <= stood),
            None => stood.is_some() && lane.front().is_some_and(|command| matches!(command.action, Action::Open(_))),
        };
        let is_repeat = lane.sends() > 1 && was_stored;
        let settled = lane.settle(Ok(outcome.clone()), is_repeat);
        let Some(settled) = settled else { return Done::Nothing };
        if let Some(event) = self.own_record(&settled.command.action, &outcome) {
            self.take(event);
        }
        self.diary.settled(&settled);
        Done::Settled(Box::new(settled))
    }

    /// `ok` stands in place of the event of one's own words.
    fn own_record(&self, action: &Action, outcome: &Outcome) -> Option<Event> {
        let by = match (&self.who, self.ready.as_ref()?.agent.as_ref()) {
            (Who::Visitor { .. }, _) => Author::Visitor,
            (Who::Agent(_), me) => me.map(|me| Author::Agent { id: me.id, name: me.name.clone() })?,
        };
        let said = |body: &str| Said { by, body: Body(body.to_owned()) };
        let what = match action {
            Action::Say(say) => RecordKind::Said(said(&say.body)),
            Action::Note(note) => RecordKind::Noted(said(&note.body)),
            _ => return None,
        };
        let made = outcome.made?;
        let command = Some(outcome.command);
        let record = Record { number: made.number, tail: made.tail, id: made.message, at: outcome.at, command, what };
        Some(Event { conversation: outcome.conversation?, before: made.before, record })
    }

    fn hear_no(&mut self, refusal: Refusal) -> Done {
        let wait = refusal.retry_after_ms.map_or(AGAIN_AFTER, Duration::from_millis);
        let Some(id) = refusal.command else {
            if refusal.conversation.is_some() && refusal.conversation == self.fetching {
                self.fetching = None;
                if refusal.retryable {
                    self.wanted.extend(refusal.conversation);
                    self.fetch_due = Instant::now() + wait;
                }
            }
            return Done::Frame(Box::new(Down::No(Box::new(refusal))));
        };
        // `already_open` names another conversation than the lane.
        let lane = self.lanes.iter().find(|(_, lane)| !lane.is_empty() && lane.id() == id).map(|(lane, _)| *lane);
        let Some(conversation) = lane else { return Done::Frame(Box::new(Down::No(Box::new(refusal)))) };
        self.answered(conversation);
        let lane = self.lanes.get_mut(&conversation).expect("it was there");
        match refusal.code {
            _ if refusal.retryable => {
                lane.again_after(wait);
                Done::Nothing
            }
            Code::Conflict | Code::OutOfOrder if conversation.is_some() => {
                lane.is_disputed = true;
                self.wanted.extend(conversation);
                Done::Nothing
            }
            _ => {
                let Some(settled) = lane.settle(Err(refusal), false) else { return Done::Nothing };
                self.diary.settled(&settled);
                Done::Settled(Box::new(settled))
            }
        }
    }

    fn answered(&mut self, lane: Option<ConversationId>) {
        if let Some(lane) = self.lanes.get_mut(&lane).filter(|lane| lane.is_in_flight) {
            lane.is_in_flight = false;
            self.in_flight.now.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn take(&mut self, event: Event) {
        let transcript = self.transcripts.entry(event.conversation).or_default();
        // Whoever is given a conversation hears of it in the middle, and reads what was before.
        let is_new = transcript.records.is_empty();
        match transcript.take(event.before, event.record.clone()) {
            Taken::Applied => self.diary.read(event.conversation, &[event.record]),
            Taken::Dropped => {}
            Taken::Gap => {
                if !is_new {
                    self.diary.missed(event.conversation);
                }
                self.wanted.insert(event.conversation);
            }
        }
    }

    fn note_heads(&mut self, heads: &[Head]) {
        for head in heads {
            if self.transcripts.entry(head.conversation).or_default().position() != head.position {
                self.wanted.insert(head.conversation);
            }
        }
    }

    /// The transcript is at its head and decides what of a disputed lane is stored.
    fn end_dispute(&mut self, conversation: ConversationId) {
        let Some(lane) = self.lanes.get_mut(&Some(conversation)).filter(|lane| lane.is_disputed) else { return };
        let is_stored = self.transcripts.get(&conversation).is_some_and(|shown| shown.of_command(lane.id()).is_some());
        if is_stored {
            let settled = lane.settle(Err(Refusal::of(Code::OutOfOrder)), false);
            settled.iter().for_each(|settled| self.diary.found_stored(settled));
        }
        lane.begin_anew();
    }
}
