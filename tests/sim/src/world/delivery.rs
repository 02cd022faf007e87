//! Delivery: hands what a gate let out to the sockets it names.

use crate::world::World;
use crate::world::socket::Text;
use gateway_core::effects::Delivery;
use gateway_core::ids::Socket;
use gateway_core::session::outbound::{Class, Item};
use protocol::Down;
use std::rc::Rc;

impl World {
    /// Delivers in order to sockets of this node. A socket that is gone is passed over: its client fetches what it lacks.
    pub fn release(&mut self, node: usize, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            match delivery {
                Delivery::Visitors { to, frame } => {
                    self.fan_out(node, to.into_iter().map(Socket::Visitor), frame.frame());
                }
                Delivery::Agents { to, frame } => {
                    self.fan_out(node, to.into_iter().map(Socket::Agent), frame.frame());
                }
                Delivery::Joined { to, heads, agent } => self.push(node, to, Item::Joined { heads, agent }),
                Delivery::Heads { to, heads } => self.push(node, to, Item::Heads(heads)),
                Delivery::NotFollowed { to, conversations, why } => {
                    self.push(node, to, Item::NotFollowed { conversations, why });
                }
                Delivery::Unfollowed { to, conversation } => self.push(node, to, Item::Unfollowed(conversation)),
                Delivery::Close { to, code } => self.push(node, to, Item::Close { code, retry_after_ms: None }),
            }
        }
    }

    fn fan_out(&mut self, node: usize, to: impl Iterator<Item = Socket>, frame: &Down) {
        self.mark_down(frame);
        let (class, frame) = (Class::of(frame), Rc::new(frame.clone()));
        for socket in to {
            self.push(node, socket, Item::Frame { text: Text(Rc::clone(&frame)), class });
        }
    }
}
