//! The court: what every history of real processes begins with, and how it comes before the checker.

use crate::client::Client;
use crate::diary::{SITE, now};
use crate::http::SignedIn;
use history::{AgentRules, Call, ConversationRow, History, Nanos, Operation, Site, TeamRules};
use protocol::{ConversationId, Down, Row, Up, View, Watch};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

/// Findings that are shown; more say no more.
const SHOWN_MAX: usize = 20;

/// A history of the one site the tests talk on, with nothing in it yet. Nobody there waits for a preferred agent.
#[must_use]
pub fn history() -> History {
    let (teams, agents) = (BTreeMap::new(), BTreeMap::new());
    let site = Site { site: SITE, canary: None, teams, agents, open_max: 1, preferred_ms: 0, relax_ms: None };
    History { sites: vec![site], ..History::default() }
}

/// Something that was done to the gateway, now.
#[must_use]
pub fn fault(name: &str) -> Operation {
    noted(now(), Call::Fault { name: name.to_owned(), took_effect: true, felt_by: None })
}

/// Something about the surroundings, which is nobody's doing.
pub(crate) fn noted(at: Nanos, call: Call) -> Operation {
    Operation { process: u32::MAX, site: SITE, call, invoked: at, completed: Some(at) }
}

/// Adds what the gateway tells an agent in the end: who works where, and the conversations' places in line.
///
/// # Panics
/// When it does not tell.
pub async fn call_witnesses(history: &mut History, agent: &Arc<SignedIn>, conversations: &BTreeSet<ConversationId>) {
    let mut witness = Client::agent(agent).await;
    witness.send(&Up::Watch(Watch { view: View::Roster })).await;
    let roster = witness.next(|frame| if let Down::Roster(roster) = frame { Some(roster.clone()) } else { None }).await;
    for site in &mut history.sites {
        site.teams = roster.teams.iter().map(|team| (team.id, TeamRules::default())).collect();
        site.agents = roster.agents.iter().map(|agent| (agent.id, rules_of(agent))).collect();
    }
    for id in conversations {
        let path = format!("/api/v1/sites/{}/conversations/{id}", agent.place.site);
        let row = serde_json::from_slice(&agent.get(&path).await.body).expect("an agent may read a conversation's row");
        history.truth.conversations.push(standing(row));
    }
}

/// Adds what the gateway told agents of themselves meanwhile.
pub fn hear_of_agents<'c>(history: &mut History, clients: impl Iterator<Item = &'c Client>) {
    let rows = &mut history.truth.agents;
    rows.extend(clients.flat_map(|client| client.diary.agents()));
    rows.sort_by_key(|row| row.from);
    // Whoever was told first that they are there was there before they were told.
    let mut known = BTreeSet::new();
    rows.iter_mut().filter(|row| known.insert(row.agent)).for_each(|row| row.from = 0);
}

/// Neither skills nor languages: the tests set none.
fn rules_of(agent: &protocol::AgentRow) -> AgentRules {
    AgentRules { teams: agent.teams.iter().copied().collect(), ..AgentRules::default() }
}

/// A conversation's place, which it keeps: nobody is transferred to another team, or comes back after a close.
fn standing(row: Row) -> ConversationRow {
    let Row { conversation, visitor, team, priority, arrival, .. } = row;
    let (prefers, language) = (None, None);
    ConversationRow {
        site: SITE,
        from: 0,
        conversation,
        visitor: visitor.id,
        team,
        priority,
        arrival,
        prefers,
        language,
    }
}

/// Has a history judged. One with findings is kept, for the `history` command.
///
/// # Panics
/// With the checker's findings, and where the history is kept.
pub fn assert_clean(history: &History) {
    let findings = history::check(history);
    if findings.is_empty() {
        return;
    }
    let path = std::env::temp_dir().join(format!("halloo-history-{}.jsonl", std::process::id()));
    let file = File::create(&path).expect("the folder for temporary files takes a file");
    history.write(BufWriter::new(file)).expect("the history is written");
    let shown: Vec<String> = findings.iter().take(SHOWN_MAX).map(ToString::to_string).collect();
    panic!("{} findings in {}:\n{}", findings.len(), path.display(), shown.join("\n"));
}
