//! Adapters: what the ports are made of. Only `app` names one of them.
//!
//! Every store passes the suite in `contract.rs`; what only one of them promises is tested beside it.

mod backoff;
mod check;
mod clock;
mod fault;
mod fold;
mod inbound;
mod kinds;
mod limits;
pub mod memory;
mod migration;
mod names;
mod outbound;
mod page;
mod post;
pub mod postgres;
pub mod redis;
mod settings;
pub mod sqlite;
mod states;

pub use post::Post;

#[cfg(test)]
mod contract;
