//! Script: lines become inputs of the desk.
//!
//! Sockets are named by their principal, a second tab by a suffix: `v1`, `v1.b`, `a2`.
//! A command goes out under the next ordinal of its tab's own outbox; `@x7` after the conversation names another
//! outbox and ordinal: `v1 says c1 @x7: hello`. `as m1` names the message it makes.

use super::names::{self, Names};
use gateway_core::desk::input::Input;
use gateway_core::ids::{Principal, Socket};
use protocol::{
    Action, Close, CloseReason, ConversationId, Delete, Edit, FollowFrom, Nothing, Number, Open, Page, Park, Position,
    Rate, ReadUp, Say, SetAccepting, SetCapacity, SetStatus, Status, Stream, Take, Target, Transfer, TypingUp, View,
};
use std::collections::{BTreeSet, VecDeque};

/// The words of a line before its colon, taken one by one.
pub struct Words<'a>(VecDeque<&'a str>);

impl<'a> Words<'a> {
    pub fn of(text: &'a str) -> Self {
        Self(text.split_whitespace().collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn peek(&self) -> &'a str {
        self.0.front().copied().unwrap_or_default()
    }

    /// Takes a word; a line that ends too early is the test's mistake.
    pub fn next(&mut self) -> &'a str {
        self.0.pop_front().expect("the line ends too early")
    }

    /// Takes the word if it is next.
    pub fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == word;
        if found {
            self.0.pop_front();
        }
        found
    }

    /// Takes the word after `keyword`, if that is next.
    pub fn after(&mut self, keyword: &str) -> Option<&'a str> {
        self.take(keyword).then(|| self.next())
    }

    pub fn number<N: std::str::FromStr>(&mut self) -> N {
        let word = self.next();
        word.trim_start_matches('#').parse().unwrap_or_else(|_| panic!("{word} is no number"))
    }

    /// `20 s`, `500 ms`, `10 min`, `8 days`, in milliseconds.
    pub fn duration(&mut self) -> u64 {
        let number: u64 = self.number();
        let unit = match self.next() {
            "ms" => 1,
            "s" => 1_000,
            "min" => 60_000,
            "h" => 3_600_000,
            "days" => 24 * 3_600_000,
            other => panic!("{other} is no unit of time"),
        };
        number * unit
    }

    /// Words up to the next keyword of a site's line.
    pub fn list(&mut self) -> BTreeSet<String> {
        const KEYWORDS: [&str; 7] = ["cap", "in", "speaks", "knows", "lead", "disabled", "enabled"];
        let mut list = BTreeSet::new();
        while !self.is_empty() && !KEYWORDS.contains(&self.peek()) {
            let word = self.next();
            if word != "nothing" {
                list.insert(word.to_owned());
            }
        }
        list
    }

    pub fn rest_as_set(&mut self) -> BTreeSet<String> {
        self.0.drain(..).map(str::to_owned).collect()
    }

    pub fn rest(&mut self) -> Vec<&'a str> {
        self.0.drain(..).collect()
    }
}

/// Cuts `v1 says c1: hello` into its words and its text.
pub fn cut(line: &str) -> (&str, Option<String>) {
    match line.split_once(": ") {
        Some((words, text)) => (words, Some(text.trim().to_owned())),
        None => (line.trim_end_matches(':'), None),
    }
}

/// A durable command, before it has an id.
pub struct Wanted {
    pub lane: Option<ConversationId>,
    pub action: Action,
    /// Another outbox than the tab's own, and an ordinal.
    pub id: Option<(String, u32)>,
    /// The name of the message it makes.
    pub message: Option<String>,
}

/// Reads a verb that is a durable command.
pub fn command(verb: &str, words: &mut Words<'_>, text: Option<String>, names: &mut Names) -> Option<Wanted> {
    if let Some(action) = own_state(verb, words) {
        let id = marker(words);
        return Some(Wanted { lane: None, action, id, message: None });
    }
    const VERBS: [&str; 15] = [
        "opens",
        "says",
        "notes",
        "accepts",
        "declines",
        "takes",
        "transfers",
        "parks",
        "closes",
        "reopens",
        "rates",
        "edits",
        "deletes",
        "waves",
        "asks",
    ];
    if !VERBS.contains(&verb) || words.peek() == "availability" {
        return None;
    }
    let lane = Some(names::conversation(words.next()));
    let id = marker(words);
    let message = words.after("as").map(str::to_owned);
    let action = lane_action(verb, words, text, names);
    assert!(words.is_empty(), "too many words: {:?}", words.0);
    Some(Wanted { lane, action, id, message })
}

fn marker(words: &mut Words<'_>) -> Option<(String, u32)> {
    let marker = words.peek().strip_prefix('@')?.to_owned();
    words.next();
    let digits = marker.find(|c: char| c.is_ascii_digit()).expect("a marker names an ordinal: @x7");
    let ordinal = marker[digits..].parse().expect("an ordinal");
    Some((marker[..digits].to_owned(), ordinal))
}

fn own_state(verb: &str, words: &mut Words<'_>) -> Option<Action> {
    let status = |word| match word {
        "online" => Status::Online,
        "away" => Status::Away,
        "offline" => Status::Offline,
        other => panic!("{other} is no status"),
    };
    match (verb, words.peek()) {
        ("goes", _) => Some(Action::Status(SetStatus { status: status(words.next()) })),
        ("stops", "accepting") => {
            words.next();
            Some(Action::Accepting(SetAccepting { accepting: false }))
        }
        ("starts", "accepting") => {
            words.next();
            Some(Action::Accepting(SetAccepting { accepting: true }))
        }
        ("sets", "capacity") => {
            words.next();
            Some(Action::Capacity(SetCapacity { capacity: words.number() }))
        }
        _ => None,
    }
}

fn lane_action(verb: &str, words: &mut Words<'_>, text: Option<String>, names: &mut Names) -> Action {
    let body = || text.clone().unwrap_or_else(|| "words".into());
    match verb {
        "opens" => Action::Open(Box::new(open(words, text, names))),
        "says" => Action::Say(Say { body: body() }),
        "notes" => Action::Note(Say { body: body() }),
        "accepts" => Action::Accept(Nothing {}),
        "declines" => Action::Decline(Nothing {}),
        "takes" => Action::Take(Take { from: words.after("from").map(names::agent) }),
        "transfers" => {
            assert!(words.take("to"));
            Action::Transfer(Transfer { to: target(words.next(), names), comment: text })
        }
        "parks" => Action::Park(Park { for_ms: words.take("for").then(|| words.duration()) }),
        "closes" => Action::Close(Close { reason: reason(words) }),
        "reopens" => Action::Reopen(Nothing {}),
        "rates" => Action::Rate(Rate { score: words.number(), comment: text }),
        "edits" => Action::Edit(Edit { message: names.message(words.next()), body: body() }),
        "deletes" => Action::Delete(Delete { message: names.message(words.next()) }),
        "waves" => Action::Unknown("wave".into()),
        "asks" => own_state(words.next(), words).expect("an own state, in a lane by mistake"),
        other => panic!("{other} is no verb"),
    }
}

fn target(word: &str, names: &mut Names) -> Target {
    if names::is_agent(word) { Target::Agent(names::agent(word)) } else { Target::Team(names.team(word)) }
}

fn reason(words: &mut Words<'_>) -> CloseReason {
    match words.0.pop_front() {
        None | Some("solved") => CloseReason::Solved,
        Some("not_solved") => CloseReason::NotSolved,
        Some("no_answer") => CloseReason::NoAnswer,
        Some("spam") => CloseReason::Spam,
        Some("odd") => CloseReason::Unknown,
        Some(other) => panic!("{other} is no reason"),
    }
}

fn open(words: &mut Words<'_>, text: Option<String>, names: &mut Names) -> Open {
    let mut open = Open { body: text, ..Open::default() };
    while !words.is_empty() {
        match words.next() {
            "in" => open.team = Some(names.team(words.next())),
            "for" => open.agent = Some(names::agent(words.next())),
            "speaking" => open.language = Some(words.next().to_owned()),
            "named" => open.name = Some(words.next().to_owned()),
            "offline" => open.offline = true,
            other => panic!("open has no {other}"),
        }
    }
    open
}

/// Reads a verb that is no command: what a socket does besides.
pub fn deed(verb: &str, words: &mut Words<'_>, socket: Socket, principal: Principal) -> Option<Input> {
    let input = match verb {
        "types" => {
            let stream = if words.take("note") { Stream::Note } else { Stream::Public };
            let typing = TypingUp { conversation: names::conversation(words.next()), stream };
            Input::Typing { socket, typing }
        }
        "reads" => {
            let conversation = names::conversation(words.next());
            Input::Read { socket, read: ReadUp { conversation, number: Number(words.number()) } }
        }
        "is" => {
            assert!(words.take("on"));
            let page = Page { url: Some(words.next().to_owned()), ..Page::default() };
            Input::Page { socket, page }
        }
        "asks" => {
            assert!(words.take("availability"));
            Input::Availability { socket }
        }
        "watches" => Input::Watch { socket, view: view(words.next()) },
        "unwatches" => Input::Unwatch { socket, view: view(words.next()) },
        "follows" => Input::Follow { socket, follows: follows(words) },
        "unfollows" => Input::Unfollow { socket, conversation: names::conversation(words.next()) },
        "lags" => Input::Lagged { socket },
        _ => return None,
    };
    assert!(words.is_empty(), "too many words of {principal:?}");
    Some(input)
}

pub fn follows(words: &mut Words<'_>) -> Vec<FollowFrom> {
    let follow = |name| FollowFrom { conversation: names::conversation(name), position: Position::default() };
    words.rest().into_iter().map(follow).collect()
}

fn view(name: &str) -> View {
    match name {
        "mine" => View::Mine,
        "line" => View::Line,
        "all" => View::All,
        "closed" => View::Closed,
        "roster" => View::Roster,
        other => panic!("{other} is no list"),
    }
}
