//! The gateway: the shell around the rules of `gateway-core`.

pub mod adapters;
pub mod api;
pub mod cli;
pub mod ports;
