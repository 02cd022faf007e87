//! I26: without faults nothing has to be repaired.

use crate::finding::{Finding, Invariant};
use crate::index::Index;
use crate::map::Map;
use crate::operation::{Call, Nanos, Operation};

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let breaks = |call: &Call| matches!(call, Call::Fault { took_effect: true, .. });
    let is_calm = !index.was_restored() && !index.operations().any(|(_, operation)| breaks(&operation.call));
    let mut connects: Map<u32, Nanos> = Map::default();
    for (_, operation) in index.operations().filter(|_| is_calm) {
        if let Call::Connect { .. } = &operation.call {
            connects.insert(operation.process, operation.invoked);
        }
    }
    let repairs = index.operations().filter_map(|(at, operation)| {
        let sentence = match &operation.call {
            Call::Gap { conversation } if is_calm => format!("a gap in {conversation:?} without a fault"),
            // Whatever breaks, a history becomes another one only when the store is put back.
            Call::Resync { conversation } if !index.was_restored() => {
                format!("a resync of {conversation:?} without a restore")
            }
            // A socket that ended took along what was unanswered.
            Call::Command { command, sends, .. } if is_calm && *sends > 1 && !reconnected(&connects, operation) => {
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

/// Whether the process has had another socket since it first sent a command.
fn reconnected(connects: &Map<u32, Nanos>, operation: &Operation) -> bool {
    connects.get(&operation.process).is_some_and(|connect| *connect > operation.invoked)
}
