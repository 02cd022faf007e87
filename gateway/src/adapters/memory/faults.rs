//! Faults that a test plants in the store's appends and openings, so that what stands above it can be seen to bear them.

use crate::ports::AppendError;
use gateway_core::stored::{Append, Opening};
use protocol::{ConversationId, RecordKind};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// What happens to one append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing; it is stored.
    None,
    /// It is not stored, and nobody knows.
    LostBefore,
    /// It is stored, and nobody knows.
    LostAfter,
    /// Another desk has opened the site.
    Fenced,
}

impl Fault {
    pub(crate) fn after(self) -> Result<(), AppendError> {
        match self {
            Self::LostAfter => Err(AppendError::Unknown("planted, after".to_owned())),
            Self::None | Self::LostBefore | Self::Fenced => Ok(()),
        }
    }
}

/// What one desk that opens is handed in place of what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Corruption {
    /// A second conversation at the place of the first: a desk does not open with it.
    SharedPlace,
    /// The first conversation at two places: a desk opens, and breaks at whatever comes first.
    TwoPlaces,
}

impl Corruption {
    fn befall(self, opening: &mut Opening) {
        let Some(mut other) = opening.conversations.first().cloned() else { return };
        match self {
            Self::SharedPlace => other.conversation.id = ConversationId(Uuid::max()),
            Self::TwoPlaces => other.conversation.arrival += 1,
        }
        opening.conversations.push(other);
    }
}

/// The faults of the appends and openings to come.
#[derive(Default)]
pub(crate) struct Faults {
    planned: Mutex<VecDeque<Fault>>,
    corruptions: Mutex<VecDeque<Corruption>>,
    /// A body that the store will not take.
    poison: Mutex<Option<String>>,
}

impl Faults {
    pub(crate) fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).extend(faults);
    }

    pub(crate) fn corrupt(&self, corruptions: impl IntoIterator<Item = Corruption>) {
        self.corruptions.lock().unwrap_or_else(PoisonError::into_inner).extend(corruptions);
    }

    pub(crate) fn befall(&self, mut opening: Opening) -> Opening {
        let planned = self.corruptions.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        if let Some(corruption) = planned {
            corruption.befall(&mut opening);
        }
        opening
    }

    pub(crate) fn refuse_body(&self, body: &str) {
        *self.poison.lock().unwrap_or_else(PoisonError::into_inner) = Some(body.to_owned());
    }

    pub(crate) fn next(&self, append: &Append) -> Result<Fault, AppendError> {
        let poison = self.poison.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = |body: &str| poison.as_deref() == Some(body);
        if append.records.iter().any(|record| matches!(&record.what, RecordKind::Said(said) if holds(&said.body.0))) {
            return Err(AppendError::Refused("planted".to_owned()));
        }
        let fault = self.planned.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match fault.unwrap_or(Fault::None) {
            Fault::LostBefore => Err(AppendError::Unknown("planted, before".to_owned())),
            Fault::Fenced => Err(AppendError::Fenced),
            fault @ (Fault::None | Fault::LostAfter) => Ok(fault),
        }
    }
}
