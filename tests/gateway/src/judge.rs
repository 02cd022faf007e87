//! The judge: all that talkers did, saw and were told while something was broken, and what is read in the end, before
//! the checker.

use crate::client::Client;
use crate::diary::{SITE, now};
use crate::http::Place;
use crate::talker::Talker;
use history::{Call, ConversationRow, History, Nanos, Operation, Site};
use std::collections::{BTreeMap, BTreeSet};

/// Findings that are shown; more say no more.
const SHOWN_MAX: usize = 20;

/// Figures of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub acknowledged: usize,
    /// Resends of what had been stored.
    pub repeats: usize,
    pub conversations: usize,
    pub operations: usize,
}

/// Reads everything again on new sockets at `place`, and has it judged together with what talkers saw meanwhile.
///
/// # Panics
/// With the checker's findings, and when talkers do not come to see what the readers see.
pub async fn judge(place: &Place, mut talkers: Vec<Talker>) -> Verdict {
    let mut history = History::default();
    history.sites.push(site());
    let mut verdict = Verdict::default();
    let healed = now();
    for (talker, arrival) in talkers.iter_mut().zip(0..) {
        let mut reader = Client::reader(place, talker.client.who.clone(), &talker.conversations()).await;
        reader.end_reading();
        for (id, fresh) in &reader.transcripts {
            let whole = |client: &Client| client.transcript(*id).position() == fresh.position();
            talker.client.until("the live transcript ends", whole).await;
        }
        history.truth.conversations.extend(owned(&talker.client, arrival));
        for client in [&talker.client, &reader] {
            history.operations.extend_from_slice(client.diary.operations());
        }
        verdict.acknowledged += talker.told.iter().filter(|settled| settled.answer.is_ok()).count();
        verdict.repeats += talker.told.iter().filter(|settled| settled.is_repeat).count();
    }
    history.operations.sort_by_key(|operation| operation.completed);
    let begun = history.operations.first().map_or(healed, |operation| operation.invoked);
    history.operations.splice(0..0, broken(begun, healed));
    let conversations: BTreeSet<_> = talkers.iter().flat_map(Talker::conversations).collect();
    (verdict.conversations, verdict.operations) = (conversations.len(), history.operations.len());
    assert_clean(&history);
    verdict
}

fn site() -> Site {
    let (teams, agents) = (BTreeMap::new(), BTreeMap::new());
    Site { site: SITE, canary: None, teams, agents, open_max: 1, preferred_ms: 0, relax_ms: None }
}

/// A visitor's own conversations. Where they stood in line is not told to anyone.
fn owned(client: &Client, arrival: u64) -> Vec<ConversationRow> {
    let visitor = client.ready.as_ref().and_then(|ready| ready.visitor.as_ref());
    let rows = visitor.into_iter().flat_map(|visitor| {
        client.transcripts.keys().map(|conversation| ConversationRow {
            site: SITE,
            from: 0,
            conversation: *conversation,
            visitor: visitor.id,
            team: None,
            priority: 0,
            arrival,
            prefers: None,
            language: None,
        })
    });
    rows.collect()
}

/// Something was broken, or about to be, from the first word on.
fn broken(begun: Nanos, healed: Nanos) -> [Operation; 2] {
    let name = "the surroundings".to_owned();
    let at = |at, call| Operation { process: u32::MAX, site: SITE, call, invoked: at, completed: Some(at) };
    [at(begun, Call::Fault { name: name.clone(), took_effect: true }), at(healed, Call::Heal { name })]
}

fn assert_clean(history: &History) {
    let findings = history::check(history);
    let shown: Vec<String> = findings.iter().take(SHOWN_MAX).map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), shown.join("\n"));
}
