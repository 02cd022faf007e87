//! The loader's script: the same for every site, so pages of any origin may run it, but only those a site lists may
//! read it (`crossorigin`).

use crate::edge::Edge;
use crate::edge::answers;
use crate::edge::assets::Caching;
use crate::edge::origin::Origin;
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
        Ok(allowed) => allowed,
        Err(refusal) => return refusal,
    };
    let Some(script) = edge.assets.get("loader.js") else { return answers::not_found() };
    let mut response = answers::for_any_page(script.answer(&parts.method, &parts.headers, caching));
    response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    if let Some(allowed) = allowed {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    }
    response
}

fn judge_origin(edge: &Edge, headers: &HeaderMap, own: &Origin) -> Result<Option<HeaderValue>, Response<Body>> {
    let mut named = headers.get_all(ORIGIN).iter();
    let Some(first) = named.next() else { return Ok(None) };
    if named.next().is_some() {
        return Err(answers::bad_request("two Origin headers\n"));
    }
    let origin = first.to_str().ok().and_then(Origin::parse);
    match origin {
        Some(origin) if origin == *own || edge.sites.any_lists(&origin) => Ok(Some(first.clone())),
        Some(_) | None => {
            let mut refusal = answers::forbidden();
            refusal.headers_mut().append(VARY, HeaderValue::from_static("origin"));
            Err(refusal)
        }
    }
}
