//! I1: what was acknowledged is stored; I3: where and as it was acknowledged.

use crate::finding::{Finding, Invariant};
use crate::index::{Acknowledged, Index};
use crate::words;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    index.acknowledged().filter_map(|told| lost(index, &told).or_else(|| moved(index, &told))).collect()
}

fn lost(index: &Index, told: &Acknowledged) -> Option<Finding> {
    // Without a record's id, only a store that names every command can tell.
    let can_tell = told.made.is_some() || index.is_exact;
    if !can_tell || index.conversation(told.key).is_none() && !index.is_exact || told.stored(index).is_some() {
        return None;
    }
    let sentence = format!("{:?} was acknowledged and is not stored in {:?}", told.command.id, told.key.1);
    Some(Finding::new(Invariant::NothingLost, sentence, &[told.at]))
}

/// The record has another number, tail, time or body than its author was told.
fn moved(index: &Index, told: &Acknowledged) -> Option<Finding> {
    let (made, stored) = (told.made?, told.stored(index)?);
    let number = match index.audience(told.operation.process) {
        Some(crate::Audience::Visitor) => stored.public?,
        Some(crate::Audience::Agent) | None => stored.record.number,
    };
    let fault = if number != made.number {
        format!("stands at {} instead of {}", number.0, made.number.0)
    } else if stored.record.tail != made.tail {
        format!("has the tail {} instead of {}", stored.record.tail, made.tail)
    } else if stored.record.at != told.time {
        format!("has the time {} instead of {}", stored.record.at, told.time)
    } else if words::of_record(&stored.record.what) != words::of_command(&told.command.action)
        && !index.is_withdrawn(stored.record.id)
    {
        "has other words than were sent".to_owned()
    } else {
        return None;
    };
    let sentence = format!("what {:?} was acknowledged with {fault}, in {:?}", told.command.id, told.key.1);
    Some(Finding::new(Invariant::OneOrder, sentence, &[told.at]))
}
