//! Ways into a history, to spoil it.

use crate::chance::Chance;
use history::{Answer, Audience, Call, History, Operation, Stored};
use protocol::{ConversationId, MessageId, Number, Record, RecordKind};

/// A record of the store that fits, and its index.
pub fn stored(history: &History, chance: &mut Chance, fits: impl Fn(&Stored) -> bool) -> Option<usize> {
    let records = &history.truth.records;
    let all: Vec<usize> = (0..records.len()).filter(|at| fits(&records[*at])).collect();
    chance.pick(&all)
}

/// An operation that fits, and its index.
pub fn operation(history: &History, chance: &mut Chance, fits: impl Fn(&Operation) -> bool) -> Option<usize> {
    let operations = &history.operations;
    let all: Vec<usize> = (0..operations.len()).filter(|at| fits(&operations[*at])).collect();
    chance.pick(&all)
}

/// The answer of a command.
pub fn answer(operation: &mut Operation) -> Option<&mut Answer> {
    match &mut operation.call {
        Call::Command { answer, .. } => Some(answer),
        _ => None,
    }
}

/// The records of a read, and whether it is the last.
pub fn read(operation: &Operation) -> Option<(&[Record], bool)> {
    match &operation.call {
        Call::Read { records, last, .. } => Some((records, *last)),
        _ => None,
    }
}

pub fn read_mut(operation: &mut Operation) -> Option<&mut Vec<Record>> {
    match &mut operation.call {
        Call::Read { records, .. } => Some(records),
        _ => None,
    }
}

/// Takes a record out everywhere, as if it had never been.
pub fn forget(history: &mut History, id: MessageId) {
    let at = history.truth.records.iter().position(|stored| stored.record.id == id).unwrap();
    let gone = history.truth.records.remove(at);
    for stored in history.truth.records.iter_mut().filter(|stored| stored.conversation == gone.conversation) {
        move_down(&mut stored.record.number, gone.record.number);
        if let (Some(number), Some(public)) = (&mut stored.public, gone.public) {
            move_down(number, public);
        }
    }
    for operation in &mut history.operations {
        let Call::Read { conversation, audience, records, .. } = &mut operation.call else { continue };
        if *conversation != gone.conversation {
            continue;
        }
        records.retain(|record| record.id != id);
        let removed = match audience {
            Audience::Agent => Some(gone.record.number),
            Audience::Visitor => gone.public,
        };
        for record in records {
            move_down(&mut record.number, removed.unwrap_or_default());
        }
    }
}

/// A number above one that is gone moves down; nothing stands above none.
fn move_down(number: &mut Number, gone: Number) {
    number.0 -= u64::from(gone.0 > 0 && number.0 > gone.0);
}

/// Adds a record behind all others of a conversation, in the store only.
pub fn append(history: &mut History, conversation: ConversationId, what: RecordKind) {
    let last = history.truth.records.iter().rfind(|stored| stored.conversation == conversation).unwrap().clone();
    let records = history.truth.records.iter().filter(|stored| stored.conversation == conversation);
    let public = records.filter_map(|stored| stored.public).max();
    let id = MessageId(uuid::Uuid::from_u128(last.record.id.0.as_u128() + (1 << 100)));
    let is_public = matches!(
        what,
        RecordKind::Said(_) | RecordKind::Waiting(_) | RecordKind::Assigned(_) | RecordKind::Reopened(_)
    );
    let number = last.record.number.next();
    let record = Record { number, id, command: None, what, ..last.record };
    let public = public.map(Number::next).filter(|_| is_public);
    history.truth.records.push(Stored { record, public, author: None, ..last });
}

/// Lets two public records stand in each other's place, everywhere and with all that was told of them.
pub fn swap(history: &mut History, one: usize, other: usize) {
    let records = &mut history.truth.records;
    let places = [one, other].map(|at| (records[at].record.id, records[at].record.number, records[at].public));
    let [(one_id, one_full, one_public), (other_id, other_full, other_public)] = places;
    (records[one].record.number, records[one].public) = (other_full, other_public);
    (records[other].record.number, records[other].public) = (one_full, one_public);
    records.swap(one, other);
    let public = [(one_id, other_public), (other_id, one_public)];
    let full = [(one_id, other_full), (other_id, one_full)].map(|(id, number)| (id, Some(number)));
    let place = |audience, id| {
        let places = if audience == Audience::Visitor { public } else { full };
        places.iter().find(|(moved, _)| *moved == id).and_then(|(_, number)| *number)
    };
    for operation in &mut history.operations {
        let is_visitor = (1..50).contains(&(operation.process % 100));
        match &mut operation.call {
            Call::Read { records, audience, .. } => {
                for record in records.iter_mut() {
                    record.number = place(*audience, record.id).unwrap_or(record.number);
                }
                records.sort_by_key(|record| record.number);
            }
            Call::Command { answer: Answer::Ok { made: Some(made), .. }, .. } => {
                let audience = if is_visitor { Audience::Visitor } else { Audience::Agent };
                made.number = place(audience, made.message).unwrap_or(made.number);
            }
            _ => {}
        }
    }
}

/// Lets time pass behind the last thing that happened.
pub fn wait(history: &mut History, nanos: u64) {
    let last = history.operations.iter().filter_map(|operation| operation.completed).max().unwrap();
    let (invoked, completed) = (last + nanos, Some(last + nanos));
    let call = Call::Heal { name: "nothing".into() };
    history.operations.push(Operation { process: 0, site: 0, call, invoked, completed });
}
