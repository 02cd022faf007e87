//! I26: without faults nothing has to be repaired.

use crate::finding::{Finding, Invariant};
use crate::index::Index;
use crate::operation::Call;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let breaks = |call: &Call| matches!(call, Call::Fault { took_effect: true, .. } | Call::Restore { .. });
    if index.operations().any(|(_, operation)| breaks(&operation.call)) {
        return Vec::new();
    }
    let repairs = index.operations().filter_map(|(at, operation)| {
        let sentence = match &operation.call {
            Call::Gap { conversation } => format!("a gap in {conversation:?} without a fault"),
            Call::Resync { conversation } => format!("a resync of {conversation:?} without a fault"),
            Call::Command { command, sends, .. } if *sends > 1 => {
                format!("{:?} was sent {sends} times without a fault", command.id)
            }
            Call::Command { .. }
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
