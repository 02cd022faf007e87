//! Where a database is: a URL that may hold a password, which it never shows.

use std::fmt;

/// The URL of a Postgres database.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err("is not a URL such as postgres://halloo@db.example.com/halloo".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// The URL with its password.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    /// The URL without what stands before the host and behind the path: both may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = self.0.split('?').next().unwrap_or_default();
        let Some((scheme, rest)) = bare.split_once("://") else { return f.write_str("(secret)") };
        match rest.rsplit_once('@') {
            Some((user, place)) => write!(f, "{scheme}://{}@{place}", user.split(':').next().unwrap_or_default()),
            None => write!(f, "{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
