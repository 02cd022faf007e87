//! I8: nobody waits for more than a second, or five after a fault, while a fitting agent is free.

use crate::calm::Calm;
use crate::finding::{Finding, Invariant};
use crate::floor::{Chat, Floor};
use crate::index::Key;
use crate::map::{Map, Set};
use crate::operation::{Nanos, SiteNumber};
use protocol::AgentId;

const WAIT_NANOS_MAX: Nanos = 1_000_000_000;
const NANOS_PER_MS: Nanos = 1_000_000;

/// Since when conversations have had somebody who could take them.
type Chances = Map<Key, Nanos>;

/// What was seen of those who wait.
#[derive(Default)]
pub(crate) struct Forgotten {
    /// Until when each site was looked at, and what was seen then.
    seen: Map<SiteNumber, (Nanos, Chances)>,
    told: Set<Key>,
    pub findings: Vec<Finding>,
}

impl Forgotten {
    /// Looks at a site on which nothing has changed since the last look.
    pub fn look(&mut self, floor: &Floor, calm: &Calm, site: SiteNumber) {
        let (from, before) = self.seen.entry(site).or_default();
        if *from == floor.now {
            return;
        }
        let teams = floor.teams(site, floor.free(site).map(|(agent, _)| agent));
        let mut chances = Chances::default();
        for chat in teams.into_iter().flat_map(|team| floor.waiting(site, team)) {
            let key = (site, chat.row.conversation);
            let Some((mut since, agent)) = chance(floor, chat, *from) else { continue };
            // One that began later than the last look, as when a refusal ended, does not go on from an earlier one:
            // nobody was free in between.
            if since == *from {
                since = before.get(&key).map_or(since, |earlier| since.min(*earlier));
            }
            if calm.deadline(site, since, WAIT_NANOS_MAX) < floor.now && self.told.insert(key) {
                self.findings.push(waited(chat, agent, since, floor.now));
            }
            chances.insert(key, since);
        }
        (*from, *before) = (floor.now, chances);
    }
}

fn waited(chat: &Chat, agent: AgentId, since: Nanos, now: Nanos) -> Finding {
    let conversation = chat.row.conversation;
    let (since, now) = (since / NANOS_PER_MS, now / NANOS_PER_MS);
    let sentence = format!("{conversation:?} waited from {since} to {now} ms while {agent:?} was free for it");
    Finding::new(Invariant::NobodyForgotten, sentence, &[])
}

/// Somebody who could take it, and since when, on a floor that has stood since `from`.
fn chance(floor: &Floor, chat: &Chat, from: Nanos) -> Option<(Nanos, AgentId)> {
    let ready = floor.ready_since(chat)?;
    let fitting = floor.free(chat.row.site).filter(|(agent, _)| floor.fits(*agent, chat));
    let chances = fitting.map(|(agent, here)| (ready.max(here).max(chat.refused_until(agent)).max(from), agent));
    chances.min()
}
