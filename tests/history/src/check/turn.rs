//! I7: among those an agent could serve, the first in line is served first.

use crate::calm::Calm;
use crate::finding::{Finding, Invariant};
use crate::floor::{Chat, Floor};
use crate::operation::Nanos;
use crate::truth::Stored;
use protocol::AgentId;

/// Until the gateway knows that a visitor is there, and what it decided then is stored.
const NOTICED_NANOS_MAX: Nanos = 1_000_000_000;

/// Judges a gift of the rules, on the floor as it stood before.
///
/// Who was cut off at that moment by something broken is not passed over: the gateway may think that they have gone.
pub(crate) fn judge(floor: &Floor, calm: &Calm, stored: &Stored, agent: AgentId) -> Option<Finding> {
    if !calm.holds(stored.site, floor.now) {
        return None;
    }
    let first = passed_over(floor, calm, stored, agent)?;
    let sentence = format!(
        "{agent:?} was given {:?} at {} ms while {:?} of the same team stood before it",
        stored.conversation,
        floor.now / 1_000_000,
        first.row.conversation
    );
    Some(Finding::new(Invariant::InTurn, sentence, &[]))
}

/// The first in the same team's line whom the agent could have served, and who was there long enough to be known.
fn passed_over<'f, 'h>(floor: &'f Floor<'h>, calm: &Calm, stored: &Stored, agent: AgentId) -> Option<&'f Chat<'h>> {
    let served = floor.chat((stored.site, stored.conversation))?;
    floor.before(served).find(|first| {
        let ready = floor.ready_since(first).filter(|_| floor.fits(agent, first));
        let ready = ready.map(|since| since.max(first.refused_until(agent)));
        ready.is_some_and(|since| calm.deadline(stored.site, since, NOTICED_NANOS_MAX) < floor.now)
    })
}
