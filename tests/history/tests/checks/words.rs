//! Words that are lost, doubled, invented, leaked, or stored against what their author was told.

use crate::chance::Chance;
use crate::finds;
use crate::spoil::{answer, append, forget, operation, read, read_mut, stored};
use history::{AgentRow, Answer, Audience, Call, History, Invariant, Principal};
use protocol::{Author, Body, Code, MessageId, RecordKind, Said};
use uuid::Uuid;

fn is_said(what: &RecordKind) -> bool {
    matches!(what, RecordKind::Said(_))
}

/// An acknowledged command that made a message.
fn acknowledged(history: &History, chance: &mut Chance) -> Option<usize> {
    operation(history, chance, |operation| {
        matches!(operation.call, Call::Command { answer: Answer::Ok { made: Some(_), .. }, .. })
    })
}

#[test]
fn an_acknowledged_message_that_is_gone_everywhere_is_lost() {
    finds(Invariant::NothingLost, |history, chance| {
        let at = acknowledged(history, chance)?;
        let Some(Answer::Ok { made: Some(made), .. }) = answer(&mut history.operations[at]).copied() else {
            return None;
        };
        forget(history, made.message);
        Some(())
    });
}

#[test]
fn an_acknowledged_open_that_is_gone_is_lost() {
    finds(Invariant::NothingLost, |history, chance| {
        let at = stored(history, chance, |stored| matches!(stored.record.what, RecordKind::Closed(_)))?;
        let id = history.truth.records[at].record.id;
        forget(history, id);
        Some(())
    });
}

#[test]
fn a_final_transcript_that_lacks_a_record_has_lost_it() {
    finds(Invariant::NothingLost, |history, chance| {
        let at = operation(history, chance, |operation| read(operation).is_some_and(|(_, last)| last))?;
        let records = read_mut(&mut history.operations[at])?;
        records.remove(chance.below(records.len()));
        Some(())
    });
}

#[test]
fn a_message_without_a_public_number_is_lost_to_its_visitor() {
    finds(Invariant::NothingLost, |history, chance| {
        let at = stored(history, chance, |stored| is_said(&stored.record.what))?;
        let gone = history.truth.records[at].public.take()?;
        let conversation = history.truth.records[at].conversation;
        for stored in history.truth.records.iter_mut().filter(|stored| stored.conversation == conversation) {
            stored.public = stored.public.map(|number| protocol::Number(number.0 - u64::from(number > gone)));
        }
        Some(())
    });
}

#[test]
fn an_acknowledgement_for_what_was_refused_is_a_loss() {
    finds(Invariant::NothingLost, |history, chance| {
        let at = operation(history, chance, |operation| {
            matches!(operation.call, Call::Command { answer: Answer::No { .. }, .. })
        })?;
        *answer(&mut history.operations[at])? = Answer::Ok { at: 1, made: None };
        Some(())
    });
}

#[test]
fn a_message_under_a_second_number_is_doubled() {
    finds(Invariant::NothingDoubled, |history, chance| {
        let at = stored(history, chance, |stored| is_said(&stored.record.what) && stored.record.command.is_some())?;
        let again = history.truth.records[at].clone();
        append(history, again.conversation, again.record.what);
        history.truth.records.last_mut()?.record.command = again.record.command;
        Some(())
    });
}

#[test]
fn a_message_that_nobody_is_told_to_have_sent_is_doubled() {
    finds(Invariant::NothingDoubled, |history, chance| {
        let at = stored(history, chance, |stored| is_said(&stored.record.what))?;
        let again = history.truth.records[at].clone();
        append(history, again.conversation, again.record.what);
        Some(())
    });
}

#[test]
fn a_second_answer_that_differs_is_a_double() {
    finds(Invariant::NothingDoubled, |history, chance| {
        let at = acknowledged(history, chance)?;
        let mut again = history.operations[at].clone();
        *answer(&mut again)? = match chance.one_in(2) {
            true => Answer::No { code: Code::Stale },
            false => Answer::Ok { at: 1, made: None },
        };
        history.operations.push(again);
        Some(())
    });
}

#[test]
fn what_was_refused_and_is_stored_is_found() {
    finds(Invariant::RefusedIsNotStored, |history, chance| {
        let at = acknowledged(history, chance)?;
        *answer(&mut history.operations[at])? = Answer::No { code: Code::Stale };
        Some(())
    });
}

#[test]
fn a_record_that_only_a_client_has_is_found() {
    finds(Invariant::NothingInvented, |history, chance| {
        let at = operation(history, chance, |operation| read(operation).is_some_and(|(_, last)| !last))?;
        let records = read_mut(&mut history.operations[at])?;
        records[0].id = MessageId(Uuid::from_u128(7));
        Some(())
    });
}

#[test]
fn a_client_that_was_never_told_of_a_restore_is_found() {
    finds(Invariant::NothingInvented, |history, chance| {
        let now = history.operations.last()?.completed?;
        let at = stored(history, chance, |stored| is_said(&stored.record.what))?;
        let id = history.truth.records[at].record.id;
        forget(history, id);
        let read = operation(history, chance, |operation| {
            read(operation).is_some_and(|(records, last)| !last && !records.is_empty())
        })?;
        read_mut(&mut history.operations[read])?[0].id = id;
        let mut restore = history.operations[read].clone();
        (restore.call, restore.invoked) = (Call::Restore { to: 0 }, now);
        history.operations.push(restore);
        Some(())
    });
}

#[test]
fn a_note_that_a_visitor_reads_is_found() {
    finds(Invariant::NotesStayInside, |history, chance| {
        let at = stored(history, chance, |stored| matches!(stored.record.what, RecordKind::Noted(_)))?;
        let note = history.truth.records[at].clone();
        let at = operation(history, chance, |operation| match &operation.call {
            Call::Read { conversation, audience, .. } => {
                *conversation == note.conversation && *audience == Audience::Visitor
            }
            _ => false,
        })?;
        read_mut(&mut history.operations[at])?[0] = note.record;
        Some(())
    });
}

#[test]
fn a_note_with_a_public_number_is_found() {
    finds(Invariant::NotesStayInside, |history, chance| {
        let at = stored(history, chance, |stored| matches!(stored.record.what, RecordKind::Noted(_)))?;
        history.truth.records[at].public = Some(protocol::Number(1));
        Some(())
    });
}

#[test]
fn a_word_of_another_site_is_found() {
    finds(Invariant::SitesApart, |history, chance| {
        let at = operation(history, chance, |operation| read(operation).is_some())?;
        let site = history.operations[at].site;
        let records = read_mut(&mut history.operations[at])?;
        let body = Body(format!("a word with canary-{} in it", 1 - site));
        records[0].what = RecordKind::Said(Said { by: Author::System, body });
        Some(())
    });
}

#[test]
fn a_record_of_another_site_is_found() {
    finds(Invariant::SitesApart, |history, chance| {
        let at = operation(history, chance, |operation| read(operation).is_some())?;
        history.operations[at].site = 1 - history.operations[at].site;
        Some(())
    });
}

#[test]
fn a_visitor_who_reads_anothers_conversation_is_found() {
    finds(Invariant::OnlyTheAuthorized, |history, chance| {
        let at = operation(history, chance, |operation| {
            matches!(operation.call, Call::Read { audience: Audience::Visitor, last: false, .. })
        })?;
        let (process, site) = (history.operations[at].process, history.operations[at].site);
        let other = operation(history, chance, |operation| {
            let is_visitor = matches!(operation.call, Call::Connect { principal: Principal::Visitor(_) });
            is_visitor && operation.process < 10_000 && operation.process != process && operation.site == site
        })?;
        history.operations[at].process = history.operations[other].process;
        Some(())
    });
}

#[test]
fn an_agent_who_reads_on_after_being_disabled_is_found() {
    finds(Invariant::OnlyTheAuthorized, |history, chance| {
        let at = operation(history, chance, |operation| {
            let is_agents = matches!(operation.call, Call::Read { audience: Audience::Agent, last: false, .. });
            is_agents && operation.invoked > 10_000_000_000
        })?;
        let process = history.operations[at].process;
        let of = |row: &AgentRow| u32::try_from(row.agent.0.as_u128() & 0xffff).unwrap() == process;
        history.truth.agents.iter_mut().filter(|row| of(row)).for_each(|row| row.enabled = false);
        Some(())
    });
}

#[test]
fn a_repair_without_a_fault_is_found() {
    for spoil in 0..3 {
        finds(Invariant::RepairIdle, |history, chance| {
            if history.operations.iter().any(|operation| matches!(operation.call, Call::Fault { .. })) {
                return None;
            }
            let at = operation(history, chance, |operation| read(operation).is_some())?;
            let mut repair = history.operations[at].clone();
            let Call::Read { conversation, .. } = repair.call else { return None };
            let again = acknowledged(history, chance)?;
            match (spoil, &mut history.operations[again].call) {
                (0, Call::Command { sends, .. }) => *sends = 2,
                (1, _) => {
                    repair.call = Call::Gap { conversation };
                    history.operations.push(repair);
                }
                _ => {
                    repair.call = Call::Resync { conversation };
                    history.operations.push(repair);
                }
            }
            Some(())
        });
    }
}
