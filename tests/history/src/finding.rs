//! Finding: something that may never happen, and did.

use std::fmt;

/// What may never happen, in the numbering of the invariants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// I1: what was acknowledged is in every final transcript.
    NothingLost,
    /// I2: a command takes effect once, and all its answers are equal.
    NothingDoubled,
    /// I3: numbers are dense, and everybody sees the same record at the same number.
    OneOrder,
    /// I4: what was sent later, knowing what stood before, stands later.
    Causality,
    /// I5: a conversation has at most one assignee at any instant.
    OneAssignee,
    /// I6: no automatic assignment takes an agent above capacity.
    WithinCapacity,
    /// I7: among those an agent could serve, the first in line is served first.
    InTurn,
    /// I8: nobody waits while a fitting agent is free.
    NobodyForgotten,
    /// I9: an open conversation is in exactly one state, and offers end.
    OneState,
    /// I11: nothing is written by a fenced desk, or by an agent who no longer holds the conversation.
    NothingStale,
    /// I17, and I13 for drains: what was refused for good is not stored.
    RefusedIsNotStored,
    /// I15: nobody shows what the store lacks.
    NothingInvented,
    /// I16: a visitor has no more open conversations than the site allows.
    OneOpen,
    /// I20: nobody reads what they may not.
    OnlyTheAuthorized,
    /// I21: visitors never see what is for agents.
    NotesStayInside,
    /// I22: nothing crosses from one site to another.
    SitesApart,
    /// I26: without faults nothing has to be repaired.
    RepairIdle,
}

impl Invariant {
    /// Its number in the list of invariants.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::NothingLost => 1,
            Self::NothingDoubled => 2,
            Self::OneOrder => 3,
            Self::Causality => 4,
            Self::OneAssignee => 5,
            Self::WithinCapacity => 6,
            Self::InTurn => 7,
            Self::NobodyForgotten => 8,
            Self::OneState => 9,
            Self::NothingStale => 11,
            Self::NothingInvented => 15,
            Self::OneOpen => 16,
            Self::RefusedIsNotStored => 17,
            Self::OnlyTheAuthorized => 20,
            Self::NotesStayInside => 21,
            Self::SitesApart => 22,
            Self::RepairIdle => 26,
        }
    }
}

/// One breach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub invariant: Invariant,
    /// What went wrong, with the names of those involved.
    pub sentence: String,
    /// Indices of the operations that show it, ascending; none where the store alone shows it.
    pub operations: Vec<usize>,
}

impl Finding {
    pub(crate) fn new(invariant: Invariant, sentence: String, operations: &[usize]) -> Self {
        let mut operations = operations.to_vec();
        operations.sort_unstable();
        Self { invariant, sentence, operations }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "I{} {:?}: {}", self.invariant.number(), self.invariant, self.sentence)?;
        if !self.operations.is_empty() {
            write!(f, " (operations {:?})", self.operations)?;
        }
        Ok(())
    }
}
