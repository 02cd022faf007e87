//! Deterministic chance: the shell hands in a seed, the machines draw from it.

use protocol::MessageId;
use uuid::Uuid;

/// A SplitMix64 generator (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
///
/// It spreads deadlines and makes record ids; nothing secret comes from it.
#[derive(Clone, Debug)]
pub struct Chance {
    state: u64,
}

impl Chance {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        debug_assert!(low <= high);
        low + self.bits() % (high - low + 1)
    }

    /// A UUIDv7 (RFC 9562, section 5.7) for a record made at `wall_ms`.
    pub fn message_id(&mut self, wall_ms: u64) -> MessageId {
        let mut random = [0u8; 10];
        random[..8].copy_from_slice(&self.bits().to_be_bytes());
        random[8..].copy_from_slice(&self.bits().to_be_bytes()[..2]);
        MessageId(uuid::Builder::from_unix_timestamp_millis(wall_ms, &random).into_uuid())
    }
}

/// The 32 bits of a record's id that readers name it by: the last ones, all random in a UUIDv7.
#[must_use]
pub fn tail_of(id: Uuid) -> protocol::Tail {
    let bytes = id.as_bytes();
    u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]])
}
