//! I6: no automatic assignment takes an agent above capacity; offers count.

use crate::finding::{Finding, Invariant};
use crate::floor::{self, Event};
use crate::index::Index;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let mut findings = Vec::new();
    floor::walk(index, |floor, event| {
        let Event::Stored(stored) = event else { return };
        let Some(agent) = floor::given(&stored.record.what) else { return };
        let Some(desk) = floor.desk(stored.site, agent) else { return };
        if desk.load >= desk.capacity(floor.now) {
            let sentence = format!(
                "{agent:?} has {} of {} and was given {:?} at {}",
                desk.load,
                desk.capacity(floor.now),
                stored.conversation,
                stored.record.number.0
            );
            findings.push(Finding::new(Invariant::WithinCapacity, sentence, &[]));
        }
    });
    findings
}
