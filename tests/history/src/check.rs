//! The checks: one file an invariant. Each judges what its data allow, and is silent where they tell nothing.

mod acknowledged;
mod answers;
mod authorized;
mod canary;
mod capacity;
mod causality;
mod holders;
mod idle;
mod notes;
mod numbers;
mod one_open;
mod patience;
mod refused;
mod routing;
mod shown;
mod stale;
mod states;
mod transcripts;
mod turn;

use crate::finding::Finding;
use crate::history::History;
use crate::index::Index;

/// Judges a history. It must be whole: every command of its processes, answered or not, is in it.
///
/// Takes time linear in the history, but for sorting by time what is not in order of time already.
#[must_use]
pub fn check(history: &History) -> Vec<Finding> {
    let index = Index::of(history);
    let checks = [
        acknowledged::check,
        answers::check,
        numbers::check,
        transcripts::check,
        shown::check,
        refused::check,
        causality::check,
        holders::check,
        states::check,
        stale::check,
        one_open::check,
        routing::check,
        authorized::check,
        notes::check,
        canary::check,
        idle::check,
    ];
    checks.iter().flat_map(|check| check(&index)).collect()
}
