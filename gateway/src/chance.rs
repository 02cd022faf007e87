//! True chance, from the operating system.

/// Fills an array with unpredictable bytes.
///
/// # Panics
/// When the operating system has no randomness to give; nothing safe can be done without.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A seed for the rules' own generator.
#[must_use]
pub fn seed() -> u64 {
    u64::from_le_bytes(bytes())
}
