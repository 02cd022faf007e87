//! Identifiers that cross the wire; each is its own type, so none can stand in for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

uuid_id! {
    /// Names a conversation within its site. A UUIDv7 (RFC 9562) made by the client that opens it; never authority.
    ConversationId;
    /// Names one stored record. A UUIDv7 made by the desk.
    MessageId;
    /// Names one tab's or device's queue of durable commands; made once by the client.
    OutboxId;
    /// Names one page load. 128 bits made by the page.
    SessionId;
    /// Names a visitor of one site.
    VisitorId;
    /// Names an agent of one site.
    AgentId;
    /// Names a team of one site.
    TeamId;
}

/// Names a durable command for ever: a retry with the same id has no second effect.
///
/// With the lane (the conversation, or none) this is the whole command id of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CommandId {
    pub outbox: OutboxId,
    /// Dense from 1 within (lane, outbox).
    pub ordinal: u32,
}
