//! Envelopes: what peers say, as text, divided by line breaks; each is handed to a node that has things to do.

use crate::peers::{EFFECTS_MAX, at, effects, link};
use gateway_core::ids::{Epoch, SiteId};
use gateway_core::link::Link;
use gateway_core::link::effect::{Effect, Owner};
use gateway_core::link::envelope::{Carrier, Content, Envelope};
use gateway_core::now::Now;

/// Reads each envelope, hands it over, and carries out what the node asks for.
pub(crate) fn run(bytes: &[u8]) {
    let mut now = at(10_000);
    let mut link = link(now);
    settle(&mut link, now, bytes.len());
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(envelope) = serde_json::from_slice::<Envelope>(line) else { continue };
        let written = serde_json::to_vec(&envelope).expect("an envelope can be written");
        let again: Envelope = serde_json::from_slice(&written).expect("what was written reads");
        assert_eq!(again, envelope);
        now = at(now.instant.0 + 100);
        let carrier = match &envelope.content {
            Content::Beat(beat) => beat.uses,
            Content::Letters { .. } | Content::Notice(_) => Carrier(0),
        };
        link.handle_envelope(carrier, envelope, now);
        settle(&mut link, now, bytes.len());
        link.handle_timeout(now);
        settle(&mut link, now, bytes.len());
        assert!(link.poll_timeout() > now.instant, "a node that wants to be woken at once, for ever");
    }
}

/// Does what the node asks for until it rests. What an envelope can make it do is bounded by the envelope's length.
fn settle(link: &mut Link, now: Now, bytes: usize) {
    for effect in effects(link, now, EFFECTS_MAX + bytes) {
        match effect {
            Effect::Open { site, .. } => link.handle_opened(site, Ok(Epoch(7)), now),
            Effect::ReadOwner { site } => link.handle_owner(site, Ok(owner(site)), now),
            Effect::Sweep { .. } => link.handle_swept(Ok(Vec::new()), now),
            Effect::LetGo { site, epoch, .. } => link.handle_let_go(site, epoch, Ok(()), now),
            Effect::Send { .. }
            | Effect::Announce(_)
            | Effect::Desk { .. }
            | Effect::Deliver(_)
            | Effect::Refuse { .. }
            | Effect::Heartbeat { .. }
            | Effect::DropDesk { .. }
            | Effect::SendSocketsAway { .. } => {}
        }
    }
    effects(link, now, EFFECTS_MAX + bytes);
}

fn owner(site: SiteId) -> Option<Owner> {
    (site == SiteId(1)).then_some(Owner { node: Some(crate::peers::node(2)), epoch: Epoch(1), successor: None })
}
