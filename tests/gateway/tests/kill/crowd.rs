//! Visitors and agents who talk in volleys, and come back by themselves when the gateway is gone.

use gateway_tests::{Chance, Client, Done, Ended, InFlight, Place, Server, Settled, Who};
use protocol::{Action, Close, CloseReason, ConversationId, Open, RecordKind, Say};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Commands of one lane that are not settled; more would only be answered later.
const UNSETTLED_MAX: usize = 3;
/// For everybody to come back: each tries again after at most this.
const BACK_OFF_MS_MAX: u64 = 60;
const TIME_MAX: Duration = Duration::from_secs(60);

/// What all are asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// Say something now.
    Talk(u64),
    /// Say nothing more, and stop once all is settled.
    Settle,
}

/// What people come for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Visitors talk on, agents answer everybody they have, and meddle.
    Talk,
    /// Visitors ask once, agents answer one after another and close.
    Serve,
}

/// How many there are of whom, and how they are.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub visitors: usize,
    pub agents: usize,
    /// Of each agent.
    pub capacity: u32,
    pub habit: Habit,
}

/// Conversations that were opened, for agents who meddle.
type Conversations = Arc<Mutex<Vec<ConversationId>>>;

/// A visitor with one conversation, or an agent with those assigned to them.
pub struct Person {
    pub client: Client,
    pub settled: Vec<Settled>,
    chance: Chance,
    said: u64,
    name: String,
    conversations: Conversations,
    habit: Habit,
}

impl Person {
    fn new(client: Client, name: String, chance: Chance, conversations: &Conversations, habit: Habit) -> Self {
        let conversations = Arc::clone(conversations);
        Self { client, settled: Vec::new(), chance, said: 0, name, conversations, habit }
    }

    pub fn is_visitor(&self) -> bool {
        self.client.is_visitors()
    }

    /// Words that nobody else says.
    fn words(&mut self) -> String {
        self.said += 1;
        format!("{} says {}", self.name, self.said)
    }

    async fn talk(&mut self) -> Result<(), Ended> {
        match (self.habit, self.is_visitor()) {
            (Habit::Serve, true) if !self.client.lanes.is_empty() => Ok(()),
            (Habit::Serve | Habit::Talk, true) => self.talk_as_visitor().await,
            (Habit::Serve, false) => self.serve().await,
            (Habit::Talk, false) => self.talk_as_agent().await,
        }
    }

    /// The last word to whoever they have had longest.
    async fn serve(&mut self) -> Result<(), Ended> {
        let ids = self.client.transcripts.keys().copied();
        let Some(id) = ids.filter(|id| self.is_mine(*id)).min() else { return Ok(()) };
        let body = self.words();
        self.put(Some(id), Action::Say(Say { body })).await?;
        self.put(Some(id), Action::Close(Close { reason: CloseReason::Solved })).await
    }

    async fn talk_as_visitor(&mut self) -> Result<(), Ended> {
        let body = self.words();
        if let Some(id) = self.client.lanes.keys().next().copied() {
            return self.put(id, Action::Say(Say { body })).await;
        }
        let id = gateway_tests::conversation_id();
        self.conversations.lock().unwrap().push(id);
        let open = Open { body: Some(body), ..Open::default() };
        self.put(Some(id), Action::Open(Box::new(open))).await
    }

    /// A word or a note in each of their own conversations, and a word where they may not.
    async fn talk_as_agent(&mut self) -> Result<(), Ended> {
        let mine: Vec<_> = self.client.transcripts.keys().copied().filter(|id| self.is_mine(*id)).collect();
        for id in mine {
            let body = self.words();
            let action = if self.chance.one_in(4) { Action::Note(Say { body }) } else { Action::Say(Say { body }) };
            self.put(Some(id), action).await?;
        }
        let others = {
            let all = self.conversations.lock().unwrap();
            all.get(usize::try_from(self.chance.below(all.len() as u64)).unwrap()).copied()
        };
        match others.filter(|id| !self.is_mine(*id)) {
            Some(id) => {
                let body = self.words();
                self.put(Some(id), Action::Say(Say { body })).await
            }
            None => Ok(()),
        }
    }

    fn is_mine(&self, id: ConversationId) -> bool {
        let records = self.client.transcripts.get(&id).map(|shown| shown.records.iter().rev());
        let holder = records.into_iter().flatten().find_map(|record| match &record.what {
            RecordKind::Assigned(assigned) => Some(Some(assigned.agent)),
            RecordKind::Closed(_) => Some(None),
            _ => None,
        });
        holder.flatten().is_some_and(|holder| Some(holder) == self.client.agent_id())
    }

    async fn put(&mut self, lane: Option<ConversationId>, action: Action) -> Result<(), Ended> {
        if self.client.lanes.get(&lane).is_some_and(|lane| lane.len() >= UNSETTLED_MAX) {
            return Ok(());
        }
        self.client.put(lane, action).await
    }

    /// Lives until all is settled, over all ends of sockets and processes.
    async fn live(mut self, mut wishes: watch::Receiver<Wish>, there: watch::Sender<usize>) -> Self {
        loop {
            if self.client.connect().await.is_err() {
                self.client.drop_socket();
                tokio::time::sleep(Duration::from_millis(self.chance.below(BACK_OFF_MS_MAX))).await;
                continue;
            }
            there.send_modify(|there| *there += 1);
            let settled = self.live_once(&mut wishes).await;
            there.send_modify(|there| *there -= 1);
            if settled {
                return self;
            }
        }
    }

    /// Lives on one socket; true when all is settled.
    async fn live_once(&mut self, wishes: &mut watch::Receiver<Wish>) -> bool {
        loop {
            if *wishes.borrow() == Wish::Settle && self.client.unsettled() == 0 {
                return true;
            }
            let alive = tokio::select! {
                heard = self.client.wait() => self.client.handle(heard).await.map(|done| self.note(done)),
                wish = next(wishes) => match wish {
                    Some(Wish::Talk(_)) => self.talk().await,
                    Some(Wish::Settle) | None => Ok(()),
                },
            };
            if alive.is_err() {
                self.client.drop_socket();
                return false;
            }
        }
    }

    fn note(&mut self, done: Done) {
        if let Done::Settled(settled) = done {
            self.settled.push(*settled);
        }
    }

    /// Waits until all that was said is settled.
    pub async fn settle(&mut self) {
        while self.client.unsettled() > 0 {
            let done = self.client.step().await.expect("the socket stays");
            self.note(done);
        }
    }

    /// Talks on one socket until the gateway closes it, and says how.
    pub async fn talk_to_the_end(mut self, mut wishes: watch::Receiver<bool>) -> (Self, Ended) {
        loop {
            let alive = tokio::select! {
                heard = self.client.wait() => self.client.handle(heard).await.map(|done| self.note(done)),
                Some(true) = next(&mut wishes) => self.talk().await,
            };
            if let Err(ended) = alive {
                return (self, ended);
            }
        }
    }
}

/// The next wish; none when nobody is left to wish.
async fn next<T: Copy>(wishes: &mut watch::Receiver<T>) -> Option<T> {
    wishes.changed().await.ok()?;
    Some(*wishes.borrow_and_update())
}

/// All of them, each in a task.
pub struct Crowd {
    pub in_flight: Arc<InFlight>,
    people: Vec<JoinHandle<Person>>,
    wishes: watch::Sender<Wish>,
    there: watch::Receiver<usize>,
}

impl Crowd {
    /// They connect, visitors open a conversation each, and agents are assigned them.
    pub async fn gather(server: &Server, sizes: Sizes, chance: &mut Chance) -> Self {
        let in_flight = Arc::new(InFlight::default());
        let (wishes, asked) = watch::channel(Wish::Talk(0));
        let (there_tx, there) = watch::channel(0);
        let people = people(server, sizes, chance, &in_flight).await;
        let live = |person: Person| tokio::spawn(person.live(asked.clone(), there_tx.clone()));
        let crowd = Self { in_flight, people: people.into_iter().map(live).collect(), wishes, there };
        crowd.all_there().await;
        crowd
    }

    /// Waits until everybody is connected.
    pub async fn all_there(&self) {
        let all = self.people.len();
        let mut there = self.there.clone();
        let coming = timeout(TIME_MAX, there.wait_for(|there| *there == all)).await;
        assert!(coming.is_ok(), "{} of {all} came back", *self.there.borrow());
    }

    /// Everybody says something.
    pub fn volley(&self) {
        self.wishes.send_modify(|wish| {
            let Wish::Talk(volley) = wish else { return };
            *volley += 1;
        });
    }

    /// Waits until all that was said is settled.
    pub async fn settle(self) -> Vec<Person> {
        self.wishes.send_replace(Wish::Settle);
        let mut people = Vec::new();
        for person in self.people {
            let settled = timeout(TIME_MAX, person).await.expect("all commands are settled in the end");
            people.push(settled.unwrap());
        }
        people
    }
}

/// People who have not connected.
pub async fn people(server: &Server, sizes: Sizes, chance: &mut Chance, in_flight: &Arc<InFlight>) -> Vec<Person> {
    let Sizes { visitors, agents, capacity, habit } = sizes;
    let place: Place = server.place("shop");
    let conversations = Conversations::default();
    let mut people = Vec::new();
    for index in 0..agents {
        let signed_in = server.sign_in("shop", &format!("agent{index}@shop.example"), "Ada", capacity).await;
        let client = Client::new(&place, Who::Agent(signed_in)).counted(in_flight);
        people.push(Person::new(client, format!("agent {index}"), Chance::new(chance.draw()), &conversations, habit));
    }
    for index in 0..visitors {
        let client = Client::new(&place, Who::Visitor { token: None }).counted(in_flight);
        people.push(Person::new(client, format!("visitor {index}"), Chance::new(chance.draw()), &conversations, habit));
    }
    people
}
