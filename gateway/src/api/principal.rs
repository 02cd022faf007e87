//! Who sends a request: the account behind the session cookie, looked up anew each time.

use super::error::ApiError;
use super::{Api, secrets};
use crate::ports::{Account, AgentRecord, Grant, Site};
use gateway_core::ids::SiteId;
use gateway_core::settings::Role;
use http::HeaderMap;

/// A signed-in account and its places; disabled places are left out.
#[derive(Clone, Debug)]
pub(super) struct Principal {
    pub(super) account: Account,
    pub(super) places: Vec<(Site, AgentRecord)>,
    /// What the store knows the session by.
    pub(super) session: [u8; 32],
}

impl Principal {
    /// Finds the principal of a request. A session whose account has no place left is nobody's.
    pub(super) async fn find(api: &Api, headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(cookie) = api.cookie.read(headers) else { return Ok(None) };
        let session = secrets::hash_of(cookie);
        let store = &api.state.store;
        let Some(Grant::Session { account }) = store.granted(session, api.state.wall_ms()).await? else {
            return Ok(None);
        };
        let Some(account) = store.account(account).await? else { return Ok(None) };
        let places = places_of(api, &account).await?;
        Ok(may_enter(&account, &places).then_some(Self { account, places, session }))
    }

    /// The role the principal has in a site; none where the site is another's.
    pub(super) fn role_in(&self, site: SiteId) -> Option<Role> {
        if self.account.operator {
            return Some(Role::Admin);
        }
        self.place_in(site).map(|agent| agent.role)
    }

    /// The principal's own agent in a site; operators may have none.
    pub(super) fn place_in(&self, site: SiteId) -> Option<&AgentRecord> {
        self.places.iter().find(|(own, _)| own.id == site).map(|(_, agent)| agent)
    }
}

/// The sites in which an account is an enabled agent.
pub(super) async fn places_of(api: &Api, account: &Account) -> Result<Vec<(Site, AgentRecord)>, ApiError> {
    let mut places = api.state.store.agents_of(account.id).await?;
    places.retain(|(_, agent)| agent.enabled);
    Ok(places)
}

/// Whether an account has anything to sign in for.
pub(super) fn may_enter(account: &Account, places: &[(Site, AgentRecord)]) -> bool {
    account.operator || !places.is_empty()
}
