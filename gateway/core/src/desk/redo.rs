//! Redo: what a lost desk leaves to the next one of its site, and the hunt for the input that is to blame.
//!
//! Used by whoever drives a desk. It holds no state of the site: commands carry ids, so one that was stored after all
//! is answered as before.

use crate::desk::input::Input;
use protocol::{Code, CommandId, ConversationId};
use std::collections::{BTreeSet, VecDeque};

/// Why a desk was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Whether the batch was stored is unknown.
    Unknown,
    /// Another desk owns the site.
    Fenced,
    /// The store refuses the batch; one of its commands is to blame.
    Refused,
    /// The desk broke a rule of its own; one of the inputs is to blame.
    Panic,
}

impl Loss {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Fenced => "fenced",
            Self::Refused => "refused",
            Self::Panic => "panic",
        }
    }

    /// What the command is told that alone brings this about; none when no command is to blame.
    #[must_use]
    pub fn blames(self) -> Option<Code> {
        match self {
            Self::Refused => Some(Code::Unstorable),
            Self::Panic => Some(Code::Internal),
            Self::Unknown | Self::Fenced => None,
        }
    }
}

/// What a desk is handed before one append.
#[derive(Clone, Debug)]
pub enum Step {
    /// Inputs as they came.
    Batch(Vec<Input>),
    /// One input alone. What it has loaded is read at once, so that the append holds nothing of another.
    Suspect(Input),
    /// The culprit, found: the desk is told to refuse it, with this code.
    Refusal(Input, Code),
}

impl Step {
    /// Whether what the desk asks for is read before the append, and no deadline is handled with it.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        match self {
            Self::Batch(_) => false,
            Self::Suspect(_) | Self::Refusal(..) => true,
        }
    }

    /// Without what its link says again by itself.
    fn commands(self) -> Self {
        match self {
            Self::Batch(inputs) => Self::Batch(inputs.into_iter().filter(Input::is_command).collect()),
            Self::Suspect(_) | Self::Refusal(..) => self,
        }
    }

    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        match self {
            Self::Batch(inputs) => inputs,
            Self::Suspect(input) | Self::Refusal(input, _) => std::slice::from_ref(input),
        }
    }
}

/// Steps that come before any mail.
#[derive(Debug, Default)]
pub struct Redo {
    steps: VecDeque<Step>,
}

impl Redo {
    /// The next step; none when the desk may take mail again.
    pub fn take(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The desk was lost in this step. `unanswered` are the commands of earlier steps that it had not answered.
    ///
    /// When one of them all is to blame, each is handled alone, and whichever ends a desk alone is refused. An input
    /// that ends a desk even by being refused is left out.
    pub fn lost(&mut self, step: Step, unanswered: Vec<Input>, loss: Loss) {
        let unanswered = others_than(step.inputs(), unanswered);
        let Some(code) = loss.blames() else {
            self.steps.push_front(step);
            if !unanswered.is_empty() {
                self.steps.push_front(Step::Batch(unanswered));
            }
            return;
        };
        let (found, suspects) = match step {
            Step::Batch(inputs) => (None, inputs),
            Step::Suspect(input) => (Some(Step::Refusal(input, code)), Vec::new()),
            Step::Refusal(..) => (None, Vec::new()),
        };
        let suspects = unanswered.into_iter().chain(suspects).map(Step::Suspect);
        for step in found.into_iter().chain(suspects).rev() {
            self.steps.push_front(step);
        }
    }

    /// The same for a desk among peers, whose link says again who is there and what is unanswered: kept are only the
    /// commands of which one is to blame, for that one to be found.
    pub fn lost_among_peers(&mut self, step: Step, unanswered: Vec<Input>, loss: Loss) {
        if loss.blames().is_some() || step.is_alone() {
            self.lost(step.commands(), unanswered, loss);
        }
    }
}

/// The commands that are not among these inputs.
fn others_than(inputs: &[Input], commands: Vec<Input>) -> Vec<Input> {
    let mut known: BTreeSet<_> = inputs.iter().filter_map(id_of).collect();
    commands.into_iter().filter(|command| id_of(command).is_some_and(|id| known.insert(id))).collect()
}

fn id_of(input: &Input) -> Option<(Option<ConversationId>, CommandId)> {
    if let Input::Command { command, .. } = input { Some((command.conversation, command.id)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Principal, Socket, VisitorSocket};
    use protocol::{Action, Command, OutboxId, Say, VisitorId};
    use uuid::Uuid;

    fn said(ordinal: u32) -> Input {
        let id = CommandId { outbox: OutboxId(Uuid::nil()), ordinal };
        let action = Action::Say(Say { body: String::new() });
        let command = Box::new(Command { id, conversation: Some(ConversationId(Uuid::nil())), action });
        let socket = Socket::Visitor(VisitorSocket(1));
        Input::Command { socket, principal: Principal::Visitor(VisitorId(Uuid::nil())), command }
    }

    /// Each step with its name and the ordinals of its commands.
    fn plan(redo: &mut Redo) -> Vec<(&'static str, Vec<u32>)> {
        let name = |step: &Step| match step {
            Step::Batch(_) => "batch",
            Step::Suspect(_) => "suspect",
            Step::Refusal(..) => "refusal",
        };
        let ordinals = |step: &Step| step.inputs().iter().filter_map(id_of).map(|(_, id)| id.ordinal).collect();
        std::iter::from_fn(|| redo.take()).map(|step| (name(&step), ordinals(&step))).collect()
    }

    fn after(step: Step, unanswered: Vec<Input>, loss: Loss) -> Vec<(&'static str, Vec<u32>)> {
        let mut redo = Redo::default();
        redo.lost(step, unanswered, loss);
        plan(&mut redo)
    }

    #[test]
    fn what_nobody_is_to_blame_for_is_handled_again_after_what_came_before_it() {
        let batch = Step::Batch(vec![said(2), said(3)]);
        assert_eq!(after(batch, vec![said(1)], Loss::Unknown), [("batch", vec![1]), ("batch", vec![2, 3])]);
        assert_eq!(after(Step::Suspect(said(1)), vec![said(1)], Loss::Fenced), [("suspect", vec![1])]);
    }

    #[test]
    fn each_command_of_a_refused_batch_is_a_suspect_once() {
        let batch = Step::Batch(vec![said(2), said(3)]);
        let steps = after(batch, vec![said(1), said(3), said(1)], Loss::Refused);
        assert_eq!(steps, [("suspect", vec![1]), ("suspect", vec![2]), ("suspect", vec![3])]);
    }

    #[test]
    fn even_one_that_came_alone_is_not_blamed_for_the_deadlines_handled_with_it() {
        assert_eq!(after(Step::Batch(vec![said(1)]), Vec::new(), Loss::Panic), [("suspect", vec![1])]);
        assert_eq!(after(Step::Batch(Vec::new()), Vec::new(), Loss::Panic), []);
    }

    #[test]
    fn a_suspect_that_alone_ends_a_desk_is_refused_before_the_others_are_handled() {
        let mut redo = Redo::default();
        redo.lost(Step::Batch(vec![said(1), said(2)]), Vec::new(), Loss::Refused);
        let step = redo.take().expect("the first suspect");
        redo.lost(step, Vec::new(), Loss::Refused);
        assert_eq!(plan(&mut redo), [("refusal", vec![1]), ("suspect", vec![2])]);
    }

    #[test]
    fn a_refusal_is_tried_again_unless_it_is_to_blame() {
        let refusal = || Step::Refusal(said(1), Code::Internal);
        assert_eq!(after(refusal(), vec![said(1)], Loss::Unknown), [("refusal", vec![1])]);
        assert_eq!(after(refusal(), vec![said(1)], Loss::Panic), []);
    }
}
