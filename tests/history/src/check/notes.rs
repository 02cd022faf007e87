//! I21: visitors never see what is for agents.

use crate::finding::{Finding, Invariant};
use crate::index::Index;
use crate::operation::{Audience, Call};
use crate::words::{Reach, reach_of};
use protocol::Record;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, operation) in index.operations() {
        let Call::Read { conversation, audience: Audience::Visitor, records, .. } = &operation.call else { continue };
        if let Some(record) = records.iter().find(|record| is_for_agents(index, record)) {
            let sentence = format!("a visitor read {:?} in {conversation:?}, which is for agents", record.id);
            findings.push(Finding::new(Invariant::NotesStayInside, sentence, &[at]));
        }
    }
    for stored in index.stored.iter().filter(|stored| stored.public.is_some() && is_for_agents(index, &stored.record)) {
        let sentence = format!(
            "number {} of {:?} is for agents and has a public number",
            stored.record.number.0, stored.conversation
        );
        findings.push(Finding::new(Invariant::NotesStayInside, sentence, &[]));
    }
    findings
}

/// By its kind, or because the store numbers it for agents only.
fn is_for_agents(index: &Index, record: &Record) -> bool {
    let hidden = index.is_exact && index.message(record.id).is_some_and(|stored| stored.public.is_none());
    hidden || reach_of(&record.what) == Reach::AgentsOnly
}
