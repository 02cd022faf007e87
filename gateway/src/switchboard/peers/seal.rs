//! Seal: what nodes say to each other as bytes, under a keyed hash (HMAC, RFC 2104), so that nobody who reaches a
//! carrier can speak for a node.

use bytes::Bytes;
use gateway_core::link::envelope::Envelope;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// Half of the hash, which RFC 2104 takes for the least that is safe.
const MAC_BYTES: usize = 16;

/// What all nodes of a deployment know: the store keeps it.
#[derive(Clone)]
pub struct Secret(pub [u8; 32]);

impl Secret {
    /// The deployment's name on carriers that it may share with others; it tells nothing of the secret.
    #[must_use]
    pub fn deployment(&self) -> Uuid {
        let bytes = self.derive(b"halloo deployment 1");
        uuid::Builder::from_slice(&bytes[..16]).expect("16 bytes").into_uuid()
    }

    fn derive(&self, purpose: &[u8]) -> [u8; 32] {
        mac(&self.0, purpose).finalize().into_bytes().into()
    }
}

/// Makes and checks packets.
pub(super) struct Seal {
    key: [u8; 32],
}

impl Seal {
    pub fn of(secret: &Secret) -> Self {
        Self { key: secret.derive(b"halloo bus 1") }
    }

    /// An envelope as a packet.
    pub fn close(&self, envelope: &Envelope) -> Bytes {
        let mut packet = vec![0; MAC_BYTES];
        serde_json::to_writer(&mut packet, envelope).expect("an envelope is plain data with text keys");
        let mac = mac(&self.key, &packet[MAC_BYTES..]).finalize().into_bytes();
        packet[..MAC_BYTES].copy_from_slice(&mac[..MAC_BYTES]);
        packet.into()
    }

    /// The envelope in a packet; none when it was not made by a node of this deployment, or by one of a version that
    /// says what this one does not understand.
    pub fn open(&self, packet: &[u8]) -> Option<Envelope> {
        let (hash, text) = packet.split_at_checked(MAC_BYTES)?;
        mac(&self.key, text).verify_truncated_left(hash).ok()?;
        serde_json::from_slice(text).ok()
    }
}

fn mac(key: &[u8; 32], text: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_core::ids::{Epoch, NodeId, SiteId};
    use gateway_core::link::envelope::{Content, Notice};

    fn notice() -> Envelope {
        let opened = Notice::Opened { site: SiteId(7), epoch: Epoch(3) };
        Envelope { from: NodeId::new(1), content: Content::Notice(opened) }
    }

    #[test]
    fn a_packet_gives_back_what_was_put_in() {
        let seal = Seal::of(&Secret([7; 32]));
        assert_eq!(seal.open(&seal.close(&notice())), Some(notice()));
    }

    #[test]
    fn a_packet_of_another_deployment_or_that_was_touched_is_not_opened() {
        let packet = Seal::of(&Secret([7; 32])).close(&notice());
        assert_eq!(Seal::of(&Secret([8; 32])).open(&packet), None);
        for at in 0..packet.len() {
            let mut touched = packet.to_vec();
            touched[at] ^= 1;
            assert_eq!(Seal::of(&Secret([7; 32])).open(&touched), None, "byte {at}");
        }
        assert_eq!(Seal::of(&Secret([7; 32])).open(&packet[..MAC_BYTES - 1]), None);
        assert_ne!(Secret([7; 32]).deployment(), Secret([8; 32]).deployment());
    }
}
