//! Sites: their names, origins, greeting and times. The command line uses the same functions.

use super::authorize::{Caller, InSite};
use super::error::ApiError;
use super::input::{Input, given, line, lines, within};
use super::limits::{
    ABSENT_S_MAX, CAPACITY_DEFAULT, GRACE_S_MAX, GREETING_BYTES_MAX, OPEN_MAX, PREFERRED_S_MAX, RELAX_S_MAX,
    REOPEN_DAYS_MAX, SITE_KEY_BYTES_MAX,
};
use super::origins::origins;
use super::teams::all_of;
use super::{Api, ApiState};
use crate::ports::{Account, AgentRecord, Site};
use axum::Json;
use axum::extract::State;
use gateway_core::ids::SiteId;
use gateway_core::settings::{Role, Settings};
use http::StatusCode;
use protocol::limits::NAME_BYTES_MAX;
use protocol::{AgentId, TeamId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

const DAY_MS: u64 = 24 * 3_600_000;

/// A site as its administrators see it.
#[derive(Serialize, ToSchema)]
#[schema(as = Site)]
pub(super) struct SiteView {
    key: String,
    name: String,
    /// Whose pages may embed the widget.
    origins: Vec<String>,
    enabled: bool,
    /// First words in the panel.
    greeting: Option<String>,
    /// How long a dropped agent keeps their conversations.
    grace_s: u64,
    /// How long an absent visitor keeps the place in line.
    absent_s: u64,
    /// For how many days a visitor's word reopens a closed conversation.
    reopen_days: u64,
    /// How many conversations a visitor may have open.
    open_max: u32,
    /// After this wait skill and language no longer bind; null: they always do.
    relax_s: Option<u64>,
    /// How long a visitor waits for the agent they chose or last spoke with, while others are free.
    preferred_s: u64,
    /// The HTML to paste into the website.
    snippet: String,
}

/// Keeps the page's calls of `halloo` until the loader has come; where a policy forbids inline scripts it does nothing.
const STUB: &str =
    "<script>window.halloo = window.halloo || function () { (halloo.q = halloo.q || []).push(arguments) }</script>";

impl SiteView {
    pub(super) fn of(state: &ApiState, site: Site) -> Self {
        let (url, key) = (state.public_url(), &site.key);
        Self {
            snippet: format!("{STUB}\n<script async src=\"{url}/v1/loader.js\" data-site=\"{key}\"></script>"),
            key: site.key,
            name: site.name,
            origins: site.origins,
            enabled: site.enabled,
            greeting: site.greeting,
            grace_s: site.grace_ms / 1_000,
            absent_s: site.absent_ms / 1_000,
            reopen_days: site.reopen_ms / DAY_MS,
            open_max: site.open_max,
            relax_s: site.relax_ms.map(|ms| ms / 1_000),
            preferred_s: site.preferred_ms / 1_000,
        }
    }
}

/// Answers with all sites that the caller may see.
#[derive(Serialize, ToSchema)]
pub(super) struct Sites {
    sites: Vec<SiteView>,
}

/// A site to create.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewSite {
    /// Public name in the snippet: letters a-z, digits, `_` and `-`. Drawn when absent.
    #[schema(max_length = 64, pattern = "^[a-z0-9_-]+$")]
    pub key: Option<String>,
    #[schema(max_length = 256)]
    pub name: String,
    #[serde(default)]
    #[schema(max_items = 64)]
    pub origins: Vec<String>,
    #[schema(max_length = 1024)]
    pub greeting: Option<String>,
}

/// What is changed of a site; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct SiteChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 256)]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 64)]
    pub origins: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 1024)]
    pub greeting: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 3600)]
    pub grace_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 86400)]
    pub absent_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 365)]
    pub reopen_days: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 20)]
    pub open_max: Option<u32>,
    /// Null: skill and language always bind.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, maximum = 86400)]
    pub relax_s: Option<Option<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 600)]
    pub preferred_s: Option<u64>,
}

/// The sites the caller works for; an operator sees all.
#[utoipa::path(get, path = "/api/v1/sites", operation_id = "list_sites", tag = "sites",
    responses((status = 200, description = "by key", body = Sites)))]
pub(super) async fn list(State(api): State<Arc<Api>>, Caller(principal): Caller) -> Result<Json<Sites>, ApiError> {
    let sites = if principal.account.operator {
        api.state.store.sites().await?
    } else {
        principal.places.iter().map(|(site, _)| site.clone()).collect()
    };
    Ok(Json(Sites { sites: sites.into_iter().map(|site| SiteView::of(&api.state, site)).collect() }))
}

/// Creates a site with one team; the caller becomes an admin of it.
#[utoipa::path(post, path = "/api/v1/sites", operation_id = "create_site", tag = "sites", request_body = NewSite,
    responses((status = 201, description = "created", body = SiteView)))]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    Caller(principal): Caller,
    Input(new): Input<NewSite>,
) -> Result<(StatusCode, Json<SiteView>), ApiError> {
    let site = add(&api.state, new).await?;
    let teams = all_of(&api.state, &site).await?;
    api.state.store.put_agent(site.id, first_admin(&principal.account, teams)).await?;
    api.state.settings_changed.changed(site.id).await;
    Ok((StatusCode::CREATED, Json(SiteView::of(&api.state, site))))
}

/// One site.
#[utoipa::path(get, path = "/api/v1/sites/{site}", operation_id = "site", tag = "sites",
    params(("site" = String, Path, description = "the site's key")),
    responses((status = 200, description = "the site", body = SiteView)))]
pub(super) async fn show(State(api): State<Arc<Api>>, InSite(site): InSite) -> Json<SiteView> {
    Json(SiteView::of(&api.state, Site::clone(&site)))
}

/// Changes a site.
#[utoipa::path(patch, path = "/api/v1/sites/{site}", operation_id = "change_site", tag = "sites",
    params(("site" = String, Path, description = "the site's key")), request_body = SiteChange,
    responses((status = 200, description = "changed", body = SiteView)))]
pub(super) async fn change(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Input(change): Input<SiteChange>,
) -> Result<Json<SiteView>, ApiError> {
    let site = set(&api.state, Site::clone(&site), change).await?;
    Ok(Json(SiteView::of(&api.state, site)))
}

/// Creates a site; pages that show its panel are answered from now on.
pub(super) async fn add(state: &ApiState, new: NewSite) -> Result<Site, ApiError> {
    let defaults = Settings::default();
    let key = match new.key {
        Some(key) => checked_key(key)?,
        None => Uuid::now_v7().simple().to_string()[20..].to_owned(),
    };
    let site = Site {
        id: SiteId(0),
        key,
        name: line("name", &new.name, NAME_BYTES_MAX)?,
        origins: origins(&new.origins)?,
        enabled: true,
        greeting: greeting(new.greeting)?,
        grace_ms: defaults.grace_ms,
        absent_ms: defaults.absent_ms,
        reopen_ms: defaults.reopen_ms,
        open_max: defaults.open_max,
        relax_ms: defaults.relax_ms,
        preferred_ms: defaults.preferred_ms,
    };
    let site = state.store.create_site(site).await?;
    state.settings_changed.changed(site.id).await;
    Ok(site)
}

/// Changes a site and tells its desk.
pub(super) async fn set(state: &ApiState, mut site: Site, change: SiteChange) -> Result<Site, ApiError> {
    if let Some(name) = change.name {
        site.name = line("name", &name, NAME_BYTES_MAX)?;
    }
    if let Some(given) = change.origins {
        site.origins = origins(&given)?;
    }
    if let Some(enabled) = change.enabled {
        site.enabled = enabled;
    }
    if let Some(text) = change.greeting {
        site.greeting = greeting(text)?;
    }
    if let Some(seconds) = change.grace_s {
        site.grace_ms = within("grace_s", seconds, GRACE_S_MAX)? * 1_000;
    }
    if let Some(seconds) = change.absent_s {
        site.absent_ms = within("absent_s", seconds, ABSENT_S_MAX)? * 1_000;
    }
    if let Some(days) = change.reopen_days {
        site.reopen_ms = within("reopen_days", days, REOPEN_DAYS_MAX)? * DAY_MS;
    }
    if let Some(conversations) = change.open_max {
        site.open_max = open_max(conversations)?;
    }
    if let Some(seconds) = change.relax_s {
        site.relax_ms = relax_ms(seconds)?;
    }
    if let Some(seconds) = change.preferred_s {
        site.preferred_ms = within("preferred_s", seconds, PREFERRED_S_MAX)? * 1_000;
    }
    state.store.update_site(site.clone()).await?;
    state.settings_changed.changed(site.id).await;
    Ok(site)
}

fn checked_key(key: String) -> Result<String, ApiError> {
    let fits = (1..=SITE_KEY_BYTES_MAX).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
    if fits { Ok(key) } else { Err(ApiError::invalid("key: 1 to 64 of a-z, 0-9, _ and -")) }
}

/// An empty greeting counts as none.
fn greeting(text: Option<String>) -> Result<Option<String>, ApiError> {
    match text.filter(|text| !text.trim().is_empty()) {
        Some(text) => Ok(Some(lines("greeting", text, GREETING_BYTES_MAX)?)),
        None => Ok(None),
    }
}

fn open_max(conversations: u32) -> Result<u32, ApiError> {
    let fits = (1..=OPEN_MAX).contains(&conversations);
    if fits { Ok(conversations) } else { Err(ApiError::invalid(format!("open_max is 1 to {OPEN_MAX}"))) }
}

fn relax_ms(seconds: Option<u64>) -> Result<Option<u64>, ApiError> {
    seconds.map(|seconds| Ok(within("relax_s", seconds, RELAX_S_MAX)? * 1_000)).transpose()
}

fn first_admin(account: &Account, teams: BTreeSet<TeamId>) -> AgentRecord {
    AgentRecord {
        id: AgentId(Uuid::now_v7()),
        account: account.id,
        email: account.email.clone(),
        name: account.name.clone(),
        role: Role::Admin,
        teams,
        skills: BTreeSet::new(),
        languages: BTreeSet::new(),
        capacity: CAPACITY_DEFAULT,
        enabled: true,
    }
}
