//! Reads what a request brings: a JSON body, a query, ids in the path, texts and tags. Unknown fields are passed over.

use super::ClientAddress;
use super::error::ApiError;
use super::limits::{PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX, TAG_BYTES_MAX, TAGS_MAX};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Query, RawPathParams, Request};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use protocol::limits::EMAIL_BYTES_MAX;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::error::Category;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use uuid::Uuid;

/// A JSON body.
pub(super) struct Input<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::NotJson);
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::TooLarge
            } else {
                ApiError::BadJson("the body broke off".to_owned())
            }
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| unreadable(&error))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// Says where, and never repeats the value: it may be a password.
fn unreadable(error: &serde_json::Error) -> ApiError {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => ApiError::BadJson(place),
        Category::Data => {
            let text = error.to_string();
            let reason = if text.starts_with("missing field") || text.starts_with("duplicate field") {
                text
            } else {
                format!("a field is missing or of another type: {place}")
            };
            ApiError::invalid(reason)
        }
    }
}

/// The query of the address.
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = Query::try_from_uri(&parts.uri).map_err(|_| ApiError::invalid("the query does not fit"))?;
        Ok(Self(query.0))
    }
}

/// The id at the end of the path's names; what is no id is not found.
pub(super) struct Named(pub(super) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::NotFound)?;
        let id = params.iter().last().and_then(|(_, id)| id.parse().ok());
        id.map(Self).ok_or(ApiError::NotFound)
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = ApiError;

    /// Without one all clients would share one allowance: that is a fault in how the edge is joined, and fails.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        info.map(|info| Self(info.0.ip())).ok_or_else(|| {
            tracing::error!("a request came without the client's address");
            ApiError::Internal
        })
    }
}

/// Tells a field that was not given (none) from one that was given as null (some none).
pub(super) fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// How many rows a page has.
pub(super) fn page_rows(limit: Option<u64>) -> usize {
    let limit = limit.map_or(PAGE_ROWS_DEFAULT, |limit| usize::try_from(limit).unwrap_or(PAGE_ROWS_MAX));
    limit.clamp(1, PAGE_ROWS_MAX)
}

/// A one-line text.
pub(super) fn line(what: &str, text: &str, bytes_max: usize) -> Result<String, ApiError> {
    protocol::clean(text, bytes_max).map_err(|error| ApiError::invalid(format!("{what}: {error}")))
}

/// A text of several lines.
pub(super) fn lines(what: &str, text: String, bytes_max: usize) -> Result<String, ApiError> {
    protocol::clean_body(&text, bytes_max).map_err(|error| ApiError::invalid(format!("{what}: {error}")))?;
    Ok(text)
}

/// A number within bounds.
pub(super) fn within(what: &str, number: u64, max: u64) -> Result<u64, ApiError> {
    if number > max {
        return Err(ApiError::invalid(format!("{what} is at most {max}")));
    }
    Ok(number)
}

/// An email address as it is compared: in lower case.
pub(super) fn email(text: &str) -> Result<String, ApiError> {
    let email = line("email", text, EMAIL_BYTES_MAX)?.to_lowercase();
    let well_formed = email.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && !host.is_empty() && !host.contains('@') && !email.contains(char::is_whitespace)
    });
    if !well_formed || email.len() > EMAIL_BYTES_MAX {
        return Err(ApiError::invalid("email: not an address"));
    }
    Ok(email)
}

/// Skills or languages: short words, each once.
pub(super) fn tags(what: &str, given: &[String]) -> Result<BTreeSet<String>, ApiError> {
    if given.len() > TAGS_MAX {
        return Err(ApiError::invalid(format!("{what}: at most {TAGS_MAX}")));
    }
    given.iter().map(|tag| line(what, tag, TAG_BYTES_MAX)).collect()
}
