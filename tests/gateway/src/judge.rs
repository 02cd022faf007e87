//! The judge: all that talkers did, saw and were told while something was broken, and what is read in the end, before
//! the checker.

use crate::client::Client;
use crate::court;
use crate::diary::now;
use crate::http::Place;
use crate::talker::Talker;
use history::{Call, Nanos, Operation};
use std::collections::BTreeSet;

/// Figures of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub acknowledged: usize,
    /// Resends of what had been stored.
    pub repeats: usize,
    pub conversations: usize,
    pub operations: usize,
}

/// Reads everything again on new sockets at `place`, and has it judged together with what talkers saw meanwhile.
///
/// # Panics
/// With the checker's findings, and when talkers do not come to see what the readers see.
pub async fn judge(place: &Place, talkers: Vec<Talker>) -> Verdict {
    judge_under(place, talkers, true).await
}

/// The same, when nothing was broken: then nothing is lost on the way either, and nobody waits whom an agent is free for.
///
/// # Panics
/// With the checker's findings, and when talkers do not come to see what the readers see.
pub async fn judge_calm(place: &Place, talkers: Vec<Talker>) -> Verdict {
    judge_under(place, talkers, false).await
}

async fn judge_under(place: &Place, mut talkers: Vec<Talker>, is_broken: bool) -> Verdict {
    let mut history = court::history();
    let mut verdict = Verdict::default();
    let healed = now();
    for talker in &mut talkers {
        let mut reader = Client::reader(place, talker.client.who.clone(), &talker.conversations()).await;
        reader.end_reading();
        // Whoever waited for long while others were read has been hung up on.
        talker.client.connect().await.unwrap_or_else(|ended| panic!("not let in again: {ended:?}"));
        for (id, fresh) in &reader.transcripts {
            let whole = |client: &Client| client.transcript(*id).position() == fresh.position();
            talker.client.until("the live transcript ends", whole).await;
        }
        for client in [&talker.client, &reader] {
            history.operations.extend_from_slice(client.diary.operations());
        }
        verdict.acknowledged += talker.told.iter().filter(|settled| settled.answer.is_ok()).count();
        verdict.repeats += talker.told.iter().filter(|settled| settled.is_repeat).count();
    }
    history.operations.sort_by_key(|operation| operation.completed);
    let begun = history.operations.first().map_or(healed, |operation| operation.invoked);
    if is_broken {
        history.operations.splice(0..0, broken(begun, healed));
    }
    let conversations: BTreeSet<_> = talkers.iter().flat_map(Talker::conversations).collect();
    let agent = talkers.iter().find_map(|talker| talker.client.signed_in()).expect("an agent is among them");
    court::hear_of_agents(&mut history, talkers.iter().map(|talker| &talker.client));
    court::call_witnesses(&mut history, agent, &conversations).await;
    (verdict.conversations, verdict.operations) = (conversations.len(), history.operations.len());
    court::assert_clean(&history);
    verdict
}

/// Something was broken, or about to be, from the first word on.
fn broken(begun: Nanos, healed: Nanos) -> [Operation; 2] {
    let name = "the surroundings".to_owned();
    [
        court::noted(begun, Call::Fault { name: name.clone(), took_effect: true, felt_by: None }),
        court::noted(healed, Call::Heal { name }),
    ]
}
