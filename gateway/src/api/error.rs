//! What a request is answered when it is not done: a status, a code for programs, a sentence for people.

use super::limits::STORE_RETRY_AFTER_S;
use crate::ports::StoreError;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    #[schema(inline)]
    pub code: ErrorCode,
    /// For people, in English.
    pub message: String,
}

/// What went wrong, for programs; a name stays the same between versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    SignInFirst,
    SignInFailed,
    Forbidden,
    CrossOrigin,
    WrongPassword,
    NotFound,
    MethodNotAllowed,
    Taken,
    AlreadySetUp,
    BadJson,
    TooLarge,
    NotJson,
    Invalid,
    TooMany,
    Busy,
    Unavailable,
    Internal,
}

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Nobody is signed in.
    #[error("sign in first")]
    SignInFirst,
    /// The email, password or code is not right; which one is not told.
    #[error("the email, the password or the code is not right, or the code has been used")]
    SignInFailed,
    /// The principal may not do this.
    #[error("this needs more rights than you have here")]
    Forbidden,
    /// A browser sent the request from another site's page.
    #[error("the request comes from another origin")]
    CrossOrigin,
    /// The current password named beside a new one is wrong.
    #[error("the current password is not right")]
    WrongPassword,
    /// There is no such thing, or it is another site's.
    #[error("not found")]
    NotFound,
    /// The same to an administrator, who may know what is missing.
    #[error("there is no {0}")]
    NoSuch(String),
    #[error("this path does not take that method")]
    MethodNotAllowed,
    /// A unique value is taken.
    #[error("{0} is taken")]
    Taken(&'static str),
    /// The first operator exists.
    #[error("an operator exists already; sign in instead")]
    AlreadySetUp,
    /// The body is not JSON.
    #[error("the body is not JSON: {0}")]
    BadJson(String),
    #[error("the body is longer than 2 MiB")]
    TooLarge,
    #[error("the body must be application/json")]
    NotJson,
    /// The values are not what the route takes.
    #[error("{0}")]
    Invalid(String),
    #[error("too many tries; wait {retry_after_s} s")]
    TooMany { retry_after_s: u64 },
    #[error("too busy; come back in {retry_after_s} s")]
    Busy { retry_after_s: u64 },
    /// The store is away.
    #[error("the store cannot be reached; come back in {STORE_RETRY_AFTER_S} s")]
    Unavailable,
    /// A fault of ours; the log says more.
    #[error("internal error")]
    Internal,
}

impl ApiError {
    /// An invalid value, and what is wrong with it.
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid(reason.into())
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignInFirst | Self::SignInFailed => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::CrossOrigin | Self::WrongPassword => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoSuch(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Taken(_) | Self::AlreadySetUp => StatusCode::CONFLICT,
            Self::BadJson(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::SignInFirst => ErrorCode::SignInFirst,
            Self::SignInFailed => ErrorCode::SignInFailed,
            Self::Forbidden => ErrorCode::Forbidden,
            Self::CrossOrigin => ErrorCode::CrossOrigin,
            Self::WrongPassword => ErrorCode::WrongPassword,
            Self::NotFound | Self::NoSuch(_) => ErrorCode::NotFound,
            Self::MethodNotAllowed => ErrorCode::MethodNotAllowed,
            Self::Taken(_) => ErrorCode::Taken,
            Self::AlreadySetUp => ErrorCode::AlreadySetUp,
            Self::BadJson(_) => ErrorCode::BadJson,
            Self::TooLarge => ErrorCode::TooLarge,
            Self::NotJson => ErrorCode::NotJson,
            Self::Invalid(_) => ErrorCode::Invalid,
            Self::TooMany { .. } => ErrorCode::TooMany,
            Self::Busy { .. } => ErrorCode::Busy,
            Self::Unavailable => ErrorCode::Unavailable,
            Self::Internal => ErrorCode::Internal,
        }
    }

    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::TooMany { retry_after_s } | Self::Busy { retry_after_s } => Some(*retry_after_s),
            Self::Unavailable => Some(STORE_RETRY_AFTER_S),
            Self::SignInFirst
            | Self::SignInFailed
            | Self::Forbidden
            | Self::CrossOrigin
            | Self::WrongPassword
            | Self::NotFound
            | Self::NoSuch(_)
            | Self::MethodNotAllowed
            | Self::Taken(_)
            | Self::AlreadySetUp
            | Self::BadJson(_)
            | Self::TooLarge
            | Self::NotJson
            | Self::Invalid(_)
            | Self::Internal => None,
        }
    }

    /// The body that tells of it.
    #[must_use]
    pub fn body(&self) -> ErrorBody {
        ErrorBody { code: self.code(), message: self.to_string() }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Taken(what) => Self::Taken(what),
            StoreError::Refused(reason) => Self::Invalid(reason),
            StoreError::Away(reason) => {
                tracing::warn!(reason, "the store is away");
                Self::Unavailable
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let retry_after_s = self.retry_after_s();
        let mut response = (self.status(), Json(self.body())).into_response();
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
