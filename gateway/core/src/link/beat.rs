//! Beat: what a node tells a peer every second about the way between them.

use crate::link::envelope::Carrier;
use serde::{Deserialize, Serialize};

/// What the sender knows of the way to the receiver and back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// Counts the sender's beats to this peer from 1; copies over several carriers have the same number.
    pub number: u64,
    /// The counter of the last envelope of letters that the sender made for the receiver.
    pub sent: u64,
    /// The carrier those envelopes take now. Only a beat that came over it stands behind all of them.
    pub uses: Carrier,
    /// The counter of the last envelope that came from the receiver.
    pub received: u64,
    /// How often the sender has seen a hole in what came from the receiver.
    pub holes: u64,
    /// What the sender knows the receiver to have received; the receiver beats back while it falls short.
    pub confirmed: u64,
    /// The number of the receiver's last beat heard on each carrier, in the order of preference; 0 for none.
    pub heard: Vec<u64>,
    /// Over site and version of each set that the sender has told the receiver of.
    pub digest: u64,
    /// The sender reaches the store: it holds its lease.
    pub well: bool,
}
