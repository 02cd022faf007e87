//! Where a server is: a URL that may hold a password, which it never shows.

use std::fmt;

/// The URL of a Postgres database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseUrl(Url);

/// The URL of a Redis server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisUrl(Url);

#[derive(Clone, PartialEq, Eq)]
struct Url(String);

impl DatabaseUrl {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        Url::new(text, ["postgres://", "postgresql://"], "postgres://halloo@db.example.com/halloo").map(Self)
    }

    /// The URL with its password.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0.0
    }
}

impl RedisUrl {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        Url::new(text, ["redis://", "rediss://"], "redis://redis.example.com").map(Self)
    }

    /// The URL with its password.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0.0
    }
}

impl Url {
    fn new(text: &str, schemes: [&str; 2], example: &str) -> Result<Self, String> {
        if !schemes.iter().any(|scheme| text.starts_with(scheme)) {
            return Err(format!("is not a URL such as {example}"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Url {
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

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
