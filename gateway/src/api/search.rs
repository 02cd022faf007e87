//! Finds messages and notes of a site by plain words.

use super::Api;
use super::authorize::InSite;
use super::error::ApiError;
use super::input::{Params, line, page_rows};
use crate::ports::{Hit, SearchQuery};
use axum::Json;
use axum::extract::State;
use protocol::limits::QUERY_BYTES_MAX;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParams {
    /// Words that must all occur; the last may be a beginning. No query syntax.
    #[param(max_length = 256)]
    q: String,
    /// `next` of the page before.
    before: Option<u64>,
    /// At most 100; 50 where absent.
    limit: Option<u64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Hit)]
pub(super) struct HitView {
    /// For `before`.
    cursor: String,
    conversation: Uuid,
    message: Uuid,
    /// Full number of the record.
    number: u64,
    /// Unix milliseconds.
    at: u64,
    /// The text around the first match, plain.
    snippet: String,
}

impl From<Hit> for HitView {
    fn from(hit: Hit) -> Self {
        Self {
            cursor: hit.cursor.to_string(),
            conversation: hit.conversation.0,
            message: hit.message.0,
            number: hit.number.0,
            at: hit.at,
            snippet: hit.snippet,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct HitsPage {
    hits: Vec<HitView>,
    /// For `before`; null behind the last page.
    next: Option<String>,
}

/// Finds messages and notes, the latest first.
#[utoipa::path(get, path = "/api/v1/sites/{site}/search", operation_id = "search", tag = "conversations",
    params(("site" = String, Path, description = "the site's key"), SearchParams),
    responses((status = 200, description = "a page", body = HitsPage)))]
pub(super) async fn search(
    State(api): State<Arc<Api>>,
    InSite(site): InSite,
    Params(params): Params<SearchParams>,
) -> Result<Json<HitsPage>, ApiError> {
    let limit = page_rows(params.limit);
    let query =
        SearchQuery { site: site.id, words: line("q", &params.q, QUERY_BYTES_MAX)?, before: params.before, limit };
    let hits: Vec<_> = api.state.store.search(query).await?.into_iter().map(HitView::from).collect();
    let next = hits.last().filter(|_| hits.len() == limit).map(|last| last.cursor.clone());
    Ok(Json(HitsPage { hits, next }))
}
