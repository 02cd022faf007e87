//! I13 and I17: what was refused for good is not stored.

use crate::finding::{Finding, Invariant};
use crate::index::{Index, Key};
use crate::map::{Map, Set};
use crate::operation::{Answer, Call};
use crate::words;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let unnamed = words_without_a_command(index);
    let mut findings = Vec::new();
    for (at, operation) in index.operations() {
        let Call::Command { command, answer: Answer::No { code }, .. } = &operation.call else { continue };
        // Other refusals leave the ordinal to the next command, so its id says nothing.
        let Some(conversation) = command.conversation.filter(|_| code.uses_ordinal()) else { continue };
        let key = (operation.site, conversation);
        let body = words::of_command(&command.action);
        let stored = index.made_by(key, command.id).map(|stored| stored.record.number.0);
        if let Some(number) = stored.or_else(|| unnamed.get(&(key, body?)).copied()) {
            let sentence = format!(
                "{:?} was refused as {:?}, and is stored at {number} of {conversation:?}",
                command.id,
                code.name()
            );
            findings.push(Finding::new(Invariant::RefusedIsNotStored, sentence, &[at]));
        }
    }
    findings
}

/// Stored words whose command nobody was told, and which no acknowledgement names.
fn words_without_a_command<'i>(index: &'i Index) -> Map<(Key, &'i str), u64> {
    let told: Set<_> = index.acknowledged().filter_map(|told| told.made).map(|made| made.message).collect();
    let unnamed =
        index.stored.iter().filter(|stored| stored.record.command.is_none() && !told.contains(&stored.record.id));
    let words = unnamed.filter_map(|stored| {
        let body = words::of_record(&stored.record.what)?;
        Some((((stored.site, stored.conversation), body), stored.record.number.0))
    });
    words.collect()
}
