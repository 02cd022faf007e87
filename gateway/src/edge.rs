//! The edge: everything between a network peer and the rules. Listens, speaks HTTP, upgrades, guards sockets.
//!
//! Nothing here decides about conversations.

pub mod address;
pub mod admission;
mod answers;
pub mod assets;
mod browser;
pub mod connection;
pub mod drain;
pub mod farewell;
pub mod frames;
pub mod guarded;
mod http;
pub mod listener;
mod loader;
mod request;
mod sign_in;
pub mod sites;
pub mod socket;
#[cfg(test)]
pub(crate) mod testing;
mod upgrade;
pub mod visitor_token;

use crate::network::Network;
use crate::origin::{Origin, Scheme};
use crate::switchboard::Switchboard;
use crate::telemetry::Metrics;
use admission::Admission;
use assets::Assets;
use drain::Drain;
use sites::Sites;
use std::sync::Arc;
use visitor_token::VisitorTokens;

/// What every connection of a node shares.
pub struct Edge {
    /// The gateway's own origin, where the deployment has one address.
    pub public_origin: Option<Origin>,
    /// Otherwise its pages are of this scheme and of the host they were asked from.
    pub scheme: Scheme,
    pub trusted_proxies: Vec<Network>,
    pub sites: Arc<Sites>,
    pub assets: Assets,
    pub admission: Admission,
    pub metrics: Arc<Metrics>,
    /// Takes everything under `/api/`.
    pub api: axum::Router,
    pub drain: Drain,
    pub switchboard: Arc<Switchboard>,
    pub visitor_tokens: VisitorTokens,
}

impl Edge {
    /// The origin of the gateway's own pages, as the asker sees them.
    fn own_origin(&self, host: &str) -> Option<Origin> {
        match &self.public_origin {
            Some(origin) => Some(origin.clone()),
            None => Origin::of_host(self.scheme.as_str(), host),
        }
    }
}
