//! What clients did, saw and were told, and what the store holds in the end.
//!
//! The simulator, the tests of real processes and the load tool write a [`History`]. It is plain data: nothing here
//! knows how it came about.

mod history;
mod operation;
mod site;
mod truth;

pub use history::{Entry, History, Unreadable};
pub use operation::{Answer, Audience, Call, Nanos, Operation, Principal, SiteNumber};
pub use site::{AgentRules, Site, TeamRules};
pub use truth::{AgentRow, ConversationRow, DeskRow, Phase, Stored, Truth};
