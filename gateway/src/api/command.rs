//! What the command line asks: sites, agents, links, backup. The same code runs in the server, behind its admin
//! port, and in the command itself where no server runs.

use super::agents::{AddedAgent, AgentChange, AgentView, NewAgent, add, find_by_email, renew_link, set};
use super::canned::{CannedChange, CannedView, NewCanned};
use super::error::ApiError;
use super::input::{Input, email};
use super::limits::BODY_BYTES_MAX;
use super::sites::{NewSite, SiteChange, SiteView};
use super::teams::{NewTeam, TeamChange, TeamView};
use super::{ApiState, canned, conversations, secrets, sites, teams};
use crate::ports::{Canned, Site, TeamRow};
use axum::extract::{DefaultBodyLimit, FromRequestParts, State};
use axum::routing::post;
use axum::{Json, Router};
use http::header::AUTHORIZATION;
use http::request::Parts;
use protocol::VisitorId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// One command, as it crosses the admin port.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum AdminCommand {
    SiteAdd {
        site: NewSite,
    },
    SiteList,
    SiteShow {
        key: String,
    },
    SiteSet {
        key: String,
        change: SiteChange,
    },
    /// `teams` are names, in place of the ids that REST takes.
    AgentAdd {
        site: String,
        agent: NewAgent,
        teams: Option<Vec<String>>,
    },
    AgentList {
        site: String,
    },
    AgentSet {
        site: String,
        email: String,
        change: AgentChange,
        teams: Option<Vec<String>>,
    },
    AgentLink {
        email: String,
        reset_password: bool,
    },
    TeamAdd {
        site: String,
        team: NewTeam,
    },
    TeamList {
        site: String,
    },
    /// The team is named, in place of the id that REST takes.
    TeamSet {
        site: String,
        team: String,
        change: TeamChange,
    },
    TeamRemove {
        site: String,
        team: String,
    },
    CannedAdd {
        site: String,
        canned: NewCanned,
    },
    CannedList {
        site: String,
    },
    CannedSet {
        site: String,
        shortcut: String,
        change: CannedChange,
    },
    CannedRemove {
        site: String,
        shortcut: String,
    },
    History {
        site: String,
        visitor: Uuid,
    },
    Backup {
        path: PathBuf,
    },
}

/// The key to the admin port: whoever can read the data folder may use it, other users of the machine may not.
#[derive(Clone)]
pub struct AdminKey(pub secrets::Secret);

/// Answers commands at `/run`; mount it under `/command` on the admin listener.
pub fn admin_router(state: ApiState, key: AdminKey) -> Router {
    Router::new()
        .route("/run", post(run))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::new(Admin { state, key }))
}

async fn run(
    State(admin): State<Arc<Admin>>,
    _opened: Opened,
    Input(command): Input<AdminCommand>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(carry_out(&admin.state, command).await?))
}

struct Admin {
    state: ApiState,
    key: AdminKey,
}

/// The request showed the key. Nothing of it is read before that.
///
/// A page in a browser cannot send this header here: it would have to ask first, and is not answered.
struct Opened;

impl FromRequestParts<Arc<Admin>> for Opened {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or(ApiError::SignInFirst)?;
        let fits = secrets::hash_of(sent).ct_eq(&admin.key.0.hash());
        if bool::from(fits) { Ok(Self) } else { Err(ApiError::SignInFirst) }
    }
}

/// Does what a command says; the answer has the shape that REST has.
pub async fn carry_out(state: &ApiState, command: AdminCommand) -> Result<Value, ApiError> {
    match command {
        AdminCommand::SiteAdd { site } => Ok(json!(SiteView::of(state, sites::add(state, site).await?))),
        AdminCommand::SiteList => {
            let sites = state.store.sites().await?;
            Ok(json!(sites.into_iter().map(|site| SiteView::of(state, site)).collect::<Vec<_>>()))
        }
        AdminCommand::SiteShow { key } => Ok(json!(SiteView::of(state, named(state, &key).await?))),
        AdminCommand::SiteSet { key, change } => {
            let site = sites::set(state, named(state, &key).await?, change).await?;
            Ok(json!(SiteView::of(state, site)))
        }
        AdminCommand::AgentAdd { site, mut agent, teams } => {
            let site = named(state, &site).await?;
            agent.teams = team_ids(state, &site, teams).await?.or(agent.teams);
            Ok(json!(AddedAgent::of(add(state, &site, agent).await?)))
        }
        AdminCommand::AgentList { site } => {
            let agents = state.store.agents(named(state, &site).await?.id).await?;
            Ok(json!(agents.into_iter().map(AgentView::from).collect::<Vec<_>>()))
        }
        AdminCommand::AgentSet { site, email, mut change, teams } => {
            let site = named(state, &site).await?;
            change.teams = team_ids(state, &site, teams).await?.or(change.teams);
            let agent = find_by_email(state, &site, &email).await?.ok_or_else(|| no("agent", &email))?;
            Ok(json!(AgentView::from(set(state, &site, agent, change).await?)))
        }
        AdminCommand::AgentLink { email, reset_password } => link(state, &email, reset_password).await,
        AdminCommand::TeamAdd { site, team } => Ok(json!(teams::add(state, &named(state, &site).await?, team).await?)),
        AdminCommand::TeamList { site } => {
            let teams = state.store.teams(named(state, &site).await?.id).await?;
            Ok(json!(teams.into_iter().map(TeamView::from).collect::<Vec<_>>()))
        }
        AdminCommand::TeamSet { site, team, change } => {
            let (site, team) = team_named(state, &site, &team).await?;
            Ok(json!(teams::set(state, &site, team, change).await?))
        }
        AdminCommand::TeamRemove { site, team } => {
            let (site, team) = team_named(state, &site, &team).await?;
            teams::remove(state, &site, team.id).await?;
            Ok(json!({ "removed": team.name }))
        }
        AdminCommand::CannedAdd { site, canned } => {
            Ok(json!(canned::add(state, &named(state, &site).await?, canned).await?))
        }
        AdminCommand::CannedList { site } => {
            let canned = state.store.canned(named(state, &site).await?.id).await?;
            Ok(json!(canned.into_iter().map(CannedView::from).collect::<Vec<_>>()))
        }
        AdminCommand::CannedSet { site, shortcut, change } => {
            let (site, canned) = canned_named(state, &site, &shortcut).await?;
            Ok(json!(canned::set(state, &site, canned, change).await?))
        }
        AdminCommand::CannedRemove { site, shortcut } => {
            let (site, canned) = canned_named(state, &site, &shortcut).await?;
            state.store.delete_canned(site.id, canned.id).await?;
            Ok(json!({ "removed": canned.shortcut }))
        }
        AdminCommand::History { site, visitor } => {
            let site = named(state, &site).await?;
            Ok(json!(conversations::history(state, &site, VisitorId(visitor)).await?))
        }
        AdminCommand::Backup { path } => {
            state.store.backup(&path).await?;
            Ok(json!({ "path": path }))
        }
    }
}

async fn named(state: &ApiState, key: &str) -> Result<Site, ApiError> {
    state.store.site(key).await?.ok_or_else(|| no("site", key))
}

fn no(what: &str, name: &str) -> ApiError {
    ApiError::NoSuch(format!("{what} {name:?}"))
}

async fn team_named(state: &ApiState, site: &str, name: &str) -> Result<(Site, TeamRow), ApiError> {
    let site = named(state, site).await?;
    let teams = state.store.teams(site.id).await?;
    let team = teams.into_iter().find(|team| team.name == name).ok_or_else(|| no("team", name))?;
    Ok((site, team))
}

async fn canned_named(state: &ApiState, site: &str, shortcut: &str) -> Result<(Site, Canned), ApiError> {
    let site = named(state, site).await?;
    let shortcut = shortcut.trim_start_matches('/');
    let canned = state.store.canned(site.id).await?;
    let canned = canned.into_iter().find(|canned| canned.shortcut == shortcut);
    Ok((site, canned.ok_or_else(|| no("canned reply", shortcut))?))
}

async fn team_ids(state: &ApiState, site: &Site, names: Option<Vec<String>>) -> Result<Option<Vec<Uuid>>, ApiError> {
    let Some(names) = names else { return Ok(None) };
    let teams = state.store.teams(site.id).await?;
    let id = |name: &String| {
        let team = teams.iter().find(|team| team.name == *name).ok_or_else(|| no("team", name))?;
        Ok(team.id.0)
    };
    names.iter().map(id).collect::<Result<_, _>>().map(Some)
}

async fn link(state: &ApiState, given: &str, reset_password: bool) -> Result<Value, ApiError> {
    let email = email(given)?;
    let account = state.store.account_by_email(&email).await?.ok_or_else(|| no("account", &email))?;
    Ok(json!({ "email": email, "link": renew_link(state, account, reset_password).await? }))
}
