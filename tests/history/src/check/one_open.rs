//! I16: a visitor has no more open conversations than the site allows.

use crate::finding::{Finding, Invariant};
use crate::index::{Index, Key};
use crate::map::Map;
use crate::operation::SiteNumber;
use crate::standing::Standing;
use protocol::{ConversationId, VisitorId};
use std::collections::BTreeSet;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let allowed: Map<SiteNumber, usize> =
        index.history.sites.iter().map(|site| (site.site, site.open_max as usize)).collect();
    let mut standings: Map<Key, Standing> = Map::default();
    let mut open: Map<(SiteNumber, VisitorId), BTreeSet<ConversationId>> = Map::default();
    let mut findings = Vec::new();
    for stored in index.stored.iter() {
        let key = (stored.site, stored.conversation);
        let (Some(visitor), Some(allowed)) = (index.visitor(key), allowed.get(&stored.site)) else { continue };
        let standing = standings.entry(key).or_default();
        *standing = standing.after(&stored.record.what);
        let open = open.entry((stored.site, visitor)).or_default();
        if !standing.is_open() {
            open.remove(&stored.conversation);
        } else if open.insert(stored.conversation) && open.len() > *allowed {
            let sentence = format!("{visitor:?} has {open:?} open at once");
            findings.push(Finding::new(Invariant::OneOpen, sentence, &[]));
        }
    }
    findings
}
