//! Adapters: what the ports are made of. Only `app` names one of them.
//!
//! Every store passes the suite in `contract.rs`; what only one of them promises is tested beside it.

mod check;
mod clock;
mod limits;
pub mod memory;
mod page;
pub mod sqlite;

#[cfg(test)]
mod contract;
