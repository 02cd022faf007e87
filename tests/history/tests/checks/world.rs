//! A small gateway that makes no mistakes, with people who use all of it: the source of clean histories.

use crate::chance::Chance;
use history::{
    AgentRow, AgentRules, Answer, Audience, Call, ConversationRow, DeskRow, History, Operation, Phase, Principal, Site,
    Stored, TeamRules,
};
use protocol::{
    Action, AgentId, Assigned, Author, Body, ByAgent, Cause, Close, CloseReason, Closed, Code, Command, CommandId,
    ConversationId, Made, MessageId, Nothing, Number, Open, Opened, OutboxId, Record, RecordKind, Reopened, Said, Say,
    SetAccepting, SetCapacity, Status, Take, TeamId, VisitorId, Waiting,
};
use std::collections::BTreeMap;
use uuid::Uuid;

pub const MS: u64 = 1_000_000;
pub const SECOND: u64 = 1_000 * MS;
const OFFER_MS: u64 = 20_000;
const SITES: u32 = 2;
const TEAMS: u128 = 2;
const AGENTS: u32 = 3;
const VISITORS: u32 = 6;
/// Conversations in which something may still happen; older closed ones are left alone.
const LIVE_MAX: usize = 40;

/// How much happens, and whether something is broken meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub steps: usize,
    pub is_calm: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Offered(AgentId, u64),
    Assigned(AgentId),
    Closed,
}

#[derive(Debug)]
struct Chat {
    site: u32,
    id: ConversationId,
    row: ConversationRow,
    state: State,
    records: Vec<Stored>,
    public: u64,
    refused: Vec<(AgentId, u64)>,
    followers: Vec<u32>,
}

#[derive(Debug)]
struct Agent {
    row: AgentRow,
    teams: Vec<TeamId>,
    load: u32,
}

#[derive(Debug)]
pub struct World {
    chance: Chance,
    history: History,
    now: u64,
    ids: u128,
    chats: Vec<Chat>,
    /// Those in which something may still happen.
    live: Vec<usize>,
    agents: BTreeMap<AgentId, Agent>,
    visitors: Vec<(u32, VisitorId)>,
    ordinals: BTreeMap<(u32, Option<ConversationId>), u32>,
    shape: Shape,
}

/// A clean history of a seed.
pub fn history(seed: u64, shape: Shape) -> History {
    let mut world = World::open(seed, shape);
    for step in 0..shape.steps {
        world.step(step);
    }
    world.end()
}

/// The process of an agent or a visitor is the end of their id.
fn process(id: Uuid) -> u32 {
    u32::try_from(id.as_u128() & 0xffff).unwrap()
}

fn uuid(kind: u128, site: u32, index: u32) -> Uuid {
    Uuid::from_u128(kind << 64 | u128::from(site * 100 + index + 1))
}

pub fn team_of(site: u32, index: u128) -> TeamId {
    TeamId(Uuid::from_u128(3 << 64 | u128::from(site) << 8 | index))
}

impl World {
    fn open(seed: u64, shape: Shape) -> Self {
        let mut world = Self {
            chance: Chance(seed),
            history: History::default(),
            now: SECOND,
            ids: 1 << 96,
            chats: Vec::new(),
            live: Vec::new(),
            agents: BTreeMap::new(),
            visitors: Vec::new(),
            ordinals: BTreeMap::new(),
            shape,
        };
        for site in 0..SITES {
            world.open_site(site);
        }
        world
    }

    fn open_site(&mut self, site: u32) {
        // The first team assigns at once, the second offers.
        let rules = |index| TeamRules { offer_ms: (index == 1).then_some(OFFER_MS), ..TeamRules::default() };
        let teams: BTreeMap<_, _> = (0..TEAMS).map(|index| (team_of(site, index), rules(index))).collect();
        let all: Vec<TeamId> = teams.keys().copied().collect();
        let mut agents = BTreeMap::new();
        for index in 0..AGENTS {
            let agent = AgentId(uuid(1, site, 50 + index));
            let mine = if index == 0 { all.clone() } else { vec![all[index as usize % all.len()]] };
            agents.insert(agent, AgentRules { teams: mine.iter().copied().collect(), ..AgentRules::default() });
            let capacity = 1 + index % 2;
            let (from, status) = (self.now, Status::Online);
            let row = AgentRow { site, from, agent, enabled: true, status, accepting: true, capacity };
            self.history.truth.agents.push(row);
            self.agents.insert(agent, Agent { row, teams: mine, load: 0 });
            self.connect(site, process(agent.0), Principal::Agent(agent));
        }
        for index in 0..VISITORS {
            let visitor = VisitorId(uuid(2, site, index));
            self.visitors.push((site, visitor));
            self.connect(site, process(visitor.0), Principal::Visitor(visitor));
        }
        let canary = Some(format!("canary-{site}"));
        self.history.sites.push(Site { site, canary, teams, agents, open_max: 1, preferred_ms: 0, relax_ms: None });
        self.history.truth.desks.push(DeskRow { site, from: self.now, epoch: 1, phase: Phase::Serving });
    }

    fn connect(&mut self, site: u32, process: u32, principal: Principal) {
        self.push(process, site, Call::Connect { principal }, self.now);
    }

    fn push(&mut self, process: u32, site: u32, call: Call, invoked: u64) {
        let completed = Some(self.now);
        self.history.operations.push(Operation { process, site, call, invoked, completed });
    }

    fn step(&mut self, step: usize) {
        let until = self.now + (1 + self.chance.below(1_500) as u64) * MS;
        self.pass_until(until);
        if !self.shape.is_calm && step == self.shape.steps / 3 {
            self.push(0, 0, Call::Fault { name: "wire cut".into(), took_effect: true, felt_by: None }, self.now);
        }
        if !self.shape.is_calm && step == self.shape.steps / 2 {
            self.push(0, 0, Call::Heal { name: "wire cut".into() }, self.now);
        }
        match self.chance.below(8) {
            0 | 1 => self.visitor_opens(),
            2 | 3 => self.visitor_says(),
            4 | 5 => self.agent_speaks(),
            6 => self.agent_moves(),
            _ => self.agent_sets(),
        }
        self.assign();
    }

    fn visitor_opens(&mut self) {
        let all = self.visitors.clone();
        let Some((site, visitor)) = self.chance.pick(&all) else { return };
        if self.has_open(visitor) {
            return;
        }
        let id = ConversationId(self.id());
        let team = team_of(site, self.chance.below(2) as u128);
        let (from, arrival) = (self.now, self.chats.len() as u64);
        let row = ConversationRow {
            site,
            from,
            conversation: id,
            visitor,
            team: Some(team),
            priority: 0,
            arrival,
            prefers: None,
            language: None,
        };
        self.history.truth.conversations.push(row.clone());
        let followers = vec![process(visitor.0)];
        let (state, records, refused) = (State::Waiting, Vec::new(), Vec::new());
        self.chats.push(Chat { site, id, row, state, records, public: 0, refused, followers });
        let chat = self.chats.len() - 1;
        self.live.push(chat);
        let oldest = self.live.iter().position(|chat| self.chats[*chat].state == State::Closed);
        if let Some(oldest) = oldest.filter(|_| self.live.len() > LIVE_MAX) {
            self.live.remove(oldest);
        }
        let body = self.words(site);
        let author = Principal::Visitor(visitor);
        let action = Action::Open(Box::new(Open { team: Some(team), body: Some(body.clone()), ..Open::default() }));
        let command = self.command(author, Some(id), action);
        let opened = RecordKind::Opened(Opened { team: Some(team), offline: false });
        self.record(chat, opened, Some((author, command.id)));
        self.record(chat, RecordKind::Said(Said { by: Author::Visitor, body: Body(body) }), Some((author, command.id)));
        self.answer(author, site, command, None);
    }

    fn has_open(&self, visitor: VisitorId) -> bool {
        let open = |chat: &Chat| chat.row.visitor == visitor && chat.state != State::Closed;
        self.live.iter().any(|chat| open(&self.chats[*chat]))
    }

    fn visitor_says(&mut self) {
        let Some(chat) = self.any_chat(|_| true) else { return };
        let author = Principal::Visitor(self.chats[chat].row.visitor);
        if self.chats[chat].state == State::Closed {
            let visitor = self.chats[chat].row.visitor;
            if self.has_open(visitor) {
                return;
            }
            let action = Action::Reopen(Nothing {});
            let command = self.command(author, Some(self.chats[chat].id), action);
            let what = RecordKind::Reopened(Reopened { by: Author::Visitor });
            self.record(chat, what, Some((author, command.id)));
            let row = &mut self.chats[chat].row;
            (row.from, row.arrival) = (self.now, self.history.truth.conversations.len() as u64 + 1_000);
            let (row, team) = (row.clone(), row.team);
            self.history.truth.conversations.push(row);
            self.record(chat, RecordKind::Waiting(Waiting { team, cause: Cause::Reopened }), None);
            self.set(chat, State::Waiting);
            return self.answer(author, self.chats[chat].site, command, None);
        }
        self.say(chat, author, Author::Visitor, false);
    }

    fn agent_speaks(&mut self) {
        let Some(chat) = self.any_chat(|chat| matches!(chat.state, State::Assigned(_))) else { return };
        let State::Assigned(agent) = self.chats[chat].state else { return };
        let is_note = self.chance.one_in(3);
        let by = Author::Agent { id: agent, name: "Ada".into() };
        self.say(chat, Principal::Agent(agent), by, is_note);
        // And a word where they may not.
        let Some(other) = self.any_chat(|chat| matches!(chat.state, State::Assigned(_))) else { return };
        if self.chats[other].site == self.chats[chat].site && self.chats[other].state != State::Assigned(agent) {
            let body = self.words(self.chats[other].site);
            let author = Principal::Agent(agent);
            let command = self.command(author, Some(self.chats[other].id), Action::Say(Say { body }));
            let call = Call::Command { command, sends: 1, answer: Answer::No { code: Code::Stale } };
            self.push(process(agent.0), self.chats[other].site, call, self.now);
        }
    }

    fn agent_moves(&mut self) {
        let Some(chat) = self.any_chat(|chat| !matches!(chat.state, State::Closed)) else { return };
        let site = self.chats[chat].site;
        let agents: Vec<AgentId> = self.agents.iter().filter(|(_, a)| a.row.site == site).map(|(id, _)| *id).collect();
        let lane = Some(self.chats[chat].id);
        match self.chats[chat].state {
            State::Offered(agent, _) if self.chance.one_in(3) => {
                self.act(chat, agent, lane, Action::Decline(Nothing {}), RecordKind::Declined(ByAgent { agent }));
                self.refuse(chat, agent);
                self.set(chat, State::Waiting);
            }
            State::Offered(agent, _) => {
                let what = assigned(agent, Cause::Accepted);
                self.act(chat, agent, lane, Action::Accept(Nothing {}), what);
                self.set(chat, State::Assigned(agent));
            }
            State::Assigned(agent) if self.chance.one_in(3) => {
                let Some(taker) = self.chance.pick(&agents).filter(|taker| *taker != agent) else { return };
                self.follow(chat, taker);
                let action = Action::Take(Take { from: Some(agent) });
                self.act(chat, taker, lane, action, assigned(taker, Cause::Taken));
                self.set(chat, State::Assigned(taker));
            }
            State::Assigned(agent) => {
                let by = Author::Agent { id: agent, name: "Ada".into() };
                let reason = CloseReason::Solved;
                let what = RecordKind::Closed(Closed { by, reason });
                self.act(chat, agent, lane, Action::Close(Close { reason }), what);
                self.set(chat, State::Closed);
            }
            State::Waiting | State::Closed => {}
        }
    }

    /// An agent accepts conversations again, or another number of them.
    fn agent_sets(&mut self) {
        let all: Vec<AgentId> = self.agents.keys().copied().collect();
        let Some(agent) = self.chance.pick(&all) else { return };
        let capacity = 1 + u32::try_from(self.chance.below(3)).unwrap();
        let mut row = self.agents[&agent].row;
        let action = if row.accepting {
            row.capacity = capacity;
            Action::Capacity(SetCapacity { capacity })
        } else {
            row.accepting = true;
            Action::Accepting(SetAccepting { accepting: true })
        };
        row.from = self.now;
        self.set_row(row);
        let command = self.command(Principal::Agent(agent), None, action);
        self.answer(Principal::Agent(agent), row.site, command, None);
    }

    fn set_row(&mut self, row: AgentRow) {
        self.history.truth.agents.push(row);
        self.agents.get_mut(&row.agent).unwrap().row = row;
    }

    fn any_chat(&mut self, fits: impl Fn(&Chat) -> bool) -> Option<usize> {
        let chats: Vec<usize> = self.live.iter().copied().filter(|at| fits(&self.chats[*at])).collect();
        self.chance.pick(&chats)
    }

    fn act(&mut self, chat: usize, agent: AgentId, lane: Option<ConversationId>, action: Action, what: RecordKind) {
        let author = Principal::Agent(agent);
        let command = self.command(author, lane, action);
        self.record(chat, what, Some((author, command.id)));
        self.answer(author, self.chats[chat].site, command, None);
    }

    fn say(&mut self, chat: usize, author: Principal, by: Author, is_note: bool) {
        let site = self.chats[chat].site;
        let body = self.words(site);
        let said = Said { by, body: Body(body.clone()) };
        let (action, what) = match is_note {
            true => (Action::Note(Say { body }), RecordKind::Noted(said)),
            false => (Action::Say(Say { body }), RecordKind::Said(said)),
        };
        let command = self.command(author, Some(self.chats[chat].id), action);
        if !self.shape.is_calm && self.chance.one_in(12) {
            // The answer is lost, and so was the command, or not.
            if self.chance.one_in(2) {
                self.record(chat, what, Some((author, command.id)));
            }
            let call = Call::Command { command, sends: 1, answer: Answer::Unknown };
            self.history.operations.push(Operation {
                process: self.process_of(author),
                site,
                call,
                invoked: self.now - MS / 2,
                completed: None,
            });
            return;
        }
        let made = self.record(chat, what, Some((author, command.id)));
        self.answer(author, site, command, Some(made));
    }

    fn process_of(&self, author: Principal) -> u32 {
        match author {
            Principal::Visitor(visitor) => process(visitor.0),
            Principal::Agent(agent) => process(agent.0),
        }
    }

    fn command(&mut self, author: Principal, lane: Option<ConversationId>, action: Action) -> Command {
        let process = self.process_of(author);
        let ordinal = self.ordinals.entry((process, lane)).or_default();
        *ordinal += 1;
        let outbox = OutboxId(Uuid::from_u128(5 << 64 | u128::from(process)));
        Command { id: CommandId { outbox, ordinal: *ordinal }, conversation: lane, action }
    }

    fn answer(&mut self, author: Principal, site: u32, command: Command, made: Option<(Made, Made)>) {
        let made = made.map(|(full, public)| if matches!(author, Principal::Visitor(_)) { public } else { full });
        let answer = Answer::Ok { at: self.now / MS, made };
        let (process, invoked) = (self.process_of(author), self.now - MS / 2);
        self.push(process, site, Call::Command { command: command.clone(), sends: 1, answer }, invoked);
        if !self.shape.is_calm && self.chance.one_in(10) {
            self.push(process, site, Call::Command { command, sends: 2, answer }, invoked);
        }
    }

    /// Stores a record, and shows it to whoever follows. Gives its positions in both numberings.
    fn record(&mut self, chat: usize, what: RecordKind, by: Option<(Principal, CommandId)>) -> (Made, Made) {
        let id = MessageId(self.id());
        let tail = u32::try_from(self.chance.draw() >> 32).unwrap();
        let is_hidden = matches!(
            what,
            RecordKind::Noted(_) | RecordKind::Offered(_) | RecordKind::Declined(_) | RecordKind::Lapsed(_)
        );
        let place = &mut self.chats[chat];
        place.public += u64::from(!is_hidden);
        let number = Number(place.records.len() as u64 + 1);
        let public = (!is_hidden).then_some(Number(place.public));
        let (at, command) = (self.now / MS, by.map(|(_, command)| command));
        let stored = Stored {
            site: place.site,
            conversation: place.id,
            record: Record { number, tail, id, at, command, what },
            public,
            author: by.map(|(author, _)| author),
            epoch: Some(1),
            committed: self.now,
        };
        place.records.push(stored.clone());
        self.history.truth.records.push(stored.clone());
        for process in self.chats[chat].followers.clone() {
            let is_visitor = process % 100 <= VISITORS;
            let number = if is_visitor { public } else { Some(number) };
            let Some(number) = number else { continue };
            let own = by.is_some_and(|(author, _)| self.process_of(author) == process);
            let command = command.filter(|_| own);
            let call = Call::Read {
                conversation: stored.conversation,
                audience: if is_visitor { Audience::Visitor } else { Audience::Agent },
                records: vec![Record { number, command, ..stored.record.clone() }],
                last: false,
            };
            self.push(process, stored.site, call, self.now);
        }
        let made = Made { message: id, number, tail, before: 0 };
        (made, Made { number: public.unwrap_or(number), ..made })
    }

    fn words(&mut self, site: u32) -> String {
        let number = self.history.truth.records.len() + self.history.operations.len();
        if self.chance.one_in(5) { format!("canary-{site} {number}") } else { format!("word {number}") }
    }

    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    /// Puts a conversation into another state, and counts the load.
    fn set(&mut self, chat: usize, state: State) {
        let served = |state| match state {
            State::Offered(agent, _) | State::Assigned(agent) => Some(agent),
            State::Waiting | State::Closed => None,
        };
        let before = std::mem::replace(&mut self.chats[chat].state, state);
        if let Some(agent) = served(before) {
            self.agents.get_mut(&agent).unwrap().load -= 1;
        }
        if let Some(agent) = served(state) {
            self.agents.get_mut(&agent).unwrap().load += 1;
        }
    }

    fn refuse(&mut self, chat: usize, agent: AgentId) {
        let until = self.now + 60 * SECOND;
        self.chats[chat].refused.push((agent, until));
    }

    /// What falls due until then: offers lapse, and agents may be asked again.
    fn pass_until(&mut self, until: u64) {
        while let Some(at) = self.live.iter().flat_map(|at| self.due(&self.chats[*at])).filter(|at| *at <= until).min()
        {
            self.now = at;
            for chat in self.live.clone() {
                match self.chats[chat].state {
                    State::Offered(agent, since) if since + OFFER_MS * MS <= at => self.lapse(chat, agent),
                    State::Offered(..) | State::Waiting | State::Assigned(_) | State::Closed => {}
                }
            }
            self.assign();
        }
        self.now = until;
    }

    fn due(&self, chat: &Chat) -> Vec<u64> {
        let offer = match chat.state {
            State::Offered(_, since) => Some(since + OFFER_MS * MS),
            State::Waiting | State::Assigned(_) | State::Closed => None,
        };
        let refused = chat.refused.iter().map(|(_, until)| *until);
        refused.chain(offer).filter(|at| *at > self.now).collect()
    }

    fn lapse(&mut self, chat: usize, agent: AgentId) {
        self.record(chat, RecordKind::Lapsed(ByAgent { agent }), None);
        self.refuse(chat, agent);
        self.set(chat, State::Waiting);
        let row = AgentRow { from: self.now, accepting: false, ..self.agents[&agent].row };
        self.set_row(row);
    }

    fn follow(&mut self, chat: usize, agent: AgentId) {
        let process = process(agent.0);
        if !self.chats[chat].followers.contains(&process) {
            self.chats[chat].followers.push(process);
        }
    }

    /// Gives those who wait to agents who fit, in the order of the line.
    fn assign(&mut self) {
        let mut line: Vec<usize> =
            self.live.iter().copied().filter(|at| self.chats[*at].state == State::Waiting).collect();
        line.sort_by_key(|at| self.chats[*at].row.arrival);
        for chat in line {
            let (team, now) = (self.chats[chat].row.team.unwrap(), self.now);
            let refused = &self.chats[chat].refused;
            let fits = |agent: &Agent| {
                agent.row.accepting
                    && agent.load < agent.row.capacity
                    && agent.teams.contains(&team)
                    && !refused.iter().any(|(other, until)| *other == agent.row.agent && now < *until)
            };
            let Some(agent) = self.agents.values().filter(|agent| fits(agent)).min_by_key(|agent| agent.load) else {
                continue;
            };
            let agent = agent.row.agent;
            self.follow(chat, agent);
            if team == team_of(self.chats[chat].site, 1) {
                self.record(chat, RecordKind::Offered(ByAgent { agent }), None);
                self.set(chat, State::Offered(agent, now));
            } else {
                self.record(chat, assigned(agent, Cause::Routed), None);
                self.set(chat, State::Assigned(agent));
            }
        }
    }

    /// The final quiet read of each conversation, by its visitor and by an agent, on new pages.
    fn end(mut self) -> History {
        self.now += 10 * MS;
        for chat in 0..self.chats.len() {
            let visitor = self.chats[chat].row.visitor;
            let site = self.chats[chat].site;
            let agent = *self.agents.iter().find(|(_, agent)| agent.row.site == site).unwrap().0;
            for principal in [Principal::Visitor(visitor), Principal::Agent(agent)] {
                self.read(chat, principal);
            }
        }
        self.history
    }

    fn read(&mut self, chat: usize, principal: Principal) {
        let (site, conversation) = (self.chats[chat].site, self.chats[chat].id);
        let audience = match principal {
            Principal::Visitor(_) => Audience::Visitor,
            Principal::Agent(_) => Audience::Agent,
        };
        let seen = |stored: &Stored| {
            let number = match audience {
                Audience::Visitor => stored.public?,
                Audience::Agent => stored.record.number,
            };
            let command = stored.record.command.filter(|_| stored.author == Some(principal));
            Some(Record { number, command, ..stored.record.clone() })
        };
        let records = self.chats[chat].records.iter().filter_map(seen).collect();
        let process = 10_000 + u32::try_from(self.history.operations.len()).unwrap();
        self.connect(site, process, principal);
        self.push(process, site, Call::Read { conversation, audience, records, last: true }, self.now);
    }
}

fn assigned(agent: AgentId, cause: Cause) -> RecordKind {
    RecordKind::Assigned(Assigned { agent, name: "Ada".into(), cause })
}
