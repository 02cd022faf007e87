//! I9: an open conversation is in exactly one state, and offers end in time.

use crate::calm::Calm;
use crate::finding::{Finding, Invariant};
use crate::index::{Conversation, Index};
use crate::map::Map;
use crate::operation::Nanos;
use crate::standing::{Misplaced, Standing};
use crate::truth::Stored;
use protocol::{RecordKind, TeamId};

/// An offer may outlive its time by this: the desk's reminder, and the append that stores its end.
const LAPSE_NANOS_MAX: Nanos = 1_000_000_000;
const NANOS_PER_MS: Nanos = 1_000_000;

pub(crate) fn check(index: &Index) -> Vec<Finding> {
    let calm = Calm::of(index);
    let offers = offer_times(index);
    let mut findings = Vec::new();
    for conversation in &index.conversations {
        follow(index, conversation, &mut findings);
        late_offers(index, conversation, &offers, &calm, &mut findings);
    }
    findings
}

fn offer_times(index: &Index) -> Map<TeamId, Nanos> {
    let teams = index.history.sites.iter().flat_map(|site| &site.teams);
    teams.filter_map(|(team, rules)| Some((*team, rules.offer_ms? * NANOS_PER_MS))).collect()
}

fn follow(index: &Index, conversation: &Conversation, findings: &mut Vec<Finding>) {
    let mut standing = Standing::default();
    for at in &conversation.records {
        let record = &index.stored[*at].record;
        if standing.permits(&record.what) == Err(Misplaced::Impossible) {
            let sentence = format!(
                "{:?} is {standing:?}, and number {} says {:?}",
                conversation.key.1, record.number.0, record.what
            );
            findings.push(Finding::new(Invariant::OneState, sentence, &[]));
        }
        standing = standing.after(&record.what);
    }
    if standing == Standing::Reopened {
        let sentence = format!("{:?} was reopened, and is nobody's and in no line", conversation.key.1);
        findings.push(Finding::new(Invariant::OneState, sentence, &[]));
    }
}

fn late_offers(
    index: &Index,
    conversation: &Conversation,
    offers: &Map<TeamId, Nanos>,
    calm: &Calm,
    findings: &mut Vec<Finding>,
) {
    let mut team = None;
    let mut offered: Option<&Stored> = None;
    let ended = |at: &usize| Some(&index.stored[*at]);
    for stored in conversation.records.iter().map(ended).chain([None]) {
        let now = stored.map_or(index.end, |stored| stored.committed);
        let goes_on = stored.is_some_and(|stored| !ends_an_offer(&stored.record.what));
        if let (Some(offer), false) = (offered, goes_on) {
            let length = team.and_then(|team| offers.get(&team)).copied();
            if length.is_some_and(|length| now > calm.deadline(offer.site, offer.committed, length + LAPSE_NANOS_MAX)) {
                let seconds = (now - offer.committed) / 1_000_000_000;
                let sentence =
                    format!("the offer at {} of {:?} stood for {seconds} s", offer.record.number.0, conversation.key.1);
                findings.push(Finding::new(Invariant::OneState, sentence, &[]));
            }
            offered = None;
        }
        match stored.map(|stored| &stored.record.what) {
            Some(RecordKind::Opened(opened)) => team = opened.team,
            Some(RecordKind::Waiting(waiting)) => team = waiting.team.or(team),
            Some(RecordKind::Offered(_)) => offered = stored,
            Some(_) | None => {}
        }
    }
}

fn ends_an_offer(what: &RecordKind) -> bool {
    Standing::Unopened.after(what) != Standing::Unopened
}
