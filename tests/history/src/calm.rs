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
    /// Of restores, and of faults that any site may have felt: sorted, apart from each other.
    everywhere: Spans,
    /// Of faults that one site felt, and while its desk was away or opening: sorted, apart from each other.
    of_site: Map<SiteNumber, Spans>,
}

/// From when to when.
type Spans = Vec<(Nanos, Nanos)>;

impl Calm {
    pub fn of(index: &Index) -> Self {
        let mut of_site = absences(index);
        let mut everywhere = Spans::new();
        for (felt_by, span) in faults(index) {
            felt_by.map_or(&mut everywhere, |site| of_site.entry(site).or_default()).push(span);
        }
        let of_site = of_site.into_iter().map(|(site, spans)| (site, apart(spans))).collect();
        Self { everywhere: apart(everywhere), of_site }
    }

    /// Whether nothing at the site is broken, or recovers from that. While something is, who is there is not known.
    pub fn holds(&self, site: SiteNumber, now: Nanos) -> bool {
        let of_site = self.of_site.get(&site).map_or(&[][..], Vec::as_slice);
        [&self.everywhere[..], of_site].into_iter().all(|unrest| {
            let from = unrest.partition_point(|(_, end)| end.saturating_add(RECOVERY_NANOS_MAX) < now);
            unrest.get(from).is_none_or(|(start, _)| *start > now)
        })
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

fn faults(index: &Index) -> Vec<(Option<SiteNumber>, (Nanos, Nanos))> {
    let mut open: Map<&str, Vec<usize>> = Map::default();
    let mut faults = Vec::new();
    for (_, operation) in index.operations() {
        let now = operation.invoked;
        match &operation.call {
            Call::Fault { name, took_effect: true, felt_by } => {
                open.entry(name).or_default().push(faults.len());
                faults.push((*felt_by, (now, now)));
            }
            Call::Heal { name } => {
                for at in open.remove(name.as_str()).unwrap_or_default() {
                    faults[at].1.1 = operation.completed.unwrap_or(now);
                }
            }
            Call::Restore { .. } => faults.push((None, (now, now))),
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

fn absences(index: &Index) -> Map<SiteNumber, Spans> {
    let mut absences: Map<SiteNumber, Spans> = Map::default();
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
    absences
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeskRow, History, Operation};

    const SECOND: Nanos = 1_000_000_000;

    fn at(second: u64, call: Call) -> Operation {
        let time = second * SECOND;
        Operation { process: 0, site: 1, call, invoked: time, completed: Some(time) }
    }

    fn fault(name: &str, took_effect: bool) -> Call {
        Call::Fault { name: name.into(), took_effect, felt_by: None }
    }

    /// When something due in a second is late, in seconds.
    fn due(history: &History, since: u64) -> u64 {
        Calm::of(&Index::of(history)).deadline(1, since * SECOND, SECOND) / SECOND
    }

    #[test]
    fn a_fault_gives_until_its_heal_and_the_time_of_recovery() {
        let heal = Call::Heal { name: "cut".into() };
        let operations = vec![at(100, fault("cut", true)), at(200, heal), at(300, fault("kill", true))];
        let history = History { operations, ..History::default() };
        assert_eq!(due(&history, 50), 51);
        assert_eq!(due(&history, 99), 205);
        assert_eq!(due(&history, 150), 205);
        assert_eq!(due(&history, 203), 205);
        assert_eq!(due(&history, 206), 207);
        assert_eq!(due(&history, 300), 305);
    }

    #[test]
    fn a_fault_without_effect_gives_nothing() {
        let history = History { operations: vec![at(100, fault("cut", false))], ..History::default() };
        assert_eq!(due(&history, 100), 101);
    }

    #[test]
    fn a_fault_that_one_site_felt_gives_the_others_nothing() {
        let felt_by = |site| Call::Fault { name: "kill".into(), took_effect: true, felt_by: Some(site) };
        let history = History { operations: vec![at(100, felt_by(2))], ..History::default() };
        assert_eq!(due(&history, 100), 101);
        let history = History { operations: vec![at(100, felt_by(1))], ..History::default() };
        assert_eq!(due(&history, 100), 105);
    }

    #[test]
    fn calm_holds_but_for_unrest_and_the_recovery_from_it() {
        let history = History { operations: vec![at(100, fault("kill", true))], ..History::default() };
        let calm = Calm::of(&Index::of(&history));
        let holds = [99, 100, 105, 106].map(|second| calm.holds(1, second * SECOND));
        assert_eq!(holds, [true, false, false, true]);
    }

    #[test]
    fn a_desk_that_opens_gives_its_site_time_and_no_other() {
        let desk = |second, phase| DeskRow { site: 1, from: second * SECOND, epoch: 1, phase };
        let mut history = History { operations: vec![at(400, Call::Disconnect)], ..History::default() };
        history.truth.desks =
            vec![desk(100, Phase::Gone), desk(103, Phase::Opening), desk(104, Phase::Serving), desk(300, Phase::Gone)];
        assert_eq!(due(&history, 101), 109);
        assert_eq!(due(&history, 350), 405);
        history.truth.desks.iter_mut().for_each(|row| row.site = 2);
        assert_eq!(due(&history, 101), 102);
    }
}
