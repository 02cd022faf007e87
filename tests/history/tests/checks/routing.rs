//! Routing that breaks its own rules.

use crate::chance::Chance;
use crate::finds;
use crate::spoil::{append, stored, wait};
use crate::world::SECOND;
use history::{Audience, Call, ConversationRow, History, Invariant, Principal};
use protocol::{
    AgentId, Assigned, Author, Body, ByAgent, Cause, ConversationId, RecordKind, Reopened, Said, VisitorId,
};
use std::collections::BTreeMap;
use uuid::Uuid;

const STRANGER: AgentId = AgentId(Uuid::from_u128(99));

fn assigned(agent: AgentId, cause: Cause) -> RecordKind {
    RecordKind::Assigned(Assigned { agent, name: "Eve".into(), cause })
}

/// A conversation whose last word about its state fits.
fn conversation(history: &History, chance: &mut Chance, fits: impl Fn(&RecordKind) -> bool) -> Option<ConversationId> {
    let mut last: BTreeMap<ConversationId, &RecordKind> = BTreeMap::new();
    for stored in &history.truth.records {
        if !matches!(stored.record.what, RecordKind::Said(_) | RecordKind::Noted(_)) {
            last.insert(stored.conversation, &stored.record.what);
        }
    }
    let all: Vec<_> = last.into_iter().filter(|(_, what)| fits(what)).map(|(id, _)| id).collect();
    chance.pick(&all)
}

#[test]
fn a_second_assignee_is_found() {
    finds(Invariant::OneAssignee, |history, chance| {
        let id = conversation(history, chance, |what| matches!(what, RecordKind::Assigned(_)))?;
        append(history, id, assigned(STRANGER, Cause::Routed));
        Some(())
    });
}

#[test]
fn an_offer_of_what_is_served_is_found() {
    finds(Invariant::OneAssignee, |history, chance| {
        let id = conversation(history, chance, |what| matches!(what, RecordKind::Assigned(_)))?;
        append(history, id, RecordKind::Offered(ByAgent { agent: STRANGER }));
        Some(())
    });
}

#[test]
fn an_agent_above_capacity_is_found() {
    finds(Invariant::WithinCapacity, |history, chance| {
        let at = stored(history, chance, |stored| match &stored.record.what {
            RecordKind::Assigned(assigned) => assigned.cause == Cause::Routed,
            RecordKind::Offered(_) => true,
            _ => false,
        })?;
        let agent = match &history.truth.records[at].record.what {
            RecordKind::Assigned(assigned) => assigned.agent,
            RecordKind::Offered(offered) => offered.agent,
            _ => return None,
        };
        history.truth.agents.iter_mut().filter(|row| row.agent == agent).for_each(|row| row.capacity = 0);
        Some(())
    });
}

/// Two conversations of one team that were in line together for the first time, the first for seconds; the first was
/// given before the second.
fn given_in_turn(history: &History, chance: &mut Chance) -> Option<(ConversationId, ConversationId)> {
    let row = |id| history.truth.conversations.iter().find(|row| row.conversation == id).unwrap();
    let mut waits: BTreeMap<ConversationId, u64> = BTreeMap::new();
    let mut pairs = Vec::new();
    for stored in &history.truth.records {
        match &stored.record.what {
            RecordKind::Opened(_) => {
                waits.insert(stored.conversation, stored.committed);
            }
            RecordKind::Offered(_) | RecordKind::Assigned(_) => {
                let first = waits.remove(&stored.conversation).is_some();
                let others = waits.iter().filter(|(id, since)| {
                    first && row(**id).team == row(stored.conversation).team && **since + 3 * SECOND < stored.committed
                });
                pairs.extend(others.map(|(id, _)| (stored.conversation, *id)));
            }
            _ => {}
        }
    }
    chance.pick(&pairs)
}

#[test]
fn a_jump_in_the_line_is_found() {
    finds(Invariant::InTurn, |history, chance| {
        // Faults excuse what happens while they last.
        history.operations.retain(|operation| !matches!(operation.call, Call::Fault { .. }));
        let (first, second) = given_in_turn(history, chance)?;
        let arrival = |history: &History, id| {
            history.truth.conversations.iter().find(|row| row.conversation == id).map(|row| row.arrival)
        };
        let (of_first, of_second) = (arrival(history, first)?, arrival(history, second)?);
        for row in &mut history.truth.conversations {
            row.arrival = match row.conversation {
                id if id == first && row.arrival == of_first => of_second,
                id if id == second && row.arrival == of_second => of_first,
                _ => row.arrival,
            };
        }
        Some(())
    });
}

#[test]
fn somebody_who_waits_while_an_agent_is_free_is_found() {
    finds(Invariant::NobodyForgotten, |history, _| {
        let now = history.operations.last()?.completed?;
        let template = history.truth.records.first()?.clone();
        let (site, visitor) = (template.site, VisitorId(Uuid::from_u128(98)));
        let id = ConversationId(Uuid::from_u128(97));
        let row = history.truth.conversations.iter().find(|row| row.conversation == template.conversation)?;
        let row = ConversationRow { from: now, conversation: id, visitor, arrival: 1_000_000, ..row.clone() };
        history.truth.conversations.push(row);
        let mut connect = history.operations.iter().find(|operation| operation.site == site)?.clone();
        (connect.process, connect.invoked, connect.completed) = (98, now, Some(now));
        let (audience, records) = (Audience::Visitor, Vec::new());
        let shows = Call::Read { conversation: id, audience, records, last: false };
        for call in [Call::Connect { principal: Principal::Visitor(visitor) }, shows] {
            connect.call = call;
            history.operations.push(connect.clone());
        }
        let mut opened = template;
        (opened.conversation, opened.committed) = (id, now);
        history.truth.records.push(opened);
        let mut rooms: Vec<_> = history.truth.agents.iter().filter(|row| row.site == site).copied().collect();
        for row in &mut rooms {
            (row.from, row.capacity, row.accepting) = (now, 100, true);
        }
        history.truth.agents.extend(rooms);
        wait(history, 20 * SECOND);
        Some(())
    });
}

#[test]
fn an_offer_that_stands_too_long_is_found() {
    finds(Invariant::OneState, |history, chance| {
        let at = stored(history, chance, |stored| matches!(stored.record.what, RecordKind::Offered(_)))?;
        history.operations.retain(|operation| !matches!(operation.call, Call::Fault { .. }));
        let conversation = history.truth.records[at].conversation;
        let number = history.truth.records[at].record.number;
        let later = history.truth.records.iter_mut().filter(|stored| stored.conversation == conversation);
        later.filter(|stored| stored.record.number > number).for_each(|stored| stored.committed += 22 * SECOND);
        wait(history, 22 * SECOND);
        Some(())
    });
}

#[test]
fn a_lapse_without_an_offer_is_found() {
    finds(Invariant::OneState, |history, chance| {
        let id = conversation(history, chance, |what| matches!(what, RecordKind::Assigned(_)))?;
        append(history, id, RecordKind::Lapsed(ByAgent { agent: STRANGER }));
        Some(())
    });
}

#[test]
fn a_conversation_in_limbo_is_found() {
    finds(Invariant::OneState, |history, chance| {
        let id = conversation(history, chance, |what| matches!(what, RecordKind::Closed(_)))?;
        append(history, id, RecordKind::Reopened(Reopened { by: Author::Visitor }));
        Some(())
    });
}

#[test]
fn a_write_of_a_fenced_desk_is_found() {
    finds(Invariant::NothingStale, |history, chance| {
        let at = stored(history, chance, |_| true)?;
        let site = history.truth.records[at].site;
        let later = history.truth.records[at + 1..].iter().any(|stored| stored.site == site);
        history.truth.records[at].epoch = Some(2);
        later.then_some(())
    });
}

#[test]
fn a_word_of_somebody_who_no_longer_serves_is_found() {
    finds(Invariant::NothingStale, |history, chance| {
        let id = conversation(history, chance, |what| matches!(what, RecordKind::Assigned(_)))?;
        let by = Author::Agent { id: STRANGER, name: "Eve".into() };
        append(history, id, RecordKind::Said(Said { by, body: Body("too late".into()) }));
        Some(())
    });
}

#[test]
fn an_acceptance_of_what_is_no_longer_offered_is_found() {
    finds(Invariant::NothingStale, |history, chance| {
        let id = conversation(history, chance, |what| matches!(what, RecordKind::Lapsed(_) | RecordKind::Assigned(_)))?;
        append(history, id, assigned(STRANGER, Cause::Accepted));
        Some(())
    });
}

#[test]
fn two_open_conversations_of_one_visitor_are_found() {
    finds(Invariant::OneOpen, |history, _| {
        let mut open: BTreeMap<u32, ConversationId> = BTreeMap::new();
        let mut two = None;
        for stored in &history.truth.records {
            match &stored.record.what {
                RecordKind::Opened(_) => {
                    two = two.or(open.insert(stored.site, stored.conversation).map(|one| (one, stored.conversation)));
                }
                RecordKind::Closed(_) if open.get(&stored.site) == Some(&stored.conversation) => {
                    open.remove(&stored.site);
                }
                _ => {}
            }
        }
        let (one, other) = two?;
        let visitor = history.truth.conversations.iter().find(|row| row.conversation == one)?.visitor;
        let rows = history.truth.conversations.iter_mut().filter(|row| row.conversation == other);
        rows.for_each(|row| row.visitor = visitor);
        Some(())
    });
}
