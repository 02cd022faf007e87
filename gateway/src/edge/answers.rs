//! Answers that several routes give, and the headers that every one carries.

use crate::origin::Origin;
use axum::body::Body;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// Features no page of ours uses.
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), xr-spatial-tracking=()",
);
/// For whatever is no document: should a browser show it as one, it can do nothing.
const NOTHING_RUNS: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Who may show a document in a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Frames<'a> {
    Nobody,
    /// The gateway's own pages and these.
    OwnAnd(&'a [Origin]),
}

/// A short plain answer.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The same for a path without meaning, a site that is not there, and one that is disabled.
pub(crate) fn not_found() -> Response<Body> {
    plain(StatusCode::NOT_FOUND, "not found\n")
}

pub(crate) fn bad_request(text: &'static str) -> Response<Body> {
    plain(StatusCode::BAD_REQUEST, text)
}

pub(crate) fn forbidden() -> Response<Body> {
    plain(StatusCode::FORBIDDEN, "this origin may not\n")
}

pub(crate) fn read_only() -> Response<Body> {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

/// Asks to come back later; each is told another time.
pub(crate) fn later(seconds: u64) -> Response<Body> {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "come back later\n");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Adds the policy of a document: only its own files run, sockets go to its own host, and these may frame it.
pub(crate) fn document(mut response: Response<Body>, own: &Origin, frames: Frames<'_>) -> Response<Body> {
    let policy = policy(own, frames);
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(PERMISSIONS_POLICY, PERMISSIONS);
    if let Frames::Nobody = frames {
        headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    }
    response
}

fn policy(own: &Origin, frames: Frames<'_>) -> String {
    let ancestors = match frames {
        Frames::Nobody => "'none'".to_owned(),
        Frames::OwnAnd(origins) => {
            let origins = origins.iter().map(Origin::as_str);
            std::iter::once("'self'").chain(origins).collect::<Vec<_>>().join(" ")
        }
    };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
         connect-src 'self' {}; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        own.socket_source()
    )
}

/// Lets pages of other origins load a script, whatever isolation they asked for.
pub(crate) fn for_any_page(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    response
}

/// Adds what every answer carries and a route has not set itself.
pub(crate) fn hardened(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    headers.entry(RESOURCE_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING_RUNS);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    #[test]
    fn only_listed_origins_frame_a_panel() {
        let listed = [origin("https://shop.example"), origin("https://b.example:8443")];
        let policy = policy(&origin("https://chat.example"), Frames::OwnAnd(&listed));
        assert!(policy.contains("frame-ancestors 'self' https://shop.example https://b.example:8443;"));
        assert!(policy.contains("connect-src 'self' wss://chat.example;"));
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn a_document_nobody_frames_is_isolated_from_its_opener() {
        let response = document(plain(StatusCode::OK, ""), &origin("http://localhost:8080"), Frames::Nobody);
        assert_eq!(response.headers()["cross-origin-opener-policy"], "same-origin");
        let policy = response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none';"));
        assert!(policy.contains("connect-src 'self' ws://localhost:8080;"));
    }

    #[test]
    fn an_answer_keeps_the_policy_it_has() {
        let response = hardened(document(plain(StatusCode::OK, ""), &origin("http://a.b"), Frames::Nobody));
        assert!(response.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().contains("script-src 'self'"));
        let response = hardened(not_found());
        assert_eq!(response.headers()[CONTENT_SECURITY_POLICY], "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
}
