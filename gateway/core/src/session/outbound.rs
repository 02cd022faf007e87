//! Outbound: what waits to be written to one socket, and what happens when the reader is slow.
//!
//! Filled by deliveries, drained by the socket's task; the shell keeps it behind a mutex.
//! When full, ephemeral frames go first; then everything is dropped and the reader is *lagging*:
//! once drained it must be told the heads, and fetches what it missed.

use crate::now::Instant;
use crate::session::NotSubmitted;
use protocol::{AgentState, CloseCode, Code, Command, ConversationId, Down, Head};
use std::collections::VecDeque;

/// How a frame may be treated when the queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Typing, presence, places: news replaces it soon.
    Ephemeral,
    /// Everything else.
    Event,
}

impl Class {
    /// Typing, read marks, places and presence are news that other news replaces.
    #[must_use]
    pub fn of(frame: &Down) -> Self {
        match frame {
            Down::Typing(_)
            | Down::Read(_)
            | Down::Place(_)
            | Down::Availability(_)
            | Down::Ping(_)
            | Down::Roster(_) => Self::Ephemeral,
            Down::Ready(_)
            | Down::Ok(_)
            | Down::No(_)
            | Down::Event(_)
            | Down::Heads(_)
            | Down::Records(_)
            | Down::Rows(_)
            | Down::Change(_)
            | Down::Agent(_)
            | Down::Unknown(_) => Self::Event,
        }
    }
}

/// One thing that waits. `T` is the shell's encoded, shared text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<T> {
    Frame {
        text: T,
        class: Class,
    },
    Joined {
        heads: Vec<Head>,
        agent: Option<Box<AgentState>>,
    },
    Heads(Vec<Head>),
    NotFollowed {
        conversations: Vec<ConversationId>,
        why: Code,
    },
    Unfollowed(ConversationId),
    /// A command settled nothing, and may be sent again.
    Refused {
        command: Box<Command>,
        why: NotSubmitted,
    },
    Close {
        code: CloseCode,
        retry_after_ms: Option<u64>,
    },
}

/// How much may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub frames_max: usize,
    pub bytes_max: usize,
}

/// The queue of one socket.
#[derive(Debug)]
pub struct Outbound<T> {
    items: VecDeque<Item<T>>,
    bytes: usize,
    bounds: Bounds,
    /// Events were dropped; the reader must be told the heads.
    lagging: bool,
    /// Since when something has been waiting without a drain.
    waiting_since: Option<Instant>,
}

impl<T: AsRef<str>> Outbound<T> {
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self { items: VecDeque::new(), bytes: 0, bounds, lagging: false, waiting_since: None }
    }

    /// Adds an item, and makes room as the contract says when there is none.
    pub fn push(&mut self, item: Item<T>, now: Instant) {
        if matches!(&item, Item::Close { code: CloseCode::SignIn | CloseCode::Forbidden | CloseCode::Erased, .. }) {
            // Who may not read any more is not written what still waits.
            self.items.clear();
            self.bytes = 0;
        }
        let bytes = bytes_of(&item);
        self.waiting_since.get_or_insert(now);
        if !self.has_room(bytes) {
            self.drop_ephemeral();
        }
        if !self.has_room(bytes) {
            self.drop_frames();
        }
        if self.lagging && matches!(item, Item::Frame { .. }) {
            return;
        }
        self.bytes += bytes;
        self.items.push_back(item);
    }

    /// Takes all that waits, in order. The flag says that events were dropped before.
    pub fn drain(&mut self) -> (VecDeque<Item<T>>, bool) {
        self.bytes = 0;
        self.waiting_since = None;
        (std::mem::take(&mut self.items), std::mem::take(&mut self.lagging))
    }

    /// Since when something has been waiting; `None` while the queue is empty.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Instant> {
        self.waiting_since
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.items.len() < self.bounds.frames_max && self.bytes + bytes <= self.bounds.bytes_max
    }

    fn drop_ephemeral(&mut self) {
        self.items.retain(|item| !matches!(item, Item::Frame { class: Class::Ephemeral, .. }));
        self.bytes = self.items.iter().map(bytes_of).sum();
    }

    /// Drops every frame and starts lagging; what ends or joins the socket stays.
    fn drop_frames(&mut self) {
        self.items.retain(|item| !matches!(item, Item::Frame { .. }));
        self.bytes = 0;
        self.lagging = true;
    }
}

fn bytes_of<T: AsRef<str>>(item: &Item<T>) -> usize {
    match item {
        Item::Frame { text, .. } => text.as_ref().len(),
        Item::Joined { .. }
        | Item::Heads(_)
        | Item::NotFollowed { .. }
        | Item::Unfollowed(_)
        | Item::Refused { .. }
        | Item::Close { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(0);

    fn queue() -> Outbound<String> {
        Outbound::new(Bounds { frames_max: 4, bytes_max: 100 })
    }

    fn frame(text: &str, class: Class) -> Item<String> {
        Item::Frame { text: text.to_owned(), class }
    }

    #[test]
    fn ephemeral_frames_make_room_first() {
        let mut queue = queue();
        for text in ["1", "2", "3"] {
            queue.push(frame(text, Class::Event), NOW);
        }
        queue.push(frame("typing", Class::Ephemeral), NOW);
        queue.push(frame("4", Class::Event), NOW);
        let (items, lagging) = queue.drain();
        assert_eq!(items, ["1", "2", "3", "4"].map(|text| frame(text, Class::Event)));
        assert!(!lagging);
    }

    #[test]
    fn a_full_queue_is_dropped_and_the_reader_lags_until_drained() {
        let mut queue = queue();
        for _ in 0..6 {
            queue.push(frame("x", Class::Event), NOW);
        }
        let close = Item::Close { code: CloseCode::Superseded, retry_after_ms: None };
        queue.push(close.clone(), NOW);
        let (items, lagging) = queue.drain();
        assert_eq!(items, [close]);
        assert!(lagging);
        queue.push(frame("y", Class::Event), NOW);
        assert_eq!(queue.drain(), (VecDeque::from([frame("y", Class::Event)]), false));
    }

    #[test]
    fn who_is_signed_out_is_not_written_what_waits() {
        for (code, waits) in [(CloseCode::SignIn, 0), (CloseCode::Forbidden, 0), (CloseCode::Restart, 1)] {
            let mut queue = queue();
            queue.push(frame("what was said before", Class::Event), NOW);
            queue.push(Item::Close { code, retry_after_ms: None }, NOW);
            assert_eq!(queue.drain().0.len(), waits + 1, "{code:?}");
        }
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mut queue = queue();
        queue.push(frame(&"x".repeat(60), Class::Event), NOW);
        queue.push(frame(&"x".repeat(60), Class::Event), NOW);
        assert!(queue.drain().1);
    }
}
