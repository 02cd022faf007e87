//! Dispatch: an input to the desk that owns its site, here or on another node. Full means `busy`, never a silent drop.

use crate::switchboard::{Desking, Switchboard};
use gateway_core::desk::input::Input;
use gateway_core::ids::{SiteId, Socket};
use gateway_core::session::NotSubmitted;
use gateway_core::settings::Settings;
use protocol::AgentId;

impl Switchboard {
    /// Hands an input to the site's desk; gives it back when it cannot be taken.
    pub fn submit(&self, site: SiteId, socket: Socket, input: Input) -> Result<(), (Box<Input>, NotSubmitted)> {
        match &self.desking {
            Desking::Alone(desks) => desks.submit(site, socket, input),
            Desking::Among(peers) => peers.submit(site, input),
        }
    }

    /// Tells the site's desk that a socket has ended, behind all that it said.
    pub async fn leave(&self, site: SiteId, socket: Socket) {
        self.tell(site, Input::Leave { socket }).await;
    }

    /// Hands an open desk of the site its new settings; a desk that opens later reads them itself.
    pub async fn settings_changed(&self, site: SiteId, settings: Settings) {
        match &self.desking {
            Desking::Alone(desks) => desks.tell(site, Input::Settings(Box::new(settings))).await,
            Desking::Among(peers) => peers.settings_changed().await,
        }
    }

    /// An agent's session ended: their sockets on this site are closed.
    pub async fn signed_out(&self, site: SiteId, agent: AgentId) {
        self.tell(site, Input::SignedOut { agent }).await;
    }

    /// Tells the site's desk what is never refused, if there is one.
    async fn tell(&self, site: SiteId, input: Input) {
        match &self.desking {
            Desking::Alone(desks) => desks.tell(site, input).await,
            Desking::Among(peers) => peers.tell(site, input).await,
        }
    }
}
