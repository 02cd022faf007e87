//! Orders that differ, and orders that cannot be.

use crate::chance::Chance;
use crate::finds;
use crate::spoil::{answer, operation, read, read_mut, stored, swap};
use history::{Answer, Call, History, Invariant, Stored};
use protocol::{Body, Number, RecordKind};

/// Two acknowledged messages of one conversation, the second sent after the first was acknowledged.
fn two_acknowledged(
    history: &History,
    chance: &mut Chance,
    fit: impl Fn(&Stored, &Stored) -> bool,
) -> Option<(usize, usize)> {
    let told = history.operations.iter().filter_map(|operation| match &operation.call {
        Call::Command { answer: Answer::Ok { made: Some(made), .. }, sends: 1, .. } => {
            let at = history.truth.records.iter().position(|stored| stored.record.id == made.message)?;
            Some((at, operation)).filter(|(at, _)| history.truth.records[*at].public.is_some())
        }
        _ => None,
    });
    let told: Vec<_> = told.collect();
    let mut pairs = Vec::new();
    for (one, first) in &told {
        for (other, second) in &told {
            let (a, b) = (&history.truth.records[*one], &history.truth.records[*other]);
            if a.conversation == b.conversation && first.completed? < second.invoked && fit(a, b) {
                pairs.push((*one, *other));
            }
        }
    }
    chance.pick(&pairs)
}

#[test]
fn an_outbox_against_its_ordinals_is_found() {
    finds(Invariant::Causality, |history, chance| {
        let outbox = |stored: &Stored| stored.record.command.map(|command| command.outbox);
        let (one, other) = two_acknowledged(history, chance, |a, b| outbox(a) == outbox(b))?;
        // Their answers come at no time, so that only the ordinals tell.
        swap(history, one, other);
        for operation in &mut history.operations {
            operation.completed = operation.completed.filter(|_| !matches!(operation.call, Call::Command { .. }));
        }
        Some(())
    });
}

#[test]
fn a_reply_before_what_it_answers_is_found() {
    finds(Invariant::Causality, |history, chance| {
        let (one, other) = two_acknowledged(history, chance, |a, b| a.author != b.author)?;
        swap(history, one, other);
        Some(())
    });
}

#[test]
fn two_records_in_each_others_place_in_the_store_are_found() {
    finds(Invariant::OneOrder, |history, chance| {
        let at = stored(history, chance, |stored| stored.record.number.0 > 1 && stored.public.is_some())?;
        let (conversation, number) = (history.truth.records[at].conversation, history.truth.records[at].record.number);
        let before = history.truth.records.iter().position(|stored| {
            stored.conversation == conversation && stored.record.number.next() == number && stored.public.is_some()
        })?;
        let reads = history.operations.clone();
        swap(history, before, at);
        history.operations = reads;
        Some(())
    });
}

#[test]
fn a_reader_with_another_order_is_found() {
    finds(Invariant::OneOrder, |history, chance| {
        let at = operation(history, chance, |operation| read(operation).is_some_and(|(records, _)| records.len() > 2))?;
        let records = read_mut(&mut history.operations[at])?;
        let (first, second) = (records[0].number, records[1].number);
        records.swap(0, 1);
        (records[0].number, records[1].number) = (first, second);
        Some(())
    });
}

#[test]
fn a_hole_in_the_numbers_is_found() {
    finds(Invariant::OneOrder, |history, chance| {
        let at = stored(history, chance, |_| true)?;
        let conversation = history.truth.records[at].conversation;
        for stored in history.truth.records[at..].iter_mut().filter(|stored| stored.conversation == conversation) {
            stored.record.number = stored.record.number.next();
        }
        Some(())
    });
}

#[test]
fn a_hole_in_the_public_numbers_is_found() {
    finds(Invariant::OneOrder, |history, chance| {
        let at = stored(history, chance, |stored| stored.public.is_some())?;
        history.truth.records[at].public = history.truth.records[at].public.map(Number::next);
        Some(())
    });
}

#[test]
fn words_that_changed_are_found() {
    finds(Invariant::OneOrder, |history, chance| {
        let is_said = |operation: &history::Operation| {
            read(operation).is_some_and(|(records, _)| matches!(records[0].what, RecordKind::Said(_)))
        };
        let at = operation(history, chance, is_said)?;
        let records = read_mut(&mut history.operations[at])?;
        let RecordKind::Said(said) = &mut records[0].what else { return None };
        said.body = Body("other words".into());
        Some(())
    });
}

#[test]
fn an_acknowledgement_that_names_another_place_is_found() {
    for spoil in 0..3 {
        finds(Invariant::OneOrder, |history, chance| {
            let at = operation(history, chance, |operation| {
                matches!(operation.call, Call::Command { answer: Answer::Ok { made: Some(_), .. }, .. })
            })?;
            let Some(Answer::Ok { at: time, made: Some(made) }) = answer(&mut history.operations[at]) else {
                return None;
            };
            match spoil {
                0 => made.number = made.number.next(),
                1 => made.tail ^= 1,
                _ => *time += 1,
            }
            Some(())
        });
    }
}
