//! The gateway: the shell around the rules of `gateway-core`.

pub mod admin;
pub mod app;
pub mod config;
pub mod edge;
pub mod ports;
pub mod telemetry;
