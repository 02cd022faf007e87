//! Chance of a test: a seed that is printed, so that a run can be told from another.

/// SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Clone, Debug)]
pub struct Chance {
    state: u64,
}

impl Chance {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The seed that the environment names, or a fresh one.
    ///
    /// # Panics
    /// When `HALLOO_SEED` is no number, or the system has no randomness.
    #[must_use]
    pub fn seed() -> u64 {
        match std::env::var("HALLOO_SEED") {
            Ok(seed) => seed.parse().expect("HALLOO_SEED is a number"),
            Err(_) => getrandom::u64().expect("the system has randomness"),
        }
    }

    /// 64 random bits.
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.draw() % end.max(1)
    }

    /// Whether something that happens once in `n` happens now.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}
