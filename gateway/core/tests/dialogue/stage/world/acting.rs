//! Acting: what one line does to the world.

use super::*;
use protocol::Code;

impl World {
    /// Plays one line.
    #[expect(clippy::disallowed_macros, clippy::print_stderr, reason = "whoever reads the failure looks for the line")]
    pub fn line(&mut self, line: &str) {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.try_line(line)));
        if let Err(panic) = outcome {
            eprintln!("at the line: {line}");
            std::panic::resume_unwind(panic);
        }
    }

    fn try_line(&mut self, line: &str) {
        if line.starts_with('#') || self.set_up(line) {
            return;
        }
        if self.desk.is_none() {
            self.open();
        }
        if !self.claim(line) {
            self.told.clear();
            self.stored.clear();
            self.appends = 0;
            self.act(line);
        }
    }

    /// Lines about the site, before the desk opens and after.
    fn set_up(&mut self, line: &str) -> bool {
        if line.starts_with("row ") {
            super::super::rows::put(line, self.store_now(), &mut self.store, &mut self.names);
            return true;
        }
        if !self.site.line(line, &mut self.names) {
            return false;
        }
        if self.desk.is_some() {
            self.told.clear();
            let settings = self.site.settings(&mut self.names);
            self.turn(vec![Input::Settings(Box::new(settings))]);
        }
        true
    }

    fn claim(&mut self, line: &str) -> bool {
        if let Some((label, claim)) = line.split_once(" < ") {
            let nothing = Vec::new();
            expect::told(label, claim, self.told.get(label).unwrap_or(&nothing));
            return true;
        }
        let mut words = Words::of(line);
        match words.next() {
            "line" => expect::line(&mut words, &self.store),
            "wakes" => expect::wakes(&mut words, &self.store, self.store_now()),
            "outboxes" => {
                let lane_none = self.store.outboxes.keys().filter(|(lane, _)| lane.is_none()).count();
                assert_eq!(lane_none, words.number::<usize>(), "rows of lane none in the store");
            }
            "stored" => assert_eq!(self.stored, words.rest(), "kinds of the records just stored"),
            "appends" => assert_eq!(self.appends, words.number::<usize>(), "appends of the last action"),
            "idle" => assert!(self.desk.as_ref().is_some_and(Desk::is_idle), "the desk may go"),
            "busy" => assert!(!self.desk.as_ref().is_some_and(Desk::is_idle), "the desk may not go"),
            name if name.starts_with('c') && words.take("is") => expect::conversation(name, &mut words, &self.store),
            name if name.starts_with('c') && words.take("has") => {
                expect::has(name, &mut words, &self.store, &self.names);
            }
            name if names::is_agent(name) && words.take("is") => expect::agent(name, &mut words, &self.store),
            _ => return false,
        }
        true
    }

    fn act(&mut self, line: &str) {
        match line {
            "the desk reopens" => return self.reopen(),
            "the node restarts" => return self.restart(),
            "the desk reopens among peers" => {
                self.opening = true;
                return self.reopen();
            }
            "the node restarts among peers" => {
                self.opening = true;
                return self.restart();
            }
            "the roll is called" => return self.call_roll(Vec::new()),
            "the roll is called before a1 is heard" => {
                let join = self.join("a1", Words::of(""));
                return self.call_roll(vec![join]);
            }
            "loads wait" => return self.loads = Loads::Held,
            "loads fail" => return self.loads = Loads::Failing,
            "the first load goes on" => {
                let first = self.held.remove(0);
                return self.turn(vec![first]);
            }
            "the last load goes on" => {
                let last = self.held.pop().expect("a load waits");
                return self.turn(vec![last]);
            }
            _ => {}
        }
        if let Some(rest) = line.strip_prefix("lost: ") {
            self.fate = Fate::Lost;
            self.act(rest);
            self.fate = Fate::Stored;
            return;
        }
        if let Some(rest) = line.strip_prefix("unheard: ") {
            self.fate = Fate::Unheard;
            self.act(rest);
            self.fate = Fate::Stored;
            return;
        }
        if line.ends_with(" pass") || line.ends_with(" passes") {
            let ms = Words::of(line).duration();
            return self.pass(ms);
        }
        if line == "a rival desk opens" {
            self.store.epoch += 1;
            return;
        }
        if let Some((code, rest)) = line.strip_prefix("refused ").and_then(|rest| rest.split_once(": ")) {
            return self.give_up(code, rest);
        }
        let inputs = line.split(" && ").flat_map(|part| self.inputs(part)).collect();
        self.turn(inputs);
    }

    /// `refused unstorable: v1 says c1`: the shell gave up on a command.
    fn give_up(&mut self, code: &str, line: &str) {
        let code = *Code::ALL.iter().find(|known| known.name() == code).expect("a code");
        let (input, now) = (self.input(line).expect("a command that is sent"), self.now());
        self.desk.as_mut().expect("the desk is open").handle_refused(input, code, now);
        self.turn(Vec::new());
    }

    /// Time goes by; the desk is called whenever it asked to be.
    fn pass(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        for _ in 0..TURNS_MAX {
            self.turn(Vec::new());
            match self.desk.as_ref().and_then(Desk::poll_timeout) {
                Some(Instant(at)) if at <= end => self.now_ms = self.now_ms.max(at),
                Some(_) | None => {
                    self.now_ms = end;
                    return self.turn(Vec::new());
                }
            }
        }
        panic!("deadlines do not end");
    }

    fn inputs(&mut self, part: &str) -> Vec<Input> {
        if part == "loads go on" {
            self.loads = Loads::Answered;
            return std::mem::take(&mut self.held);
        }
        self.input(part).into_iter().collect()
    }

    /// One thing that somebody does, as an input of the desk; none for a command that a page would hold back.
    fn input(&mut self, line: &str) -> Option<Input> {
        let (words, text) = script::cut(line);
        let mut words = Words::of(words);
        let label = words.next().to_owned();
        let verb = words.next().to_owned();
        match verb.as_str() {
            "joins" => return Some(self.join(&label, words)),
            "leaves" => return Some(self.leave(&label)),
            "must" => return Some(Input::SendAway { socket: self.client(&label).socket }),
            "repeats" => return self.repeat(&label, words, text),
            _ => {}
        }
        let client = self.client(&label).clone();
        if let Some(wanted) = script::command(&verb, &mut words, text, &mut self.names) {
            let id = self.command_id(&label, wanted.lane, wanted.id);
            let command = Command { id, conversation: wanted.lane, action: wanted.action };
            return self.send(&label, command, wanted.message);
        }
        let input = script::deed(&verb, &mut words, client.socket, client.principal);
        if let Some(Input::Watch { view, .. }) = &input {
            self.client(&label).watches.insert(*view);
        }
        if let Some(Input::Unwatch { view, .. }) = &input {
            let view = *view;
            self.client(&label).watches.remove(&view);
            self.client(&label).lists.remove(&view);
        }
        Some(input.unwrap_or_else(|| panic!("{verb} is no verb")))
    }

    /// Sends a command, unless another of the same id is unanswered: a page sends one at a time.
    fn send(&mut self, label: &str, command: Command, message: Option<String>) -> Option<Input> {
        let client = self.client(label).clone();
        let in_flight = |sent: &Sent| sent.label == label && sent.command.id == command.id && sent.answer.is_none();
        if self.sent.iter().any(|sent| in_flight(sent) && sent.command != command) {
            return None;
        }
        self.sent.push(Sent { label: label.to_owned(), command: command.clone(), message, answer: None });
        if !self.labels.contains_key(&client.socket) {
            self.answer_none(label);
        }
        Some(Input::Command { socket: client.socket, principal: client.principal, command: Box::new(command) })
    }

    /// `v1 repeats 3`: sends the third command of the dialogue again; `v1 repeats` the last of its own.
    /// With a text, other content under the same id.
    fn repeat(&mut self, label: &str, mut words: Words<'_>, text: Option<String>) -> Option<Input> {
        let index = if words.is_empty() {
            self.sent.iter().rposition(|sent| sent.label == label).expect("it has sent something")
        } else {
            words.number::<usize>() - 1
        };
        let sent = self.sent[index].clone();
        let mut command = sent.command;
        if let Some(body) = text {
            command.action = protocol::Action::Say(protocol::Say { body });
        }
        self.send(label, command, None)
    }

    /// The next ordinal of the tab's outbox in a lane, which its row tells; or the one that is named.
    fn command_id(&mut self, label: &str, lane: Option<ConversationId>, named: Option<(String, u32)>) -> CommandId {
        if let Some((name, ordinal)) = named {
            let name = if name.is_empty() { label.to_owned() } else { name };
            return CommandId { outbox: names::outbox(&name), ordinal };
        }
        let outbox = names::outbox(label);
        let last = self.store.outboxes.get(&(lane, outbox)).map_or(0, |row| row.ordinal);
        CommandId { outbox, ordinal: last + 1 }
    }

    /// The page of a label; made when it is first named.
    fn client(&mut self, label: &str) -> &mut Client {
        if !self.clients.contains_key(label) {
            let (principal, socket) = self.new_socket(label);
            self.labels.insert(socket, label.to_owned());
            self.clients.insert(label.to_owned(), Client::new(principal, socket, label.to_owned()));
        }
        self.clients.get_mut(label).expect("it was just made")
    }

    fn new_socket(&mut self, label: &str) -> (Principal, Socket) {
        self.sockets += 1;
        let name = label.split('.').next().expect("a label has a name");
        if names::is_agent(name) {
            (Principal::Agent(names::agent(name)), Socket::Agent(AgentSocket(self.sockets)))
        } else {
            (Principal::Visitor(names::visitor(name)), Socket::Visitor(VisitorSocket(self.sockets)))
        }
    }

    /// `joins [anew] [as generation 3] [following c1 c2] [on https://…]`. While the label has a socket, that one
    /// goes on under the label with a stroke.
    fn join(&mut self, label: &str, mut words: Words<'_>) -> Input {
        let (_, socket) = self.new_socket(label);
        self.answer_none(label);
        let mut client = self.client(label).clone();
        if !client.connected {
            self.labels.remove(&client.socket);
        } else {
            let old = format!("{label}'");
            self.labels.insert(client.socket, old.clone());
            self.clients.insert(old, client.clone());
        }
        client.socket = socket;
        client.connected = false;
        client.generation += 1;
        client.watches.clear();
        client.forget_lists();
        if words.take("anew") {
            client.session = format!("{}+", client.session);
            client.follows.clear();
        }
        if words.take("as") {
            assert!(words.take("generation"));
            client.generation = words.number();
        }
        let url = words.after("on").map(str::to_owned);
        let mut follows = client.follow_list();
        if words.take("following") {
            follows.extend(script::follows(&mut words));
        }
        self.labels.insert(socket, label.to_owned());
        self.clients.insert(label.to_owned(), client);
        self.join_input(label, follows, url)
    }

    fn join_input(&mut self, label: &str, follows: Vec<protocol::FollowFrom>, url: Option<String>) -> Input {
        let client = self.clients.get_mut(label).expect("a page joins");
        Input::Join(Box::new(Join {
            socket: client.socket,
            principal: client.principal,
            session: names::session(&client.session),
            generation: client.generation,
            follows,
            page: url.map(|url| protocol::Page { url: Some(url), ..protocol::Page::default() }),
            browser: None,
        }))
    }

    /// Answers on a connection that is gone are heard by nobody; a page sends those commands again.
    pub(super) fn answer_none(&mut self, label: &str) {
        let gone = |sent: &&mut Sent| sent.label == label && sent.answer.is_none();
        for sent in self.sent.iter_mut().filter(gone) {
            sent.answer = Some(Down::Ping(protocol::Nothing {}));
        }
    }

    fn leave(&mut self, label: &str) -> Input {
        self.answer_none(label);
        let client = self.client(label);
        client.connected = false;
        let socket = client.socket;
        self.labels.remove(&socket);
        Input::Leave { socket }
    }

    fn open(&mut self) {
        self.opened_at = self.store_now();
        let settings = self.site.settings(&mut self.names);
        let opening = self.store.open(settings, self.opened_at);
        let build = if self.opening { Desk::open_among_peers } else { Desk::open };
        self.desk = Some(build(opening, 7 + self.store.epoch as u64, self.now()));
        self.referee.reopen(&self.store, self.opened_at);
        for label in self.clients.keys().cloned().collect::<Vec<_>>() {
            self.answer_none(&label);
        }
        self.turn(Vec::new());
    }

    /// All nodes have said who has joined there; some of it stands in other queues yet.
    pub(super) fn call_roll(&mut self, behind: Vec<Input>) {
        self.opening = false;
        self.turn([vec![Input::RollCalled], behind].concat());
    }

    /// Another desk takes over: the sockets stay, and it is told who they are. What the old one asked of the store
    /// may be answered yet.
    pub(super) fn reopen(&mut self) {
        let desk = self.desk.as_ref().expect("the desk is open");
        let (mut calls, unanswered) = (desk.roll_call(), desk.unanswered());
        calls.extend(unanswered);
        self.disconnect();
        self.open();
        for call in &calls {
            if let Some(label) = call.socket().and_then(|socket| self.labels.get(&socket)) {
                self.expect_answer(&label.clone(), call);
            }
        }
        self.turn(calls);
    }

    /// A command that waited for the store is answered by the desk it is handed on to.
    fn expect_answer(&mut self, label: &str, call: &Input) {
        let Input::Command { command, .. } = call else { return };
        let unheard = Some(Down::Ping(protocol::Nothing {}));
        let same = |sent: &&mut Sent| sent.label == label && sent.command == **command && sent.answer == unheard;
        if let Some(sent) = self.sent.iter_mut().rev().find(same) {
            sent.answer = None;
        }
    }

    /// The process ends and starts: no socket is left.
    fn restart(&mut self) {
        self.held.clear();
        self.disconnect();
        self.labels.clear();
        self.open();
    }

    fn disconnect(&mut self) {
        for client in self.clients.values_mut() {
            client.connected = false;
            client.forget_lists();
        }
    }

    /// The end of a dialogue: what was acknowledged is stored once, in the order it was sent.
    pub fn curtain(&mut self) {
        let mut last = BTreeMap::new();
        for sent in &self.sent {
            let Some(Down::Ok(outcome)) = &sent.answer else { continue };
            let Some(conversation) = sent.command.conversation else { continue };
            let id = sent.command.id;
            let words = self.store.of(conversation).iter().filter(|record| {
                record.command == Some(id) && outcome.made.is_some_and(|made| made.message == record.id)
            });
            let numbers: Vec<_> = words.map(|record| record.number).collect();
            assert_eq!(numbers.len(), usize::from(outcome.made.is_some()), "stored once: {sent:?}");
            if let Some(number) = numbers.first() {
                let before = last.insert((conversation, id.outbox), (id.ordinal, *number));
                let in_order = before.is_none_or(|(ordinal, other)| {
                    (id.ordinal > ordinal && *number > other) || (id.ordinal == ordinal && *number == other)
                });
                assert!(in_order, "stored in the order of the outbox: {sent:?}");
            }
        }
        let mut of_commands = BTreeMap::new();
        for record in self.store.records.values().flatten() {
            let words = matches!(
                record.what,
                protocol::RecordKind::Said(_) | protocol::RecordKind::Noted(_) | protocol::RecordKind::Edited(_)
            );
            if let (true, Some(id)) = (words, record.command) {
                let doubled = of_commands.insert((record.conversation, id), record.number);
                assert_eq!(doubled, None, "a command writes once");
            }
        }
    }
}
