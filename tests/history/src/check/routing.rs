//! I6, I7 and I8, in one walk over the floor.

use crate::calm::Calm;
use crate::check::patience::Forgotten;
use crate::check::{capacity, turn};
use crate::finding::Finding;
use crate::floor::{self, Event};
use crate::index::Index;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let calm = Calm::of(index);
    let mut forgotten = Forgotten::default();
    let mut findings = Vec::new();
    floor::walk(index, |floor, event| {
        match event.site() {
            Some(site) => forgotten.look(floor, &calm, site),
            None => index.history.sites.iter().for_each(|site| forgotten.look(floor, &calm, site.site)),
        }
        if let Event::Stored(stored) = event
            && let Some(agent) = floor::given(&stored.record.what)
        {
            findings.extend(capacity::judge(floor, stored, agent));
            findings.extend(turn::judge(floor, &calm, stored, agent));
        }
    });
    findings.append(&mut forgotten.findings);
    findings
}
