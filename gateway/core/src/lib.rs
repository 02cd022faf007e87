//! The rules of halloo, as pure state machines.
//!
//! [`session::Session`] is one socket, [`desk::Desk`] the single writer of one site's live state,
//! [`link`] one node among its peers.
//! Inputs are `handle_*(…, now)`; outputs are plain values that the shell carries out.
//! Nothing here does I/O, reads a clock, draws a random number, awaits, or depends on hash order.

pub mod chance;
pub mod desk;
pub mod effects;
pub mod ids;
pub mod limits;
pub mod link;
pub mod now;
pub mod session;
pub mod settings;
pub mod stored;
