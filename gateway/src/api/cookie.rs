//! The session cookie: its name, its attributes, and finding it in a request.

use super::limits::SESSION_LIFE;
use super::secrets::Secret;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// Which cookie a deployment uses, by the scheme of its public address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionCookie {
    /// `__Host-`: no other host and no plain connection can set or read it.
    Secure,
    /// For trials over plain HTTP; anyone on the way can read it.
    Insecure,
}

impl SessionCookie {
    pub(crate) fn for_public_url(url: &str) -> Self {
        if url.starts_with("https://") { Self::Secure } else { Self::Insecure }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-halloo",
            Self::Insecure => "halloo_insecure",
        }
    }

    fn attributes(self) -> &'static str {
        match self {
            Self::Secure => "Path=/; Secure; HttpOnly; SameSite=Strict",
            Self::Insecure => "Path=/; HttpOnly; SameSite=Strict",
        }
    }

    /// The session a request carries.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<&str> {
        let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(';'));
        pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == self.name()).map(|(_, v)| v)
    }

    /// `Set-Cookie` for a new session.
    pub(crate) fn set(self, session: &Secret) -> HeaderValue {
        let life_s = SESSION_LIFE.as_secs();
        self.value(&format!("{}={}; {}; Max-Age={life_s}", self.name(), session.reveal(), self.attributes()))
    }

    /// `Set-Cookie` that takes the session away.
    pub(crate) fn clear(self) -> HeaderValue {
        self.value(&format!("{}=; {}; Max-Age=0", self.name(), self.attributes()))
    }

    fn value(self, text: &str) -> HeaderValue {
        let mut value = HeaderValue::from_str(text).expect("names, attributes and base64url are visible ASCII");
        value.set_sensitive(true);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookie: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookie))])
    }

    #[test]
    fn an_https_deployment_does_not_take_the_insecure_cookie() {
        let cookie = SessionCookie::for_public_url("https://chat.example.org");
        assert_eq!(cookie.read(&headers("halloo_insecure=a; __Host-halloo=b")), Some("b"));
        assert_eq!(cookie.read(&headers("halloo_insecure=a")), None);
    }

    #[test]
    fn the_secure_cookie_has_every_attribute() {
        let session = Secret::draw();
        let value = SessionCookie::Secure.set(&session);
        let expected =
            format!("__Host-halloo={}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=2592000", session.reveal());
        assert_eq!(value.to_str().expect("ASCII"), expected);
    }
}
