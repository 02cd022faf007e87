//! I1: every final transcript is whole; I3: everybody sees the same record at the same number.

use crate::finding::{Finding, Invariant};
use crate::index::{Index, Key};
use crate::operation::{Audience, Call};
use crate::truth::Stored;
use protocol::{Record, RecordKind};

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, operation) in index.operations() {
        let Call::Read { conversation, audience, records, last } = &operation.call else { continue };
        let key = (operation.site, *conversation);
        if *last && let Some(sentence) = incomplete(index, key, *audience, records) {
            findings.push(Finding::new(Invariant::NothingLost, sentence, &[at]));
        }
        // What was shown before a resync is another history.
        if !index.is_shown(at, operation, *conversation) {
            continue;
        }
        if let Some(sentence) = records.iter().find_map(|record| differs(index, key, *audience, record)) {
            findings.push(Finding::new(Invariant::OneOrder, sentence, &[at]));
        }
    }
    findings
}

fn incomplete(index: &Index, key: Key, audience: Audience, records: &[Record]) -> Option<String> {
    let conversation = index.conversation(key)?;
    let all = match audience {
        Audience::Visitor => conversation.public.len(),
        Audience::Agent => conversation.records.len(),
    };
    let lacks = records.len() < all;
    lacks.then(|| format!("a final read of {:?} has {} of {all} records", key.1, records.len()))
}

/// What a record that is stored looked like, if it was another than the one that stands at its number.
fn differs(index: &Index, key: Key, audience: Audience, record: &Record) -> Option<String> {
    // A record that is not stored at all is another invariant's.
    index.message(record.id)?;
    match index.at(key, audience, record.number) {
        Some(stored) if is_same(index, stored, record) => None,
        Some(stored) if stored.record.id == record.id => {
            Some(format!("number {} of {:?} was shown with another content", record.number.0, key.1))
        }
        Some(_) | None => Some(format!("at number {} of {:?} another record was shown", record.number.0, key.1)),
    }
}

fn is_same(index: &Index, stored: &Stored, seen: &Record) -> bool {
    let truth = &stored.record;
    let is_same_kind = std::mem::discriminant(&truth.what) == std::mem::discriminant(&seen.what);
    let changed = index.is_withdrawn(changed_by(&seen.what).unwrap_or(seen.id));
    (truth.id, truth.tail, truth.at) == (seen.id, seen.tail, seen.at)
        && (truth.what == seen.what || changed && is_same_kind)
}

/// The message whose body a record carries in its place.
fn changed_by(what: &RecordKind) -> Option<protocol::MessageId> {
    match what {
        RecordKind::Edited(edited) => Some(edited.message),
        RecordKind::Opened(_)
        | RecordKind::Waiting(_)
        | RecordKind::Offered(_)
        | RecordKind::Declined(_)
        | RecordKind::Lapsed(_)
        | RecordKind::Assigned(_)
        | RecordKind::Said(_)
        | RecordKind::Noted(_)
        | RecordKind::Transferred(_)
        | RecordKind::Parked(_)
        | RecordKind::Closed(_)
        | RecordKind::Reopened(_)
        | RecordKind::Rated(_)
        | RecordKind::Deleted(_)
        | RecordKind::Unknown(_) => None,
    }
}
