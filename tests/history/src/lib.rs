//! Judges what clients did, saw and were told, against what the store holds in the end and what may never happen.
//!
//! The simulator, the tests of real processes and the load tool write a [`History`]; [`check`] gives what is wrong with
//! it, a sentence each. It is plain data: nothing here knows how it came about.

mod calm;
mod check;
mod finding;
mod floor;
mod history;
mod index;
mod instant;
mod map;
mod operation;
mod reconstruction;
mod site;
mod standing;
mod truth;
mod words;

pub use check::check;
pub use finding::{Finding, Invariant};
pub use history::{Entry, History, Unreadable};
pub use operation::{Answer, Audience, Call, Nanos, Operation, Principal, SiteNumber};
pub use site::{AgentRules, Site, TeamRules};
pub use truth::{AgentRow, ConversationRow, DeskRow, Phase, Stored, Truth};
