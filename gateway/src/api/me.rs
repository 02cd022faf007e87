//! The account that is signed in: what it sees of itself, its name and password.

use super::agents::RoleName;
use super::authorize::Caller;
use super::cookie::SessionCookie;
use super::error::ApiError;
use super::input::{Input, line};
use super::passwords::check_length;
use super::principal::Principal;
use super::{Api, session};
use crate::ports::{Account, AgentRecord, Site};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use protocol::limits::NAME_BYTES_MAX;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who is signed in, and where they work.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    account: AccountView,
    sites: Vec<MySite>,
    /// The session travels over plain HTTP and can be read on the way.
    insecure_cookie: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
struct AccountView {
    id: Uuid,
    email: String,
    name: String,
    /// Runs the deployment.
    operator: bool,
    /// It has a password, and a new one needs the current one beside it.
    has_password: bool,
}

/// A site the account is an agent of.
#[derive(Serialize, ToSchema)]
struct MySite {
    key: String,
    name: String,
    role: RoleName,
    /// The account's agent there.
    agent: Uuid,
}

impl Me {
    pub(super) fn of(api: &Api, account: &Account, places: &[(Site, AgentRecord)]) -> Self {
        Self {
            account: AccountView {
                id: account.id,
                email: account.email.clone(),
                name: account.name.clone(),
                operator: account.operator,
                has_password: account.password.is_some(),
            },
            sites: places.iter().map(|(site, agent)| MySite::of(site, agent)).collect(),
            insecure_cookie: api.cookie == SessionCookie::Insecure,
        }
    }
}

impl MySite {
    fn of(site: &Site, agent: &AgentRecord) -> Self {
        Self { key: site.key.clone(), name: site.name.clone(), role: agent.role.into(), agent: agent.id.0 }
    }
}

/// What an account may change of itself.
#[derive(Deserialize, ToSchema)]
pub(super) struct MeChange {
    #[schema(max_length = 256)]
    name: Option<String>,
    #[schema(format = Password, min_length = 10, max_length = 1024)]
    password: Option<String>,
    /// Needed with `password` once the account has one.
    #[schema(format = Password)]
    current_password: Option<String>,
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", responses((status = 200, description = "signed in", body = Me)))]
pub(super) async fn me(State(api): State<Arc<Api>>, Caller(principal): Caller) -> Json<Me> {
    Json(Me::of(&api, &principal.account, &principal.places))
}

/// Changes the name or the password. A new password ends every session, code and ticket; the answer starts a new one.
#[utoipa::path(patch, path = "/api/v1/me", tag = "me", request_body = MeChange,
    responses((status = 200, description = "changed", body = Me)))]
pub(super) async fn change_me(
    State(api): State<Arc<Api>>,
    Caller(principal): Caller,
    headers: HeaderMap,
    Input(change): Input<MeChange>,
) -> Result<Response, ApiError> {
    let name = change.name.map(|name| line("name", &name, NAME_BYTES_MAX)).transpose()?;
    let password = match change.password {
        Some(password) => Some(new_password(&api, &principal, password, change.current_password).await?),
        None => None,
    };
    let changes_password = password.is_some();
    let account = Account {
        name: name.clone().unwrap_or_else(|| principal.account.name.clone()),
        password: password.or_else(|| principal.account.password.clone()),
        ..principal.account.clone()
    };
    api.state.store.put_account(account.clone()).await?;
    if let Some(name) = name {
        rename_places(&api, &principal, &name).await?;
    }
    if changes_password {
        api.state.store.revoke_account(account.id).await?;
        session::close_sockets(&api, &principal).await;
        return session::start(&api, account, &headers).await;
    }
    let places = super::principal::places_of(&api, &account).await?;
    Ok(Json(Me::of(&api, &account, &places)).into_response())
}

/// Checks the password somebody chose and the one they have, and hashes the new one.
async fn new_password(
    api: &Api,
    principal: &Principal,
    password: String,
    current: Option<String>,
) -> Result<String, ApiError> {
    check_length(&password)?;
    let account = &principal.account;
    if account.password.is_some() {
        let current = current.ok_or(ApiError::WrongPassword)?;
        if !session::check_password(api, &account.email, current, Some(account)).await? {
            return Err(ApiError::WrongPassword);
        }
    }
    api.passwords.hash(password).await
}

/// Agents shown to visitors by the account's old name follow it; a name that an admin chose stays.
async fn rename_places(api: &Api, principal: &Principal, name: &str) -> Result<(), ApiError> {
    for (site, agent) in &principal.places {
        if agent.name == principal.account.name && agent.name != name {
            let agent = AgentRecord { name: name.to_owned(), ..agent.clone() };
            api.state.store.put_agent(site.id, agent).await?;
            api.state.settings_changed.changed(site.id).await;
        }
    }
    Ok(())
}
