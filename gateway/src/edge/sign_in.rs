//! Who a hello comes from: a visitor by the token's MAC, an agent by a single-use ticket.

use crate::edge::Edge;
use crate::edge::sites::KnownSite;
use crate::ports::Grant;
use gateway_core::ids::{Principal, SiteId};
use gateway_core::session::SignedIn;
use protocol::{CloseCode, Hello};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// The store must say in this time whether a ticket is good.
const REDEEM_MS_MAX: u64 = 5_000;

/// A hello that was believed.
pub struct Welcome {
    pub site: SiteId,
    pub signed_in: SignedIn,
}

/// Checks a visitor's token; without one, or with one that is not good, they are new.
pub fn visitor(edge: &Edge, site: &KnownSite, hello: &Hello) -> Result<Welcome, CloseCode> {
    let id = site.site.id;
    if hello.site != site.site.key {
        return Err(CloseCode::Forbidden);
    }
    let wall_ms = edge.switchboard.clock.now().wall_ms;
    let known = match &hello.token {
        None => edge.visitor_tokens.introduce(id, wall_ms),
        Some(token) => edge.visitor_tokens.check(id, token, wall_ms).ok_or(CloseCode::SignIn)?,
    };
    let principal = Principal::Visitor(known.visitor);
    let (site, greeting) = (site.site.name.clone(), site.site.greeting.clone());
    let signed_in = SignedIn { principal, site, greeting, token: known.renewed };
    Ok(Welcome { site: id, signed_in })
}

/// Spends an agent's ticket.
pub async fn agent(edge: &Edge, hello: &Hello) -> Result<Welcome, CloseCode> {
    let ticket = hello.ticket.as_deref().ok_or(CloseCode::SignIn)?;
    let site: Arc<KnownSite> = edge.sites.find(&hello.site).ok_or(CloseCode::UnknownSite)?;
    let hash = Sha256::digest(ticket.as_bytes()).into();
    let redeem = edge.switchboard.store.redeem(hash, edge.switchboard.clock.now().wall_ms);
    let redeemed = tokio::time::timeout(Duration::from_millis(REDEEM_MS_MAX), redeem).await;
    match redeemed {
        Ok(Ok(Some(Grant::Ticket { site: of, agent }))) if of == site.site.id => {
            let principal = Principal::Agent(agent);
            let signed_in = SignedIn { principal, site: site.site.name.clone(), greeting: None, token: None };
            Ok(Welcome { site: of, signed_in })
        }
        Ok(Ok(_)) => Err(CloseCode::SignIn),
        Ok(Err(_)) | Err(_) => Err(CloseCode::StoreAway),
    }
}
