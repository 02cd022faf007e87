//! Reads conversations: closed ones, a visitor's, one, and its records. Never writes.

use super::authorize::{Caller, InSite};
use super::error::ApiError;
use super::input::{Named, Params, page_rows};
use super::limits::PAGE_ROWS_MAX;
use super::principal::Principal;
use super::rows::row_of;
use super::{Api, ApiState};
use crate::ports::{Audience, ClosedQuery, Cursor, RecordsQuery, Site};
use axum::Json;
use axum::extract::State;
use gateway_core::ids::Principal as Reader;
use protocol::{AgentId, ConversationId, Number, Position, Records, Row, VisitorId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(super) struct RowsPage {
    #[schema(value_type = Vec<schema::Row>)]
    rows: Vec<Row>,
    /// For `before`; null behind the last page.
    next: Option<String>,
}

/// All of a list, up to 100 rows.
#[derive(Serialize, ToSchema)]
pub(super) struct RowsOfVisitor {
    #[schema(value_type = Vec<schema::Row>)]
    rows: Vec<Row>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ClosedParams {
    /// Only `closed`: open conversations are told through the socket.
    #[param(inline, value_type = Option<schema::State>)]
    state: Option<String>,
    /// Only this visitor's.
    visitor: Option<Uuid>,
    /// `next` of the page before.
    before: Option<String>,
    /// At most 100; 50 where absent.
    limit: Option<u64>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RecordsParams {
    /// Number of the last record held; 0 where absent.
    after_number: Option<u64>,
    /// Tail of that record.
    after_tail: Option<u32>,
    /// At most 100; 50 where absent.
    limit: Option<u64>,
}

/// Schemas of the wire, described by the protocol itself.
pub(super) mod schema {
    use utoipa::ToSchema;

    /// Stands for `protocol::Row`.
    #[derive(ToSchema)]
    pub(in super::super) struct Row;

    /// Stands for `protocol::Records`.
    #[derive(ToSchema)]
    pub(in super::super) struct Records;

    /// Which conversations.
    #[derive(ToSchema)]
    #[schema(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(in super::super) enum State {
        Closed,
    }
}

/// Closed conversations, the latest first.
#[utoipa::path(get, path = "/api/v1/sites/{site}/conversations", operation_id = "closed_conversations",
    tag = "conversations", params(("site" = String, Path, description = "the site's key"), ClosedParams),
    responses((status = 200, description = "a page", body = RowsPage)))]
pub(super) async fn closed(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Params(params): Params<ClosedParams>,
) -> Result<Json<RowsPage>, ApiError> {
    if params.state.is_some_and(|state| state != "closed") {
        return Err(ApiError::invalid("state: only closed"));
    }
    let limit = page_rows(params.limit);
    let query = ClosedQuery {
        site: site.id,
        visitor: params.visitor.map(VisitorId),
        before: params.before.as_deref().map(cursor).transpose()?,
        limit,
    };
    let page = api.state.store.closed(query).await?;
    let next = page.last().filter(|_| page.len() == limit).map(|last| format!("{}.{}", last.since, last.id));
    Ok(Json(RowsPage { rows: page.iter().map(row_of).collect(), next }))
}

/// All conversations of a visitor, the latest first.
#[utoipa::path(get, path = "/api/v1/sites/{site}/visitors/{visitor}/conversations",
    operation_id = "visitor_conversations", tag = "conversations",
    params(("site" = String, Path, description = "the site's key"), ("visitor" = Uuid, Path)),
    responses((status = 200, description = "at most 100", body = RowsOfVisitor)))]
pub(super) async fn of_visitor(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Named(visitor): Named,
) -> Result<Json<RowsOfVisitor>, ApiError> {
    Ok(Json(RowsOfVisitor { rows: history(&api.state, &site, VisitorId(visitor)).await? }))
}

/// A visitor's conversations; the command line reads them too.
pub(super) async fn history(state: &ApiState, site: &Site, visitor: VisitorId) -> Result<Vec<Row>, ApiError> {
    let rows = state.store.of_visitor(site.id, visitor, PAGE_ROWS_MAX).await?;
    Ok(rows.iter().map(row_of).collect())
}

/// One conversation, open or closed.
#[utoipa::path(get, path = "/api/v1/sites/{site}/conversations/{conversation}", operation_id = "conversation",
    tag = "conversations",
    params(("site" = String, Path, description = "the site's key"), ("conversation" = Uuid, Path)),
    responses((status = 200, description = "the conversation", body = schema::Row)))]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Named(id): Named,
) -> Result<Json<Row>, ApiError> {
    let stored = api.state.store.conversation(site.id, ConversationId(id)).await?;
    stored.map(|stored| Json(row_of(&stored))).ok_or(ApiError::NotFound)
}

/// A page of a conversation's records, notes too, in full numbers.
#[utoipa::path(get, path = "/api/v1/sites/{site}/conversations/{conversation}/records", operation_id = "records",
    tag = "conversations",
    params(("site" = String, Path, description = "the site's key"), ("conversation" = Uuid, Path), RecordsParams),
    responses((status = 200, description = "a page; `resync` when the position is of another history",
        body = schema::Records)))]
pub(super) async fn records(
    State(api): State<Arc<Api>>,
    Caller(principal): Caller,
    InSite(site): InSite,
    Named(id): Named,
    Params(params): Params<RecordsParams>,
) -> Result<Json<Records>, ApiError> {
    let conversation = ConversationId(id);
    if api.state.store.conversation(site.id, conversation).await?.is_none() {
        return Err(ApiError::NotFound);
    }
    let number = params.after_number.unwrap_or_default();
    if number > Number::MAX {
        return Err(ApiError::invalid("after_number: above 2^53 - 1"));
    }
    let query = RecordsQuery {
        site: site.id,
        conversation,
        audience: Audience::Full,
        after: Position { number: Number(number), tail: params.after_tail.unwrap_or_default() },
        limit: page_rows(params.limit),
        reader: reader(&principal, &site),
    };
    Ok(Json(api.state.store.records(query).await?))
}

/// Where a list continues: `<time>.<conversation>`.
fn cursor(text: &str) -> Result<Cursor, ApiError> {
    let parts = text.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    let (at, id) = parts.ok_or_else(|| ApiError::invalid("before: not a cursor"))?;
    Ok(Cursor { at, id: ConversationId(id) })
}

/// An operator without a place is nobody's author.
fn reader(principal: &Principal, site: &Site) -> Reader {
    Reader::Agent(principal.place_in(site.id).map_or(AgentId(Uuid::nil()), |agent| agent.id))
}
