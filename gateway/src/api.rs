//! REST for the console and for integrations, sign-in, and the administrator's commands.
//!
//! Everything here is written beside the desks: they are told through [`SettingsChanged`].
//! Conversations can be read and not written; that is what sockets are for.
//! The edge calls [`router`] behind its own limits and says who calls in axum's `ConnectInfo`;
//! the admin listener calls [`admin_router`].

mod agents;
mod attempts;
mod authorize;
mod canned;
mod command;
mod conversations;
mod cookie;
mod error;
mod input;
mod key_file;
mod limits;
mod links;
mod me;
#[cfg(test)]
mod openapi;
mod origins;
mod passwords;
mod principal;
mod routes;
mod rows;
mod search;
mod secrets;
mod session;
mod setup;
mod sites;
mod teams;
#[cfg(test)]
mod tests;
mod ticket;

pub use agents::{AgentChange, NewAgent, RoleName};
pub use canned::{CannedChange, NewCanned};
pub use command::{AdminCommand, AdminKey, admin_router, carry_out};
pub use error::{ApiError, ErrorBody, ErrorCode};
pub use key_file::{KeyFile, read_key};
pub use links::{setup_link, sign_in_link};
pub use rows::row_of;
pub use secrets::{Secret, hash_of};
pub use sites::{NewSite, SiteChange};
pub use teams::{NewTeam, TeamChange};

use crate::ports::Store;
use async_trait::async_trait;
use attempts::Attempts;
use axum::Router;
use cookie::SessionCookie;
use gateway_core::ids::SiteId;
use gateway_core::now::Now;
use passwords::{Cost, Passwords};
use protocol::AgentId;
use std::net::IpAddr;
use std::sync::Arc;

/// Reads the present; handed in so that tests decide it.
pub type Clock = Arc<dyn Fn() -> Now + Send + Sync>;

/// The client's address as the edge found it, through trusted proxies only.
#[derive(Clone, Copy, Debug)]
struct ClientAddress(IpAddr);

/// Told after settings were stored, so that live state follows.
#[async_trait]
pub trait SettingsChanged: Send + Sync {
    /// The site, its teams or its agents changed: an open desk is handed the new settings.
    async fn changed(&self, site: SiteId);

    /// A session of the agent ended (signed out, new password, disabled): the agent's sockets are closed with 4401.
    ///
    /// Sockets of the agent's other, living sessions come back by themselves with a new ticket.
    async fn signed_out(&self, site: SiteId, agent: AgentId);
}

/// What the API stands on.
#[derive(Clone)]
pub struct ApiState {
    pub store: Arc<dyn Store>,
    /// Scheme, host and port under which browsers reach this deployment.
    pub public_url: String,
    pub settings_changed: Arc<dyn SettingsChanged>,
    pub clock: Clock,
}

impl ApiState {
    /// Now, in Unix milliseconds.
    fn wall_ms(&self) -> u64 {
        (self.clock)().wall_ms
    }

    /// The public address, without a slash at its end.
    fn public_url(&self) -> &str {
        self.public_url.trim_end_matches('/')
    }
}

/// The state of the public router: what it stands on, and what sign-in keeps in memory.
struct Api {
    state: ApiState,
    cookie: SessionCookie,
    passwords: Passwords,
    attempts: Attempts,
}

impl Api {
    fn new(state: ApiState, cost: Cost) -> Self {
        let cookie = SessionCookie::for_public_url(state.public_url());
        Self { state, cookie, passwords: Passwords::new(cost), attempts: Attempts::new() }
    }
}

/// The API under `/api/v1`, with its own limits, cross-origin check and authorization.
pub fn router(state: ApiState) -> Router {
    let api = Api::new(state, Cost::STANDARD);
    if api.cookie == SessionCookie::Insecure {
        tracing::warn!("the public address is not https: passwords and sessions can be read on the way");
    }
    routes::router(Arc::new(api)).0
}
