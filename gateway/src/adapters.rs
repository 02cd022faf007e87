//! Adapters: what the ports are made of. Only `app` names one of them.
//!
//! Every store passes the suite in `contract.rs`; what only one of them promises is tested beside it.

mod check;
mod clock;
mod fault;
mod fold;
mod kinds;
mod limits;
pub mod memory;
mod migration;
mod names;
mod page;
pub mod postgres;
mod settings;
pub mod sqlite;
mod states;

#[cfg(test)]
mod contract;
