//! Ports: what the rules and the edge ask of the world. Adapters implement them; `app` joins the two.
//!
//! One contract suite (`adapters/contract.rs`) runs against every implementation.

mod carrier;
mod cluster;
mod directory;
mod journal;
mod reader;
mod readiness;

pub use carrier::{Carrier, Heard, PACKET_BYTES_MAX};
pub use cluster::Cluster;
pub use directory::*;
pub use journal::*;
pub use reader::*;
pub use readiness::Readiness;

/// All that a store offers.
pub trait Store: Journal + Reader + Directory {}

impl<T: Journal + Reader + Directory> Store for T {}
