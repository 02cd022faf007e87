//! Bad input against the real gateway, one case a row of the table: what is refused, its sound twin, and a bystander
//! who must not notice.
#![cfg(test)]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks at the kinds it is about and passes over the rest")]

mod commands;
mod first_frame;
mod flow;
mod frames;
mod handshake;
mod json;
mod reading;
mod search;
mod words;

use gateway_tests::{Bystander, Opcode, Raw, Shared};
use protocol::{Code, Down, Refusal};
use std::sync::Arc;

/// The server of these cases, and somebody who talks all along.
struct Case {
    shared: Arc<Shared>,
    bystander: Bystander,
}

impl Case {
    async fn begin() -> Self {
        let shared = Shared::get().await;
        let bystander = shared.bystander().await;
        Self { shared, bystander }
    }

    /// Nobody else has noticed.
    async fn end(mut self) {
        self.bystander.still_talks().await;
    }

    /// A visitor's socket on the shop that is ready.
    async fn raw(&self) -> Raw {
        Raw::ready(&self.shared.shop).await
    }
}

/// Sends a text, and expects it to be refused.
async fn refused(raw: &mut Raw, text: &str) -> Refusal {
    raw.text(text).await;
    match raw.next().await {
        Some(Down::No(refusal)) => *refusal,
        other => panic!("not refused but {other:?}: {}", text.chars().take(200).collect::<String>()),
    }
}

/// The socket still takes frames: one of an unknown kind is refused as such.
async fn is_alive(raw: &mut Raw) {
    assert_eq!(refused(raw, r#"{"wave":{}}"#).await.code, Code::UnknownType);
}

/// Frames that came before a close, as far as they are of this kind.
fn count(frames: &[(Opcode, Vec<u8>)], opcode: Opcode) -> usize {
    frames.iter().filter(|(found, _)| *found == opcode).count()
}
