//! Visitor tokens: whoever cannot make a MAC is nobody.
//!
//! The first byte chooses: a text of the stranger's own, or a good token that is changed as the other bytes say.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway::edge::visitor_token::VisitorTokens;
use gateway_core::ids::SiteId;
use protocol::VisitorId;
use protocol::limits::TOKEN_BYTES_MAX;
use uuid::Uuid;

const SITE: SiteId = SiteId(1);
const DAY_MS: u64 = 24 * 3_600_000;

/// Checks a text, or a changed token, against the deployment's key.
pub(crate) fn run(bytes: &[u8]) {
    let Some((how, rest)) = bytes.split_first() else { return };
    if how % 2 == 0 { judge_text(&String::from_utf8_lossy(rest)) } else { judge_changed(rest) }
}

fn tokens() -> VisitorTokens {
    VisitorTokens::new([7; 32])
}

/// What verifies is what was given out: made again, it is the same text.
fn judge_text(text: &str) {
    for wall_ms in [0, DAY_MS, 500 * DAY_MS] {
        let Some(known) = tokens().check(SITE, text, wall_ms) else { continue };
        let named = URL_SAFE_NO_PAD.decode(text).expect("a good token is base64");
        let issued = u64::from_be_bytes(named[16..24].try_into().expect("eight bytes"));
        assert_eq!(tokens().issue(SITE, known.visitor, issued), text, "two texts are one token");
    }
}

fn judge_changed(bytes: &[u8]) {
    let Some((named, edits)) = bytes.split_at_checked(24) else { return };
    let visitor = VisitorId(Uuid::from_slice(&named[..16]).expect("sixteen bytes"));
    let issued = u64::from_be_bytes(named[16..].try_into().expect("eight bytes"));
    let token = tokens().issue(SITE, visitor, issued);
    assert!(token.len() <= TOKEN_BYTES_MAX);
    let known = tokens().check(SITE, &token, issued).expect("a fresh token is good");
    assert_eq!((known.visitor, known.renewed), (visitor, None));
    assert!(tokens().check(SiteId(2), &token, issued).is_none(), "a token crossed to another site");
    judge_age(&token, visitor, issued);
    judge_each_byte(&token, 1 << (edits.first().unwrap_or(&0) % 8), issued);

    let mut changed = token.clone().into_bytes();
    for edit in edits.chunks_exact(3) {
        let at = usize::from(edit[1]) % (changed.len() + 1);
        match edit[0] % 4 {
            0 => changed.insert(at, edit[2]),
            1 => changed.truncate(at),
            _ if at < changed.len() => changed[at] = edit[2],
            _ => {}
        }
    }
    let Ok(changed) = String::from_utf8(changed) else { return };
    let verdict = tokens().check(SITE, &changed, issued);
    assert_eq!(verdict.is_some(), changed == token, "a changed token was believed");
}

/// No byte of it is there for nothing: with one bit of any changed, it names nobody.
fn judge_each_byte(token: &str, bit: u8, issued: u64) {
    let bytes = URL_SAFE_NO_PAD.decode(token).expect("a good token is base64");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= bit;
        let changed = URL_SAFE_NO_PAD.encode(changed);
        assert!(tokens().check(SITE, &changed, issued).is_none(), "byte {at} may be anything");
    }
}

/// It is renewed after a day, and good for about a year.
fn judge_age(token: &str, visitor: VisitorId, issued: u64) {
    let Some(later) = issued.checked_add(DAY_MS + 1) else { return };
    let known = tokens().check(SITE, token, later).expect("good for longer than a day");
    let renewed = known.renewed.expect("older than a day");
    assert_eq!((known.visitor, renewed), (visitor, tokens().issue(SITE, visitor, later)));
    if let Some(late) = issued.checked_add(500 * DAY_MS) {
        assert!(tokens().check(SITE, token, late).is_none(), "a token of another age is good");
    }
}
