//! I2: a command takes effect once, and all its answers are equal.

use crate::finding::{Finding, Invariant};
use crate::index::{Index, Key};
use crate::map::{Map, Set};
use crate::operation::{Answer, Call, SiteNumber};
use crate::words;
use protocol::{CommandId, ConversationId, MessageId, RecordKind};
use std::mem::{Discriminant, discriminant};

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let mut findings = unequal(index);
    findings.extend(stored_twice(index));
    findings.extend(unasked(index));
    findings
}

/// Two answers to one command that differ. Those that leave the outbox's row alone say nothing about it.
fn unequal(index: &Index) -> Vec<Finding> {
    let mut first: Map<(SiteNumber, Option<ConversationId>, CommandId), (usize, Answer)> = Map::default();
    let mut findings = Vec::new();
    for (at, operation) in index.operations() {
        let Call::Command { command, answer, .. } = &operation.call else { continue };
        let settles = match answer {
            Answer::Ok { .. } => true,
            Answer::No { code } => code.uses_ordinal(),
            Answer::Unknown => false,
        };
        if !settles || !index.is_owed(operation.completed.unwrap_or(u64::MAX)) {
            continue;
        }
        let id = (operation.site, command.conversation, command.id);
        let (before, other) = *first.entry(id).or_insert((at, *answer));
        if other != *answer {
            let sentence = format!("{:?} was answered {other:?}, and then {answer:?}", command.id);
            findings.push(Finding::new(Invariant::NothingDoubled, sentence, &[before, at]));
        }
    }
    findings
}

/// Two records of one kind that name one command, or one record twice.
fn stored_twice(index: &Index) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut commands: Set<(Key, CommandId, Discriminant<RecordKind>)> = Set::default();
    let mut ids: Set<MessageId> = Set::default();
    for stored in index.stored.iter() {
        let (key, record) = ((stored.site, stored.conversation), &stored.record);
        let again = record.command.is_some_and(|command| !commands.insert((key, command, discriminant(&record.what))));
        if !ids.insert(record.id) || again {
            let sentence = format!(
                "{:?} of {:?} is stored twice, the second time at {} of {:?}",
                record.id, record.command, record.number.0, key.1
            );
            findings.push(Finding::new(Invariant::NothingDoubled, sentence, &[]));
        }
    }
    findings
}

/// Words in the store that no command asked for: each command accounts for one record.
fn unasked(index: &Index) -> Vec<Finding> {
    let mut acknowledged: Set<MessageId> = Set::default();
    let mut asked: Set<(Key, CommandId)> = Set::default();
    let mut unsure: Map<(Key, &str), u32> = Map::default();
    for (_, operation) in index.operations() {
        let Call::Command { command, answer, .. } = &operation.call else { continue };
        let Some(conversation) = command.conversation else { continue };
        let key = (operation.site, conversation);
        asked.insert((key, command.id));
        match (answer, words::of_command(&command.action)) {
            (Answer::Ok { made: Some(made), .. }, _) => {
                acknowledged.insert(made.message);
            }
            (Answer::Ok { made: None, .. } | Answer::Unknown, Some(body))
                if index.made_by(key, command.id).is_none() =>
            {
                *unsure.entry((key, body)).or_default() += 1;
            }
            (Answer::Ok { made: None, .. } | Answer::Unknown | Answer::No { .. }, _) => {}
        }
    }
    let mut findings = Vec::new();
    for stored in index.stored.iter() {
        let (key, record) = ((stored.site, stored.conversation), &stored.record);
        let Some(body) = words::of_record(&record.what) else { continue };
        let by_command = record.command.is_some_and(|command| asked.contains(&(key, command)));
        if by_command || acknowledged.contains(&record.id) || index.is_withdrawn(record.id) {
            continue;
        }
        match unsure.get_mut(&(key, body)) {
            Some(left) if *left > 0 => *left -= 1,
            Some(_) | None => {
                let sentence =
                    format!("{body:?} at {} of {:?} is not asked for by any command", record.number.0, key.1);
                findings.push(Finding::new(Invariant::NothingDoubled, sentence, &[]));
            }
        }
    }
    findings
}
