//! I15: nobody shows what the store lacks.

use crate::finding::{Finding, Invariant};
use crate::index::Index;
use crate::map::Set;
use crate::operation::Call;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let there = there_in_the_end(index);
    let mut findings = Vec::new();
    for (at, operation) in index.operations() {
        let Call::Read { conversation, records, .. } = &operation.call else { continue };
        // Only a restore takes records back, and whoever was away since could not be told.
        let excused = index.was_restored() && !there.contains(&operation.process);
        let unjudged = !index.is_exact && index.conversation((operation.site, *conversation)).is_none();
        if excused || unjudged || !index.is_shown(at, operation, *conversation) {
            continue;
        }
        if let Some(record) = records.iter().find(|record| index.message(record.id).is_none()) {
            let sentence =
                format!("{:?} was shown at {} of {conversation:?}, and is not stored", record.id, record.number.0);
            findings.push(Finding::new(Invariant::NothingInvented, sentence, &[at]));
        }
    }
    findings
}

/// Processes that are connected when the history ends.
fn there_in_the_end(index: &Index) -> Set<u32> {
    let mut there = Set::default();
    for (_, operation) in index.operations() {
        match &operation.call {
            Call::Connect { .. } => {
                there.insert(operation.process);
            }
            Call::Disconnect => {
                there.remove(&operation.process);
            }
            Call::Command { .. }
            | Call::Read { .. }
            | Call::Gap { .. }
            | Call::Resync { .. }
            | Call::Fault { .. }
            | Call::Heal { .. }
            | Call::Restore { .. } => {}
        }
    }
    there
}
