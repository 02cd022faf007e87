//! Decides who may do what. [`guard`] asks [`authorize`] before every handler; a route that is not in [`ROUTES`] is
//! closed.

use super::Api;
use super::error::ApiError;
use super::principal::Principal;
use crate::ports::Site;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use gateway_core::settings::Role;
use http::Method;
use http::request::Parts;
use std::sync::Arc;

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    ReadDescription,
    SignIn,
    SignOut,
    SetUp,
    ReadSelf,
    ChangeSelf,
    /// May ask for a ticket at all; the site is in the body and is authorized by [`Verb::TakeTicket`].
    AskTicket,
    TakeTicket,
    ListSites,
    CreateSite,
    ReadSite,
    ChangeSite,
    ReadTeams,
    ChangeTeams,
    ReadAgents,
    ChangeAgents,
    ReadCanned,
    ChangeCanned,
    ReadConversations,
    Search,
}

/// What it is done to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Resource<'a> {
    Deployment,
    /// A site by the key that was named; none when there is no such site.
    Site(Option<&'a Site>),
}

/// What a verb needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    SignedIn,
    Operator,
    /// At least this role in the site.
    Role(Role),
}

impl Verb {
    pub(super) fn need(self) -> Need {
        match self {
            Self::ReadDescription | Self::SignIn | Self::SignOut | Self::SetUp => Need::Nothing,
            Self::ReadSelf | Self::ChangeSelf | Self::AskTicket | Self::ListSites => Need::SignedIn,
            Self::CreateSite => Need::Operator,
            Self::TakeTicket
            | Self::ReadSite
            | Self::ReadTeams
            | Self::ReadAgents
            | Self::ReadCanned
            | Self::ReadConversations
            | Self::Search => Need::Role(Role::Agent),
            Self::ChangeCanned => Need::Role(Role::Lead),
            Self::ChangeSite | Self::ChangeTeams | Self::ChangeAgents => Need::Role(Role::Admin),
        }
    }
}

/// The only decision about rights. A foreign site and one that does not exist get the same answer.
pub(super) fn authorize(principal: Option<&Principal>, verb: Verb, resource: Resource<'_>) -> Result<(), ApiError> {
    let need = verb.need();
    if need == Need::Nothing {
        return Ok(());
    }
    let Some(principal) = principal else { return Err(ApiError::SignInFirst) };
    match (need, resource) {
        (Need::Nothing | Need::SignedIn, _) => Ok(()),
        (Need::Operator, _) if principal.account.operator => Ok(()),
        (Need::Operator, _) | (Need::Role(_), Resource::Deployment) => Err(ApiError::Forbidden),
        (Need::Role(_), Resource::Site(None)) => Err(ApiError::NotFound),
        (Need::Role(least), Resource::Site(Some(site))) => match principal.role_in(site.id) {
            Some(role) if role >= least => Ok(()),
            Some(_) => Err(ApiError::Forbidden),
            None => Err(ApiError::NotFound),
        },
    }
}

/// Every route and its verb.
pub(super) const ROUTES: &[(Method, &str, Verb)] = &[
    (Method::GET, "/api/v1/openapi.json", Verb::ReadDescription),
    (Method::POST, "/api/v1/sign-in", Verb::SignIn),
    (Method::POST, "/api/v1/sign-out", Verb::SignOut),
    (Method::POST, "/api/v1/setup", Verb::SetUp),
    (Method::GET, "/api/v1/me", Verb::ReadSelf),
    (Method::PATCH, "/api/v1/me", Verb::ChangeSelf),
    (Method::POST, "/api/v1/ticket", Verb::AskTicket),
    (Method::GET, "/api/v1/sites", Verb::ListSites),
    (Method::POST, "/api/v1/sites", Verb::CreateSite),
    (Method::GET, "/api/v1/sites/{site}", Verb::ReadSite),
    (Method::PATCH, "/api/v1/sites/{site}", Verb::ChangeSite),
    (Method::GET, "/api/v1/sites/{site}/teams", Verb::ReadTeams),
    (Method::POST, "/api/v1/sites/{site}/teams", Verb::ChangeTeams),
    (Method::PATCH, "/api/v1/sites/{site}/teams/{team}", Verb::ChangeTeams),
    (Method::DELETE, "/api/v1/sites/{site}/teams/{team}", Verb::ChangeTeams),
    (Method::GET, "/api/v1/sites/{site}/agents", Verb::ReadAgents),
    (Method::POST, "/api/v1/sites/{site}/agents", Verb::ChangeAgents),
    (Method::PATCH, "/api/v1/sites/{site}/agents/{agent}", Verb::ChangeAgents),
    (Method::POST, "/api/v1/sites/{site}/agents/{agent}/link", Verb::ChangeAgents),
    (Method::GET, "/api/v1/sites/{site}/canned", Verb::ReadCanned),
    (Method::POST, "/api/v1/sites/{site}/canned", Verb::ChangeCanned),
    (Method::PATCH, "/api/v1/sites/{site}/canned/{canned}", Verb::ChangeCanned),
    (Method::DELETE, "/api/v1/sites/{site}/canned/{canned}", Verb::ChangeCanned),
    (Method::GET, "/api/v1/sites/{site}/conversations", Verb::ReadConversations),
    (Method::GET, "/api/v1/sites/{site}/visitors/{visitor}/conversations", Verb::ReadConversations),
    (Method::GET, "/api/v1/sites/{site}/conversations/{conversation}", Verb::ReadConversations),
    (Method::GET, "/api/v1/sites/{site}/conversations/{conversation}/records", Verb::ReadConversations),
    (Method::GET, "/api/v1/sites/{site}/search", Verb::Search),
];

/// The verb of a route.
pub(super) fn verb_of(method: &Method, path: &str) -> Option<Verb> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    ROUTES.iter().find(|(of, at, _)| of == method && *at == path).map(|(_, _, verb)| *verb)
}

/// The signed-in principal, for handlers behind [`guard`].
#[derive(Clone, Debug)]
pub(super) struct Caller(pub(super) Arc<Principal>);

/// The authorized site of the path, for handlers behind [`guard`].
#[derive(Clone, Debug)]
pub(super) struct InSite(pub(super) Arc<Site>);

/// Stands before every handler: finds who asks and about which site, and asks [`authorize`].
pub(super) async fn guard(
    State(api): State<Arc<Api>>,
    path: MatchedPath,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Some(verb) = verb_of(request.method(), path.as_str()) else {
        tracing::error!(path = path.as_str(), "a route has no verb and stays closed");
        return Err(ApiError::Internal);
    };
    let principal = match verb.need() {
        Need::Nothing => None,
        Need::SignedIn | Need::Operator | Need::Role(_) => Principal::find(&api, request.headers()).await?,
    };
    let params = params.map_err(|_| ApiError::NotFound)?;
    let key = params.iter().find(|(name, _)| *name == "site").map(|(_, key)| key);
    match key {
        None => authorize(principal.as_ref(), verb, Resource::Deployment)?,
        Some(key) => {
            let site = named(&api, principal.as_ref(), key).await?;
            authorize(principal.as_ref(), verb, Resource::Site(site.as_ref()))?;
            request.extensions_mut().insert(site.map(|site| InSite(Arc::new(site))));
        }
    }
    request.extensions_mut().insert(principal.map(|principal| Caller(Arc::new(principal))));
    Ok(next.run(request).await)
}

/// Looks a site up for somebody who is signed in; nobody else makes the store work.
async fn named(api: &Api, principal: Option<&Principal>, key: &str) -> Result<Option<Site>, ApiError> {
    match principal {
        Some(_) => Ok(api.state.store.site(key).await?),
        None => Ok(None),
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Option<Self>>().cloned().flatten().ok_or(ApiError::SignInFirst)
    }
}

impl<S: Sync> FromRequestParts<S> for InSite {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Option<Self>>().cloned().flatten().ok_or(ApiError::NotFound)
    }
}
