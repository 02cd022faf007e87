//! Where a reader of a conversation stands.

use crate::ids::ConversationId;
use serde::{Deserialize, Deserializer, Serialize};

/// A record's number within its conversation, dense from 1; 0 stands before the first.
///
/// Visitors are shown public numbers, agents full ones.
/// At most 2^53 - 1, so that a JavaScript number holds it exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "RecordNumber"))]
#[serde(transparent)]
pub struct Number(pub u64);

impl Number {
    /// The largest integer that JavaScript holds exactly (ECMA-262, Number.MAX_SAFE_INTEGER).
    pub const MAX: u64 = (1 << 53) - 1;

    /// The number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        if number > Self::MAX {
            return Err(serde::de::Error::custom("number above 2^53 - 1"));
        }
        Ok(Self(number))
    }
}

/// 32 bits of a record's random id. It tells two histories of one conversation apart.
pub type Tail = u32;

/// Where a reader stands: the last record it holds. Number 0 with tail 0 is the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Position {
    pub number: Number,
    pub tail: Tail,
}

/// The last record of a conversation, in the numbering of whoever is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Head {
    pub conversation: ConversationId,
    pub position: Position,
}
