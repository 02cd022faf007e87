//! The court: what every history of real processes begins with, and how it comes before the checker.

use crate::diary::{SITE, now};
use history::{Call, ConversationRow, History, Nanos, Operation, Site};
use protocol::{ConversationId, VisitorId};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;

/// Findings that are shown; more say no more.
const SHOWN_MAX: usize = 20;

/// A history of the one site the tests talk on, with nothing in it yet.
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

/// Whose a conversation is. Where it stood in line is not told to anyone.
#[must_use]
pub fn owned(conversation: ConversationId, visitor: VisitorId, arrival: u64) -> ConversationRow {
    let (team, prefers, language) = (None, None, None);
    ConversationRow { site: SITE, from: 0, conversation, visitor, team, priority: 0, arrival, prefers, language }
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
