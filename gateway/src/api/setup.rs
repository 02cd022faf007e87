//! Creates the first operator, for whoever holds the link that the first start printed.

use super::error::ApiError;
use super::input::{Input, email, line};
use super::links::has_operator;
use super::me::Me;
use super::passwords::check_length;
use super::{Api, ClientAddress, secrets, session};
use crate::ports::{Account, Grant};
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use protocol::limits::NAME_BYTES_MAX;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// The first operator.
#[derive(Deserialize, ToSchema)]
pub(super) struct Setup {
    /// From the link; good once.
    code: String,
    #[schema(max_length = 254)]
    email: String,
    #[schema(max_length = 256)]
    name: String,
    #[schema(format = Password, min_length = 10, max_length = 1024)]
    password: String,
}

/// Creates the first operator and signs them in. A refusal does not spend the code.
#[utoipa::path(post, path = "/api/v1/setup", tag = "sign-in", request_body = Setup,
    responses((status = 200, description = "created and signed in", body = Me)))]
pub(super) async fn set_up(
    State(api): State<Arc<Api>>,
    address: ClientAddress,
    headers: HeaderMap,
    Input(first): Input<Setup>,
) -> Result<Response, ApiError> {
    session::allow_address(&api, address)?;
    let (store, now) = (&api.state.store, api.state.wall_ms());
    let code = secrets::hash_of(&first.code);
    if store.granted(code, now).await? != Some(Grant::Setup) {
        return Err(ApiError::SignInFailed);
    }
    if has_operator(&api.state).await? {
        return Err(ApiError::AlreadySetUp);
    }
    check_length(&first.password)?;
    let (email, name) = (email(&first.email)?, line("name", &first.name, NAME_BYTES_MAX)?);
    if store.account_by_email(&email).await?.is_some() {
        return Err(ApiError::Taken("the email"));
    }
    let password = api.passwords.hash(first.password).await?;
    if store.redeem(code, now).await? != Some(Grant::Setup) {
        return Err(ApiError::SignInFailed);
    }
    let account = Account { id: Uuid::now_v7(), email, name, password: Some(password), operator: true };
    store.put_account(account.clone()).await?;
    session::start(&api, account, &headers).await
}
