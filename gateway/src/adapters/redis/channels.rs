//! The names of channels. They begin with the deployment's id, so that several can share a server.

use crate::adapters::outbound::To;
use gateway_core::ids::NodeId;
use uuid::Uuid;

/// The channels that a node is subscribed to, and those of the others.
pub(super) struct Channels {
    deployment: Uuid,
    pub own: String,
    pub shared: String,
}

impl Channels {
    pub fn new(deployment: Uuid, me: NodeId) -> Self {
        Self { deployment, own: own(deployment, me), shared: format!("halloo:{deployment}:all") }
    }

    pub fn of(&self, to: To) -> String {
        match to {
            To::Node(node) => own(self.deployment, node),
            To::All => self.shared.clone(),
        }
    }
}

fn own(deployment: Uuid, node: NodeId) -> String {
    format!("halloo:{deployment}:node:{:06x}", node.number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_have_lasting_names() {
        let channels = Channels::new(Uuid::nil(), NodeId::new(0xab));
        assert_eq!(channels.own, "halloo:00000000-0000-0000-0000-000000000000:node:0000ab");
        assert_eq!(channels.of(To::Node(NodeId::new(0xab))), channels.own);
        assert_eq!(channels.of(To::All), "halloo:00000000-0000-0000-0000-000000000000:all");
    }
}
