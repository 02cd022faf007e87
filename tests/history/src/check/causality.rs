//! I4: what was sent later, knowing what stood before, stands later.

use crate::finding::{Finding, Invariant};
use crate::index::{Index, Key};
use crate::map::Map;
use crate::operation::{Call, Nanos, SiteNumber};
use protocol::{CommandId, OutboxId};

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let mut findings = against_ordinals(index);
    findings.extend(against_knowledge(index));
    findings
}

/// Within one outbox the stored order is the order of the ordinals.
fn against_ordinals(index: &Index) -> Vec<Finding> {
    let mut last: Map<(Key, OutboxId), u32> = Map::default();
    let mut findings = Vec::new();
    for stored in index.stored.iter() {
        let Some(command) = stored.record.command else { continue };
        let before = last.entry(((stored.site, stored.conversation), command.outbox)).or_default();
        if command.ordinal < *before {
            let sentence = format!(
                "{command:?} stands at {} of {:?}, behind ordinal {before} of its outbox",
                stored.record.number.0, stored.conversation
            );
            findings.push(Finding::new(Invariant::Causality, sentence, &[]));
        }
        *before = command.ordinal;
    }
    findings
}

/// Something that happened at a time, about a conversation.
enum Event {
    /// A record up to this number was acknowledged to somebody, or shown to this process.
    Learned { by: Option<u32>, number: u64 },
    /// A process sent what was to stand at this number.
    Sent { by: u32, number: u64 },
}

/// A command stands behind all that was acknowledged to anyone, or seen by its sender, before it was sent.
fn against_knowledge(index: &Index) -> Vec<Finding> {
    let mut known: Map<(Key, Option<u32>), (u64, usize)> = Map::default();
    let mut findings = Vec::new();
    for (_, at, key, event) in events(index) {
        match event {
            Event::Learned { by, number } => {
                let known = known.entry((key, by)).or_insert((number, at));
                if number > known.0 {
                    *known = (number, at);
                }
            }
            Event::Sent { by, number } => {
                let before = [None, Some(by)].into_iter().filter_map(|who| known.get(&(key, who)));
                if let Some((seen, other)) = before.max().filter(|(seen, _)| *seen >= number) {
                    let sentence = format!(
                        "what process {by} sent when {seen} of {:?} was known stands at {number}, not behind it",
                        key.1
                    );
                    findings.push(Finding::new(Invariant::Causality, sentence, &[*other, at]));
                }
            }
        }
    }
    findings
}

/// Who sent each command first. Two page loads may send the same one: a browser that was restored from a copy.
fn first_senders(index: &Index) -> Map<(SiteNumber, CommandId), (Nanos, u32)> {
    let mut first: Map<(SiteNumber, CommandId), (Nanos, u32)> = Map::default();
    for (_, operation) in index.operations() {
        if let Call::Command { command, .. } = &operation.call {
            let sent = (operation.invoked, operation.process);
            let before = first.entry((operation.site, command.id)).or_insert(sent);
            *before = sent.min(*before);
        }
    }
    first
}

/// In order of time; what was sent at an instant was sent before anything was learned at it.
fn events(index: &Index) -> Vec<(Nanos, usize, Key, Event)> {
    let first = first_senders(index);
    let mut events = Vec::new();
    for told in index.acknowledged() {
        let Some(stored) = told.stored(index) else { continue };
        let number = stored.record.number.0;
        let (sent, by) = (told.operation.invoked, told.operation.process);
        // A copy of what another sent before stands where the first one stands.
        if first.get(&(told.operation.site, told.command.id)).is_none_or(|(_, sender)| *sender == by) {
            events.push((sent, told.at, told.key, Event::Sent { by, number }));
        }
        if let Some(completed) = told.operation.completed {
            events.push((completed, told.at, told.key, Event::Learned { by: None, number }));
        }
    }
    for (at, operation) in index.operations() {
        let Call::Read { conversation, records, .. } = &operation.call else { continue };
        let newest = records.iter().rev().find_map(|record| index.message(record.id));
        let (Some(stored), Some(completed)) = (newest, operation.completed) else { continue };
        if index.is_shown(at, operation, *conversation) {
            let event = Event::Learned { by: Some(operation.process), number: stored.record.number.0 };
            events.push((completed, at, (operation.site, *conversation), event));
        }
    }
    events.sort_by_key(|(time, _, _, event)| (*time, matches!(event, Event::Learned { .. })));
    events
}
