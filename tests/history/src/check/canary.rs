//! I22: nothing crosses from one site to another.

use crate::finding::{Finding, Invariant};
use crate::index::Index;
use crate::map::Map;
use crate::operation::{Call, SiteNumber};
use crate::words;
use protocol::Record;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let sites = index.history.sites.iter();
    let canaries: Map<&str, SiteNumber> = sites.filter_map(|site| Some((site.canary.as_deref()?, site.site))).collect();
    let mut findings = Vec::new();
    for (at, operation) in index.operations() {
        let Call::Read { conversation, records, .. } = &operation.call else { continue };
        let homes = records.iter().flat_map(|record| {
            let stored = index.message(record.id).map(|stored| stored.site);
            stored.into_iter().chain(sung(record, &canaries))
        });
        if let Some(home) = homes.into_iter().find(|home| *home != operation.site) {
            let sentence =
                format!("at site {} somebody read what is of site {home}, in {conversation:?}", operation.site);
            findings.push(Finding::new(Invariant::SitesApart, sentence, &[at]));
        }
    }
    findings
}

/// The sites whose canaries are in a record. Words are looked up one by one, so that many sites cost no more than few.
fn sung(record: &Record, canaries: &Map<&str, SiteNumber>) -> impl Iterator<Item = SiteNumber> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let words = words::all_of(&record.what).flat_map(move |text| text.split(move |c| !is_part(c)));
    words.filter_map(|word| canaries.get(word).copied())
}
