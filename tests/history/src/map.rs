//! Map: a hash map for ids, which are long and looked up at every step.
//!
//! Nobody attacks a history from within, so a multiplication (Knuth's, by the golden ratio) is hash enough.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mixed>>;
pub(crate) type Set<K> = HashSet<K, BuildHasherDefault<Mixed>>;

/// 2^64 divided by the golden ratio, made odd.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // Each half of the product alone would lose one end of the word.
        let product = u128::from(self.0.rotate_left(5) ^ word) * u128::from(FACTOR);
        let (high, low) = ((product >> 64) as u64, product as u64);
        self.0 = high ^ low;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
