//! HTTP: which path means what, and what every request must look like before it means anything.
//!
//! Everything under `/api/` goes to the router that was handed in; it is answered here only when it is malformed.

use crate::edge::address::{ClientAddress, client_address};
use crate::edge::answers::{self, Frames};
use crate::edge::assets::{Asset, Caching};
use crate::edge::request::{self, Malformed};
use crate::edge::socket::Accepted;
use crate::edge::upgrade::{self, Asked, Refused};
use crate::edge::{Edge, loader};
use crate::origin::Origin;
use crate::telemetry::Reason;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::USER_AGENT;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Once};
use tower::ServiceExt;

/// Bytes of `User-Agent` that are kept.
const USER_AGENT_BYTES_MAX: usize = 256;

const LANDING: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width\"><title>halloo</title>\
    <h1>halloo</h1><p>Live chat is running here. <a href=\"/console\">Open the console</a>.\n";

/// An answer, and for a 101 who was let in.
pub(crate) type Answer = (Response<Body>, Option<Accepted>);

/// Answers one request of a peer.
pub(crate) async fn answer(edge: &Arc<Edge>, peer: IpAddr, request: Request<Body>) -> Answer {
    let (parts, body) = request.into_parts();
    let own = match request::check(&parts).map(|host| edge.own_origin(host)) {
        Ok(Some(own)) => own,
        Ok(None) => return (answers::hardened(answers::bad_request("Host cannot be read\n")), None),
        Err(malformed) => return (answers::hardened(answer_malformed(malformed)), None),
    };
    let address = client_address(peer, &parts.headers, &edge.trusted_proxies);
    warn_of_an_unnamed_proxy(peer, address, &parts.headers);
    let asked = match parts.uri.path() {
        path if path.starts_with("/api/") => {
            return (answers::hardened(forward(edge, address, parts, body).await), None);
        }
        "/v1/socket" => Some(Asked::Agent),
        path => path.strip_prefix("/v1/socket/").map(|site| Asked::Visitor { site }),
    };
    match asked {
        Some(asked) => open_socket(edge, &parts, &own, asked, address),
        None => (answers::hardened(answer_file(edge, &parts, &own)), None),
    }
}

/// Says once that the peer looks like a proxy of the operator's that `trusted_proxies` does not name.
fn warn_of_an_unnamed_proxy(peer: IpAddr, address: ClientAddress, headers: &HeaderMap) {
    static SAID: Once = Once::new();
    if address.0 == peer.to_canonical() && headers.contains_key("x-forwarded-for") {
        SAID.call_once(|| {
            tracing::warn!(
                "X-Forwarded-For from a peer that trusted_proxies does not name: its clients share its limits"
            );
        });
    }
}

fn answer_malformed(malformed: Malformed) -> Response<Body> {
    match malformed {
        Malformed::Host => answers::bad_request("one Host header is needed\n"),
        Malformed::Target => answers::bad_request("this is no proxy\n"),
        Malformed::Secret => answers::bad_request("secrets do not belong into addresses\n"),
        Malformed::Path => answers::not_found(),
    }
}

async fn forward(edge: &Edge, address: ClientAddress, mut parts: Parts, body: Body) -> Response<Body> {
    parts.extensions.insert(address);
    parts.extensions.insert(ConnectInfo(SocketAddr::new(address.0, 0)));
    match edge.api.clone().oneshot(Request::from_parts(parts, body)).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn open_socket(edge: &Arc<Edge>, parts: &Parts, own: &Origin, asked: Asked<'_>, address: ClientAddress) -> Answer {
    let granted = upgrade::judge(edge, parts, own, asked, address.0).and_then(|granted| {
        let place = match granted.site {
            Some(_) => Some(edge.admission.open_socket(address.0).map_err(Refused::Excess)?),
            None => None,
        };
        Ok((granted, place))
    });
    match granted {
        Ok((granted, place)) => {
            let user_agent = user_agent(&parts.headers);
            let response = granted.answer();
            let accepted = Accepted { edge: Arc::clone(edge), site: granted.site, address, user_agent, place };
            edge.metrics.handshakes[accepted.kind()].inc();
            (response, Some(accepted))
        }
        Err(refused) => {
            edge.metrics.refusals[reason(refused)].inc();
            tracing::debug!(?refused, "handshake refused");
            (answers::hardened(refused.answer()), None)
        }
    }
}

fn reason(refused: Refused) -> Reason {
    use crate::edge::admission::Excess;
    match refused {
        Refused::Malformed(_) => Reason::Malformed,
        Refused::Version => Reason::Version,
        Refused::Origin => Reason::Origin,
        Refused::UnknownSite => Reason::Unknown,
        Refused::Excess(Excess::Address) => Reason::Address,
        Refused::Excess(Excess::Sockets) => Reason::Sockets,
        Refused::Excess(Excess::Node) => Reason::Node,
        Refused::Draining => Reason::Draining,
    }
}

fn user_agent(headers: &HeaderMap) -> Option<Box<str>> {
    let text = headers.get(USER_AGENT)?.to_str().ok()?;
    Some(text[..text.floor_char_boundary(USER_AGENT_BYTES_MAX)].into())
}

/// Documents, the loader and the files behind them.
fn answer_file(edge: &Edge, parts: &Parts, own: &Origin) -> Response<Body> {
    if parts.method != Method::GET && parts.method != Method::HEAD {
        return answers::read_only();
    }
    let path = parts.uri.path();
    if let Some(caching) = loader::caching(path) {
        return loader::answer(edge, parts, own, caching);
    }
    if let Some(asset) = file(edge, path) {
        return asset.answer(&parts.method, &parts.headers, Caching::Immutable);
    }
    if let Some(key) = path.strip_prefix("/v1/panel/") {
        let Some(site) = edge.sites.find(key) else { return answers::not_found() };
        return document(edge, parts, own, "panel/index.html", Frames::OwnAnd(&site.origins));
    }
    if let Some(key) = path.strip_prefix("/talk/") {
        let Some(_site) = edge.sites.find(key) else { return answers::not_found() };
        return document(edge, parts, own, "panel/index.html", Frames::Nobody);
    }
    match path {
        "/" => answers::document(landing(&parts.method), own, Frames::Nobody),
        path if is_console(path) => document(edge, parts, own, "console/index.html", Frames::Nobody),
        _ => answers::not_found(),
    }
}

/// A file that a document asks for; its name holds a hash of its content.
fn file<'a>(edge: &'a Edge, path: &str) -> Option<&'a Asset> {
    let path = path.strip_prefix("/v1").filter(|path| path.starts_with("/panel/")).unwrap_or(path);
    let path = path.strip_prefix('/').filter(|path| path.contains("/assets/"))?;
    edge.assets.get(path)
}

/// The console finds its own way below its path; only a missing file there is missing.
fn is_console(path: &str) -> bool {
    path == "/console" || (path.starts_with("/console/") && !path.starts_with("/console/assets/"))
}

fn document(edge: &Edge, parts: &Parts, own: &Origin, file: &str, frames: Frames<'_>) -> Response<Body> {
    let Some(asset) = edge.assets.get(file) else { return answers::not_found() };
    answers::document(asset.answer(&parts.method, &parts.headers, Caching::Revalidate), own, frames)
}

fn landing(method: &Method) -> Response<Body> {
    let text = if method == Method::HEAD { "" } else { LANDING };
    let mut response = answers::plain(StatusCode::OK, text);
    let html = http::HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, html);
    response
}

#[cfg(test)]
mod tests;
