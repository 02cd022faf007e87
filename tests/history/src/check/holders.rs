//! I5: a conversation has at most one assignee at any instant.

use crate::finding::{Finding, Invariant};
use crate::index::Index;
use crate::standing::{Misplaced, Standing};

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let mut findings = Vec::new();
    for conversation in &index.conversations {
        let (mut standing, mut since) = (Standing::default(), 0);
        for at in &conversation.records {
            let stored = &index.stored[*at];
            let what = &stored.record.what;
            let after = standing.after(what);
            if let (Err(Misplaced::Doubled(holder)), Some(agent)) = (standing.permits(what), after.holder()) {
                let sentence = format!(
                    "{:?} was given to {agent:?} at number {} while {holder:?} had it since number {since}",
                    conversation.key.1, stored.record.number.0
                );
                findings.push(Finding::new(Invariant::OneAssignee, sentence, &[]));
            }
            if after.holder() != standing.holder() {
                since = stored.record.number.0;
            }
            standing = after;
        }
    }
    findings
}
