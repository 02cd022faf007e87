//! Agents of a site, for REST; the rules are in [`roster`], which the command line uses too.

mod roster;

pub(super) use roster::{add, find_by_email, renew_link, set};

use super::Api;
use super::authorize::{Caller, InSite};
use super::error::ApiError;
use super::input::{Input, Named};
use crate::ports::{AgentRecord, Site};
use axum::Json;
use axum::extract::State;
use gateway_core::settings::Role;
use http::StatusCode;
use protocol::AgentId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// What an agent may do in a site; each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[schema(as = Role)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Answers visitors.
    Agent,
    /// Runs a team: canned replies, supervision.
    Lead,
    /// Runs the site.
    Admin,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Agent => Self::Agent,
            Role::Lead => Self::Lead,
            Role::Admin => Self::Admin,
        }
    }
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Agent => Self::Agent,
            RoleName::Lead => Self::Lead,
            RoleName::Admin => Self::Admin,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Agent)]
pub(super) struct AgentView {
    id: Uuid,
    email: String,
    /// The name visitors are shown.
    name: String,
    role: RoleName,
    teams: BTreeSet<Uuid>,
    skills: BTreeSet<String>,
    languages: BTreeSet<String>,
    /// Conversations at once, until the agent chooses another number.
    capacity: u32,
    enabled: bool,
}

impl From<AgentRecord> for AgentView {
    fn from(agent: AgentRecord) -> Self {
        Self {
            id: agent.id.0,
            email: agent.email,
            name: agent.name,
            role: agent.role.into(),
            teams: agent.teams.into_iter().map(|team| team.0).collect(),
            skills: agent.skills,
            languages: agent.languages,
            capacity: agent.capacity,
            enabled: agent.enabled,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Agents {
    agents: Vec<AgentView>,
}

/// An agent that was added, and the link to hand to them.
#[derive(Serialize, ToSchema)]
pub(super) struct AddedAgent {
    #[serde(flatten)]
    agent: AgentView,
    /// Signs the agent in once, within 7 days. Null where the person also works elsewhere in this deployment: they
    /// sign in as they do there, and nobody else is handed a key to their account.
    link: Option<String>,
}

impl AddedAgent {
    pub(super) fn of((agent, link): (AgentRecord, Option<String>)) -> Self {
        Self { agent: agent.into(), link }
    }
}

/// An agent to add. An account is made for an email that has none.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewAgent {
    #[schema(max_length = 254)]
    pub email: String,
    #[schema(max_length = 256)]
    pub name: String,
    pub role: RoleName,
    /// All teams of the site where absent.
    pub teams: Option<Vec<Uuid>>,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub skills: Vec<String>,
    /// RFC 5646 primary languages; none: any.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub languages: Vec<String>,
    #[schema(maximum = 100)]
    pub capacity: Option<u32>,
}

/// What is changed of an agent; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 256)]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teams: Option<Vec<Uuid>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 50)]
    pub skills: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 50)]
    pub languages: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100)]
    pub capacity: Option<u32>,
    /// False ends the agent's work here, and their sessions when they have no other site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// The agents of a site, disabled ones too.
#[utoipa::path(get, path = "/api/v1/sites/{site}/agents", operation_id = "list_agents", tag = "agents",
    params(("site" = String, Path, description = "the site's key")),
    responses((status = 200, description = "all agents", body = Agents)))]
pub(super) async fn list(State(api): State<Arc<Api>>, InSite(site): InSite) -> Result<Json<Agents>, ApiError> {
    let agents = api.state.store.agents(site.id).await?;
    Ok(Json(Agents { agents: agents.into_iter().map(AgentView::from).collect() }))
}

/// Adds an agent.
#[utoipa::path(post, path = "/api/v1/sites/{site}/agents", operation_id = "add_agent", tag = "agents",
    params(("site" = String, Path, description = "the site's key")), request_body = NewAgent,
    responses((status = 201, description = "added", body = AddedAgent)))]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Input(new): Input<NewAgent>,
) -> Result<(StatusCode, Json<AddedAgent>), ApiError> {
    let added = add(&api.state, &site, new).await?;
    Ok((StatusCode::CREATED, Json(AddedAgent::of(added))))
}

/// Changes an agent.
#[utoipa::path(patch, path = "/api/v1/sites/{site}/agents/{agent}", operation_id = "change_agent", tag = "agents",
    params(("site" = String, Path, description = "the site's key"), ("agent" = Uuid, Path)),
    request_body = AgentChange, responses((status = 200, description = "changed", body = AgentView)))]
pub(super) async fn change(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Named(id): Named,
    Input(change): Input<AgentChange>,
) -> Result<Json<AgentView>, ApiError> {
    let agent = find(&api, &site, id).await?;
    Ok(Json(set(&api.state, &site, agent, change).await?.into()))
}

/// A new link for an agent who lost theirs, or their password.
#[derive(Deserialize, ToSchema)]
pub(super) struct LinkFor {
    /// Takes the password away and ends every session.
    #[serde(default)]
    reset_password: bool,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Link {
    /// Signs the agent in once, within 7 days.
    link: String,
}

/// Makes a new sign-in link. Only an operator may, where the person also works for another site.
#[utoipa::path(post, path = "/api/v1/sites/{site}/agents/{agent}/link", operation_id = "agent_link", tag = "agents",
    params(("site" = String, Path, description = "the site's key"), ("agent" = Uuid, Path)),
    request_body = LinkFor, responses((status = 200, description = "a link", body = Link)))]
pub(super) async fn link(
    State(api): State<Arc<Api>>,
    Caller(principal): Caller,
    InSite(site): InSite,
    Named(id): Named,
    Input(asked): Input<LinkFor>,
) -> Result<Json<Link>, ApiError> {
    let agent = find(&api, &site, id).await?;
    let account = api.state.store.account(agent.account).await?.ok_or(ApiError::NotFound)?;
    let places = api.state.store.agents_of(account.id).await?;
    let is_ours = !account.operator && places.iter().all(|(of, _)| of.id == site.id);
    if !is_ours && !principal.account.operator {
        return Err(ApiError::Forbidden);
    }
    let link = renew_link(&api.state, account, asked.reset_password).await?;
    Ok(Json(Link { link }))
}

async fn find(api: &Api, site: &Site, id: Uuid) -> Result<AgentRecord, ApiError> {
    let agents = api.state.store.agents(site.id).await?;
    agents.into_iter().find(|agent| agent.id == AgentId(id)).ok_or(ApiError::NotFound)
}
