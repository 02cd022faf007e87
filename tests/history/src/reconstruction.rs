//! Reconstruction: the store's records, from the final reads of a history that only watched processes.
//!
//! An agent's final read gives the records with their full numbers, a visitor's the public numbers, and whoever is told
//! a command the command. Where no agent read to the end, the visitor's numbers have to do.

use crate::history::History;
use crate::index::Key;
use crate::instant;
use crate::map::Map;
use crate::operation::{Audience, Call};
use crate::truth::Stored;
use protocol::{CommandId, MessageId, Number, Record};

/// Milliseconds of display time, as nanoseconds.
const NANOS_PER_MS: u64 = 1_000_000;

/// The longest final read of one conversation on each side.
#[derive(Default)]
struct Reads<'h> {
    visitor: &'h [Record],
    agent: &'h [Record],
}

pub(crate) fn of(history: &History) -> Vec<Stored> {
    let mut order = Vec::new();
    let mut reads: Map<Key, Reads> = Map::default();
    let mut commands: Map<MessageId, CommandId> = Map::default();
    for operation in &history.operations {
        let Call::Read { conversation, audience, records, last } = &operation.call else { continue };
        commands.extend(records.iter().filter_map(|record| Some((record.id, record.command?))));
        if !*last {
            continue;
        }
        let key = (operation.site, *conversation);
        let read = reads.entry(key).or_insert_with(|| {
            order.push(key);
            Reads::default()
        });
        let side = match audience {
            Audience::Visitor => &mut read.visitor,
            Audience::Agent => &mut read.agent,
        };
        if records.len() > side.len() {
            *side = records;
        }
    }
    let conversations = order.into_iter().map(|key| stored(key, &reads[&key], &commands)).collect();
    instant::in_order(conversations, &history.truth.conversations)
}

fn stored(key: Key, read: &Reads, commands: &Map<MessageId, CommandId>) -> Vec<Stored> {
    let public: Map<MessageId, Number> = read.visitor.iter().map(|record| (record.id, record.number)).collect();
    let all = if read.agent.is_empty() { read.visitor } else { read.agent };
    let stored = all.iter().map(|record| Stored {
        site: key.0,
        conversation: key.1,
        record: Record { command: commands.get(&record.id).copied(), ..record.clone() },
        public: public.get(&record.id).copied(),
        author: None,
        epoch: None,
        committed: record.at * NANOS_PER_MS,
    });
    stored.collect()
}
