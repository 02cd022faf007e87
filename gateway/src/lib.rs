//! The gateway: the shell around the rules of `gateway-core`.

pub mod edge;
pub mod ports;
pub mod telemetry;
