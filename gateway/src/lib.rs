//! The gateway: the shell around the rules of `gateway-core`.

pub mod adapters;
pub mod api;
pub mod chance;
pub mod clock;
pub mod edge;
pub mod ports;
pub mod switchboard;
pub mod telemetry;
