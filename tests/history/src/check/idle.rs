//! I26: without faults nothing has to be repaired.

use crate::finding::{Finding, Invariant};
use crate::index::Index;
use crate::operation::Call;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let breaks = |call: &Call| matches!(call, Call::Fault { took_effect: true, .. });
    let is_calm = !index.was_restored() && !index.operations().any(|(_, operation)| breaks(&operation.call));
    let repairs = index.operations().filter_map(|(at, operation)| {
        let sentence = match &operation.call {
            Call::Gap { conversation } if is_calm => format!("a gap in {conversation:?} without a fault"),
            // Whatever breaks, a history becomes another one only when the store is put back.
            Call::Resync { conversation } if !index.was_restored() => {
                format!("a resync of {conversation:?} without a restore")
            }
            Call::Command { command, sends, .. } if is_calm && *sends > 1 => {
                format!("{:?} was sent {sends} times without a fault", command.id)
            }
            Call::Gap { .. }
            | Call::Resync { .. }
            | Call::Command { .. }
            | Call::Read { .. }
            | Call::Connect { .. }
            | Call::Disconnect
            | Call::Fault { .. }
            | Call::Heal { .. }
            | Call::Restore { .. } => return None,
        };
        Some(Finding::new(Invariant::RepairIdle, sentence, &[at]))
    });
    repairs.collect()
}
