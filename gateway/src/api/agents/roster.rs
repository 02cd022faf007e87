//! Adds and changes agents, for REST and the command line.

use super::super::error::ApiError;
use super::super::input::{email, line, tags};
use super::super::limits::{AGENTS_MAX, CAPACITY_DEFAULT};
use super::super::links::sign_in_link;
use super::super::{ApiState, teams};
use super::{AgentChange, NewAgent};
use crate::ports::{Account, AgentRecord, Site};
use gateway_core::limits::CAPACITY_MAX;
use protocol::limits::NAME_BYTES_MAX;
use protocol::{AgentId, TeamId};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Adds an agent to a site, with an account where the email has none.
///
/// The link signs in to the account, so it is given out only for an account that this site made:
/// else an admin could name a stranger's email and become that stranger.
pub(in super::super) async fn add(
    state: &ApiState,
    site: &Site,
    new: NewAgent,
) -> Result<(AgentRecord, Option<String>), ApiError> {
    let (email, name) = (email(&new.email)?, line("name", &new.name, NAME_BYTES_MAX)?);
    let agent = AgentRecord {
        id: AgentId(Uuid::now_v7()),
        account: Uuid::nil(),
        email: email.clone(),
        name: name.clone(),
        role: new.role.into(),
        teams: match new.teams {
            Some(teams) => known_teams(state, site, teams).await?,
            None => teams::all_of(state, site).await?,
        },
        skills: tags("skills", &new.skills)?,
        languages: languages(&new.languages)?,
        capacity: capacity(new.capacity.unwrap_or(CAPACITY_DEFAULT))?,
        enabled: true,
    };
    let agents = state.store.agents(site.id).await?;
    if agents.len() >= AGENTS_MAX {
        return Err(ApiError::invalid(format!("a site has at most {AGENTS_MAX} agents")));
    }
    if agents.iter().any(|agent| agent.email == email) {
        return Err(ApiError::Taken("the email"));
    }
    let (account, is_ours) = account_for(state, email, name).await?;
    let agent = AgentRecord { account, ..agent };
    state.store.put_agent(site.id, agent.clone()).await?;
    state.settings_changed.changed(site.id).await;
    let link = if is_ours { Some(sign_in_link(state, account).await?) } else { None };
    Ok((agent, link))
}

/// Changes an agent and tells the desk. Whoever has no place left loses every session.
pub(in super::super) async fn set(
    state: &ApiState,
    site: &Site,
    mut agent: AgentRecord,
    change: AgentChange,
) -> Result<AgentRecord, ApiError> {
    if let Some(name) = change.name {
        agent.name = line("name", &name, NAME_BYTES_MAX)?;
    }
    if let Some(role) = change.role {
        agent.role = role.into();
    }
    if let Some(teams) = change.teams {
        agent.teams = known_teams(state, site, teams).await?;
    }
    if let Some(skills) = change.skills {
        agent.skills = tags("skills", &skills)?;
    }
    if let Some(given) = change.languages {
        agent.languages = languages(&given)?;
    }
    if let Some(number) = change.capacity {
        agent.capacity = capacity(number)?;
    }
    let is_disabled = agent.enabled && change.enabled == Some(false);
    agent.enabled = change.enabled.unwrap_or(agent.enabled);
    state.store.put_agent(site.id, agent.clone()).await?;
    if is_disabled {
        end_sessions(state, site, &agent).await?;
    }
    state.settings_changed.changed(site.id).await;
    Ok(agent)
}

/// An agent of a site by email.
pub(in super::super) async fn find_by_email(
    state: &ApiState,
    site: &Site,
    given: &str,
) -> Result<Option<AgentRecord>, ApiError> {
    let email = email(given)?;
    let agents = state.store.agents(site.id).await?;
    Ok(agents.into_iter().find(|agent| agent.email == email))
}

/// A new sign-in link; with a reset the old password and all sessions are gone.
pub(in super::super) async fn renew_link(
    state: &ApiState,
    account: Account,
    reset_password: bool,
) -> Result<String, ApiError> {
    let id = account.id;
    if reset_password {
        state.store.put_account(Account { password: None, ..account }).await?;
        state.store.revoke_account(id).await?;
        for (site, agent) in state.store.agents_of(id).await? {
            state.settings_changed.signed_out(site.id, agent.id).await;
        }
    }
    Ok(sign_in_link(state, id).await?)
}

/// The account of an email, and whether nobody but this site has a claim to it.
async fn account_for(state: &ApiState, email: String, name: String) -> Result<(Uuid, bool), ApiError> {
    if let Some(account) = state.store.account_by_email(&email).await? {
        let is_used = account.operator || account.password.is_some();
        let is_unclaimed = !is_used && state.store.agents_of(account.id).await?.is_empty();
        return Ok((account.id, is_unclaimed));
    }
    let account = Account { id: Uuid::now_v7(), email, name, password: None, operator: false };
    state.store.put_account(account.clone()).await?;
    Ok((account.id, true))
}

async fn end_sessions(state: &ApiState, site: &Site, agent: &AgentRecord) -> Result<(), ApiError> {
    let account = state.store.account(agent.account).await?;
    let is_operator = account.is_some_and(|account| account.operator);
    let has_place = state.store.agents_of(agent.account).await?.iter().any(|(_, agent)| agent.enabled);
    if !is_operator && !has_place {
        state.store.revoke_account(agent.account).await?;
    }
    state.settings_changed.signed_out(site.id, agent.id).await;
    Ok(())
}

async fn known_teams(state: &ApiState, site: &Site, named: Vec<Uuid>) -> Result<BTreeSet<TeamId>, ApiError> {
    let named: BTreeSet<_> = named.into_iter().map(TeamId).collect();
    if named.is_empty() || teams::all_known(&state.store.teams(site.id).await?, &named) {
        return Ok(named);
    }
    Err(ApiError::invalid("teams: one is not a team of this site"))
}

fn languages(given: &[String]) -> Result<BTreeSet<String>, ApiError> {
    let languages: BTreeSet<_> = tags("languages", given)?.into_iter().map(|tag| tag.to_lowercase()).collect();
    let fits = |tag: &String| (2..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_lowercase());
    if languages.iter().all(fits) {
        return Ok(languages);
    }
    Err(ApiError::invalid("languages: primary tags, such as en or de"))
}

fn capacity(number: u32) -> Result<u32, ApiError> {
    if number > CAPACITY_MAX {
        return Err(ApiError::invalid(format!("capacity is at most {CAPACITY_MAX}")));
    }
    Ok(number)
}
