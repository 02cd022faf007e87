//! Exchanges the session for a ticket that opens one agent's socket: cookies have no authority on sockets.

use super::Api;
use super::authorize::{Caller, Resource, Verb, authorize};
use super::error::ApiError;
use super::input::Input;
use super::limits::TICKET_LIFE;
use super::links::hand_out;
use crate::ports::Grant;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// For which site.
#[derive(Deserialize, ToSchema)]
pub(super) struct TicketFor {
    /// The site's key.
    site: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Ticket {
    /// Good once, for 30 s.
    ticket: String,
}

/// A ticket for one socket of the caller's agent in a site.
#[utoipa::path(post, path = "/api/v1/ticket", tag = "sign-in", request_body = TicketFor,
    responses((status = 200, description = "a ticket", body = Ticket)))]
pub(super) async fn ticket(
    State(api): State<Arc<Api>>,
    Caller(principal): Caller,
    Input(asked): Input<TicketFor>,
) -> Result<Json<Ticket>, ApiError> {
    let site = api.state.store.site(&asked.site).await?;
    authorize(Some(&principal), Verb::TakeTicket, Resource::Site(site.as_ref()))?;
    let site = site.ok_or(ApiError::NotFound)?;
    let agent = principal.place_in(site.id).ok_or(ApiError::Forbidden)?;
    let ticket = hand_out(&api.state, Grant::Ticket { site: site.id, agent: agent.id }, TICKET_LIFE).await?;
    Ok(Json(Ticket { ticket: ticket.reveal().to_owned() }))
}
