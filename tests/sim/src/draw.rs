//! Drawing from chance: odds, picks and ids, on top of the generator the rules use themselves.

use gateway_core::chance::Chance;
use uuid::Uuid;

/// What the world draws. Everything comes from one seed.
pub(crate) trait Draw {
    /// Whether something of this likelihood, in thousandths, happens.
    fn odds(&mut self, permille: u64) -> bool;

    /// An index below `len`, which is not 0.
    fn index(&mut self, len: usize) -> usize;

    /// One of several; none when there are none.
    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T>;

    /// 128 random bits.
    fn id(&mut self) -> Uuid;
}

impl Draw for Chance {
    fn odds(&mut self, permille: u64) -> bool {
        self.bits() % 1_000 < permille
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.bits() % len as u64).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.index(from.len())) }
    }

    fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.bits(), self.bits())
    }
}
