//! Signing in and out.
//!
//! An unknown email takes the same steps as a wrong password and gets the same answer.

use super::attempts::Wait;
use super::error::ApiError;
use super::input::Input;
use super::limits::{PASSWORD_BYTES_MAX, SESSION_LIFE};
use super::links::hand_out;
use super::me::Me;
use super::principal::{Principal, may_enter, places_of};
use super::{Api, ClientAddress, secrets};
use crate::ports::{Account, Grant};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use protocol::limits::EMAIL_BYTES_MAX;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What somebody signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum SignIn {
    Password {
        email: String,
        #[schema(format = Password, max_length = 1024)]
        password: String,
    },
    /// From a link; good once.
    Code { code: String },
}

/// Starts a session and sets its cookie.
#[utoipa::path(post, path = "/api/v1/sign-in", tag = "sign-in", request_body = SignIn,
    responses((status = 200, description = "signed in", body = Me)))]
pub(super) async fn sign_in(
    State(api): State<Arc<Api>>,
    address: ClientAddress,
    headers: HeaderMap,
    Input(proof): Input<SignIn>,
) -> Result<Response, ApiError> {
    allow_address(&api, address)?;
    let account = match proof {
        SignIn::Password { email, password } => by_password(&api, &email, password).await?,
        SignIn::Code { code } => by_code(&api, &code).await?,
    };
    start(&api, account, &headers).await
}

/// Ends the session of the cookie, where there is one.
#[utoipa::path(post, path = "/api/v1/sign-out", tag = "sign-in",
    responses((status = 204, description = "signed out")))]
pub(super) async fn sign_out(State(api): State<Arc<Api>>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(principal) = Principal::find(&api, &headers).await? {
        api.state.store.revoke(principal.session).await?;
        close_sockets(&api, &principal).await;
        tracing::info!(account = %principal.account.id, "signed out");
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, api.cookie.clear())]).into_response())
}

/// Takes one try from the address's allowance.
pub(super) fn allow_address(api: &Api, address: ClientAddress) -> Result<(), ApiError> {
    api.attempts.by_address(address.0, (api.state.clock)().instant).map_err(too_many)
}

/// Starts a new session, in place of the one the request carried: an id from before is never kept.
pub(super) async fn start(api: &Api, account: Account, headers: &HeaderMap) -> Result<Response, ApiError> {
    if let Some(earlier) = api.cookie.read(headers) {
        api.state.store.revoke(secrets::hash_of(earlier)).await?;
    }
    let session = hand_out(&api.state, Grant::Session { account: account.id }, SESSION_LIFE).await?;
    tracing::info!(account = %account.id, "signed in");
    let places = places_of(api, &account).await?;
    let me = Me::of(api, &account, &places);
    Ok(([(SET_COOKIE, api.cookie.set(&session))], Json(me)).into_response())
}

/// Closes the sockets of a principal whose session ended.
pub(super) async fn close_sockets(api: &Api, principal: &Principal) {
    for (site, agent) in &principal.places {
        api.state.settings_changed.signed_out(site.id, agent.id).await;
    }
}

/// Checks a password, counting the try against the account.
pub(super) async fn check_password(
    api: &Api,
    email: &str,
    password: String,
    account: Option<&Account>,
) -> Result<bool, ApiError> {
    let now = (api.state.clock)().instant;
    let attempt = api.attempts.at_account(email, now).map_err(too_many)?;
    let stored = account.and_then(|account| account.password.as_deref());
    match api.passwords.verify(password, stored).await {
        Ok(true) => attempt.succeeded(),
        Ok(false) => return Ok(false),
        Err(error) => {
            attempt.withdrawn(now);
            return Err(error);
        }
    }
    Ok(true)
}

async fn by_password(api: &Api, email: &str, password: String) -> Result<Account, ApiError> {
    let email = email.trim().to_lowercase();
    if email.len() > EMAIL_BYTES_MAX || password.len() > PASSWORD_BYTES_MAX {
        return Err(ApiError::invalid("the email or the password is too long"));
    }
    let account = api.state.store.account_by_email(&email).await?;
    if !check_password(api, &email, password, account.as_ref()).await? {
        return Err(ApiError::SignInFailed);
    }
    enter(api, account).await
}

async fn by_code(api: &Api, code: &str) -> Result<Account, ApiError> {
    let (store, now) = (&api.state.store, api.state.wall_ms());
    let hash = secrets::hash_of(code);
    let Some(Grant::SignInCode { .. }) = store.granted(hash, now).await? else { return Err(ApiError::SignInFailed) };
    let Some(Grant::SignInCode { account }) = store.redeem(hash, now).await? else {
        return Err(ApiError::SignInFailed);
    };
    enter(api, store.account(account).await?).await
}

/// An account without a place is answered as if the password were wrong.
async fn enter(api: &Api, account: Option<Account>) -> Result<Account, ApiError> {
    let account = account.ok_or(ApiError::SignInFailed)?;
    let places = places_of(api, &account).await?;
    if may_enter(&account, &places) { Ok(account) } else { Err(ApiError::SignInFailed) }
}

fn too_many(wait: Wait) -> ApiError {
    ApiError::TooMany { retry_after_s: wait.seconds() }
}
