//! What a dialogue claims, compared with what was told and stored.

use super::names::{self, Names, show_agent};
use super::script::Words;
use super::shown::reason_name;
use super::store::Store;
use gateway_core::now::StoreTime;
use gateway_core::stored::StoredState;
use protocol::{RecordKind, Status};

/// Words that are left out of a comparison unless the claim names them.
const ASIDE: [&str; 8] = ["heads", "joined", "denied", "agent", "change", "roster", "rows", "unfollowed"];

/// Compares `opened, said hello, ok` with all that one socket was told.
pub fn told(label: &str, claim: &str, told: &[String]) {
    let claimed: Vec<&str> = claim.split(',').map(str::trim).filter(|item| *item != "nothing").collect();
    let names = |kind: &str| claimed.iter().any(|item| kind_of(item) == kind);
    let heard: Vec<&String> =
        told.iter().filter(|item| !ASIDE.contains(&kind_of(item)) || names(kind_of(item))).collect();
    let matches = heard.len() == claimed.len() && heard.iter().zip(&claimed).all(|(heard, claim)| fits(heard, claim));
    assert!(matches, "{label} was told\n  {heard:#?}\nand not\n  {claimed:#?}");
}

fn kind_of(item: &str) -> &str {
    item.split_whitespace().next().unwrap_or_default()
}

/// All words of the claim occur, in their order, beginning with the first. Of `c1:waiting:v1` the beginning is enough.
fn fits(heard: &str, claim: &str) -> bool {
    let mut heard = heard.split_whitespace();
    let mut claim = claim.split_whitespace();
    heard.next() == claim.next() && claim.all(|word| heard.any(|other| is_beginning(word, other)))
}

fn is_beginning(word: &str, of: &str) -> bool {
    of.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// `c1 is …`.
pub fn conversation(name: &str, words: &mut Words<'_>, store: &Store) {
    let claim = words.rest().join(" ");
    let row = store.conversations.get(&names::conversation(name));
    let state = match row.map(|row| &row.state) {
        None => "unknown".into(),
        Some(StoredState::Waiting) => "waiting".into(),
        Some(StoredState::Offered { agent, .. }) => format!("offered {}", show_agent(*agent)),
        Some(StoredState::Assigned { agent, .. }) => format!("assigned {}", show_agent(*agent)),
        Some(StoredState::Parked { agent, .. }) => format!("parked {}", show_agent(*agent)),
        Some(StoredState::Closed { reason, .. }) => format!("closed {}", reason_name(*reason)),
        Some(StoredState::Offline) => "offline".into(),
        Some(StoredState::Unknown(state)) => format!("set aside {state}"),
    };
    assert_eq!(state, claim, "{name}");
}

/// `c1 has team sales`, `c1 has score 5`, `c1 has records opened said`, …; `c1 has read 3 2` by agents and visitor.
pub fn has(name: &str, words: &mut Words<'_>, store: &Store, known: &Names) {
    let row = &store.conversations[&names::conversation(name)];
    let what = words.next();
    let claim = words.rest().join(" ");
    let found = match what {
        "team" => row.team.map(|team| known.show_team(team)),
        "preview" => row.preview.clone(),
        "score" => row.score.map(|score| score.to_string()),
        "arrival" => Some(row.arrival.to_string()),
        "url" => row.card.url.clone(),
        "head" => Some(row.head.number.0.to_string()),
        "read" => Some(format!("{} {}", row.read_by_agents.0, row.read_by_visitor.0)),
        "bodies" => {
            let bodies = store.of(row.id).iter().filter_map(|record| match &record.what {
                RecordKind::Said(said) | RecordKind::Noted(said) => Some(said.body.0.as_str()),
                RecordKind::Edited(edited) => Some(edited.body.0.as_str()),
                _ => None,
            });
            Some(bodies.map(|body| if body.is_empty() { "_" } else { body }).collect::<Vec<_>>().join(" "))
        }
        "records" => {
            let kinds = store.of(row.id).iter().map(|record| super::shown::kind_name(&record.what));
            Some(kinds.collect::<Vec<_>>().join(" "))
        }
        other => panic!("a conversation has no {other}"),
    };
    assert_eq!(found.unwrap_or_else(|| "none".into()), claim, "{what} of {name}");
}

/// `a1 is accepting`, `a1 is lapsed`, `a1 is away`, `a1 is lost`.
pub fn agent(name: &str, words: &mut Words<'_>, store: &Store) {
    let row = store.agents.get(&names::agent(name)).expect("the agent's row was stored");
    let negated = words.take("not");
    let claim = words.next();
    let found = match claim {
        "accepting" => row.accepting,
        "lapsed" => row.lapsed,
        "online" => row.status == Status::Online,
        "away" => row.status == Status::Away,
        "lost" => row.lost_at.is_some(),
        other => panic!("an agent is not {other}"),
    };
    assert_eq!(found, !negated, "{name} is {claim}: {row:?}");
}

/// `line c1 c2`.
pub fn line(words: &mut Words<'_>, store: &Store) {
    let line: Vec<_> = store.line().into_iter().map(|row| names::show_conversation(row.id)).collect();
    assert_eq!(line, words.rest(), "those who wait, in order");
}

/// `wakes in 20 s`, `wakes never`.
pub fn wakes(words: &mut Words<'_>, store: &Store, now: StoreTime) {
    let wakes_in = store.wakes_at.map(|at| at.since_ms(now));
    let claim = if words.take("in") { Some(words.duration()) } else { None };
    assert_eq!(wakes_in, claim, "when the desk must be open again");
}
