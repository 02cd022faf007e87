//! A secret of the configuration: it never shows itself.

use std::fmt;
use subtle::ConstantTimeEq;

/// Shorter ones can be guessed over a network.
const SECRET_CHARS_MIN: usize = 16;

/// A secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        if text.chars().count() < SECRET_CHARS_MIN {
            return Err(format!("is shorter than {SECRET_CHARS_MIN} characters"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether somebody knows the secret; takes the same time whatever they say of this length.
    #[must_use]
    pub fn is(&self, said: &str) -> bool {
        self.0.as_bytes().ct_eq(said.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
