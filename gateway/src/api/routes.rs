//! Joins handlers, checks and limits to the router; the paths stand beside the handlers.

use super::error::ApiError;
use super::limits::BODY_BYTES_MAX;
use super::{Api, agents, authorize, canned, conversations, me, search, session, setup, sites, teams, ticket};
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response};
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The router, and what it says of itself.
pub(super) fn router(api: Arc<Api>) -> (Router, OpenApi) {
    let (handlers, description) = handlers().split_for_parts();
    let no_store = SetResponseHeaderLayer::overriding(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let no_sniff = SetResponseHeaderLayer::overriding(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let around = ServiceBuilder::new()
        .layer(no_store)
        .layer(no_sniff)
        .layer(same_origin(&api.state.public_url().to_ascii_lowercase()).with_rejection_response(cross_origin))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    let router = handlers
        .route_layer(from_fn_with_state(Arc::clone(&api), authorize::guard))
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .fallback(async || ApiError::NotFound)
        .layer(around)
        .with_state(api);
    (router, description)
}

fn handlers() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::default()
        .routes(routes!(session::sign_in))
        .routes(routes!(session::sign_out))
        .routes(routes!(me::me, me::change_me))
        .routes(routes!(setup::set_up))
        .routes(routes!(ticket::ticket))
        .routes(routes!(sites::list, sites::create))
        .routes(routes!(sites::show, sites::change))
        .routes(routes!(teams::list, teams::create))
        .routes(routes!(teams::change, teams::delete))
        .routes(routes!(agents::list, agents::create))
        .routes(routes!(agents::change))
        .routes(routes!(agents::link))
        .routes(routes!(canned::list, canned::create))
        .routes(routes!(canned::change, canned::delete))
        .routes(routes!(conversations::closed))
        .routes(routes!(conversations::of_visitor))
        .routes(routes!(conversations::show))
        .routes(routes!(conversations::records))
        .routes(routes!(search::search))
        .routes(routes!(description))
}

/// This description of the API.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "description",
    responses((status = 200, description = "an OpenAPI 3.1 document", body = serde_json::Value)))]
async fn description() -> impl IntoResponse {
    ([(http::header::CONTENT_TYPE, "application/json")], include_str!("../../../docs/openapi.json"))
}

/// Writes come from the deployment's own pages, or from programs; both headers are the browser's own word.
fn same_origin(public_url: &str) -> CsrfLayer {
    CsrfLayer::new().add_trusted_origin(public_url).unwrap_or_else(|error| {
        tracing::warn!(%error, "the public address is no origin; writes must name the host they came to");
        CsrfLayer::new()
    })
}

fn cross_origin(_: ProtectionError) -> Response<Body> {
    let error = ApiError::CrossOrigin;
    (error.status(), Json(error.body())).into_response()
}
