//! I7: among those an agent could serve, the first in line is served first.

use crate::calm::Calm;
use crate::finding::{Finding, Invariant};
use crate::floor::{self, Chat, Event, Floor};
use crate::index::Index;
use crate::operation::Nanos;
use crate::truth::Stored;
use protocol::AgentId;

/// Until the gateway knows that a visitor is there, and what it decided then is stored.
const NOTICED_NANOS_MAX: Nanos = 1_000_000_000;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let calm = Calm::of(index);
    let mut findings = Vec::new();
    floor::walk(index, |floor, event| {
        let Event::Stored(stored) = event else { return };
        let Some(agent) = floor::given(&stored.record.what) else { return };
        if let Some(first) = passed_over(floor, &calm, stored, agent) {
            let sentence = format!(
                "{agent:?} was given {:?} while {:?} of the same team stood before it",
                stored.conversation, first.row.conversation
            );
            findings.push(Finding::new(Invariant::InTurn, sentence, &[]));
        }
    });
    findings
}

/// The first in the same team's line whom the agent could have served, and who was there long enough to be known.
fn passed_over<'f, 'h>(floor: &'f Floor<'h>, calm: &Calm, stored: &Stored, agent: AgentId) -> Option<&'f Chat<'h>> {
    let served = floor.chat((stored.site, stored.conversation))?;
    floor.before(served).find(|first| {
        let ready = floor.ready_since(first).filter(|_| floor.fits(agent, first));
        ready.is_some_and(|since| calm.deadline(stored.site, since, NOTICED_NANOS_MAX) < floor.now)
    })
}
