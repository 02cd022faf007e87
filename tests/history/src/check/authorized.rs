//! I20: nobody reads what they may not: visitors their own conversations, agents those of their site while they are
//! enabled.

use crate::calm::Calm;
use crate::finding::{Finding, Invariant};
use crate::index::Index;
use crate::map::Map;
use crate::operation::{Audience, Call, Nanos, Operation, Principal, SiteNumber};
use protocol::{AgentId, ConversationId};

/// A revocation holds everywhere after this; while something is broken, once it is mended.
const REVOKED_NANOS_MAX: Nanos = 5_000_000_000;

/// When agents were disabled and enabled, ascending.
type Enabled = Map<(SiteNumber, AgentId), Vec<(Nanos, bool)>>;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let calm = Calm::of(index);
    let mut enabled = Enabled::default();
    for row in &index.history.truth.agents {
        enabled.entry((row.site, row.agent)).or_default().push((row.from, row.enabled));
    }
    let mut principals: Map<u32, Principal> = Map::default();
    let mut findings = Vec::new();
    for (at, operation) in index.operations() {
        match &operation.call {
            Call::Connect { principal } => {
                principals.insert(operation.process, *principal);
            }
            Call::Read { conversation, audience, .. } => {
                let Some(principal) = principals.get(&operation.process) else { continue };
                if let Some(why) = forbidden(index, &calm, &enabled, operation, *principal, *conversation, *audience) {
                    let sentence = format!("{principal:?} read {conversation:?} as {audience:?}, {why}");
                    findings.push(Finding::new(Invariant::OnlyTheAuthorized, sentence, &[at]));
                }
            }
            Call::Command { .. }
            | Call::Gap { .. }
            | Call::Resync { .. }
            | Call::Disconnect
            | Call::Fault { .. }
            | Call::Heal { .. }
            | Call::Restore { .. } => {}
        }
    }
    findings
}

fn forbidden(
    index: &Index,
    calm: &Calm,
    enabled: &Enabled,
    operation: &Operation,
    principal: Principal,
    conversation: ConversationId,
    audience: Audience,
) -> Option<&'static str> {
    let site = operation.site;
    match principal {
        Principal::Visitor(visitor) => {
            let owner = index.visitor((site, conversation));
            match audience {
                Audience::Agent => Some("and is a visitor"),
                Audience::Visitor if owner.is_some_and(|owner| owner != visitor) => Some("which is another's"),
                Audience::Visitor => None,
            }
        }
        Principal::Agent(agent) => {
            let read = operation.completed.unwrap_or(operation.invoked);
            let rows = enabled.get(&(site, agent))?;
            let row = rows.partition_point(|(from, _)| from.saturating_add(REVOKED_NANOS_MAX) < read).checked_sub(1)?;
            let stays_out = rows[row..].iter().take_while(|(from, _)| *from <= read).all(|(_, enabled)| !enabled);
            let due = calm.deadline(site, rows[row].0, REVOKED_NANOS_MAX);
            (stays_out && due < read).then_some("and was disabled")
        }
    }
}
