//! The loader's script: the same for every site, so pages of any origin may run it, but only those a site lists may
//! read it (`crossorigin`).

use crate::edge::Edge;
use crate::edge::answers;
use crate::edge::assets::Caching;
use crate::origin::Origin;
use axum::body::Body;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response};

/// How the script at this path may be kept; none when the path is not a loader's.
pub(crate) fn caching(path: &str) -> Option<Caching> {
    match path {
        "/v1/loader.js" => Some(Caching::Short),
        concat!("/v", env!("CARGO_PKG_VERSION"), "/loader.js") => Some(Caching::Immutable),
        _ => None,
    }
}

/// Answers with the script. A plain `<script>` names no origin; a request that names one must be listed.
pub(crate) fn answer(edge: &Edge, parts: &Parts, own: &Origin, caching: Caching) -> Response<Body> {
    let allowed = match judge_origin(edge, &parts.headers, own) {
        Named::Nobody => None,
        Named::Listed(origin) => Some(origin),
        Named::Unlisted => return unlisted(),
        Named::Twice => return answers::bad_request("two Origin headers\n"),
    };
    let Some(script) = edge.assets.get("loader.js") else { return answers::not_found() };
    let mut response = answers::for_any_page(script.answer(&parts.method, &parts.headers, caching));
    response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    if let Some(allowed) = allowed {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    }
    response
}

/// Whom a request names as the page it is for.
enum Named {
    Nobody,
    Listed(HeaderValue),
    Unlisted,
    Twice,
}

fn judge_origin(edge: &Edge, headers: &HeaderMap, own: &Origin) -> Named {
    let mut named = headers.get_all(ORIGIN).iter();
    let Some(first) = named.next() else { return Named::Nobody };
    if named.next().is_some() {
        return Named::Twice;
    }
    match first.to_str().ok().and_then(Origin::parse) {
        Some(origin) if origin == *own || edge.sites.any_lists(&origin) => Named::Listed(first.clone()),
        Some(_) | None => Named::Unlisted,
    }
}

fn unlisted() -> Response<Body> {
    let mut refusal = answers::forbidden();
    refusal.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    refusal
}
