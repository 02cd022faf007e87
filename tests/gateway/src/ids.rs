//! Ids that clients make.

use protocol::{ConversationId, OutboxId, SessionId};
use uuid::Uuid;

/// 128 random bits in the shape of a UUIDv4.
///
/// # Panics
/// When the system has no randomness.
#[must_use]
pub fn random_uuid() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[must_use]
pub fn conversation_id() -> ConversationId {
    ConversationId(Uuid::now_v7())
}

#[must_use]
pub fn outbox_id() -> OutboxId {
    OutboxId(random_uuid())
}

#[must_use]
pub fn session_id() -> SessionId {
    SessionId(random_uuid())
}
