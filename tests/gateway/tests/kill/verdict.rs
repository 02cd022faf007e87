//! The verdict: all that people did and saw, and what both sides read in the end, before the checker.

use crate::crowd::Person;
use gateway_tests::{Client, Settled, court};
use history::{History, Operation};
use protocol::ConversationId;
use std::collections::{BTreeMap, BTreeSet};

/// Figures of a run.
#[derive(Debug, Default)]
pub struct Tally {
    pub acknowledged: usize,
    pub refused: usize,
    /// Resends of what had been stored.
    pub repeats: usize,
    /// Resends of what had not.
    pub renewed: usize,
    pub records: usize,
    pub conversations: usize,
    pub operations: usize,
}

impl Tally {
    pub fn settled(&self) -> usize {
        self.acknowledged + self.refused
    }

    fn count(&mut self, settled: &Settled) {
        match settled.answer {
            Ok(_) => self.acknowledged += 1,
            Err(_) => self.refused += 1,
        }
        self.repeats += usize::from(settled.is_repeat);
        self.renewed += usize::from(settled.sends > 1 && !settled.is_repeat && settled.answer.is_ok());
    }
}

/// Reads everything again on new sockets, and has it judged together with what people saw meanwhile.
pub async fn judge(people: Vec<Person>, faults: Vec<Operation>) -> Tally {
    let (tally, history) = record(people, faults).await;
    court::assert_clean(&history);
    tally
}

/// The history that is judged.
pub async fn record(mut people: Vec<Person>, faults: Vec<Operation>) -> (Tally, History) {
    let mut tally = Tally::default();
    people.iter().flat_map(|person| &person.settled).for_each(|settled| tally.count(settled));
    let mut history = court::history();
    history.operations = faults;
    let readers = read_all(&people).await;
    for person in &mut people {
        catch_up(person, &readers).await;
    }
    let agent = people.iter().find_map(|person| person.client.signed_in()).expect("an agent is among them");
    let conversations = people.iter().filter(|person| person.is_visitor()).map(own).collect();
    court::hear_of_agents(&mut history, people.iter().map(|person| &person.client));
    court::call_witnesses(&mut history, agent, &conversations).await;
    for client in people.iter().map(|person| &person.client).chain(&readers) {
        history.operations.extend_from_slice(client.diary.operations());
    }
    history.operations.sort_by_key(|operation| operation.completed);
    let agents = readers.iter().filter(|reader| reader.agent_id().is_some());
    let full: BTreeMap<_, _> = agents.flat_map(|agent| &agent.transcripts).collect();
    tally.records = full.values().map(|transcript| transcript.records.len()).sum();
    (tally.conversations, tally.operations) = (full.len(), history.operations.len());
    (tally, history)
}

/// Visitors read their own, agents a share of all.
async fn read_all(people: &[Person]) -> Vec<Client> {
    let mut readers = Vec::new();
    let visitors: Vec<_> = people.iter().filter(|person| person.is_visitor()).collect();
    let ids: Vec<ConversationId> = visitors.iter().map(|visitor| own(visitor)).collect();
    for (visitor, id) in visitors.iter().zip(&ids) {
        readers.push(Client::reader(&visitor.client.place, visitor.client.who.clone(), &[*id]).await);
    }
    let agents: Vec<_> = people.iter().filter(|person| !person.is_visitor()).collect();
    for (index, agent) in agents.iter().enumerate() {
        let share: Vec<_> = ids.iter().skip(index).step_by(agents.len()).copied().collect();
        readers.push(Client::reader(&agent.client.place, agent.client.who.clone(), &share).await);
    }
    for reader in &mut readers {
        reader.end_reading();
    }
    readers
}

fn own(visitor: &Person) -> ConversationId {
    visitor.client.lanes.keys().next().copied().flatten().expect("every visitor has a conversation")
}

/// The transcripts that grew over all the faults are as long in the end as those that are read from the beginning.
async fn catch_up(person: &mut Person, readers: &[Client]) {
    // Whoever waited for long while others were read has been hung up on.
    person.client.connect().await.unwrap_or_else(|ended| panic!("not let in again: {ended:?}"));
    let (shown, is_visitor) = (person.client.transcripts.keys().copied().collect::<BTreeSet<_>>(), person.is_visitor());
    for reader in readers.iter().filter(|reader| reader.is_visitors() == is_visitor) {
        for (id, fresh) in reader.transcripts.iter().filter(|(id, _)| shown.contains(*id)) {
            // A conversation the agent meddled in without following it.
            if !person.client.transcript(*id).records.is_empty() {
                let whole = |client: &Client| client.transcript(*id).position() == fresh.position();
                person.client.until("the live transcript ends", whole).await;
            }
        }
    }
}
