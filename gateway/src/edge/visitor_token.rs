//! Visitor tokens: a MAC over (site, visitor, time), checked without the store.
//!
//! A token is proof of having been given that visitor id here, and nothing more. It goes in the first frame,
//! never in a URL.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway_core::ids::SiteId;
use hmac::{Hmac, KeyInit, Mac};
use protocol::VisitorId;
use sha2::Sha256;
use uuid::Uuid;

/// A token older than this is replaced by a new one.
const RENEWED_AFTER_MS: u64 = 24 * 3_600_000;
/// A visitor who was away for longer is a new one: browsers keep first-party storage about as long.
const GOOD_FOR_MS: u64 = 400 * 24 * 3_600_000;
const VISITOR_BYTES: usize = 16;
const TIME_BYTES: usize = 8;
const MAC_BYTES: usize = 32;

/// Makes and checks the tokens of a deployment.
#[derive(Clone)]
pub struct VisitorTokens {
    key: [u8; 32],
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub visitor: VisitorId,
    /// A new token to keep in place of this one.
    pub renewed: Option<String>,
}

impl VisitorTokens {
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// A new visitor with a first token.
    #[must_use]
    pub fn introduce(&self, site: SiteId, wall_ms: u64) -> Known {
        let visitor = VisitorId(Uuid::from_bytes(
            uuid::Builder::from_random_bytes(crate::chance::bytes()).into_uuid().into_bytes(),
        ));
        Known { visitor, renewed: Some(self.issue(site, visitor, wall_ms)) }
    }

    /// The visitor a token names, if it was made here for this site and is not too old.
    #[must_use]
    pub fn check(&self, site: SiteId, token: &str, wall_ms: u64) -> Option<Known> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (named, mac) = bytes.split_at_checked(VISITOR_BYTES + TIME_BYTES)?;
        if mac.len() != MAC_BYTES {
            return None;
        }
        self.mac(site, named).verify_slice(mac).ok()?;
        let (visitor, issued) = named.split_at(VISITOR_BYTES);
        let visitor = VisitorId(Uuid::from_slice(visitor).ok()?);
        let age_ms = wall_ms.saturating_sub(u64::from_be_bytes(issued.try_into().ok()?));
        if age_ms > GOOD_FOR_MS {
            return None;
        }
        let renewed = (age_ms > RENEWED_AFTER_MS).then(|| self.issue(site, visitor, wall_ms));
        Some(Known { visitor, renewed })
    }

    /// The token of a visitor, made at `wall_ms`.
    #[must_use]
    pub fn issue(&self, site: SiteId, visitor: VisitorId, wall_ms: u64) -> String {
        let mut bytes = Vec::with_capacity(VISITOR_BYTES + TIME_BYTES + MAC_BYTES);
        bytes.extend_from_slice(visitor.0.as_bytes());
        bytes.extend_from_slice(&wall_ms.to_be_bytes());
        let mac = self.mac(site, &bytes).finalize().into_bytes();
        bytes.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn mac(&self, site: SiteId, named: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(b"halloo visitor 1");
        mac.update(&site.0.to_be_bytes());
        mac.update(named);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: SiteId = SiteId(1);
    const DAY_MS: u64 = 24 * 3_600_000;

    fn tokens() -> VisitorTokens {
        VisitorTokens::new([7; 32])
    }

    #[test]
    fn a_token_names_its_visitor_on_its_site_only() {
        let known = tokens().introduce(SITE, DAY_MS);
        let token = known.renewed.unwrap();
        assert_eq!(tokens().check(SITE, &token, DAY_MS), Some(Known { visitor: known.visitor, renewed: None }));
        assert_eq!(tokens().check(SiteId(2), &token, DAY_MS), None);
        assert_eq!(VisitorTokens::new([8; 32]).check(SITE, &token, DAY_MS), None);
    }

    #[test]
    fn a_changed_token_is_no_token() {
        let token = tokens().introduce(SITE, DAY_MS).renewed.unwrap();
        for index in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(tokens().check(SITE, &changed, DAY_MS), None, "{index}");
        }
        for other in ["", "x", "====", &token[1..]] {
            assert_eq!(tokens().check(SITE, other, DAY_MS), None);
        }
    }

    #[test]
    fn a_token_is_renewed_after_a_day_and_good_for_a_year() {
        let first = tokens().introduce(SITE, 0);
        let token = first.renewed.unwrap();
        let later = tokens().check(SITE, &token, DAY_MS + 1).unwrap();
        assert_eq!(later.visitor, first.visitor);
        assert!(later.renewed.is_some());
        assert_eq!(tokens().check(SITE, &token, 401 * DAY_MS), None);
    }
}
