//! Inbox: what the desks and the node say to one socket, behind a lock of a few lines.

use gateway_core::now::Instant;
use gateway_core::session::outbound::{Bounds, Item, Outbound};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// The queue of one socket and the bell that wakes its task.
#[derive(Debug)]
pub struct Inbox {
    queue: Mutex<Outbound<Text>>,
    bell: Notify,
}

/// An encoded frame, shared by all who are told the same.
#[derive(Clone, Debug)]
pub struct Text(pub Utf8Bytes);

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.0.as_str()
    }
}

/// What an inbox held.
#[derive(Debug)]
pub struct Drained {
    pub items: VecDeque<Item<Text>>,
    /// Events were dropped before these.
    pub lagged: bool,
}

impl Inbox {
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { queue: Mutex::new(Outbound::new(bounds)), bell: Notify::new() }
    }

    /// Adds an item and wakes the socket's task.
    pub fn push(&self, item: Item<Text>, now: Instant) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).push(item, now);
        self.bell.notify_one();
    }

    /// Waits until something is there. Cancel safe.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Takes all that waits.
    pub fn drain(&self) -> Drained {
        let (items, lagged) = self.queue.lock().unwrap_or_else(PoisonError::into_inner).drain();
        Drained { items, lagged }
    }
}
