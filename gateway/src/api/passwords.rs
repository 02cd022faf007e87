//! Hashes passwords with argon2id, a few at a time.
//!
//! Each hash takes 19 MiB, so a flood of sign-ins may neither run nor wait without bound.

use super::error::ApiError;
use super::limits::{HASHES_AT_ONCE, HASHES_RETRY_AFTER_S, HASHES_WAITING_MAX, PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN};
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{Error, Result as HashResult};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// What one hash costs whoever guesses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) memory_kib: u32,
    pub(crate) passes: u32,
}

impl Cost {
    /// OWASP's minimum for argon2id with one lane.
    pub(crate) const STANDARD: Self = Self { memory_kib: 19 * 1024, passes: 2 };
}

/// Hashes and verifies.
pub(crate) struct Passwords {
    params: Params,
    /// Verified where there is no account or no password, so that both take the same time.
    decoy: String,
    /// Those who hash or wait.
    room: Arc<Semaphore>,
    /// Those who hash.
    turn: Arc<Semaphore>,
    memory: Arc<Memory>,
}

impl Passwords {
    pub(crate) fn new(cost: Cost) -> Self {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).expect("the costs are within argon2's range");
        let memory = Arc::new(Memory::default());
        let decoy = hash(&params, &memory, "no account has this password").expect("the costs are valid");
        Self {
            params,
            decoy,
            room: Arc::new(Semaphore::new(HASHES_AT_ONCE + HASHES_WAITING_MAX)),
            turn: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            memory,
        }
    }

    /// The PHC string to store for a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, ApiError> {
        let (params, memory) = (self.params.clone(), Arc::clone(&self.memory));
        self.in_turn(move || hash(&params, &memory, &password)).await?.map_err(|error| {
            tracing::error!(%error, "a password cannot be hashed");
            ApiError::Internal
        })
    }

    /// Whether the password is the stored one. Without a stored one it takes as long, and is not.
    pub(crate) async fn verify(&self, password: String, stored: Option<&str>) -> Result<bool, ApiError> {
        let memory = Arc::clone(&self.memory);
        let expected = stored.unwrap_or(&self.decoy).to_owned();
        let matches = self.in_turn(move || matches(&memory, &password, &expected)).await?;
        let matches = matches.unwrap_or_else(|error| {
            tracing::warn!(%error, "a stored password hash cannot be read");
            false
        });
        Ok(matches && stored.is_some())
    }

    /// Takes every place to hash or wait, as a flood would.
    #[cfg(test)]
    pub(crate) fn crowd(&self) -> tokio::sync::OwnedSemaphorePermit {
        let places = u32::try_from(HASHES_AT_ONCE + HASHES_WAITING_MAX).expect("a small number");
        Arc::clone(&self.room).try_acquire_many_owned(places).expect("nobody is hashing")
    }

    /// Runs the work when it is its turn; both permits go with it, so a caller that gives up frees nothing early.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let busy = ApiError::Busy { retry_after_s: HASHES_RETRY_AFTER_S };
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else { return Err(busy) };
        let Ok(turn) = Arc::clone(&self.turn).acquire_owned().await else { return Err(busy) };
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            work()
        });
        done.await.map_err(|_| ApiError::Internal)
    }
}

/// Checks the length of a password that somebody chooses.
pub(crate) fn check_length(password: &str) -> Result<(), ApiError> {
    if (PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX).contains(&password.len()) {
        return Ok(());
    }
    Err(ApiError::invalid(format!("a password has {PASSWORD_BYTES_MIN} to {PASSWORD_BYTES_MAX} bytes")))
}

/// The blocks that hashes are worked out in, kept for the next one.
///
/// Given back to the allocator they leave holes that the next ones do not fit: a flood then grows by each hash.
#[derive(Default)]
struct Memory {
    /// At most as many as hash at once.
    idle: Mutex<Vec<Vec<Block>>>,
}

impl Memory {
    /// Lends blocks for one hash and wipes them afterwards.
    fn lend<T>(&self, count: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let mut blocks = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        blocks.resize(count, Block::new());
        let done = work(&mut blocks);
        blocks.fill(Block::new());
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(blocks);
        done
    }
}

fn hash(params: &Params, memory: &Memory, password: &str) -> HashResult<String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| Error::Crypto)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    memory.lend(params.block_count(), |blocks| {
        argon2.hash_password_into_with_memory(password.as_bytes(), &salt, &mut output, blocks)
    })?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params)?,
        salt: Some(Salt::new(&salt)?),
        hash: Some(Output::new(&output)?),
    };
    Ok(hash.to_string())
}

/// Hashes as the stored string says and compares in constant time.
fn matches(memory: &Memory, password: &str, expected: &str) -> HashResult<bool> {
    let expected = PasswordHash::new(expected)?;
    let (Some(salt), Some(expected_output)) = (expected.salt, expected.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(expected.algorithm.as_str())?;
    let version = expected.version.map_or(Ok(Version::V0x13), Version::try_from)?;
    let params = Params::try_from(&expected)?;
    let argon2 = Argon2::new(algorithm, version, params.clone());
    let mut output = vec![0; expected_output.len()];
    memory.lend(params.block_count(), |blocks| {
        argon2.hash_password_into_with_memory(password.as_bytes(), &salt, &mut output, blocks)
    })?;
    Ok(Output::new(&output)? == expected_output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_stored_as_argon2id_with_19_mib_and_two_passes() {
        let passwords = Passwords::new(Cost::STANDARD);
        let stored = passwords.hash("correct horse".to_owned()).await.expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse".to_owned(), Some(&stored)).await.expect("verified"));
        assert!(!passwords.verify("correct horsf".to_owned(), Some(&stored)).await.expect("verified"));
        assert!(passwords.decoy.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "the decoy costs the same");
    }

    #[tokio::test]
    async fn a_hash_made_by_the_library_alone_is_verified() {
        use argon2::{PasswordHasher, PasswordVerifier};
        let passwords = Passwords::new(Cost { memory_kib: 64, passes: 3 });
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(32, 1, 1, None).expect("valid"));
        let theirs = argon2.hash_password(b"correct horse").expect("hashed").to_string();
        assert!(passwords.verify("correct horse".to_owned(), Some(&theirs)).await.expect("verified"));
        assert!(!passwords.verify("correct".to_owned(), Some(&theirs)).await.expect("verified"));
        let ours = passwords.hash("correct horse".to_owned()).await.expect("hashed");
        let ours = PasswordHash::new(&ours).expect("a PHC string");
        assert!(Argon2::default().verify_password(b"correct horse", &ours).is_ok());
        assert!(!passwords.verify("correct horse".to_owned(), Some("$argon2id$nonsense")).await.expect("refused"));
    }

    #[tokio::test]
    async fn memory_is_kept_for_as_many_as_hash_at_once_and_wiped() {
        let passwords = Arc::new(Passwords::new(Cost { memory_kib: 64, passes: 1 }));
        let hashes = (0..HASHES_AT_ONCE + HASHES_WAITING_MAX).map(|_| {
            let passwords = Arc::clone(&passwords);
            tokio::spawn(async move { passwords.hash("correct horse".to_owned()).await.map(drop) })
        });
        for hash in hashes.collect::<Vec<_>>() {
            hash.await.expect("ran").expect("hashed");
        }
        let idle = passwords.memory.idle.lock().expect("whole");
        assert!((1..=HASHES_AT_ONCE).contains(&idle.len()), "{}", idle.len());
        assert!(idle.iter().flatten().all(|block| block.as_ref().iter().all(|word| *word == 0)));
    }

    #[tokio::test]
    async fn the_decoys_own_password_signs_nobody_in() {
        let passwords = Passwords::new(Cost { memory_kib: 8, passes: 1 });
        assert!(!passwords.verify("no account has this password".to_owned(), None).await.expect("verified"));
    }
}
