//! The edge: everything between a network peer and the rules. Listens, speaks HTTP, upgrades, guards sockets.
//!
//! Nothing here decides about conversations.

pub mod address;
pub mod admission;
pub mod frames;
pub mod guarded;
pub mod origin;
pub mod sites;
#[cfg(test)]
pub(crate) mod testing;
