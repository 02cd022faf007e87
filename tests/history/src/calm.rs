//! Calm: when nothing was broken, so that limits of time hold.

use crate::index::Index;
use crate::map::Map;
use crate::operation::{Call, Nanos, SiteNumber};
use crate::truth::Phase;

/// After a fault, what is due at once may take this long.
const RECOVERY_NANOS_MAX: Nanos = 5_000_000_000;

/// The times of unrest.
#[derive(Debug)]
pub(crate) struct Calm {
    /// Of faults and restores, which touch every site: sorted, apart from each other.
    everywhere: Vec<(Nanos, Nanos)>,
    /// Of sites whose desk was away or opening: sorted, apart from each other.
    of_site: Map<SiteNumber, Vec<(Nanos, Nanos)>>,
}

impl Calm {
    pub fn of(index: &Index) -> Self {
        Self { everywhere: apart(faults(index)), of_site: absences(index) }
    }

    /// When something due within `limit` from `since` is late: faults and opening desks in between give it until
    /// they are over, and then the time of recovery.
    pub fn deadline(&self, site: SiteNumber, since: Nanos, limit: Nanos) -> Nanos {
        let mut due = since.saturating_add(limit);
        let of_site = self.of_site.get(&site).map_or(&[][..], Vec::as_slice);
        // An unrest of one kind may begin in the recovery from the other.
        loop {
            let before = due;
            for unrest in [&self.everywhere[..], of_site] {
                let from = unrest.partition_point(|(_, end)| end.saturating_add(RECOVERY_NANOS_MAX) < since);
                for (start, end) in &unrest[from..] {
                    if *start > due {
                        break;
                    }
                    due = due.max(end.saturating_add(RECOVERY_NANOS_MAX));
                }
            }
            if due == before {
                return due;
            }
        }
    }
}

fn faults(index: &Index) -> Vec<(Nanos, Nanos)> {
    let mut open: Map<&str, Vec<usize>> = Map::default();
    let mut faults = Vec::new();
    for (_, operation) in index.operations() {
        let now = operation.invoked;
        match &operation.call {
            Call::Fault { name, took_effect: true } => {
                open.entry(name).or_default().push(faults.len());
                faults.push((now, now));
            }
            Call::Heal { name } => {
                for at in open.remove(name.as_str()).unwrap_or_default() {
                    faults[at].1 = operation.completed.unwrap_or(now);
                }
            }
            Call::Restore { .. } => faults.push((now, now)),
            Call::Fault { took_effect: false, .. }
            | Call::Command { .. }
            | Call::Read { .. }
            | Call::Gap { .. }
            | Call::Resync { .. }
            | Call::Connect { .. }
            | Call::Disconnect => {}
        }
    }
    faults
}

fn absences(index: &Index) -> Map<SiteNumber, Vec<(Nanos, Nanos)>> {
    let mut absences: Map<SiteNumber, Vec<(Nanos, Nanos)>> = Map::default();
    let mut since: Map<SiteNumber, Nanos> = Map::default();
    for row in &index.history.truth.desks {
        match row.phase {
            Phase::Opening | Phase::Gone => {
                since.entry(row.site).or_insert(row.from);
            }
            Phase::Serving => {
                if let Some(start) = since.remove(&row.site) {
                    absences.entry(row.site).or_default().push((start, row.from));
                }
            }
        }
    }
    for (site, start) in since {
        absences.entry(site).or_default().push((start, index.end));
    }
    absences.into_iter().map(|(site, absences)| (site, apart(absences))).collect()
}

/// Sorted, and those that touch made one.
fn apart(mut spans: Vec<(Nanos, Nanos)>) -> Vec<(Nanos, Nanos)> {
    spans.sort_unstable();
    let mut apart: Vec<(Nanos, Nanos)> = Vec::new();
    for (start, end) in spans {
        match apart.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            Some(_) | None => apart.push((start, end)),
        }
    }
    apart
}
