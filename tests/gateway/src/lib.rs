//! What the tests of the real gateway stand on: the process, clients over real sockets, and bytes by hand.
//!
//! The tests live in `tests/`; nothing here knows a case. A fault of the surroundings panics with a sentence.

#![expect(clippy::wildcard_enum_match_arm, reason = "a client looks at the frames it knows and passes over the rest")]

mod balancer;
mod chance;
mod client;
pub mod court;
mod crowd;
mod deployment;
mod diary;
mod http;
mod ids;
mod judge;
mod outbox;
mod proxy;
mod raw;
mod server;
mod shared;
mod socket;
mod strace;
mod talker;
mod transcript;

pub use balancer::Balancer;
pub use chance::Chance;
pub use client::{Client, Done, Heard, InFlight, Who};
pub use crowd::{Crowd, Rhythm, until};
pub use deployment::{Deployment, Ways};
pub use diary::{Diary, SITE, now};
pub use http::{Answer, Place, SignedIn, header_of};
pub use ids::{conversation_id, outbox_id, random_uuid, session_id};
pub use judge::{Verdict, judge, judge_calm};
pub use outbox::{Lane, Settled};
pub use proxy::{Cut, End, Flow, Proxy, Tally, Way};
pub use raw::{Opcode, Raw};
pub use server::{Server, Setup, binary, root};
pub use shared::{Bystander, Shared};
pub use socket::{Ended, Socket};
pub use strace::Injection;
pub use talker::{Figures, Talker, Talking};
pub use transcript::{Taken, Transcript};

/// Nothing a test waits for takes longer than this, also on a machine that is busy.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
