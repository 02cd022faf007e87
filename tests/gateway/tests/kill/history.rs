//! The checker: what clients were told, against what the store holds in the end, read from the beginning by both
//! sides.

use crate::crowd::Person;
use gateway_tests::{Client, Settled, Transcript};
use protocol::{Action, CommandId, ConversationId, MessageId, OutboxId, Record, RecordKind};
use std::collections::{BTreeMap, BTreeSet};

/// Figures of a run.
#[derive(Debug, Default)]
pub struct Tally {
    pub acknowledged: usize,
    pub refused: usize,
    /// Resends of what had been stored.
    pub repeats: usize,
    /// Resends of what had not.
    pub renewed: usize,
    pub records: usize,
    pub conversations: usize,
}

impl Tally {
    pub fn settled(&self) -> usize {
        self.acknowledged + self.refused
    }

    fn count(&mut self, settled: &Settled) {
        match settled.answer {
            Ok(_) => self.acknowledged += 1,
            Err(_) => self.refused += 1,
        }
        self.repeats += usize::from(settled.is_repeat);
        self.renewed += usize::from(settled.sends > 1 && !settled.is_repeat && settled.answer.is_ok());
    }
}

/// One conversation as both sides read it.
struct Read {
    public: Transcript,
    full: Transcript,
}

/// Reads everything again on new sockets, and holds it against what was told.
pub async fn check(people: Vec<Person>) -> Tally {
    let read = read_all(&people).await;
    let mut tally = Tally { conversations: read.len(), ..Tally::default() };
    let settled: Vec<&Settled> = people.iter().flat_map(|person| &person.settled).collect();
    for (id, read) in &read {
        check_numbers(*id, read);
        check_words(*id, read, &settled);
        tally.records += read.full.records.len();
    }
    for mut person in people {
        for settled in &person.settled {
            tally.count(settled);
            let Some(read) = settled.command.conversation.and_then(|id| read.get(&id)) else { continue };
            check_settled(if person.is_visitor() { &read.public } else { &read.full }, &read.full, settled);
        }
        check_live(&mut person, &read).await;
    }
    tally
}

/// Visitors read their own, agents a share of all.
async fn read_all(people: &[Person]) -> BTreeMap<ConversationId, Read> {
    let mut public = BTreeMap::new();
    for visitor in people.iter().filter(|person| person.is_visitor()) {
        let id = visitor.client.lanes.keys().next().copied().flatten().expect("every visitor has a conversation");
        let again = Client::reader(&visitor.client.place, visitor.client.who.clone(), &[id]).await;
        public.insert(id, again.transcript(id).clone());
    }
    let agents: Vec<_> = people.iter().filter(|person| !person.is_visitor()).collect();
    let ids: Vec<ConversationId> = public.keys().copied().collect();
    let mut read = BTreeMap::new();
    for (index, agent) in agents.iter().enumerate() {
        let share: Vec<_> = ids.iter().skip(index).step_by(agents.len()).copied().collect();
        let again = Client::reader(&agent.client.place, agent.client.who.clone(), &share).await;
        for id in share {
            let public = public.remove(&id).expect("each is read once");
            read.insert(id, Read { public, full: again.transcript(id).clone() });
        }
    }
    assert!(public.is_empty(), "conversations that no agent has read");
    read
}

/// Dense numbers on both sides, and one order: what visitors see is what agents see without the hidden records.
fn check_numbers(id: ConversationId, read: &Read) {
    assert!(read.public.is_dense(), "{id}: public numbers have a hole");
    assert!(read.full.is_dense(), "{id}: full numbers have a hole");
    let seen: BTreeSet<MessageId> = read.public.records.iter().map(|record| record.id).collect();
    assert_eq!(seen.len(), read.public.records.len(), "{id}: a record is there twice");
    let shared: Vec<_> = read.full.records.iter().filter(|record| seen.contains(&record.id)).map(content).collect();
    let public: Vec<_> = read.public.records.iter().map(content).collect();
    assert_eq!(shared, public, "{id}: the two sides differ");
    let missing = read.full.records.iter().find(|record| !seen.contains(&record.id) && !is_hidden(record));
    assert!(missing.is_none(), "{id}: the visitor lacks {missing:?} of {:?}", read.full.position());
    assert!(!read.public.records.iter().any(is_hidden), "{id}: the visitor sees a note");
}

fn content(record: &Record) -> (MessageId, u32, u64, &RecordKind) {
    (record.id, record.tail, record.at, &record.what)
}

fn is_hidden(record: &Record) -> bool {
    matches!(record.what, RecordKind::Noted(_) | RecordKind::Transferred(_) | RecordKind::Parked(_))
}

/// Each word that is stored was acknowledged, and is there once.
fn check_words(id: ConversationId, read: &Read, settled: &[&Settled]) {
    let acknowledged: BTreeSet<&str> = settled
        .iter()
        .filter(|settled| settled.command.conversation == Some(id) && settled.answer.is_ok())
        .filter_map(|settled| body_of(&settled.command.action))
        .collect();
    let mut stored = BTreeSet::new();
    for (_, body) in read.full.words() {
        assert!(acknowledged.contains(body.as_str()), "{id}: stored and not acknowledged: {:?}", told(settled, &body));
        assert!(stored.insert(body.clone()), "{id}: {body:?} is stored twice");
    }
    for body in acknowledged {
        assert!(stored.contains(body), "{id}: {body:?} was acknowledged and is lost");
    }
}

/// What the author of these words was told.
fn told<'a>(settled: &[&'a Settled], body: &str) -> Vec<&'a Settled> {
    settled.iter().copied().filter(|settled| body_of(&settled.command.action) == Some(body)).collect()
}

fn body_of(action: &Action) -> Option<&str> {
    match action {
        Action::Open(open) => open.body.as_deref(),
        Action::Say(say) | Action::Note(say) => Some(&say.body),
        _ => None,
    }
}

/// What the client was told of a command is what stands there.
fn check_settled(mine: &Transcript, full: &Transcript, settled: &Settled) {
    let id = settled.command.id;
    let Ok(outcome) = &settled.answer else {
        let body = body_of(&settled.command.action);
        assert!(full.words().all(|(_, stored)| Some(stored.as_str()) != body), "{id:?}: refused and stored");
        return;
    };
    let Some(made) = outcome.made else { return };
    let record = mine.records.iter().find(|record| record.number == made.number);
    let record = record.unwrap_or_else(|| panic!("{id:?}: no record {:?}", made.number));
    assert_eq!((record.id, record.tail), (made.message, made.tail), "{id:?}: another record stands at its number");
    assert_eq!(record.at, outcome.at, "{id:?}: another time");
    let said = mine.words().find(|(stored, _)| stored.id == record.id).map(|(_, body)| body);
    assert_eq!(said.as_deref(), body_of(&settled.command.action), "{id:?}: other words stand there");
}

/// The transcript that grew over all the kills is the one that is read from the beginning, and a person's own words
/// stand in the order they were sent in.
async fn check_live(person: &mut Person, read: &BTreeMap<ConversationId, Read>) {
    let shown: Vec<ConversationId> = person.client.transcripts.keys().copied().collect();
    for id in shown.into_iter().filter(|id| read.contains_key(id)) {
        let fresh = if person.is_visitor() { &read[&id].public } else { &read[&id].full };
        if person.client.transcript(id).records.is_empty() {
            // A conversation the agent meddled in without following it.
            continue;
        }
        let position = fresh.position();
        person.client.until("the live transcript ends", |client| client.transcript(id).position() == position).await;
        let live: Vec<_> = person.client.transcript(id).records.iter().map(words).collect();
        assert_eq!(live, fresh.records.iter().map(words).collect::<Vec<_>>(), "{id}: the live transcript differs");
        assert_eq!(person.client.transcript(id).resyncs, 0, "{id}: a resync without a restore");
        check_ordinals(id, person.client.transcript(id));
    }
}

fn words(record: &Record) -> (u64, MessageId, u32, String) {
    let body = match &record.what {
        RecordKind::Said(said) | RecordKind::Noted(said) => said.body.0.clone(),
        _ => String::new(),
    };
    (record.number.0, record.id, record.tail, body)
}

fn check_ordinals(id: ConversationId, transcript: &Transcript) {
    let mut last: BTreeMap<OutboxId, u32> = BTreeMap::new();
    for CommandId { outbox, ordinal } in transcript.words().filter_map(|(record, _)| record.command) {
        let before = last.insert(outbox, ordinal).unwrap_or_default();
        assert!(before < ordinal, "{id}: {ordinal} stands behind {before} of the same outbox");
    }
}

/// The checker itself: a history without a fault passes, and each fault is found.
mod tests {
    use super::*;
    use protocol::{Author, Body, Code, Command, Made, Number, Outcome, Refusal, Said, Say};
    use std::panic::catch_unwind;
    use uuid::Uuid;

    fn id(number: u64) -> Uuid {
        Uuid::from_u128(u128::from(number))
    }

    /// Three messages and a note between them, and what their authors were told.
    fn sound() -> (Read, Vec<Settled>) {
        let said = |number: u64, body: &str| Said { by: Author::System, body: Body(format!("{body} {number}")) };
        let record = |number: u64, what: RecordKind| Record {
            number: Number(number),
            tail: u32::try_from(number).unwrap() * 11,
            id: MessageId(id(number)),
            at: number,
            command: Some(CommandId { outbox: OutboxId(id(0)), ordinal: u32::try_from(number).unwrap() }),
            what,
        };
        let full: Vec<_> = (1..=4)
            .map(|number| match number {
                2 => record(number, RecordKind::Noted(said(number, "word"))),
                _ => record(number, RecordKind::Said(said(number, "word"))),
            })
            .collect();
        let mut public: Vec<_> = full.iter().filter(|record| !is_hidden(record)).cloned().collect();
        for (record, number) in public.iter_mut().zip(1..) {
            record.number = Number(number);
        }
        let settled = full.iter().map(|record| Settled {
            command: Command {
                id: record.command.unwrap(),
                conversation: Some(ConversationId(id(9))),
                action: Action::Say(Say { body: format!("word {}", record.number.0) }),
            },
            answer: Ok(Outcome {
                command: record.command.unwrap(),
                conversation: Some(ConversationId(id(9))),
                at: record.at,
                made: Some(Made { message: record.id, number: record.number, tail: record.tail, before: 0 }),
            }),
            sends: 1,
            is_repeat: false,
        });
        let settled = settled.collect();
        let transcript = |records| Transcript { records, ..Transcript::default() };
        (Read { public: transcript(public), full: transcript(full) }, settled)
    }

    fn passes(spoil: impl FnOnce(&mut Read, &mut Vec<Settled>)) -> bool {
        let (mut read, mut settled) = sound();
        spoil(&mut read, &mut settled);
        let checked = catch_unwind(|| {
            let id = ConversationId(id(9));
            check_numbers(id, &read);
            check_words(id, &read, &settled.iter().collect::<Vec<_>>());
            for settled in &settled {
                check_settled(&read.full, &read.full, settled);
            }
            check_ordinals(id, &read.full);
        });
        checked.is_ok()
    }

    fn renumber(transcript: &mut Transcript) {
        for (record, number) in transcript.records.iter_mut().zip(1..) {
            record.number = Number(number);
        }
    }

    #[test]
    fn a_history_without_a_fault_passes() {
        assert!(passes(|_, _| {}));
    }

    #[test]
    fn a_lost_a_doubled_and_a_moved_record_are_found() {
        assert!(!passes(|read, _| drop(read.full.records.remove(2))));
        assert!(!passes(|read, _| drop(read.public.records.remove(1))));
        assert!(!passes(|read, _| drop((read.public.records.pop(), read.full.records.pop()))));
        assert!(!passes(|read, _| {
            read.full.records.push(read.full.records[0].clone());
            renumber(&mut read.full);
        }));
        assert!(!passes(|read, _| {
            read.public.records.swap(0, 2);
            renumber(&mut read.public);
        }));
        assert!(!passes(|read, _| {
            read.full.records.swap(0, 3);
            read.public.records.swap(0, 2);
            renumber(&mut read.full);
            renumber(&mut read.public);
        }));
    }

    #[test]
    fn a_leaked_note_and_words_that_differ_are_found() {
        assert!(!passes(|read, _| {
            read.public.records.insert(1, read.full.records[1].clone());
            renumber(&mut read.public);
        }));
        assert!(!passes(|read, _| read.public.records[0].what = read.full.records[1].what.clone()));
        assert!(!passes(|read, _| read.public.records[0].tail += 1));
    }

    #[test]
    fn a_refusal_of_what_is_stored_and_a_wrong_answer_are_found() {
        assert!(!passes(|_, settled| settled[3].answer = Err(Refusal::of(Code::Stale))));
        assert!(!passes(|_, settled| drop(settled.pop())));
        assert!(!passes(|_, settled| {
            let answer = settled[2].answer.clone();
            settled[0].answer = answer;
        }));
    }
}
