//! Session: the state machine of one socket.
//!
//! The shell hands in frames, deliveries and time, and carries out what [`Session::poll_output`] gives.

pub mod allowance;
pub mod outbound;
