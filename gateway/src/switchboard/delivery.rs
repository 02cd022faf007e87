//! Delivery: hands what a gate let out to the sockets it names. A frame is encoded once for all of them.

use crate::clock::Clock;
use crate::switchboard::Counts;
use crate::switchboard::inbox::{Inbox, Text};
use crate::switchboard::sockets::Sockets;
use gateway_core::effects::Delivery;
use gateway_core::ids::Socket;
use gateway_core::now::Instant;
use gateway_core::session::NotSubmitted;
use gateway_core::session::outbound::{Class, Item};
use protocol::{CloseCode, Command, Down};
use std::sync::Arc;

/// Carries words from a desk to this node's sockets.
#[derive(Clone)]
pub struct Courier {
    pub sockets: Arc<Sockets>,
    pub clock: Clock,
    pub counts: Arc<dyn Counts>,
}

impl Courier {
    /// Delivers in order. A socket that is gone is passed over: its client fetches what it lacks.
    pub fn release(&self, deliveries: Vec<Delivery>) {
        let now = self.clock.now().instant;
        for delivery in deliveries {
            self.deliver(delivery, now);
        }
    }

    /// Tells a socket of this node that its command settled nothing.
    pub fn refuse(&self, socket: Socket, command: Box<Command>, why: NotSubmitted) {
        self.one(socket, Item::Refused { command, why }, self.clock.now().instant);
    }

    /// Closes every socket of this node; they come back, elsewhere if they can, spread over so many milliseconds.
    pub fn send_away(&self, within_ms: u64) {
        let now = self.clock.now().instant;
        for inbox in self.sockets.all() {
            let retry_after_ms = Some(crate::chance::seed() % within_ms.max(1));
            inbox.push(Item::Close { code: CloseCode::Restart, retry_after_ms }, now);
        }
    }

    /// Closes one socket of this node.
    pub fn close(&self, socket: Socket, code: CloseCode) {
        self.one(socket, Item::Close { code, retry_after_ms: None }, self.clock.now().instant);
    }

    /// Closes every socket of this node.
    pub fn close_all(&self, code: CloseCode) {
        let now = self.clock.now().instant;
        for inbox in self.sockets.all() {
            inbox.push(Item::Close { code, retry_after_ms: None }, now);
        }
    }

    fn deliver(&self, delivery: Delivery, now: Instant) {
        match delivery {
            Delivery::Visitors { to, frame } => {
                self.fan_out(to.into_iter().filter_map(|socket| self.sockets.visitor(socket)), frame.frame(), now);
            }
            Delivery::Agents { to, frame } => {
                self.fan_out(to.into_iter().filter_map(|socket| self.sockets.agent(socket)), frame.frame(), now);
            }
            Delivery::Joined { to, heads, agent } => self.one(to, Item::Joined { heads, agent }, now),
            Delivery::Heads { to, heads } => self.one(to, Item::Heads(heads), now),
            Delivery::NotFollowed { to, conversations, why } => {
                self.one(to, Item::NotFollowed { conversations, why }, now);
            }
            Delivery::Unfollowed { to, conversation } => self.one(to, Item::Unfollowed(conversation), now),
            Delivery::Close { to, code } => self.one(to, Item::Close { code, retry_after_ms: None }, now),
        }
    }

    fn fan_out(&self, inboxes: impl Iterator<Item = Arc<Inbox>>, frame: &Down, now: Instant) {
        let text = encode(frame);
        let class = Class::of(frame);
        for inbox in inboxes {
            inbox.push(Item::Frame { text: text.clone(), class }, now);
        }
    }

    fn one(&self, to: Socket, item: Item<Text>, now: Instant) {
        if let Some(inbox) = self.sockets.any(to) {
            inbox.push(item, now);
        }
    }
}

/// Writes a frame as the text that goes down the wire.
#[must_use]
pub fn encode(frame: &Down) -> Text {
    let text = serde_json::to_string(frame).expect("a frame is plain data with text keys");
    Text(text.into())
}
