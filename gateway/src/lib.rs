//! The gateway: the shell around the rules of `gateway-core`.

pub mod adapters;
pub mod admin;
pub mod api;
pub mod app;
pub mod chance;
pub mod cli;
pub mod clock;
pub mod config;
pub mod edge;
pub mod network;
pub mod origin;
pub mod ports;
pub mod switchboard;
pub mod telemetry;
