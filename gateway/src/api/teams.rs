//! Teams of a site.

use super::authorize::InSite;
use super::error::ApiError;
use super::input::{Input, Named, given, line, tags, within};
use super::limits::{TEAM_TIME_S_MAX, TEAMS_MAX};
use super::{Api, ApiState};
use crate::ports::{Site, TeamRow};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use protocol::TeamId;
use protocol::limits::NAME_BYTES_MAX;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Team)]
pub(super) struct TeamView {
    id: Uuid,
    name: String,
    /// Seconds an offer stands; null where the team assigns at once.
    offer_s: Option<u64>,
    /// Seconds for an agent's first word before the conversation goes back to the line; null: no limit.
    first_reply_s: Option<u64>,
    /// Skills that its conversations ask for.
    skills: BTreeSet<String>,
}

impl From<TeamRow> for TeamView {
    fn from(team: TeamRow) -> Self {
        Self {
            id: team.id.0,
            name: team.name,
            offer_s: team.offer_ms.map(|ms| ms / 1_000),
            first_reply_s: team.first_reply_ms.map(|ms| ms / 1_000),
            skills: team.skills,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Teams {
    teams: Vec<TeamView>,
}

/// A team to create.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewTeam {
    #[schema(max_length = 256)]
    pub name: String,
    #[schema(minimum = 1, maximum = 3600)]
    pub offer_s: Option<u64>,
    #[schema(minimum = 1, maximum = 3600)]
    pub first_reply_s: Option<u64>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub skills: Vec<String>,
}

/// What is changed of a team; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TeamChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 256)]
    pub name: Option<String>,
    /// Null: assigns at once.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 3600)]
    pub offer_s: Option<Option<u64>>,
    /// Null: no limit.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 3600)]
    pub first_reply_s: Option<Option<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 50)]
    pub skills: Option<Vec<String>>,
}

/// The teams of a site.
#[utoipa::path(get, path = "/api/v1/sites/{site}/teams", operation_id = "list_teams", tag = "teams",
    params(("site" = String, Path, description = "the site's key")),
    responses((status = 200, description = "all teams", body = Teams)))]
pub(super) async fn list(State(api): State<Arc<Api>>, InSite(site): InSite) -> Result<Json<Teams>, ApiError> {
    let teams = api.state.store.teams(site.id).await?;
    Ok(Json(Teams { teams: teams.into_iter().map(TeamView::from).collect() }))
}

/// Creates a team.
#[utoipa::path(post, path = "/api/v1/sites/{site}/teams", operation_id = "create_team", tag = "teams",
    params(("site" = String, Path, description = "the site's key")), request_body = NewTeam,
    responses((status = 201, description = "created", body = TeamView)))]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Input(new): Input<NewTeam>,
) -> Result<(StatusCode, Json<TeamView>), ApiError> {
    Ok((StatusCode::CREATED, Json(add(&api.state, &site, new).await?)))
}

/// Changes a team.
#[utoipa::path(patch, path = "/api/v1/sites/{site}/teams/{team}", operation_id = "change_team", tag = "teams",
    params(("site" = String, Path, description = "the site's key"), ("team" = Uuid, Path)), request_body = TeamChange,
    responses((status = 200, description = "changed", body = TeamView)))]
pub(super) async fn change(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Named(id): Named,
    Input(change): Input<TeamChange>,
) -> Result<Json<TeamView>, ApiError> {
    let team = find(&api, &site, TeamId(id)).await?;
    Ok(Json(set(&api.state, &site, team, change).await?))
}

/// Deletes a team; the last one of a site stays. Its agents leave it first.
#[utoipa::path(delete, path = "/api/v1/sites/{site}/teams/{team}", operation_id = "delete_team", tag = "teams",
    params(("site" = String, Path, description = "the site's key"), ("team" = Uuid, Path)),
    responses((status = 204, description = "deleted")))]
pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Named(id): Named,
) -> Result<StatusCode, ApiError> {
    let team = find(&api, &site, TeamId(id)).await?;
    remove(&api.state, &site, team.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds a team; the command line does so too.
pub(super) async fn add(state: &ApiState, site: &Site, new: NewTeam) -> Result<TeamView, ApiError> {
    if state.store.teams(site.id).await?.len() >= TEAMS_MAX {
        return Err(ApiError::invalid(format!("a site has at most {TEAMS_MAX} teams")));
    }
    let team = TeamRow {
        id: TeamId(Uuid::now_v7()),
        name: line("name", &new.name, NAME_BYTES_MAX)?,
        offer_ms: team_ms("offer_s", new.offer_s)?,
        first_reply_ms: team_ms("first_reply_s", new.first_reply_s)?,
        skills: tags("skills", &new.skills)?,
    };
    put(state, site, team).await
}

/// Changes a team.
pub(super) async fn set(
    state: &ApiState,
    site: &Site,
    mut team: TeamRow,
    change: TeamChange,
) -> Result<TeamView, ApiError> {
    if let Some(name) = change.name {
        team.name = line("name", &name, NAME_BYTES_MAX)?;
    }
    if let Some(seconds) = change.offer_s {
        team.offer_ms = team_ms("offer_s", seconds)?;
    }
    if let Some(seconds) = change.first_reply_s {
        team.first_reply_ms = team_ms("first_reply_s", seconds)?;
    }
    if let Some(skills) = change.skills {
        team.skills = tags("skills", &skills)?;
    }
    put(state, site, team).await
}

/// Removes a team, unless it is the last one. Its agents leave it first.
pub(super) async fn remove(state: &ApiState, site: &Site, team: TeamId) -> Result<(), ApiError> {
    if state.store.teams(site.id).await?.len() == 1 {
        return Err(ApiError::invalid("a site keeps its last team"));
    }
    for mut agent in state.store.agents(site.id).await? {
        if agent.teams.remove(&team) {
            state.store.put_agent(site.id, agent).await?;
        }
    }
    state.store.delete_team(site.id, team).await?;
    state.settings_changed.changed(site.id).await;
    Ok(())
}

async fn find(api: &Api, site: &Site, id: TeamId) -> Result<TeamRow, ApiError> {
    let teams = api.state.store.teams(site.id).await?;
    teams.into_iter().find(|team| team.id == id).ok_or(ApiError::NotFound)
}

async fn put(state: &ApiState, site: &Site, team: TeamRow) -> Result<TeamView, ApiError> {
    state.store.put_team(site.id, team.clone()).await?;
    state.settings_changed.changed(site.id).await;
    Ok(team.into())
}

fn team_ms(what: &str, seconds: Option<u64>) -> Result<Option<u64>, ApiError> {
    match seconds {
        Some(0) => Err(ApiError::invalid(format!("{what} is at least 1; null takes it away"))),
        Some(seconds) => Ok(Some(within(what, seconds, TEAM_TIME_S_MAX)? * 1_000)),
        None => Ok(None),
    }
}

/// The teams of a site, by id.
pub(super) async fn all_of(state: &ApiState, site: &Site) -> Result<BTreeSet<TeamId>, ApiError> {
    Ok(state.store.teams(site.id).await?.into_iter().map(|team| team.id).collect())
}

/// Whether every team is one of the site's.
pub(super) fn all_known(teams: &[TeamRow], named: &BTreeSet<TeamId>) -> bool {
    named.iter().all(|id| teams.iter().any(|team| team.id == *id))
}
