//! The WebSocket handshake (RFC 6455, section 4.2), by hand: what is asked of a request, and the answer 101.
//!
//! No extension is ever negotiated. The caller switches protocols; the listener spawns the socket's task.

use crate::edge::admission::Excess;
use crate::edge::answers;
use crate::edge::sites::KnownSite;
use crate::edge::{Edge, admission};
use crate::origin::Origin;
use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    AsHeaderName, CONNECTION, CONTENT_LENGTH, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version};
use protocol::SUBPROTOCOL;
use std::net::IpAddr;
use std::sync::Arc;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Subprotocols one request may offer; ours offers one.
const SUBPROTOCOLS_MAX: usize = 16;
/// RFC 6455, section 4.1: the key is 16 bytes.
const KEY_BYTES: usize = 16;

/// Whom the socket is for, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked<'a> {
    /// `/v1/socket/<site>`: a visitor of the site.
    Visitor { site: &'a str },
    /// `/v1/socket`: an agent, who names the site in the first frame.
    Agent,
}

/// A handshake that may be answered 101.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) site: Option<Arc<KnownSite>>,
    accept: String,
}

/// Why a handshake is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Malformed(&'static str),
    /// Not an upgrade to WebSocket of version 13.
    Version,
    Origin,
    UnknownSite,
    Excess(Excess),
    Draining,
}

impl Refused {
    pub(crate) fn answer(self) -> Response<Body> {
        match self {
            Self::Malformed(why) => answers::bad_request(why),
            Self::Version => {
                let mut response = answers::plain(StatusCode::UPGRADE_REQUIRED, "this is a WebSocket, version 13\n");
                response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
                response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
                response
            }
            Self::Origin => answers::forbidden(),
            Self::UnknownSite => answers::not_found(),
            Self::Excess(_) | Self::Draining => answers::later(admission::retry_after_seconds()),
        }
    }
}

impl Granted {
    pub(crate) fn answer(&self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        if let Ok(accept) = HeaderValue::try_from(self.accept.as_str()) {
            headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        }
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        response
    }
}

/// Judges a request to open a socket: its form, then its address, then its page.
pub(crate) fn judge(
    edge: &Edge,
    request: &Parts,
    own: &Origin,
    asked: Asked<'_>,
    address: IpAddr,
) -> Result<Granted, Refused> {
    let accept = judge_form(request)?;
    let origin = only_origin(&request.headers)?;
    judge_subprotocols(&request.headers)?;
    if edge.drain.is_begun() {
        return Err(Refused::Draining);
    }
    edge.admission.attempt(address).map_err(Refused::Excess)?;
    let site = match asked {
        Asked::Visitor { site } => Some(edge.sites.find(site).ok_or(Refused::UnknownSite)?),
        Asked::Agent => None,
    };
    let origin = origin.and_then(Origin::parse).ok_or(Refused::Origin)?;
    let is_listed = site.as_ref().is_some_and(|site| site.lists(&origin));
    if origin != *own && !is_listed {
        return Err(Refused::Origin);
    }
    edge.admission.handshake().map_err(Refused::Excess)?;
    Ok(Granted { site, accept })
}

/// The value of `Sec-WebSocket-Accept` for a request of the right form.
fn judge_form(request: &Parts) -> Result<String, Refused> {
    let headers = &request.headers;
    if request.method != Method::GET {
        return Err(Refused::Malformed("a WebSocket is opened with GET\n"));
    }
    if request.version != Version::HTTP_11 {
        return Err(Refused::Malformed("a WebSocket is opened with HTTP/1.1\n"));
    }
    let is_upgrade = has_word(headers, UPGRADE, "websocket") && has_word(headers, CONNECTION, "upgrade");
    if !is_upgrade || only(headers, SEC_WEBSOCKET_VERSION) != Some(b"13") {
        return Err(Refused::Version);
    }
    if announces_body(headers) {
        return Err(Refused::Malformed("a handshake has no body\n"));
    }
    let key = only(headers, SEC_WEBSOCKET_KEY).ok_or(Refused::Malformed("one Sec-WebSocket-Key is needed\n"))?;
    match STANDARD.decode(key) {
        Ok(bytes) if bytes.len() == KEY_BYTES => Ok(derive_accept_key(key)),
        Ok(_) | Err(_) => Err(Refused::Malformed("Sec-WebSocket-Key is not 16 bytes in base64\n")),
    }
}

/// Whether what follows the headers could be read as a body by one, and as frames by another.
fn announces_body(headers: &HeaderMap) -> bool {
    let is_long = headers.get_all(CONTENT_LENGTH).iter().any(|length| length.as_bytes() != b"0");
    is_long || headers.contains_key(TRANSFER_ENCODING)
}

/// The one `Origin`, which need not be readable; two are an attempt to be read in two ways.
fn only_origin(headers: &HeaderMap) -> Result<Option<&str>, Refused> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins.next().ok_or(Refused::Origin)?;
    match origins.next() {
        None => Ok(origin.to_str().ok()),
        Some(_) => Err(Refused::Malformed("two Origin headers\n")),
    }
}

fn judge_subprotocols(headers: &HeaderMap) -> Result<(), Refused> {
    let mut offered = 0;
    let mut is_ours = false;
    for line in headers.get_all(SEC_WEBSOCKET_PROTOCOL) {
        for item in line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            offered += 1;
            if offered > SUBPROTOCOLS_MAX || item.is_empty() || !item.iter().copied().all(is_token_byte) {
                return Err(Refused::Malformed("Sec-WebSocket-Protocol cannot be read\n"));
            }
            is_ours |= item == SUBPROTOCOL.as_bytes();
        }
    }
    if is_ours { Ok(()) } else { Err(Refused::Malformed("the subprotocol is halloo.v1\n")) }
}

/// RFC 9110, section 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The value of a header that stands there exactly once.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&[u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then_some(value.as_bytes())
}

fn has_word(headers: &HeaderMap, name: impl AsHeaderName, word: &str) -> bool {
    let lines = headers.get_all(name).iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .any(|found| found.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests;
