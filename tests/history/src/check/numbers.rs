//! I3: numbers are dense from 1 on both sides, in the order the store took the records; I1: visitors lack nothing.

use crate::finding::{Finding, Invariant};
use crate::index::{Conversation, Index};
use crate::words::{Reach, reach_of};
use protocol::Number;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    index.conversations.iter().flat_map(|conversation| of_conversation(index, conversation)).collect()
}

fn of_conversation(index: &Index, conversation: &Conversation) -> Vec<Finding> {
    let stored = |at: &usize| &index.stored[*at];
    let full = conversation.records.iter().map(|at| Some(stored(at).record.number));
    let public = conversation.public.iter().map(|at| stored(at).public);
    let mut findings = Vec::new();
    for (side, hole) in [("full", hole(full)), ("public", hole(public))] {
        if let Some((expected, found)) = hole {
            let sentence = format!(
                "{:?} has the {side} number {} where {expected} must stand",
                conversation.key.1,
                found.map_or(0, |number| number.0)
            );
            findings.push(Finding::new(Invariant::OneOrder, sentence, &[]));
        }
    }
    // Where no visitor read to the end, nobody knows the public numbers.
    let withheld = conversation.records.iter().map(stored).find(|stored| {
        stored.public.is_none() && reach_of(&stored.record.what) == Reach::Everybody && !conversation.public.is_empty()
    });
    if let Some(stored) = withheld {
        let sentence = format!("{:?} keeps number {} from its visitor", conversation.key.1, stored.record.number.0);
        findings.push(Finding::new(Invariant::NothingLost, sentence, &[]));
    }
    findings
}

fn hole(numbers: impl Iterator<Item = Option<Number>>) -> Option<(u64, Option<Number>)> {
    (1..).zip(numbers).find(|(expected, found)| *found != Some(Number(*expected)))
}
