//! Loads: inputs that wait for what the desk does not hold: conversations, messages, a visitor's last agent.

use crate::desk::input::{Input, Load};
use crate::desk::outboxes::Outboxes;
use crate::ids::{Epoch, Socket};
use crate::limits::{COMMANDS_PER_LOAD_MAX, LOADS_MAX};
use crate::stored::StoredRecord;
use protocol::{AgentId, Code, ConversationId, MessageId, VisitorId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Inputs waiting at once: every load with its full queue would be more, but then the store is away.
const WAITING_MAX: usize = 1_024;

/// What an input waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Missing {
    Conversation(ConversationId),
    Message(ConversationId, MessageId),
    LastAgent(VisitorId),
}

impl Missing {
    fn conversation(self) -> Option<ConversationId> {
        match self {
            Self::Conversation(id) | Self::Message(id, _) => Some(id),
            Self::LastAgent(_) => None,
        }
    }

    fn load(self, epoch: Epoch) -> Load {
        match self {
            Self::Conversation(conversation) => Load::Conversation { epoch, conversation },
            Self::Message(conversation, message) => Load::Message { epoch, conversation, message },
            Self::LastAgent(visitor) => Load::LastAgent { epoch, visitor },
        }
    }
}

/// Too many wait already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crowded;

#[derive(Debug)]
struct Waiting {
    input: Input,
    /// It is a command that will be refused with this code, and nothing else.
    refused: Option<Code>,
    missing: BTreeSet<Missing>,
    needs: BTreeSet<Missing>,
}

/// What is being loaded, and who waits.
#[derive(Debug, Default)]
pub(crate) struct Loads {
    queued: VecDeque<Missing>,
    /// Asked for and not answered.
    running: BTreeSet<Missing>,
    waiting: Vec<Waiting>,
    /// Conversations that do not exist, with the answers their lanes gave, until the batch ends.
    absent: BTreeMap<ConversationId, Outboxes>,
    /// Messages that were read from the store, until the batch ends.
    messages: BTreeMap<(ConversationId, MessageId), Option<StoredRecord>>,
    /// The agents that visitors last spoke with, until the batch ends.
    last_agents: BTreeMap<VisitorId, Option<AgentId>>,
}

impl Loads {
    /// Keeps an input until all of this is loaded, unless too many wait.
    pub fn wait(&mut self, input: Input, missing: BTreeSet<Missing>) -> Result<(), Crowded> {
        self.keep(input, None, missing, BTreeSet::new())
    }

    /// Keeps a socket's wish to follow; none of what it asks for is forgotten before all of it is there.
    pub fn wait_to_follow(
        &mut self,
        input: Input,
        missing: BTreeSet<Missing>,
        asked: BTreeSet<ConversationId>,
    ) -> Result<(), Crowded> {
        self.keep(input, None, missing, asked.into_iter().map(Missing::Conversation).collect())
    }

    /// Keeps a command that needs all of this, of which some is missing: what is there is not forgotten before the rest
    /// is, or each would be read again for the other's sake, for ever.
    pub fn wait_to_act(
        &mut self,
        input: Input,
        missing: BTreeSet<Missing>,
        needs: BTreeSet<Missing>,
    ) -> Result<(), Crowded> {
        self.keep(input, None, missing, needs)
    }

    /// Keeps a command that is to be refused until its lane is loaded.
    pub fn wait_to_refuse(&mut self, input: Input, code: Code, missing: Missing) -> Result<(), Crowded> {
        self.keep(input, Some(code), BTreeSet::from([missing]), BTreeSet::new())
    }

    fn keep(
        &mut self,
        input: Input,
        refused: Option<Code>,
        missing: BTreeSet<Missing>,
        held: BTreeSet<Missing>,
    ) -> Result<(), Crowded> {
        let crowded = missing.iter().any(|key| {
            self.waiting.iter().filter(|waiting| waiting.needs.contains(key)).count() >= COMMANDS_PER_LOAD_MAX
        });
        if crowded || self.waiting.len() >= WAITING_MAX {
            return Err(Crowded);
        }
        for key in &missing {
            if !self.running.contains(key) && !self.queued.contains(key) {
                self.queued.push_back(*key);
            }
        }
        let needs = missing.union(&held).copied().collect();
        self.waiting.push(Waiting { input, refused, needs, missing });
        Ok(())
    }

    /// What a socket's join waits for: what the socket asks meanwhile comes after it.
    pub fn joining(&self, socket: Socket) -> Option<BTreeSet<Missing>> {
        let joins = |waiting: &&Waiting| matches!(&waiting.input, Input::Join(join) if join.socket == socket);
        self.waiting.iter().find(joins).map(|waiting| waiting.missing.clone())
    }

    /// Whether an input that waits needs this conversation to stay.
    pub fn needs(&self, id: ConversationId) -> bool {
        self.waiting.iter().flat_map(|waiting| &waiting.needs).any(|key| key.conversation() == Some(id))
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.queued.is_empty() && self.running.is_empty()
    }

    /// The next thing to read from the store.
    pub fn poll(&mut self, epoch: Epoch) -> Option<Load> {
        if self.running.len() >= LOADS_MAX {
            return None;
        }
        let key = self.queued.pop_front()?;
        self.running.insert(key);
        Some(key.load(epoch))
    }

    /// Whether this was asked for and not answered.
    pub fn expects(&self, key: Missing) -> bool {
        self.running.contains(&key)
    }

    /// The inputs that wait, in their order.
    pub fn waiting(&self) -> impl Iterator<Item = &Input> {
        self.waiting.iter().map(|waiting| &waiting.input)
    }

    /// A load was answered; gives the inputs that wait for nothing more, with the code of those to be refused, and the
    /// conversations that were held for them.
    pub fn answered(&mut self, key: Missing) -> (Vec<(Input, Option<Code>)>, BTreeSet<ConversationId>) {
        self.running.remove(&key);
        for waiting in &mut self.waiting {
            waiting.missing.remove(&key);
        }
        let (ready, held) = self.take_waiting(|waiting| waiting.missing.is_empty());
        (ready.into_iter().map(|waiting| (waiting.input, waiting.refused)).collect(), held)
    }

    /// A load failed; gives the inputs that waited for it, and the conversations that were held for them.
    pub fn failed(&mut self, key: Missing) -> (Vec<Input>, BTreeSet<ConversationId>) {
        self.running.remove(&key);
        let (failed, held) = self.take_waiting(|waiting| waiting.needs.contains(&key));
        (failed.into_iter().map(|waiting| waiting.input).collect(), held)
    }

    /// A socket has ended: it joins and follows nothing any more. Its commands still count.
    pub fn forget(&mut self, socket: Socket) -> BTreeSet<ConversationId> {
        let joins = |input: &Input| matches!(input, Input::Join(join) if join.socket == socket);
        let follows = |input: &Input| matches!(input, Input::Follow { socket: other, .. } if *other == socket);
        self.take_waiting(|waiting| joins(&waiting.input) || follows(&waiting.input)).1
    }

    fn take_waiting(&mut self, is_taken: impl Fn(&Waiting) -> bool) -> (Vec<Waiting>, BTreeSet<ConversationId>) {
        let (taken, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|waiting| is_taken(waiting));
        self.waiting = waiting;
        let held = taken.iter().flat_map(|waiting| &waiting.needs).filter_map(|key| key.conversation()).collect();
        (taken, held)
    }

    pub fn set_absent(&mut self, id: ConversationId, lane: Outboxes) {
        self.absent.insert(id, lane);
    }

    pub fn absent(&self, id: ConversationId) -> Option<&Outboxes> {
        self.absent.get(&id)
    }

    pub fn absent_mut(&mut self, id: ConversationId) -> Option<&mut Outboxes> {
        self.absent.get_mut(&id)
    }

    pub fn take_absent(&mut self, id: ConversationId) -> Option<Outboxes> {
        self.absent.remove(&id)
    }

    pub fn set_message(&mut self, conversation: ConversationId, message: MessageId, record: Option<StoredRecord>) {
        self.messages.insert((conversation, message), record);
    }

    /// A message as the store has it, where that is known: `Some(None)` says that there is none.
    pub fn message(&self, conversation: ConversationId, message: MessageId) -> Option<&Option<StoredRecord>> {
        self.messages.get(&(conversation, message))
    }

    /// The message is withdrawn in this batch: its body is gone already.
    pub fn empty_message(&mut self, conversation: ConversationId, message: MessageId) {
        if let Some(Some(record)) = self.messages.get_mut(&(conversation, message)) {
            record.withdraw(message);
        }
    }

    pub fn set_last_agent(&mut self, visitor: VisitorId, agent: Option<AgentId>) {
        self.last_agents.insert(visitor, agent);
    }

    /// Whether it was read whom the visitor last spoke with.
    pub fn knows_last_agent(&self, visitor: VisitorId) -> bool {
        self.last_agents.contains_key(&visitor)
    }

    pub fn last_agent(&self, visitor: VisitorId) -> Option<AgentId> {
        self.last_agents.get(&visitor).copied().flatten()
    }

    /// What is known of the store is forgotten with the batch, unless whoever needs it waits for something else too.
    pub fn end_batch(&mut self) {
        let needed = |key| self.waiting.iter().any(|waiting| waiting.needs.contains(&key));
        self.absent.retain(|id, _| needed(Missing::Conversation(*id)));
        self.last_agents.retain(|id, _| needed(Missing::LastAgent(*id)));
        self.messages.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::VisitorSocket;
    use uuid::Uuid;

    #[test]
    fn what_a_command_needs_stays_until_all_of_it_is_there() {
        let (id, visitor) = (ConversationId(Uuid::nil()), VisitorId(Uuid::nil()));
        let keys = [Missing::Conversation(id), Missing::LastAgent(visitor)];
        for missing in keys {
            let mut loads = Loads::default();
            loads.set_absent(id, Outboxes::default());
            loads.set_last_agent(visitor, None);
            let input = Input::Lagged { socket: Socket::Visitor(VisitorSocket(1)) };
            loads.wait_to_act(input, BTreeSet::from([missing]), BTreeSet::from(keys)).unwrap();
            loads.end_batch();
            assert!(loads.absent(id).is_some() && loads.knows_last_agent(visitor));
            assert_eq!(loads.answered(missing).0.len(), 1);
            loads.end_batch();
            assert!(loads.absent(id).is_none() && !loads.knows_last_agent(visitor));
        }
    }
}
