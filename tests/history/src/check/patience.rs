//! I8: nobody waits for more than a second, or five after a fault, while a fitting agent is free.

use crate::calm::Calm;
use crate::finding::{Finding, Invariant};
use crate::floor::{self, Chat, Floor};
use crate::index::{Index, Key};
use crate::operation::{Nanos, SiteNumber};
use protocol::AgentId;
use std::collections::{HashMap, HashSet};

const WAIT_NANOS_MAX: Nanos = 1_000_000_000;

/// Since when conversations have had somebody who could take them.
type Chances = HashMap<Key, Nanos>;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let calm = Calm::of(index);
    let mut forgotten = Forgotten::default();
    floor::walk(index, |floor, event| match event.site() {
        Some(site) => forgotten.look(floor, &calm, site),
        None => {
            for site in index.history.sites.iter().map(|site| site.site) {
                forgotten.look(floor, &calm, site);
            }
        }
    });
    forgotten.findings
}

#[derive(Default)]
struct Forgotten {
    /// Until when each site was looked at, and what was seen then.
    seen: HashMap<SiteNumber, (Nanos, Chances)>,
    told: HashSet<Key>,
    findings: Vec<Finding>,
}

impl Forgotten {
    /// Looks at a site on which nothing has changed since the last look.
    fn look(&mut self, floor: &Floor, calm: &Calm, site: SiteNumber) {
        let (from, before) = self.seen.entry(site).or_default();
        if *from == floor.now {
            return;
        }
        let teams = floor.teams(site, floor.free(site).map(|(agent, _)| agent));
        let mut chances = Chances::new();
        for chat in teams.into_iter().flat_map(|team| floor.waiting(site, team)) {
            let key = (site, chat.row.conversation);
            let Some((mut since, agent)) = chance(floor, chat, *from) else { continue };
            since = before.get(&key).map_or(since, |earlier| since.min(*earlier));
            if calm.deadline(site, since, WAIT_NANOS_MAX) < floor.now && self.told.insert(key) {
                self.findings.push(waited(chat, agent, floor.now - since));
            }
            chances.insert(key, since);
        }
        (*from, *before) = (floor.now, chances);
    }
}

fn waited(chat: &Chat, agent: AgentId, nanos: Nanos) -> Finding {
    let conversation = chat.row.conversation;
    let sentence = format!("{conversation:?} waited for {} ms while {agent:?} was free for it", nanos / 1_000_000);
    Finding::new(Invariant::NobodyForgotten, sentence, &[])
}

/// Somebody who could take it, and since when, on a floor that has stood since `from`.
fn chance(floor: &Floor, chat: &Chat, from: Nanos) -> Option<(Nanos, AgentId)> {
    let ready = floor.ready_since(chat)?;
    let fitting = floor.free(chat.row.site).filter(|(agent, _)| floor.fits(*agent, chat));
    let chances = fitting.map(|(agent, here)| (ready.max(here).max(chat.refused_until(agent)).max(from), agent));
    chances.min()
}
