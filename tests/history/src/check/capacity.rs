//! I6: no automatic assignment takes an agent above capacity; offers count.

use crate::finding::{Finding, Invariant};
use crate::floor::Floor;
use crate::truth::Stored;
use protocol::AgentId;

/// Judges a gift of the rules, on the floor as it stood before.
pub(crate) fn judge(floor: &Floor, stored: &Stored, agent: AgentId) -> Option<Finding> {
    let desk = floor.desk(stored.site, agent)?;
    let capacity = desk.capacity(floor.now);
    (desk.load >= capacity).then(|| {
        let (load, conversation) = (desk.load, stored.conversation);
        let sentence =
            format!("{agent:?} has {load} of {capacity} and was given {conversation:?} at {}", stored.record.number.0);
        Finding::new(Invariant::WithinCapacity, sentence, &[])
    })
}
