//! Loads: inputs that wait for conversations the desk does not hold.

use crate::desk::input::Input;
use crate::desk::outboxes::Outboxes;
use crate::limits::{COMMANDS_PER_LOAD_MAX, LOADS_MAX};
use protocol::ConversationId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Inputs waiting at once: every load with its full queue would be more, but then the store is away.
const WAITING_MAX: usize = 1_024;

#[derive(Debug)]
struct Waiting {
    input: Input,
    missing: BTreeSet<ConversationId>,
    needs: BTreeSet<ConversationId>,
}

/// What is being loaded, and who waits.
#[derive(Debug, Default)]
pub(crate) struct Loads {
    queued: VecDeque<ConversationId>,
    /// Asked for and not answered.
    running: BTreeSet<ConversationId>,
    waiting: Vec<Waiting>,
    /// Conversations that do not exist, with the answers their lanes gave, until the batch ends.
    absent: BTreeMap<ConversationId, Outboxes>,
}

impl Loads {
    /// Keeps an input until these conversations are loaded; gives it back when too many wait.
    pub fn wait(&mut self, input: Input, missing: BTreeSet<ConversationId>) -> Result<(), Input> {
        let crowded = missing.iter().any(|id| {
            self.waiting.iter().filter(|waiting| waiting.needs.contains(id)).count() >= COMMANDS_PER_LOAD_MAX
        });
        if crowded || self.waiting.len() >= WAITING_MAX {
            return Err(input);
        }
        for id in &missing {
            if !self.running.contains(id) && !self.queued.contains(id) {
                self.queued.push_back(*id);
            }
        }
        self.waiting.push(Waiting { input, needs: missing.clone(), missing });
        Ok(())
    }

    /// Whether an input that waits needs this conversation to stay.
    pub fn needs(&self, id: ConversationId) -> bool {
        self.waiting.iter().any(|waiting| waiting.needs.contains(&id))
    }

    /// The next conversation to read from the store.
    pub fn poll(&mut self) -> Option<ConversationId> {
        if self.running.len() >= LOADS_MAX {
            return None;
        }
        let id = self.queued.pop_front()?;
        self.running.insert(id);
        Some(id)
    }

    /// A load was answered; gives the inputs that wait for nothing more.
    pub fn answered(&mut self, id: ConversationId) -> Vec<Input> {
        self.running.remove(&id);
        for waiting in &mut self.waiting {
            waiting.missing.remove(&id);
        }
        let (ready, waiting) =
            std::mem::take(&mut self.waiting).into_iter().partition(|waiting: &Waiting| waiting.missing.is_empty());
        self.waiting = waiting;
        ready.into_iter().map(|waiting: Waiting| waiting.input).collect()
    }

    /// A load failed; gives the inputs that waited for it.
    pub fn failed(&mut self, id: ConversationId) -> Vec<Input> {
        self.running.remove(&id);
        let (failed, waiting) =
            std::mem::take(&mut self.waiting).into_iter().partition(|waiting: &Waiting| waiting.needs.contains(&id));
        self.waiting = waiting;
        failed.into_iter().map(|waiting: Waiting| waiting.input).collect()
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

    /// What is known to be absent is forgotten with the batch, unless somebody still waits.
    pub fn end_batch(&mut self) {
        let waiting = &self.waiting;
        self.absent.retain(|id, _| waiting.iter().any(|waiting| waiting.needs.contains(id)));
    }
}
