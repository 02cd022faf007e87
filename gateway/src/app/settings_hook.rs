//! Settings that were stored reach what is live: the edge's copy of the sites, and open desks.

use crate::api::SettingsChanged;
use crate::edge::sites::Sites;
use crate::switchboard::Switchboard;
use async_trait::async_trait;
use gateway_core::ids::SiteId;
use protocol::AgentId;
use std::sync::Arc;

/// Tells the node's parts.
pub struct SettingsHook {
    pub switchboard: Arc<Switchboard>,
    pub sites: Arc<Sites>,
}

#[async_trait]
impl SettingsChanged for SettingsHook {
    async fn changed(&self, site: SiteId) {
        if let Err(error) = self.sites.refresh(&*self.switchboard.store).await {
            tracing::warn!(%error, "sites cannot be read; the last copy stands for a second");
        }
        match self.switchboard.store.settings(site).await {
            Ok(settings) => self.switchboard.settings_changed(site, settings).await,
            Err(error) => tracing::warn!(site = site.0, %error, "the desk keeps its old settings"),
        }
    }

    async fn signed_out(&self, site: SiteId, agent: AgentId) {
        self.switchboard.signed_out(site, agent).await;
    }
}
