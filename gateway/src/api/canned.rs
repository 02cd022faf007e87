//! Canned replies of a site.

use super::authorize::InSite;
use super::error::ApiError;
use super::input::{Input, Named, line, lines};
use super::limits::{CANNED_MAX, SHORTCUT_BYTES_MAX};
use super::{Api, ApiState};
use crate::ports::{Canned, Site};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use protocol::limits::AGENT_BODY_BYTES_MAX;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Canned)]
pub(super) struct CannedView {
    id: Uuid,
    /// What an agent types after `/`.
    shortcut: String,
    body: String,
}

impl From<Canned> for CannedView {
    fn from(canned: Canned) -> Self {
        Self { id: canned.id, shortcut: canned.shortcut, body: canned.body }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct CannedList {
    canned: Vec<CannedView>,
}

/// A canned reply to create.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewCanned {
    #[schema(max_length = 64)]
    pub shortcut: String,
    #[schema(max_length = 16384)]
    pub body: String,
}

/// What is changed of a canned reply; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CannedChange {
    #[schema(max_length = 64)]
    pub shortcut: Option<String>,
    #[schema(max_length = 16384)]
    pub body: Option<String>,
}

/// The canned replies of a site.
#[utoipa::path(get, path = "/api/v1/sites/{site}/canned", operation_id = "list_canned", tag = "canned replies",
    params(("site" = String, Path, description = "the site's key")),
    responses((status = 200, description = "all canned replies", body = CannedList)))]
pub(super) async fn list(State(api): State<Arc<Api>>, InSite(site): InSite) -> Result<Json<CannedList>, ApiError> {
    let canned = api.state.store.canned(site.id).await?;
    Ok(Json(CannedList { canned: canned.into_iter().map(CannedView::from).collect() }))
}

/// Creates a canned reply.
#[utoipa::path(post, path = "/api/v1/sites/{site}/canned", operation_id = "create_canned", tag = "canned replies",
    params(("site" = String, Path, description = "the site's key")), request_body = NewCanned,
    responses((status = 201, description = "created", body = CannedView)))]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Input(new): Input<NewCanned>,
) -> Result<(StatusCode, Json<CannedView>), ApiError> {
    Ok((StatusCode::CREATED, Json(add(&api.state, &site, new).await?)))
}

/// Changes a canned reply.
#[utoipa::path(patch, path = "/api/v1/sites/{site}/canned/{canned}", operation_id = "change_canned",
    tag = "canned replies", request_body = CannedChange,
    params(("site" = String, Path, description = "the site's key"), ("canned" = Uuid, Path)),
    responses((status = 200, description = "changed", body = CannedView)))]
pub(super) async fn change(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Named(id): Named,
    Input(change): Input<CannedChange>,
) -> Result<Json<CannedView>, ApiError> {
    let canned = find(&api, &site, id).await?;
    Ok(Json(set(&api.state, &site, canned, change).await?))
}

/// Deletes a canned reply.
#[utoipa::path(delete, path = "/api/v1/sites/{site}/canned/{canned}", operation_id = "delete_canned",
    tag = "canned replies", params(("site" = String, Path, description = "the site's key"), ("canned" = Uuid, Path)),
    responses((status = 204, description = "deleted")))]
pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Named(id): Named,
) -> Result<StatusCode, ApiError> {
    let canned = find(&api, &site, id).await?;
    api.state.store.delete_canned(site.id, canned.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds a canned reply; the command line does so too.
pub(super) async fn add(state: &ApiState, site: &Site, new: NewCanned) -> Result<CannedView, ApiError> {
    if state.store.canned(site.id).await?.len() >= CANNED_MAX {
        return Err(ApiError::invalid(format!("a site has at most {CANNED_MAX} canned replies")));
    }
    let canned = Canned {
        id: Uuid::now_v7(),
        shortcut: shortcut(&new.shortcut)?,
        body: lines("body", new.body, AGENT_BODY_BYTES_MAX)?,
    };
    put(state, site, canned).await
}

/// Changes a canned reply.
pub(super) async fn set(
    state: &ApiState,
    site: &Site,
    mut canned: Canned,
    change: CannedChange,
) -> Result<CannedView, ApiError> {
    if let Some(text) = change.shortcut {
        canned.shortcut = shortcut(&text)?;
    }
    if let Some(body) = change.body {
        canned.body = lines("body", body, AGENT_BODY_BYTES_MAX)?;
    }
    put(state, site, canned).await
}

async fn find(api: &Api, site: &Site, id: Uuid) -> Result<Canned, ApiError> {
    let canned = api.state.store.canned(site.id).await?;
    canned.into_iter().find(|canned| canned.id == id).ok_or(ApiError::NotFound)
}

async fn put(state: &ApiState, site: &Site, canned: Canned) -> Result<CannedView, ApiError> {
    state.store.put_canned(site.id, canned.clone()).await?;
    Ok(canned.into())
}

fn shortcut(text: &str) -> Result<String, ApiError> {
    let shortcut = line("shortcut", text.trim_start_matches('/'), SHORTCUT_BYTES_MAX)?;
    if shortcut.contains(char::is_whitespace) {
        return Err(ApiError::invalid("shortcut: one word"));
    }
    Ok(shortcut)
}
