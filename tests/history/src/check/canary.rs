//! I22: nothing crosses from one site to another.

use crate::finding::{Finding, Invariant};
use crate::index::Index;
use crate::operation::Call;
use crate::words;
use protocol::Record;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let sites = &index.history.sites;
    let canaries: Vec<_> = sites.iter().filter_map(|site| Some((site.site, site.canary.as_deref()?))).collect();
    let mut findings = Vec::new();
    for (at, operation) in index.operations() {
        let Call::Read { conversation, records, .. } = &operation.call else { continue };
        let mut strange = canaries.iter().filter(|(site, _)| *site != operation.site);
        let sung = strange.find(|(_, canary)| records.iter().any(|record| holds(record, canary)));
        let home = records.iter().filter_map(|record| index.message(record.id)).map(|stored| stored.site);
        let from = sung.map(|(site, _)| *site).or_else(|| home.into_iter().find(|site| *site != operation.site));
        if let Some(from) = from {
            let sentence =
                format!("at site {} somebody read what is of site {from}, in {conversation:?}", operation.site);
            findings.push(Finding::new(Invariant::SitesApart, sentence, &[at]));
        }
    }
    findings
}

fn holds(record: &Record, canary: &str) -> bool {
    words::all_of(&record.what).into_iter().any(|text| text.contains(canary))
}
