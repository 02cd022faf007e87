//! Hashes passwords with argon2id, a few at a time.
//!
//! Each hash takes 19 MiB, so a flood of sign-ins may neither run nor wait without bound.

use super::error::ApiError;
use super::limits::{HASHES_AT_ONCE, HASHES_RETRY_AFTER_S, HASHES_WAITING_MAX, PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;
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
    argon2: Argon2<'static>,
    /// Verified where there is no account or no password, so that both take the same time.
    decoy: String,
    /// Those who hash or wait.
    room: Arc<Semaphore>,
    /// Those who hash.
    turn: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new(cost: Cost) -> Self {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).expect("the costs are within argon2's range");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash(&argon2, "no account has this password");
        Self {
            argon2,
            decoy,
            room: Arc::new(Semaphore::new(HASHES_AT_ONCE + HASHES_WAITING_MAX)),
            turn: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
        }
    }

    /// The PHC string to store for a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, ApiError> {
        let argon2 = self.argon2.clone();
        self.in_turn(move || hash(&argon2, &password)).await
    }

    /// Whether the password is the stored one. Without a stored one it takes as long, and is not.
    pub(crate) async fn verify(&self, password: String, stored: Option<&str>) -> Result<bool, ApiError> {
        let argon2 = self.argon2.clone();
        let expected = stored.unwrap_or(&self.decoy).to_owned();
        let matches = self.in_turn(move || matches(&argon2, &password, &expected)).await?;
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

fn hash(argon2: &Argon2<'_>, password: &str) -> String {
    let hash = argon2.hash_password(password.as_bytes());
    hash.expect("the costs are valid and the password is short enough").to_string()
}

fn matches(argon2: &Argon2<'_>, password: &str, expected: &str) -> bool {
    match PasswordHash::new(expected) {
        Ok(expected) => argon2.verify_password(password.as_bytes(), &expected).is_ok(),
        Err(error) => {
            tracing::warn!(%error, "a stored password hash cannot be read");
            false
        }
    }
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
    async fn the_decoys_own_password_signs_nobody_in() {
        let passwords = Passwords::new(Cost { memory_kib: 8, passes: 1 });
        assert!(!passwords.verify("no account has this password".to_owned(), None).await.expect("verified"));
    }
}
