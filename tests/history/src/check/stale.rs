//! I11: nothing is written by a fenced desk, or by an agent who no longer holds the conversation.

use crate::finding::{Finding, Invariant};
use crate::index::Index;
use crate::map::Map;
use crate::operation::SiteNumber;
use crate::standing::{Misplaced, Standing};

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let mut findings = by_a_fenced_desk(index);
    findings.extend(by_somebody_else(index));
    findings
}

fn by_a_fenced_desk(index: &Index) -> Vec<Finding> {
    let mut highest: Map<SiteNumber, i64> = Map::default();
    let mut findings = Vec::new();
    for stored in index.stored.iter() {
        let Some(epoch) = stored.epoch else { continue };
        let highest = highest.entry(stored.site).or_insert(epoch);
        if epoch < *highest {
            let sentence = format!(
                "number {} of {:?} was written under epoch {epoch}, after epoch {highest} had written",
                stored.record.number.0, stored.conversation
            );
            findings.push(Finding::new(Invariant::NothingStale, sentence, &[]));
        }
        *highest = epoch.max(*highest);
    }
    findings
}

fn by_somebody_else(index: &Index) -> Vec<Finding> {
    let mut findings = Vec::new();
    for conversation in &index.conversations {
        let mut standing = Standing::default();
        for at in &conversation.records {
            let record = &index.stored[*at].record;
            if let Err(Misplaced::Stale(agent)) = standing.permits(&record.what) {
                let sentence = format!(
                    "{agent:?} acted at number {} of {:?}, which was {standing:?}",
                    record.number.0, conversation.key.1
                );
                findings.push(Finding::new(Invariant::NothingStale, sentence, &[]));
            }
            standing = standing.after(&record.what);
        }
    }
    findings
}
