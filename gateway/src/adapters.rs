//! Adapters: what the ports are made of. Only `app` names one of them.
//!
//! Every store passes the suite in `contract.rs`; what only one of them promises is tested beside it.

mod backoff;
mod check;
mod clock;
mod inbound;
mod limits;
pub mod memory;
mod outbound;
mod page;
mod post;
pub mod redis;
pub mod sqlite;

pub use post::Post;

#[cfg(test)]
mod contract;
